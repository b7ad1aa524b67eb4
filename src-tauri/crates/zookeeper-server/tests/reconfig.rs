//! The ensemble changes while it runs. What is asserted here was seen on ZooKeeper 3.8.0, step by step.

mod common;

use std::fs;

use common::{
    Cluster, connect,
    raw::{Body, Raw, Scan},
};
use zookeeper_client::{Acls, CreateMode};

const SUPER: &str = "DigestAuthenticationProvider.superDigest=super:D/InIHSb7yEEbrWz8b9l71RjZJU=\n";
const ZOO_CFG: &str = "etc/zookeeper/conf/zoo.cfg";

const NEW_CONFIG_NO_QUORUM: i32 = -13;
const NO_AUTH: i32 = -102;
const BAD_VERSION: i32 = -103;
const BAD_ARGUMENTS: i32 = -8;

fn reconfig(joining: Option<&str>, leaving: Option<&str>, from: i64) -> Body {
    let text = |body: Body, text: Option<&str>| match text {
        Some(text) => body.text(text),
        None => body.int(-1),
    };
    text(text(Body::default(), joining), leaving).int(-1).long(from)
}

/// An ensemble whose servers read their `zoo.cfg` where it lies, and write it.
struct Changing(Cluster);

impl Changing {
    /// So many servers, of which the first `begin` are the ensemble.
    async fn start(all: usize, begin: usize) -> Self {
        let mut changing = Self(Cluster::prepare(all, &format!("reconfigEnabled=true\n{SUPER}")));
        for n in 0..begin {
            changing.write(n, &(0..begin).collect::<Vec<_>>());
            changing.start_one(n).await;
        }
        changing.0.wait_serving(begin).await;
        changing
    }

    fn line(&self, n: usize) -> String {
        format!("server.{}={}:2888:3888:participant;{}:2181", n + 1, self.0.hosts[n], self.0.hosts[n])
    }

