//! A small cluster for tests: a ZooKeeper, masters and agents on loopback addresses of their own, and a scheduler of a few
//! lines.

#![allow(dead_code, reason = "each test program uses a part of it")]

pub mod real;

use std::{
    collections::{BTreeMap, VecDeque},
    net::Ipv4Addr,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicU8, Ordering},
    },
    time::{Duration, Instant},
};

use hardware::{Hardware, Network};
use mesos_server::{
    Agent, AgentFlags, AgentOptions, Links, Log, MachineSize, Master, MasterFlags, MasterOptions, SimulatedRunner,
};
use serde_json::{Value, json};
use tempfile::TempDir;

static NEXT: AtomicU8 = AtomicU8::new(1);

pub struct Cluster {
    pub links: Arc<Links>,
    /// Of all machines; its disk is the agents'.
    pub hardware: Hardware,
    pub folder: TempDir,
    pub zk: Option<zookeeper_server::Server>,
    pub masters: Vec<Option<Master>>,
    pub agents: Vec<Option<Agent>>,
    net: (u8, u8),
}

impl Cluster {
    /// A ZooKeeper, so many masters, so many agents; returns when all agents are registered.
    pub async fn start(masters: usize, agents: usize) -> Self {
        let mut cluster = Self::with_zookeeper().await;
        for n in 0..masters {
            cluster.start_master(n, masters).await;
        }
        for n in 0..agents {
            cluster.start_agent(n, &[]).await;
        }
        cluster.wait_agents(agents).await;
        cluster
    }

    pub async fn with_zookeeper() -> Self {
        let mut cluster = Self::without_zookeeper();
        cluster.start_zookeeper().await;
        cluster
    }

