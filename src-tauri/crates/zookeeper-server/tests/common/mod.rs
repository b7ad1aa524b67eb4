//! Servers for tests: each on an address of its own in 127.0.0.0/8, in a folder that goes away.

#![allow(dead_code, reason = "each test program uses a part of it")]

pub mod raw;
pub mod real;

use std::{
    net::Ipv4Addr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU16, Ordering},
    },
    time::Duration,
};

use tempfile::TempDir;
use zookeeper_client::Client;
use zookeeper_server::{Config, Log, Options, Server};

static NEXT: AtomicU16 = AtomicU16::new(1);

/// A range of addresses that nobody else uses: the process in the middle bytes, a counter in the last ones.
pub fn network() -> (u8, u8) {
    let process = std::process::id();
    let counter = NEXT.fetch_add(1, Ordering::Relaxed);
    (((process >> 4) % 200 + 40) as u8, (process % 16 * 16) as u8 + (counter % 16) as u8)
}

/// An ensemble, or a lone server if it has one member.
pub struct Cluster {
    pub hosts: Vec<Ipv4Addr>,
    pub servers: Vec<Option<Server>>,
    pub log: Arc<Mutex<Vec<String>>>,
    folder: TempDir,
    extra: String,
    /// So many of the last servers only observe.
    pub observers: usize,
}

impl Cluster {
    pub async fn start(count: usize) -> Self {
        Self::with(count, "").await
    }

    /// With more lines in `zoo.cfg`.
    pub async fn with(count: usize, extra: &str) -> Self {
        let mut cluster = Self::prepare(count, extra);
        for n in 0..count {
            cluster.start_one(n).await;
        }
        cluster.wait_serving(count).await;
        cluster
    }

    pub fn prepare(count: usize, extra: &str) -> Self {
        let (a, b) = network();
        let hosts = (1..=count as u8).map(|n| Ipv4Addr::new(127, a, b, n)).collect();
        let servers = (0..count).map(|_| None).collect();
        Self {
            hosts,
            servers,
            log: Arc::default(),
            folder: tempfile::tempdir().unwrap(),
            extra: extra.to_owned(),
            observers: 0,
        }
    }

    pub fn zoo_cfg(&self) -> String {
        let mut text = format!(
            "tickTime=200\ninitLimit=20\nsyncLimit=10\ndataDir=/var/lib/zookeeper\nclientPort=2181\nmaxClientCnxns=0\n\
             4lw.commands.whitelist=*\n{}\n",
            self.extra
        );
        if self.hosts.len() > 1 {
            for (n, host) in self.hosts.iter().enumerate() {
                let role = if n + self.observers >= self.hosts.len() { ":observer" } else { "" };
                text += &format!("server.{}={host}:2888:3888{role}\n", n + 1);
            }
        }
        text
    }

    pub fn root(&self, n: usize) -> std::path::PathBuf {
        self.folder.path().join(format!("node{}", n + 1))
    }

    pub async fn start_one(&mut self, n: usize) {
        let text = self.zoo_cfg();
        self.start_with(n, &text).await;
    }

    /// With a `zoo.cfg` of its own.
    pub async fn start_with(&mut self, n: usize, zoo_cfg: &str) {
        let root = self.root(n);
        let data = root.join("var/lib/zookeeper");
        std::fs::create_dir_all(&data).unwrap();
        if self.hosts.len() > 1 {
            std::fs::write(data.join("myid"), format!("{}\n", n + 1)).unwrap();
        }
        let log = self.log.clone();
        let print = std::env::var_os("ZK_LOG").is_some();
        let sink = Log::new(move |line| {
            if print {
                eprintln!("{line}");
            }
            log.lock().unwrap().push(line.to_owned());
        });
        let options = Options { host: self.hosts[n], root, log: sink };
        let config = Config::parse(zoo_cfg).unwrap();
        self.servers[n] = Some(Server::start(config, options).await.unwrap());
    }

    pub async fn kill(&mut self, n: usize) {
        self.servers[n].take().unwrap().kill().await;
    }

    pub async fn stop(&mut self, n: usize) {
        self.servers[n].take().unwrap().stop().await;
    }

    pub fn address(&self, n: usize) -> String {
        format!("{}:2181", self.hosts[n])
    }

    /// The connect string of all servers.
    pub fn addresses(&self) -> String {
        (0..self.hosts.len()).map(|n| self.address(n)).collect::<Vec<_>>().join(",")
    }

    pub async fn word(&self, n: usize, word: &str) -> String {
        four(&self.address(n), word).await
    }

    /// Mode as `srvr` says; `None` if it does not serve.
    pub async fn mode(&self, n: usize) -> Option<String> {
        let text = self.word(n, "srvr").await;
        text.lines().find_map(|line| line.strip_prefix("Mode: ").map(str::to_owned))
    }

    pub async fn wait_serving(&self, count: usize) {
        let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
        loop {
            let mut serving = 0;
            for n in 0..self.hosts.len() {
                if self.servers[n].is_some() && self.mode(n).await.is_some() {
                    serving += 1;
                }
            }
            if serving >= count {
                return;
            }
            assert!(tokio::time::Instant::now() < deadline, "no quorum:\n{}", self.log.lock().unwrap().join("\n"));
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Waits until `srvr` says this mode; `None` for a server that does not serve.
    pub async fn until_mode(&self, n: usize, mode: Option<&str>) {
        for _ in 0..600 {
            if self.mode(n).await.as_deref() == mode {
                return;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("{n} is not {mode:?}:\n{}", self.log.lock().unwrap().join("\n"));
    }

    pub async fn leader(&self) -> usize {
        for _ in 0..400 {
            for n in 0..self.hosts.len() {
                if self.servers[n].is_some() && self.mode(n).await.as_deref() == Some("leader") {
                    return n;
                }
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("no leader:\n{}", self.log.lock().unwrap().join("\n"));
    }
}

/// A session at one of these, as soon as there is one to be had.
pub async fn connect(addresses: &str) -> Client {
    for _ in 0..200 {
        if let Ok(client) = Client::connector().with_session_timeout(Duration::from_secs(4)).connect(addresses).await {
            return client;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("nobody serves at {addresses}");
}

/// Asks a four-letter word; empty if nobody answers.
pub async fn four(address: &str, word: &str) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let Ok(mut stream) = tokio::net::TcpStream::connect(address).await else { return String::new() };
    let mut text = Vec::new();
    if stream.write_all(word.as_bytes()).await.is_ok() {
        // The real server leaves a word unanswered that comes while it starts.
        let _ = tokio::time::timeout(Duration::from_secs(2), stream.read_to_end(&mut text)).await;
    }
    String::from_utf8_lossy(&text).into_owned()
}
