//! Pacer on a real ZooKeeper and a real Mesos 1.11.0. Skipped where they are not installed.

mod lab;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use lab::Lab;
use pacer::{Config, Log, Options, Pacer};
use serde_json::{Value, json};

async fn start_pacer(lab: &Lab, n: u8) -> Pacer {
    let env: BTreeMap<String, String> = [
        ("MARATHON_MASTER", format!("zk://{}/mesos", lab.zookeeper())),
        ("MARATHON_ZK", format!("zk://{}/marathon", lab.zookeeper())),
        ("MARATHON_ZK_SESSION_TIMEOUT", "2000".to_owned()),
        ("MARATHON_HTTP_PORT", "8080".to_owned()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect();
    let config = Config::from_env(&env).expect("a good environment");
    let host = lab.address(n).parse().expect("an address");
    let log = Log::new(move |line| eprintln!("pacer {n}: {line}"));
    Pacer::start(config, Options { host, log }).await.expect("pacer starts")
}

/// A client of one Pacer.
struct Api {
    base: String,
    http: reqwest::Client,
}

impl Api {
    fn of(pacer: &Pacer) -> Self {
        let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(10)).build().expect("a client");
        Self { base: format!("http://{}", pacer.address()), http }
    }

    async fn get(&self, path: &str) -> Value {
        match self.http.get(format!("{}{path}", self.base)).send().await {
            Ok(answer) => answer.json().await.unwrap_or_default(),
            Err(error) => json!({ "message": error.to_string() }),
        }
    }

    async fn send(&self, method: reqwest::Method, path: &str, body: Value) -> (u16, Value) {
        let request = self.http.request(method, format!("{}{path}", self.base)).json(&body);
        let answer = request.send().await.expect("an answer");
        (answer.status().as_u16(), answer.json().await.unwrap_or_default())
    }

    /// Waits until what `path` answers is as wanted.
    async fn until(&self, path: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let end = Instant::now() + Duration::from_secs(30);
        loop {
            let seen = self.get(path).await;
            if wanted(&seen) {
                return seen;
            }
            assert!(Instant::now() < end, "{path} stays {seen:#}\nqueue {:#}", self.get("/v2/queue?embed=lastUnusedOffers").await);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn until_ready(&self) {
        self.until("/v2/info", |info| info["elected"] == true && info["frameworkId"].is_string()).await;
    }

    /// Waits until an application runs as it should.
    async fn until_healthy(&self, id: &str, instances: usize) -> Value {
        let path = format!("/v2/apps{id}?embed=app.tasks");
        self.until(&path, |answer| {
            let app = &answer["app"];
            app["tasksHealthy"] == instances && app["tasks"].as_array().is_some_and(|tasks| tasks.len() == instances) && app["deployments"] == json!([])
        })
        .await
    }
}

fn web(id: &str, instances: u32, text: &str) -> Value {
    json!({
        "id": id,
        "cmd": format!("echo {text} > index.html; exec python3 -m http.server $PORT0 --bind $HOST"),
        "cpus": 0.1, "mem": 32, "instances": instances,
        "healthChecks": [{ "protocol": "HTTP", "path": "/", "intervalSeconds": 1 }],
    })
}

fn task_ids(answer: &Value) -> Vec<String> {
    let tasks = answer["app"]["tasks"].as_array().cloned().unwrap_or_default();
    let mut ids: Vec<_> = tasks.iter().filter_map(|task| Some(task["id"].as_str()?.to_owned())).collect();
    ids.sort();
    ids
}

#[tokio::test(flavor = "multi_thread")]
async fn deploys_scales_upgrades_and_survives_failover() {
    let Some(mut lab) = Lab::new() else { return };
    lab.start_zookeeper().await;
    lab.start_master(2, 1).await;
    lab.start_agent(3).await;
    lab.start_agent(4).await;
    let first = start_pacer(&lab, 5).await;
    let api = Api::of(&first);
    api.until_ready().await;

    let started = Instant::now();
    let (status, created) = api.send(reqwest::Method::POST, "/v2/apps", web("/shop/web", 1, "one")).await;
    assert_eq!(status, 201, "{created:#}");
    api.until_healthy("/shop/web", 1).await;
    eprintln!("from POST to healthy: {:?}", started.elapsed());

    let (status, _) = api.send(reqwest::Method::PUT, "/v2/apps//shop/web", json!({ "instances": 4 })).await;
    assert_eq!(status, 200);
    let four = api.until_healthy("/shop/web", 4).await;

    // A second Pacer passes requests on; when the first one is killed it takes over, and no task is lost.
    let second = start_pacer(&lab, 6).await;
    let other = Api::of(&second);
    other.until("/v2/leader", |leader| leader["leader"].is_string()).await;
    other.until_healthy("/shop/web", 4).await;
    first.kill().await;
    other.until_ready().await;
    let after = other.until_healthy("/shop/web", 4).await;
    assert_eq!(task_ids(&four), task_ids(&after));

    let (status, body) = other.send(reqwest::Method::PUT, "/v2/apps//shop/web", web("/shop/web", 4, "two")).await;
    assert_eq!(status, 200, "{body:#}");
    let upgraded = other.until_healthy("/shop/web", 4).await;
    assert!(task_ids(&upgraded).iter().all(|id| !task_ids(&four).contains(id)));

    let (status, _) = other.send(reqwest::Method::DELETE, "/v2/apps//shop/web", json!({})).await;
    assert_eq!(status, 200);
    other.until("/v2/tasks", |tasks| tasks["tasks"] == json!([])).await;
    other.until("/v2/deployments", |deployments| *deployments == json!([])).await;
    second.stop().await;
}
