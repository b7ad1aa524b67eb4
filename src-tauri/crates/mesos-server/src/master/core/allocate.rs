//! Who gets what: dominant resource fairness, first between roles, then between the frameworks of a role.
//!
//! Allocation runs on every event instead of once a second, and looks only at agents on which something may have become
//! free.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use serde::Serialize;

use super::{
    Core,
    model::{Filter, Framework, Offer},
};
use crate::{
    master::views::v1::OfferView,
    resources::Resources,
    wire::{Id, call::Filters, recordio},
};

/// Even resources that are declined for no time at all rest for this long, so that nobody is asked in a circle.
const BREATH: Duration = Duration::from_millis(100);

/// A framework's claim on an agent: its role's share, its own share, its name, the role.
type Claim<'a> = (f64, f64, &'a Id, &'a str);

impl Core {
    pub(super) fn mark_dirty(&mut self, agent: &Id) {
        self.dirty.insert(agent.clone());
    }

    pub(super) fn mark_all_dirty(&mut self) {
        self.dirty = self.agents.keys().cloned().collect();
    }

    /// Offers what is free on the agents in question.
    pub fn allocate(&mut self, at: Instant) {
        if self.dirty.is_empty() || !self.leads() {
            return;
        }
        let mut fresh: BTreeMap<Id, Vec<Id>> = BTreeMap::new();
        for agent in std::mem::take(&mut self.dirty) {
            while let Some((framework, offer)) = self.offer_one(&agent, at) {
                fresh.entry(framework).or_default().push(offer);
            }
        }
        for (framework, offers) in fresh {
            self.send_offers(&framework, &offers);
        }
    }

    /// Offers what is free on an agent to the framework with the smallest share that may want it.
    fn offer_one(&mut self, agent_id: &Id, at: Instant) -> Option<(Id, Id)> {
        let agent = self.agents.get(agent_id).filter(|a| a.is_active())?;
        let free = agent.free();
        if !allocatable(&free) {
            return None;
        }
        let mut best: Option<(Claim<'_>, Resources)> = None;
        for (id, framework) in self.frameworks.iter().filter(|(_, f)| f.is_connected()) {
            for role in &framework.roles {
                let claim = (
                    self.share(self.allocated.get(role)),
                    self.share(framework.allocated.get(role)),
                    id,
                    role.as_str(),
                );
                if best.as_ref().is_some_and(|(best, _)| (best.0, best.1) <= (claim.0, claim.1)) {
                    continue;
                }
                let part = free.for_role(role);
                if wants(framework, agent_id, role, &part, at) {
                    best = Some((claim, part));
                }
            }
        }
        let ((_, _, framework, role), resources) = best?;
        let (framework, role) = (framework.clone(), role.to_owned());
        let offer = self.make_offer(&framework, agent_id, &role, resources, at);
        Some((framework, offer))
    }

    /// The largest part of any resource that an allocation makes up of the whole cluster.
    pub fn share(&self, allocated: Option<&Resources>) -> f64 {
        let Some(allocated) = allocated else { return 0.0 };
        let part = |name| match self.total.scalar(name) {
            0 => 0.0,
            total => allocated.scalar(name) as f64 / total as f64,
        };
        ["cpus", "mem", "disk", "gpus"].into_iter().map(part).fold(0.0, f64::max)
    }

    fn make_offer(&mut self, framework_id: &Id, agent_id: &Id, role: &str, free: Resources, at: Instant) -> Id {
        // The real allocator puts ports first.
        let (ports, rest): (Vec<_>, Vec<_>) = free.iter().cloned().partition(|r| &*r.name == "ports");
        let resources: Resources = ports.into_iter().chain(rest).collect();
        let id = self.new_id(&format!("-O{}", self.next_offer));
        self.next_offer += 1;
        self.allocated.entry(role.to_owned()).or_default().add(&resources);
        if let Some(framework) = self.frameworks.get_mut(framework_id) {
            framework.offered.add(&resources);
            framework.allocated.entry(role.to_owned()).or_default().add(&resources);
            framework.offers.insert(id.clone());
        }
        if let Some(agent) = self.agents.get_mut(agent_id) {
            agent.offered.add(&resources);
            agent.offers.insert(id.clone());
        }
        let expires = self.flags.offer_timeout.map(|timeout| at + timeout);
        let offer = Offer {
            framework: framework_id.clone(),
            agent: agent_id.clone(),
            role: Arc::from(role),
            resources,
            expires,
        };
        self.offers.insert(id.clone(), offer);
        id
    }

    fn send_offers(&mut self, framework_id: &Id, ids: &[Id]) {
        #[derive(Serialize)]
        struct Offers<'a> {
            offers: Vec<OfferView<'a>>,
        }
        let Some(framework) = self.frameworks.get(framework_id) else { return };
        let offers = ids.iter().filter_map(|id| OfferView::of(self, framework, id)).collect();
        let event = recordio::event("OFFERS", "offers", &Offers { offers });
        self.log.info(
            "master.cpp:9741",
            &format!("Sending offers {ids:?} to framework {framework_id} ({})", framework.info.name),
        );
        if let Some(framework) = self.frameworks.get_mut(framework_id) {
            *framework.counts.entry("offers/sent").or_default() += ids.len() as u64;
            framework.send("events/offers", event);
        }
    }

