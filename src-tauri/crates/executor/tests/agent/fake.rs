//! An agent that does what a test wants, and an executor under it.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;
use tls::Served;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;

/// How long anything may take on a busy machine.
const LONG: Duration = Duration::from_secs(30);

/// A call, as it came.
#[derive(Debug)]
pub struct Heard {
    pub call: Value,
    pub authorization: Option<String>,
}

#[derive(Clone)]
struct Desk {
    heard: UnboundedSender<Heard>,
    /// Where events of the newest subscription go.
    stream: Arc<Mutex<Option<UnboundedSender<Vec<u8>>>>>,
    /// So many calls are answered by 503.
    refusals: Arc<AtomicUsize>,
}

/// An agent.
pub struct Agent {
    pub heard: UnboundedReceiver<Heard>,
    desk: Desk,
    connections: Arc<Mutex<JoinSet<()>>>,
    pid: String,
    socket: Option<PathBuf>,
}

impl Agent {
    /// An agent on a port of its own.
    pub async fn on_port() -> Self {
        Self::on_port_over(None).await
    }

    /// An agent on a port that speaks TLS there, if that is given.
    pub async fn on_port_over(tls: Option<Served>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let pid = format!("slave(1)@{}", listener.local_addr().expect("an address"));
        let agent = Self::new(pid, None);
        let (desk, connections) = (agent.desk.clone(), agent.connections.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (tls, desk) = (tls.clone(), desk.clone());
                connections.lock().expect("a lock").spawn(async move {
                    let Some(tls) = tls else { return serve(stream, desk).await };
                    // Whoever does not trust us goes away.
                    if let Ok(stream) = tls.accept(stream).await {
                        serve(stream, desk).await;
                    }
                });
            }
        });
        agent
    }

    /// An agent on a socket in this folder.
    pub fn on_socket(folder: &Path) -> Self {
        let path = folder.join("agent.sock");
        let listener = UnixListener::bind(&path).expect("a socket");
        let agent = Self::new("slave(1)@127.0.0.1:1".to_owned(), Some(path));
        let (desk, connections) = (agent.desk.clone(), agent.connections.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                connections.lock().expect("a lock").spawn(serve(stream, desk.clone()));
            }
        });
        agent
    }

    fn new(pid: String, socket: Option<PathBuf>) -> Self {
        let (sender, heard) = unbounded_channel();
        let desk = Desk { heard: sender, stream: Arc::default(), refusals: Arc::default() };
        Self { heard, desk, connections: Arc::default(), pid, socket }
    }

    /// Says this on the newest subscription.
    pub fn say(&self, event: &Value) {
        let record = event.to_string();
        self.say_raw(format!("{}\n{record}", record.len()).as_bytes());
    }

    /// Says anything.
    pub fn say_raw(&self, bytes: &[u8]) {
        let stream = self.desk.stream.lock().expect("a lock");
        stream.as_ref().expect("a subscription").send(bytes.to_vec()).expect("an executor");
    }

    /// Launches a shell command as the task `t`.
    pub fn launch(&self, command: &str) {
        let task = json!({ "task_id": { "value": "t" }, "name": "t", "command": { "value": command } });
        self.say(&json!({ "type": "LAUNCH", "launch": { "task": task } }));
    }

    /// Acknowledges an update.
    pub fn acknowledge(&self, status: &Value) {
        let body = json!({ "task_id": status["task_id"], "uuid": status["uuid"] });
        self.say(&json!({ "type": "ACKNOWLEDGED", "acknowledged": body }));
    }

    /// Breaks all connections.
    pub fn cut(&self) {
        self.connections.lock().expect("a lock").abort_all();
    }

    /// Answers 503 to so many calls.
    pub fn refuse(&self, calls: usize) {
        self.desk.refusals.store(calls, Ordering::SeqCst);
    }

    /// The next call that is no heartbeat.
    pub async fn next(&mut self) -> Heard {
        let heard = tokio::time::timeout(LONG, self.heard.recv()).await;
        heard.expect("a call in time").expect("a call")
    }

    /// The next call, which opens the stream; answered by `SUBSCRIBED`.
    pub async fn subscribed(&mut self) -> Heard {
        let heard = self.next().await;
        assert_eq!(heard.call["type"], "SUBSCRIBE", "{heard:?}");
        self.say(&json!({ "type": "SUBSCRIBED", "subscribed": { "agent_info": { "hostname": "here" } } }));
        heard
    }

    /// The next call, which is an update.
    pub async fn update(&mut self) -> Value {
        let heard = self.next().await;
        assert_eq!(heard.call["type"], "UPDATE", "{heard:?}");
        heard.call["update"]["status"].clone()
    }

    /// Starts an executor under this agent.
    pub fn start_executor(&self, env: &[(&str, &str)]) -> Executor {
        let folder = tempfile::tempdir().expect("a sandbox");
        let log = |name: &str| std::fs::File::create(folder.path().join(name)).expect("a log");
        let mut command = Command::new(program());
        command.arg0("mesos-executor");
        command.env("MESOS_FRAMEWORK_ID", "F").env("MESOS_EXECUTOR_ID", "t").env("MESOS_SLAVE_PID", &self.pid);
        command.env("MESOS_CHECKPOINT", "1").env("MESOS_RECOVERY_TIMEOUT", "1mins");
        if let Some(socket) = &self.socket {
            command.env("MESOS_DOMAIN_SOCKET", socket);
        }
        command.envs(env.iter().copied()).current_dir(folder.path());
        let child = command.stdin(Stdio::null()).stdout(log("stdout")).stderr(log("stderr")).spawn();
        Executor { child: child.expect("the executor starts"), folder }
    }
}

