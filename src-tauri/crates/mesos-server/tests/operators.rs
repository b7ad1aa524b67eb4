//! What operators and schedulers change: the same calls, good and bad, to a real Mesos 1.11.0 and to the practice one, and
//! the same answers word by word.

mod common;

use common::{
    Cluster, Scheduler, ask, eventually, get,
    real::{Real, lab},
    same_shape,
};
use serde_json::{Value, json};

/// One of the two.
struct Side {
    master: String,
    agent_id: String,
    agent_ip: String,
    /// What differs between the two by nature, and what stands for it.
    names: Vec<(String, &'static str)>,
    scheduler: Scheduler,
}

impl Side {
    async fn new(master: String, agent_url: &str, info: Value) -> Self {
        let state = get(&format!("{master}/state")).await.unwrap();
        let agent_id = state["slaves"][0]["id"].as_str().unwrap().to_owned();
        let agent_ip = agent_url.trim_start_matches("http://").split(':').next().unwrap().to_owned();
        let scheduler = Scheduler::subscribe(&master, info).await;
        let names = vec![
            (agent_id.clone(), "AGENT"),
            (scheduler.id.clone(), "FRAMEWORK"),
            (state["id"].as_str().unwrap().to_owned(), "MASTER"),
            (agent_ip.clone(), "AGENT_IP"),
        ];
        Self { master, agent_id, agent_ip, names, scheduler }
    }

    fn fill(&self, text: &str) -> String {
        text.replace("$AGENT_IP", &self.agent_ip)
            .replace("$AGENT", &self.agent_id)
            .replace("$FRAMEWORK", &self.scheduler.id)
    }

    fn neutral(&self, text: &str) -> String {
        self.names.iter().fold(text.to_owned(), |text, (name, stands)| text.replace(name, stands))
    }

    async fn ask(&self, method: &str, path: &str, body: &str) -> (u16, String) {
        let headers: &[(&str, &str)] = &[("content-type", "application/json")];
        let (status, body) =
            ask(method, &format!("{}{}", self.master, self.fill(path)), headers, &self.fill(body)).await;
        (status, self.neutral(&body))
    }
}

/// Both, and where they differed.
struct Pair {
    sides: [Side; 2],
    faults: Vec<String>,
}

impl Drop for Pair {
    fn drop(&mut self) {
        // What was found before a test gave up.
        if std::thread::panicking() {
            eprintln!("{} differences\n{}", self.faults.len(), self.faults.join("\n"));
        }
    }
}

impl Pair {
    /// No more offers, and those that there are given back.
    async fn quiet(&mut self) {
        for side in &mut self.sides {
            let offers = side.scheduler.offers().await;
            side.scheduler.send(json!({"type": "SUPPRESS", "suppress": {}})).await;
            let ids: Vec<_> = offers.iter().map(|offer| &offer["id"]).collect();
            side.scheduler.send(json!({"type": "DECLINE", "decline": {"offer_ids": ids}})).await;
        }
    }

    /// The same request to both: the same status, the same words; of JSON the same shape.
    async fn ask(&mut self, method: &str, path: &str, body: &str) -> (u16, String) {
        let ours = self.sides[0].ask(method, path, body).await;
        let theirs = self.sides[1].ask(method, path, body).await;
        let json = |text: &str| serde_json::from_str::<Value>(text).ok().filter(|v| v.is_object() || v.is_array());
        match (json(&ours.1), json(&theirs.1)) {
            (Some(a), Some(b)) if ours.0 == theirs.0 => {
                same_shape(&ordered(a), &ordered(b), &format!("{path} {body}"), &mut self.faults)
            }
            _ if ours == theirs => {}
            _ => self.faults.push(format!("{method} {path} {body}\n   ours {ours:?}\n   real {theirs:?}")),
        }
        ours
    }

    async fn call(&mut self, body: &str) -> (u16, String) {
        self.ask("POST", "/api/v1", body).await
    }

