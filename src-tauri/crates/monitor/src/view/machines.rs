//! The machines.

use machines::State;
use plan::ClusterPlan;
use protocol::{Machine, MachineState};

/// The machines of the plan, in its order. One that nothing was said about is missing.
pub fn machines(plan: &ClusterPlan, states: &[(String, State)]) -> Vec<Machine> {
    let state_of = |name: &str| {
        let known = states.iter().find(|(node, _)| node == name);
        known.map_or(MachineState::Missing, |(_, state)| match state {
            State::Missing => MachineState::Missing,
            State::Running => MachineState::Running,
            State::Halted => MachineState::Halted,
            State::Paused => MachineState::Paused,
        })
    };
    in_plan(plan, state_of)
}

/// The machines of the plan when nothing could be learnt.
pub fn unknown(plan: &ClusterPlan) -> Vec<Machine> {
    in_plan(plan, |_| MachineState::Unknown)
}

fn in_plan(plan: &ClusterPlan, state_of: impl Fn(&str) -> MachineState) -> Vec<Machine> {
    let machine = |node: &plan::Node| Machine {
        node: node.name.clone(),
        address: node.address.to_string(),
        state: state_of(&node.name),
    };
    plan.nodes.iter().map(machine).collect()
}
