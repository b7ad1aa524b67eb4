//! The same requests to a real Mesos 1.11.0 and to the practice one: the same statuses, the same words, the same shapes.
//!
//! Runs if `STARTLINE_MESOS` names a folder with `bin/mesos-master`, `bin/mesos-agent` and `libexec/`.

mod common;

use common::{
    Cluster, Scheduler, ask, call, get,
    real::{Real, lab},
    same_shape,
};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_real_one_answers_the_same() {
    let Some(lab) = lab() else { return };
    let folder = tempfile::tempdir().unwrap();
    let real = Real::start(&lab, folder.path()).await;
    let ours = Cluster::start(1, 1).await;
    let mut faults = Vec::new();
    let info = Scheduler::info(json!({"name": "live", "roles": ["web"]}));
    let mut schedulers = Vec::new();
    for master in [&ours.master_url(0), &real.master] {
        let mut scheduler = Scheduler::subscribe(master, info.clone()).await;
        let offers = scheduler.offers().await;
        schedulers.push((scheduler, offers));
    }
    same_shape(&json!(schedulers[0].1), &json!(schedulers[1].1), "OFFERS", &mut faults);
    compare_json(&ours, &real, &mut faults).await;
    compare_words(&ours, &real, &mut faults).await;
    for (scheduler, offers) in &mut schedulers {
        let mut void = offers[0].clone();
        void["id"]["value"] = json!("bad");
        scheduler.launch(&void, vec![Scheduler::task(&offers[0], "t1", "true", json!({}))]).await;
        let reconcile = json!({"tasks": [{"task_id": {"value": "unk"}}]});
        scheduler.send(json!({"type": "RECONCILE", "reconcile": reconcile})).await;
        let bad = json!({"resources": [{"name": "cpus", "type": "SCALAR", "scalar": {"value": 64}}]});
        scheduler.launch(&offers[0], vec![Scheduler::task(&offers[0], "t2", "true", bad)]).await;
    }
    for what in ["invalid offer", "reconciliation", "too much"] {
        let mut statuses = Vec::new();
        for (scheduler, _) in &mut schedulers {
            statuses.push(scheduler.status().await);
        }
        same_shape(&statuses[0], &statuses[1], what, &mut faults);
        for key in ["state", "source", "reason"] {
            if statuses[0][key] != statuses[1][key] {
                faults.push(format!("{what}: {key} {} against the real {}", statuses[0][key], statuses[1][key]));
            }
        }
        eprintln!("{what}: {} / {}", statuses[0]["message"], statuses[1]["message"]);
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

async fn compare_json(ours: &Cluster, real: &Real, faults: &mut Vec<String>) {
    // Ours found its master through ZooKeeper, the real one without.
    let only_one_has = ["zk", "quorum", "ip", "hostname_lookup", "log_dir"];
    let soften = |mut value: Value| {
        if let Some(flags) = value.get_mut("flags").and_then(Value::as_object_mut) {
            only_one_has.iter().for_each(|flag| drop(flags.remove(*flag)));
        }
        value
    };
    for path in [
        "state",
        "state-summary",
        "slaves",
        "frameworks",
        "tasks",
        "roles",
        "quota",
        "weights",
        "version",
        "flags",
        "maintenance/status",
    ] {
        let one = get(&format!("{}/{path}", ours.master_url(0))).await.unwrap_or_default();
        let other = get(&format!("{}/{path}", real.master)).await.unwrap_or_default();
        same_shape(&soften(one), &soften(other), path, faults);
    }
    for path in ["state", "containers", "monitor/statistics", "version", "flags", "slave(1)/state"] {
        let one = get(&format!("{}/{path}", ours.agent_url(0))).await.unwrap_or_default();
        let other = get(&format!("{}/{path}", real.agent)).await.unwrap_or_default();
        same_shape(&soften(one), &soften(other), &format!("agent {path}"), faults);
    }
    let metrics = async |master: &str| {
        let all = get(&format!("{master}/metrics/snapshot")).await.unwrap_or_default();
        // A framework's metrics have its id in their names. Timings are one's own affair, and so is a registry.
        let name = |key: &String| key.split('/').filter(|part| !part.ends_with("-0000")).collect::<Vec<_>>().join("/");
        let affair = |key: &str| key.contains("_ms") || key.starts_with("registrar/") || key.contains("offer_filters");
        let names = all.as_object().into_iter().flat_map(|all| all.keys()).map(name);
        names.filter(|name| !affair(name)).collect::<std::collections::BTreeSet<_>>()
    };
    let (one, other) = (metrics(&ours.master_url(0)).await, metrics(&real.master).await);
    faults.extend(other.difference(&one).map(|name| format!("metric {name}: missing")));
    for kind in [
        "GET_HEALTH",
        "GET_VERSION",
        "GET_LOGGING_LEVEL",
        "GET_STATE",
        "GET_AGENTS",
        "GET_FRAMEWORKS",
        "GET_EXECUTORS",
        "GET_OPERATIONS",
        "GET_TASKS",
        "GET_ROLES",
        "GET_WEIGHTS",
        "GET_MASTER",
        "GET_MAINTENANCE_STATUS",
        "GET_MAINTENANCE_SCHEDULE",
        "GET_QUOTA",
    ] {
        let body = json!({"type": kind});
        let (one, other) = (call(&ours.master_url(0), &body).await, call(&real.master, &body).await);
        let read =
            |answer: &(u16, String)| serde_json::from_str::<Value>(&answer.1).unwrap_or_else(|_| json!(answer.1));
        same_shape(&read(&one), &read(&other), kind, faults);
    }
    for kind in [
        "GET_AGENT",
        "GET_STATE",
        "GET_CONTAINERS",
        "GET_TASKS",
        "GET_EXECUTORS",
        "GET_FRAMEWORKS",
        "GET_OPERATIONS",
        "GET_RESOURCE_PROVIDERS",
    ] {
        let body = json!({"type": kind});
        let (one, other) = (call(&ours.agent_url(0), &body).await, call(&real.agent, &body).await);
        let read =
            |answer: &(u16, String)| serde_json::from_str::<Value>(&answer.1).unwrap_or_else(|_| json!(answer.1));
        same_shape(&read(&one), &read(&other), &format!("agent {kind}"), faults);
    }
}

/// Method, path, headers, body.
type Question<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)], &'a str);

