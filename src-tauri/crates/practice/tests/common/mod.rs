//! A practice cluster in a folder of its own, with a real process behind it.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::{
    net::Ipv4Addr,
    path::Path,
    time::{Duration, Instant},
};

use machines::{Machines, Output, Upload};
use practice::{Launch, MachineSpec, PracticeMachines};
use tempfile::TempDir;

/// A cluster that is removed, its process included, when this is dropped.
pub struct Cluster {
    pub folder: TempDir,
    pub machines: PracticeMachines,
    pub network: [u8; 2],
}

/// How the process is started.
pub fn launch(folder: &Path) -> Launch {
    Launch { program: env!("CARGO_BIN_EXE_practice-daemon").into(), args: vec![folder.into()] }
}

/// A range of loopback addresses that no other test uses at this time.
fn network() -> [u8; 2] {
    let random: [u8; 2] = std::array::from_fn(|_| rand());
    [random[0].clamp(64, 250), random[1]]
}

fn rand() -> u8 {
    use std::hash::{BuildHasher, Hasher, RandomState};
    RandomState::new().build_hasher().finish().to_le_bytes()[0]
}

impl Cluster {
    /// Machines called `node1` to `nodeN`, none of them started.
    pub fn new(count: u8) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let network = network();
        let nodes = (1..=count).map(|n| spec(network, n)).collect();
        let machines = PracticeMachines::open(folder.path(), nodes, launch(folder.path()));
        Self { folder, machines, network }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn address(&self, n: u8) -> Ipv4Addr {
        spec(self.network, n).address
    }

    pub async fn up(&self, node: &str) {
        self.machines.up(node).await.expect("the machine starts");
    }

    pub async fn run(&self, node: &str, command: &str) -> Output {
        self.machines.run(node, command, Duration::from_secs(30)).await.expect("the command runs")
    }

    /// Runs a command that must succeed and gives its output.
    pub async fn ok(&self, node: &str, command: &str) -> String {
        let output = self.run(node, command).await;
        assert_eq!(output.code, 0, "{command}: {}{}", output.stdout, output.stderr);
        output.stdout
    }

