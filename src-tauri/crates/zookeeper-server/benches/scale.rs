//! What the practice ZooKeeper holds and how fast it answers, beside the real one where Java is there: `cargo bench -p zookeeper-server`.
//!
//! Prints rows of a markdown table. The client is a plain thread per connection that keeps a number of requests under way.

use std::{
    error::Error,
    fs,
    io::{BufReader, Read, Write},
    net::{Ipv4Addr, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;
use zookeeper_server::{Config, Log, Options, Server};

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Folders, and znodes in each: a million.
const FOLDERS: usize = 1000;
const IN_EACH: usize = 1000;
/// Operations of one measurement.
const OPERATIONS: usize = 200_000;
/// Requests under way on one connection.
const WINDOW: usize = 500;
/// The real server makes znodes for so long; the practice ensemble shall make all of them, and gives up only where it never would.
const PATIENCE: Duration = Duration::from_secs(20);
const OUR_PATIENCE: Duration = Duration::from_secs(200);

fn main() -> Outcome<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    println!("| promise | limit | practice | real ZooKeeper 3.8.0 |");
    println!("|---|---|---|---|");
    let practice = runtime.block_on(Practice::start(1))?;
    let ours = speeds(&practice.address, OPERATIONS)?;
    runtime.block_on(practice.stop());
    let real = Real::start()?;
    let theirs = match &real {
        Some(real) => Some(speeds(&real.address, OPERATIONS / 8)?),
        None => None,
    };
    for (n, (what, rate)) in ours.iter().enumerate() {
        let theirs = theirs.as_ref().map_or_else(|| "not there".to_owned(), |rates| per_second(rates[n].1));
        println!("| {what}, one connection, pipelined | 50,000/s | {} | {theirs} |", per_second(*rate));
    }
    let theirs = match &real {
        Some(real) => Some(million(&real.address, PATIENCE, || real.memory())?),
        None => None,
    };
    drop(real);
    let practice = runtime.block_on(Practice::start(3))?;
    let ours = million(&practice.address, OUR_PATIENCE, || memory("self"))?;
    print_million(&ours, theirs.as_ref());
    let practice = runtime.block_on(practice.restart())?;
    println!(
        "| all three up again from disk, {} znodes each | none | {:.1} s | |",
        grouped(ours.made as u64),
        practice.took.as_secs_f64()
    );
    runtime.block_on(practice.stop());
    Ok(())
}

fn per_second(rate: f64) -> String {
    format!("{}/s", grouped(rate as u64))
}

/// With commas between thousands.
fn grouped(number: u64) -> String {
    if number < 1000 { number.to_string() } else { format!("{},{:03}", grouped(number / 1000), number % 1000) }
}

fn print_million(ours: &Million, theirs: Option<&Million>) {
    let cell = |show: &dyn Fn(&Million) -> String| theirs.map_or_else(|| "not there".to_owned(), show);
    let made = |million: &Million| format!("{} in {:.1} s", grouped(million.made as u64), million.took.as_secs_f64());
    println!(
        "| 1,000,000 znodes of 32 bytes (practice: in three servers; real: in one) | 1,000,000 | {} | {} |",
        made(ours),
        cell(&made)
    );
    let bytes = |servers: u64| {
        move |million: &Million| format!("{} bytes", million.grown / servers / million.made.max(1) as u64)
    };
    println!("| memory of a znode in a server | none | {} | {} |", bytes(3)(ours), cell(&bytes(1)));
    let pause = |million: &Million| format!("{} ms", million.pause.as_millis());
    println!(
        "| longest wait of a client that reads meanwhile (snapshots are taken) | none | {} | {} |",
        pause(ours),
        cell(&pause)
    );
}

/// Reads, writes, creates: how many a second.
fn speeds(address: &str, operations: usize) -> Outcome<Vec<(&'static str, f64)>> {
    let mut client = Client::connect(address)?;
    client.ask(&create("/speed"))?;
    let get = frame(4, |body| put_text(body, "/speed").push(0));
    let set = frame(5, |body| {
        put_bytes(put_text(body, "/speed"), &[7; 32]).extend_from_slice(&(-1_i32).to_be_bytes());
    });
    let mut rates = vec![("getData", client.rate((0..operations).map(|_| get.clone()))?)];
    rates.push(("setData", client.rate((0..operations).map(|_| set.clone()))?));
    rates.push(("create", client.rate((0..operations / 4).map(|n| create(&format!("/speed/{n}"))))?));
    Ok(rates)
}

/// What making a million znodes took.
struct Million {
    made: usize,
    took: Duration,
    grown: u64,
    pause: Duration,
}

fn million(address: &str, patience: Duration, memory: impl Fn() -> u64) -> Outcome<Million> {
    let mut client = Client::connect(address)?;
    client.rate((0..FOLDERS).map(|n| create(&format!("/m{n:03}"))))?;
    let (begin, before) = (Instant::now(), memory());
    let over = move || begin.elapsed() > patience;
    let watcher = Watcher::start(address)?;
    let mut workers = Vec::new();
    for part in 0..4 {
        let mut client = Client::connect(address)?;
        workers.push(thread::spawn(move || -> Outcome<usize> {
            let mut made = 0;
            for folder in (part..FOLDERS).step_by(4) {
                if over() {
                    break;
                }
                client.rate((0..IN_EACH).map(|n| create(&format!("/m{folder:03}/node{n:05}"))))?;
                made += IN_EACH;
            }
            Ok(made)
        }));
    }
    let mut made = 0;
    for worker in workers {
        made += worker.join().map_err(|_| "a client failed")??;
    }
    let took = begin.elapsed();
    Ok(Million { made, took, grown: memory().saturating_sub(before), pause: watcher.stop()? })
}

/// Reads one znode again and again, and remembers its longest wait.
struct Watcher {
    stop: std::sync::mpsc::Sender<()>,
    thread: thread::JoinHandle<Outcome<Duration>>,
}

impl Watcher {
    fn start(address: &str) -> Outcome<Self> {
        let mut client = Client::connect(address)?;
        let (stop, stopped) = std::sync::mpsc::channel();
        let thread = thread::spawn(move || -> Outcome<Duration> {
            let mut longest = Duration::ZERO;
            while stopped.recv_timeout(Duration::from_millis(5)) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
                let begin = Instant::now();
                client.ask(&frame(4, |body| put_text(body, "/").push(0)))?;
                longest = longest.max(begin.elapsed());
            }
            Ok(longest)
        });
        Ok(Self { stop, thread })
    }

    fn stop(self) -> Outcome<Duration> {
        drop(self.stop);
        self.thread.join().map_err(|_| "the watcher failed")?
    }
}

