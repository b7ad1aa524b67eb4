use mesos::v1::operator::TaskUpdated;
use protocol::{
    Agent, AgentState, Application, ApplicationState, Applications, Ensemble, Live, Machine, MachineState, Master,
    MesosView, Section, Share, Task, Tone, ZooKeeperMode, ZooKeeperServer,
};
use serde_json::json;
use words::{Problem, Text};

use super::diff;
use crate::view::endings::Endings;

fn section<T>(body: T) -> Option<Section<T>> {
    Some(Section { as_of_ms: 1, trouble: None, body })
}

fn machines(states: &[MachineState]) -> Live {
    let machine = |(n, state): (usize, &MachineState)| Machine {
        node: format!("node{}", n + 1),
        address: format!("127.1.1.{n}"),
        state: *state,
    };
    Live { machines: section(states.iter().enumerate().map(machine).collect()), ..Live::default() }
}

fn ensemble(modes: &[ZooKeeperMode]) -> Live {
    let server = |(n, mode): (usize, &ZooKeeperMode)| ZooKeeperServer {
        node: format!("node{}", n + 1),
        myid: n as u16 + 1,
        address: format!("127.1.1.{n}:2181"),
        mode: *mode,
        latency_ms: None,
        connections: None,
        znodes: None,
        zxid: None,
        version: None,
    };
    let servers = modes.iter().enumerate().map(server).collect();
    Live { ensemble: section(Ensemble { majority: modes.len() / 2 + 1, servers }), ..Live::default() }
}

fn task(id: &str, state: &str) -> Task {
    Task { id: id.into(), application: "/hello".into(), state: state.into(), healthy: None }
}

fn agent(node: &str, state: AgentState, tasks: &[Task]) -> Agent {
    Agent {
        node: node.into(),
        id: Some(format!("id-of-{node}")),
        state,
        cpus: Share::default(),
        mem_mb: Share::default(),
        disk_mb: Share::default(),
        attributes: vec![],
        tasks: tasks.to_vec(),
    }
}

fn mesos(leader: usize, agents: Vec<Agent>) -> Live {
    let master = |n: usize| Master {
        node: format!("node{n}"),
        address: format!("127.1.1.{n}:5050"),
        reachable: true,
        leading: n == leader,
    };
    Live { mesos: section(MesosView { masters: (1..=3).map(master).collect(), agents }), ..Live::default() }
}

fn hello(state: ApplicationState) -> Application {
    Application {
        id: "/hello".into(),
        instances: 2,
        running: 2,
        staged: 0,
        healthy: 2,
        unhealthy: 0,
        checked: true,
        cpus: 0.1,
        mem_mb: 32.0,
        state,
        addresses: vec![],
        last_failure: None,
    }
}

fn applications(applications: &[Application]) -> Live {
    let applications = applications.to_vec();
    let body = Applications { answering: vec!["node1".into()], leader: Some("node1".into()), applications };
    Live { applications: section(body), ..Live::default() }
}

/// What is told, in English: tone and title.
fn told(before: &Live, after: &Live) -> Vec<(Tone, String)> {
    told_with(before, after, &Endings::default())
}

fn told_with(before: &Live, after: &Live, endings: &Endings) -> Vec<(Tone, String)> {
    let feed = diff(before, after, 42, endings);
    assert!(feed.iter().all(|entry| entry.at_ms == 42 && !entry.title.fr.is_empty()));
    feed.into_iter().map(|entry| (entry.tone, entry.title.en)).collect()
}

fn expect(told: &[(Tone, String)], expected: &[(Tone, &str)]) {
    let told: Vec<_> = told.iter().map(|(tone, title)| (*tone, title.as_str())).collect();
    assert_eq!(told, expected);
}

#[test]
fn nothing_happens_between_a_picture_and_itself() {
    let mut live = mesos(1, vec![agent("agent1", AgentState::Active, &[task("a", "TASK_RUNNING")])]);
    live.machines = machines(&[MachineState::Running]).machines;
    live.ensemble = ensemble(&[ZooKeeperMode::Leader, ZooKeeperMode::Follower]).ensemble;
    live.applications = applications(&[hello(ApplicationState::Stable)]).applications;
    expect(&told(&live, &live), &[]);
}