    pub fn without_zookeeper() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let process = std::process::id();
        let net =
            ((process >> 4) as u8 % 180 + 40, (process % 16 * 16) as u8 + NEXT.fetch_add(1, Ordering::Relaxed) % 16);
        let hardware = Hardware { network: Network::new(), ..Hardware::default() };
        Self { links: Arc::new(Links::new()), hardware, folder, zk: None, masters: Vec::new(), agents: Vec::new(), net }
    }

    pub async fn start_zookeeper(&mut self) {
        let root = self.folder.path().join("zk");
        std::fs::create_dir_all(root.join("var/lib/zookeeper")).unwrap();
        let text =
            "tickTime=200\ndataDir=/var/lib/zookeeper\nclientPort=2181\nmaxClientCnxns=0\nadmin.enableServer=false\n";
        let config = zookeeper_server::Config::parse(text).unwrap();
        let host = Ipv4Addr::new(127, self.net.0, self.net.1, 1);
        let options = zookeeper_server::Options { host, root, log: zookeeper_server::Log::none() };
        self.zk = Some(zookeeper_server::Server::start(config, options).await.unwrap());
    }

    pub fn zk_url(&self) -> String {
        format!("zk://127.{}.{}.1:2181/mesos", self.net.0, self.net.1)
    }

    pub fn master_ip(&self, n: usize) -> Ipv4Addr {
        Ipv4Addr::new(127, self.net.0, self.net.1, 10 + n as u8)
    }

    pub fn agent_ip(&self, n: usize) -> Ipv4Addr {
        Ipv4Addr::new(127, self.net.0, self.net.1, 100 + n as u8)
    }

    pub fn master_url(&self, n: usize) -> String {
        format!("http://{}:5050", self.master_ip(n))
    }

    pub fn agent_url(&self, n: usize) -> String {
        format!("http://{}:5051", self.agent_ip(n))
    }

    pub async fn start_master(&mut self, n: usize, of: usize) {
        let ip = self.master_ip(n);
        let flags = [
            ("ip", ip.to_string()),
            ("hostname", ip.to_string()),
            ("zk", self.zk_url()),
            ("quorum", (of / 2 + 1).to_string()),
            ("zk_session_timeout", "1secs".into()),
            ("work_dir", "/var/lib/mesos/master".into()),
            ("cluster", "lab".into()),
            ("agent_ping_timeout", "1secs".into()),
            // With 1 an agent and its master would give each other up at the very moment of the first ping.
            ("max_agent_ping_timeouts", "2".into()),
        ];
        let flags = MasterFlags::parse(&flags.map(|(k, v)| (k.to_owned(), v)).into()).unwrap();
        let root = self.folder.path().join(format!("master{n}"));
        let options = MasterOptions { host: ip, root, log: log(), links: Arc::clone(&self.links) };
        let master = Master::start_on(
            flags,
            options,
            Hardware { network: self.hardware.network.clone(), ..Hardware::default() },
        )
        .await
        .unwrap();
        if self.masters.len() <= n {
            self.masters.resize_with(n + 1, || None);
        }
        self.masters[n] = Some(master);
    }

    pub async fn start_agent(&mut self, n: usize, more: &[(&str, &str)]) {
        let ip = self.agent_ip(n);
        let mut flags: BTreeMap<String, String> = [
            ("ip", ip.to_string()),
            ("hostname", format!("agent{n}.example")),
            ("master", self.zk_url()),
            ("zk_session_timeout", "1secs".into()),
            ("work_dir", "/var/lib/mesos/agent".into()),
            ("resources", "cpus:2;mem:1024;disk:1024;ports:[31000-31999]".into()),
            ("attributes", format!("rack:r{n};zone:z1")),
        ]
        .map(|(k, v)| (k.to_owned(), v))
        .into();
        flags.extend(more.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())));
        let flags = AgentFlags::parse(&flags).unwrap();
        let options = AgentOptions {
            host: ip,
            root: self.folder.path().join(format!("agent{n}")),
            log: log(),
            size: MachineSize { cpus: 2, mem_mb: 2048, disk_mb: 20_480 },
            runner: Arc::new(SimulatedRunner),
            links: Arc::clone(&self.links),
        };
        let agent = Agent::start_on(flags, options, self.hardware.clone()).await.unwrap();
        if self.agents.len() <= n {
            self.agents.resize_with(n + 1, || None);
        }
        self.agents[n] = Some(agent);
    }

    /// The number of the leading master, once one leads and knows so many active agents.
    pub async fn wait_agents(&self, count: usize) -> usize {
        eventually("a leader with its agents", || async {
            for n in 0..self.masters.len() {
                let Some(state) = get(&format!("{}/state", self.master_url(n))).await else { continue };
                if state["activated_slaves"] == json!(count as f64) {
                    return Some(n);
                }
            }
            None
        })
        .await
    }
}

fn log() -> Log {
    if std::env::var_os("MESOS_LOG").is_some() { Log::new(|line| eprintln!("{line}")) } else { Log::none() }
}

/// Client without redirects, so that they can be seen. Making one takes tens of milliseconds, so there is but one; it keeps
/// no connection, since those end with the test that made them.
pub fn client() -> reqwest::Client {
    static CLIENT: LazyLock<reqwest::Client> = LazyLock::new(|| {
        let builder = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).pool_max_idle_per_host(0);
        builder.timeout(Duration::from_secs(20)).build().unwrap()
    });
    CLIENT.clone()
}

/// The same for streams, which go on for as long as they are wanted.
pub fn streaming() -> reqwest::Client {
    static CLIENT: LazyLock<reqwest::Client> =
        LazyLock::new(|| reqwest::Client::builder().pool_max_idle_per_host(0).build().unwrap());
    CLIENT.clone()
}

/// JSON of a GET, if it answered 200.
pub async fn get(url: &str) -> Option<Value> {
    let response = client().get(url).send().await.ok()?;
    if response.status() != 200 {
        return None;
    }
    serde_json::from_str(&response.text().await.ok()?).ok()
}

