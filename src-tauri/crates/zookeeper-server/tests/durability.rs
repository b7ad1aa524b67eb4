//! Nothing that was acknowledged is lost, whatever is killed; sessions and ephemeral znodes are the ensemble's, not a server's.

mod common;

use std::time::Duration;

use common::{
    Cluster,
    raw::{Body, Raw, Scan},
};
use zookeeper_client::{Acls, Client, CreateMode, CreateOptions, Error};

const OPEN: &[(i32, &str, &str)] = &[(31, "world", "anyone")];

fn persistent() -> CreateOptions<'static> {
    CreateMode::Persistent.with_acls(Acls::anyone_all())
}

async fn connect(addresses: &str) -> Client {
    for _ in 0..100 {
        if let Ok(client) = Client::connector().with_session_timeout(Duration::from_secs(4)).connect(addresses).await {
            return client;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("nobody serves at {addresses}");
}

/// Writes until told, going on with whoever serves; gives back what was acknowledged.
async fn write_on(addresses: String, mut stop: tokio::sync::watch::Receiver<bool>) -> Vec<u32> {
    let mut acknowledged = Vec::new();
    let mut client = connect(&addresses).await;
    let mut n = 0;
    while !*stop.borrow_and_update() {
        match client.create(&format!("/w/{n:06}"), b"x", &persistent()).await {
            Ok(_) | Err(Error::NodeExists) => {
                acknowledged.push(n);
                n += 1;
            }
            Err(_) => client = connect(&addresses).await,
        }
    }
    acknowledged
}

async fn assert_there(client: &Client, acknowledged: &[u32]) {
    client.sync("/w").await.unwrap();
    let mut names = client.list_children("/w").await.unwrap();
    names.sort();
    for n in acknowledged {
        assert!(
            names.binary_search(&format!("{n:06}")).is_ok(),
            "{n} is lost; {} of {}",
            names.len(),
            acknowledged.len()
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_leaders_take_nothing_with_them() {
    let mut cluster = Cluster::start(3).await;
    connect(&cluster.addresses()).await.create("/w", b"", &persistent()).await.unwrap();
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let writer = tokio::spawn(write_on(cluster.addresses(), stopped));
    for _ in 0..3 {
        tokio::time::sleep(Duration::from_millis(400)).await;
        let leader = cluster.leader().await;
        cluster.kill(leader).await;
        cluster.wait_serving(2).await;
        tokio::time::sleep(Duration::from_millis(200)).await;
        cluster.start_one(leader).await;
        cluster.wait_serving(3).await;
    }
    stop.send_replace(true);
    let acknowledged = writer.await.unwrap();
    assert!(acknowledged.len() > 50, "only {} writes", acknowledged.len());
    for n in 0..3 {
        assert_there(&connect(&cluster.address(n)).await, &acknowledged).await;
    }
    // All at once, as a power cut does.
    for n in 0..3 {
        cluster.kill(n).await;
    }
    for n in 0..3 {
        cluster.start_one(n).await;
    }
    cluster.wait_serving(3).await;
    for n in 0..3 {
        assert_there(&connect(&cluster.address(n)).await, &acknowledged).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_majority_nobody_is_served() {
    let mut cluster = Cluster::start(3).await;
    let leader = cluster.leader().await;
    let mut client = Raw::connect(&cluster.address(leader), 4000).await;
    for n in (0..3).filter(|n| *n != leader) {
        cluster.kill(n).await;
    }
    assert!(client.receive().await.is_none(), "the connection is closed");
    assert_eq!(cluster.word(leader, "srvr").await, "This ZooKeeper instance is not currently serving requests\n");
    assert_eq!(cluster.word(leader, "ruok").await, "imok");
    assert_eq!(cluster.word(leader, "isro").await, "null");
    assert!(Raw::join(&cluster.address(leader), 4000, 0, &[0; 16], 0).await.is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_missed_much_gets_the_whole_tree() {
    let mut cluster = Cluster::start(3).await;
    let behind = (cluster.leader().await + 1) % 3;
    cluster.kill(behind).await;
    let other = (behind + 1) % 3;
    let client = connect(&cluster.address(other)).await;
    client.create("/w", b"", &persistent()).await.unwrap();
    // More than the transactions that are kept in memory.
    for n in 0..600_u32 {
        client.create(&format!("/w/{n:06}"), &n.to_be_bytes(), &persistent()).await.unwrap();
    }
    cluster.start_one(behind).await;
    cluster.wait_serving(3).await;
    let all: Vec<u32> = (0..600).collect();
    assert_there(&connect(&cluster.address(behind)).await, &all).await;
    let logged = cluster.log.lock().unwrap().iter().any(|line| line.contains("Getting a snapshot from leader"));
    assert!(logged, "it came as a snapshot");
    cluster.kill(behind).await;
    cluster.start_one(behind).await;
    cluster.wait_serving(3).await;
    let back = connect(&cluster.address(behind)).await;
    assert_there(&back, &all).await;
    assert_eq!(back.get_data("/w/000599").await.unwrap().0, 599_u32.to_be_bytes());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lone_server_comes_back_from_its_disk() {
    let mut cluster = Cluster::start(1).await;
    let client = connect(&cluster.addresses()).await;
    client.create("/w", b"", &persistent()).await.unwrap();
    for n in 0..50_u32 {
        client.create(&format!("/w/{n:06}"), b"", &persistent()).await.unwrap();
    }
    let before = client.check_stat("/w").await.unwrap().unwrap();
    cluster.kill(0).await;
    // A crash in the middle of a write leaves half a record.
    let folder = cluster.root(0).join("var/lib/zookeeper/version-2");
    let log = std::fs::read_dir(&folder).unwrap().flatten().map(|entry| entry.path());
    let log = log.filter(|path| path.file_name().unwrap().to_string_lossy().starts_with("log.")).max().unwrap();
    let mut bytes = std::fs::read(&log).unwrap();
    bytes.extend_from_slice(&[0, 0, 0, 90, 1, 2, 3]);
    std::fs::write(&log, bytes).unwrap();
    for _ in 0..2 {
        cluster.start_one(0).await;
        let client = connect(&cluster.addresses()).await;
        assert_there(&client, &(0..50).collect::<Vec<_>>()).await;
        assert_eq!(client.check_stat("/w").await.unwrap().unwrap(), before);
        cluster.stop(0).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_moves_and_ends() {
    let cluster = Cluster::start(3).await;
    let mut first = Raw::connect(&cluster.address(0), 1000).await;
    assert_eq!(first.timeout, 1000);
    let made = first.ask(1, &Body::default().text("/e").bytes(b"").acl(OPEN).int(1)).await.unwrap();
    assert_eq!(made.error, 0);
    // The same session through another server; the first connection is closed there at the next write.
    let (session, password) = (first.session, first.password.clone());
    let mut second = Raw::join(&cluster.address(1), 1000, session, &password, made.zxid).await.unwrap();
    assert_eq!(second.session, session);
    let refused = first.ask(1, &Body::default().text("/f").bytes(b"").acl(OPEN).int(1)).await;
    assert!(refused.is_none(), "the session has moved: {refused:?}");
    let owner = second.ask(3, &Body::default().text("/e").bool(true)).await.unwrap();
    let mut scan = Scan(&owner.body);
    (0..4).for_each(|_| _ = scan.long());
    (0..3).for_each(|_| _ = scan.int());
    assert_eq!(scan.long(), session);
    // A wrong password is refused, and does not end the session.
    let wrong = Raw::join(&cluster.address(2), 1000, session, &[1; 16], 0).await.unwrap();
    assert_eq!((wrong.session, wrong.timeout), (0, 0));
    // Kept alive, it lives longer than its timeout.
    for _ in 0..8 {
        tokio::time::sleep(Duration::from_millis(250)).await;
        assert_eq!(second.ask(11, &Body::default()).await.unwrap().error, 0);
    }
    let watcher = connect(&cluster.address(2)).await;
    watcher.sync("/").await.unwrap();
    let (stat, watch) = watcher.check_and_watch_stat("/e").await.unwrap();
    assert!(stat.is_some());
    drop(second);
    tokio::time::timeout(Duration::from_secs(5), watch.changed()).await.expect("the ephemeral znode goes");
    assert!(watcher.check_stat("/e").await.unwrap().is_none());
    let late = Raw::join(&cluster.address(0), 1000, session, &password, 0).await.unwrap();
    assert_eq!(late.session, 0, "the session is over");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_knows_more_is_sent_away() {
    let cluster = Cluster::start(1).await;
    assert!(Raw::join(&cluster.address(0), 1000, 0, &[0; 16], i64::MAX).await.is_none());
    assert!(Raw::join(&cluster.address(0), 1000, 0, &[0; 16], 0).await.is_some());
}
