//! Pacer on a real ZooKeeper and a real Mesos 1.11.0. Skipped where they are not installed.

mod api;
mod lab;

use std::collections::BTreeMap;
use std::time::Instant;

use api::{Api, task_ids, web};
use lab::Lab;
use pacer::{Config, Log, Options, Pacer};
use serde_json::json;

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

    // An agent that dies takes its tasks with it; they are started on the other one.
    lab.kill("agent4");
    let moved = other
        .until("/v2/apps//shop/web?embed=app.tasks", |answer| {
            let tasks = answer["app"]["tasks"].as_array().cloned().unwrap_or_default();
            answer["app"]["tasksHealthy"] == 4
                && tasks.len() == 4
                && tasks.iter().all(|task| task["host"] == lab.address(3))
        })
        .await;
    assert!(task_ids(&moved).iter().any(|id| task_ids(&four).contains(id)));

    let (status, body) = other.send(reqwest::Method::PUT, "/v2/apps//shop/web", web("/shop/web", 4, "two")).await;
    assert_eq!(status, 200, "{body:#}");
    let upgraded = other.until_healthy("/shop/web", 4).await;
    assert!(task_ids(&upgraded).iter().all(|id| !task_ids(&moved).contains(id)));

    let (status, _) = other.send(reqwest::Method::DELETE, "/v2/apps//shop/web", json!({})).await;
    assert_eq!(status, 200);
    other.until("/v2/tasks", |tasks| tasks["tasks"] == json!([])).await;
    other.until("/v2/deployments", |deployments| *deployments == json!([])).await;
    second.stop().await;
}
