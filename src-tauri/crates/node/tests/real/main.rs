//! `startline-node` in both its roles on a real Mesos 1.11.0 with a real ZooKeeper. Skipped where they are not installed.

mod lab;

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use lab::{LONG, Lab};
use serde_json::{Value, json};

/// Pacer's API, as its users call it.
struct Api {
    base: String,
    http: reqwest::Client,
}

impl Api {
    fn of(lab: &Lab, port: u16) -> Self {
        let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(20)).build().expect("a client");
        Self { base: format!("http://{}:{port}", lab.ip), http }
    }

    async fn get(&self, path: &str) -> Value {
        match self.http.get(format!("{}{path}", self.base)).send().await {
            Ok(answer) => answer.json().await.unwrap_or_default(),
            Err(error) => json!({ "message": error.to_string() }),
        }
    }

    async fn send(&self, method: reqwest::Method, path: &str, body: Value) -> u16 {
        let request = self.http.request(method, format!("{}{path}", self.base)).json(&body);
        request.send().await.expect("an answer").status().as_u16()
    }

    async fn until(&self, lab: &Lab, path: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let end = Instant::now() + LONG;
        loop {
            let seen = self.get(path).await;
            if wanted(&seen) {
                return seen;
            }
            assert!(Instant::now() < end, "{path} stays {seen:#}\n{}", lab.logs());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn until_healthy(&self, lab: &Lab, instances: usize) {
        let wanted = |answer: &Value| {
            let app = &answer["app"];
            app["tasksHealthy"] == instances
                && app["tasks"].as_array().is_some_and(|tasks| tasks.len() == instances)
                && app["deployments"] == json!([])
        };
        self.until(lab, "/v2/apps//web?embed=app.tasks", wanted).await;
    }
}

/// The processes of this lab's web servers, by what the system knows of them.
fn servers(lab: &Lab) -> Vec<String> {
    let sandbox = fs::canonicalize(lab.folder.path()).expect("the lab's folder");
    let pids = fs::read_dir("/proc").expect("/proc").flatten().map(|entry| entry.path());
    let is_server = |path: &Path| {
        fs::read_link(path.join("cwd")).is_ok_and(|folder| folder.starts_with(&sandbox))
            && fs::read(path.join("cmdline")).is_ok_and(|words| words.starts_with(b"python3\0-m\0http.server"))
    };
    let name = |path: std::path::PathBuf| Some(path.file_name()?.to_str()?.to_owned());
    let mut servers: Vec<_> = pids.filter(|path| is_server(path)).filter_map(name).collect();
    servers.sort();
    servers
}

async fn until_servers(lab: &Lab, count: usize) -> Vec<String> {
    let end = Instant::now() + LONG;
    loop {
        let servers = servers(lab);
        if servers.len() == count {
            return servers;
        }
        assert!(Instant::now() < end, "{servers:?}\n{}", lab.logs());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Web servers whose executors look after their health.
fn web(instances: u32) -> Value {
    let check = json!({ "protocol": "MESOS_HTTP", "path": "/", "delaySeconds": 0, "intervalSeconds": 1,
        "gracePeriodSeconds": 120, "timeoutSeconds": 20 });
    json!({ "id": "/web", "cmd": "exec python3 -m http.server $PORT0 --bind 127.0.0.1", "cpus": 0.1, "mem": 32,
        "instances": instances, "healthChecks": [check] })
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_lives_on_real_mesos() {
    let Some(mut lab) = Lab::start().await else { return };
    let api = Api::of(&lab, 8080);
    api.until(&lab, "/v2/info", |info| info["elected"] == true && info["frameworkId"].is_string()).await;
    let app = web(2);
    assert_eq!(api.send(reqwest::Method::POST, "/v2/apps", app).await, 201);
    api.until_healthy(&lab, 2).await;
    assert_eq!(servers(&lab).len(), 2);

    assert_eq!(api.send(reqwest::Method::PUT, "/v2/apps//web", json!({ "instances": 20 })).await, 200);
    api.until_healthy(&lab, 20).await;
    let twenty = servers(&lab);
    assert_eq!(twenty.len(), 20);

    let killed = std::process::Command::new("kill").args(["-9", &twenty[0]]).status();
    assert!(killed.is_ok_and(|status| status.success()));
    let end = Instant::now() + LONG;
    let healed = loop {
        let now = until_servers(&lab, 20).await;
        if !now.contains(&twenty[0]) {
            break now;
        }
        assert!(Instant::now() < end, "it was not killed");
    };
    api.until_healthy(&lab, 20).await;
    assert_eq!(healed.iter().filter(|pid| !twenty.contains(pid)).count(), 1);

    assert_eq!(api.send(reqwest::Method::DELETE, "/v2/apps//web", json!({})).await, 200);
    until_servers(&lab, 0).await;
    assert!(lab.end("pacer").await.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_around_the_tasks_dies_once_and_they_go_on() {
    let Some(mut lab) = Lab::start().await else { return };
    let api = Api::of(&lab, 8080);
    let leads = |info: &Value| info["elected"] == true && info["frameworkId"].is_string();
    api.until(&lab, "/v2/info", leads).await;
    assert_eq!(api.send(reqwest::Method::POST, "/v2/apps", web(6)).await, 201);
    api.until_healthy(&lab, 6).await;
    let six = servers(&lab);
    assert_eq!(six.len(), 6);

    lab.kill("agent");
    lab.start_agent().await;
    until_registered(&lab).await;
    api.until_healthy(&lab, 6).await;
    assert_eq!(servers(&lab), six, "after the agent");

    lab.start_pacer("pacer2", 8081).await;
    lab.kill("pacer");
    let api = Api::of(&lab, 8081);
    api.until(&lab, "/v2/info", leads).await;
    api.until_healthy(&lab, 6).await;
    assert_eq!(servers(&lab), six, "after the leading Pacer");

    lab.kill("master");
    lab.start_master().await;
    until_registered(&lab).await;
    api.until_healthy(&lab, 6).await;
    assert_eq!(servers(&lab), six, "after the master");

    lab.kill("zookeeper");
    lab.start_zookeeper().await;
    api.until(&lab, "/v2/info", leads).await;
    until_registered(&lab).await;
    api.until_healthy(&lab, 6).await;
    assert_eq!(servers(&lab), six, "after ZooKeeper");

    let end = Instant::now() + LONG;
    while api.send(reqwest::Method::PUT, "/v2/apps//web", json!({ "instances": 8 })).await != 200 {
        assert!(Instant::now() < end, "{}", lab.logs());
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    api.until_healthy(&lab, 8).await;
    let eight = until_servers(&lab, 8).await;
    assert!(six.iter().all(|pid| eight.contains(pid)));
}

/// Waits until the master has its agent.
async fn until_registered(lab: &Lab) {
    let mesos = Api::of(lab, 5050);
    let active = |state: &Value| state["activated_slaves"] == 1.0 && state["frameworks"][0]["active"] == true;
    mesos.until(lab, "/state", active).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_applications_check_finds_is_shown_with_its_tasks() {
    let Some(lab) = Lab::start().await else { return };
    let api = Api::of(&lab, 8080);
    api.until(&lab, "/v2/info", |info| info["elected"] == true && info["frameworkId"].is_string()).await;
    let often = |mut check: Value| {
        check["delaySeconds"] = json!(0);
        check["intervalSeconds"] = json!(1);
        check
    };
    for (name, check, found) in [
        ("exec", json!({ "exec": { "command": { "shell": "exit 3" } } }), json!({ "command": { "exitCode": 3 } })),
        ("http", json!({ "http": { "path": "/nothing/here" } }), json!({ "http": { "statusCode": 404 } })),
        ("tcp", json!({ "tcp": { "portIndex": 0 } }), json!({ "tcp": { "succeeded": true } })),
    ] {
        let mut app = web(1);
        app["id"] = json!(format!("/checked/{name}"));
        app["check"] = often(check.clone());
        assert_eq!(api.send(reqwest::Method::POST, "/v2/apps", app).await, 201, "{check}");
        let path = format!("/v2/apps//checked/{name}/tasks");
        let seen = api.until(&lab, &path, |seen| seen["tasks"][0]["checkResult"] == found).await;
        // It only reports: nothing is killed for what it found.
        assert_eq!(seen["tasks"][0]["state"], "TASK_RUNNING", "{check}");
    }
}
