//! A real ZooKeeper and a real Mesos 1.11.0 on loopback addresses of their own, for one test.

use std::fs;
use std::os::unix::fs::symlink;
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
    processes: Vec<Process>,
}

/// A server, which may be dead at the moment.
struct Process {
    name: String,
    program: PathBuf,
    arguments: Vec<String>,
    child: Option<Child>,
}

impl Process {
    fn is_alive(&mut self) -> bool {
        self.child.as_mut().is_some_and(|child| matches!(child.try_wait(), Ok(None)))
    }
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
        Some(Self { folder, mesos, net, processes: Vec::new() })
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
        let class = "org.apache.zookeeper.server.quorum.QuorumPeerMain";
        let arguments = ["-Xmx128m", "-cp", CLASSES, class, &config.display().to_string()].map(str::to_owned);
        self.spawn("zookeeper", "java".into(), arguments.to_vec());
        self.wait_for(&self.zookeeper()).await;
    }

    pub async fn start_master(&mut self, n: u8, quorum: usize) {
        self.start_master_with(n, quorum, &[]).await;
    }

    /// A master that asks operators and frameworks for a principal and its secret.
    pub async fn start_asking_master(&mut self, n: u8, principal: &str, secret: &str) {
        let file = self.folder.path().join("credentials.json");
        let text = format!("{{\"credentials\": [{{\"principal\": \"{principal}\", \"secret\": \"{secret}\"}}]}}");
        fs::write(&file, text).expect("a file");
        let asks = [
            "--authenticate_http_frameworks".to_owned(),
            "--http_framework_authenticators=basic".to_owned(),
            "--authenticate_http_readonly".to_owned(),
            "--authenticate_http_readwrite".to_owned(),
            format!("--credentials={}", file.display()),
        ];
        self.start_master_with(n, 1, &asks).await;
    }

    async fn start_master_with(&mut self, n: u8, quorum: usize, more: &[String]) {
        let ip = self.address(n);
        let mut arguments = vec![
            format!("--ip={ip}"),
            format!("--hostname={ip}"),
            "--port=5050".to_owned(),
            format!("--zk=zk://{}/mesos", self.zookeeper()),
            format!("--quorum={quorum}"),
            "--zk_session_timeout=2secs".to_owned(),
            "--agent_ping_timeout=2secs".to_owned(),
            "--max_agent_ping_timeouts=2".to_owned(),
            format!("--work_dir={}", self.folder.path().join(format!("master{n}")).display()),
        ];
        arguments.extend_from_slice(more);
        self.spawn(&format!("master{n}"), self.mesos.join("bin/mesos-master"), arguments);
        self.wait_for(&format!("{ip}:5050")).await;
    }

    pub async fn start_agent(&mut self, n: u8) {
        let ip = self.address(n);
        let folder = |what: &str| self.folder.path().join(format!("agent{n}-{what}")).display().to_string();
        let arguments = [
            format!("--ip={ip}"),
            format!("--hostname={ip}"),
            "--port=5051".to_owned(),
            "--no-hostname_lookup".to_owned(),
            format!("--master=zk://{}/mesos", self.zookeeper()),
            "--zk_session_timeout=2secs".to_owned(),
            format!("--work_dir={}", folder("work")),
            format!("--runtime_dir={}", folder("run")),
            format!("--fetcher_cache_dir={}", folder("fetch")),
            format!("--launcher_dir={}", self.launcher().display()),
            "--launcher=posix".to_owned(),
            "--isolation=posix/cpu,posix/mem".to_owned(),
            "--no-systemd_enable_support".to_owned(),
            "--containerizers=mesos".to_owned(),
            "--resources=cpus:4;mem:2048;disk:1024;ports:[31000-31999]".to_owned(),
            format!("--attributes=rack:r{n}"),
        ];
        self.spawn(&format!("agent{n}"), self.mesos.join("bin/mesos-agent"), arguments.to_vec());
        self.wait_for(&format!("{ip}:5051")).await;
    }

    /// Where agents find the executor.
    fn launcher(&self) -> PathBuf {
        let folder = self.folder.path().join("libexec");
        if fs::create_dir(&folder).is_ok() {
            symlink(self.mesos.join("libexec/mesos-containerizer"), folder.join("mesos-containerizer"))
                .expect("containerizer");
            symlink(executor(), folder.join("mesos-executor")).expect("executor");
        }
        folder
    }

    fn spawn(&mut self, name: &str, program: PathBuf, arguments: Vec<String>) {
        self.processes.push(Process { name: name.to_owned(), program, arguments, child: None });
        self.restart(name);
    }

    /// Starts a server again that is dead, as it was.
    pub fn restart(&mut self, name: &str) {
        let log = |stream: &str| {
            let path = self.folder.path().join(format!("{name}.{stream}"));
            fs::OpenOptions::new().create(true).append(true).open(path).expect("a log")
        };
        let process = self.processes.iter_mut().find(|process| process.name == name).expect("it was started before");
        let mut command = Command::new(&process.program);
        command.args(&process.arguments).stdin(Stdio::null()).stdout(log("out")).stderr(log("err"));
        process.child = Some(command.spawn().unwrap_or_else(|error| panic!("{name}: {error}")));
    }

    /// Starts what has ended by itself, as systemd would: a master that loses ZooKeeper ends.
    pub fn tend(&mut self) {
        let dead = self.processes.iter_mut().filter(|process| process.child.is_some()).filter_map(|process| {
            let is_alive = process.is_alive();
            (!is_alive).then(|| process.name.clone())
        });
        for name in dead.collect::<Vec<_>>() {
            self.restart(&name);
        }
    }

    /// Kills a process with -9.
    pub fn kill(&mut self, name: &str) {
        let process = self.processes.iter_mut().find(|process| process.name == name);
        if let Some(mut child) = process.and_then(|process| process.child.take()) {
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
        for Process { name, .. } in &self.processes {
            let log = fs::read_to_string(self.folder.path().join(format!("{name}.err"))).unwrap_or_default();
            eprintln!("--- {name}\n{}", log.lines().rev().take(20).collect::<Vec<_>>().join("\n"));
        }
        panic!("nobody listens on {address}");
    }
}

/// Our own executor, as it is now: of the profile that this program is of. `STARTLINE_EXECUTOR` names another one.
fn executor() -> PathBuf {
    if let Some(named) = std::env::var_os("STARTLINE_EXECUTOR") {
        return named.into();
    }
    let ours = std::env::current_exe().expect("this program");
    let folder = ours.parent().and_then(Path::parent).expect("target/PROFILE/deps");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    build.args(["build", "--quiet", "--offline", "-p", "executor", "--bin", "mesos-executor"]);
    build.arg("--target-dir").arg(folder.parent().expect("target"));
    if folder.ends_with("release") {
        build.arg("--release");
    }
    assert!(build.status().expect("cargo").success(), "the executor does not compile");
    folder.join("mesos-executor")
}

impl Drop for Lab {
    fn drop(&mut self) {
        for child in self.processes.iter_mut().rev().filter_map(|process| process.child.as_mut()) {
            child.kill().ok();
            child.wait().ok();
        }
        // Executors and tasks outlive their agents. They have their sandboxes in our folder.
        let ours = self.folder.path().display().to_string();
        for process in fs::read_dir("/proc").into_iter().flatten().flatten() {
            let environment = fs::read(process.path().join("environ")).unwrap_or_default();
            if String::from_utf8_lossy(&environment).contains(&format!("={ours}/")) {
                Command::new("kill").arg("-9").arg(process.file_name()).status().ok();
            }
        }
    }
}
