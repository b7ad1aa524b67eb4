//! Conversations of a scheduler with the practice masters and agents.

mod common;

use std::time::{Duration, Instant};

use common::{Cluster, Scheduler, call, client, eventually, get};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_task_lives_from_offer_to_end() {
    let cluster = Cluster::start(1, 1).await;
    let begin = Instant::now();
    let mut scheduler = Scheduler::subscribe(&cluster.master_url(0), Scheduler::info(json!({}))).await;
    let offers = scheduler.offers().await;
    assert!(begin.elapsed() < Duration::from_millis(1500), "offers came after {:?}", begin.elapsed());
    assert_eq!(offers.len(), 1);
    scheduler
        .launch(&offers[0], vec![Scheduler::task(&offers[0], "t1", "echo hi; sleep 0.2; exit 3", json!({}))])
        .await;
    let starting = scheduler.status().await;
    assert_eq!(starting["state"], "TASK_STARTING");
    assert_eq!(starting["source"], "SOURCE_EXECUTOR");
    assert_eq!(scheduler.status().await["state"], "TASK_RUNNING");
    // What the task does not use comes back at once; what it uses does not.
    let rest = scheduler.offers().await;
    let cpus = rest[0]["resources"].as_array().unwrap().iter().find(|r| r["name"] == "cpus").unwrap();
    assert_eq!(cpus["scalar"]["value"], 1.9);
    let failed = scheduler.status().await;
    assert_eq!(
        (failed["state"].as_str(), failed["message"].as_str()),
        (Some("TASK_FAILED"), Some("Command exited with status 3"))
    );
    let state = eventually("completed task", || async {
        let state = get(&format!("{}/state", cluster.master_url(0))).await?;
        (state["frameworks"][0]["completed_tasks"].as_array()?.len() == 1).then_some(state)
    })
    .await;
    assert_eq!(state["slaves"][0]["used_resources"]["cpus"], 0.0);
    let run = get(&format!("{}/state", cluster.agent_url(0))).await.unwrap();
    let history =
        [&run["completed_frameworks"], &run["frameworks"]].map(|f| f[0]["completed_executors"][0]["directory"].clone());
    let directory = history.iter().find_map(Value::as_str).expect("a finished executor").to_owned();
    let text = get(&format!("{}/files/read?path={directory}/stdout&offset=0", cluster.agent_url(0))).await.unwrap();
    assert_eq!(text, json!({"data": "hi\n", "offset": 0}));
    let listed = get(&format!("{}/files/browse?path={directory}", cluster.agent_url(0))).await.unwrap();
    assert_eq!(listed.as_array().unwrap().len(), 2);
    assert!(
        get(&format!(
            "{}/files/read?path={directory}/../../../../../../../../etc/passwd&offset=0",
            cluster.agent_url(0)
        ))
        .await
        .is_none()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn servers_listen_are_checked_and_killed() {
    let cluster = Cluster::start(1, 1).await;
    let mut scheduler = Scheduler::subscribe(&cluster.master_url(0), Scheduler::info(json!({}))).await;
    let offer = scheduler.offers().await.remove(0);
    let more = json!({"health_check": {"type": "HTTP", "http": {"port": 31000, "path": "/"}, "delay_seconds": 0.0, "interval_seconds": 0.1,
            "grace_period_seconds": 5.0, "consecutive_failures": 2, "timeout_seconds": 1.0},
        "resources": [{"name": "cpus", "type": "SCALAR", "scalar": {"value": 0.5}}, {"name": "mem", "type": "SCALAR", "scalar": {"value": 32}},
            {"name": "ports", "type": "RANGES", "ranges": {"range": [{"begin": 31000, "end": 31000}]}}],
        "command": {"value": "python3 -m http.server $PORT0", "shell": true,
            "environment": {"variables": [{"name": "PORT0", "value": "31000"}, {"name": "MARATHON_APP_ID", "value": "/web"}]}}});
    scheduler.launch(&offer, vec![Scheduler::task(&offer, "web", "", more)]).await;
    scheduler.state("TASK_RUNNING").await;
    let healthy = scheduler.state("TASK_RUNNING").await;
    assert_eq!(healthy["healthy"], true);
    assert_eq!(healthy["reason"], "REASON_TASK_HEALTH_CHECK_STATUS_UPDATED");
    let page = client().get(format!("http://{}:31000/", cluster.agent_ip(0))).send().await.unwrap();
    assert_eq!(page.status(), 200);
    assert!(page.text().await.unwrap().contains("/web"));
    let (status, _) = scheduler
        .send(json!({"type": "KILL", "kill": {"task_id": {"value": "web"}, "agent_id": offer["agent_id"]}}))
        .await;
    assert_eq!(status, 202);
    let killed = scheduler.state("TASK_KILLED").await;
    assert_eq!(killed["message"], "Command terminated with signal Terminated");
    assert!(client().get(format!("http://{}:31000/", cluster.agent_ip(0))).send().await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sick_task_is_killed() {
    let cluster = Cluster::start(1, 1).await;
    let mut scheduler = Scheduler::subscribe(&cluster.master_url(0), Scheduler::info(json!({}))).await;
    let offer = scheduler.offers().await.remove(0);
    let more = json!({"health_check": {"type": "TCP", "tcp": {"port": 31009}, "delay_seconds": 0.0, "interval_seconds": 0.05,
        "grace_period_seconds": 0.0, "consecutive_failures": 2, "timeout_seconds": 1.0}});
    scheduler.launch(&offer, vec![Scheduler::task(&offer, "sick", "sleep infinity", more)]).await;
    let killed = scheduler.state("TASK_KILLED").await;
    assert_eq!(killed["healthy"], false);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_task_group_lives_and_dies_together() {
    let cluster = Cluster::start(1, 1).await;
    let mut scheduler = Scheduler::subscribe(&cluster.master_url(0), Scheduler::info(json!({}))).await;
    let offer = scheduler.offers().await.remove(0);
    let resources = json!([{"name": "cpus", "type": "SCALAR", "scalar": {"value": 0.1}}, {"name": "mem", "type": "SCALAR", "scalar": {"value": 32}},
        {"name": "disk", "type": "SCALAR", "scalar": {"value": 1}}]);
    let executor = json!({"type": "DEFAULT", "executor_id": {"value": "pod"}, "resources": resources});
    let tasks = [
        Scheduler::task(&offer, "a", "sleep infinity", json!({})),
        Scheduler::task(&offer, "b", "sleep 0.3; exit 1", json!({})),
    ];
    let group = json!({"type": "LAUNCH_GROUP", "launch_group": {"executor": executor, "task_group": {"tasks": tasks}}});
    let accept = json!({"offer_ids": [offer["id"]], "operations": [group]});
    assert_eq!(scheduler.send(json!({"type": "ACCEPT", "accept": accept})).await.0, 202);
    let failed = scheduler.state("TASK_FAILED").await;
    assert_eq!(failed["task_id"]["value"], "b");
    assert_eq!(scheduler.state("TASK_KILLED").await["task_id"]["value"], "a");
    assert_eq!(scheduler.wait("FAILURE").await["failure"]["executor_id"]["value"], "pod");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn offers_are_declined_suppressed_revived_and_shared() {
    let cluster = Cluster::start(1, 2).await;
    let mut first = Scheduler::subscribe(&cluster.master_url(0), Scheduler::info(json!({"name": "first"}))).await;
    let offers = first.offers().await;
    assert_eq!(offers.len(), 2);
    let mut second = Scheduler::subscribe(&cluster.master_url(0), Scheduler::info(json!({"name": "second"}))).await;
    // What one declines the other gets.
    let decline = json!({"offer_ids": [offers[0]["id"]], "filters": {"refuse_seconds": 3600.0}});
    first.send(json!({"type": "DECLINE", "decline": decline})).await;
    assert_eq!(second.offers().await[0]["agent_id"], offers[0]["agent_id"]);
    first.send(json!({"type": "SUPPRESS", "suppress": {}})).await;
    let decline = json!({"offer_ids": [offers[1]["id"]], "filters": {"refuse_seconds": 3600.0}});
    first.send(json!({"type": "DECLINE", "decline": decline})).await;
    assert_eq!(second.offers().await[0]["agent_id"], offers[1]["agent_id"]);
    // A framework that leaves gives all back, and a revived one takes it whatever it refused.
    assert_eq!(second.send(json!({"type": "TEARDOWN"})).await.0, 202);
    assert!(second.ends().await);
    first.send(json!({"type": "REVIVE", "revive": {}})).await;
    let mut back = first.offers().await;
    while back.len() < 2 {
        back.extend(first.offers().await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_launches_are_refused_with_a_reason() {
    let cluster = Cluster::start(1, 1).await;
    let mut scheduler = Scheduler::subscribe(&cluster.master_url(0), Scheduler::info(json!({}))).await;
    let offer = scheduler.offers().await.remove(0);
    let mut void = offer.clone();
    void["id"]["value"] = json!("bad");
    scheduler.launch(&void, vec![Scheduler::task(&offer, "t1", "true", json!({}))]).await;
    let dropped = scheduler.status().await;
    assert_eq!(dropped["state"], "TASK_DROPPED");
    assert_eq!(dropped["message"], "Task launched with invalid offers: Offer bad is no longer valid");
    assert_eq!(dropped["reason"], "REASON_INVALID_OFFERS");
    let greedy = json!({"resources": [{"name": "cpus", "type": "SCALAR", "scalar": {"value": 64}}]});
    scheduler.launch(&offer, vec![Scheduler::task(&offer, "t2", "true", greedy)]).await;
    let error = scheduler.status().await;
    assert_eq!((error["state"].as_str(), error["reason"].as_str()), (Some("TASK_ERROR"), Some("REASON_TASK_INVALID")));
    scheduler.send(json!({"type": "RECONCILE", "reconcile": {"tasks": [{"task_id": {"value": "unk"}}]}})).await;
    let unknown = scheduler.status().await;
    assert_eq!(
        (unknown["state"].as_str(), unknown["message"].as_str()),
        (Some("TASK_UNKNOWN"), Some("Reconciliation: Task is unknown"))
    );
    let offer = scheduler.offers().await.remove(0);
    scheduler.launch(&offer, vec![Scheduler::task(&offer, "t3", "no-such-program", json!({}))]).await;
    assert_eq!(scheduler.state("TASK_FAILED").await["message"], "Command exited with status 127");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_scheduler_comes_back_and_reconciles() {
    let cluster = Cluster::start(1, 1).await;
    let mut old =
        Scheduler::subscribe(&cluster.master_url(0), Scheduler::info(json!({"failover_timeout": 60.0}))).await;
    let offer = old.offers().await.remove(0);
    old.launch(&offer, vec![Scheduler::task(&offer, "t1", "sleep infinity", json!({}))]).await;
    old.state("TASK_RUNNING").await;
    let info = Scheduler::info(json!({"failover_timeout": 60.0, "id": {"value": old.id}}));
    let mut new = Scheduler::subscribe(&cluster.master_url(0), info).await;
    assert_eq!(new.id, old.id);
    assert_eq!(old.wait("ERROR").await["error"]["message"], "Framework failed over");
    let (status, why) = old.send(json!({"type": "REVIVE"})).await;
    assert_eq!(status, 400);
    assert!(why.contains("didn't match the stream ID"), "{why}");
    new.send(json!({"type": "RECONCILE", "reconcile": {"tasks": []}})).await;
    let latest = new.status().await;
    assert_eq!(
        (latest["state"].as_str(), latest["reason"].as_str()),
        (Some("TASK_RUNNING"), Some("REASON_RECONCILIATION"))
    );
    drop(new);
    eventually("disconnected framework", || async {
        let state = get(&format!("{}/state", cluster.master_url(0))).await?;
        (state["frameworks"][0]["active"] == false && state["frameworks"][0]["tasks"].as_array()?.len() == 1)
            .then_some(())
    })
    .await;
    let (status, _) =
        call(&cluster.master_url(0), &json!({"type": "TEARDOWN", "teardown": {"framework_id": {"value": old.id}}}))
            .await;
    assert_eq!(status, 200);
    eventually("killed task", || async {
        let state = get(&format!("{}/state", cluster.agent_url(0))).await?;
        state["frameworks"].as_array()?.is_empty().then_some(())
    })
    .await;
    let info = Scheduler::info(json!({"id": {"value": old.id}}));
    let body = json!({"type": "SUBSCRIBE", "framework_id": {"value": old.id}, "subscribe": {"framework_info": info}})
        .to_string();
    let url = format!("{}/api/v1/scheduler", cluster.master_url(0));
    let answer = client()
        .post(url)
        .header("content-type", "application/json")
        .body(body)
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(answer.contains("Framework has been removed"), "{answer}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn checks_inform_and_health_is_kept_beside_them() {
    let cluster = Cluster::start(1, 1).await;
    let mut scheduler = Scheduler::subscribe(&cluster.master_url(0), Scheduler::info(json!({}))).await;
    let offer = scheduler.offers().await.remove(0);
    let often = |kind: &str, more: Value| {
        let mut check = json!({"type": kind, "delay_seconds": 0.0, "interval_seconds": 0.05, "timeout_seconds": 5.0});
        more.as_object().unwrap().iter().for_each(|(key, value)| check[key] = value.clone());
        check
    };
    let check = often("COMMAND", json!({"command": {"command": {"value": "test -f ready"}}}));
    let health = often("COMMAND", json!({"command": {"value": "true"}, "grace_period_seconds": 0.0}));
    let more = json!({"check": check, "health_check": health});
    scheduler.launch(&offer, vec![Scheduler::task(&offer, "c", "sleep 1; touch ready; sleep 1000", more)]).await;
    let first = scheduler.state("TASK_RUNNING").await;
    assert_eq!(first["check_status"], json!({"type": "COMMAND", "command": {}}), "nothing has been found yet");
    let found = |code: i32| json!({"type": "COMMAND", "command": {"exit_code": code}});
    let mut reasons = Vec::new();
    let last = loop {
        let status = scheduler.state("TASK_RUNNING").await;
        reasons.push((status["reason"].clone(), status["check_status"].clone()));
        if status["check_status"] == found(0) && status["healthy"] == true {
            break status;
        }
    };
    let by_check = json!("REASON_TASK_CHECK_STATUS_UPDATED");
    let by_health = json!("REASON_TASK_HEALTH_CHECK_STATUS_UPDATED");
    assert_eq!(last["reason"], by_check, "the check came last, and the health is still known");
    assert_eq!(
        reasons.iter().filter(|(reason, _)| *reason == by_check).count(),
        2,
        "only changes are told: {reasons:?}"
    );
    assert_eq!(reasons.iter().filter(|(reason, _)| *reason == by_health).count(), 1, "{reasons:?}");
    assert!(reasons.contains(&(by_check, found(1))), "{reasons:?}");
    scheduler.send(json!({"type": "KILL", "kill": {"task_id": {"value": "c"}}})).await;
    scheduler.state("TASK_KILLED").await;

    // A port on which nobody listens: no answer to HTTP, no connection by TCP.
    let offer = scheduler.offers().await.remove(0);
    let http = often("HTTP", json!({"http": {"port": 9, "path": "/"}}));
    let tcp = often("TCP", json!({"tcp": {"port": 9}}));
    let tasks = [("h", http), ("t", tcp)];
    let tasks = tasks.map(|(id, check)| Scheduler::task(&offer, id, "sleep 1000", json!({"check": check})));
    scheduler.launch(&offer, tasks.into()).await;
    let mut seen = Vec::new();
    while !seen.contains(&json!({"type": "TCP", "tcp": {"succeeded": false}})) {
        seen.push(scheduler.state("TASK_RUNNING").await["check_status"].clone());
    }
    assert!(
        seen.iter().all(|status| status["type"] == "TCP" || *status == json!({"type": "HTTP", "http": {}})),
        "{seen:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_task_that_takes_too_long_is_ended() {
    let cluster = Cluster::start(1, 1).await;
    let capabilities = json!([{"type": "MULTI_ROLE"}, {"type": "TASK_KILLING_STATE"}]);
    let info = Scheduler::info(json!({"capabilities": capabilities}));
    let mut scheduler = Scheduler::subscribe(&cluster.master_url(0), info).await;
    let offer = scheduler.offers().await.remove(0);
    let most = json!({"max_completion_time": {"nanoseconds": 200_000_000}});
    let tasks = [("long", "sleep 1000"), ("short", "true")];
    let tasks = tasks.map(|(id, command)| Scheduler::task(&offer, id, command, most.clone()));
    scheduler.launch(&offer, tasks.into()).await;
    let mut ends = std::collections::BTreeMap::new();
    while ends.len() < 2 {
        let status = scheduler.status().await;
        let state = status["state"].as_str().unwrap().to_owned();
        assert_ne!(state, "TASK_KILLING", "nobody asked for its end");
        if !matches!(state.as_str(), "TASK_STARTING" | "TASK_RUNNING") {
            ends.insert(status["task_id"]["value"].to_string(), (state, status["reason"].clone()));
        }
    }
    assert_eq!(ends[r#""long""#], ("TASK_FAILED".to_owned(), json!("REASON_MAX_COMPLETION_TIME_REACHED")));
    assert_eq!(ends[r#""short""#], ("TASK_FINISHED".to_owned(), Value::Null));
}
