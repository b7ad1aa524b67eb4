//! ZooKeeper, played by servers that answer `srvr` as they are told to.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use machines::State;
use plan::{Preset, ValidPlan};
use protocol::ZooKeeperMode;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    task::JoinSet,
};

use crate::bench::{Said, plan, watch};

/// What `srvr` answers, but for the mode. Recorded from ZooKeeper 3.8.0.
const ANSWER: &str = "Zookeeper version: 3.8.0-${mvngit.commit.id}, built on 2022-12-18 18:10 UTC
Latency min/avg/max: 0/0.5714/3
Received: 8
Sent: 7
Connections: 1
Outstanding: 0
Zxid: 0x100000004
Mode: MODE
Node count: 7
";

/// The servers of the ensemble; a mode of `None` is a server that looks for a leader.
struct FakeServers {
    modes: Arc<Mutex<Vec<Option<&'static str>>>>,
    servers: Vec<JoinSet<()>>,
}

impl FakeServers {
    async fn start(plan: &ValidPlan, modes: &[Option<&'static str>]) -> Self {
        let modes = Arc::new(Mutex::new(modes.to_vec()));
        let mut servers = Vec::new();
        for (n, (_, node)) in plan.ensemble().enumerate() {
            let listener = TcpListener::bind(SocketAddr::from((node.address, 2181))).await.unwrap();
            let mut tasks = JoinSet::new();
            tasks.spawn(serve(listener, n, Arc::clone(&modes)));
            servers.push(tasks);
        }
        Self { modes, servers }
    }

    fn say(&self, modes: &[Option<&'static str>]) {
        *self.modes.lock().unwrap() = modes.to_vec();
    }

    async fn kill(&mut self, n: usize) {
        self.servers[n].shutdown().await;
    }
}

async fn serve(listener: TcpListener, n: usize, modes: Arc<Mutex<Vec<Option<&'static str>>>>) {
    loop {
        let (mut peer, _) = listener.accept().await.unwrap();
        let mut word = [0; 4];
        if peer.read_exact(&mut word).await.is_ok() {
            let mode = modes.lock().unwrap()[n];
            let answer = match mode {
                Some(mode) => ANSWER.replace("MODE", mode),
                None => "This ZooKeeper instance is not currently serving requests\n".to_owned(),
            };
            peer.write_all(answer.as_bytes()).await.unwrap();
        }
    }
}

#[tokio::test]
async fn an_election_is_watched() {
    let plan = plan(Preset::Ha);
    let (_monitor, seen) = watch(&plan, &Said::all(Some(State::Running)));
    seen.until("all down", |live| live.ensemble.as_ref().is_some_and(|e| e.body.serving() == 0)).await;
    let mut servers = FakeServers::start(&plan, &[Some("follower"), Some("follower"), Some("leader")]).await;
    seen.told("node3 leads ZooKeeper").await;
    let ensemble = seen.live().ensemble.unwrap().body;
    assert_eq!((ensemble.majority, ensemble.serving()), (2, 3));
    let leader = ensemble.leader().unwrap();
    assert_eq!((leader.myid, leader.znodes, leader.zxid.as_deref()), (3, Some(7), Some("0x100000004")));

    servers.say(&[None, None, None]);
    servers.kill(2).await;
    seen.told("ZooKeeper has lost its majority").await;
    servers.say(&[Some("leader"), Some("follower"), None]);
    seen.told("node1 leads ZooKeeper").await;
    let modes: Vec<_> = seen.live().ensemble.unwrap().body.servers.iter().map(|s| s.mode).collect();
    assert_eq!(modes, [ZooKeeperMode::Leader, ZooKeeperMode::Follower, ZooKeeperMode::Down]);
}
