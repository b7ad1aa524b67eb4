//! How far one practice master goes: 10,000 agents, 100,000 tasks, 100 frameworks, 50 subscribers. Prints rows of a
//! markdown table: promise, limit, measured. `SCALE=0.1` makes everything smaller.

use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr, SocketAddrV4},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use mesos_server::{Fleet, FleetOptions, Links, Log, Master, MasterFlags, MasterOptions};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
    time::timeout,
};

const PATIENCE: Duration = Duration::from_secs(120);

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    if let Err(why) = runtime.block_on(run()) {
        println!("| the benchmark | | gave up: {why} |");
        std::process::exit(1);
    }
}

type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

fn scaled(number: usize) -> usize {
    let scale: f64 = std::env::var("SCALE").ok().and_then(|s| s.parse().ok()).unwrap_or(1.0);
    ((number as f64 * scale) as usize).max(1)
}

/// What this process holds in memory, in MB.
fn memory() -> f64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|rest| rest.trim().trim_end_matches(" kB").parse::<f64>().ok()).unwrap_or_default() / 1024.0
}

/// A connection that is kept, and reads answers whole.
struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    async fn open(to: SocketAddr) -> Outcome<Self> {
        let stream = TcpStream::connect(to).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::new() })
    }

    async fn send(&mut self, head: &str, body: &str) -> Outcome<()> {
        let text = format!(
            "{head} HTTP/1.1\r\nHost: m\r\nContent-Type: application/json\r\nContent-Length: {}\r\n",
            body.len()
        );
        self.stream.write_all(text.as_bytes()).await?;
        Ok(())
    }

    async fn call(&mut self, path: &str, stream_id: &str, body: &Value) -> Outcome<u16> {
        let body = body.to_string();
        self.send(&format!("POST {path}"), &body).await?;
        self.stream.write_all(format!("Mesos-Stream-Id: {stream_id}\r\n\r\n{body}").as_bytes()).await?;
        let head = self.head().await?;
        Ok(head.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or_default())
    }

    async fn fill(&mut self) -> Outcome<()> {
        let read = timeout(PATIENCE, self.stream.read_buf(&mut self.buffer)).await??;
        if read == 0 { Err("the connection ended".into()) } else { Ok(()) }
    }

    /// The head of an answer without a body, or with one that follows.
    async fn head(&mut self) -> Outcome<String> {
        loop {
            if let Some(end) = self.buffer.windows(4).position(|w| w == b"\r\n\r\n") {
                let head = String::from_utf8_lossy(&self.buffer[..end]).into_owned();
                self.buffer.drain(..end + 4);
                return Ok(head);
            }
            self.fill().await?;
        }
    }

    /// The next chunk of a chunked body.
    async fn chunk(&mut self) -> Outcome<Vec<u8>> {
        loop {
            if let Some(end) = self.buffer.windows(2).position(|w| w == b"\r\n") {
                let length = usize::from_str_radix(std::str::from_utf8(&self.buffer[..end])?.trim(), 16)?;
                if self.buffer.len() >= end + 2 + length + 2 {
                    let chunk = self.buffer[end + 2..end + 2 + length].to_vec();
                    self.buffer.drain(..end + 2 + length + 2);
                    // The room for a whole state is not kept: this process's memory is what is measured.
                    self.buffer.shrink_to(1 << 20);
                    return Ok(chunk);
                }
                self.buffer.reserve(length);
            }
            self.fill().await?;
        }
    }
}

/// RecordIO out of chunks.
#[derive(Default)]
struct Records(Vec<u8>);

impl Records {
    fn next(&mut self) -> Option<Vec<u8>> {
        let end = self.0.iter().position(|b| *b == b'\n')?;
        let length: usize = std::str::from_utf8(&self.0[..end]).ok()?.parse().ok()?;
        if self.0.len() < end + 1 + length {
            return None;
        }
        let record = self.0[end + 1..end + 1 + length].to_vec();
        self.0.drain(..end + 1 + length);
        Some(record)
    }
}

