use mesos::state::State;
use plan::{ClusterPlan, Node, Preset, Provider, practice_network};
use protocol::{Agent, AgentState, Share};
use serde_json::{Value, json};

use super::{Health, agents, leader, masters};

/// What a real master 1.11.0 answered with two agents and two tasks, shortened.
const RECORDED: &str = include_str!("../../../tests/fixtures/state.json");

fn plan() -> ClusterPlan {
    Preset::Classroom.plan("lab", Provider::Practice, practice_network(7))
}

/// The recorded answer, as if its agents were the plan's.
fn recorded(plan: &ClusterPlan) -> Value {
    let mut state: Value = serde_json::from_str(RECORDED).unwrap();
    for (n, agent) in state["slaves"].as_array_mut().unwrap().iter_mut().enumerate() {
        // The recording lists agent 2 first.
        agent["pid"] = json!(format!("slave(1)@{}:5051", address(plan, 2 - n)));
    }
    state
}

fn address(plan: &ClusterPlan, agent: usize) -> String {
    plan.agents().nth(agent - 1).map(|(node, _): (&Node, _)| node.address.to_string()).unwrap()
}

fn read(plan: &ClusterPlan, state: Value, before: &[Agent]) -> Vec<Agent> {
    let state: State = serde_json::from_value(state).unwrap();
    agents(plan, &state, &Health::new(), before)
}

fn standing(agents: &[Agent]) -> Vec<(&str, AgentState, usize)> {
    agents.iter().map(|a| (a.node.as_str(), a.state, a.tasks.len())).collect()
}

#[test]
fn agents_come_in_the_plans_order_with_what_they_have_and_run() {
    let plan = plan();
    let seen = read(&plan, recorded(&plan), &[]);
    assert_eq!(standing(&seen), [("agent1", AgentState::Active, 1), ("agent2", AgentState::Active, 1)]);
    assert_eq!(seen[0].cpus, Share { used: 0.2, total: 2.0 });
    assert_eq!(seen[0].attributes, [("rack".into(), "r1".into()), ("zone".into(), "z1".into())]);
    assert_eq!((seen[0].tasks[0].application.as_str(), seen[0].tasks[0].state.as_str()), ("task2", "TASK_RUNNING"));
}

#[test]
fn agents_that_are_not_the_plans_come_after_under_their_own_names() {
    let mut plan = plan();
    let state = recorded(&plan);
    plan.nodes.retain(|n| n.name != "agent1");
    assert_eq!(
        standing(&read(&plan, state, &[])),
        [("agent2", AgentState::Active, 1), ("agent1.example", AgentState::Active, 1)]
    );
}

#[test]
fn an_agent_that_was_given_up_is_remembered() {
    let plan = plan();
    let before = read(&plan, recorded(&plan), &[]);
    let mut state = recorded(&plan);
    let task = state["frameworks"][0]["tasks"][0].take();
    state["frameworks"][0]["tasks"].as_array_mut().unwrap().remove(0);
    state["frameworks"][0]["unreachable_tasks"] = json!([task]);
    state["frameworks"][0]["unreachable_tasks"][0]["state"] = json!("TASK_UNREACHABLE");
    state["slaves"].as_array_mut().unwrap().retain(|a| a["hostname"] != "agent1.example");
    state["unreachable_slaves"] = json!(1.0);
    let after = read(&plan, state.clone(), &before);
    assert_eq!(standing(&after), [("agent1", AgentState::Unreachable, 1), ("agent2", AgentState::Active, 1)]);
    assert_eq!((after[0].cpus.used, after[0].tasks[0].state.as_str()), (0.0, "TASK_UNREACHABLE"));
    // Without a memory, the count of those given up tells it as well.
    assert_eq!(read(&plan, state, &[])[0].state, AgentState::Unreachable);
}

#[test]
fn an_agent_that_left_in_good_order_is_absent() {
    let plan = plan();
    let before = read(&plan, recorded(&plan), &[]);
    let mut state = recorded(&plan);
    state["slaves"].as_array_mut().unwrap().retain(|a| a["hostname"] != "agent1.example");
    let after = read(&plan, state, &before);
    assert_eq!((after[0].state, &after[0].id), (AgentState::Absent, &None));
}

#[test]
fn after_a_change_of_leader_recovering_agents_keep_their_tasks() {
    let plan = plan();
    let before = read(&plan, recorded(&plan), &[]);
    let mut state = recorded(&plan);
    state["recovered_slaves"] = state["slaves"].take();
    state["slaves"] = json!([]);
    state["frameworks"] = json!([]);
    let after = read(&plan, state, &before);
    assert_eq!(standing(&after), [("agent1", AgentState::Recovering, 1), ("agent2", AgentState::Recovering, 1)]);
}

#[test]
fn an_agent_that_began_anew_takes_the_machine_over_from_its_old_self() {
    let plan = plan();
    let mut state = recorded(&plan);
    let mut anew = state["slaves"][1].clone();
    state["slaves"][1]["active"] = json!(false);
    anew["id"] = json!("new-S9");
    state["slaves"].as_array_mut().unwrap().push(anew);
    let seen = read(&plan, state, &[]);
    assert_eq!((seen[0].node.as_str(), seen[0].id.as_deref()), ("agent1", Some("new-S9")));
    assert_eq!((seen[2].node.as_str(), seen[2].state), ("agent1.example", AgentState::Inactive));
}

#[test]
fn tasks_of_marathon_belong_to_their_application_and_health_is_the_schedulers() {
    let plan = plan();
    let mut state = recorded(&plan);
    state["frameworks"][0]["tasks"][0]["id"] = json!("shop_web.instance-4f1b._app.1");
    state["frameworks"][0]["tasks"][1]["state"] = json!("TASK_KILLED");
    let state: State = serde_json::from_value(state).unwrap();
    let health = Health::from([("shop_web.instance-4f1b._app.1".to_owned(), false)]);
    let seen = agents(&plan, &state, &health, &[]);
    assert_eq!((seen[0].tasks[0].application.as_str(), seen[0].tasks[0].healthy), ("/shop/web", Some(false)));
    assert_eq!(seen[1].tasks, []);
}

#[test]
fn the_leader_is_one_of_the_plans_masters() {
    let plan = plan();
    let mut state: State = serde_json::from_str(RECORDED).unwrap();
    assert_eq!(leader(&state), Some("127.0.0.1"));
    let address = plan.nodes[0].address.to_string();
    let masters = masters(&plan, &["node1".into()], Some(&address));
    assert_eq!(masters.len(), 1);
    assert!(masters[0].leading && masters[0].reachable);
    assert_eq!(masters[0].address, format!("{address}:5050"));
    state.leader = Some(String::new());
    assert_eq!(leader(&state), None);
}
