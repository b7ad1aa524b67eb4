//! Whatever a client sends, the server answers or closes the connection, and goes on serving others.

mod common;

use common::{
    Cluster,
    raw::{Body, Raw},
};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use tokio::io::AsyncWriteExt;

/// Frames that are nearly right, and bytes that are nothing.
fn garbage() -> impl Strategy<Value = Vec<u8>> {
    let frame = |body: Vec<u8>| Body::default().bytes(&body).0;
    let connect = Body::default().int(0).long(0).int(1000).long(0).bytes(&[0; 16]).bool(false).0;
    let request = (-12_i32..110, prop::collection::vec(any::<u8>(), 0..40))
        .prop_map(|(kind, body)| Body::default().int(1).int(kind).raw(&Body(body)).0);
    let frames = prop::collection::vec(request, 0..20).prop_map(move |requests| {
        let mut bytes = frame(connect.clone());
        requests.into_iter().for_each(|request| bytes.extend(frame(request)));
        bytes
    });
    prop_oneof![3 => frames, 1 => prop::collection::vec(any::<u8>(), 0..200)]
}

#[test]
fn garbage_harms_nobody() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let cluster = runtime.block_on(Cluster::start(1));
    let honest = tokio::sync::Mutex::new(runtime.block_on(Raw::connect(&cluster.address(0), 4000)));
    let config = Config { cases: 200, failure_persistence: None, ..Config::default() };
    TestRunner::new(config)
        .run(&garbage(), |bytes| {
            runtime.block_on(async {
                let mut stream = tokio::net::TcpStream::connect(cluster.address(0)).await.unwrap();
                let _ = stream.write_all(&bytes).await;
                drop(stream);
                let answer = honest.lock().await.ask(3, &Body::default().text("/").bool(false)).await;
                assert_eq!(answer.expect("the honest client is served").error, 0);
            });
            Ok(())
        })
        .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn frames_that_are_too_large_end_the_connection() {
    let cluster = Cluster::start(1).await;
    let mut client = Raw::connect(&cluster.address(0), 4000).await;
    let data = vec![0; 0xf_ffff - 100];
    let acl: &[(i32, &str, &str)] = &[(31, "world", "anyone")];
    let made = client.ask(1, &Body::default().text("/big").bytes(&data).acl(acl).int(0)).await.unwrap();
    assert_eq!(made.error, 0);
    assert_eq!(client.ask(4, &Body::default().text("/big").bool(false)).await.unwrap().body.len(), data.len() + 4 + 68);
    client.stream.write_all(&0x10_0000_u32.to_be_bytes()).await.unwrap();
    assert!(client.receive().await.is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_does_not_read_is_not_read_from_either() {
    let cluster = Cluster::start(1).await;
    let mut greedy = Raw::connect(&cluster.address(0), 10_000).await;
    let acl: &[(i32, &str, &str)] = &[(31, "world", "anyone")];
    greedy.ask(1, &Body::default().text("/big").bytes(&vec![7; 900_000]).acl(acl).int(0)).await.unwrap();
    // Two thousand answers of 900 kB each would be 1.8 GB.
    let frame = Body::default().bytes(&Body::default().int(1).int(4).text("/big").bool(false).0).0;
    let flood = frame.repeat(2000);
    let _ = tokio::time::timeout(std::time::Duration::from_millis(500), greedy.stream.write_all(&flood)).await;
    let mut honest = Raw::connect(&cluster.address(0), 4000).await;
    assert_eq!(honest.ask(3, &Body::default().text("/big").bool(false)).await.unwrap().error, 0);
    let held = cluster.word(0, "cons").await;
    assert!(held.contains("queued="), "{held}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_from_one_address_are_limited() {
    let cluster = Cluster::with(1, "maxClientCnxns=3\n").await;
    let mut kept = Vec::new();
    for _ in 0..3 {
        kept.push(Raw::connect(&cluster.address(0), 4000).await);
    }
    assert!(Raw::join(&cluster.address(0), 4000, 0, &[0; 16], 0).await.is_none());
    kept.pop();
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    assert!(Raw::join(&cluster.address(0), 4000, 0, &[0; 16], 0).await.is_some());
    let log = cluster.log.lock().unwrap().join("\n");
    assert!(log.contains("Too many connections from /127.0.0.1 - max is 3"), "{log}");
}
