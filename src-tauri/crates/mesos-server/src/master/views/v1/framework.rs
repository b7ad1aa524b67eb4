//! A framework in the v1 API.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer, ser::SerializeMap};

use super::offer::OfferView;
use crate::{
    master::{
        state::{Framework, State},
        views::offer_constraints,
    },
    resources::{ByRole, Resources},
    views::Seq,
    wire::{Id, Nanoseconds, maintenance::Unavailability},
};

/// A framework.
pub struct FrameworkView<'a> {
    framework: &'a Framework,
    /// With its offers; an event shows none.
    core: Option<&'a State>,
}

impl<'a> FrameworkView<'a> {
    /// As lists show it.
    pub fn listed(core: &'a State, framework: &'a Framework) -> Self {
        Self { framework, core: Some(core) }
    }

    /// As events show it.
    pub fn in_event(framework: &'a Framework) -> Self {
        Self { framework, core: None }
    }
}

impl Serialize for FrameworkView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let framework = self.framework;
        let time = |seconds| Nanoseconds::at(seconds);
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("framework_info", &framework.info)?;
        map.serialize_entry("active", &framework.connected)?;
        map.serialize_entry("connected", &framework.connected)?;
        map.serialize_entry("recovered", &framework.recovered)?;
        if framework.registered > 0.0 {
            map.serialize_entry("registered_time", &time(framework.registered))?;
            map.serialize_entry("reregistered_time", &time(framework.reregistered))?;
        }
        if framework.unregistered > 0.0 || self.core.is_none() {
            map.serialize_entry("unregistered_time", &time(framework.unregistered))?;
        }
        if let Some(core) = self.core {
            let offers = || framework.offers.iter().filter_map(|id| OfferView::for_operator(core, id));
            if !framework.offers.is_empty() {
                map.serialize_entry("offers", &Seq(offers))?;
            }
            let mut used = framework.allocated.clone();
            let mut offered: BTreeMap<String, Resources> = BTreeMap::new();
            for offer in framework.offers.iter().filter_map(|id| core.offers.get(id)) {
                offered.entry(offer.role.to_string()).or_default().add(&offer.resources);
                if let Some(used) = used.get_mut(&*offer.role) {
                    used.subtract(&offer.resources);
                }
            }
            if !framework.used.is_empty() {
                map.serialize_entry("allocated_resources", &ByRole(&used))?;
            }
            if !offered.is_empty() {
                map.serialize_entry("offered_resources", &ByRole(&offered))?;
            }
            let inverse = || framework.inverse_offers.iter().filter_map(|id| InverseOfferView::of(core, id));
            if !framework.inverse_offers.is_empty() {
                map.serialize_entry("inverse_offers", &Seq(inverse))?;
            }
            offer_constraints(&mut map, framework)?;
        }
        map.end()
    }
}

#[derive(Serialize)]
struct InverseOfferView<'a> {
    id: &'a Id,
    framework_id: &'a Id,
    agent_id: &'a Id,
    unavailability: &'a Unavailability,
}

impl<'a> InverseOfferView<'a> {
    fn of(core: &'a State, id: &'a Id) -> Option<Self> {
        let offer = core.inverse_offers.get(id)?;
        let unavailability = &offer.unavailability;
        Some(Self { id, framework_id: &offer.framework, agent_id: &offer.agent, unavailability })
    }
}
