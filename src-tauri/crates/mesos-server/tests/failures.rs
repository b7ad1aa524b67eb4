//! Masters and agents die, lose each other and come back.

mod common;

use std::time::{Duration, Instant};

use common::{Cluster, Records, Scheduler, client, eventually, get};
use serde_json::json;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_of_three_leads_and_another_takes_over() {
    let mut cluster = Cluster::start(3, 1).await;
    let leader = cluster.wait_agents(1).await;
    let other = (leader + 1) % 3;
    let state = client().get(format!("{}/state", cluster.master_url(other))).send().await.unwrap();
    assert_eq!(state.status(), 307);
    let location = state.headers()["location"].to_str().unwrap();
    assert_eq!(location, format!("//{}:5050/master/state", cluster.master_ip(leader)));
    let redirect = client().get(format!("{}/redirect", cluster.master_url(other))).send().await.unwrap();
    assert_eq!(redirect.headers()["location"].to_str().unwrap(), format!("//{}:5050", cluster.master_ip(leader)));
    for local in ["health", "version", "flags", "metrics/snapshot"] {
        let answer = client().get(format!("{}/{local}", cluster.master_url(other))).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{local}");
    }
    let mut scheduler =
        Scheduler::subscribe(&cluster.master_url(leader), Scheduler::info(json!({"failover_timeout": 60.0}))).await;
    let offer = scheduler.offers().await.remove(0);
    scheduler.launch(&offer, vec![Scheduler::task(&offer, "t1", "sleep infinity", json!({}))]).await;
    scheduler.state("TASK_RUNNING").await;
    cluster.masters[leader].take().unwrap().kill().await;
    let next = cluster.wait_agents(1).await;
    assert_ne!(next, leader);
    let state = get(&format!("{}/state", cluster.master_url(next))).await.unwrap();
    assert_eq!(state["recovered_slaves"], json!([]));
    let framework = &state["frameworks"][0];
    assert_eq!((&framework["recovered"], &framework["tasks"][0]["state"]), (&json!(true), &json!("TASK_RUNNING")));
    let info = Scheduler::info(json!({"failover_timeout": 60.0, "id": {"value": scheduler.id}}));
    let mut again = Scheduler::subscribe(&cluster.master_url(next), info).await;
    again.send(json!({"type": "KILL", "kill": {"task_id": {"value": "t1"}}})).await;
    again.state("TASK_KILLED").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_master_leads_soon() {
    let mut cluster = Cluster::with_zookeeper().await;
    let begin = Instant::now();
    cluster.start_master(0, 1).await;
    eventually("leader", || get_state(&cluster)).await;
    // 52 ms on a busy machine.
    assert!(begin.elapsed() < Duration::from_secs(1), "leads after {:?}", begin.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_zookeeper_nobody_leads_until_it_comes() {
    let mut cluster = Cluster::without_zookeeper();
    cluster.start_master(0, 1).await;
    cluster.start_agent(0, &[]).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    let none = client().get(format!("{}/state", cluster.master_url(0))).send().await.unwrap();
    assert_eq!((none.status().as_u16(), none.text().await.unwrap()), (503, "No leader elected".to_owned()));
    cluster.start_zookeeper().await;
    cluster.wait_agents(1).await;
}

async fn get_state(cluster: &Cluster) -> Option<serde_json::Value> {
    get(&format!("{}/state", cluster.master_url(0))).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_agent_is_unreachable_and_comes_back_with_its_task() {
    let mut cluster = Cluster::start(1, 1).await;
    let subscribe =
        client().post(format!("{}/api/v1", cluster.master_url(0))).header("content-type", "application/json");
    let mut events = Records::new(subscribe.body(r#"{"type":"SUBSCRIBE"}"#).send().await.unwrap());
    assert_eq!(events.next().await.unwrap()["type"], "SUBSCRIBED");
    let mut scheduler = Scheduler::subscribe(&cluster.master_url(0), Scheduler::info(json!({}))).await;
    let offer = scheduler.offers().await.remove(0);
    scheduler.launch(&offer, vec![Scheduler::task(&offer, "t1", "sleep infinity", json!({}))]).await;
    scheduler.state("TASK_RUNNING").await;
    cluster.agents[0].take().unwrap().kill().await;
    eventually("deactivated agent", || async {
        let state = get_state(&cluster).await?;
        (state["activated_slaves"] == 0.0).then_some(())
    })
    .await;
    let gone = scheduler.state("TASK_UNREACHABLE").await;
    assert_eq!(gone["message"], "Agent agent0.example is unreachable: health check timed out");
    assert!(gone["unreachable_time"]["nanoseconds"].is_i64());
    assert_eq!(scheduler.wait("FAILURE").await["failure"]["agent_id"], offer["agent_id"]);
    let state = get_state(&cluster).await.unwrap();
    assert_eq!((&state["unreachable_slaves"], &state["slaves"]), (&json!(1.0), &json!([])));
    cluster.start_agent(0, &[]).await;
    cluster.wait_agents(1).await;
    let back = scheduler.state("TASK_RUNNING").await;
    assert_eq!(back["reason"], "REASON_AGENT_REREGISTERED");
    let state = get_state(&cluster).await.unwrap();
    assert_eq!(state["slaves"][0]["id"], offer["agent_id"]["value"]);
    assert!(state["slaves"][0]["reregistered_time"].is_f64());
    let mut kinds = Vec::new();
    while kinds.last().is_none_or(|kind| kind != "AGENT_ADDED") {
        kinds.push(events.next().await.unwrap()["type"].as_str().unwrap().to_owned());
    }
    kinds.retain(|kind| kind != "HEARTBEAT");
    assert_eq!(kinds[..3], ["FRAMEWORK_ADDED", "TASK_ADDED", "TASK_UPDATED"]);
    scheduler.send(json!({"type": "KILL", "kill": {"task_id": {"value": "t1"}}})).await;
    scheduler.state("TASK_KILLED").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_machine_that_loses_power_loses_its_tasks() {
    let mut cluster = Cluster::start(1, 1).await;
    let mut scheduler = Scheduler::subscribe(&cluster.master_url(0), Scheduler::info(json!({}))).await;
    let offer = scheduler.offers().await.remove(0);
    scheduler.launch(&offer, vec![Scheduler::task(&offer, "t1", "sleep infinity", json!({}))]).await;
    scheduler.state("TASK_RUNNING").await;
    cluster.agents[0].take().unwrap().kill().await;
    cluster.links.power_off(cluster.agent_ip(0));
    cluster.start_agent(0, &[]).await;
    let gone = scheduler.state("TASK_GONE").await;
    assert_eq!(gone["message"], "Reconciliation: Task is unknown to the agent");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cut_network_heals() {
    let cluster = Cluster::start(1, 1).await;
    cluster.hardware.network.cut(cluster.master_ip(0), cluster.agent_ip(0));
    eventually("unreachable agent", || async {
        let state = get_state(&cluster).await?;
        (state["unreachable_slaves"] == 1.0).then_some(())
    })
    .await;
    cluster.hardware.network.heal();
    cluster.wait_agents(1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_sent_while_the_network_is_cut_for_a_moment_arrives_when_it_is_healed() {
    let cluster = Cluster::start(1, 1).await;
    let mut scheduler = Scheduler::subscribe(&cluster.master_url(0), Scheduler::info(json!({}))).await;
    let offer = scheduler.offers().await.remove(0);
    cluster.hardware.network.cut(cluster.master_ip(0), cluster.agent_ip(0));
    scheduler.launch(&offer, vec![Scheduler::task(&offer, "t1", "sleep infinity", json!({}))]).await;
    cluster.hardware.network.heal();
    scheduler.state("TASK_RUNNING").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_fails_tasks_until_there_is_room_again() {
    let cluster = Cluster::start(1, 1).await;
    let mut scheduler = Scheduler::subscribe(&cluster.master_url(0), Scheduler::info(json!({}))).await;
    let offer = scheduler.offers().await.remove(0);
    cluster.hardware.disk.fill();
    scheduler.launch(&offer, vec![Scheduler::task(&offer, "t1", "echo hi", json!({}))]).await;
    let failed = scheduler.state("TASK_FAILED").await;
    assert_eq!(failed["reason"], "REASON_CONTAINER_LAUNCH_FAILED");
    let message = failed["message"].as_str().unwrap();
    assert!(message.contains("Failed to create executor directory") && message.contains("No space left on device"));
    cluster.hardware.disk.free();
    let offer = scheduler.offers().await.remove(0);
    scheduler.launch(&offer, vec![Scheduler::task(&offer, "t2", "echo hi", json!({}))]).await;
    scheduler.state("TASK_FINISHED").await;
}
