//! A small framework: launches what it is given, acknowledges and keeps what it hears.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use mesos::recordio::Decoder;
use serde_json::{Value, json};
use tokio::task::JoinHandle;

/// How long anything may take on a busy machine.
const LONG: Duration = Duration::from_secs(60);

/// What is to be launched, and what was heard.
#[derive(Default)]
struct Board {
    tasks: Vec<Value>,
    updates: Vec<Value>,
    agent: Option<Value>,
}

/// A registered framework. Dropping it leaves it to its failover timeout.
pub struct Scheduler {
    board: Arc<Mutex<Board>>,
    caller: Caller,
    listening: JoinHandle<()>,
}

#[derive(Clone)]
struct Caller {
    http: reqwest::Client,
    url: String,
    stream: String,
    framework: Value,
}

impl Caller {
    async fn call(&self, kind: &str, body: Value) {
        let call = json!({ "type": kind.to_uppercase(), "framework_id": self.framework, kind: body });
        let request = self.http.post(&self.url).header("Mesos-Stream-Id", &self.stream).json(&call);
        let answer = request.send().await.expect("the master answers");
        assert_eq!(answer.status(), 202, "{kind}: {}", answer.text().await.unwrap_or_default());
    }
}

fn lock(board: &Mutex<Board>) -> MutexGuard<'_, Board> {
    board.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Scheduler {
    /// Registers with the master on this address.
    pub async fn register(ip: &str, checkpoint: bool) -> Self {
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        let url = format!("http://{ip}:5050/api/v1/scheduler");
        let info = json!({ "user": "root", "name": "executor-test", "roles": ["*"], "checkpoint": checkpoint,
            "failover_timeout": 60, "capabilities": [{ "type": "MULTI_ROLE" }, { "type": "TASK_KILLING_STATE" }] });
        let subscribe = json!({ "type": "SUBSCRIBE", "subscribe": { "framework_info": info } });
        let end = Instant::now() + LONG;
        let mut answer = loop {
            let answer = http.post(&url).header("Accept", "application/json").json(&subscribe).send().await;
            let answer = answer.expect("a master");
            if answer.status() == 200 {
                break answer;
            }
            // It does not lead yet.
            assert!(Instant::now() < end, "{}", answer.status());
            tokio::time::sleep(Duration::from_millis(50)).await;
        };
        let stream = answer.headers()["Mesos-Stream-Id"].to_str().expect("an id").to_owned();
        let mut decoder = Decoder::default();
        let first = next(&mut answer, &mut decoder).await.expect("an event");
        let framework = first["subscribed"]["framework_id"].clone();
        let caller = Caller { http, url, stream, framework };
        let board = Arc::new(Mutex::new(Board::default()));
        let listening = tokio::spawn(listen(answer, decoder, board.clone(), caller.clone()));
        Self { board, caller, listening }
    }

    /// Launches a task: a `TaskInfo` without agent and resources.
    pub fn launch(&self, task: Value) {
        lock(&self.board).tasks.push(task);
    }

    /// Launches a shell command.
    pub fn run(&self, id: &str, command: &str) {
        self.launch(json!({ "task_id": { "value": id }, "command": { "value": command } }));
    }

    /// Kills a task, with this grace.
    pub async fn kill(&self, id: &str, grace: Option<Duration>) {
        let agent = lock(&self.board).agent.clone();
        let mut kill = json!({ "task_id": { "value": id }, "agent_id": agent });
        if let Some(grace) = grace {
            kill["kill_policy"] = json!({ "grace_period": { "nanoseconds": grace.as_nanos() as u64 } });
        }
        self.caller.call("kill", kill).await;
    }

    /// Asks where a task stands.
    pub async fn reconcile(&self, id: &str) {
        self.caller.call("reconcile", json!({ "tasks": [{ "task_id": { "value": id } }] })).await;
    }

    /// Ends the framework and all its tasks.
    pub async fn tear_down(self) {
        self.caller.call("teardown", json!({})).await;
        self.listening.abort();
    }

    /// What was heard of a task.
    pub fn updates(&self, id: &str) -> Vec<Value> {
        let board = lock(&self.board);
        board.updates.iter().filter(|status| status["task_id"]["value"] == id).cloned().collect()
    }

    /// The states that were heard of a task, without those that were said again.
    pub fn states(&self, id: &str) -> Vec<String> {
        let mut states: Vec<_> =
            self.updates(id).iter().map(|status| status["state"].as_str().unwrap_or_default().to_owned()).collect();
        states.dedup();
        states
    }

    /// Waits until a task's last update is as wanted.
    pub async fn until(&self, id: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let end = Instant::now() + LONG;
        loop {
            if let Some(status) = self.updates(id).last().filter(|status| wanted(status)) {
                return status.clone();
            }
            assert!(Instant::now() < end, "{id}: {:#?}", self.updates(id));
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits until a task is in this state.
    pub async fn until_state(&self, id: &str, state: &str) -> Value {
        self.until(id, |status| status["state"] == state).await
    }
}

impl Drop for Scheduler {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn next(answer: &mut reqwest::Response, decoder: &mut Decoder) -> Option<Value> {
    loop {
        if let Some(record) = decoder.next_record().expect("RecordIO") {
            return Some(serde_json::from_slice(&record).expect("JSON"));
        }
        decoder.feed(&answer.chunk().await.ok()??);
    }
}

async fn listen(mut answer: reqwest::Response, mut decoder: Decoder, board: Arc<Mutex<Board>>, caller: Caller) {
    while let Some(event) = next(&mut answer, &mut decoder).await {
        match event["type"].as_str() {
            Some("OFFERS") => {
                for offer in event["offers"]["offers"].as_array().into_iter().flatten() {
                    use_offer(offer, &board, &caller).await;
                }
            }
            Some("UPDATE") => {
                let status = event["update"]["status"].clone();
                if status["uuid"].is_string() {
                    let body =
                        json!({ "agent_id": status["agent_id"], "task_id": status["task_id"], "uuid": status["uuid"] });
                    caller.call("acknowledge", body).await;
                }
                lock(&board).updates.push(status);
            }
            _ => {}
        }
    }
}

async fn use_offer(offer: &Value, board: &Mutex<Board>, caller: &Caller) {
    let mut tasks = {
        let mut board = lock(board);
        board.agent = Some(offer["agent_id"].clone());
        std::mem::take(&mut board.tasks)
    };
    let scalar = |name: &str, value: f64| json!({ "name": name, "type": "SCALAR", "scalar": { "value": value } });
    for task in &mut tasks {
        task["name"] = task["task_id"]["value"].clone();
        task["agent_id"] = offer["agent_id"].clone();
        task["resources"] = json!([scalar("cpus", 0.1), scalar("mem", 32.0)]);
        if task["executor"].is_object() {
            task["executor"]["framework_id"] = caller.framework.clone();
        }
    }
    let operations = match tasks.as_slice() {
        [] => json!([]),
        tasks => json!([{ "type": "LAUNCH", "launch": { "task_infos": tasks } }]),
    };
    let filters = json!({ "refuse_seconds": 0.1 });
    caller.call("accept", json!({ "offer_ids": [offer["id"]], "operations": operations, "filters": filters })).await;
}
