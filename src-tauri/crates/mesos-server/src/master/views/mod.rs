//! What clients see of a master's state, written straight from it.

pub mod maintenance;
pub mod metrics;
pub mod quota;
pub mod roles;
pub mod v0;
pub mod v1;

use std::collections::BTreeMap;

use serde::{Serialize, ser::SerializeMap};

use super::state::{Framework, State};

/// How an agent is being emptied, as both APIs show it.
#[derive(Serialize)]
pub struct DrainInfo {
    state: &'static str,
    config: DrainConfig,
}

#[derive(Serialize)]
struct DrainConfig {
    #[serde(skip_serializing_if = "Option::is_none")]
    max_grace_period: Option<crate::wire::Nanoseconds>,
    mark_gone: bool,
}

impl DrainInfo {
    /// Of an agent that an operator took out of service.
    pub fn of(core: &State, agent: &crate::wire::Id) -> Option<Self> {
        let drain = core.out_of_service.get(agent)?.drain.as_ref()?;
        let config = DrainConfig { max_grace_period: drain.max_grace_period, mark_gone: drain.mark_gone };
        Some(Self { state: if drain.drained { "DRAINED" } else { "DRAINING" }, config })
    }
}

/// What a framework wants to be offered, as it said.
fn offer_constraints<M: SerializeMap>(map: &mut M, framework: &Framework) -> Result<(), M::Error> {
    match &framework.constraints {
        Some(constraints) => map.serialize_entry("offer_constraints", constraints),
        None => map.serialize_entry("offer_constraints", &BTreeMap::<(), ()>::new()),
    }
}
