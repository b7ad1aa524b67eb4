//! `/maintenance/status`, `GET_MAINTENANCE_STATUS`.

use serde::Serialize;

use crate::{
    master::state::State,
    registry::machine_of,
    wire::{Id, Nanoseconds, maintenance::MachineId},
};

/// The machines that are not simply up.
#[derive(Serialize)]
pub struct Status<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    draining_machines: Vec<Draining<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    down_machines: Vec<&'a MachineId>,
}

#[derive(Serialize)]
struct Draining<'a> {
    id: &'a MachineId,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    statuses: Vec<Answered<'a>>,
}

#[derive(Serialize)]
struct Answered<'a> {
    status: &'static str,
    framework_id: &'a Id,
    timestamp: Nanoseconds,
}

/// Of a master.
pub fn status(core: &State) -> Status<'_> {
    let machines = || core.maintenance.machines.iter();
    let answers = |machine: &MachineId| {
        let on_it =
            core.maintenance.answers.iter().filter(|((agent, _), _)| {
                core.agents.get(agent).is_some_and(|agent| machine_of(&agent.info) == *machine)
            });
        on_it
            .map(|((_, framework), answer)| Answered {
                status: if answer.accepted { "ACCEPT" } else { "DECLINE" },
                framework_id: framework,
                timestamp: answer.at,
            })
            .collect()
    };
    Status {
        draining_machines: machines()
            .filter(|(_, machine)| !machine.down)
            .map(|(normal, machine)| Draining { id: &machine.id, statuses: answers(normal) })
            .collect(),
        down_machines: machines().filter(|(_, machine)| machine.down).map(|(_, machine)| &machine.id).collect(),
    }
}
