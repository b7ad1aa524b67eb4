//! How quickly Pacer deploys, answers and how much it holds, measured: each beside what is promised.
//!
//! `cargo bench -p pacer` prints rows of a Markdown table (what, limit, measured, kept) and ends with 1 if a promise is
//! broken. With `STARTLINE_MESOS` (a folder with a real Mesos 1.11.0) it measures there as well.

#[path = "../tests/api/mod.rs"]
#[allow(dead_code, reason = "shared with the tests, which need more of it")]
mod api;
#[path = "../tests/cluster/mod.rs"]
#[allow(dead_code, reason = "shared with the tests, which need more of it")]
mod cluster;
#[path = "../tests/lab/mod.rs"]
#[allow(dead_code, reason = "shared with the tests, which need more of it")]
mod lab;

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use api::Api;
use cluster::Cluster;
use lab::Lab;
use pacer::{Config, Log, Options, Pacer};
use reqwest::Method;
use serde_json::{Value, json};

/// Says to this program that it is a Pacer, on this address.
const PACER: &str = "STARTLINE_BENCH_PACER";
/// How often answers are timed; the median counts.
const RUNS: usize = 15;

/// How long a thousand tasks may take to come and go before the measuring is given up.
const LONGEST: Duration = Duration::from_secs(900);

/// A promise and what became of it.
struct Row {
    what: String,
    limit: String,
    measured: String,
    kept: bool,
}