/// Resident memory of a process, bytes.
fn memory(process: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) * 1024
}

// Requests.

fn put_bytes<'a>(body: &'a mut Vec<u8>, bytes: &[u8]) -> &'a mut Vec<u8> {
    body.extend_from_slice(&(bytes.len() as u32).to_be_bytes());
    body.extend_from_slice(bytes);
    body
}

fn put_text<'a>(body: &'a mut Vec<u8>, text: &str) -> &'a mut Vec<u8> {
    put_bytes(body, text.as_bytes())
}

fn frame(kind: i32, fill: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut body = vec![0, 0, 0, 1];
    body.extend_from_slice(&kind.to_be_bytes());
    fill(&mut body);
    let mut framed = Vec::new();
    put_bytes(&mut framed, &body);
    framed
}

fn create(path: &str) -> Vec<u8> {
    frame(1, |body| {
        put_bytes(put_text(body, path), &[7; 32]);
        body.extend_from_slice(&[0, 0, 0, 1, 0, 0, 0, 31]);
        put_text(put_text(body, "world"), "anyone");
        body.extend_from_slice(&[0; 4]);
    })
}

struct Client {
    reader: BufReader<TcpStream>,
    writer: TcpStream,
}

impl Client {
    fn connect(address: &str) -> Outcome<Self> {
        let writer = TcpStream::connect(address)?;
        writer.set_nodelay(true)?;
        let mut client = Self { reader: BufReader::with_capacity(1 << 16, writer.try_clone()?), writer };
        let mut body = vec![0; 12];
        body.extend_from_slice(&60_000_u32.to_be_bytes());
        body.extend_from_slice(&[0; 8]);
        put_bytes(&mut body, &[0; 16]).push(0);
        let mut framed = Vec::new();
        client.writer.write_all(put_bytes(&mut framed, &body))?;
        client.receive(false)?;
        Ok(client)
    }

    fn receive(&mut self, header: bool) -> Outcome<()> {
        let mut length = [0; 4];
        self.reader.read_exact(&mut length)?;
        let mut answer = vec![0; u32::from_be_bytes(length) as usize];
        self.reader.read_exact(&mut answer)?;
        match answer.get(12..16) {
            Some(error) if header && error != [0; 4] => Err(format!("the server says {error:?}").into()),
            _ => Ok(()),
        }
    }

    fn ask(&mut self, request: &[u8]) -> Outcome<()> {
        self.writer.write_all(request)?;
        self.receive(true)
    }

