//! A real Mesos 1.11.0 on loopback addresses of its own: one master, one agent, with the executor in its launcher folder.

use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;
use zookeeper_server::{Config, Log, Options, Server};

/// What runs; ends with the value.
pub struct Lab {
    folder: TempDir,
    mesos: PathBuf,
    pub ip: String,
    master: Child,
    agent: Option<Child>,
    /// The masters' meeting point: this master does not lead without one.
    _zookeeper: Server,
}

impl Lab {
    /// A lab with a master, if the programs are here: `STARTLINE_MESOS` names a folder with Mesos in `bin`, `lib`, `libexec`.
    pub async fn new() -> Option<Self> {
        let must = std::env::var("STARTLINE_REAL").is_ok_and(|value| value == "1");
        let mesos = std::env::var_os("STARTLINE_MESOS").map(PathBuf::from);
        let Some(mesos) = mesos.filter(|mesos| mesos.join("bin/mesos-master").exists()) else {
            assert!(!must, "needs Mesos 1.11.0 (STARTLINE_MESOS)");
            eprintln!("skipped: needs Mesos 1.11.0 (STARTLINE_MESOS)");
            return None;
        };
        let seed = RandomState::new().hash_one(std::process::id());
        let ip = format!("127.{}.{}.{}", 60 + seed % 150, 1 + (seed >> 16) % 250, 1 + (seed >> 32) % 250);
        let folder = tempfile::tempdir().expect("a folder for the lab");
        install(&mesos, &folder.path().join("libexec"));
        let zookeeper = zookeeper(&ip, folder.path().join("zookeeper")).await;
        let mut command = Command::new(mesos.join("bin/mesos-master"));
        command.arg(format!("--ip={ip}")).arg(format!("--hostname={ip}")).args(["--port=5050", "--quorum=1"]);
        command.arg(format!("--zk=zk://{ip}:2181/mesos"));
        command.arg(format!("--work_dir={}", folder.path().join("master").display()));
        let master = spawn(folder.path(), "master", command);
        let lab = Self { folder, mesos, ip, master, agent: None, _zookeeper: zookeeper };
        lab.wait_for(5050).await;
        Some(lab)
    }

    /// Starts the agent, or starts it again.
    pub async fn start_agent(&mut self, more: &[&str]) {
        let folder = |what: &str| self.folder.path().join(what).display().to_string();
        let mut command = Command::new(self.mesos.join("bin/mesos-agent"));
        command.arg(format!("--ip={0}", self.ip)).arg(format!("--hostname={0}", self.ip));
        command.args(["--port=5051", "--no-hostname_lookup"]).arg(format!("--master=zk://{}:2181/mesos", self.ip));
        command.arg(format!("--work_dir={}", folder("work"))).arg(format!("--runtime_dir={}", folder("run")));
        command.arg(format!("--fetcher_cache_dir={}", folder("fetch")));
        command.arg(format!("--launcher_dir={}", folder("libexec")));
        command.args(["--launcher=posix", "--isolation=posix/cpu,posix/mem", "--containerizers=mesos"]);
        command.args(["--no-systemd_enable_support", "--resources=cpus:8;mem:4096;disk:1024;ports:[31000-31999]"]);
        command.args(more);
        self.agent = Some(spawn(self.folder.path(), "agent", command));
        self.wait_for(5051).await;
    }

    /// Waits until the master has the agent: the agent has decided by then which executors have come back.
    pub async fn until_registered(&self) {
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        for _ in 0..600 {
            let answer = http.get(format!("http://{}:5050/state", self.ip)).send().await.expect("a master");
            let state: serde_json::Value = answer.json().await.unwrap_or_default();
            if state["activated_slaves"] == 1.0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the agent does not register\n{}", self.logs());
    }

    /// Ends the agent as a power cut does. Its executors go on.
    pub fn kill_agent(&mut self) {
        let mut agent = self.agent.take().expect("an agent");
        agent.kill().expect("killed");
        agent.wait().expect("dead");
    }

    /// Sends the agent a signal, by name.
    pub fn signal_agent(&self, name: &str) {
        let agent = self.agent.as_ref().expect("an agent");
        let sent = Command::new("kill").args([format!("-{name}"), agent.id().to_string()]).status();
        assert!(sent.expect("kill").success());
    }

    /// A file of the newest run of a task's sandbox; empty while it is not there.
    pub fn sandbox(&self, task: &str, file: &str) -> String {
        let frameworks = |agent: PathBuf| folders(&agent.join("frameworks"));
        let runs = folders(&self.folder.path().join("work/slaves")).into_iter().flat_map(frameworks);
        let path = runs.map(|framework| framework.join("executors").join(task).join("runs/latest").join(file));
        path.filter_map(|path| fs::read_to_string(path).ok()).next().unwrap_or_default()
    }

    async fn wait_for(&self, port: u16) {
        for _ in 0..600 {
            if tokio::net::TcpStream::connect((self.ip.as_str(), port)).await.is_ok() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("nobody listens on {}:{port}\n{}", self.ip, self.logs());
    }

    /// The ends of the servers' logs.
    pub fn logs(&self) -> String {
        let read = |name: &str| fs::read_to_string(self.folder.path().join(format!("{name}.err"))).unwrap_or_default();
        ["master", "agent"]
            .map(|name| {
                let log = read(name);
                let lines: Vec<_> = log.lines().collect();
                format!("--- {name}\n{}\n", lines[lines.len().saturating_sub(40)..].join("\n"))
            })
            .concat()
    }
}

async fn zookeeper(ip: &str, root: PathBuf) -> Server {
    fs::create_dir_all(root.join("data")).expect("ZooKeeper's folder");
    let config = Config::parse("tickTime=1000\ndataDir=/data\nclientPort=2181\nadmin.enableServer=false\n")
        .expect("a good zoo.cfg");
    let options = Options { host: ip.parse().expect("an address"), root, log: Log::none() };
    Server::start(config, options).await.expect("ZooKeeper starts")
}

/// The launcher folder: Mesos's own, with the executor in it.
fn install(mesos: &Path, launcher: &Path) {
    fs::create_dir(launcher).expect("a launcher folder");
    symlink(mesos.join("libexec/mesos-containerizer"), launcher.join("mesos-containerizer")).expect("containerizer");
    symlink(env!("CARGO_BIN_EXE_mesos-executor"), launcher.join("mesos-executor")).expect("executor");
}

fn folders(path: &Path) -> Vec<PathBuf> {
    fs::read_dir(path).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
}

fn spawn(folder: &Path, name: &str, mut command: Command) -> Child {
    let log = |stream: &str| {
        let path = folder.join(format!("{name}.{stream}"));
        fs::OpenOptions::new().create(true).append(true).open(path).expect("a log")
    };
    let child = command.stdin(Stdio::null()).stdout(log("out")).stderr(log("err")).spawn();
    child.unwrap_or_else(|error| panic!("{name}: {error}"))
}

impl Drop for Lab {
    fn drop(&mut self) {
        if let Some(agent) = &mut self.agent {
            // It takes its executors with it.
            Command::new("kill").args(["-USR1".to_owned(), agent.id().to_string()]).status().ok();
            for _ in 0..100 {
                if agent.try_wait().ok().flatten().is_some() {
                    break;
                }
                std::thread::sleep(Duration::from_millis(50));
            }
            agent.kill().ok();
            agent.wait().ok();
        }
        self.master.kill().ok();
        self.master.wait().ok();
    }
}