#[test]
fn the_first_sight_of_a_cluster_names_its_leaders_only() {
    let first = |live: &Live| told(&Live::default(), live);
    expect(&first(&machines(&[MachineState::Running])), &[]);
    expect(&first(&ensemble(&[ZooKeeperMode::Down])), &[]);
    expect(&first(&ensemble(&[ZooKeeperMode::Standalone])), &[(Tone::Good, "ZooKeeper serves on node1")]);
    let running = mesos(2, vec![agent("agent1", AgentState::Active, &[task("a", "TASK_RUNNING")])]);
    expect(&first(&running), &[(Tone::Good, "node2 leads Mesos")]);
    expect(&first(&applications(&[hello(ApplicationState::Stable)])), &[(Tone::Good, "The scheduler on node1 leads")]);
}

#[test]
fn machines_come_and_go_one_by_one_or_together() {
    use MachineState::{Halted, Missing, Running, Unknown};
    expect(&told(&machines(&[Missing, Running]), &machines(&[Running, Running])), &[(Tone::Good, "node1 is up")]);
    expect(&told(&machines(&[Running; 3]), &machines(&[Halted; 3])), &[(Tone::Warn, "3 machines are off")]);
    expect(&told(&machines(&[Running]), &machines(&[Missing])), &[(Tone::Warn, "node1 is gone")]);
    expect(&told(&machines(&[Unknown]), &machines(&[Running])), &[]);
}

#[test]
fn what_stands_in_the_way_of_the_machines_is_told_once() {
    let well = machines(&[MachineState::Running]);
    let mut ill = well.clone();
    if let Some(section) = &mut ill.machines {
        section.trouble = Some(Problem::new("practice-died", Text::same("It died."), Text::same("Bring it up.")));
    }
    expect(&told(&well, &ill), &[(Tone::Bad, "It died.")]);
    expect(&told(&ill, &ill), &[]);
}

#[test]
fn a_killed_leader_of_the_ensemble_is_replaced() {
    use ZooKeeperMode::{Down, Follower, Leader, Looking};
    let before = ensemble(&[Follower, Follower, Leader]);
    let elects = ensemble(&[Looking, Looking, Down]);
    let after = ensemble(&[Leader, Follower, Down]);
    expect(
        &told(&before, &elects),
        &[(Tone::Warn, "ZooKeeper is down on node3"), (Tone::Bad, "ZooKeeper has lost its majority")],
    );
    expect(&told(&elects, &after), &[(Tone::Good, "ZooKeeper has a majority"), (Tone::Good, "node1 leads ZooKeeper")]);
    expect(&told(&after, &ensemble(&[Leader, Follower, Follower])), &[(Tone::Info, "ZooKeeper answers on node3")]);
}

#[test]
fn a_server_alone_has_no_majority_to_lose() {
    let alone = ensemble(&[ZooKeeperMode::Standalone]);
    expect(&told(&alone, &ensemble(&[ZooKeeperMode::Down])), &[(Tone::Warn, "ZooKeeper is down on node1")]);
}

#[test]
fn programs_of_a_machine_that_is_off_are_not_mentioned() {
    let mut before = ensemble(&[ZooKeeperMode::Leader, ZooKeeperMode::Follower, ZooKeeperMode::Follower]);
    before.machines = machines(&[MachineState::Running, MachineState::Halted, MachineState::Running]).machines;
    let mut after = before.clone();
    after.ensemble = ensemble(&[ZooKeeperMode::Leader, ZooKeeperMode::Down, ZooKeeperMode::Follower]).ensemble;
    expect(&told(&before, &after), &[]);
}

#[test]
fn a_cluster_that_was_halted_tells_no_more_than_that() {
    let halted = machines(&[MachineState::Halted; 3]).machines;
    let mut before = mesos(1, vec![]);
    before.machines = halted.clone();
    before.applications = applications(&[]).applications;
    let mut after = before.clone();
    if let (Some(mesos), Some(applications)) = (&mut after.mesos, &mut after.applications) {
        mesos.body.masters.iter_mut().for_each(|m| (m.leading, m.reachable) = (false, false));
        (applications.body.answering, applications.body.leader) = (vec![], None);
    }
    expect(&told(&before, &after), &[]);
}

