//! Observers, read-only servers, members that join empty, and an ensemble that never goes back in time.

mod common;

use std::time::Duration;

use common::{
    Cluster, connect,
    raw::{Body, Raw},
};
use zookeeper_client::{Acls, CreateMode, CreateOptions};

const OPEN: &[(i32, &str, &str)] = &[(31, "world", "anyone")];
const NOT_READ_ONLY: i32 = -119;

fn persistent() -> CreateOptions<'static> {
    CreateMode::Persistent.with_acls(Acls::anyone_all())
}

fn get(path: &str) -> Body {
    Body::default().text(path).bool(false)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn observers_serve_and_do_not_vote() {
    let mut cluster = Cluster::prepare(4, "");
    cluster.observers = 1;
    for n in 0..4 {
        cluster.start_one(n).await;
    }
    cluster.wait_serving(4).await;
    cluster.until_mode(3, Some("observer")).await;
    let observer = connect(&cluster.address(3)).await;
    observer.create("/through", b"an observer", &persistent()).await.unwrap();
    let voter = connect(&cluster.address(0)).await;
    voter.sync("/").await.unwrap();
    assert_eq!(voter.get_data("/through").await.unwrap().0, b"an observer");
    let leader = cluster.leader().await;
    assert!(cluster.word(leader, "mntr").await.contains("zk_synced_observers\t1\n"));
    assert!(cluster.word(3, "conf").await.contains("peerType=1\n"));
    assert!(cluster.word(3, "mntr").await.contains(&format!("zk_observer_master_id\t{}\n", leader + 1)));
    assert!(cluster.word(3, "dump").await.contains("Global Sessions(2):\n0x"), "{}", cluster.word(3, "dump").await);
    // Two of three voters are a majority; one voter and the observer are none.
    let others: Vec<usize> = (0..3).filter(|n| *n != leader).collect();
    cluster.kill(others[0]).await;
    observer.create("/two", b"", &persistent()).await.unwrap();
    cluster.kill(others[1]).await;
    cluster.until_mode(leader, None).await;
    cluster.until_mode(3, None).await;
    cluster.start_one(others[0]).await;
    cluster.until_mode(3, Some("observer")).await;
    assert!(connect(&cluster.address(3)).await.check_stat("/two").await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_member_that_joins_empty_gets_everything() {
    let mut cluster = Cluster::prepare(3, "");
    cluster.start_one(0).await;
    cluster.start_one(1).await;
    cluster.wait_serving(2).await;
    let client = connect(&cluster.addresses()).await;
    for n in 0..20 {
        client.create(&format!("/n{n}"), &vec![b'x'; 100_000], &persistent()).await.unwrap();
    }
    cluster.start_one(2).await;
    cluster.wait_serving(3).await;
    let late = connect(&cluster.address(2)).await;
    assert_eq!(late.get_data("/n19").await.unwrap().0.len(), 100_000);
    // It loses its disk, and comes back under the same name.
    cluster.kill(2).await;
    std::fs::remove_dir_all(cluster.root(2).join("var/lib/zookeeper/version-2")).unwrap();
    cluster.start_one(2).await;
    cluster.wait_serving(3).await;
    assert_eq!(connect(&cluster.address(2)).await.get_data("/n0").await.unwrap().0.len(), 100_000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_minority_answers_reads_of_those_who_can_do_with_that() {
    let mut cluster = Cluster::with(3, "readonlymode.enabled=true\nlocalSessionsEnabled=true\n").await;
    let (mut before, read_only) = Raw::join_any(&cluster.address(0), 0, &[0; 16]).await.unwrap();
    assert!(!read_only);
    before.ask(1, &Body::default().text("/a").bytes(b"one").acl(OPEN).int(0)).await.unwrap();
    before.ask(9, &Body::default().text("/")).await.unwrap();
    cluster.kill(1).await;
    cluster.kill(2).await;
    assert!(before.receive().await.is_none(), "the connection ends with the majority");
    cluster.until_mode(0, Some("read-only")).await;
    assert_eq!(cluster.word(0, "isro").await, "ro");
    assert!(Raw::join(&cluster.address(0), 4000, 0, &[0; 16], 0).await.is_none(), "others are sent away");
    let global = Raw::join_any(&cluster.address(0), before.session, &before.password).await;
    assert!(global.is_none(), "sessions of the whole ensemble cannot be looked after");
    let (mut client, read_only) = Raw::join_any(&cluster.address(0), 0, &[0; 16]).await.unwrap();
    assert!(read_only);
    assert_eq!(client.ask(4, &get("/a")).await.unwrap().error, 0);
    let create = Body::default().text("/b").bytes(b"").acl(OPEN).int(0);
    assert_eq!(client.ask(1, &create).await.unwrap().error, NOT_READ_ONLY);
    assert_eq!(client.ask(9, &Body::default().text("/a")).await.unwrap().error, NOT_READ_ONLY);
    assert_eq!(client.ask(11, &Body::default()).await.unwrap().error, 0);
    let again = Raw::join_any(&cluster.address(0), client.session, &client.password).await.unwrap();
    assert_eq!(again.0.session, client.session);
    cluster.start_one(1).await;
    cluster.wait_serving(2).await;
    for _ in 0..200 {
        if cluster.word(0, "isro").await == "rw" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    assert_eq!(cluster.word(0, "isro").await, "rw");
    let (mut client, read_only) = Raw::join_any(&cluster.address(0), 0, &[0; 16]).await.unwrap();
    assert!(!read_only);
    assert_eq!(client.ask(1, &create).await.unwrap().error, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_switch_a_minority_answers_nothing() {
    let mut cluster = Cluster::start(3).await;
    cluster.kill(1).await;
    cluster.kill(2).await;
    cluster.until_mode(0, None).await;
    tokio::time::sleep(Duration::from_millis(2500)).await;
    assert!(Raw::join_any(&cluster.address(0), 0, &[0; 16]).await.is_none());
}

/// Reads one number again and again, on one session as long as it lives: it must never become smaller.
async fn watch_number(addresses: String, mut stop: tokio::sync::watch::Receiver<bool>) -> usize {
    let mut reads = 0;
    while !*stop.borrow_and_update() {
        let client = connect(&addresses).await;
        let mut last = 0;
        while let Ok((data, _)) = client.get_data("/number").await {
            let now: u64 = String::from_utf8(data).unwrap().parse().unwrap();
            assert!(now >= last, "back in time: {now} after {last}");
            last = now;
            reads += 1;
            if *stop.borrow_and_update() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
    reads
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_sees_time_go_back_while_servers_come_and_go() {
    // Snapshots all the time, so that they are written while servers are killed.
    let mut cluster = Cluster::with(3, "snapCount=40\n").await;
    connect(&cluster.addresses()).await.create("/number", b"0", &persistent()).await.unwrap();
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let readers: Vec<_> = (0..3).map(|_| tokio::spawn(watch_number(cluster.addresses(), stopped.clone()))).collect();
    let addresses = cluster.addresses();
    let writer = tokio::spawn(async move {
        let (mut client, mut next, mut acknowledged) = (connect(&addresses).await, 1_u64, 0);
        while !*stopped.borrow() {
            match client.set_data("/number", next.to_string().as_bytes(), None).await {
                Ok(_) => {
                    acknowledged = next;
                    next += 1;
                }
                Err(_) => client = connect(&addresses).await,
            }
        }
        acknowledged
    });
    for n in [0, 2, 1, 2] {
        tokio::time::sleep(Duration::from_millis(300)).await;
        cluster.kill(n).await;
        cluster.wait_serving(2).await;
        cluster.start_one(n).await;
        cluster.wait_serving(3).await;
    }
    stop.send_replace(true);
    let acknowledged = writer.await.unwrap();
    for reader in readers {
        assert!(reader.await.unwrap() > 0);
    }
    assert!(acknowledged > 20, "only {acknowledged} writes");
    for n in 0..3 {
        let client = connect(&cluster.address(n)).await;
        client.sync("/").await.unwrap();
        let data = client.get_data("/number").await.unwrap().0;
        assert!(String::from_utf8(data).unwrap().parse::<u64>().unwrap() >= acknowledged);
    }
    let snapshots = std::fs::read_dir(cluster.root(0).join("var/lib/zookeeper/version-2")).unwrap().flatten();
    let snapshots = snapshots.filter(|entry| entry.file_name().to_string_lossy().starts_with("snapshot.")).count();
    assert!(snapshots > 1, "only {snapshots} snapshots");
}
