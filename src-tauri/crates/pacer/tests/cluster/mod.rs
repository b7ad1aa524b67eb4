//! The practice servers, as the tests and benches need them.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::Arc;

use mesos_server::{
    Agent, AgentFlags, AgentOptions, Links, MachineSize, Master, MasterFlags, MasterOptions, SimulatedRunner,
};
use pacer::{Config, Options, Pacer};
use tempfile::TempDir;

/// A practice cluster on a loopback network of its own.
pub struct Cluster {
    net: String,
    folder: TempDir,
    links: Arc<Links>,
    zookeeper: Option<zookeeper_server::Server>,
    pub masters: Vec<Master>,
    agents: Vec<Agent>,
}

fn flags(pairs: &[(&str, String)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
}

impl Cluster {
    pub async fn new(masters: u8, agents: u8) -> Self {
        let seed = std::hash::BuildHasher::hash_one(&std::hash::RandomState::new(), 0);
        let net = format!("127.{}.{}", 60 + seed % 150, 1 + (seed >> 16) % 250);
        let folder = tempfile::tempdir().expect("a folder");
        let host = format!("{net}.1").parse().expect("an address");
        let zookeeper = zookeeper(host, &folder).await;
        let mut cluster = Self {
            net,
            folder,
            links: Arc::new(Links::new()),
            zookeeper: Some(zookeeper),
            masters: Vec::new(),
            agents: Vec::new(),
        };
        for n in 0..masters {
            cluster.start_master(2 + n, masters / 2 + 1).await;
        }
        for n in 0..agents {
            cluster.start_agent(20 + n).await;
        }
        cluster
    }

    /// ZooKeeper dies, as by `kill -9`.
    pub async fn kill_zookeeper(&mut self) {
        self.zookeeper.take().expect("it runs").kill().await;
    }

    /// ZooKeeper comes back, with its disk.
    pub async fn start_zookeeper(&mut self) {
        self.zookeeper = Some(zookeeper(self.address(1), &self.folder).await);
    }

    pub fn address(&self, n: u8) -> Ipv4Addr {
        format!("{}.{n}", self.net).parse().expect("an address")
    }

    pub fn zk(&self, path: &str) -> String {
        format!("zk://{}:2181{path}", self.address(1))
    }

    pub async fn start_master(&mut self, n: u8, quorum: u8) {
        let host = self.address(n);
        let flags = MasterFlags::parse(&flags(&[
            ("ip", host.to_string()),
            ("hostname", host.to_string()),
            ("zk", self.zk("/mesos")),
            ("zk_session_timeout", "2secs".to_owned()),
            ("quorum", quorum.to_string()),
            ("work_dir", "/var/lib/mesos/master".to_owned()),
        ]));
        let root = self.folder.path().join(format!("master{n}"));
        let options = MasterOptions { host, root, log: mesos_server::Log::none(), links: self.links.clone() };
        self.masters.push(Master::start(flags.expect("flags"), options).await.expect("a master"));
    }

    async fn start_agent(&mut self, n: u8) {
        let host = self.address(n);
        let flags = AgentFlags::parse(&flags(&[
            ("ip", host.to_string()),
            ("hostname", host.to_string()),
            ("master", self.zk("/mesos")),
            ("work_dir", "/var/lib/mesos/agent".to_owned()),
            ("resources", "cpus:4;mem:4096;disk:1024;ports:[31000-31999]".to_owned()),
            ("attributes", format!("rack:r{n}")),
        ]));
        let size = MachineSize { cpus: 4, mem_mb: 8192, disk_mb: 20_000 };
        let (root, log) = (self.folder.path().join(format!("agent{n}")), mesos_server::Log::none());
        let options =
            AgentOptions { host, root, log, size, runner: Arc::new(SimulatedRunner), links: self.links.clone() };
        self.agents.push(Agent::start(flags.expect("flags"), options).await.expect("an agent"));
    }

    /// What Pacer is told of this cluster.
    pub fn environment(&self) -> BTreeMap<String, String> {
        flags(&[
            ("MARATHON_MASTER", self.zk("/mesos")),
            ("MARATHON_ZK", self.zk("/marathon")),
            ("MARATHON_ZK_SESSION_TIMEOUT", "2000".to_owned()),
        ])
    }

    pub async fn start_pacer(&self, n: u8) -> Pacer {
        let config = Config::from_env(&self.environment()).expect("a configuration");
        let log = pacer::Log::new(move |line| eprintln!("pacer {n}: {line}"));
        Pacer::start(config, Options { host: self.address(n), log }).await.expect("pacer")
    }
}

async fn zookeeper(host: Ipv4Addr, folder: &TempDir) -> zookeeper_server::Server {
    let config = "tickTime=200\ndataDir=/data\nclientPort=2181\nadmin.enableServer=false\n";
    let config = zookeeper_server::Config::parse(config).expect("a configuration");
    let options =
        zookeeper_server::Options { host, root: folder.path().join("zk"), log: zookeeper_server::Log::none() };
    zookeeper_server::Server::start(config, options).await.expect("ZooKeeper")
}