/// The executor: another build of it can be named, which answers to the name that agents call it by.
fn program() -> PathBuf {
    std::env::var_os("STARTLINE_EXECUTOR").map_or_else(|| env!("CARGO_BIN_EXE_mesos-executor").into(), PathBuf::from)
}

/// An executor's process, and its sandbox.
pub struct Executor {
    child: Child,
    folder: TempDir,
}

impl Executor {
    /// Its number.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// A file of its sandbox.
    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(name)).unwrap_or_default()
    }

    /// Waits until what is in its sandbox is as wanted.
    pub async fn until_written(&self, name: &str, wanted: impl Fn(&str) -> bool) -> String {
        let end = Instant::now() + LONG;
        loop {
            let text = self.read(name);
            if wanted(&text) {
                return text;
            }
            assert!(Instant::now() < end, "{name}: {text}\n{}", self.read("stderr"));
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits for its end.
    pub async fn ended(&mut self) -> ExitStatus {
        let end = Instant::now() + LONG;
        loop {
            if let Some(status) = self.child.try_wait().expect("a child") {
                return status;
            }
            assert!(Instant::now() < end, "it does not end\n{}", self.read("stderr"));
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for Executor {
    fn drop(&mut self) {
        // It takes its task with it; and if not, the test has failed already.
        Command::new("kill").arg(self.child.id().to_string()).stderr(Stdio::null()).status().ok();
        for _ in 0..200 {
            if self.child.try_wait().ok().flatten().is_some() {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

async fn serve(stream: impl AsyncRead + AsyncWrite + Unpin, desk: Desk) {
    let mut stream = BufReader::new(stream);
    while let Some(heard) = read(&mut stream).await {
        let refused =
            desk.refusals.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok();
        if refused {
            let answer = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\n\r\nbusy";
            if stream.write_all(answer.as_bytes()).await.is_err() {
                return;
            }
            continue;
        }
        let subscribes = heard.call["type"] == "SUBSCRIBE";
        if !subscribes {
            desk.heard.send(heard).ok();
            if stream.write_all(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n").await.is_err() {
                return;
            }
            continue;
        }
        let (sender, mut events) = unbounded_channel::<Vec<u8>>();
        *desk.stream.lock().expect("a lock") = Some(sender);
        desk.heard.send(heard).ok();
        let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
        if stream.write_all(head.as_bytes()).await.is_err() {
            return;
        }
        while let Some(bytes) = events.recv().await {
            let chunk = [format!("{:x}\r\n", bytes.len()).as_bytes(), &bytes, b"\r\n"].concat();
            if stream.write_all(&chunk).await.is_err() {
                return;
            }
        }
        return;
    }
}

/// Reads a request; none when the connection is closed.
async fn read(stream: &mut BufReader<impl AsyncRead + Unpin>) -> Option<Heard> {
    let (mut length, mut authorization) = (0, None);
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(": ") {
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.parse().ok()?,
                "authorization" => authorization = Some(value.to_owned()),
                _ => {}
            }
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    Some(Heard { call: serde_json::from_slice(&body).ok()?, authorization })
}
