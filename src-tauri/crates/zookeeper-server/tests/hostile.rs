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

const OPEN: &[(i32, &str, &str)] = &[(31, "world", "anyone")];

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

fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) >> 10
}

fn flood_of_reads(path: &str, count: usize) -> Vec<u8> {
    Body::default().bytes(&Body::default().int(1).int(4).text(path).bool(false).0).0.repeat(count)
}

/// Twenty clients each ask for gigabytes and read nothing. Only what was promised lies in memory, and others are served between.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn greedy_clients_neither_fill_memory_nor_starve_others() {
    let cluster = Cluster::start(1).await;
    let mut honest = Raw::connect(&cluster.address(0), 30_000).await;
    honest.ask(1, &Body::default().text("/big").bytes(&vec![7; 900_000]).acl(OPEN).int(0)).await.unwrap();
    let before = memory();
    let mut greedy = Vec::new();
    for _ in 0..20 {
        let mut client = Raw::connect(&cluster.address(0), 30_000).await;
        // Reads, and reads that stand behind writes.
        let write = Body::default().int(1).int(5).text("/small").bytes(b"x").int(-1);
        client.stream.write_all(&Body::default().bytes(&write.0).0).await.unwrap();
        let flood = flood_of_reads("/big", 4000);
        let _ = tokio::time::timeout(std::time::Duration::from_millis(20), client.stream.write_all(&flood)).await;
        greedy.push(client);
    }
    for _ in 0..100 {
        assert_eq!(honest.ask(3, &Body::default().text("/big").bool(false)).await.unwrap().error, 0);
    }
    let grown = memory().saturating_sub(before);
    // 4 MiB each, an answer more, and what sockets hold: 20 unread floods would be 72 GB.
    assert!(grown < 400, "{grown} MiB");
    // One of them reads at last, and gets everything in order.
    let late = &mut greedy[0];
    let first = late.receive().await.unwrap();
    assert_eq!(first.error, -101);
    for _ in 0..30 {
        assert_eq!(late.receive().await.unwrap().body.len(), 900_000 + 4 + 68);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_comes_with_the_first_frame_is_answered_behind_it() {
    for servers in [1, 3] {
        let cluster = Cluster::start(servers).await;
        let connect = Body::default().int(0).long(0).int(4000).long(0).bytes(&[0; 16]).bool(false);
        let auth = Body::default().int(-4).int(100).int(0).text("digest").bytes(b"u:p");
        let read = Body::default().int(1).int(3).text("/").bool(false);
        let all = [connect, auth, read].iter().fold(Body::default(), |all, frame| all.bytes(&frame.0));
        let mut stream = tokio::net::TcpStream::connect(cluster.address(servers - 1)).await.unwrap();
        stream.write_all(&all.0).await.unwrap();
        for (length, first) in [(37, 0), (16, -4), (16 + 68, 1)] {
            let mut frame = vec![0; tokio::io::AsyncReadExt::read_u32(&mut stream).await.unwrap() as usize];
            tokio::io::AsyncReadExt::read_exact(&mut stream, &mut frame).await.unwrap();
            assert_eq!((frame.len(), i32::from_be_bytes(frame[..4].try_into().unwrap())), (length, first));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_sent_before_the_end_is_done() {
    let cluster = Cluster::start(1).await;
    let mut honest = Raw::connect(&cluster.address(0), 30_000).await;
    honest.ask(1, &Body::default().text("/all").bytes(b"").acl(OPEN).int(0)).await.unwrap();
    let mut hasty = Raw::connect(&cluster.address(0), 30_000).await;
    let mut all = Vec::new();
    for n in 0..500 {
        let create = Body::default().int(n).int(1).text("/all/n-").bytes(b"").acl(OPEN).int(2);
        all.extend(Body::default().bytes(&create.0).0);
        all.extend(flood_of_reads("/all", 1));
    }
    hasty.stream.write_all(&all).await.unwrap();
    drop(hasty);
    let mut made = 0;
    for _ in 0..400 {
        let counted = honest.ask(104, &Body::default().text("/all")).await.unwrap();
        made = i32::from_be_bytes(counted.body[..4].try_into().unwrap());
        if made == 500 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("only {made} of 500");
}

/// A client that pipelines without end gets no more turns than one that asks once at a time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_client_cannot_starve_another() {
    let cluster = Cluster::start(1).await;
    let mut honest = Raw::connect(&cluster.address(0), 30_000).await;
    honest.ask(1, &Body::default().text("/wide").bytes(b"").acl(OPEN).int(0)).await.unwrap();
    for _ in 0..8 {
        let parts = (0..100).fold(Body::default(), |body, _| {
            body.int(1).bool(false).int(-1).text("/wide/child-with-a-long-name-").bytes(b"").acl(OPEN).int(2)
        });
        let made = honest.ask(14, &parts.int(-1).bool(true).int(-1)).await.unwrap();
        assert_eq!(made.error, 0);
    }
    let mut tasks = Vec::new();
    for _ in 0..3 {
        let client = Raw::connect(&cluster.address(0), 30_000).await;
        let (mut reader, mut writer) = client.stream.into_split();
        let flood = Body::default().bytes(&Body::default().int(1).int(8).text("/wide").bool(false).0).0.repeat(200);
        tasks.push(tokio::spawn(async move { while writer.write_all(&flood).await.is_ok() {} }));
        tasks.push(tokio::spawn(async move { _ = tokio::io::copy(&mut reader, &mut tokio::io::sink()).await }));
    }
    for n in 0..50 {
        let answer = honest.ask(5, &Body::default().text("/wide").bytes(&[n]).int(-1)).await.unwrap();
        assert_eq!(answer.error, 0);
    }
    tasks.iter().for_each(tokio::task::JoinHandle::abort);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reads_between_writes_see_what_was_written_before_and_nothing_after() {
    let cluster = Cluster::start(1).await;
    let mut client = Raw::connect(&cluster.address(0), 30_000).await;
    client.ask(1, &Body::default().text("/n").bytes(b"").acl(OPEN).int(0)).await.unwrap();
    let mut all = Vec::new();
    for n in 0..600_i32 {
        // Large, so that answers take many turns.
        let data = [n.to_be_bytes().as_slice(), &[0; 20_000]].concat();
        let write = Body::default().int(3 * n).int(5).text("/n").bytes(&data).int(-1);
        let read = |xid: i32| Body::default().int(xid).int(4).text("/n").bool(false);
        for frame in [write, read(3 * n + 1), read(3 * n + 2)] {
            all.extend(Body::default().bytes(&frame.0).0);
        }
    }
    let (mut reader, mut writer) = client.stream.into_split();
    let writing = tokio::spawn(async move {
        writer.write_all(&all).await.unwrap();
        writer
    });
    for xid in 0..1800_i32 {
        let mut frame = vec![0; tokio::io::AsyncReadExt::read_u32(&mut reader).await.unwrap() as usize];
        tokio::io::AsyncReadExt::read_exact(&mut reader, &mut frame).await.unwrap();
        let answered = i32::from_be_bytes(frame[..4].try_into().unwrap());
        assert_eq!(answered, xid);
        if xid % 3 > 0 {
            assert_eq!(i32::from_be_bytes(frame[20..24].try_into().unwrap()), xid / 3);
        }
    }
    drop(writing.await.unwrap());
}

/// Connections that the test below wants from a process of their own; without its variable there is nothing to do.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hold_connections() {
    let Ok(wanted) = std::env::var("ZK_HOLD") else { return };
    let (address, count) = wanted.split_once(' ').unwrap();
    let mut held = Vec::new();
    for _ in 0..count.parse::<usize>().unwrap() {
        held.push(Raw::connect(address, 40_000).await);
    }
    println!("\nheld");
    // Until the other side ends this process or its input.
    let end = || std::io::Read::read(&mut std::io::stdin(), &mut [0; 1]);
    tokio::task::spawn_blocking(end).await.unwrap().unwrap();
}

/// How many files a process may have open, this one's own apart.
fn most_files() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits.lines().find(|line| line.starts_with("Max open files")).unwrap_or_default();
    let soft = line.split_whitespace().nth(3).and_then(|word| word.parse().ok());
    soft.unwrap_or(1024_usize).saturating_sub(500)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_idle_connections_disturb_nobody() {
    let all = std::env::var("STARTLINE_REAL").as_deref() == Ok("1");
    let count = most_files().min(if all { 10_000 } else { 1_000 });
    let cluster = Cluster::with(1, "maxSessionTimeout=40000\n").await;
    let mut child = tokio::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "hold_connections", "--nocapture"])
        .env("ZK_HOLD", format!("{} {count}", cluster.address(0)))
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = tokio::io::AsyncBufReadExt::lines(tokio::io::BufReader::new(child.stdout.take().unwrap()));
    while let Some(line) = lines.next_line().await.unwrap() {
        if line == "held" {
            break;
        }
    }
    let said = cluster.word(0, "srvr").await;
    assert!(said.contains(&format!("Connections: {}\n", count + 1)), "{said}");
    let mut client = Raw::connect(&cluster.address(0), 30_000).await;
    for _ in 0..100 {
        assert_eq!(client.ask(3, &Body::default().text("/").bool(false)).await.unwrap().error, 0);
    }
    drop(child.stdin.take());
    child.wait().await.unwrap();
    // All of them are gone at once.
    for _ in 0..400 {
        if cluster.word(0, "srvr").await.contains("Connections: 2\n") {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("{}", cluster.word(0, "srvr").await);
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