    /// Sends all requests, at most a window of them unanswered; how many a second.
    fn rate(&mut self, requests: impl Iterator<Item = Vec<u8>>) -> Outcome<f64> {
        let begin = Instant::now();
        let (mut sent, mut answered) = (0, 0);
        let mut batch = Vec::new();
        let mut requests = requests.peekable();
        while requests.peek().is_some() || answered < sent {
            while sent - answered < WINDOW
                && let Some(request) = requests.next()
            {
                batch.extend_from_slice(&request);
                sent += 1;
            }
            self.writer.write_all(&batch)?;
            batch.clear();
            // A part of the window is waited for, so that requests travel together.
            for _ in 0..(sent - answered).min(WINDOW / 4) {
                self.receive(true)?;
                answered += 1;
            }
        }
        Ok(f64::from(answered as u32) / begin.elapsed().as_secs_f64())
    }
}

// Servers.

const ZOO_CFG: &str = "tickTime=2000\ninitLimit=10\nsyncLimit=5\nclientPort=2181\nmaxClientCnxns=0\nmaxSessionTimeout=60000\n\
                       admin.enableServer=false\n4lw.commands.whitelist=*\n";

/// Practice servers in this process.
struct Practice {
    servers: Vec<Server>,
    hosts: Vec<Ipv4Addr>,
    folder: TempDir,
    address: String,
    took: Duration,
}

impl Practice {
    async fn start(count: u8) -> Outcome<Self> {
        let hosts = (1..=count).map(|n| Ipv4Addr::new(127, 238, (std::process::id() % 250) as u8, n)).collect();
        Self::begin(hosts, TempDir::new()?).await
    }

    async fn begin(hosts: Vec<Ipv4Addr>, folder: TempDir) -> Outcome<Self> {
        let begin = Instant::now();
        let mut text = format!("{ZOO_CFG}dataDir=/data\n");
        if hosts.len() > 1 {
            hosts.iter().enumerate().for_each(|(n, host)| text += &format!("server.{}={host}:2888:3888\n", n + 1));
        }
        let mut servers = Vec::new();
        for (n, host) in hosts.iter().enumerate() {
            let root = folder.path().join(n.to_string());
            fs::create_dir_all(root.join("data"))?;
            fs::write(root.join("data/myid"), (n + 1).to_string())?;
            servers.push(Server::start(Config::parse(&text)?, Options { host: *host, root, log: Log::none() }).await?);
        }
        let all: Vec<String> = hosts.iter().map(|host| format!("{host}:2181")).collect();
        // Clients of the bench are the leader's, as most are in small ensembles.
        let address = loop {
            let modes: Vec<String> = all.iter().map(|address| srvr(address)).collect();
            let serving = modes.iter().filter(|text| text.contains("Mode")).count();
            let leads =
                modes.iter().position(|text| text.contains("Mode: leader") || text.contains("Mode: standalone"));
            match leads {
                Some(leader) if serving == all.len() => break all[leader].clone(),
                _ => tokio::time::sleep(Duration::from_millis(10)).await,
            }
        };
        Ok(Self { servers, hosts, folder, address, took: begin.elapsed() })
    }

    async fn stop(self) {
        for server in self.servers {
            server.stop().await;
        }
    }

    async fn restart(self) -> Outcome<Self> {
        for server in self.servers {
            server.stop().await;
        }
        Self::begin(self.hosts, self.folder).await
    }
}

fn srvr(address: &str) -> String {
    let mut text = String::new();
    if let Ok(mut stream) = TcpStream::connect(address) {
        let _ = stream.write_all(b"srvr");
        let _ = stream.read_to_string(&mut text);
    }
    text
}

/// The real server, ended when dropped.
struct Real {
    child: Child,
    address: String,
    _folder: TempDir,
}

impl Real {
    fn start() -> Outcome<Option<Self>> {
        const JAR: &str = "/usr/share/java/zookeeper.jar";
        if !Path::new(JAR).exists() {
            eprintln!("without the real one: needs java and ZooKeeper's jars");
            return Ok(None);
        }
        let folder = TempDir::new()?;
        let host = Ipv4Addr::new(127, 239, (std::process::id() % 250) as u8, 1);
        let file: PathBuf = folder.path().join("zoo.cfg");
        fs::write(&file, format!("{ZOO_CFG}dataDir={}\nclientPortAddress={host}\n", folder.path().display()))?;
        let child = Command::new("java")
            .args(["-Xmx2g", "-cp", JAR, "org.apache.zookeeper.server.quorum.QuorumPeerMain"])
            .arg(&file)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let real = Self { child, address: format!("{host}:2181"), _folder: folder };
        let begin = Instant::now();
        while !srvr(&real.address).contains("Mode") {
            if begin.elapsed() > Duration::from_secs(30) {
                return Err("the real ZooKeeper does not start".into());
            }
            thread::sleep(Duration::from_millis(100));
        }
        Ok(Some(real))
    }

    fn memory(&self) -> u64 {
        memory(&self.child.id().to_string())
    }
}

impl Drop for Real {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
