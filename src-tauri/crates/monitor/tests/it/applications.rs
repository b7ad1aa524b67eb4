//! The scheduler, played by small servers that answer what they are told to.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    extract::{Path, State as Shared},
    http::StatusCode,
    routing::get,
};
use machines::State;
use plan::{Preset, ValidPlan};
use protocol::{Application, ApplicationState, Applications, Live};
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinSet};

use crate::bench::{Said, plan, watch};

/// What all schedulers say: `apps`, `queue` and `leader`, as long as there is one.
type Says = Arc<Mutex<Value>>;

/// The plan's schedulers. They have no event stream: what they say is found out by asking.
struct FakeSchedulers {
    says: Says,
    servers: Vec<JoinSet<()>>,
}

impl FakeSchedulers {
    async fn start(plan: &ValidPlan) -> Self {
        let says = Says::default();
        let routes = Router::new().route("/ping", get(async || "pong")).route("/v2/{what}", get(answer));
        let mut servers = Vec::new();
        for node in plan.schedulers() {
            let listener = TcpListener::bind(SocketAddr::from((node.address, 8080))).await.unwrap();
            let routes = routes.clone().with_state(Arc::clone(&says));
            let mut tasks = JoinSet::new();
            tasks.spawn(async move { axum::serve(listener, routes).await.unwrap() });
            servers.push(tasks);
        }
        Self { says, servers }
    }

    fn say(&self, leader: &str, apps: &[Value], queue: &[Value]) {
        let leader = json!({ "leader": format!("{leader}:8080") });
        *self.says.lock().unwrap() = json!({ "leader": leader, "apps": { "apps": apps }, "queue": { "queue": queue } });
    }

    async fn kill(&mut self, n: usize) {
        self.servers[n].shutdown().await;
    }
}

async fn answer(Path(what): Path<String>, Shared(says): Shared<Says>) -> Result<String, (StatusCode, &'static str)> {
    let says = says.lock().unwrap();
    let nobody = (StatusCode::SERVICE_UNAVAILABLE, r#"{"message":"Could not determine the current leader"}"#);
    says.get(&what).map(Value::to_string).ok_or(nobody)
}

/// `/hello` with two wanted instances, of which so many run and so many are well.
fn hello(running: u32, healthy: u32) -> Value {
    json!({
        "id": "/hello", "instances": 2, "cpus": 2.0, "mem": 32.0, "healthChecks": [{ "protocol": "HTTP" }],
        "tasksRunning": running, "tasksHealthy": healthy, "tasksUnhealthy": running - healthy,
        "deployments": if running < 2 { json!([{ "id": "d" }]) } else { json!([]) },
        "tasks": [{
            "id": "hello.instance-1._app.1", "appId": "/hello", "state": "TASK_RUNNING", "host": "agent1", "ports": [31000],
            "healthCheckResults": [{ "alive": true, "instanceId": "hello.instance-1" }],
        }],
    })
}

/// It waits for more processors than anybody offers.
fn waits() -> Value {
    json!({
        "app": { "id": "/hello" }, "count": 1, "delay": { "timeLeftSeconds": 0, "overdue": true },
        "since": "2016-02-28T16:41:41.090Z",
        "lastUnusedOffers": [{
            "offer": { "resources": [{ "name": "cpus", "scalar": 0.9, "role": "*" }] }, "reason": ["InsufficientCpus"],
        }],
    })
}

fn seen_of(live: &Live) -> Option<&Applications> {
    live.applications.as_ref().map(|section| &section.body)
}

fn only(live: &Live) -> Option<&Application> {
    seen_of(live)?.applications.first()
}

#[tokio::test]
async fn an_application_waits_with_its_reason_and_comes_up() {
    let plan = plan(Preset::Classroom);
    let schedulers = FakeSchedulers::start(&plan).await;
    let (_monitor, seen) = watch(&plan, &Said::all(Some(State::Running)));
    let trouble = |live: &Live| live.applications.as_ref().and_then(|a| a.trouble.clone()).map(|p| p.id);
    seen.until("no leader yet", |live| trouble(live).is_some()).await;
    assert_eq!(seen_of(&seen.live()).unwrap().answering, ["node1"]);

    schedulers.say("node1", &[], &[]);
    seen.told("The scheduler on node1 leads").await;
    schedulers.say("node1", &[hello(1, 1)], &[waits()]);
    seen.until("waiting", |live| {
        let reason = "It asks for 2 CPUs; the best offer has 0.9.";
        matches!(only(live).map(|a| &a.state), Some(ApplicationState::Waiting { reason: r }) if r.en == reason)
    })
    .await;
    schedulers.say("node1", &[hello(2, 2)], &[]);
    seen.told("/hello is in place and healthy").await;
    let agent1 = plan.node("agent1").unwrap().address;
    assert_eq!(only(&seen.live()).unwrap().addresses, [format!("{agent1}:31000")]);
    schedulers.say("node1", &[hello(2, 1)], &[]);
    seen.told("/hello is not healthy").await;
    assert_eq!(trouble(&seen.live()), None);
}

#[tokio::test]
async fn a_leader_that_died_does_not_lead_even_if_others_still_say_so() {
    let plan = plan(Preset::Ha);
    let mut schedulers = FakeSchedulers::start(&plan).await;
    schedulers.say("node1", &[hello(2, 2)], &[]);
    let (_monitor, seen) = watch(&plan, &Said::all(Some(State::Running)));
    seen.until("all answer", |live| seen_of(live).is_some_and(|a| a.answering.len() == 3)).await;
    schedulers.kill(0).await;
    seen.told("The scheduler on node1 is down").await;
    seen.told("No scheduler leads").await;
    schedulers.say("node3", &[hello(2, 2)], &[]);
    seen.told("The scheduler on node3 leads").await;
    for n in [1, 2] {
        schedulers.kill(n).await;
    }
    seen.until("nobody answers", |live| seen_of(live).is_some_and(|a| a.answering.is_empty())).await;
    let section = seen.live().applications.unwrap();
    assert_eq!((section.trouble.is_some(), section.body.applications.len()), (true, 1));
}

#[tokio::test]
async fn one_look_sees_the_same() {
    let plan = plan(Preset::Classroom);
    let schedulers = FakeSchedulers::start(&plan).await;
    schedulers.say("node1", &[hello(2, 2)], &[]);
    let live = monitor::look(&plan, &*Said::all(Some(State::Running))).await;
    assert_eq!(seen_of(&live).unwrap().leader.as_deref(), Some("node1"));
    assert_eq!(only(&live).unwrap().state, ApplicationState::Stable);
    assert!(live.machines.is_some() && live.ensemble.is_some() && live.mesos.is_some());
}
