//! An offer in the v1 API.

use serde::Serialize;

use crate::{
    master::state::{Framework, State},
    resources::{Format, Listed},
    wire::{Attribute, Id, agent::Address, maintenance::Unavailability},
};

/// An offer.
#[derive(Serialize)]
pub struct OfferView<'a> {
    id: &'a Id,
    framework_id: &'a Id,
    agent_id: &'a Id,
    hostname: &'a str,
    url: Url,
    resources: Listed<'a>,
    #[serde(skip_serializing_if = "<[Attribute]>::is_empty")]
    attributes: &'a [Attribute],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    executor_ids: Vec<&'a Id>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unavailability: Option<&'a Unavailability>,
    #[serde(skip_serializing_if = "Option::is_none")]
    allocation_info: Option<Role<'a>>,
}

#[derive(Serialize)]
struct Role<'a> {
    role: &'a str,
}

#[derive(Serialize)]
struct Url {
    scheme: &'static str,
    address: Address,
    path: &'static str,
}

impl<'a> OfferView<'a> {
    /// As the framework sees it.
    pub fn of(core: &'a State, framework: &Framework, id: &'a Id) -> Option<Self> {
        let multi_role = framework.info.can("MULTI_ROLE");
        let mut view = Self::for_operator(core, id)?;
        let role = &core.offers.get(id)?.role;
        if !framework.info.can("RESERVATION_REFINEMENT") {
            view.resources.1 = Format::offered(role, multi_role);
        }
        view.allocation_info = multi_role.then_some(Role { role });
        Some(view)
    }

    /// As operators see it.
    pub fn for_operator(core: &'a State, id: &'a Id) -> Option<Self> {
        let offer = core.offers.get(id)?;
        let agent = core.agents.get(&offer.agent)?;
        let info = &agent.info;
        let address = Address { hostname: info.hostname.clone(), ip: info.ip, port: info.port };
        Some(Self {
            id,
            framework_id: &offer.framework,
            agent_id: &offer.agent,
            hostname: &info.hostname,
            url: Url { scheme: "http", address, path: "/slave(1)" },
            resources: Listed(&offer.resources, Format::used(&offer.role)),
            attributes: &info.attributes,
            executor_ids: agent.executors.keys().filter(|(of, _)| *of == offer.framework).map(|(_, id)| id).collect(),
            unavailability: core.unavailability(info),
            allocation_info: Some(Role { role: &offer.role }),
        })
    }
}
