//! Masters and agents: `/state`, by the plan's machines.

use std::collections::{BTreeMap, HashMap};

use mesos::state::{self, State};
use plan::ClusterPlan;
use protocol::{Agent, AgentState, Master, Share, Task};

use super::place::{self, Places};

/// Whether tasks are well by the scheduler's own checks, by task id: Mesos knows its own checks only.
pub type Health = HashMap<String, bool>;

/// The masters of the plan. `reachable` names the machines whose master answers; `leader` is the address of the one that
/// leads.
pub fn masters(plan: &ClusterPlan, reachable: &[String], leader: Option<&str>) -> Vec<Master> {
    let leading = leader.and_then(|host| Places::of(plan).node(host)).map(|n| n.name.as_str());
    let master = |node: &plan::Node| {
        let leading = leading == Some(node.name.as_str());
        Master {
            node: node.name.clone(),
            address: format!("{}:{}", node.address, plan.mesos.master_port),
            reachable: leading || reachable.contains(&node.name),
            leading,
        }
    };
    plan.masters().map(master).collect()
}

/// The address of the master that `state` says leads.
pub fn leader(state: &State) -> Option<&str> {
    state.leader.as_deref().filter(|pid| !pid.is_empty()).map(place::host)
}

/// The agents, as long as nothing was ever heard of them.
pub fn planned_agents(plan: &ClusterPlan) -> Vec<Agent> {
    plan.agents().map(|(node, _)| nothing_of(&node.name)).collect()
}

/// The agents of the plan in its order, then the others by name. `before` is what was seen last: `/state` does not name
/// agents that were given up, and a fresh leader does not know the tasks of those that have not come back yet.
pub fn agents(plan: &ClusterPlan, state: &State, health: &Health, before: &[Agent]) -> Vec<Agent> {
    let mut tasks = Tasks::of(state, health);
    let mut seen = registered(plan, state, &mut tasks, before);
    let mut given_up = given_up(plan, state, &seen, before);
    let agents = plan.agents().map(|(node, _)| {
        let named = seen.remove(&node.name).or_else(|| given_up.remove(&node.name));
        named.unwrap_or_else(|| nothing_of(&node.name))
    });
    let mut agents: Vec<_> = agents.collect();
    seen.extend(given_up);
    agents.extend(seen.into_values());
    for agent in agents.iter_mut().filter(|a| a.state == AgentState::Unreachable) {
        agent.tasks = agent.id.as_deref().map(|id| tasks.on(id)).unwrap_or_default();
    }
    agents
}

/// The agents that `/state` names, by the name that they are shown under.
fn registered(plan: &ClusterPlan, state: &State, tasks: &mut Tasks, before: &[Agent]) -> BTreeMap<String, Agent> {
    let places = Places::of(plan);
    let before: HashMap<_, _> = before.iter().filter_map(|a| Some((a.id.as_deref()?, a))).collect();
    let now = state.slaves.iter().map(|a| (a, if a.active { AgentState::Active } else { AgentState::Inactive }));
    let recovered = state.recovered_slaves.iter().map(|a| (a, AgentState::Recovering));
    let mut known: Vec<_> = now.chain(recovered).collect();
    // An agent that began anew has another id and the old one's address: the one that lives gets the machine's name.
    known.sort_by_key(|(_, stands)| *stands != AgentState::Active);
    let mut seen = BTreeMap::new();
    for (agent, stands) in known {
        let name = shown_name(&places, agent, &seen);
        let mut shown = of(&name, agent, stands);
        shown.tasks = match before.get(agent.id.as_str()) {
            Some(before) if stands == AgentState::Recovering => before.tasks.clone(),
            _ => tasks.on(&agent.id),
        };
        seen.insert(name, shown);
    }
    seen
}

fn shown_name(places: &Places<'_>, agent: &state::Agent, taken: &BTreeMap<String, Agent>) -> String {
    let node = places.node(place::host(&agent.pid)).or_else(|| places.node(&agent.hostname)).map(|n| n.name.as_str());
    let host = Some(agent.hostname.as_str()).filter(|host| !host.is_empty());
    let free = node.into_iter().chain(host).find(|name| !taken.contains_key(*name));
    free.unwrap_or(&agent.id).to_owned()
}

