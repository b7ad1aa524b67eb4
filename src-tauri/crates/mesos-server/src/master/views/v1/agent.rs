//! An agent in the v1 API.

use serde::{Serialize, Serializer, ser::SerializeMap};

use crate::{
    master::{
        state::{Agent, Shown, State},
        views::DrainInfo,
    },
    resources::{ByRole, Format, Listed},
    wire::{
        AgentInfo, Nanoseconds, VERSION,
        agent::{AGENT_CAPABILITIES, Typed},
    },
};

/// An agent.
pub struct AgentView<'a> {
    agent: &'a Agent,
    /// With its offers; an event shows none.
    core: Option<&'a State>,
}

impl<'a> AgentView<'a> {
    /// As events show it.
    pub fn in_event(agent: &'a Agent) -> Self {
        Self { agent, core: None }
    }
}

/// An agent's info as lists have it: with a field that the agent itself did not set.
#[derive(Serialize)]
struct Checkpointing<'a> {
    #[serde(flatten)]
    info: &'a AgentInfo,
    checkpoint: bool,
}

impl Serialize for AgentView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let agent = self.agent;
        let time = |seconds| Nanoseconds::at(seconds);
        let mut map = serializer.serialize_map(None)?;
        match self.core {
            None => map.serialize_entry("agent_info", &agent.info)?,
            Some(_) => map.serialize_entry("agent_info", &Checkpointing { info: &agent.info, checkpoint: true })?,
        }
        map.serialize_entry("active", &agent.is_active())?;
        map.serialize_entry("deactivated", &agent.deactivated)?;
        map.serialize_entry("version", VERSION)?;
        map.serialize_entry("pid", &agent.info.pid())?;
        map.serialize_entry("registered_time", &time(agent.registered))?;
        if let Some(again) = agent.reregistered {
            map.serialize_entry("reregistered_time", &time(again))?;
        }
        map.serialize_entry("total_resources", &Listed(&agent.total, Format::ENDPOINT))?;
        if !agent.used.is_empty() {
            map.serialize_entry("allocated_resources", &ByRole(&agent.used_by))?;
        }
        if let Some(core) = self.core.filter(|_| !agent.offered.is_empty()) {
            map.serialize_entry("offered_resources", &ByRole(&core.offered_of(agent)))?;
        }
        map.serialize_entry("capabilities", &AGENT_CAPABILITIES.map(|kind| Typed { kind: Some(kind) }))?;
        if let (Some(core), Some(id)) = (self.core.filter(|_| agent.deactivated), &agent.info.id) {
            if let Some(drain) = DrainInfo::of(core, id) {
                map.serialize_entry("drain_info", &drain)?;
            }
            if let Some(started) = agent.drain_started {
                map.serialize_entry("estimated_drain_start_time", &time(started))?;
            }
        }
        map.end()
    }
}

/// An agent in a list.
pub struct ListedAgent<'a> {
    /// It.
    pub agent: &'a Shown<Agent>,
    /// What it is a part of.
    pub core: &'a State,
}

impl Serialize for ListedAgent<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let view = || AgentView { agent: self.agent, core: Some(self.core) };
        // How an agent is being emptied is not known to the agent's own entry.
        if self.agent.deactivated { view().serialize(serializer) } else { self.agent.v1(view).serialize(serializer) }
    }
}