/// What all frameworks count together.
#[derive(Default)]
struct Counts {
    running: AtomicUsize,
    killed: AtomicUsize,
}

/// A framework that launches so many tasks, and then some more and kills them, as fast as it is told to.
async fn framework(
    to: SocketAddr,
    name: String,
    tasks: usize,
    counts: Arc<Counts>,
    mut churn: tokio::sync::watch::Receiver<usize>,
) -> Outcome<()> {
    const PATH: &str = "/api/v1/scheduler";
    let mut events = Connection::open(to).await?;
    let mut calls = Connection::open(to).await?;
    let info = json!({"user": "root", "name": name, "roles": ["*"], "failover_timeout": 60.0, "checkpoint": true,
        "capabilities": [{"type": "MULTI_ROLE"}, {"type": "PARTITION_AWARE"}]});
    let subscribe = json!({"type": "SUBSCRIBE", "subscribe": {"framework_info": info}}).to_string();
    events.send(&format!("POST {PATH}"), &subscribe).await?;
    events.stream.write_all(format!("\r\n{subscribe}").as_bytes()).await?;
    let head = events.head().await?;
    let stream_id = head.lines().find_map(|l| l.strip_prefix("mesos-stream-id: ")).ok_or("no stream id")?.to_owned();
    let mut records = Records::default();
    let mut id = Value::Null;
    let mut left = tasks;
    let mut number = 0usize;
    let mut here: Vec<Value> = Vec::new();
    loop {
        while let Some(record) = records.next() {
            let event: Value = serde_json::from_slice(&record)?;
            match event["type"].as_str() {
                Some("SUBSCRIBED") => id = event["subscribed"]["framework_id"].clone(),
                Some("OFFERS") => {
                    let mut refused = Vec::new();
                    let refuse = json!({"refuse_seconds": 3600.0});
                    for offer in event["offers"]["offers"].as_array().into_iter().flatten() {
                        // What is left of an agent may be memory alone.
                        let cpus = offer["resources"].as_array().into_iter().flatten().find(|r| r["name"] == "cpus");
                        let room = cpus.and_then(|r| r["scalar"]["value"].as_f64()).is_some_and(|cpus| cpus >= 1.0);
                        let now = if room { left.min(10) } else { 0 };
                        if now == 0 {
                            refused.push(offer["id"].clone());
                            continue;
                        }
                        left -= now;
                        let infos: Vec<Value> = (0..now).map(|n| task(&name, number + n, &offer["agent_id"])).collect();
                        number += now;
                        let body = json!({"offer_ids": [offer["id"]], "filters": refuse,
                            "operations": [{"type": "LAUNCH", "launch": {"task_infos": infos}}]});
                        calls
                            .call(PATH, &stream_id, &json!({"type": "ACCEPT", "framework_id": id, "accept": body}))
                            .await?;
                    }
                    if !refused.is_empty() {
                        let body = json!({"offer_ids": refused, "filters": refuse});
                        calls
                            .call(PATH, &stream_id, &json!({"type": "DECLINE", "framework_id": id, "decline": body}))
                            .await?;
                    }
                    if left == 0 {
                        calls
                            .call(PATH, &stream_id, &json!({"type": "SUPPRESS", "framework_id": id, "suppress": {}}))
                            .await?;
                    }
                }
                Some("UPDATE") => {
                    let status = &event["update"]["status"];
                    match status["state"].as_str() {
                        Some("TASK_RUNNING") => {
                            here.push(status["task_id"].clone());
                            counts.running.fetch_add(1, Ordering::Relaxed)
                        }
                        Some("TASK_KILLED") => counts.killed.fetch_add(1, Ordering::Relaxed),
                        _ => 0,
                    };
                    let ack =
                        json!({"agent_id": status["agent_id"], "task_id": status["task_id"], "uuid": status["uuid"]});
                    calls
                        .call(PATH, &stream_id, &json!({"type": "ACKNOWLEDGE", "framework_id": id, "acknowledge": ack}))
                        .await?;
                }
                _ => {}
            }
        }
        tokio::select! {
            chunk = events.chunk() => records.0.extend_from_slice(&chunk?),
            changed = churn.changed(), if left == 0 => {
                changed?;
                // One task fewer: a status for everybody who follows.
                if let Some(task) = here.pop() {
                    calls.call(PATH, &stream_id, &json!({"type": "KILL", "framework_id": id, "kill": {"task_id": task}})).await?;
                }
            }
        }
    }
}