#[test]
fn without_a_majority_of_zookeeper_no_master_leads_and_that_is_why() {
    let mut before = mesos(1, vec![]);
    before.ensemble = ensemble(&[ZooKeeperMode::Looking, ZooKeeperMode::Down, ZooKeeperMode::Down]).ensemble;
    let mut after = mesos(0, vec![]);
    after.ensemble = before.ensemble.clone();
    let feed = diff(&before, &after, 42, &Endings::default());
    assert_eq!(feed[0].title.en, "No Mesos master leads");
    assert!(feed[0].detail.en.starts_with("ZooKeeper has no majority"), "{}", feed[0].detail.en);
    expect(&told(&after, &mesos(3, vec![])), &[(Tone::Good, "node3 leads Mesos")]);
}

#[test]
fn an_agent_goes_its_way() {
    use AgentState::{Absent, Active, Inactive, Recovering, Unreachable};
    let step = |from: AgentState, to: AgentState| {
        told(&mesos(1, vec![agent("agent1", from, &[])]), &mesos(1, vec![agent("agent1", to, &[])]))
    };
    expect(&step(Absent, Active), &[(Tone::Good, "agent1 registered with Mesos")]);
    expect(&step(Active, Inactive), &[(Tone::Warn, "The agent on agent1 does not answer")]);
    expect(&step(Inactive, Unreachable), &[(Tone::Bad, "The agent on agent1 is lost")]);
    expect(&step(Unreachable, Active), &[(Tone::Good, "The agent on agent1 is back")]);
    expect(&step(Active, Recovering), &[]);
    expect(&step(Active, Absent), &[(Tone::Warn, "The agent on agent1 has left")]);
    expect(&step(Unreachable, Absent), &[]);
    let many = |state| (1..=50).map(|n| agent(&format!("agent{n}"), state, &[])).collect();
    let feed = diff(&mesos(1, many(Active)), &mesos(1, many(Unreachable)), 42, &Endings::default());
    assert_eq!((feed.len(), feed[0].title.en.as_str()), (1, "50 agents are lost"));
    assert!(feed[0].detail.en.ends_with("and 42 more"), "{}", feed[0].detail.en);
}

/// One agent's tasks before, and after.
fn tasks(before: &[Task], after: &[Task], endings: &Endings) -> Vec<(Tone, String)> {
    let with = |tasks| mesos(1, vec![agent("agent1", AgentState::Active, tasks)]);
    told_with(&with(before), &with(after), endings)
}

#[test]
fn instances_start_and_are_told_together() {
    let none = Endings::default();
    expect(&tasks(&[], &[task("a", "TASK_STAGING")], &none), &[]);
    expect(
        &tasks(&[task("a", "TASK_STAGING")], &[task("a", "TASK_RUNNING")], &none),
        &[(Tone::Info, "An instance of /hello started on agent1")],
    );
    expect(
        &tasks(&[], &[task("a", "TASK_RUNNING"), task("b", "TASK_RUNNING")], &none),
        &[(Tone::Info, "2 instances of /hello started")],
    );
}

#[test]
fn how_an_instance_ended_is_told_with_its_reason() {
    let update = |state: &str| -> TaskUpdated {
        serde_json::from_value(json!({
            "framework_id": { "value": "f" },
            "status": { "task_id": { "value": "a" }, "state": state, "message": "exited with 1\u{7}\n" },
            "state": state,
        }))
        .unwrap()
    };
    let mut killed = Endings::default();
    killed.hear(&update("TASK_KILLED"));
    expect(
        &tasks(&[task("a", "TASK_RUNNING")], &[], &killed),
        &[(Tone::Info, "An instance of /hello stopped on agent1")],
    );
    let mut failed = Endings::default();
    failed.hear(&update("TASK_RUNNING"));
    failed.hear(&update("TASK_FAILED"));
    let before = mesos(1, vec![agent("agent1", AgentState::Active, &[task("a", "TASK_RUNNING")])]);
    let after = mesos(1, vec![agent("agent1", AgentState::Active, &[])]);
    let feed = diff(&before, &after, 42, &failed);
    assert_eq!((feed[0].tone, feed[0].title.en.as_str()), (Tone::Bad, "An instance of /hello failed on agent1"));
    assert_eq!(feed[0].detail, Text::same("exited with 1"));
}

