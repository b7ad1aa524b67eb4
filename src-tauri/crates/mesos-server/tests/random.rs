//! Random sequences of what operators do, on a real Mesos 1.11.0 and on the practice one: every answer is compared, and
//! what both show at the end.

mod common;

use common::{
    Cluster, ask, client, eventually, get,
    real::{Real, lab},
    same_shape,
};
use proptest::{prelude::*, test_runner::TestRunner};
use serde_json::{Value, json};

/// One thing that an operator does.
#[derive(Clone, Debug)]
enum Deed {
    Quota { role: &'static str, guarantee: u32, limit: u32, force: bool },
    SetQuota { role: &'static str, guarantee: u32 },
    RemoveQuota(&'static str),
    Weight(&'static str, i32),
    Reserve(&'static str, u32),
    Unreserve(&'static str, u32),
    Create(&'static str, u32),
    Destroy(&'static str, u32),
    Schedule(bool),
    Down,
    Deactivate,
    Reactivate,
    Teardown,
    Look(&'static str),
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let role = || prop::sample::select(vec!["a", "b", "a/x", "*", ""]);
    let deed = prop_oneof![
        2 => (role(), 0..4u32, 0..4u32, any::<bool>()).prop_map(|(role, guarantee, limit, force)| Deed::Quota { role, guarantee, limit, force }),
        1 => (role(), 0..4u32).prop_map(|(role, guarantee)| Deed::SetQuota { role, guarantee }),
        1 => prop::sample::select(vec!["a", "b"]).prop_map(Deed::RemoveQuota),
        2 => (role(), -1..3).prop_map(|(role, weight)| Deed::Weight(role, weight)),
        4 => (role(), 0..4u32).prop_map(|(role, half)| Deed::Reserve(role, half)),
        3 => (role(), 0..4u32).prop_map(|(role, half)| Deed::Unreserve(role, half)),
        2 => (prop::sample::select(vec!["a", "b"]), 0..3u32).prop_map(|(role, n)| Deed::Create(role, n)),
        2 => (prop::sample::select(vec!["a", "b"]), 0..3u32).prop_map(|(role, n)| Deed::Destroy(role, n)),
        1 => any::<bool>().prop_map(Deed::Schedule),
        1 => Just(Deed::Down),
        1 => Just(Deed::Deactivate),
        1 => Just(Deed::Reactivate),
        1 => Just(Deed::Teardown),
        3 => prop::sample::select(vec!["GET_QUOTA", "GET_WEIGHTS", "GET_AGENTS", "GET_ROLES", "GET_MAINTENANCE_STATUS"]).prop_map(Deed::Look),
    ];
    prop::collection::vec(deed, 1..16)
}

impl Deed {
    fn call(&self, agent: &str) -> Value {
        let half = |n: u32| f64::from(n) / 2.0;
        let scalar = |name: &str, value: f64| json!({"name": name, "type": "SCALAR", "scalar": {"value": value}});
        let reserved = |name: &str, role: &str, value: f64| {
            let mut resource = scalar(name, value);
            resource["reservations"] = json!([{"type": "DYNAMIC", "role": role}]);
            resource
        };
        let both = |role: &str, n: u32| json!([reserved("cpus", role, half(n)), reserved("disk", role, 10.0)]);
        let volume = |role: &str, n: u32| {
            let mut resource = reserved("disk", role, 5.0);
            resource["disk"] =
                json!({"persistence": {"id": format!("v{n}")}, "volume": {"container_path": "p", "mode": "RW"}});
            json!([resource])
        };
        let id = json!({"value": agent});
        let with = |kind: &str, body: Value| json!({"type": kind, kind.to_lowercase(): body});
        match self {
            Self::Quota { role, guarantee, limit, force } => {
                let config = json!({"role": role, "guarantees": {"cpus": {"value": half(*guarantee)}}, "limits": {"cpus": {"value": half(*limit)}}});
                with("UPDATE_QUOTA", json!({"force": force, "quota_configs": [config]}))
            }
            Self::SetQuota { role, guarantee } => with(
                "SET_QUOTA",
                json!({"quota_request": {"role": role, "guarantee": [scalar("cpus", half(*guarantee))]}}),
            ),
            // Without a quota the real master dies of it: it is given one before.
            Self::RemoveQuota(role) => with("UPDATE_QUOTA", json!({"quota_configs": [{"role": role}]})),
            Self::Weight(role, weight) => {
                with("UPDATE_WEIGHTS", json!({"weight_infos": [{"role": role, "weight": weight}]}))
            }
            Self::Reserve(role, n) => with("RESERVE_RESOURCES", json!({"agent_id": id, "resources": both(role, *n)})),
            Self::Unreserve(role, n) => {
                with("UNRESERVE_RESOURCES", json!({"agent_id": id, "resources": both(role, *n)}))
            }
            Self::Create(role, n) => with("CREATE_VOLUMES", json!({"agent_id": id, "volumes": volume(role, *n)})),
            Self::Destroy(role, n) => with("DESTROY_VOLUMES", json!({"agent_id": id, "volumes": volume(role, *n)})),
            Self::Schedule(some) => {
                let window = json!({"machine_ids": [{"hostname": "elsewhere"}], "unavailability": {"start": {"nanoseconds": 1}}});
                let windows = if *some { json!([window]) } else { json!([]) };
                with("UPDATE_MAINTENANCE_SCHEDULE", json!({"schedule": {"windows": windows}}))
            }
            Self::Down => with("START_MAINTENANCE", json!({"machines": [{"hostname": "nowhere"}]})),
            Self::Deactivate => with("DEACTIVATE_AGENT", json!({"agent_id": id})),
            Self::Reactivate => with("REACTIVATE_AGENT", json!({"agent_id": id})),
            Self::Teardown => with("TEARDOWN", json!({"framework_id": {"value": "none"}})),
            Self::Look(kind) => json!({"type": kind}),
        }
    }
}

struct Side {
    master: String,
    agent: String,
    neutral: Vec<(String, &'static str)>,
}

impl Side {
    async fn of(master: String, agent_url: &str) -> Self {
        let state = get(&format!("{master}/state")).await.unwrap();
        let agent = state["slaves"][0]["id"].as_str().unwrap().to_owned();
        let ip = agent_url.trim_start_matches("http://").split(':').next().unwrap().to_owned();
        Self { master, neutral: vec![(agent.clone(), "AGENT"), (ip, "IP")], agent }
    }

    async fn answer(&self, deed: &Deed) -> (u16, String) {
        let call = deed.call(&self.agent).to_string();
        let (status, body) =
            ask("POST", &format!("{}/api/v1", self.master), &[("content-type", "application/json")], &call).await;
        (status, self.neutral.iter().fold(body, |body, (name, stands)| body.replace(name, stands)))
    }
}

impl Side {
    /// The same of someone who may end.
    async fn try_answer(&self, deed: &Deed) -> Option<(u16, String)> {
        let url = format!("{}/api/v1", self.master);
        let request =
            client().post(url).header("content-type", "application/json").body(deed.call(&self.agent).to_string());
        let response = request.send().await.ok()?;
        let (status, body) = (response.status().as_u16(), response.text().await.ok()?);
        Some((status, self.neutral.iter().fold(body, |body, (name, stands)| body.replace(name, stands))))
    }

    /// The real master ends with a failed check when an operation comes while another one is on its way to the agent.
    async fn settled(&self) {
        eventually("end of an operation", || async {
            let answer = self.try_answer(&Deed::Look("GET_OPERATIONS")).await;
            answer.is_none_or(|(_, answer)| !answer.contains("latest_status")).then_some(())
        })
        .await;
    }
}

/// Lists in one order: the real one's depends on hashes and history.
fn ordered(mut value: Value) -> Value {
    match &mut value {
        Value::Array(list) => {
            list.iter_mut().for_each(|item| *item = ordered(item.take()));
            list.sort_by_key(|item| (item["role"].to_string(), item["name"].to_string(), item.to_string()));
        }
        Value::Object(map) => map.values_mut().for_each(|item| *item = ordered(item.take())),
        _ => {}
    }
    value
}

fn differences(ours: &(u16, String), theirs: &(u16, String), deed: &Deed) -> Vec<String> {
    let mut faults = Vec::new();
    let json = |text: &str| serde_json::from_str::<Value>(text).ok().filter(Value::is_object).map(ordered);
    match (json(&ours.1), json(&theirs.1)) {
        (Some(a), Some(b)) => same_shape(&a, &b, &format!("{deed:?}"), &mut faults),
        // What an agent has is listed in another order.
        _ if ours.0 == 409 && theirs.0 == 409 => {}
        _ if ours != theirs => faults.push(format!("{deed:?}\n   ours {ours:?}\n   real {theirs:?}")),
        _ => {}
    }
    faults
}

#[test]
fn random_operators_get_the_same_answers() {
    let Some(lab) = lab() else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (real, ours) = runtime.block_on(async { (Real::start(&lab, folder.path()).await, Cluster::start(1, 1).await) });
    let sides = runtime.block_on(async {
        [Side::of(ours.master_url(0), &ours.agent_url(0)).await, Side::of(real.master.clone(), &real.agent).await]
    });
    let cases = if std::env::var_os("STARTLINE_REAL").is_some() { 100 } else { 15 };
    let config = ProptestConfig { cases, failure_persistence: None, max_shrink_iters: 0, ..ProptestConfig::default() };
    let over = std::cell::Cell::new(false);
    // The servers remember earlier sequences: without those, what comes out last may mean nothing.
    let history = std::cell::RefCell::new(Vec::new());
    let run = |deeds: Vec<Deed>| {
        runtime.block_on(async {
            for deed in &deeds {
                // The real master has races of its own that end it: then there is nobody to compare with.
                if get(&format!("{}/version", sides[1].master)).await.is_none() {
                    over.set(true);
                    return Ok(());
                }
                let ours = sides[0].answer(deed).await;
                let Some(theirs) = sides[1].try_answer(deed).await else { continue };
                let faults = differences(&ours, &theirs, deed);
                history.borrow_mut().push(format!("{deed:?}: {} {}", theirs.0, theirs.1));
                if !faults.is_empty() {
                    let before = history.borrow();
                    let before = before[before.len().saturating_sub(60)..].join("\n");
                    prop_assert!(false, "{}\nours {}\nafter\n{before}", faults.join("\n"), ours.1);
                }
                if theirs.0 == 202 {
                    sides[1].settled().await;
                }
            }
            Ok(())
        })
    };
    TestRunner::new(config).run(&deeds(), run).unwrap();
    if over.get() {
        eprintln!("the real master ended before the last sequence");
    }
}