/// The agents that the master has given up. `/state` only counts them, so they are those that were seen before and are
/// no longer named; when as many are counted as the plan misses, it is clear without.
fn given_up(
    plan: &ClusterPlan,
    state: &State,
    seen: &BTreeMap<String, Agent>,
    before: &[Agent],
) -> BTreeMap<String, Agent> {
    if state.unreachable_slaves < 1.0 {
        return BTreeMap::new();
    }
    let unused = |share: Share| Share { used: 0.0, ..share };
    let gone = |known: &Agent| Agent {
        state: AgentState::Unreachable,
        cpus: unused(known.cpus),
        mem_mb: unused(known.mem_mb),
        disk_mb: unused(known.disk_mb),
        ..known.clone()
    };
    let known = before.iter().filter(|a| a.id.is_some() && !seen.contains_key(&a.node));
    let mut given_up: BTreeMap<_, _> = known.map(|a| (a.node.clone(), gone(a))).collect();
    let missing: Vec<_> = plan.agents().map(|(node, _)| &node.name).filter(|name| !seen.contains_key(*name)).collect();
    if state.unreachable_slaves >= missing.len() as f64 {
        for name in missing {
            let unknown = || Agent { state: AgentState::Unreachable, ..nothing_of(name) };
            given_up.entry(name.clone()).or_insert_with(unknown);
        }
    }
    given_up
}

fn of(name: &str, agent: &state::Agent, stands: AgentState) -> Agent {
    let (all, used) = (&agent.resources, &agent.used_resources);
    Agent {
        node: name.to_owned(),
        id: Some(agent.id.clone()),
        state: stands,
        cpus: Share { used: used.cpus, total: all.cpus },
        mem_mb: Share { used: used.mem, total: all.mem },
        disk_mb: Share { used: used.disk, total: all.disk },
        attributes: agent.rendered_attributes(),
        tasks: Vec::new(),
    }
}

fn nothing_of(name: &str) -> Agent {
    Agent {
        node: name.to_owned(),
        id: None,
        state: AgentState::Absent,
        cpus: Share::default(),
        mem_mb: Share::default(),
        disk_mb: Share::default(),
        attributes: Vec::new(),
        tasks: Vec::new(),
    }
}

/// The tasks that live, by agent.
struct Tasks(HashMap<String, Vec<Task>>);

impl Tasks {
    fn of(state: &State, health: &Health) -> Self {
        let mut by_agent: HashMap<String, Vec<Task>> = HashMap::new();
        let of_frameworks = state.frameworks.iter().flat_map(|f| f.tasks.iter().chain(&f.unreachable_tasks));
        for task in of_frameworks.chain(&state.orphan_tasks).filter(|t| !t.state.is_terminal()) {
            let shown = Task {
                application: application(task),
                state: task.state.to_string(),
                healthy: task.healthy().or_else(|| health.get(&task.id).copied()),
                id: task.id.clone(),
            };
            by_agent.entry(task.slave_id.clone()).or_default().push(shown);
        }
        for tasks in by_agent.values_mut() {
            tasks.sort_by(|a, b| (&a.application, &a.id).cmp(&(&b.application, &b.id)));
        }
        Self(by_agent)
    }

    fn on(&mut self, agent: &str) -> Vec<Task> {
        self.0.remove(agent).unwrap_or_default()
    }
}

/// The application that a task belongs to. Marathon's ids are the application's path with `_` for `/`, then
/// `.instance-` and a number (`shop_web.instance-4f…._app.1`); others' tasks go by their name.
fn application(task: &state::Task) -> String {
    match task.id.rsplit_once(".instance-") {
        Some((path, _)) => format!("/{}", path.replace('_', "/")),
        None if task.name.is_empty() => task.id.clone(),
        None => task.name.clone(),
    }
}

#[cfg(test)]
mod tests;
