//! A real Mesos 1.11.0 beside the practice one.

use std::{
    net::Ipv4Addr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU8, Ordering},
};

use super::{Cluster, eventually, get};

static NEXT: AtomicU8 = AtomicU8::new(1);

/// A real master and a real agent, on a practice ZooKeeper; all end with it.
pub struct Real {
    _processes: [Ended; 2],
    _zookeeper: Cluster,
    pub master: String,
    pub agent: String,
}

struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(program: &Path, folder: &Path, arguments: &[String]) -> Ended {
    let log = std::fs::File::create(folder.join(program.file_name().unwrap())).unwrap();
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
    Ended(command.spawn().unwrap())
}

impl Real {
    pub async fn start(lab: &Path, folder: &Path) -> Self {
        let ip = Ipv4Addr::new(
            127,
            (std::process::id() >> 4) as u8 % 180 + 40,
            240 + (std::process::id() % 12) as u8,
            NEXT.fetch_add(1, Ordering::Relaxed),
        );
        let zookeeper = Cluster::with_zookeeper().await;
        let zk = zookeeper.zk_url();
        let at = |name: &str| folder.join(name).display().to_string();
        let master = [
            format!("--ip={ip}"),
            "--port=5050".into(),
            format!("--zk={zk}"),
            "--quorum=1".into(),
            format!("--work_dir={}", at("m")),
            "--hostname=m1".into(),
            "--cluster=lab".into(),
        ];
        let agent = [
            format!("--ip={ip}"),
            "--port=5051".into(),
            "--hostname=agent0.example".into(),
            "--no-hostname_lookup".into(),
            format!("--master={zk}"),
            format!("--work_dir={}", at("a")),
            format!("--runtime_dir={}", at("ar")),
            format!("--fetcher_cache_dir={}", at("af")),
            "--launcher=posix".into(),
            format!("--launcher_dir={}", lab.join("libexec").display()),
            "--isolation=posix/cpu,posix/mem".into(),
            "--no-systemd_enable_support".into(),
            "--containerizers=mesos".into(),
            "--resources=cpus:2;mem:1024;disk:1024;ports:[31000-31999]".into(),
            "--attributes=rack:r0;zone:z1".into(),
            "--registration_backoff_factor=10ms".into(),
        ];
        let processes = [
            start(&lab.join("bin/mesos-master"), folder, &master),
            start(&lab.join("bin/mesos-agent"), folder, &agent),
        ];
        let real = Self {
            _processes: processes,
            _zookeeper: zookeeper,
            master: format!("http://{ip}:5050"),
            agent: format!("http://{ip}:5051"),
        };
        eventually("real agent", || async {
            let state = get(&format!("{}/state", real.master)).await?;
            (state["activated_slaves"] == 1.0).then_some(())
        })
        .await;
        real
    }
}

pub fn lab() -> Option<PathBuf> {
    match std::env::var_os("STARTLINE_MESOS").map(PathBuf::from).filter(|lab| lab.join("bin/mesos-master").exists()) {
        Some(lab) => Some(lab),
        None => {
            assert!(std::env::var_os("STARTLINE_REAL").is_none(), "STARTLINE_MESOS names no Mesos");
            eprintln!("skipped: needs a real Mesos 1.11.0 in the folder that STARTLINE_MESOS names");
            None
        }
    }
}