#[test]
fn instances_of_a_lost_agent_move() {
    let two = |one: &[Task], other: &[Task], state| {
        let mut live = mesos(1, vec![agent("agent1", state, one), agent("agent2", AgentState::Active, other)]);
        live.applications = applications(&[hello(ApplicationState::Deploying)]).applications;
        live
    };
    let (out, b) = (task("a", "TASK_UNREACHABLE"), task("b", "TASK_RUNNING"));
    let before = two(&[task("a", "TASK_RUNNING")], std::slice::from_ref(&b), AgentState::Active);
    let lost = two(std::slice::from_ref(&out), std::slice::from_ref(&b), AgentState::Unreachable);
    expect(
        &told(&before, &lost),
        &[(Tone::Bad, "The agent on agent1 is lost"), (Tone::Bad, "An instance of /hello is out of reach on agent1")],
    );
    let moved = two(std::slice::from_ref(&out), &[b.clone(), task("c", "TASK_RUNNING")], AgentState::Unreachable);
    expect(&told(&lost, &moved), &[(Tone::Move, "An instance of /hello moved from agent1 to agent2")]);
    // A further one is more than was lost: it has not moved, it is one more.
    let more = two(
        std::slice::from_ref(&out),
        &[b.clone(), task("c", "TASK_RUNNING"), task("d", "TASK_RUNNING")],
        AgentState::Unreachable,
    );
    let mut scaled = more.clone();
    if let Some(section) = &mut scaled.applications {
        section.body.applications[0].instances = 4;
    }
    let titles = told(&moved, &scaled);
    assert!(titles.contains(&(Tone::Info, "An instance of /hello started on agent2".to_owned())), "{titles:?}");
    let back = two(&[task("a", "TASK_RUNNING")], std::slice::from_ref(&b), AgentState::Active);
    expect(
        &told(&lost, &back),
        &[(Tone::Good, "The agent on agent1 is back"), (Tone::Good, "An instance of /hello is back on agent1")],
    );
}

#[test]
fn applications_are_created_scaled_and_removed() {
    let none = applications(&[]);
    let there = applications(&[hello(ApplicationState::Deploying)]);
    expect(&told(&none, &there), &[(Tone::Info, "/hello was created")]);
    let scaled = applications(&[Application { instances: 3, ..hello(ApplicationState::Deploying) }]);
    expect(&told(&there, &scaled), &[(Tone::Move, "/hello is scaled from 2 to 3")]);
    expect(&told(&there, &none), &[(Tone::Info, "/hello was removed")]);
}

#[test]
fn a_deployment_ends_well_or_waits_with_its_reason() {
    let deploying = applications(&[hello(ApplicationState::Deploying)]);
    let stable = applications(&[hello(ApplicationState::Stable)]);
    expect(&told(&deploying, &stable), &[(Tone::Good, "/hello is in place and healthy")]);
    let reason = Text::new("It asks for 2 CPUs.", "Elle demande 2 processeurs.");
    let waiting = applications(&[hello(ApplicationState::Waiting { reason: reason.clone() })]);
    let feed = diff(&deploying, &waiting, 42, &Endings::default());
    assert_eq!((feed[0].tone, feed[0].title.en.as_str(), &feed[0].detail), (Tone::Warn, "/hello waits", &reason));
    expect(&told(&waiting, &stable), &[(Tone::Good, "/hello is in place and healthy")]);
}

#[test]
fn health_is_lost_and_found() {
    let well = applications(&[hello(ApplicationState::Stable)]);
    let ill = applications(&[Application { healthy: 1, unhealthy: 1, ..hello(ApplicationState::Stable) }]);
    expect(&told(&well, &ill), &[(Tone::Bad, "/hello is not healthy")]);
    expect(&told(&ill, &well), &[(Tone::Good, "/hello is healthy again")]);
}

#[test]
fn schedulers_come_go_and_lead() {
    let with = |answering: &[&str], leader: Option<&str>| {
        let answering = answering.iter().map(|s| (*s).to_owned()).collect();
        let body = Applications { answering, leader: leader.map(str::to_owned), applications: vec![] };
        Live { applications: section(body), ..Live::default() }
    };
    let two = with(&["node1", "node2"], Some("node1"));
    let none = with(&["node2"], None);
    expect(&told(&two, &none), &[(Tone::Warn, "The scheduler on node1 is down"), (Tone::Bad, "No scheduler leads")]);
    let other = with(&["node2"], Some("node2"));
    expect(&told(&none, &other), &[(Tone::Good, "The scheduler on node2 leads")]);
}
