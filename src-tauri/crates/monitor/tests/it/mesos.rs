//! Mesos, played by a small server that answers what it is told to.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::{Router, extract::State as Shared, http::StatusCode, routing::get};
use machines::State;
use plan::{Preset, ValidPlan};
use protocol::{AgentState, MesosView};
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle};

use crate::bench::{Said, plan, watch};

/// A master that leads, and answers `/state`. It has no stream: what it says is found out by asking.
struct FakeMaster {
    state: Arc<Mutex<Option<Value>>>,
    server: JoinHandle<()>,
}

impl FakeMaster {
    async fn start(plan: &ValidPlan) -> Self {
        let node = plan.masters().next().unwrap();
        let listener = TcpListener::bind(SocketAddr::from((node.address, 5050))).await.unwrap();
        let state = Arc::new(Mutex::new(Some(cluster(plan, &["agent1", "agent2"]))));
        let answer = async |Shared(state): Shared<Arc<Mutex<Option<Value>>>>| {
            let state = state.lock().unwrap().clone();
            state.map(|state| state.to_string()).ok_or(StatusCode::SERVICE_UNAVAILABLE)
        };
        let routes = Router::new().route("/health", get(async || "")).route("/state", get(answer));
        let routes = routes.with_state(Arc::clone(&state));
        let server = tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        Self { state, server }
    }

    /// From now on it says this; none: it does not lead.
    fn say(&self, state: Option<Value>) {
        *self.state.lock().unwrap() = state;
    }
}

impl Drop for FakeMaster {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// `/state` with these agents, each with a task.
fn cluster(plan: &ValidPlan, active: &[&str]) -> Value {
    let agents: Vec<_> = plan.agents().map(|(node, _)| (&node.name, node.address)).collect();
    let slaves = agents.iter().map(|(name, address)| {
        json!({
            "id": format!("S-{name}"), "hostname": name, "pid": format!("slave(1)@{address}:5051"),
            "resources": { "cpus": 1.0, "mem": 512.0 }, "used_resources": { "cpus": 0.1, "mem": 32.0 },
            "active": active.contains(&name.as_str()),
        })
    });
    let tasks = agents.iter().map(|(name, _)| {
        json!({ "id": format!("hello.instance-{name}._app.1"), "slave_id": format!("S-{name}"), "state": "TASK_RUNNING" })
    });
    let leader = plan.masters().next().unwrap().address;
    json!({
        "leader": format!("master@{leader}:5050"),
        "slaves": slaves.collect::<Vec<_>>(),
        "frameworks": [{ "name": "marathon", "tasks": tasks.collect::<Vec<_>>() }],
    })
}

fn standing(view: &MesosView) -> Vec<AgentState> {
    view.agents.iter().map(|a| a.state).collect()
}

#[tokio::test]
async fn an_agents_loss_and_a_masters_are_seen_and_what_was_known_stays() {
    let plan = plan(Preset::Classroom);
    let (_monitor, seen) = watch(&plan, &Said::all(Some(State::Running)));
    let mesos = |wanted: fn(&MesosView) -> bool| {
        move |live: &protocol::Live| live.mesos.as_ref().is_some_and(|m| wanted(&m.body))
    };
    seen.until("planned agents", mesos(|m| standing(m) == [AgentState::Absent; 2] && m.leader().is_none())).await;
    assert!(seen.live().mesos.unwrap().trouble.is_none());

    let master = FakeMaster::start(&plan).await;
    seen.until("agents", mesos(|m| standing(m) == [AgentState::Active; 2] && m.agents[0].tasks.len() == 1)).await;
    seen.told("node1 leads Mesos").await;
    seen.told("2 agents registered with Mesos").await;

    master.say(Some(cluster(&plan, &["agent2"])));
    seen.told("The agent on agent1 does not answer").await;
    master.say(None);
    seen.told("No Mesos master leads").await;
    let section = seen.live().mesos.unwrap();
    assert_eq!(standing(&section.body), [AgentState::Inactive, AgentState::Active]);
    assert_eq!(section.trouble.map(|p| p.id).as_deref(), Some("mesos-no-leader"));

    drop(master);
    seen.told("The Mesos master on node1 is down").await;
    let told = [
        "The Mesos master on node1 answers",
        "node1 leads Mesos",
        "2 agents registered with Mesos",
        "2 instances of /hello started",
        "The agent on agent1 does not answer",
        "No Mesos master leads",
        "The Mesos master on node1 is down",
    ];
    assert_eq!(seen.titles(), told);
}

#[tokio::test]
async fn one_look_sees_the_same() {
    let plan = plan(Preset::Classroom);
    let _master = FakeMaster::start(&plan).await;
    let live = monitor::look(&plan, &*Said::all(Some(State::Running))).await;
    let view = live.mesos.unwrap().body;
    assert_eq!(view.leader().map(|m| m.node.as_str()), Some("node1"));
    assert_eq!(standing(&view), [AgentState::Active; 2]);
    assert_eq!(view.agents[0].tasks[0].application, "/hello");
}
