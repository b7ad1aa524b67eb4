//! A framework, as busy as it can be.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

use crate::connection::{Connection, Outcome, Records};

/// What all frameworks count together.
#[derive(Default)]
pub struct Counts {
    pub running: AtomicUsize,
    pub killed: AtomicUsize,
}

/// A framework that launches so many tasks, and then some more and kills them, as fast as it is told to.
pub async fn framework(
    to: SocketAddr,
    name: String,
    tasks: usize,
    counts: Arc<Counts>,
    mut churn: tokio::sync::watch::Receiver<usize>,
) -> Outcome<()> {
    const PATH: &str = "/api/v1/scheduler";
    let mut events = Connection::open(to).await?;
    let mut calls = Connection::open(to).await?;
    let info = json!({"user": "root", "name": name, "roles": ["*"], "failover_timeout": 60.0, "checkpoint": true,
        "capabilities": [{"type": "MULTI_ROLE"}, {"type": "PARTITION_AWARE"}]});
    let subscribe = json!({"type": "SUBSCRIBE", "subscribe": {"framework_info": info}}).to_string();
    events.send(&format!("POST {PATH}"), &subscribe).await?;
    events.stream.write_all(format!("\r\n{subscribe}").as_bytes()).await?;
    let head = events.head().await?;
    let stream_id = head.lines().find_map(|l| l.strip_prefix("mesos-stream-id: ")).ok_or("no stream id")?.to_owned();
    let mut records = Records::default();
    let mut id = Value::Null;
    let mut left = tasks;
    let mut number = 0usize;
    let mut here: Vec<Value> = Vec::new();
    loop {
        while let Some(record) = records.next() {
            let event: Value = serde_json::from_slice(&record)?;
            match event["type"].as_str() {
                Some("SUBSCRIBED") => id = event["subscribed"]["framework_id"].clone(),
                Some("OFFERS") => {
                    let mut refused = Vec::new();
                    let refuse = json!({"refuse_seconds": 3600.0});
                    for offer in event["offers"]["offers"].as_array().into_iter().flatten() {
                        // What is left of an agent may be memory alone.
                        let cpus = offer["resources"].as_array().into_iter().flatten().find(|r| r["name"] == "cpus");
                        let room = cpus.and_then(|r| r["scalar"]["value"].as_f64()).is_some_and(|cpus| cpus >= 1.0);
                        let now = if room { left.min(10) } else { 0 };
                        if now == 0 {
                            refused.push(offer["id"].clone());
                            continue;
                        }
                        left -= now;
                        let infos: Vec<Value> = (0..now).map(|n| task(&name, number + n, &offer["agent_id"])).collect();
                        number += now;
                        let body = json!({"offer_ids": [offer["id"]], "filters": refuse,
                            "operations": [{"type": "LAUNCH", "launch": {"task_infos": infos}}]});
                        calls
                            .call(PATH, &stream_id, &json!({"type": "ACCEPT", "framework_id": id, "accept": body}))
                            .await?;
                    }
                    if !refused.is_empty() {
                        let body = json!({"offer_ids": refused, "filters": refuse});
                        calls
                            .call(PATH, &stream_id, &json!({"type": "DECLINE", "framework_id": id, "decline": body}))
                            .await?;
                    }
                    if left == 0 {
                        calls
                            .call(PATH, &stream_id, &json!({"type": "SUPPRESS", "framework_id": id, "suppress": {}}))
                            .await?;
                    }
                }
                Some("UPDATE") => {
                    let status = &event["update"]["status"];
                    match status["state"].as_str() {
                        Some("TASK_RUNNING") => {
                            here.push(status["task_id"].clone());
                            counts.running.fetch_add(1, Ordering::Relaxed)
                        }
                        Some("TASK_KILLED") => counts.killed.fetch_add(1, Ordering::Relaxed),
                        _ => 0,
                    };
                    let ack =
                        json!({"agent_id": status["agent_id"], "task_id": status["task_id"], "uuid": status["uuid"]});
                    calls
                        .call(PATH, &stream_id, &json!({"type": "ACKNOWLEDGE", "framework_id": id, "acknowledge": ack}))
                        .await?;
                }
                _ => {}
            }
        }
        tokio::select! {
            chunk = events.chunk() => records.0.extend_from_slice(&chunk?),
            changed = churn.changed(), if left == 0 => {
                changed?;
                // One task fewer: a status for everybody who follows.
                if let Some(task) = here.pop() {
                    calls.call(PATH, &stream_id, &json!({"type": "KILL", "framework_id": id, "kill": {"task_id": task}})).await?;
                }
            }
        }
    }
}

fn task(framework: &str, number: usize, agent: &Value) -> Value {
    let id = format!("{framework}.task-{number}");
    json!({"name": "web", "task_id": {"value": id}, "agent_id": agent, "command": {"value": "sleep infinity"},
        "labels": {"labels": [{"key": "app", "value": "/shop/web"}]},
        "resources": [{"name": "cpus", "type": "SCALAR", "scalar": {"value": 0.1}}, {"name": "mem", "type": "SCALAR", "scalar": {"value": 32}}]})
}
