//! Operators follow a large cluster: the state first, whole, and then every change.

mod common;

use std::{collections::BTreeMap, net::SocketAddrV4};

use common::{Cluster, Records, Scheduler, ask, client, eventually, get, streaming};
use mesos_server::{Fleet, FleetOptions};
use serde_json::{Value, json};

/// So many agents make a state of several pieces.
const AGENTS: u32 = 600;

async fn fleet(cluster: &Cluster) -> Fleet {
    let options = FleetOptions {
        count: AGENTS,
        first: [10, 0, 0, 1].into(),
        resources: "cpus:4;mem:8192;disk:10000;ports:[31000-32000]".into(),
        attributes: "rack:r1".into(),
    };
    eventually("leader", || async { get(&format!("{}/state", cluster.master_url(0))).await }).await;
    let fleet = Fleet::join(&cluster.links, SocketAddrV4::new(cluster.master_ip(0), 5050), &options).unwrap();
    cluster.wait_agents(AGENTS as usize).await;
    fleet
}

async fn subscribe(url: &str, accept: &str) -> reqwest::Response {
    let request = streaming().post(format!("{url}/api/v1")).header("content-type", "application/json");
    request.header("accept", accept).body(r#"{"type":"SUBSCRIBE"}"#).send().await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_state_comes_whole_before_the_events() {
    let mut cluster = Cluster::with_zookeeper().await;
    cluster.start_master(0, 1).await;
    let _fleet = fleet(&cluster).await;
    let url = cluster.master_url(0);
    let mut followers = Vec::new();
    for _ in 0..3 {
        followers.push(Records::new(subscribe(&url, "application/json").await));
    }
    let mut binary = subscribe(&url, "application/x-protobuf").await;
    let scheduler = Scheduler::subscribe(&url, Scheduler::info(json!({}))).await;
    let mut first = Vec::new();
    for events in &mut followers {
        let subscribed = events.next().await.unwrap();
        assert_eq!(subscribed["type"], "SUBSCRIBED");
        let state = &subscribed["subscribed"]["get_state"];
        assert_eq!(state["get_agents"]["agents"].as_array().unwrap().len(), AGENTS as usize);
        first.push(subscribed);
        let mut kinds = Vec::new();
        loop {
            let event = events.next().await.unwrap();
            kinds.push(event["type"].clone());
            if event["type"] == "FRAMEWORK_ADDED" {
                assert_eq!(event["framework_added"]["framework"]["framework_info"]["id"]["value"], scheduler.id);
                break;
            }
        }
        assert_eq!(kinds[0], "HEARTBEAT");
    }
    assert!(first.iter().all(|subscribed| *subscribed == first[0]), "all are shown the same state");
    // In protobuf the record is the message alone: SUBSCRIBED is 1, and its content has more than all the host names.
    let mut buffer = Vec::new();
    let (length, start) = loop {
        buffer.extend_from_slice(&binary.chunk().await.unwrap().expect("the stream is open"));
        if let Some(end) = buffer.iter().position(|byte| *byte == b'\n') {
            break (std::str::from_utf8(&buffer[..end]).unwrap().parse::<usize>().unwrap(), end + 1);
        }
    };
    while buffer.len() < start + length {
        buffer.extend_from_slice(&binary.chunk().await.unwrap().expect("the stream is open"));
    }
    assert_eq!(buffer[start..start + 2], [1 << 3, 1]);
    let text = String::from_utf8_lossy(&buffer[start..start + length]).into_owned();
    assert!((0..AGENTS).all(|n| text.contains(&format!("fleet{n}.example"))));
}

/// What of an answer has to be the same, whenever it is asked for.
fn by_id(list: &Value, name: &str) -> BTreeMap<String, Value> {
    list.as_array().unwrap().iter().map(|one| (one[name].to_string(), one.clone())).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_kept_of_the_json_is_never_out_of_date() {
    let cluster = Cluster::start(1, 2).await;
    let url = cluster.master_url(0);
    let state = || async { get(&format!("{url}/state")).await.unwrap() };
    let tasks = || async {
        let (_, body) = common::call(&url, &json!({"type": "GET_TASKS"})).await;
        serde_json::from_str::<Value>(&body).unwrap()["get_tasks"].clone()
    };
    let before = state().await;
    let mut scheduler = Scheduler::subscribe(&url, Scheduler::info(json!({"failover_timeout": 60.0}))).await;
    let offer = scheduler.offers().await.remove(0);
    let offered = state().await;
    let of = |state: &Value| by_id(&state["slaves"], "id")[&offer["agent_id"]["value"].to_string()].clone();
    assert_eq!(
        (&of(&before)["offered_resources"]["cpus"], &of(&offered)["offered_resources"]["cpus"]),
        (&json!(0.0), &json!(2.0))
    );
    scheduler.launch(&offer, vec![Scheduler::task(&offer, "t", "sleep infinity", json!({}))]).await;
    scheduler.state("TASK_RUNNING").await;
    assert_eq!(state().await["frameworks"][0]["tasks"][0]["state"], "TASK_RUNNING");
    assert_eq!(tasks().await["tasks"][0]["state"], "TASK_RUNNING");
    assert_eq!(of(&state().await)["used_resources"]["cpus"], json!(0.1));
    let agent = json!({"type": "DRAIN_AGENT", "drain_agent": {"agent_id": offer["agent_id"]}});
    assert_eq!(common::call(&url, &agent).await.0, 200);
    assert_eq!(of(&state().await)["drain_info"]["config"]["mark_gone"], json!(false));
    scheduler.state("TASK_KILLED").await;
    eventually("end of the task", || async {
        let (state, tasks) = (state().await, tasks().await);
        let ended = state["frameworks"][0]["completed_tasks"][0]["state"] == "TASK_KILLED";
        (ended
            && of(&state)["drain_info"]["state"] == "DRAINED"
            && tasks["completed_tasks"][0]["state"] == "TASK_KILLED")
            .then_some(())
    })
    .await;
    let again = json!({"type": "REACTIVATE_AGENT", "reactivate_agent": {"agent_id": offer["agent_id"]}});
    assert_eq!(common::call(&url, &again).await.0, 200);
    let active = of(&state().await);
    assert_eq!(
        (&active["drain_info"], &active["active"], &active["used_resources"]["cpus"]),
        (&Value::Null, &json!(true), &json!(0.0))
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_stops_reading_holds_nobody() {
    let mut cluster = Cluster::with_zookeeper().await;
    cluster.start_master(0, 1).await;
    let _fleet = fleet(&cluster).await;
    let url = cluster.master_url(0);
    // They read no byte of what they asked for.
    let mut idle = Vec::new();
    for _ in 0..5 {
        idle.push(subscribe(&url, "application/json").await);
        idle.push(client().get(format!("{url}/state")).send().await.unwrap());
    }
    let mut events = Records::new(subscribe(&url, "application/json").await);
    let mut scheduler = Scheduler::subscribe(&url, Scheduler::info(json!({}))).await;
    assert!(!scheduler.offers().await.is_empty());
    assert_eq!(ask("GET", &format!("{url}/state-summary"), &[], "").await.0, 200);
    while events.next().await.expect("the stream is open")["type"] != "FRAMEWORK_ADDED" {}
}

/// Whether these bytes are one record.
fn is_one_record(chunk: &[u8]) -> bool {
    let Some(end) = chunk.iter().position(|byte| *byte == b'\n') else { return false };
    let length = std::str::from_utf8(&chunk[..end]).ok().and_then(|digits| digits.parse().ok());
    length == Some(chunk.len() - end - 1)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_record_is_a_chunk_of_its_own() {
    // There are clients that take a chunk for a record.
    let cluster = Cluster::start(1, 2).await;
    let url = cluster.master_url(0);
    let mut operator = subscribe(&url, "application/json").await;
    let body = json!({"type": "SUBSCRIBE", "subscribe": {"framework_info": Scheduler::info(json!({}))}}).to_string();
    let request = streaming().post(format!("{url}/api/v1/scheduler")).header("content-type", "application/json");
    let mut scheduler = request.body(body).send().await.unwrap();
    // SUBSCRIBED, HEARTBEAT and OFFERS here; SUBSCRIBED, HEARTBEAT and FRAMEWORK_ADDED there.
    for stream in [&mut scheduler, &mut operator] {
        for _ in 0..3 {
            let chunk = stream.chunk().await.unwrap().expect("the stream is open");
            assert!(is_one_record(&chunk), "{}", String::from_utf8_lossy(&chunk));
        }
    }
}
