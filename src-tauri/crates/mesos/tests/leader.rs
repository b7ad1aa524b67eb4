//! Who leads, asked of ZooKeeper.

use std::time::Duration;

use mesos::leader::{self, Leader};
use serde_json::{Value, json};
use tokio::time::timeout;
use zookeeper_client as zk;
use zookeeper_server::{Config, Log, Options, Server};

/// A ZooKeeper on a loopback address of its own.
async fn zookeeper() -> (Server, String, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let seed = std::hash::BuildHasher::hash_one(&std::hash::RandomState::new(), 0);
    let host: std::net::Ipv4Addr =
        format!("127.{}.{}.1", 20 + seed % 200, 1 + (seed >> 16) % 250).parse().expect("an address");
    let config = Config::parse("tickTime=200\ndataDir=/data\nclientPort=2181\nadmin.enableServer=false\n")
        .expect("a configuration");
    let options = Options { host, root: folder.path().to_owned(), log: Log::none() };
    let server = Server::start(config, options).await.expect("a server");
    let hosts = server.client_address().to_string();
    (server, hosts, folder)
}

fn info(port: u16) -> String {
    let mut info: Value = serde_json::from_str(include_str!("fixtures/json.info.json")).expect("JSON");
    info["port"] = json!(port);
    info.to_string()
}

/// A master joins: gives the path of its node.
async fn join(client: &zk::Client, port: u16) -> String {
    let options = zk::CreateMode::EphemeralSequential.with_acls(zk::Acls::anyone_all());
    let (_, sequence) = client.create("/mesos/json.info_", info(port).as_bytes(), &options).await.expect("joined");
    format!("/mesos/json.info_{sequence}")
}

async fn next(follower: &mut leader::Follower, wanted: Option<u16>) {
    let seen = async {
        let mut now = follower.now();
        loop {
            match &now {
                Leader::Nobody if wanted.is_none() => return,
                Leader::Is(master) if Some(master.port) == wanted => return,
                _ => now = follower.changed().await,
            }
        }
    };
    timeout(Duration::from_secs(10), seen).await.expect("seen in time");
}

#[tokio::test]
async fn the_smallest_leads_and_is_followed() {
    let (server, hosts, _folder) = zookeeper().await;
    assert_eq!(leader::Ensemble::new(&*hosts, "/mesos").find().await.expect("an answer"), None);
    let mut follower = leader::Ensemble::new(&*hosts, "/mesos").follow();
    next(&mut follower, None).await;

    let client = zk::Client::connect(&hosts).await.expect("a client");
    let options = zk::CreateMode::Persistent.with_acls(zk::Acls::anyone_all());
    client.create("/mesos", b"", &options).await.expect("the path");
    client.create("/mesos/log_replicas", b"", &options).await.expect("another child");
    next(&mut follower, None).await;
    let first = join(&client, 1).await;
    join(&client, 2).await;
    next(&mut follower, Some(1)).await;
    assert_eq!(
        leader::Ensemble::new(&*hosts, "/mesos").find().await.expect("an answer").map(|master| master.port),
        Some(1)
    );

    client.delete(&first, None).await.expect("gone");
    next(&mut follower, Some(2)).await;
    server.kill().await;
    let lost =
        timeout(Duration::from_secs(20), async { while !matches!(follower.changed().await, Leader::Lost(_)) {} }).await;
    lost.expect("its loss is noticed");
}

#[tokio::test]
async fn nobody_there_is_an_error_soon() {
    let error = timeout(Duration::from_secs(10), leader::Ensemble::new("127.0.0.1:1", "/mesos").find())
        .await
        .expect("in time")
        .expect_err("nobody");
    assert_eq!(error.problem().id, "mesos-zookeeper-unreachable");
}
