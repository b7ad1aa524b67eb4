//! The JSON of every endpoint, compared with recordings of Mesos 1.11.0: the same keys, of the same types.

mod common;

use common::{Cluster, Scheduler, call, get, recorded, same_shape};
use serde_json::{Value, json};

/// Everything that both have; a list of what differs.
async fn faults(cluster: &Cluster) -> Vec<String> {
    let mut faults = Vec::new();
    let mut compare = |name: &str, mut ours: Value| {
        let theirs = recorded(name);
        // Of flags the recording keeps a few.
        if let (Some(a), Some(b)) = (ours.get_mut("flags").and_then(Value::as_object_mut), theirs["flags"].as_object())
        {
            a.retain(|key, _| b.contains_key(key));
        }
        same_shape(&ours, &theirs, name, &mut faults);
    };
    let master = cluster.master_url(0);
    for name in ["state", "state-summary", "slaves", "frameworks", "tasks", "roles", "version"] {
        let mut answer = get(&format!("{master}/{name}")).await.unwrap_or_default();
        soften(&mut answer);
        compare(name, answer);
    }
    for name in [
        "GET_TASKS",
        "GET_AGENTS",
        "GET_FRAMEWORKS",
        "GET_EXECUTORS",
        "GET_ROLES",
        "GET_STATE",
        "GET_MASTER",
        "GET_VERSION",
        "GET_HEALTH",
        "GET_LOGGING_LEVEL",
        "GET_OPERATIONS",
        "GET_MAINTENANCE_STATUS",
        "GET_MAINTENANCE_SCHEDULE",
        "GET_QUOTA",
        "GET_WEIGHTS",
        "GET_FLAGS",
    ] {
        let (status, body) = call(&master, &json!({"type": name})).await;
        assert_eq!(status, 200, "{name}");
        compare(name, serde_json::from_str(&body).unwrap());
    }
    let agent = cluster.agent_url(0);
    compare("agent-containers", get(&format!("{agent}/containers")).await.unwrap());
    compare("agent-statistics", get(&format!("{agent}/monitor/statistics")).await.unwrap());
    compare("agent-metrics", get(&format!("{agent}/metrics/snapshot")).await.unwrap());
    faults
}

/// The recorded agents had been registered again; ours have not.
fn soften(answer: &mut Value) {
    for slave in answer.get_mut("slaves").and_then(Value::as_array_mut).into_iter().flatten() {
        slave["reregistered_time"] = json!(0.5);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn shapes_are_the_recorded_ones() {
    let cluster = Cluster::start(1, 1).await;
    let mut scheduler = Scheduler::subscribe(&cluster.master_url(0), Scheduler::info(json!({}))).await;
    let offer = scheduler.offers().await.remove(0);
    scheduler.send(json!({"type": "SUPPRESS", "suppress": {}})).await;
    scheduler.launch(&offer, vec![Scheduler::task(&offer, "t1", "sleep infinity", json!({}))]).await;
    scheduler.state("TASK_RUNNING").await;
    let known = [
        // The recorded agents had come back.
        "GET_AGENTS.get_agents.agents[0].reregistered_time: missing",
        "GET_STATE.get_state.get_agents.agents[0].reregistered_time: missing",
    ];
    let faults: Vec<_> = faults(&cluster).await.into_iter().filter(|fault| !known.contains(&fault.as_str())).collect();
    assert!(faults.is_empty(), "{faults:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_have_the_recorded_shapes() {
    let cluster = Cluster::start(1, 1).await;
    let mut scheduler = Scheduler::subscribe(&cluster.master_url(0), Scheduler::info(json!({}))).await;
    let mut faults = Vec::new();
    let recorded = recorded("scheduler-events");
    let find = |kind: &str, state: Option<&str>| -> Value {
        let fits = |event: &&Value| {
            event["type"] == kind && state.is_none_or(|state| event["update"]["status"]["state"] == state)
        };
        recorded.as_array().unwrap().iter().find(fits).cloned().unwrap()
    };
    let offers = scheduler.wait("OFFERS").await;
    same_shape(&offers, &find("OFFERS", None), "OFFERS", &mut faults);
    let offer = offers["offers"]["offers"][0].clone();
    scheduler.launch(&offer, vec![Scheduler::task(&offer, "t1", "exit 3", json!({}))]).await;
    for state in ["TASK_STARTING", "TASK_RUNNING", "TASK_FAILED"] {
        let status = scheduler.status().await;
        same_shape(&status, &find("UPDATE", Some(state))["update"]["status"], state, &mut faults);
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agents_history_has_the_recorded_shape() {
    let cluster = Cluster::start(1, 1).await;
    let mut scheduler = Scheduler::subscribe(&cluster.master_url(0), Scheduler::info(json!({}))).await;
    let offer = scheduler.offers().await.remove(0);
    scheduler.launch(&offer, vec![Scheduler::task(&offer, "t1", "exit 3", json!({}))]).await;
    scheduler.state("TASK_FAILED").await;
    let theirs = recorded("agent-state");
    let mut ours = common::eventually("finished framework", || async {
        let state = get(&format!("{}/state", cluster.agent_url(0))).await?;
        (!state["completed_frameworks"].as_array()?.is_empty()).then_some(state)
    })
    .await;
    let kept = theirs["flags"].as_object().unwrap();
    ours["flags"].as_object_mut().unwrap().retain(|key, _| kept.contains_key(key));
    ours["flags"]["reconfiguration_policy"] = json!("equal");
    let mut faults = Vec::new();
    same_shape(&ours, &theirs, "agent", &mut faults);
    assert!(faults.is_empty(), "{faults:#?}");
}