    /// Takes an offer off the table: it is used, declined or void.
    pub(super) fn take_offer(&mut self, id: &Id) -> Option<Offer> {
        let offer = self.offers.remove(id)?;
        if let Some(agent) = self.agents.get_mut(&offer.agent) {
            agent.offered.subtract(&offer.resources);
            agent.offers.remove(id);
        }
        if let Some(framework) = self.frameworks.get_mut(&offer.framework) {
            framework.offered.subtract(&offer.resources);
            framework.offers.remove(id);
        }
        self.deallocate(&offer.framework, &offer.role, &offer.resources);
        self.mark_dirty(&offer.agent);
        Some(offer)
    }

    /// Takes an offer back, and says so.
    pub(super) fn rescind(&mut self, id: &Id) {
        #[derive(Serialize)]
        struct Rescind<'a> {
            offer_id: &'a Id,
        }
        let Some(offer) = self.take_offer(id) else { return };
        if let Some(framework) = self.frameworks.get_mut(&offer.framework) {
            *framework.counts.entry("offers/rescinded").or_default() += 1;
            framework.send("events/rescind", recordio::event("RESCIND", "rescind", &Rescind { offer_id: id }));
        }
    }

    /// A framework does not want these resources of an agent for a while.
    pub(super) fn refuse(&mut self, offer: &Offer, refused: Resources, filters: Filters, at: Instant) {
        let most = Duration::from_secs(365 * 86_400);
        // What is no number of seconds counts as the default, as in the real allocator.
        let asked = Duration::try_from_secs_f64(filters.refuse_seconds).unwrap_or(Duration::from_secs(5));
        if refused.is_empty() {
            return;
        }
        if let Some(framework) = self.frameworks.get_mut(&offer.framework) {
            let filter = Filter { refused, until: at + asked.clamp(BREATH, most) };
            framework.filters.insert((offer.agent.clone(), offer.role.to_string()), filter);
        }
    }

    pub(super) fn expire_filters(&mut self, at: Instant) {
        let mut free = Vec::new();
        for framework in self.frameworks.values_mut() {
            framework.filters.retain(|(agent, _), filter| {
                let over = filter.until <= at;
                if over {
                    free.push(agent.clone());
                }
                !over
            });
        }
        self.dirty.extend(free);
    }

    pub(super) fn next_filter(&self) -> Option<Instant> {
        self.frameworks.values().flat_map(|f| f.filters.values()).map(|filter| filter.until).min()
    }

    pub(super) fn time_out_offers(&mut self, at: Instant) {
        let over: Vec<_> = self
            .offers
            .iter()
            .filter(|(_, o)| o.expires.is_some_and(|end| end <= at))
            .map(|(id, _)| id.clone())
            .collect();
        over.iter().for_each(|id| self.rescind(id));
    }

    pub(super) fn next_offer_timeout(&self) -> Option<Instant> {
        self.flags.offer_timeout?;
        self.offers.values().filter_map(|offer| offer.expires).min()
    }

    /// Resources are in use from now on.
    pub(super) fn charge(&mut self, framework: &Id, agent: &Id, role: &str, resources: &Resources) {
        if let Some(agent) = self.agents.get_mut(agent) {
            agent.used.add(resources);
            agent.used_by.entry(role.to_owned()).or_default().add(resources);
        }
        if let Some(framework) = self.frameworks.get_mut(framework) {
            framework.used.add(resources);
            framework.allocated.entry(role.to_owned()).or_default().add(resources);
        }
        self.allocated.entry(role.to_owned()).or_default().add(resources);
    }

    /// Resources are in use no more.
    pub(super) fn release(&mut self, framework: &Id, agent: &Id, role: &str, resources: &Resources) {
        if let Some(agent) = self.agents.get_mut(agent) {
            agent.used.subtract(resources);
            if let Some(used) = agent.used_by.get_mut(role) {
                used.subtract(resources);
            }
        }
        if let Some(framework) = self.frameworks.get_mut(framework) {
            framework.used.subtract(resources);
        }
        self.deallocate(framework, role, resources);
        self.mark_dirty(agent);
    }

    fn deallocate(&mut self, framework: &Id, role: &str, resources: &Resources) {
        if let Some(allocated) = self.frameworks.get_mut(framework).and_then(|f| f.allocated.get_mut(role)) {
            allocated.subtract(resources);
        }
        if let Some(allocated) = self.allocated.get_mut(role) {
            allocated.subtract(resources);
        }
    }
}

/// Whether a framework may be offered these resources.
fn wants(framework: &Framework, agent: &Id, role: &str, part: &Resources, at: Instant) -> bool {
    allocatable(part)
        && !framework.suppressed.contains(role)
        && framework
            .filters
            .get(&(agent.clone(), role.to_owned()))
            .is_none_or(|filter| filter.until <= at || !filter.refused.contains(part))
}

/// The default of `--min_allocatable_resources`: 0.01 CPUs or 32 MB.
fn allocatable(resources: &Resources) -> bool {
    resources.scalar("cpus") >= 10 || resources.scalar("mem") >= 32_000
}