/// Status and body of a request.
pub async fn ask(method: &str, url: &str, headers: &[(&str, &str)], body: &str) -> (u16, String) {
    let mut request = client().request(method.parse().unwrap(), url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response =
        request.body(body.to_owned()).send().await.unwrap_or_else(|why| panic!("{method} {url} {body}: {why}"));
    (response.status().as_u16(), response.text().await.unwrap())
}

/// Answer to a v1 call: status and body.
pub async fn call(url: &str, body: &Value) -> (u16, String) {
    let url = format!("{url}/api/v1");
    let response =
        client().post(url).header("content-type", "application/json").body(body.to_string()).send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

/// Asks until there is an answer; gives up after a while.
pub async fn eventually<T, F: Future<Output = Option<T>>>(what: &str, ask: impl Fn() -> F) -> T {
    let begin = Instant::now();
    loop {
        if let Some(found) = ask().await {
            return found;
        }
        assert!(begin.elapsed() < Duration::from_secs(30), "no {what} in 30 s");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Reads RecordIO from an answer that goes on.
pub struct Records {
    response: reqwest::Response,
    buffer: Vec<u8>,
    begin: Instant,
}

impl Records {
    pub fn new(response: reqwest::Response) -> Self {
        Self { response, buffer: Vec::new(), begin: Instant::now() }
    }

    /// The next event; none at the end of the stream.
    pub async fn next(&mut self) -> Option<Value> {
        loop {
            if let Some(end) = self.buffer.iter().position(|b| *b == b'\n') {
                let length: usize = std::str::from_utf8(&self.buffer[..end]).unwrap().parse().unwrap();
                if self.buffer.len() > end + length {
                    let record = self.buffer[end + 1..end + 1 + length].to_vec();
                    self.buffer.drain(..end + 1 + length);
                    return Some(serde_json::from_slice(&record).unwrap());
                }
            }
            assert!(self.begin.elapsed() < Duration::from_secs(60), "no such event in 60 s");
            let chunk =
                tokio::time::timeout(Duration::from_secs(20), self.response.chunk()).await.expect("no event in 20 s");
            self.buffer.extend_from_slice(&chunk.ok()??);
        }
    }
}

/// A scheduler of a few lines.
pub struct Scheduler {
    pub url: String,
    pub id: String,
    stream: String,
    events: Records,
    waiting: VecDeque<Value>,
}

impl Scheduler {
    pub async fn subscribe(master: &str, info: Value) -> Self {
        let url = format!("{master}/api/v1/scheduler");
        let mut body = json!({"type": "SUBSCRIBE", "subscribe": {"framework_info": info}});
        if let Some(id) = body["subscribe"]["framework_info"].get("id").cloned() {
            body["framework_id"] = id;
        }
        let response = streaming()
            .post(&url)
            .header("content-type", "application/json")
            .body(body.to_string())
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 200);
        let stream = response.headers()["mesos-stream-id"].to_str().unwrap().to_owned();
        let mut scheduler =
            Self { url, id: String::new(), stream, events: Records::new(response), waiting: VecDeque::new() };
        let subscribed = scheduler.wait("SUBSCRIBED").await;
        scheduler.id = subscribed["subscribed"]["framework_id"]["value"].as_str().unwrap().to_owned();
        scheduler
    }

    pub fn info(more: Value) -> Value {
        let mut info = json!({"user": "root", "name": "test", "roles": ["*"], "hostname": "h", "webui_url": "http://h/",
            "checkpoint": true, "capabilities": [{"type": "MULTI_ROLE"}, {"type": "PARTITION_AWARE"}]});
        for (key, value) in more.as_object().unwrap() {
            info[key] = value.clone();
        }
        info
    }

    pub async fn send(&self, mut call: Value) -> (u16, String) {
        call["framework_id"] = json!({"value": self.id});
        let request =
            client().post(&self.url).header("content-type", "application/json").header("mesos-stream-id", &self.stream);
        let response = request.body(call.to_string()).send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    }

    /// The next event of a type; others wait.
    pub async fn wait(&mut self, kind: &str) -> Value {
        if let Some(at) = self.waiting.iter().position(|event| event["type"] == kind) {
            return self.waiting.remove(at).unwrap();
        }
        loop {
            let event = self.events.next().await.expect("the stream is open");
            if event["type"] == kind {
                return event;
            }
            self.waiting.push_back(event);
        }
    }

    /// Whether the stream ends without anything but events that may be left over.
    pub async fn ends(&mut self) -> bool {
        while self.events.next().await.is_some() {}
        true
    }

    pub async fn offers(&mut self) -> Vec<Value> {
        self.wait("OFFERS").await["offers"]["offers"].as_array().unwrap().clone()
    }

    /// The next status; acknowledged if it wants to be.
    pub async fn status(&mut self) -> Value {
        let status = self.wait("UPDATE").await["update"]["status"].clone();
        if status.get("uuid").is_some() {
            let acknowledge =
                json!({"agent_id": status["agent_id"], "task_id": status["task_id"], "uuid": status["uuid"]});
            assert_eq!(self.send(json!({"type": "ACKNOWLEDGE", "acknowledge": acknowledge})).await.0, 202);
        }
        status
    }

    /// Waits for a state, acknowledging all statuses before it.
    pub async fn state(&mut self, state: &str) -> Value {
        loop {
            let status = self.status().await;
            if status["state"] == state {
                return status;
            }
        }
    }

    /// A task for an offer.
    pub fn task(offer: &Value, id: &str, command: &str, more: Value) -> Value {
        let mut task = json!({"name": id, "task_id": {"value": id}, "agent_id": offer["agent_id"],
            "resources": [{"name": "cpus", "type": "SCALAR", "scalar": {"value": 0.1}}, {"name": "mem", "type": "SCALAR", "scalar": {"value": 32}}],
            "command": {"value": command, "shell": true}, "labels": {"labels": [{"key": "who", "value": "test"}]}});
        for (key, value) in more.as_object().unwrap() {
            task[key] = value.clone();
        }
        task
    }

    pub async fn launch(&self, offer: &Value, tasks: Vec<Value>) {
        let accept = json!({"offer_ids": [offer["id"]], "filters": {"refuse_seconds": 0},
            "operations": [{"type": "LAUNCH", "launch": {"task_infos": tasks}}]});
        assert_eq!(self.send(json!({"type": "ACCEPT", "accept": accept})).await, (202, String::new()));
    }
}

/// Compares shapes: the same keys of the same types, recursively; of lists, what is there.
pub fn same_shape(ours: &Value, theirs: &Value, path: &str, faults: &mut Vec<String>) {
    match (ours, theirs) {
        (Value::Object(a), Value::Object(b)) => {
            for key in a.keys().filter(|key| !b.contains_key(*key)) {
                faults.push(format!("{path}.{key}: not in the recording"));
            }
            for (key, theirs) in b {
                match a.get(key) {
                    Some(ours) => same_shape(ours, theirs, &format!("{path}.{key}"), faults),
                    None => faults.push(format!("{path}.{key}: missing")),
                }
            }
        }
        (Value::Array(a), Value::Array(b)) => {
            if a.is_empty() != b.is_empty() {
                faults.push(format!("{path}: {} items, recorded {}", a.len(), b.len()));
            }
            for (n, (ours, theirs)) in a.iter().zip(b).enumerate() {
                same_shape(ours, theirs, &format!("{path}[{n}]"), faults);
            }
        }
        (Value::Number(a), Value::Number(b)) if a.is_f64() == b.is_f64() => {}
        (a, b) if std::mem::discriminant(a) == std::mem::discriminant(b) && !a.is_number() => {}
        (a, b) => faults.push(format!("{path}: {a}, recorded {b}")),
    }
}

/// A recording from `tests/fixtures`.
pub fn recorded(name: &str) -> Value {
    let path = format!("{}/tests/fixtures/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}