    /// The views that a change may show in.
    async fn look(&mut self, calls: &[&str]) {
        for kind in calls {
            self.call(&format!(r#"{{"type":"{kind}"}}"#)).await;
        }
    }

    async fn statuses(&mut self, what: &str) {
        let ours = self.sides[0].scheduler.status().await;
        let theirs = self.sides[1].scheduler.status().await;
        same_shape(&ours, &theirs, what, &mut self.faults);
        for key in ["state", "source", "reason", "message"] {
            let of = |side: &Side, status: &Value| side.neutral(&status[key].to_string());
            let (ours, theirs) = (of(&self.sides[0], &ours), of(&self.sides[1], &theirs));
            if ours != theirs {
                self.faults.push(format!("{what}: {key} {ours} against the real {theirs}"));
            }
        }
    }

    /// The next event of a kind on both streams, its shape compared.
    async fn event(&mut self, kind: &str) -> [Value; 2] {
        let ours = self.sides[0].scheduler.wait(kind).await;
        let theirs = self.sides[1].scheduler.wait(kind).await;
        same_shape(&ordered(ours.clone()), &ordered(theirs.clone()), kind, &mut self.faults);
        [ours, theirs]
    }
}

async fn pair(lab: &std::path::Path, folder: &std::path::Path, info: Value) -> (Pair, Real, Cluster) {
    let real = Real::start(lab, folder).await;
    let ours = Cluster::start(1, 1).await;
    let sides = [
        Side::new(ours.master_url(0), &ours.agent_url(0), info.clone()).await,
        Side::new(real.master.clone(), &real.agent, info).await,
    ];
    (Pair { sides, faults: Vec::new() }, real, ours)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn quota_weights_and_resources_are_changed_as_in_the_real_one() {
    let Some(lab) = lab() else { return };
    let folder = tempfile::tempdir().unwrap();
    let (mut pair, _real, _ours) = pair(&lab, folder.path(), Scheduler::info(json!({"roles": ["other"]}))).await;
    pair.quiet().await;
    let bodies = [
        // Quota.
        r#"{"type":"UPDATE_QUOTA"}"#,
        r#"{"type":"UPDATE_QUOTA","update_quota":{}}"#,
        r#"{"type":"UPDATE_QUOTA","update_quota":{"quota_configs":[{"role":"a/b"}]}}"#,
        r#"{"type":"UPDATE_QUOTA","update_quota":{"quota_configs":[{"role":"/a"}]}}"#,
        r#"{"type":"UPDATE_QUOTA","update_quota":{"quota_configs":[{"role":"a","guarantees":{"cpus":{"value":100}}}]}}"#,
        r#"{"type":"UPDATE_QUOTA","update_quota":{"quota_configs":[{"role":"a","guarantees":{"cpus":{"value":2}},"limits":{"cpus":{"value":1}}}]}}"#,
        r#"{"type":"UPDATE_QUOTA","update_quota":{"quota_configs":[{"role":"a","guarantees":{"cpus":{"value":-1}}}]}}"#,
        r#"{"type":"UPDATE_QUOTA","update_quota":{"quota_configs":[{"role":"a","limits":{"mem":{"value":2000000000000}}}]}}"#,
        // None of something is no guarantee, but it is a limit.
        r#"{"type":"SET_QUOTA","set_quota":{"quota_request":{"role":"b","guarantee":[{"name":"cpus","type":"SCALAR","scalar":{"value":0}}]}}}"#,
        r#"{"type":"GET_QUOTA"}"#,
        r#"{"type":"REMOVE_QUOTA","remove_quota":{"role":"b"}}"#,
        r#"{"type":"UPDATE_QUOTA","update_quota":{"quota_configs":[{"role":"a","guarantees":{"cpus":{"value":0.5}},"limits":{"cpus":{"value":1},"mem":{"value":256}}}]}}"#,
        r#"{"type":"GET_QUOTA"}"#,
        r#"{"type":"SET_QUOTA","set_quota":{"quota_request":{"role":"a","guarantee":[{"name":"cpus","type":"SCALAR","scalar":{"value":1}}]}}}"#,
        r#"{"type":"SET_QUOTA","set_quota":{"quota_request":{"role":"b","guarantee":[]}}}"#,
        r#"{"type":"SET_QUOTA","set_quota":{"quota_request":{"role":"b","guarantee":[{"name":"cpus","type":"SCALAR","scalar":{"value":100}}]}}}"#,
        r#"{"type":"SET_QUOTA","set_quota":{"quota_request":{"role":"b","guarantee":[{"name":"p","type":"RANGES","ranges":{"range":[{"begin":1,"end":2}]}}]}}}"#,
        r#"{"type":"SET_QUOTA","set_quota":{"quota_request":{"role":"b","force":true,"guarantee":[{"name":"cpus","type":"SCALAR","scalar":{"value":1}}]}}}"#,
        r#"{"type":"GET_ROLES"}"#,
        r#"{"type":"REMOVE_QUOTA","remove_quota":{"role":"b"}}"#,
        r#"{"type":"UPDATE_QUOTA","update_quota":{"quota_configs":[{"role":"a"}]}}"#,
        r#"{"type":"GET_QUOTA"}"#,
        // Weights.
        r#"{"type":"UPDATE_WEIGHTS","update_weights":{"weight_infos":[{"role":"a","weight":0}]}}"#,
        r#"{"type":"UPDATE_WEIGHTS","update_weights":{"weight_infos":[{"role":"/x","weight":1}]}}"#,
        r#"{"type":"UPDATE_WEIGHTS","update_weights":{"weight_infos":[{"weight":1}]}}"#,
        r#"{"type":"UPDATE_WEIGHTS","update_weights":{"weight_infos":[{"role":"a"}]}}"#,
        r#"{"type":"UPDATE_WEIGHTS","update_weights":{"weight_infos":[{"role":" a ","weight":2.5}]}}"#,
        r#"{"type":"GET_WEIGHTS"}"#,
        // Reservations and volumes.
        r#"{"type":"RESERVE_RESOURCES","reserve_resources":{"agent_id":{"value":"nope"},"resources":[]}}"#,
        r#"{"type":"RESERVE_RESOURCES","reserve_resources":{"agent_id":{"value":"$AGENT"},"resources":[]}}"#,
        r#"{"type":"RESERVE_RESOURCES","reserve_resources":{"agent_id":{"value":"$AGENT"},"resources":[{"name":"cpus","type":"SCALAR","scalar":{"value":1}}]}}"#,
        r#"{"type":"RESERVE_RESOURCES","reserve_resources":{"agent_id":{"value":"$AGENT"},"resources":[{"name":"cpus","type":"SCALAR","scalar":{"value":-1}}]}}"#,
        r#"{"type":"RESERVE_RESOURCES","reserve_resources":{"agent_id":{"value":"$AGENT"},"resources":[{"name":"cpus","type":"SCALAR","scalar":{"value":99},"reservations":[{"type":"DYNAMIC","role":"web"}]}]}}"#,
        r#"{"type":"RESERVE_RESOURCES","reserve_resources":{"agent_id":{"value":"$AGENT"},"resources":[{"name":"cpus","type":"SCALAR","scalar":{"value":1},"reservations":[{"type":"DYNAMIC","role":"web","principal":"me"}]},{"name":"disk","type":"SCALAR","scalar":{"value":100},"reservations":[{"type":"DYNAMIC","role":"web"}]}]}}"#,
        r#"{"type":"GET_AGENTS"}"#,
        r#"{"type":"CREATE_VOLUMES","create_volumes":{"agent_id":{"value":"$AGENT"},"volumes":[{"name":"disk","type":"SCALAR","scalar":{"value":10}}]}}"#,
        r#"{"type":"CREATE_VOLUMES","create_volumes":{"agent_id":{"value":"$AGENT"},"volumes":[{"name":"disk","type":"SCALAR","scalar":{"value":50},"reservations":[{"type":"DYNAMIC","role":"web"}],"disk":{"persistence":{"id":"v1"},"volume":{"container_path":"data","mode":"RW"}}}]}}"#,
        r#"{"type":"CREATE_VOLUMES","create_volumes":{"agent_id":{"value":"$AGENT"},"volumes":[{"name":"disk","type":"SCALAR","scalar":{"value":50},"reservations":[{"type":"DYNAMIC","role":"web"}],"disk":{"persistence":{"id":"v1"},"volume":{"container_path":"data","mode":"RW"}}}]}}"#,
        r#"{"type":"GROW_VOLUME","grow_volume":{"agent_id":{"value":"$AGENT"},"volume":{"name":"disk","type":"SCALAR","scalar":{"value":50},"reservations":[{"type":"DYNAMIC","role":"web"}],"disk":{"persistence":{"id":"v1"},"volume":{"container_path":"data","mode":"RW"}}},"addition":{"name":"disk","type":"SCALAR","scalar":{"value":10},"reservations":[{"type":"DYNAMIC","role":"web"}]}}}"#,
        r#"{"type":"SHRINK_VOLUME","shrink_volume":{"agent_id":{"value":"$AGENT"},"volume":{"name":"disk","type":"SCALAR","scalar":{"value":60},"reservations":[{"type":"DYNAMIC","role":"web"}],"disk":{"persistence":{"id":"v1"},"volume":{"container_path":"data","mode":"RW"}}},"subtract":{"value":20}}}"#,
        r#"{"type":"SHRINK_VOLUME","shrink_volume":{"agent_id":{"value":"$AGENT"},"volume":{"name":"disk","type":"SCALAR","scalar":{"value":40},"reservations":[{"type":"DYNAMIC","role":"web"}],"disk":{"persistence":{"id":"v1"},"volume":{"container_path":"data","mode":"RW"}}},"subtract":{"value":90}}}"#,
        r#"{"type":"GET_AGENTS"}"#,
        r#"{"type":"UNRESERVE_RESOURCES","unreserve_resources":{"agent_id":{"value":"$AGENT"},"resources":[{"name":"disk","type":"SCALAR","scalar":{"value":40},"reservations":[{"type":"DYNAMIC","role":"web"}],"disk":{"persistence":{"id":"v1"},"volume":{"container_path":"data","mode":"RW"}}}]}}"#,
        r#"{"type":"DESTROY_VOLUMES","destroy_volumes":{"agent_id":{"value":"$AGENT"},"volumes":[{"name":"disk","type":"SCALAR","scalar":{"value":40},"reservations":[{"type":"DYNAMIC","role":"web"}],"disk":{"persistence":{"id":"v2"},"volume":{"container_path":"data","mode":"RW"}}}]}}"#,
        r#"{"type":"DESTROY_VOLUMES","destroy_volumes":{"agent_id":{"value":"$AGENT"},"volumes":[{"name":"disk","type":"SCALAR","scalar":{"value":40},"reservations":[{"type":"DYNAMIC","role":"web"}],"disk":{"persistence":{"id":"v1"},"volume":{"container_path":"data","mode":"RW"}}}]}}"#,
        r#"{"type":"UNRESERVE_RESOURCES","unreserve_resources":{"agent_id":{"value":"$AGENT"},"resources":[{"name":"cpus","type":"SCALAR","scalar":{"value":1}}]}}"#,
        r#"{"type":"UNRESERVE_RESOURCES","unreserve_resources":{"agent_id":{"value":"$AGENT"},"resources":[{"name":"cpus","type":"SCALAR","scalar":{"value":1},"reservations":[{"type":"DYNAMIC","role":"web","principal":"me"}]}]}}"#,
        r#"{"type":"GROW_VOLUME","grow_volume":{"volume":{"name":"disk","type":"SCALAR","scalar":{"value":1}},"addition":{"name":"disk","type":"SCALAR","scalar":{"value":1}}}}"#,
        r#"{"type":"SET_LOGGING_LEVEL","set_logging_level":{"level":1,"duration":{"nanoseconds":60000000000}}}"#,
        r#"{"type":"GET_LOGGING_LEVEL"}"#,
    ];
    for body in bodies {
        pair.call(body).await;
    }
    for path in ["/roles", "/quota", "/weights", "/slaves", "/state"] {
        let (ours, theirs) = (pair.sides[0].ask("GET", path, "").await, pair.sides[1].ask("GET", path, "").await);
        let read = |text: &str| soften(serde_json::from_str(text).unwrap());
        same_shape(&read(&ours.1), &read(&theirs.1), path, &mut pair.faults);
    }
    let old: &[(&str, &str, &str)] = &[
        ("POST", "/quota", "x"),
        ("POST", "/quota", "[]"),
        ("POST", "/quota", "{}"),
        ("POST", "/quota", r#"{"role":"z","guarantee":[{"name":"cpus","type":"SCALAR","scalar":{"value":0.5}}]}"#),
        ("DELETE", "/quota", ""),
        ("DELETE", "/quota/none", ""),
        ("DELETE", "/master/quota/none", ""),
        ("DELETE", "/master/quota/z", ""),
        ("PUT", "/weights", "{}"),
        ("PUT", "/weights", r#"[{"role":"q"}]"#),
        ("PUT", "/weights", r#"[{"role":"q","weight":3}]"#),
        ("POST", "/weights", ""),
        ("GET", "/reserve", ""),
        ("POST", "/reserve", ""),
        ("POST", "/reserve", "slaveId=x"),
        ("POST", "/reserve", "slaveId=x&resources=7"),
        ("POST", "/reserve", "slaveId=x&resources=[{}]"),
        ("POST", "/unreserve", "slaveId=x&resources=[{}]"),
        ("POST", "/create-volumes", "slaveId=x&volumes=[]"),
        ("POST", "/destroy-volumes", "slaveId=x"),
        (
            "POST",
            "/reserve",
            r#"slaveId=$AGENT&resources=[{"name":"cpus","type":"SCALAR","scalar":{"value":0.5},"role":"old","reservation":{"principal":"p"}}]"#,
        ),
        (
            "POST",
            "/unreserve",
            r#"slaveId=$AGENT&resources=[{"name":"cpus","type":"SCALAR","scalar":{"value":0.5},"role":"old","reservation":{"principal":"p"}}]"#,
        ),
        ("GET", "/logging/toggle?level=x&duration=1secs", ""),
        ("GET", "/logging/toggle?level=1", ""),
        ("GET", "/logging/toggle?duration=1secs", ""),
    ];
    for (method, path, body) in old {
        pair.ask(method, path, body).await;
    }
    assert!(pair.faults.is_empty(), "see above");
}

/// Lists of resources in one order: the real one's depends on its history.
fn ordered(mut value: Value) -> Value {
    match &mut value {
        Value::Array(list) => {
            list.iter_mut().for_each(|item| *item = ordered(item.take()));
            if list.iter().all(|item| item.get("name").is_some() && item.get("type").is_some()) {
                list.sort_by_key(|item| {
                    (
                        item["name"].to_string(),
                        item.get("disk").is_some(),
                        item["reservations"].as_array().map(Vec::len),
                    )
                });
            }
        }
        Value::Object(map) => {
            // What is offered at this moment depends on the real one's allocator, which runs once a second.
            if map.contains_key("agent_info") || map.contains_key("framework_info") {
                map.retain(|key, _| !matches!(key.as_str(), "offered_resources" | "offers"));
            }
            map.values_mut().for_each(|item| *item = ordered(item.take()));
        }
        _ => {}
    }
    value
}

/// What only one side has, by its flags.
fn soften(mut value: Value) -> Value {
    value.as_object_mut().map(|all| all.remove("flags"));
    value.as_object_mut().map(|all| all.remove("log_dir"));
    value
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn maintenance_and_draining_go_as_in_the_real_one() {
    let Some(lab) = lab() else { return };
    let folder = tempfile::tempdir().unwrap();
    let (mut pair, _real, ours) = pair(&lab, folder.path(), Scheduler::info(json!({"roles": ["web"]}))).await;
    let id = r#"{"hostname":"agent0.example","ip":"$AGENT_IP"}"#;
    let window = |ids: &str, more: &str| {
        format!(r#"{{"windows":[{{"machine_ids":[{ids}],"unavailability":{{"start":{{"nanoseconds":1}}{more}}}}}]}}"#)
    };
    let update = |schedule: &str| {
        format!(r#"{{"type":"UPDATE_MAINTENANCE_SCHEDULE","update_maintenance_schedule":{{"schedule":{schedule}}}}}"#)
    };
    for schedule in [
        window("", ""),
        window("{}", ""),
        window(r#"{"ip":"x"}"#, ""),
        window(&format!("{id},{id}"), ""),
        window(id, r#","duration":{"nanoseconds":-5}"#),
    ] {
        pair.call(&update(&schedule)).await;
    }
    pair.event("OFFERS").await;
    pair.call(&update(&window(id, r#","duration":{"nanoseconds":3600000000000}"#))).await;
    pair.event("RESCIND").await;
    pair.look(&["GET_MAINTENANCE_SCHEDULE", "GET_MAINTENANCE_STATUS"]).await;
    let [one, other] = pair.event("OFFERS").await;
    assert!(one["offers"]["offers"][0].get("unavailability").is_some(), "{one} {other}");
    let asked = pair.event("INVERSE_OFFERS").await;
    for (side, event) in pair.sides.iter().zip(&asked) {
        let id = &event["inverse_offers"]["inverse_offers"][0]["id"];
        let answer = json!({"inverse_offer_ids": [id], "filters": {"refuse_seconds": 60.0}});
        assert_eq!(
            side.scheduler.send(json!({"type": "ACCEPT_INVERSE_OFFERS", "accept_inverse_offers": answer})).await.0,
            202
        );
    }
    for side in &pair.sides {
        eventually("an answer to the inverse offer", || async {
            let status = get(&format!("{}/maintenance/status", side.master)).await?;
            status["draining_machines"][0]["statuses"].is_array().then_some(())
        })
        .await;
    }
    pair.look(&["GET_MAINTENANCE_STATUS"]).await;
    pair.call(r#"{"type":"DRAIN_AGENT","drain_agent":{"agent_id":{"value":"nope"}}}"#).await;
    for (kind, ids) in [
        ("START", ""),
        ("START", "{}"),
        ("START", r#"{"hostname":"zz"}"#),
        ("STOP", id),
        ("START", r#"{"ip":"1.2.3.4.5"}"#),
    ] {
        let field = format!("{}_maintenance", kind.to_lowercase());
        pair.call(&format!(r#"{{"type":"{kind}_MAINTENANCE","{field}":{{"machines":[{ids}]}}}}"#)).await;
    }
    for (method, path, body) in [
        ("POST", "/maintenance/schedule", "x"),
        ("POST", "/maintenance/schedule", "[]"),
        ("PUT", "/maintenance/schedule", ""),
        ("POST", "/maintenance/status", ""),
        ("POST", "/machine/down", "{}"),
        ("POST", "/machine/up", "[]"),
        ("GET", "/machine/up", ""),
    ] {
        pair.ask(method, path, body).await;
    }
    pair.call(&update("{}")).await;
    pair.look(&["GET_MAINTENANCE_SCHEDULE", "GET_MAINTENANCE_STATUS"]).await;
    // Out of service, and in again.
    pair.call(r#"{"type":"REACTIVATE_AGENT","reactivate_agent":{"agent_id":{"value":"$AGENT"}}}"#).await;
    pair.call(r#"{"type":"DEACTIVATE_AGENT","deactivate_agent":{"agent_id":{"value":"nope"}}}"#).await;
    pair.call(r#"{"type":"DEACTIVATE_AGENT","deactivate_agent":{"agent_id":{"value":"$AGENT"}}}"#).await;
    pair.look(&["GET_AGENTS"]).await;
    pair.call(r#"{"type":"REACTIVATE_AGENT","reactivate_agent":{"agent_id":{"value":"$AGENT"}}}"#).await;
    pair.call(
        r#"{"type":"DRAIN_AGENT","drain_agent":{"agent_id":{"value":"$AGENT"},"max_grace_period":{"seconds":1}}}"#,
    )
    .await;
    for side in &pair.sides {
        eventually("a drained agent", || async {
            let slaves = get(&format!("{}/slaves", side.master)).await?;
            (slaves["slaves"][0]["drain_info"]["state"] == "DRAINED").then_some(())
        })
        .await;
    }
    pair.look(&["GET_AGENTS", "GET_STATE"]).await;
    pair.ask("GET", "/slaves", "").await;
    pair.call(r#"{"type":"REACTIVATE_AGENT","reactivate_agent":{"agent_id":{"value":"$AGENT"}}}"#).await;
    pair.look(&["GET_AGENTS"]).await;
    pair.call(r#"{"type":"MARK_AGENT_GONE","mark_agent_gone":{"agent_id":{"value":"nope"}}}"#).await;
    pair.call(r#"{"type":"MARK_AGENT_GONE","mark_agent_gone":{"agent_id":{"value":"$AGENT"}}}"#).await;
    pair.call(r#"{"type":"MARK_AGENT_GONE","mark_agent_gone":{"agent_id":{"value":"$AGENT"}}}"#).await;
    pair.look(&["GET_AGENTS"]).await;
    pair.event("FAILURE").await;
    drop(ours);
    assert!(pair.faults.is_empty(), "see above");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn schedulers_calls_go_as_in_the_real_one() {
    let Some(lab) = lab() else { return };
    let folder = tempfile::tempdir().unwrap();
    let info = json!({"roles": ["web", "web/shop"], "capabilities": [{"type": "MULTI_ROLE"}, {"type": "PARTITION_AWARE"},
        {"type": "RESERVATION_REFINEMENT"}]});
    let (mut pair, _real, _ours) = pair(&lab, folder.path(), Scheduler::info(info)).await;
    // What is refused before anything is looked at.
    for call in [
        json!({"type": "KILL"}),
        json!({"type": "NOPE"}),
        json!({"type": "REQUEST"}),
        json!({"type": "MESSAGE", "message": {}}),
        json!({"type": "ACCEPT", "accept": {"filters": {"refuse_seconds": "x"}}}),
        json!({"type": "ACCEPT", "accept": {"offer_ids": 3}}),
        json!({"type": "ACKNOWLEDGE_OPERATION_STATUS", "acknowledge_operation_status": {"uuid": "AAAA", "operation_id": {"value": "x"}}}),
        json!({"type": "ACKNOWLEDGE_OPERATION_STATUS", "acknowledge_operation_status": {"uuid": "AAAAAAAAAAAAAAAAAAAAAA==", "operation_id": {"value": "x"}}}),
        json!({"type": "UPDATE_FRAMEWORK", "update_framework": {"framework_info": {"user": "u", "name": "n"}}}),
        json!({"type": "REQUEST", "request": {"requests": []}}),
        json!({"type": "MESSAGE", "message": {"agent_id": {"value": "a"}, "executor_id": {"value": "e"}, "data": "AAAA"}}),
        json!({"type": "ACCEPT_INVERSE_OFFERS", "accept_inverse_offers": {}}),
        json!({"type": "DECLINE_INVERSE_OFFERS", "decline_inverse_offers": {"inverse_offer_ids": [{"value": "x"}]}}),
    ] {
        let ours = pair.sides[0].scheduler.send(call.clone()).await;
        let theirs = pair.sides[1].scheduler.send(call.clone()).await;
        if ours != theirs {
            pair.faults.push(format!("{call}\n   ours {ours:?}\n   real {theirs:?}"));
        }
    }
    for more in [
        json!({"user": "someone"}),
        json!({"checkpoint": false}),
        json!({"roles": ["/bad"]}),
        json!({"principal": "p"}),
        json!({"name": "renamed"}),
    ] {
        let mut answers = Vec::new();
        for side in &pair.sides {
            let mut info = Scheduler::info(json!({"roles": ["web", "web/shop"], "id": {"value": side.scheduler.id},
                "capabilities": [{"type": "MULTI_ROLE"}, {"type": "PARTITION_AWARE"}, {"type": "RESERVATION_REFINEMENT"}]}));
            info.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            let update = json!({"type": "UPDATE_FRAMEWORK", "update_framework": {"framework_info": info}});
            let (status, text) = side.scheduler.send(update).await;
            answers.push((status, side.neutral(&text)));
        }
        if answers[0] != answers[1] {
            pair.faults.push(format!("UPDATE_FRAMEWORK {more}\n   ours {:?}\n   real {:?}", answers[0], answers[1]));
        }
    }
    // Operations on what was offered.
    let reserve = |role: &str, id: &str| {
        json!({"type": "RESERVE", "id": {"value": id}, "reserve": {"resources": [{"name": "cpus", "type": "SCALAR", "scalar": {"value": 0.5},
            "reservations": [{"type": "DYNAMIC", "role": role}]}]}})
    };
    let offers = pair.event("OFFERS").await;
    let role = offers
        .clone()
        .map(|event| event["offers"]["offers"][0]["allocation_info"]["role"].as_str().unwrap().to_owned());
    for (n, side) in pair.sides.iter().enumerate() {
        let operations = vec![reserve("elsewhere", "bad"), reserve(&role[n], "good")];
        let accept = json!({"offer_ids": [offers[n]["offers"]["offers"][0]["id"]], "operations": operations, "filters": {"refuse_seconds": 3600}});
        assert_eq!(side.scheduler.send(json!({"type": "ACCEPT", "accept": accept})).await.0, 202);
    }
    for what in ["refused", "done"] {
        let updates = pair.event("UPDATE_OPERATION_STATUS").await;
        let [ours, theirs] = &updates;
        let of = |event: &Value, key: &str| event["update_operation_status"]["status"][key].clone();
        if of(ours, "state") != of(theirs, "state") || of(ours, "operation_id") != of(theirs, "operation_id") {
            pair.faults.push(format!("{what}: {ours} against the real {theirs}"));
        }
        let words =
            [0, 1].map(|n| pair.sides[n].neutral(&of(&updates[n], "message").to_string()).replace(&role[n], "ROLE"));
        if words[0] != words[1] {
            pair.faults.push(format!("{what}: {} against the real {}", words[0], words[1]));
        }
    }
    pair.look(&["GET_OPERATIONS", "GET_AGENTS", "GET_FRAMEWORKS"]).await;
    for side in &pair.sides {
        let asked = json!({"operations": [{"operation_id": {"value": "unknown"}}]});
        side.scheduler.send(json!({"type": "RECONCILE_OPERATIONS", "reconcile_operations": asked})).await;
    }
    pair.event("UPDATE_OPERATION_STATUS").await;
    // Tasks that cannot be.
    for side in &pair.sides {
        side.scheduler.send(json!({"type": "REVIVE"})).await;
    }
    let offers = pair.event("OFFERS").await;
    let health = json!({"type": "HTTP", "http": {"port": 1, "path": "x"}});
    let more = [
        json!({"resources": []}),
        json!({"resources": [{"name": "cpus", "type": "SCALAR", "scalar": {"value": 64}}]}),
        json!({"health_check": health}),
        json!({"check": {"type": "COMMAND"}}),
        json!({"task_id": {"value": "a/b"}}),
        json!({"agent_id": {"value": "other"}}),
        json!({"command": null}),
        json!({"kill_policy": {"grace_period": {"nanoseconds": -1}}}),
        json!({"resources": [{"name": "gpus", "type": "SCALAR", "scalar": {"value": 0.5}}]}),
        json!({"executor": {"executor_id": {"value": "e"}}, "command": null}),
        json!({"executor": {"type": "DEFAULT", "executor_id": {"value": "e"}}, "command": null}),
    ];
    for (n, side) in pair.sides.iter().enumerate() {
        let offer = &offers[n]["offers"]["offers"][0];
        let tasks =
            more.iter().enumerate().map(|(n, more)| Scheduler::task(offer, &format!("bad{n}"), "true", more.clone()));
        side.scheduler.launch(offer, tasks.collect()).await;
    }
    for (n, more) in more.iter().enumerate() {
        pair.statuses(&format!("bad task {n} {more}")).await;
    }
    let role = ["web", "web/shop"];
    pair.faults.retain(|fault| {
        !(fault.contains("message")
            && role.iter().any(|role| fault.contains(&format!("(allocated: {role})")))
            && fault.contains("Total resources"))
    });
    assert!(pair.faults.is_empty(), "see above");
}
