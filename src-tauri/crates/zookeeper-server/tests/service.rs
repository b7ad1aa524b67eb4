//! One and three servers, asked by the `zookeeper-client` crate.

mod common;

use std::time::{Duration, Instant};

use common::{Cluster, real::Real};
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn containers_go_when_their_last_child_went() {
    let cluster = Cluster::with(1, "znode.container.checkIntervalMs=50\nextendedTypesEnabled=true\n").await;
    let client = Client::connect(&cluster.addresses()).await.unwrap();
    let container = CreateMode::Container.with_acls(Acls::anyone_all());
    client.create("/box", b"", &container).await.unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(client.check_stat("/box").await.unwrap().is_some(), "a container that was never used stays");
    client.create("/box/a", b"", &persistent()).await.unwrap();
    client.delete("/box/a", None).await.unwrap();
    let (_, watch) = client.check_and_watch_stat("/box").await.unwrap();
    tokio::time::timeout(Duration::from_secs(5), watch.changed()).await.expect("the container goes");
    let short = CreateMode::Persistent.with_acls(Acls::anyone_all()).with_ttl(Duration::from_millis(100));
    client.create("/short", b"", &short).await.unwrap();
    let (_, watch) = client.check_and_watch_stat("/short").await.unwrap();
    tokio::time::timeout(Duration::from_secs(5), watch.changed()).await.expect("its time is over");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_start_that_fails_says_why_as_the_real_one_does() {
    let mut cluster = Cluster::with(1, "admin.enableServer=false\n").await;
    let refused = |text: String, root: std::path::PathBuf, host| async move {
        let options = zookeeper_server::Options { host, root, log: zookeeper_server::Log::none() };
        let config = zookeeper_server::Config::parse(&text).unwrap();
        zookeeper_server::Server::start(config, options).await.unwrap_err()
    };
    let (text, root, host) = (cluster.zoo_cfg(), cluster.root(0), cluster.hosts[0]);
    let error = refused(text.clone(), root.clone(), host).await;
    assert_eq!((error.to_string(), error.exit_code()), (format!("Address already in use: {host}:2181"), 1));
    cluster.stop(0).await;
    let ensemble = format!("{text}server.1={host}:2888:3888\nserver.2={host}:2889:3889\n");
    let myid = root.join("var/lib/zookeeper/myid");
    let error = refused(ensemble.clone(), root.clone(), host).await;
    assert_eq!((error.to_string(), error.exit_code()), ("myid file is missing".to_owned(), 2));
    for (written, says) in [("x", "serverid x is not a number"), ("7", "My id 7 not in the peer list")] {
        std::fs::write(&myid, written).unwrap();
        assert_eq!(refused(ensemble.clone(), root.clone(), host).await.to_string(), says);
    }
    std::fs::write(&myid, "1").unwrap();
    let unknown = ensemble.replace("server.2=127", "server.2=nobody.127");
    assert!(refused(unknown, root, host).await.to_string().ends_with("Name or service not known"));
}

/// Who a session is goes with it: with the first frame, later, and to another server.
async fn identities_are_kept(address: &str, elsewhere: &str) {
    let ann = || Client::connector().with_session_timeout(Duration::from_secs(4)).with_auth("digest", b"ann:secret");
    // Detached: it leaves its session open.
    let (mine, other) = (ann().with_detached().connect(address).await, Client::connect(address).await.unwrap());
    let mine = mine.unwrap();
    mine.create("/ann", b"one", &CreateMode::Persistent.with_acls(Acls::creator_all())).await.unwrap();
    let users = mine.list_auth_users().await.unwrap();
    let users: Vec<_> = users.iter().map(|user| (user.scheme(), user.user())).collect();
    assert!(users.contains(&("digest", "ann")), "{users:?}");
    assert_eq!(other.get_data("/ann").await.unwrap_err(), Error::NoAuth);
    other.auth("digest", b"ann:wrong").await.unwrap();
    assert_eq!(other.get_data("/ann").await.unwrap_err(), Error::NoAuth);
    other.auth("digest", b"ann:secret").await.unwrap();
    assert_eq!(other.get_data("/ann").await.unwrap().0, b"one");
    for n in 0..20 {
        let next = ann().connect(if n % 2 == 0 { address } else { elsewhere }).await.unwrap();
        assert_eq!(next.get_data("/ann").await.unwrap().0, b"one");
    }
    let moved = ann().with_session(mine.into_session()).connect(elsewhere).await.unwrap();
    moved.set_data("/ann", b"two", None).await.unwrap();
    moved.delete("/ann", None).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn digest_sessions_are_who_they_say() {
    let three = Cluster::start(3).await;
    let leader = three.leader().await;
    identities_are_kept(&three.address(leader), &three.address((leader + 1) % 3)).await;
    identities_are_kept(&three.address((leader + 2) % 3), &three.address(leader)).await;
    let lone = Cluster::start(1).await;
    identities_are_kept(&lone.address(0), &lone.address(0)).await;
    if let Some(real) = Real::start(&[]).await {
        identities_are_kept(&real.address, &real.address).await;
    }
}
