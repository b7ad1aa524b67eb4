//! Answers of a real master are understood.

use mesos::MasterInfo;
use mesos::state::{State, Summary};
use mesos::v1::scheduler::{Call, Event, Subscribe};
use mesos::v1::{AgentId, Capability, FrameworkId, FrameworkInfo, OfferId, TaskId, TaskState, operator};
use serde_json::{Value, json};

#[test]
fn state() {
    let state: State = serde_json::from_str(include_str!("fixtures/state.json")).expect("a state");
    assert_eq!((state.version.as_str(), state.activated_slaves, state.slaves.len()), ("1.11.0", 1.0, 2));
    assert_eq!(state.flags["quorum"], "2");
    let agent = &state.slaves[0];
    assert_eq!(
        agent.rendered_attributes(),
        [("rack".to_owned(), "r2".to_owned()), ("zone".to_owned(), "z1".to_owned())]
    );
    assert_eq!((agent.resources.cpus, agent.resources.ports.as_deref()), (2.0, Some("[31000-31999]")));
    assert!(state.slaves[1].deactivated && state.slaves[1].drain_info.is_some());
    let framework = state.frameworks.iter().find(|framework| framework.name == "cmd-fw").expect("a framework");
    assert_eq!((framework.tasks[0].state, framework.tasks[0].healthy()), (TaskState::Running, None));
}

#[test]
fn summary_and_agents() {
    let summary: Summary = serde_json::from_str(include_str!("fixtures/state-summary.json")).expect("a summary");
    assert_eq!(summary.slaves.len(), 2);
    assert_eq!(summary.slaves.iter().map(|agent| agent.counts.running).sum::<f64>(), 2.0);
    assert!(!summary.slaves[0].agent.hostname.is_empty());
    let answer: Value = serde_json::from_str(include_str!("fixtures/agents.json")).expect("JSON");
    let agents: operator::Agents = serde_json::from_value(answer["get_agents"].clone()).expect("agents");
    assert_eq!(
        agents.agents[0].agent_info.id.as_ref().map(AgentId::as_str),
        Some("4fb19bc0-3c8d-4b32-9da8-b68e756c37fd-S1")
    );
}

#[test]
fn a_master_describes_itself() {
    let text = include_str!("fixtures/json.info.json");
    let master: MasterInfo = serde_json::from_str(text).expect("a master");
    assert_eq!(
        (master.ip().to_string(), master.port, master.version.as_str()),
        ("127.0.0.1".to_owned(), 6051, "1.11.0")
    );
    // Older masters give the packed address only.
    let mut old: Value = serde_json::from_str(text).expect("JSON");
    old.as_object_mut().expect("an object").remove("address");
    old["ip"] = json!(0x0A38_387F_u32);
    let master: MasterInfo = serde_json::from_value(old).expect("a master");
    assert_eq!(master.endpoint().as_str(), "127.56.56.10:6051");
}

#[test]
fn unknown_names_are_no_errors() {
    let event: Event =
        serde_json::from_value(json!({ "type": "SOMETHING_NEW", "something_new": {} })).expect("an event");
    assert_eq!(event, Event::Other("SOMETHING_NEW".to_owned()));
    assert_eq!(serde_json::from_value::<TaskState>(json!("TASK_SLEEPING")).expect("a state"), TaskState::Unknown);
    assert!(serde_json::from_value::<Event>(json!({ "type": "OFFERS" })).is_err());
}

#[test]
fn calls_are_what_the_api_wants() {
    let framework = FrameworkId::new("f");
    let accept = Call::Accept { offer_ids: vec![OfferId::new("o")], launch: Vec::new(), refuse_seconds: 5.0 };
    assert_eq!(
        accept.on_behalf_of(&framework),
        json!({
            "type": "ACCEPT",
            "framework_id": { "value": "f" },
            "accept": { "offer_ids": [{ "value": "o" }], "operations": [], "filters": { "refuse_seconds": 5.0 } },
        })
    );
    let kill = Call::Kill { task_id: TaskId::new("t"), agent_id: None, grace_nanoseconds: Some(3) };
    assert_eq!(
        kill.on_behalf_of(&framework)["kill"],
        json!({ "task_id": { "value": "t" }, "kill_policy": { "grace_period": { "nanoseconds": 3 } } })
    );
    assert_eq!(
        Call::Teardown.on_behalf_of(&framework),
        json!({ "type": "TEARDOWN", "framework_id": { "value": "f" } })
    );
    let info = FrameworkInfo {
        id: Some(framework),
        capabilities: vec![Capability::new("MULTI_ROLE")],
        ..FrameworkInfo::default()
    };
    let subscribe = json!(Subscribe { framework_info: info, suppressed_roles: Vec::new() });
    assert_eq!(subscribe["framework_id"], subscribe["subscribe"]["framework_info"]["id"]);
}
