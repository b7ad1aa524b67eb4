//! One and three servers, asked by the `zookeeper-client` crate.

mod common;

use std::time::{Duration, Instant};

use common::Cluster;
use zookeeper_client::{Acls, Client, CreateMode, Error};

fn persistent() -> zookeeper_client::CreateOptions<'static> {
    CreateMode::Persistent.with_acls(Acls::anyone_all())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lone_server_serves_soon() {
    let mut cluster = Cluster::prepare(1, "");
    let begin = Instant::now();
    cluster.start_one(0).await;
    assert_eq!(cluster.mode(0).await.as_deref(), Some("standalone"));
    let took = begin.elapsed();
    eprintln!("serving after {took:?}");
    assert!(took < Duration::from_millis(500), "{took:?}");
    let client = Client::connect(&cluster.addresses()).await.unwrap();
    let (stat, _) = client.create("/a", b"one", &persistent()).await.unwrap();
    assert_eq!(client.get_data("/a").await.unwrap(), (b"one".to_vec(), stat));
    let stat = client.set_data("/a", b"two", Some(0)).await.unwrap();
    assert_eq!(stat.version, 1);
    assert_eq!(client.set_data("/a", b"three", Some(0)).await.unwrap_err(), Error::BadVersion);
    assert_eq!(client.create("/a", b"", &persistent()).await.unwrap_err(), Error::NodeExists);
    assert!(matches!(client.delete("/zookeeper", None).await, Err(Error::BadArguments(_))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_servers_serve_soon() {
    let mut cluster = Cluster::prepare(3, "");
    cluster.start_one(0).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(cluster.word(0, "srvr").await, "This ZooKeeper instance is not currently serving requests\n");
    let begin = Instant::now();
    cluster.start_one(1).await;
    cluster.wait_serving(2).await;
    let took = begin.elapsed();
    eprintln!("quorum after {took:?}");
    assert!(took < Duration::from_millis(1500), "{took:?}");
    cluster.start_one(2).await;
    cluster.wait_serving(3).await;
    let client = Client::connect(&cluster.addresses()).await.unwrap();
    client.create("/a", b"one", &persistent()).await.unwrap();
    for n in 0..3 {
        let client = Client::connect(&cluster.address(n)).await.unwrap();
        client.sync("/a").await.unwrap();
        assert_eq!(client.get_data("/a").await.unwrap().0, b"one");
        client.set_data("/a", b"one", None).await.unwrap();
    }
}
