//! An agent in the endpoints of old.

use serde::{Serialize, Serializer};

use crate::{
    master::{
        state::{Agent, Shown, State},
        views::DrainInfo,
    },
    resources::Summary,
    views::{OwnedSummary, ReservedSummary},
    wire::{
        AgentInfo, Id,
        agent::{AGENT_CAPABILITIES, AttributeMap},
    },
};

/// An agent, as far as all endpoints show it.
#[derive(Serialize)]
pub struct AgentHead<'a> {
    id: &'a str,
    hostname: &'a str,
    port: u16,
    attributes: AttributeMap<'a>,
    pid: String,
    registered_time: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    reregistered_time: Option<f64>,
    resources: Summary<'a>,
    used_resources: Summary<'a>,
    offered_resources: Summary<'a>,
    reserved_resources: ReservedSummary<'a>,
    unreserved_resources: OwnedSummary,
    active: bool,
    deactivated: bool,
    version: &'static str,
    capabilities: [&'static str; 8],
    #[serde(skip_serializing_if = "Option::is_none")]
    drain_info: Option<DrainInfo>,
    #[serde(skip_serializing_if = "Option::is_none")]
    estimated_drain_start_time_seconds: Option<f64>,
}

impl<'a> AgentHead<'a> {
    pub fn of(core: &State, id: &'a Id, agent: &'a Agent) -> Self {
        let info = &agent.info;
        Self {
            id: id.as_str(),
            hostname: &info.hostname,
            port: info.port,
            attributes: AttributeMap(&info.attributes),
            pid: info.pid(),
            registered_time: agent.registered,
            reregistered_time: agent.reregistered,
            resources: Summary(&agent.total),
            used_resources: Summary(&agent.used),
            offered_resources: Summary(&agent.offered),
            reserved_resources: ReservedSummary(&agent.total),
            unreserved_resources: OwnedSummary(agent.total.unreserved()),
            active: agent.is_active(),
            deactivated: agent.deactivated,
            version: crate::wire::VERSION,
            capabilities: AGENT_CAPABILITIES,
            drain_info: if agent.deactivated { DrainInfo::of(core, id) } else { None },
            estimated_drain_start_time_seconds: agent.drain_started,
        }
    }
}

/// An agent in `/state`.
pub struct AgentV0<'a> {
    /// What it is a part of.
    pub core: &'a State,
    /// Its id.
    pub id: &'a Id,
    /// It.
    pub agent: &'a Shown<Agent>,
}

impl Serialize for AgentV0<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { core, id, agent } = *self;
        let head = || AgentHead::of(core, id, agent);
        // How an agent is being emptied is not known to the agent's own entry.
        if agent.deactivated { head().serialize(serializer) } else { agent.v0(head).serialize(serializer) }
    }
}

/// An agent of the registry that has not come back.
#[derive(Serialize)]
pub struct RecoveredAgent<'a> {
    id: &'a str,
    hostname: &'a str,
    port: u16,
    attributes: AttributeMap<'a>,
}

impl<'a> RecoveredAgent<'a> {
    pub fn of((id, info): (&'a Id, &'a AgentInfo)) -> Self {
        Self { id: id.as_str(), hostname: &info.hostname, port: info.port, attributes: AttributeMap(&info.attributes) }
    }
}
