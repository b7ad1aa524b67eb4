//! A real ZooKeeper and a real Mesos 1.11.0 on a loopback address of their own, with `startline-node` in both its roles.

use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// ZooKeeper's classes, where Debian's package `zookeeper` and its logger put them.
const CLASSES: &str = "/usr/share/java/*";
/// How long anything may take on a busy machine.
pub const LONG: Duration = Duration::from_secs(120);

/// What runs; ends with the value.
pub struct Lab {
    pub folder: TempDir,
    mesos: PathBuf,
    pub ip: String,
    /// Ports that this lab's tasks use, on the machine's one loopback address.
    ports: (u64, u64),
    children: Vec<(&'static str, Child)>,
}

impl Lab {
    /// A lab with everything running, if the programs are here: `STARTLINE_MESOS` names a folder with Mesos in `bin`, `lib`,
    /// `libexec`.
    pub async fn start() -> Option<Self> {
        let must = std::env::var("STARTLINE_REAL").is_ok_and(|value| value == "1");
        let mesos = std::env::var_os("STARTLINE_MESOS").map(PathBuf::from);
        let mesos = mesos.filter(|mesos| mesos.join("bin/mesos-master").exists());
        let Some(mesos) = mesos.filter(|_| Path::new("/usr/share/java/zookeeper.jar").exists()) else {
            assert!(!must, "needs Mesos 1.11.0 (STARTLINE_MESOS) and ZooKeeper");
            eprintln!("skipped: needs Mesos 1.11.0 (STARTLINE_MESOS) and ZooKeeper");
            return None;
        };
        let seed = RandomState::new().hash_one(std::process::id());
        let ip = format!("127.{}.{}.{}", 60 + seed % 150, 1 + (seed >> 16) % 250, 1 + (seed >> 32) % 250);
        let first = 20_000 + (seed >> 48) % 200 * 50;
        let folder = tempfile::tempdir().expect("a folder for the lab");
        let mut lab = Self { folder, mesos, ip, ports: (first, first + 49), children: Vec::new() };
        lab.install();
        lab.start_zookeeper().await;
        lab.start_master().await;
        lab.start_agent().await;
        lab.start_pacer("pacer", 8080).await;
        Some(lab)
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    /// Both roles by their names, as the installers lay them down.
    fn install(&self) {
        // Another build of it can be named: the static one that machines get.
        let named = std::env::var("STARTLINE_NODE");
        let program = named.unwrap_or_else(|_| env!("CARGO_BIN_EXE_startline-node").to_owned());
        let libexec = self.folder.path().join("libexec");
        fs::create_dir(&libexec).expect("a folder");
        symlink(self.mesos.join("libexec/mesos-containerizer"), libexec.join("mesos-containerizer")).expect("a link");
        symlink(&program, libexec.join("mesos-executor")).expect("a link");
        symlink(program, self.folder.path().join("pacer")).expect("a link");
    }

    /// Starts ZooKeeper, or starts it again.
    pub async fn start_zookeeper(&mut self) {
        fs::create_dir_all(self.path("zk")).expect("ZooKeeper's folder");
        let text = format!(
            "tickTime=1000\ndataDir={}\nclientPort=2181\nclientPortAddress={}\nadmin.enableServer=false\n",
            self.path("zk"),
            self.ip
        );
        fs::write(self.path("zoo.cfg"), text).expect("zoo.cfg");
        let mut command = Command::new("java");
        command.args(["-Xmx128m", "-cp", CLASSES, "org.apache.zookeeper.server.quorum.QuorumPeerMain"]);
        command.arg(self.path("zoo.cfg"));
        self.spawn("zookeeper", command, 2181).await;
    }

    /// Starts the master, or starts it again.
    pub async fn start_master(&mut self) {
        let mut command = Command::new(self.mesos.join("bin/mesos-master"));
        command
            .arg(format!("--ip={0}", self.ip))
            .arg(format!("--hostname={0}", self.ip))
            .args(["--port=5050", "--quorum=1"]);
        command.arg(format!("--zk=zk://{}:2181/mesos", self.ip)).arg(format!("--work_dir={}", self.path("master")));
        self.spawn("master", command, 5050).await;
    }

    /// Starts the agent, or starts it again.
    pub async fn start_agent(&mut self) {
        let mut command = Command::new(self.mesos.join("bin/mesos-agent"));
        command.arg(format!("--ip={0}", self.ip)).arg(format!("--hostname={0}", self.ip));
        command.args(["--port=5051", "--no-hostname_lookup"]).arg(format!("--master=zk://{}:2181/mesos", self.ip));
        for (flag, folder) in
            [("work_dir", "work"), ("runtime_dir", "run"), ("fetcher_cache_dir", "fetch"), ("launcher_dir", "libexec")]
        {
            command.arg(format!("--{flag}={}", self.path(folder)));
        }
        command.args(["--launcher=posix", "--isolation=posix/cpu,posix/mem", "--containerizers=mesos"]);
        let (first, last) = self.ports;
        command.arg(format!("--resources=cpus:8;mem:8192;disk:1024;ports:[{first}-{last}]"));
        command.arg("--no-systemd_enable_support");
        self.spawn("agent", command, 5051).await;
    }

    /// Starts a Pacer.
    pub async fn start_pacer(&mut self, name: &'static str, port: u16) {
        let mut command = Command::new(self.path("pacer"));
        command.env("MARATHON_MASTER", format!("zk://{}:2181/mesos", self.ip));
        command.env("MARATHON_ZK", format!("zk://{}:2181/marathon", self.ip));
        command.env("MARATHON_ZK_SESSION_TIMEOUT", "4000");
        command.args(["--http_address", &self.ip, "--http_port"]).arg(port.to_string());
        self.spawn(name, command, port).await;
    }

    /// Ends a process as a power cut does.
    pub fn kill(&mut self, name: &str) {
        let mut child = self.take(name);
        child.kill().expect("killed");
        child.wait().expect("dead");
    }

    fn take(&mut self, name: &str) -> Child {
        let index = self.children.iter().position(|(child, _)| *child == name).expect("it runs");
        self.children.remove(index).1
    }

    /// Asks a process to end, and says how it did.
    pub async fn end(&mut self, name: &str) -> ExitStatus {
        let mut child = self.take(name);
        Command::new("kill").arg(child.id().to_string()).status().expect("kill");
        let end = Instant::now() + LONG;
        loop {
            if let Some(status) = child.try_wait().expect("a child") {
                return status;
            }
            assert!(Instant::now() < end, "{name} does not end");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn spawn(&mut self, name: &'static str, mut command: Command, port: u16) {
        let log = |stream: &str| {
            let path = self.path(&format!("{name}.{stream}"));
            fs::OpenOptions::new().create(true).append(true).open(path).expect("a log")
        };
        let child = command.stdin(Stdio::null()).stdout(log("out")).stderr(log("err")).spawn();
        self.children.push((name, child.unwrap_or_else(|error| panic!("{name}: {error}"))));
        let end = Instant::now() + LONG;
        while tokio::net::TcpStream::connect((self.ip.as_str(), port)).await.is_err() {
            assert!(Instant::now() < end, "{name} does not listen\n{}", self.logs());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// The ends of the programs' logs.
    pub fn logs(&self) -> String {
        let ends = ["zookeeper.out", "master.err", "agent.err", "pacer.out", "pacer.err", "pacer2.out"].map(|name| {
            let log = fs::read_to_string(self.path(name)).unwrap_or_default();
            let lines: Vec<_> = log.lines().collect();
            format!("--- {name}\n{}\n", lines[lines.len().saturating_sub(20)..].join("\n"))
        });
        ends.concat()
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        // The agent first, in the way that makes it take its executors with it.
        self.children.sort_by_key(|(name, _)| *name == "agent");
        for (name, child) in self.children.iter_mut().rev() {
            let signal = if *name == "agent" { "-USR1" } else { "-KILL" };
            Command::new("kill").args([signal.to_owned(), child.id().to_string()]).status().ok();
            for _ in 0..200 {
                if child.try_wait().ok().flatten().is_some() {
                    break;
                }
                std::thread::sleep(Duration::from_millis(50));
            }
            child.kill().ok();
            child.wait().ok();
        }
    }
}