    /// Runs a command until its output contains `wanted`.
    pub async fn until(&self, node: &str, command: &str, wanted: &str) -> String {
        let since = Instant::now();
        loop {
            let output = self.run(node, command).await;
            if output.stdout.contains(wanted) {
                return output.stdout;
            }
            let journal = self.run(node, "journalctl -n 40 --no-pager").await.stdout;
            assert!(since.elapsed() < Duration::from_secs(30), "{command}: {output:?}\n{journal}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub async fn put(&self, node: &str, path: &str, content: &str) {
        let file =
            Upload { path: path.into(), content: content.as_bytes().to_vec(), owner: "root:root".into(), mode: 0o644 };
        self.machines.put(node, file).await.expect("the file is put");
    }

    /// The number of the process that holds the machines.
    pub fn pid(&self) -> u32 {
        let text = std::fs::read(self.path().join("practice/daemon.json")).expect("daemon.json");
        let contact: serde_json::Value = serde_json::from_slice(&text).expect("JSON");
        contact["pid"].as_u64().expect("a number") as u32
    }

    /// Sends the process a signal and waits until it is gone.
    pub async fn signal(&self, signal: &str) {
        let pid = self.pid().to_string();
        let sent = std::process::Command::new("kill").args([signal, &pid]).status().expect("kill runs");
        assert!(sent.success());
        self.until_gone().await;
    }

    pub async fn until_gone(&self) {
        let since = Instant::now();
        while practice::daemon_alive(self.path()).await {
            assert!(since.elapsed() < Duration::from_secs(20), "the practice process stays");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

/// The process ends when its folder vanishes, but a test that failed shall not leave it even for that long.
impl Drop for Cluster {
    fn drop(&mut self) {
        if let Ok(text) = std::fs::read(self.path().join("practice/daemon.json"))
            && let Ok(contact) = serde_json::from_slice::<serde_json::Value>(&text)
            && let Some(pid) = contact["pid"].as_u64()
        {
            let _ = std::process::Command::new("kill").args(["-9", &pid.to_string()]).output();
        }
    }
}

fn spec([b, c]: [u8; 2], n: u8) -> MachineSpec {
    MachineSpec { name: format!("node{n}"), address: Ipv4Addr::new(127, b, c, 10 + n), cpus: 2, memory_mb: 2048 }
}

/// Runs one of the installers.
pub async fn install(cluster: &Cluster, node: &str, name: &str) {
    let path = format!("/opt/startline/install-{name}.sh");
    cluster.put(node, &path, &format!("#!/bin/bash\n# startline-provision: {name}\n")).await;
    cluster.ok(node, &format!("sudo bash {path}")).await;
}

/// Gives so many machines the configuration of one ensemble.
pub async fn configure_zookeeper(cluster: &Cluster, servers: u8) {
    let mut text = "tickTime=500\ninitLimit=10\nsyncLimit=5\ndataDir=/var/lib/zookeeper\nclientPort=2181\n\
        4lw.commands.whitelist=srvr,ruok,mntr,stat,conf,isro\nadmin.enableServer=false\n"
        .to_owned();
    if servers > 1 {
        for n in 1..=servers {
            text.push_str(&format!("server.{n}={}:2888:3888\n", cluster.address(n)));
        }
    }
    for n in 1..=servers {
        cluster.put(&format!("node{n}"), "/etc/zookeeper/conf/zoo.cfg", &text).await;
    }
}

/// Initialises a server, and starts it now and at every boot.
pub async fn start_zookeeper(cluster: &Cluster, n: u8) {
    let node = format!("node{n}");
    cluster.ok(&node, &format!("sudo -u zookeeper zookeeper-server-initialize --myid={n}")).await;
    cluster.ok(&node, "sudo systemctl enable zookeeper-server && sudo service zookeeper-server start").await;
}

/// The machine among these whose ZooKeeper leads, once one does.
pub async fn leader<'a>(cluster: &Cluster, among: &[&'a str]) -> &'a str {
    let since = Instant::now();
    loop {
        for node in among {
            if cluster.run(node, "echo srvr | nc -q 1 localhost 2181").await.stdout.contains("Mode: leader") {
                return node;
            }
        }
        assert!(since.elapsed() < Duration::from_secs(30), "none of {among:?} leads");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Three machines whose ZooKeepers are one ensemble, just started.
pub async fn three_zookeepers() -> Cluster {
    let cluster = Cluster::new(3);
    for n in 1..=3 {
        cluster.up(&format!("node{n}")).await;
        install(&cluster, &format!("node{n}"), "zookeeper").await;
    }
    configure_zookeeper(&cluster, 3).await;
    for n in 1..=3 {
        start_zookeeper(&cluster, n).await;
    }
    cluster
}

/// Gives a machine the configuration of a Mesos master, an agent and a scheduler, whose cluster meets at `zookeepers`.
/// What is lost is missed quickly.
pub async fn configure_mesos(cluster: &Cluster, n: u8, zookeepers: &str) {
    let (address, zk) = (cluster.address(n), format!("zk://{zookeepers}"));
    let scheduler =
        format!("MARATHON_MASTER={zk}/mesos\nMARATHON_ZK={zk}/marathon\nMARATHON_ZK_SESSION_TIMEOUT=4000\n");
    let files = [
        ("/etc/mesos/zk", format!("{zk}/mesos\n")),
        ("/etc/mesos-master/ip", format!("{address}\n")),
        ("/etc/mesos-master/hostname", format!("{address}\n")),
        ("/etc/mesos-master/?no-hostname_lookup", String::new()),
        ("/etc/mesos-master/quorum", "1\n".into()),
        ("/etc/mesos-master/work_dir", "/var/lib/mesos/master\n".into()),
        ("/etc/mesos-master/zk_session_timeout", "2secs\n".into()),
        ("/etc/mesos-master/agent_ping_timeout", "1secs\n".into()),
        ("/etc/mesos-master/max_agent_ping_timeouts", "2\n".into()),
        ("/etc/mesos-agent/ip", format!("{address}\n")),
        ("/etc/mesos-agent/hostname", format!("{address}\n")),
        ("/etc/mesos-agent/work_dir", "/var/lib/mesos/agent\n".into()),
        ("/etc/mesos-agent/zk_session_timeout", "2secs\n".into()),
        ("/etc/default/marathon", scheduler),
    ];
    for (path, content) in files {
        cluster.put(&format!("node{n}"), path, &content).await;
    }
}
