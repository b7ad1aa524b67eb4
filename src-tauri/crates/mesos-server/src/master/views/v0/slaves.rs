//! `/slaves`.

use std::io::{self, Write};

use serde::Serialize;

use super::agent::{AgentHead, RecoveredAgent};
use crate::{
    master::state::State,
    resources::ByRole,
    views::{OwnedByRole, OwnedList, ReservedFull, Seq},
    wire::{Id, recordio},
};

/// Writes it, of one agent if an id is given.
pub fn slaves(core: &State, only: Option<&str>, out: impl Write) -> io::Result<()> {
    #[derive(Serialize)]
    struct Full<'a> {
        #[serde(flatten)]
        head: AgentHead<'a>,
        reserved_resources_full: ReservedFull<'a>,
        unreserved_resources_full: OwnedList,
        used_resources_full: ByRole<'a>,
        offered_resources_full: OwnedByRole,
    }
    #[derive(Serialize)]
    struct Whole<A: Serialize, R: Serialize> {
        slaves: A,
        recovered_slaves: R,
    }
    let wanted = |id: &Id| only.is_none_or(|only| only == id.as_str());
    let agents = || {
        core.agents.iter().filter(|(id, _)| wanted(id)).map(|(id, agent)| Full {
            head: AgentHead::of(core, id, agent),
            reserved_resources_full: ReservedFull(&agent.total),
            unreserved_resources_full: OwnedList(agent.total.unreserved()),
            used_resources_full: ByRole(&agent.used_by),
            offered_resources_full: OwnedByRole(core.offered_of(agent)),
        })
    };
    let recovered = || core.recovered.iter().filter(|(id, _)| wanted(id)).map(RecoveredAgent::of);
    recordio::json_into(out, &Whole { slaves: Seq(agents), recovered_slaves: Seq(recovered) })
}
