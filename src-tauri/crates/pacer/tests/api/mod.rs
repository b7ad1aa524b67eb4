//! A client of one Pacer, as the tests need it.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use pacer::Pacer;
use serde_json::{Value, json};

/// A client of one Pacer.
pub struct Api {
    pub base: String,
    http: reqwest::Client,
}

impl Api {
    pub fn of(pacer: &Pacer) -> Self {
        Self::at(pacer.address())
    }

    pub fn at(address: SocketAddr) -> Self {
        Self::with(format!("http://{address}"), reqwest::Client::builder().no_proxy())
    }

    pub fn with(base: String, client: reqwest::ClientBuilder) -> Self {
        Self { base, http: client.timeout(Duration::from_secs(10)).build().expect("a client") }
    }

    pub async fn get(&self, path: &str) -> Value {
        match self.http.get(format!("{}{path}", self.base)).send().await {
            Ok(answer) => answer.json().await.unwrap_or_default(),
            Err(error) => json!({ "message": error.to_string() }),
        }
    }

    pub async fn send(&self, method: reqwest::Method, path: &str, body: Value) -> (u16, Value) {
        let request = self.http.request(method, format!("{}{path}", self.base)).json(&body);
        let answer = request.send().await.expect("an answer");
        (answer.status().as_u16(), answer.json().await.unwrap_or_default())
    }

    /// Waits until what `path` answers is as wanted.
    pub async fn until(&self, path: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        // Generous: real servers, and other tests on the same processors.
        self.until_within(Duration::from_secs(120), path, wanted).await
    }

    pub async fn until_within(&self, limit: Duration, path: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let end = Instant::now() + limit;
        loop {
            let seen = self.get(path).await;
            if wanted(&seen) {
                return seen;
            }
            assert!(
                Instant::now() < end,
                "{path} stays {seen:#}\nqueue {:#}",
                self.get("/v2/queue?embed=lastUnusedOffers").await
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub async fn until_ready(&self) {
        self.until("/v2/info", |info| info["elected"] == true && info["frameworkId"].is_string()).await;
    }

    /// Waits until an application runs as it should.
    pub async fn until_healthy(&self, id: &str, instances: usize) -> Value {
        let path = format!("/v2/apps{id}?embed=app.tasks");
        self.until(&path, |answer| {
            let app = &answer["app"];
            app["tasksHealthy"] == instances
                && app["tasks"].as_array().is_some_and(|tasks| tasks.len() == instances)
                && app["deployments"] == json!([])
        })
        .await
    }
}

/// A web server with a health check.
pub fn web(id: &str, instances: u32, text: &str) -> Value {
    json!({
        "id": id,
        "cmd": format!("echo {text} > index.html; exec python3 -m http.server $PORT0 --bind $HOST"),
        "cpus": 0.1, "mem": 32, "instances": instances,
        "healthChecks": [{ "protocol": "HTTP", "path": "/", "intervalSeconds": 1 }],
    })
}

/// The ids of the tasks of an answer, sorted.
pub fn task_ids(answer: &Value) -> Vec<String> {
    let tasks = answer["app"]["tasks"].as_array().cloned().unwrap_or_default();
    let mut ids: Vec<_> = tasks.iter().filter_map(|task| Some(task["id"].as_str()?.to_owned())).collect();
    ids.sort();
    ids
}