/// What is refused is refused in the same words.
async fn compare_words(ours: &Cluster, real: &Real, faults: &mut Vec<String>) {
    let json_type = ("content-type", "application/json");
    let masters: &[Question<'_>] = &[
        ("GET", "/api/v1", &[], ""),
        ("PUT", "/api/v1/scheduler", &[], ""),
        ("POST", "/api/v1", &[json_type], "[1"),
        ("POST", "/api/v1", &[json_type], r#"{"a" 1}"#),
        ("POST", "/api/v1", &[json_type], r#"{"type":"READ_FILE"}"#),
        ("POST", "/api/v1", &[json_type], r#"{"type":"TEARDOWN","teardown":{"framework_id":{"value":"x"}}}"#),
        ("POST", "/api/v1", &[("content-type", "text/plain")], "{}"),
        ("POST", "/api/v1", &[json_type, ("accept", "text/html")], r#"{"type":"GET_HEALTH"}"#),
        ("POST", "/api/v1/scheduler", &[json_type], "{}"),
        ("POST", "/api/v1/scheduler", &[json_type], r#"{"type":"ACCEPT","framework_id":{"value":"x"}}"#),
        ("POST", "/api/v1/scheduler", &[json_type], r#"{"type":"KILL","framework_id":{"value":"x"},"kill":{}}"#),
        ("POST", "/api/v1/scheduler", &[json_type], r#"{"type":"SUBSCRIBE","subscribe":{}}"#),
        ("PUT", "/quota", &[], ""),
        ("GET", "/teardown", &[], ""),
        ("POST", "/teardown", &[], "frameworkId=zz"),
        ("GET", "/nope", &[], ""),
        ("POST", "/api/v1/operator", &[json_type], r#"{"type":"GET_HEALTH"}"#),
        ("GET", "/health/deep/er", &[], ""),
        ("GET", "/slaves/x?slave_id=zz", &[], ""),
        ("GET", "/master/slaves/x?slave_id=zz", &[], ""),
        ("GET", "/statex", &[], ""),
        ("GET", "/quota/x", &[], ""),
        ("GET", "/master/state.json", &[], ""),
        ("GET", "/files/browse", &[], ""),
        ("GET", "/files/read?path=/zz", &[], ""),
        ("GET", "/slaves?slave_id=zz", &[], ""),
        ("GET", "/logging/toggle", &[], ""),
        ("POST", "/health", &[], ""),
    ];
    for (method, path, headers, body) in masters {
        let one = ask(method, &format!("{}{path}", ours.master_url(0)), headers, body).await;
        let other = ask(method, &format!("{}{path}", real.master), headers, body).await;
        if one != other {
            faults.push(format!("{method} {path} {body}: {one:?} against the real {other:?}"));
        }
    }
    let agents: &[Question<'_>] = &[
        ("GET", "/api/v1", &[], ""),
        ("POST", "/api/v1", &[json_type], "{}"),
        ("POST", "/api/v1", &[json_type], r#"{"type":"LIST_FILES","list_files":{"path":"/zz"}}"#),
        ("GET", "/files/browse", &[], ""),
        ("GET", "/files/browse?path=/zz", &[], ""),
        ("GET", "/files/download?path=/zz", &[], ""),
        ("GET", "/files/read?path=/zz&offset=x", &[], ""),
        ("GET", "/files/read?path=/zz&offset=-2", &[], ""),
        ("GET", "/tasks", &[], ""),
        ("GET", "/health/deep/er", &[], ""),
        ("POST", "/api/v1/x", &[json_type], r#"{"type":"GET_HEALTH"}"#),
    ];
    for (method, path, headers, body) in agents {
        let one = ask(method, &format!("{}{path}", ours.agent_url(0)), headers, body).await;
        let other = ask(method, &format!("{}{path}", real.agent), headers, body).await;
        if one != other {
            faults.push(format!("agent {method} {path} {body}: {one:?} against the real {other:?}"));
        }
    }
}