impl Row {
    fn time(what: String, limit: Duration, measured: Duration) -> Self {
        Self { what, limit: format!("{limit:?}"), measured: format!("{measured:.1?}"), kept: measured <= limit }
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    if let Some(host) = std::env::var(PACER).ok().and_then(|host| host.parse().ok()) {
        return be_pacer(host).await;
    }
    let mut rows = Vec::new();
    on_practice(&mut rows).await;
    on_real(&mut rows).await;
    println!("| what | limit | measured | kept |\n|---|---|---|---|");
    for row in &rows {
        let kept = if row.kept { "yes" } else { "**no**" };
        println!("| {} | {} | {} | {kept} |", row.what, row.limit, row.measured);
    }
    if rows.iter().all(|row| row.kept) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// A Pacer in a process of its own, so that its memory is its own too. Ends when it is killed.
async fn be_pacer(host: Ipv4Addr) -> ExitCode {
    let env: BTreeMap<String, String> = std::env::vars().filter(|(name, _)| name.starts_with("MARATHON_")).collect();
    let config = Config::from_env(&env).expect("a configuration");
    let _pacer = Pacer::start(config, Options { host, log: Log::none() }).await.expect("Pacer starts");
    std::future::pending().await
}

/// A Pacer that runs beside us; killed when dropped.
struct Beside {
    child: Child,
    api: Api,
}

impl Beside {
    async fn start(host: Ipv4Addr, env: BTreeMap<String, String>) -> Self {
        let mut command = Command::new(std::env::current_exe().expect("this program"));
        command.env(PACER, host.to_string()).envs(env).stdin(Stdio::null());
        let child = command.spawn().expect("Pacer starts");
        let api = Api::at(SocketAddr::from((host, 8080)));
        api.until_ready().await;
        Self { child, api }
    }

    /// The memory that it holds, MiB.
    fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or(0) / 1024
    }

    /// From `POST` until all run, and are healthy where they are checked.
    async fn deploy(&self, app: Value, instances: usize) -> Duration {
        let id = app["id"].as_str().unwrap_or_default().to_owned();
        let counted = if app["healthChecks"].is_array() { "tasksHealthy" } else { "tasksRunning" };
        let began = Instant::now();
        let (status, body) = self.api.send(Method::POST, "/v2/apps", app).await;
        assert_eq!(status, 201, "{body:#}");
        self.api.until_within(LONGEST, &format!("/v2/apps{id}"), |seen| seen["app"][counted] == instances).await;
        began.elapsed()
    }

    async fn remove(&self, id: &str) {
        self.api.send(Method::DELETE, &format!("/v2/apps{id}?force=true"), json!({})).await;
        self.api.until_within(LONGEST, "/v2/deployments", |deployments| *deployments == json!([])).await;
    }

    /// The median time of an answer.
    async fn answers(&self, path: &str) -> Duration {
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        let mut times = Vec::new();
        for _ in 0..RUNS {
            let began = Instant::now();
            let answer = http.get(format!("{}{path}", self.api.base)).send().await.expect("an answer");
            answer.bytes().await.expect("a whole answer");
            times.push(began.elapsed());
        }
        times.sort();
        times[RUNS / 2]
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn sleeper(id: &str, instances: usize) -> Value {
    json!({ "id": id, "cmd": "sleep 100000", "cpus": 0.001, "mem": 1, "instances": instances, "portDefinitions": [] })
}

fn checked(id: &str, instances: usize) -> Value {
    let mut app = api::web(id, 0, "bench");
    app["instances"] = json!(instances);
    app["cpus"] = json!(0.001);
    app["mem"] = json!(1);
    app
}

/// Sleepers whose executors check that they are well.
fn looked_after(id: &str, instances: usize) -> Value {
    let mut app = sleeper(id, instances);
    app["healthChecks"] = json!([{ "protocol": "COMMAND", "command": { "value": "true" }, "delaySeconds": 0 }]);
    app
}

async fn on_practice(rows: &mut Vec<Row>) {
    let cluster = Cluster::new(1, 20).await;
    let pacer = Beside::start(cluster.address(10), cluster.environment()).await;
    for (instances, limit) in [(1, 500), (100, 2_000), (1_000, 10_000)] {
        let id = format!("/run-{instances}");
        let took = pacer.deploy(sleeper(&id, instances), instances).await;
        rows.push(Row::time(format!("practice: POST to {instances} running"), Duration::from_millis(limit), took));
        pacer.remove(&id).await;
    }
    for (instances, limit) in [(1, 1_000), (100, 3_000), (1_000, 20_000)] {
        let id = format!("/check-{instances}");
        let took = pacer.deploy(checked(&id, instances), instances).await;
        rows.push(Row::time(format!("practice: POST to {instances} healthy"), Duration::from_millis(limit), took));
        pacer.remove(&id).await;
    }
    for part in 0..10 {
        pacer.deploy(sleeper(&format!("/many/app-{part}"), 1_000), 1_000).await;
        let (tasks, limit) = match part {
            0 => (1_000, 20),
            9 => (10_000, 200),
            _ => continue,
        };
        let took = pacer.answers("/v2/apps?embed=apps.tasks&embed=apps.counts").await;
        rows.push(Row::time(format!("/v2/apps with {tasks} tasks"), Duration::from_millis(limit), took));
    }
    let memory = pacer.memory();
    rows.push(Row {
        what: "memory with 10000 tasks".to_owned(),
        limit: "200 MiB".to_owned(),
        measured: format!("{memory} MiB"),
        kept: memory <= 200,
    });
}

async fn on_real(rows: &mut Vec<Row>) {
    let Some(mut lab) = Lab::new() else { return };
    lab.start_zookeeper().await;
    lab.start_master(2, 1).await;
    lab.start_agent(3).await;
    lab.start_agent(4).await;
    let env = [
        ("MARATHON_MASTER", format!("zk://{}/mesos", lab.zookeeper())),
        ("MARATHON_ZK", format!("zk://{}/marathon", lab.zookeeper())),
    ];
    let env = env.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let pacer = Beside::start(lab.address(5).parse().expect("an address"), env).await;
    // Each task has an executor of its own, a process that the agent starts through its containerizer, which loads all of Mesos:
    // on two processors that is most of the time.
    for (instances, limit) in [(1, 3), (100, 60), (1_000, 600)] {
        let id = format!("/run-{instances}");
        let took = pacer.deploy(looked_after(&id, instances), instances).await;
        let what = format!("real Mesos: POST to {instances} running and healthy");
        rows.push(Row::time(what, Duration::from_secs(limit), took));
        pacer.remove(&id).await;
    }
}
