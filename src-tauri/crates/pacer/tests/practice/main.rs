//! Pacer on the practice servers: real protocols, simulated machines.

#[path = "../api/mod.rs"]
mod api;
#[path = "../cluster/mod.rs"]
mod cluster;
mod secure;
mod sequences;

use std::sync::Arc;
use std::time::{Duration, Instant};

use api::{Api, task_ids, web};
use cluster::Cluster;
use futures::StreamExt;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::task::JoinSet;

#[tokio::test(flavor = "multi_thread")]
async fn deploys_quickly_scales_upgrades_and_ends() {
    let cluster = Cluster::new(1, 2).await;
    let pacer = cluster.start_pacer(10).await;
    let api = Api::of(&pacer);
    api.until_ready().await;
    let started = Instant::now();
    assert_eq!(api.send(Method::POST, "/v2/apps", web("/shop/web", 1, "one")).await.0, 201);
    api.until_healthy("/shop/web", 1).await;
    eprintln!("from POST to healthy: {:?}", started.elapsed());
    // Far above what it takes (docs/performance.md has that), and far below any second-long tick of a poll.
    assert!(started.elapsed() < Duration::from_secs(5));

    assert_eq!(api.send(Method::PUT, "/v2/apps//shop/web", json!({ "instances": 20 })).await.0, 200);
    let twenty = api.until_healthy("/shop/web", 20).await;
    let tasks = twenty["app"]["tasks"].as_array().expect("tasks");
    let served = tasks.iter().filter(|task| task["host"] == tasks[0]["host"]).count();
    assert_eq!(served, 10, "instances are spread over the agents");

    let (status, _) =
        api.send(Method::DELETE, &format!("/v2/apps//shop/web/tasks/{}", task_ids(&twenty)[0]), json!({})).await;
    assert_eq!(status, 200);
    let healed = api.until("/v2/apps//shop/web?embed=app.tasks", |seen| {
        seen["app"]["tasksHealthy"] == 20 && task_ids(seen).len() == 20 && task_ids(seen) != task_ids(&twenty)
    });
    let healed = healed.await;
    assert_eq!(api.send(Method::PUT, "/v2/apps//shop/web", web("/shop/web", 20, "two")).await.0, 200);
    let upgraded = api.until_healthy("/shop/web", 20).await;
    assert!(task_ids(&upgraded).iter().all(|id| !task_ids(&healed).contains(id)));

    assert_eq!(api.send(Method::DELETE, "/v2/apps//shop/web", json!({})).await.0, 200);
    api.until("/v2/tasks", |tasks| tasks["tasks"] == json!([])).await;
    api.until("/v2/deployments", |deployments| *deployments == json!([])).await;
    pacer.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn leaders_of_either_kind_may_die() {
    let mut cluster = Cluster::new(3, 2).await;
    let first = cluster.start_pacer(10).await;
    let api = Api::of(&first);
    api.until_ready().await;
    let second = cluster.start_pacer(11).await;
    let other = Api::of(&second);
    other.until("/v2/leader", |leader| leader["leader"].is_string()).await;
    // The one that does not lead takes it all the same.
    assert_eq!(other.send(Method::POST, "/v2/apps", web("/web", 4, "one")).await.0, 201);
    let four = other.until_healthy("/web", 4).await;

    first.kill().await;
    other.until_ready().await;
    assert_eq!(
        task_ids(&other.until_healthy("/web", 4).await),
        task_ids(&four),
        "no task is lost, none is started twice"
    );

    let leading = mesos::leader::Ensemble::new(format!("{}:2181", cluster.address(1)), "/mesos")
        .find()
        .await
        .expect("ZooKeeper")
        .expect("a leader");
    let index = cluster.masters.iter().position(|master| master.address().ip() == leading.ip()).expect("it is ours");
    cluster.masters.remove(index).kill().await;
    assert_eq!(other.send(Method::PUT, "/v2/apps//web", json!({ "instances": 6 })).await.0, 200);
    let six = other.until_healthy("/web", 6).await;
    assert!(task_ids(&four).iter().all(|id| task_ids(&six).contains(id)));

    // Stepping down in order is quick: nobody waits for a session to end.
    let third = cluster.start_pacer(12).await;
    let last = Api::of(&third);
    last.until("/v2/leader", |leader| leader["leader"].is_string()).await;
    assert_eq!(other.send(Method::DELETE, "/v2/leader", json!({})).await.0, 200);
    last.until_ready().await;
    assert_eq!(task_ids(&last.until_healthy("/web", 6).await), task_ids(&six));
    second.stop().await;
    third.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn constraints_backoff_and_checks_by_the_agent() {
    let cluster = Cluster::new(1, 2).await;
    let pacer = cluster.start_pacer(10).await;
    let api = Api::of(&pacer);
    api.until_ready().await;
    let mut unique = web("/unique", 3, "one");
    unique["constraints"] = json!([["hostname", "UNIQUE"]]);
    api.send(Method::POST, "/v2/apps", unique).await;
    let queue = api.until("/v2/queue?embed=lastUnusedOffers", |seen| {
        let item = &seen["queue"][0];
        item["count"] == 1 && item["lastUnusedOffers"].as_array().is_some_and(|offers| !offers.is_empty())
    });
    let reasons = queue.await["queue"][0]["lastUnusedOffers"][0]["reason"].clone();
    assert_eq!(reasons, json!(["UnfulfilledConstraint"]));

    api.send(Method::POST, "/v2/apps", json!({ "id": "/failing", "cmd": "exit 3", "cpus": 0.1, "mem": 32 })).await;
    let failed = api
        .until("/v2/apps//failing?embed=app.lastTaskFailure", |seen| seen["app"]["lastTaskFailure"].is_object())
        .await;
    assert_eq!(failed["app"]["lastTaskFailure"]["state"], "TASK_FAILED");
    api.until("/v2/queue", |seen| {
        let items = seen["queue"].as_array().cloned().unwrap_or_default();
        items.iter().any(|item| item["app"]["id"] == "/failing" && item["delay"]["overdue"] == false)
    })
    .await;

    let mut by_agent = web("/by-agent", 1, "one");
    by_agent["healthChecks"] =
        json!([{ "protocol": "MESOS_HTTP", "path": "/", "delaySeconds": 0, "intervalSeconds": 1 }]);
    api.send(Method::POST, "/v2/apps", by_agent).await;
    api.until_healthy("/by-agent", 1).await;
    pacer.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn events_tell_a_deployment() {
    let cluster = Cluster::new(1, 1).await;
    let pacer = cluster.start_pacer(10).await;
    let api = Api::of(&pacer);
    api.until_ready().await;
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    let request = http.get(format!("{}/v2/events", api.base)).header("Accept", "text/event-stream");
    let mut stream = request.send().await.expect("a stream").bytes_stream();
    api.send(Method::POST, "/v2/apps", web("/web", 1, "one")).await;
    let mut text = String::new();
    let told = async {
        while !text.contains("event: deployment_success") {
            text.push_str(&String::from_utf8_lossy(&stream.next().await.expect("more").expect("bytes")));
        }
    };
    tokio::time::timeout(Duration::from_secs(20), told).await.expect("told in time");
    let order = [
        "event_stream_attached",
        "deployment_info",
        "api_post_event",
        "instance_changed_event",
        "status_update_event",
        "health_status_changed_event",
        "deployment_step_success",
    ];
    for kind in order {
        assert!(text.contains(&format!("event: {kind}\r\n")), "{kind} in {text}");
    }
    let running = text
        .lines()
        .filter_map(|line| line.strip_prefix("data: "))
        .filter_map(|data| serde_json::from_str::<Value>(data).ok());
    let update = running.into_iter().find(|event| event["taskStatus"] == "TASK_RUNNING").expect("an update");
    assert_eq!((&update["appId"], &update["host"]), (&json!("/web"), &json!(cluster.address(20).to_string())));
    pacer.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_zookeeper_nothing_is_promised_and_nothing_is_lost() {
    let mut cluster = Cluster::new(1, 1).await;
    let pacer = cluster.start_pacer(10).await;
    let api = Api::of(&pacer);
    api.until_ready().await;
    assert_eq!(api.send(Method::POST, "/v2/apps", web("/web", 2, "one")).await.0, 201);
    let two = api.until_healthy("/web", 2).await;
    cluster.kill_zookeeper().await;
    // Whoever asks for a change now is told that it was not taken.
    let (status, body) = api.send(Method::PUT, "/v2/apps//web", json!({ "instances": 3 })).await;
    assert_eq!(status, 503, "{body}");
    cluster.start_zookeeper().await;
    // A master that lost ZooKeeper ends, as the real one does; its service starts it again.
    cluster.masters.remove(0).kill().await;
    cluster.start_master(2, 1).await;
    api.until_ready().await;
    assert_eq!(task_ids(&api.until_healthy("/web", 2).await), task_ids(&two), "nothing changed meanwhile");
    assert_eq!(api.send(Method::PUT, "/v2/apps//web", json!({ "instances": 3 })).await.0, 200);
    api.until_healthy("/web", 3).await;
    pacer.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_promised_while_zookeeper_died_is_kept() {
    let mut cluster = Cluster::new(1, 1).await;
    let pacer = cluster.start_pacer(10).await;
    let api = Arc::new(Api::of(&pacer));
    api.until_ready().await;
    let mut asking = JoinSet::new();
    for n in 0..40_u64 {
        let api = api.clone();
        asking.spawn(async move {
            // Spread over the moment at which ZooKeeper goes away. Each is answered in time: the client waits for 10 s.
            tokio::time::sleep(Duration::from_millis(n * 5)).await;
            let mut app = web(&format!("/app-{n}"), 0, "one");
            app["healthChecks"] = json!([]);
            let (status, body) = api.send(Method::POST, "/v2/apps", app).await;
            assert!(matches!(status, 201 | 503), "{status} {body}");
            (n, status)
        });
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    cluster.kill_zookeeper().await;
    let answers = asking.join_all().await;
    let promised: Vec<_> = answers.iter().filter(|(_, status)| *status == 201).map(|(n, _)| n).collect();
    cluster.start_zookeeper().await;
    api.until("/v2/info", |info| info["elected"] == true).await;
    for n in promised {
        assert_eq!(api.get(&format!("/v2/apps//app-{n}")).await["app"]["id"], format!("/app-{n}"));
    }
    pacer.stop().await;
}
