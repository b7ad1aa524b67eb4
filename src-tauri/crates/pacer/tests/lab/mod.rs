//! A real ZooKeeper and a real Mesos 1.11.0 on loopback addresses of their own, for one test.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

/// ZooKeeper's classes, where Debian's package `zookeeper` and its logger put them.
const CLASSES: &str = "/usr/share/java/*";

/// What runs; ends with the value.
pub struct Lab {
    folder: TempDir,
    mesos: PathBuf,
    net: String,
    children: Vec<(String, Child)>,
}

impl Lab {
    /// A lab, if the programs are here: `STARTLINE_MESOS` names a folder with Mesos in `bin`, `lib`, `libexec`.
    pub fn new() -> Option<Self> {
        let must = std::env::var("STARTLINE_REAL").is_ok_and(|value| value == "1");
        let mesos = std::env::var_os("STARTLINE_MESOS")
            .map(PathBuf::from)
            .filter(|mesos| mesos.join("bin/mesos-master").exists());
        let zookeeper = Path::new("/usr/share/java/zookeeper.jar").exists();
        let Some(mesos) = mesos.filter(|_| zookeeper) else {
            assert!(!must, "needs Mesos 1.11.0 (STARTLINE_MESOS) and ZooKeeper");
            eprintln!("skipped: needs Mesos 1.11.0 (STARTLINE_MESOS) and ZooKeeper");
            return None;
        };
        // A network of its own in loopback, from this process and moment.
        let seed = std::hash::BuildHasher::hash_one(&std::hash::RandomState::new(), std::process::id());
        let net = format!("127.{}.{}", 60 + seed % 150, 1 + (seed >> 16) % 250);
        let folder = tempfile::tempdir().expect("a folder for the lab");
        Some(Self { folder, mesos, net, children: Vec::new() })
    }

    /// The address of machine `n`.
    pub fn address(&self, n: u8) -> String {
        format!("{}.{n}", self.net)
    }

    /// ZooKeeper's `host:port`.
    pub fn zookeeper(&self) -> String {
        format!("{}:2181", self.address(1))
    }

    pub async fn start_zookeeper(&mut self) {
        let (data, config) = (self.folder.path().join("zk"), self.folder.path().join("zoo.cfg"));
        fs::create_dir_all(&data).expect("ZooKeeper's folder");
        let text = format!(
            "tickTime=400\ndataDir={}\nclientPort=2181\nclientPortAddress={}\nadmin.enableServer=false\nminSessionTimeout=800\n",
            data.display(),
            self.address(1)
        );
        fs::write(&config, text).expect("zoo.cfg");
        let mut command = Command::new("java");
        command.args(["-Xmx128m", "-cp", CLASSES, "org.apache.zookeeper.server.quorum.QuorumPeerMain"]).arg(config);
        self.spawn("zookeeper", command);
        self.wait_for(&self.zookeeper()).await;
    }

    pub async fn start_master(&mut self, n: u8, quorum: usize) {
        let ip = self.address(n);
        let mut command = Command::new(self.mesos.join("bin/mesos-master"));
        command.arg(format!("--ip={ip}")).arg(format!("--hostname={ip}")).arg("--port=5050");
        command.arg(format!("--zk=zk://{}/mesos", self.zookeeper())).arg(format!("--quorum={quorum}"));
        command.args(["--zk_session_timeout=2secs", "--agent_ping_timeout=2secs", "--max_agent_ping_timeouts=2"]);
        command.arg(format!("--work_dir={}", self.folder.path().join(format!("master{n}")).display()));
        self.spawn(&format!("master{n}"), command);
        self.wait_for(&format!("{ip}:5050")).await;
    }

    pub async fn start_agent(&mut self, n: u8) {
        let ip = self.address(n);
        let launcher = self.launcher();
        let folder = |what: &str| self.folder.path().join(format!("agent{n}-{what}")).display().to_string();
        let mut command = Command::new(self.mesos.join("bin/mesos-agent"));
        command.arg(format!("--ip={ip}")).arg(format!("--hostname={ip}")).args(["--port=5051", "--no-hostname_lookup"]);
        command.arg(format!("--master=zk://{}/mesos", self.zookeeper())).arg("--zk_session_timeout=2secs");
        command.arg(format!("--work_dir={}", folder("work"))).arg(format!("--runtime_dir={}", folder("run")));
        command
            .arg(format!("--fetcher_cache_dir={}", folder("fetch")))
            .arg(format!("--launcher_dir={}", launcher.display()));
        command.args([
            "--launcher=posix",
            "--isolation=posix/cpu,posix/mem",
            "--no-systemd_enable_support",
            "--containerizers=mesos",
        ]);
        command.arg("--resources=cpus:4;mem:2048;disk:1024;ports:[31000-31999]").arg(format!("--attributes=rack:r{n}"));
        self.spawn(&format!("agent{n}"), command);
        self.wait_for(&format!("{ip}:5051")).await;
    }

    /// Where agents find the executor.
    fn launcher(&self) -> PathBuf {
        let folder = self.folder.path().join("libexec");
        if fs::create_dir(&folder).is_ok() {
            symlink(self.mesos.join("libexec/mesos-containerizer"), folder.join("mesos-containerizer"))
                .expect("containerizer");
            let executor = folder.join("mesos-executor");
            fs::write(&executor, include_str!("executor.py")).expect("executor");
            fs::set_permissions(&executor, fs::Permissions::from_mode(0o755)).expect("executor");
        }
        folder
    }

    fn spawn(&mut self, name: &str, mut command: Command) {
        let log = |stream: &str| fs::File::create(self.folder.path().join(format!("{name}.{stream}"))).expect("a log");
        let child = command.stdin(Stdio::null()).stdout(log("out")).stderr(log("err")).spawn();
        self.children.push((name.to_owned(), child.unwrap_or_else(|error| panic!("{name}: {error}"))));
    }

    /// Kills a process with -9.
    pub fn kill(&mut self, name: &str) {
        if let Some(index) = self.children.iter().position(|(child, _)| child == name) {
            let (_, mut child) = self.children.remove(index);
            child.kill().expect("killed");
            child.wait().expect("dead");
        }
    }

    async fn wait_for(&self, address: &str) {
        for _ in 0..200 {
            if tokio::net::TcpStream::connect(address).await.is_ok() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        for (name, _) in &self.children {
            let log = fs::read_to_string(self.folder.path().join(format!("{name}.err"))).unwrap_or_default();
            eprintln!("--- {name}\n{}", log.lines().rev().take(20).collect::<Vec<_>>().join("\n"));
        }
        panic!("nobody listens on {address}");
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        // Agents first: they take their executors with them.
        for (_, child) in self.children.iter_mut().rev() {
            let id = child.id().to_string();
            Command::new("kill").arg(&id).status().ok();
        }
        std::thread::sleep(Duration::from_millis(300));
        for (_, child) in &mut self.children {
            child.kill().ok();
            child.wait().ok();
        }
    }
}
