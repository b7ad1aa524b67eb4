//! A framework in the endpoints of old, with all that is its.

use serde::{Serialize, Serializer, ser::SerializeMap};

use super::task::kept;
use crate::{
    master::{
        state::{Executor, Framework, Offer, State},
        views::offer_constraints,
    },
    resources::Summary,
    views::Seq,
    wire::Id,
};

/// A framework, as far as all endpoints show it.
#[derive(Serialize)]
pub struct FrameworkHead<'a> {
    id: &'a str,
    name: &'a str,
    used_resources: Summary<'a>,
    offered_resources: Summary<'a>,
    capabilities: Vec<&'a str>,
    hostname: &'a str,
    webui_url: &'a str,
    active: bool,
    connected: bool,
    recovered: bool,
}

impl<'a> FrameworkHead<'a> {
    pub fn of(framework: &'a Framework) -> Self {
        let info = &framework.info;
        Self {
            id: framework.id.as_str(),
            name: &info.name,
            used_resources: Summary(&framework.used),
            offered_resources: Summary(&framework.offered),
            capabilities: info.capabilities.iter().filter_map(|c| c.kind.as_deref()).collect(),
            hostname: info.hostname.as_deref().unwrap_or_default(),
            webui_url: info.webui_url.as_deref().unwrap_or_default(),
            active: framework.connected,
            connected: framework.connected,
            recovered: framework.recovered,
        }
    }
}

/// A framework with everything.
pub struct FrameworkView<'a> {
    /// What it is a part of.
    pub core: &'a State,
    /// It.
    pub framework: &'a Framework,
    /// It has ended.
    pub over: bool,
}

#[derive(Serialize)]
struct OfferV0<'a> {
    id: &'a str,
    framework_id: &'a str,
    allocation_info: Role<'a>,
    slave_id: &'a str,
    resources: Summary<'a>,
}

impl<'a> OfferV0<'a> {
    pub fn of(id: &'a Id, offer: &'a Offer) -> Self {
        Self {
            id: id.as_str(),
            framework_id: offer.framework.as_str(),
            allocation_info: Role { role: &offer.role },
            slave_id: offer.agent.as_str(),
            resources: Summary(&offer.resources),
        }
    }
}

#[derive(Serialize)]
struct Role<'a> {
    role: &'a str,
}

#[derive(Serialize)]
struct ExecutorV0<'a> {
    executor_id: &'a str,
    name: &'a str,
    framework_id: &'a str,
    command: CommandV0<'a>,
    resources: Summary<'a>,
    role: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    slave_id: &'a str,
}

#[derive(Serialize)]
struct CommandV0<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    shell: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<&'a str>,
    argv: &'a [String],
    uris: [(); 0],
}

impl<'a> ExecutorV0<'a> {
    pub fn of(agent: &'a Id, framework: &'a Id, executor: &'a Executor) -> Self {
        let command = executor.command();
        Self {
            executor_id: executor.info.executor_id.as_str(),
            name: &executor.info.name,
            framework_id: framework.as_str(),
            command: CommandV0 {
                shell: command.map(|c| c.shell.unwrap_or(true)),
                value: command.and_then(|c| c.value.as_deref()),
                argv: command.map(|c| c.arguments.as_slice()).unwrap_or_default(),
                uris: [],
            },
            resources: Summary(&executor.info.resources),
            role: &executor.role,
            kind: executor.kind(),
            slave_id: agent.as_str(),
        }
    }
}

impl Serialize for FrameworkView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { core, framework, over } = *self;
        let id = &framework.id;
        let mut map = serializer.serialize_map(None)?;
        let head = FrameworkHead::of(framework);
        map.serialize_entry("id", head.id)?;
        map.serialize_entry("name", head.name)?;
        map.serialize_entry("used_resources", &head.used_resources)?;
        map.serialize_entry("offered_resources", &head.offered_resources)?;
        map.serialize_entry("capabilities", &head.capabilities)?;
        map.serialize_entry("hostname", head.hostname)?;
        map.serialize_entry("webui_url", head.webui_url)?;
        map.serialize_entry("active", &head.active)?;
        map.serialize_entry("connected", &head.connected)?;
        map.serialize_entry("recovered", &head.recovered)?;
        map.serialize_entry("user", &framework.info.user)?;
        map.serialize_entry("failover_timeout", &framework.info.failover_timeout)?;
        map.serialize_entry("checkpoint", &framework.info.checkpoint)?;
        map.serialize_entry("registered_time", &framework.registered)?;
        map.serialize_entry("unregistered_time", &framework.unregistered)?;
        if let Some(principal) = &framework.info.principal {
            map.serialize_entry("principal", principal)?;
        }
        let mut resources = framework.used.clone();
        resources.add(&framework.offered);
        map.serialize_entry("resources", &Summary(&resources))?;
        if framework.info.can("MULTI_ROLE") {
            map.serialize_entry("roles", &framework.roles)?;
        } else {
            map.serialize_entry("role", framework.roles.first().map_or("*", String::as_str))?;
        }
        map.serialize_entry("tasks", &Seq(|| framework.tasks.values().map(|t| kept(t, id))))?;
        map.serialize_entry("unreachable_tasks", &Seq(|| framework.unreachable_tasks.values().map(|t| kept(t, id))))?;
        map.serialize_entry("completed_tasks", &Seq(|| framework.completed_tasks.iter().map(|t| kept(t, id))))?;
        let offer = |id| core.offers.get(id).map(|offer| offer.v0(|| OfferV0::of(id, offer)));
        map.serialize_entry("offers", &Seq(|| framework.offers.iter().filter_map(offer)))?;
        let executors = || core.executors_of(framework).filter(|_| !over);
        map.serialize_entry("executors", &Seq(|| executors().map(|(agent, e)| ExecutorV0::of(agent, id, e))))?;
        if let Some(labels) = &framework.info.labels {
            map.serialize_entry("labels", &labels.labels)?;
        }
        offer_constraints(&mut map, framework)?;
        map.end()
    }
}