    fn write(&self, n: usize, members: &[usize]) {
        let whole = self.0.zoo_cfg();
        let mut text: String =
            whole.lines().filter(|line| !line.starts_with("server.")).map(|line| format!("{line}\n")).collect();
        text.extend(members.iter().map(|member| format!("{}\n", self.line(*member))));
        let path = self.0.root(n).join(ZOO_CFG);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    async fn start_one(&mut self, n: usize) {
        let text = fs::read_to_string(self.0.root(n).join(ZOO_CFG)).unwrap();
        self.0.start_with(n, &text).await;
    }

    async fn super_user(&self, n: usize) -> Raw {
        for _ in 0..200 {
            if let Some(mut client) = Raw::join(&self.0.address(n), 8000, 0, &[0; 16], 0).await {
                let auth = Body::default().int(0).text("digest").bytes(b"super:test");
                if client.ask(100, &auth).await.is_some() {
                    return client;
                }
            }
            tokio::time::sleep(std::time::Duration::from_millis(25)).await;
        }
        panic!("no session at {n}");
    }

    /// What the config node says at a server; its ids and its version.
    async fn members(&self, n: usize) -> (Vec<usize>, String) {
        let mut client = self.super_user(n).await;
        client.ask(9, &Body::default().text("/")).await.unwrap();
        let answer = client.ask(4, &Body::default().text("/zookeeper/config").bool(false)).await.unwrap();
        let text = Scan(&answer.body).text();
        let (lines, version) = text.split_once("version=").unwrap();
        let id = |line: &str| line.strip_prefix("server.")?.split_once('=')?.0.parse().ok();
        (lines.lines().filter_map(id).collect(), version.to_owned())
    }

    async fn change(&self, n: usize, joining: Option<&str>, leaving: Option<&str>) -> i32 {
        let mut client = self.super_user(n).await;
        client.ask(16, &reconfig(joining, leaving, -1)).await.map_or(0, |answer| answer.error)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn voters_join_and_leave_one_after_the_other() {
    let mut all = Changing::start(5, 3).await;
    assert_eq!(all.members(0).await, (vec![1, 2, 3], "100000000".to_owned()));
    connect(&all.0.addresses())
        .await
        .create("/a", b"one", &CreateMode::Persistent.with_acls(Acls::anyone_all()))
        .await
        .unwrap();
    // A server that is no member learns, and serves; with its vote it is one of four.
    all.write(3, &[0, 1, 2, 3]);
    all.start_one(3).await;
    all.0.until_mode(3, Some("follower")).await;
    assert_eq!(all.members(3).await.0, [1, 2, 3]);
    let line = all.line(3);
    assert_eq!(all.change(3, Some(&line), None).await, 0);
    assert_eq!(all.members(3).await.0, [1, 2, 3, 4]);
    // The leader goes: another one leads, and it follows without a vote.
    let leader = all.0.leader().await;
    all.change((leader + 1) % 4, None, Some(&(leader + 1).to_string())).await;
    all.0.until_mode(leader, Some("follower")).await;
    all.0.wait_serving(4).await;
    assert_ne!(all.0.leader().await, leader);
    let rest: Vec<usize> = (1..=4).filter(|id| *id != leader + 1).collect();
    assert_eq!(all.members(leader).await.0, rest);
    // Two of those three are a majority, whether the fourth is there or not.
    all.0.kill(leader).await;
    let gone = rest[0] - 1;
    all.0.kill(gone).await;
    all.0.wait_serving(2).await;
    let client = connect(&all.0.address(rest[1] - 1)).await;
    assert_eq!(client.get_data("/a").await.unwrap().0, b"one");
    client.set_data("/a", b"two", None).await.unwrap();
    // Everyone ends and comes back: the files have kept who belongs to it.
    for id in &rest[1..] {
        all.0.kill(id - 1).await;
    }
    let conf = fs::read_to_string(all.0.root(rest[1] - 1).join(ZOO_CFG)).unwrap();
    assert!(
        !conf.contains("server.") && conf.contains("dynamicConfigFile=/etc/zookeeper/conf/zoo.cfg.dynamic."),
        "{conf}"
    );
    for id in &rest {
        all.start_one(id - 1).await;
    }
    all.0.wait_serving(3).await;
    assert_eq!(all.members(gone).await.0, rest);
    assert_eq!(connect(&all.0.address(gone)).await.get_data("/a").await.unwrap().0, b"two");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn voters_become_observers_and_the_other_way_round() {
    let all = Changing::start(4, 4).await;
    let follower = (all.0.leader().await + 1) % 4;
    let line = all.line(follower);
    assert_eq!(all.change(follower, Some(&line.replace("participant", "observer")), None).await, 0);
    all.0.until_mode(follower, Some("observer")).await;
    let leader = all.0.leader().await;
    assert!(all.0.word(leader, "mntr").await.contains("zk_synced_observers\t1\n"));
    assert_eq!(all.change(follower, Some(&line), None).await, 0);
    all.0.until_mode(follower, Some("follower")).await;
    assert!(all.0.word(leader, "mntr").await.contains("zk_synced_followers\t3\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_observer_joins_and_is_sent_away() {
    let mut all = Changing::start(4, 3).await;
    let line = format!("server.4={}:2888:3888:observer;2181", all.0.hosts[3]);
    assert_eq!(all.change(0, Some(&line), None).await, 0);
    let shown = line.replace(";2181", ";0.0.0.0:2181");
    assert!(all.0.word(0, "conf").await.contains(&shown), "{}", all.0.word(0, "conf").await);
    all.write(3, &[0, 1, 2, 3]);
    all.start_one(3).await;
    all.0.until_mode(3, Some("observer")).await;
    let persistent = CreateMode::Persistent.with_acls(Acls::anyone_all());
    connect(&all.0.address(3)).await.create("/by-the-new-one", b"", &persistent).await.unwrap();
    assert_eq!(all.change(0, None, Some("4")).await, 0);
    // It learns on, without a part in anything; once it has ended it does not come back.
    all.0.until_mode(3, Some("follower")).await;
    all.0.kill(3).await;
    let conf = fs::read_to_string(all.0.root(3).join(ZOO_CFG)).unwrap();
    let options =
        zookeeper_server::Options { host: all.0.hosts[3], root: all.0.root(3), log: zookeeper_server::Log::none() };
    let refused = zookeeper_server::Server::start(zookeeper_server::Config::parse(&conf).unwrap(), options).await;
    assert_eq!(refused.unwrap_err().to_string(), "My id 4 not in the peer list");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_is_refused_in_the_order_of_the_real_one() {
    let all = Changing::start(5, 3).await;
    let mut client = Raw::connect(&all.0.address(0), 8000).await;
    let (line, nobody) = (all.line(3), format!("{},{}", all.line(3), all.line(4)));
    let same_ports = line.replace("3888", "2888");
    let nobody = format!("{nobody},{}", nobody.replace("server.4", "server.6").replace("server.5", "server.7"));
    for (joining, leaving, from, code) in [
        (Some("some thing"), None, -1, BAD_ARGUMENTS),
        (Some(same_ports.as_str()), None, -1, BAD_ARGUMENTS),
        (Some(&line), None, 7, BAD_VERSION),
        (None, Some("1,2"), -1, BAD_ARGUMENTS),
        (None, Some("x"), -1, -5),
        // Of seven only three are there.
        (Some(&nobody), None, -1, NEW_CONFIG_NO_QUORUM),
        (Some(&line), None, -1, NO_AUTH),
    ] {
        let answer = client.ask(16, &reconfig(joining, leaving, from)).await.unwrap();
        assert_eq!(answer.error, code, "{joining:?} {leaving:?}");
        if code == -5 {
            client = Raw::connect(&all.0.address(0), 8000).await;
        }
    }
    assert_eq!(all.members(0).await, (vec![1, 2, 3], "100000000".to_owned()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_switch_the_file_rules() {
    let mut cluster = Cluster::start(3).await;
    let config = |text: String| text.contains("version=0");
    assert!(config(cluster.word(0, "conf").await));
    for n in 0..3 {
        cluster.stop(n).await;
    }
    // Once it may be changed, its members have a version; once it may not, they have none again.
    for (extra, version) in [("reconfigEnabled=true\n", "version=2"), ("", "version=0")] {
        for n in 0..3 {
            let text = format!("{}{extra}", cluster.zoo_cfg());
            cluster.start_with(n, &text).await;
        }
        cluster.wait_serving(3).await;
        assert!(cluster.word(0, "conf").await.contains(version), "{}", cluster.word(0, "conf").await);
        for n in 0..3 {
            cluster.stop(n).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reconfig_is_refused_where_it_means_nothing() {
    let joining = "server.4=127.0.0.4:2888:3888:observer;2181";
    let lone = Cluster::with(1, &format!("reconfigEnabled=true\n{SUPER}")).await;
    let mut client = Raw::connect(&lone.address(0), 4000).await;
    assert_eq!(client.ask(16, &reconfig(Some(joining), None, -1)).await.unwrap().error, -6);
    let off = Cluster::start(1).await;
    let mut client = Raw::connect(&off.address(0), 4000).await;
    assert_eq!(client.ask(16, &reconfig(Some(joining), None, -1)).await.unwrap().error, -123);
}