fn task(framework: &str, number: usize, agent: &Value) -> Value {
    let id = format!("{framework}.task-{number}");
    json!({"name": "web", "task_id": {"value": id}, "agent_id": agent, "command": {"value": "sleep infinity"},
        "labels": {"labels": [{"key": "app", "value": "/shop/web"}]},
        "resources": [{"name": "cpus", "type": "SCALAR", "scalar": {"value": 0.1}}, {"name": "mem", "type": "SCALAR", "scalar": {"value": 32}}]})
}

async fn until(what: &str, done: impl Fn() -> bool) -> Outcome<Duration> {
    let begin = Instant::now();
    while !done() {
        if begin.elapsed() > PATIENCE {
            return Err(format!("no {what} in {PATIENCE:?}").into());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(begin.elapsed())
}

async fn get(to: SocketAddr, path: &str) -> Outcome<(usize, Duration, Duration)> {
    let mut stream = TcpStream::connect(to).await?;
    let begin = Instant::now();
    stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: m\r\nConnection: close\r\n\r\n").as_bytes()).await?;
    let mut buffer = vec![0; 1 << 20];
    let (mut bytes, mut first) = (0, None);
    loop {
        let read = timeout(PATIENCE, stream.read(&mut buffer)).await??;
        first.get_or_insert(begin.elapsed());
        if read == 0 {
            return Ok((bytes, begin.elapsed(), first.unwrap_or_default()));
        }
        bytes += read;
    }
}

async fn run() -> Outcome<()> {
    let (agents, tasks, frameworks, subscribers) = (scaled(10_000), scaled(100_000), scaled(100), 50);
    let folder = tempfile::tempdir()?;
    let links = Arc::new(Links::new());
    let ip = Ipv4Addr::new(127, 77, (std::process::id() >> 8) as u8, std::process::id() as u8 | 1);
    let flags: BTreeMap<String, String> = [
        ("ip", ip.to_string()),
        ("port", "0".into()),
        ("hostname", ip.to_string()),
        ("work_dir", "/m".into()),
        ("agent_ping_timeout", "15secs".into()),
    ]
    .map(|(k, v)| (k.to_owned(), v))
    .into();
    let options =
        MasterOptions { host: ip, root: folder.path().to_owned(), log: Log::none(), links: Arc::clone(&links) };
    let master = Master::start(MasterFlags::parse(&flags)?, options).await?;
    let address = master.address();
    println!("| promise | limit | measured |");
    println!("|---|---|---|");
    let begin = Instant::now();
    let fleet = FleetOptions {
        count: agents as u32,
        first: Ipv4Addr::new(10, 0, 0, 1),
        resources: "cpus:4;mem:8192;disk:10000;ports:[31000-32000]".into(),
        attributes: "rack:r1;zone:z1".into(),
    };
    let fleet = Fleet::join(&links, SocketAddrV4::new(ip, address.port()), &fleet)?;
    loop {
        let (bytes, _, _) = get(address, "/slaves").await?;
        if bytes > agents * 900 || begin.elapsed() > PATIENCE {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    println!("| {} agents register | | {:.1} s |", fleet.count(), begin.elapsed().as_secs_f64());

    let counts = Arc::new(Counts::default());
    let (churn, seen) = tokio::sync::watch::channel(0usize);
    let mut schedulers = JoinSet::new();
    let begin = Instant::now();
    for n in 0..frameworks {
        let share = tasks / frameworks;
        schedulers.spawn(framework(address, format!("framework-{n}"), share, Arc::clone(&counts), seen.clone()));
    }
    let launched = tasks / frameworks * frameworks;
    tokio::select! {
        running = until("running tasks", || counts.running.load(Ordering::Relaxed) >= launched) => drop(running?),
        Some(ended) = schedulers.join_next() => return Err(format!("a scheduler ended: {ended:?}").into()),
    }
    let took = begin.elapsed().as_secs_f64();
    println!(
        "| {frameworks} frameworks launch {launched} tasks: offers, launches, statuses, acknowledgements | | {took:.1} s, {:.0} tasks/s |",
        launched as f64 / took
    );
    println!(
        "| memory with {agents} agents and {launched} tasks, schedulers included | 1024 MB | {:.0} MB |",
        memory()
    );

    let mut best = (0.0, 0, Duration::ZERO);
    for _ in 0..5 {
        let (bytes, took, first) = get(address, "/state").await?;
        let speed = bytes as f64 / took.as_secs_f64() / 1e6;
        if speed > best.0 {
            best = (speed, bytes, first);
        }
    }
    println!(
        "| `/state` of it, streamed | 500 MB/s | {:.0} MB/s ({:.0} MB, first byte after {:.0} ms) |",
        best.0,
        best.1 as f64 / 1e6,
        best.2.as_secs_f64() * 1e3
    );
    println!("| memory after five of these | 1024 MB | {:.0} MB |", memory());

    follow(address, subscribers, frameworks, &counts, &churn).await?;
    println!("| memory after that | 1024 MB | {:.0} MB |", memory());
    Ok(())
}

/// Subscribers that follow while tasks end.
async fn follow(
    to: SocketAddr,
    subscribers: usize,
    frameworks: usize,
    counts: &Arc<Counts>,
    churn: &tokio::sync::watch::Sender<usize>,
) -> Outcome<()> {
    const SECONDS: usize = 5;
    let received = Arc::new(AtomicUsize::new(0));
    let mut following = JoinSet::new();
    let begin = Instant::now();
    for _ in 0..subscribers {
        let mut connection = Connection::open(to).await?;
        let body = r#"{"type":"SUBSCRIBE"}"#;
        connection.send("POST /api/v1", body).await?;
        connection.stream.write_all(format!("\r\n{body}").as_bytes()).await?;
        connection.head().await?;
        // The state first: it is large, and nobody needs it here.
        let mut length = 0;
        let mut wanted = None;
        while wanted.is_none_or(|wanted| length < wanted) {
            let chunk = connection.chunk().await?;
            if wanted.is_none() {
                let end = chunk.iter().position(|b| *b == b'\n').ok_or("no record")?;
                wanted = Some(std::str::from_utf8(&chunk[..end])?.parse::<usize>()? + end + 1);
            }
            length += chunk.len();
        }
        let received = Arc::clone(&received);
        following.spawn(async move {
            while let Ok(chunk) = connection.chunk().await {
                let events = chunk.windows(14).filter(|w| w == b"\"TASK_UPDATED\"").count();
                received.fetch_add(events, Ordering::Relaxed);
            }
        });
    }
    println!("| {subscribers} subscribers have the whole state | | {:.1} s |", begin.elapsed().as_secs_f64());
    let before = counts.killed.load(Ordering::Relaxed);
    let begin = Instant::now();
    let rounds = (1_000 * SECONDS).div_ceil(frameworks);
    let mut tick = tokio::time::interval(Duration::from_secs(SECONDS as u64) / rounds as u32);
    for round in 0..rounds {
        tick.tick().await;
        churn.send_replace(round + 1);
    }
    let made = begin.elapsed();
    // The last ones may be on their way.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let ended = counts.killed.load(Ordering::Relaxed) - before;
    let expected = ended * subscribers;
    let late = until("all events", || received.load(Ordering::Relaxed) >= expected).await?;
    println!(
        "| {subscribers} subscribers follow changes | 1000/s | {:.0} changes/s, {:.0} events/s out, the last {:.0} ms late; {} of {expected} arrived |",
        ended as f64 / made.as_secs_f64(),
        received.load(Ordering::Relaxed) as f64 / made.as_secs_f64(),
        late.as_secs_f64() * 1e3,
        received.load(Ordering::Relaxed),
    );
    Ok(())
}
