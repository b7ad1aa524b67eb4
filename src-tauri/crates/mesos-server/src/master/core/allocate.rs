//! Who gets what: dominant resource fairness with weights, first between roles, then between the frameworks of a role;
//! quotas before everything else.
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
    filters::Filter,
    quota::Room,
    shares::{Claim, Claims},
    timers::Due,
};
use crate::{
    master::{
        state::{Offer, Shown},
        views::v1::OfferView,
    },
    resources::{Resources, downgraded},
    wire::{Id, call::Filters, recordio},
};

/// Even resources that are declined for no time at all rest for this long, so that nobody is asked in a circle.
const BREATH: Duration = Duration::from_millis(100);
/// Between two rounds of offers.
const REST: Duration = Duration::from_millis(10);
/// No filter lasts longer.
const LONGEST: Duration = Duration::from_secs(365 * 86_400);

impl Core {
    pub(super) fn mark_dirty(&mut self, agent: &Id) {
        self.dirty.insert(agent.clone());
    }

    pub(super) fn mark_all_dirty(&mut self) {
        self.dirty = self.state.agents.keys().cloned().collect();
    }

    /// Offers what is free on the agents in question: at once, but not so often that a busy cluster does nothing else.
    pub fn allocate(&mut self, at: Instant) {
        if self.dirty.is_empty() || !self.state.leads() || self.next_allocation().is_some_and(|next| at < next) {
            return;
        }
        self.offered = Some(at);
        let dirty = std::mem::take(&mut self.dirty);
        let mut claims = Claims::of(self);
        let mut room = Room::of(self);
        let mut fresh: BTreeMap<Id, Vec<Id>> = BTreeMap::new();
        // Those who are owed something are served before the others see what is left.
        let owed = claims.iter().any(|claimants| room.owes(&claimants.role));
        for only_owed in [true, false].into_iter().filter(|only_owed| owed || !only_owed) {
            for agent in &dirty {
                while let Some((claim, resources)) = self.choose(agent, &claims, &room, only_owed, at) {
                    let offer = self.make_offer(&claim, agent, resources.clone(), at);
                    room.served(&claim.role, &resources);
                    claims.served(self, &claim, &resources);
                    fresh.entry(claim.framework).or_default().push(offer);
                }
            }
        }
        for (framework, offers) in fresh {
            self.send_offers(&framework, &offers);
        }
    }

    /// When offers may be made again, if there is anything to offer.
    pub(super) fn next_allocation(&self) -> Option<Instant> {
        self.offered.filter(|_| !self.dirty.is_empty()).map(|last| last + REST)
    }

    /// Who gets what is free on an agent: the one with the smallest share that may want it.
    fn choose(
        &self,
        agent_id: &Id,
        claims: &Claims,
        room: &Room,
        only_owed: bool,
        at: Instant,
    ) -> Option<(Claim, Resources)> {
        let agent = self.state.agents.get(agent_id).filter(|a| a.is_active())?;
        let free = agent.free();
        if !allocatable(&free) {
            return None;
        }
        claims.iter().filter(|claimants| !only_owed || room.owes(&claimants.role)).find_map(|claimants| {
            let role = &claimants.role;
            let free = free.for_role(role);
            let simple = downgraded(&free);
            let whole = room.shrink(role, free.clone());
            claimants
                .frameworks()
                .find_map(|id| {
                    if simple || self.state.frameworks.get(id)?.info.can("RESERVATION_REFINEMENT") {
                        return self.wants(id, agent_id, role, &whole, at).then(|| (id, whole.clone()));
                    }
                    let plain = free.iter().filter(|r| r.reservations().len() < 2).cloned().collect();
                    let plain = room.shrink(role, plain);
                    self.wants(id, agent_id, role, &plain, at).then_some((id, plain))
                })
                .map(|(id, part)| (Claim { framework: id.clone(), role: Arc::clone(role) }, part))
        })
    }

    /// Whether a framework may be offered these resources.
    fn wants(&self, framework: &Id, agent: &Id, role: &str, part: &Resources, at: Instant) -> bool {
        let filter = || self.filters.get(framework)?.get(role)?.get(agent);
        allocatable(part) && filter().is_none_or(|filter| filter.until <= at || !filter.refused.contains(part))
    }

    fn make_offer(&mut self, claim: &Claim, agent_id: &Id, free: Resources, at: Instant) -> Id {
        let Claim { framework: framework_id, role } = claim;
        // The real allocator puts ports first.
        let (ports, rest): (Vec<_>, Vec<_>) = free.iter().cloned().partition(|r| &*r.name == "ports");
        let resources: Resources = ports.into_iter().chain(rest).collect();
        let id = self.new_offer_id();
        add_by_role(&mut self.state.allocated, role, &resources);
        if let Some(framework) = self.state.framework_mut(framework_id) {
            framework.offered.add(&resources);
            add_by_role(&mut framework.allocated, role, &resources);
            framework.offers.insert(id.clone());
        }
        if let Some(agent) = self.state.agent_mut(agent_id) {
            agent.offered.add(&resources);
            agent.offers.insert(id.clone());
        }
        let expires = self.state.flags.offer_timeout.map(|timeout| at + timeout);
        let offer = Offer {
            framework: framework_id.clone(),
            agent: agent_id.clone(),
            role: Arc::clone(role),
            resources,
            expires,
        };
        self.state.offers.insert(id.clone(), Shown::from(offer));
        id
    }

    /// Offers and inverse offers are numbered together.
    pub(super) fn new_offer_id(&mut self) -> Id {
        self.next_offer += 1;
        self.new_id(&format!("-O{}", self.next_offer - 1))
    }

    fn send_offers(&mut self, framework_id: &Id, ids: &[Id]) {
        #[derive(Serialize)]
        struct Offers<'a> {
            offers: Vec<OfferView<'a>>,
        }
        let Some(framework) = self.state.frameworks.get(framework_id) else { return };
        let offers = ids.iter().filter_map(|id| OfferView::of(&self.state, framework, id)).collect();
        let event = recordio::event("OFFERS", "offers", &Offers { offers });
        self.log.info(
            "master.cpp:9741",
            &format!("Sending offers {ids:?} to framework {framework_id} ({})", framework.info.name),
        );
        if let Some(framework) = self.state.framework_mut(framework_id) {
            framework.count("offers/sent", ids.len() as u64);
        }
        self.tell(framework_id, "events/offers", event);
    }

    /// Takes an offer off the table: it is used, declined or void.
    pub(super) fn take_offer(&mut self, id: &Id) -> Option<Shown<Offer>> {
        let offer = self.state.offers.remove(id)?;
        if let Some(agent) = self.state.agent_mut(&offer.agent) {
            agent.offered.subtract(&offer.resources);
            agent.offers.remove(id);
        }
        if let Some(framework) = self.state.framework_mut(&offer.framework) {
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
        if let Some(framework) = self.state.framework_mut(&offer.framework) {
            framework.count("offers/rescinded", 1);
        }
        self.tell(&offer.framework, "events/rescind", recordio::event("RESCIND", "rescind", &Rescind { offer_id: id }));
    }

    /// A framework does not want these resources of an agent for a while.
    pub(super) fn refuse(&mut self, offer: &Offer, refused: Resources, filters: Filters, at: Instant) {
        if refused.is_empty() {
            return;
        }
        let until = at + filters.time().clamp(BREATH, LONGEST);
        let role = Arc::clone(&offer.role);
        let filters = self.filters.entry(offer.framework.clone()).or_default().entry(Arc::clone(&role)).or_default();
        filters.insert(offer.agent.clone(), Filter { refused, until });
        self.timers.add(until, Due::Filter(offer.framework.clone(), offer.agent.clone(), role));
    }

    pub(super) fn expire_filter(&mut self, framework: &Id, agent: Id, role: &str, at: Instant) {
        let Some(filters) = self.filters.get_mut(framework).and_then(|by_role| by_role.get_mut(role)) else { return };
        if filters.get(&agent).is_some_and(|filter| filter.until <= at) {
            filters.remove(&agent);
            self.dirty.insert(agent);
        }
    }

    pub(super) fn time_out_offers(&mut self, at: Instant) {
        if self.state.flags.offer_timeout.is_none() {
            return;
        }
        let over: Vec<_> = self
            .state
            .offers
            .iter()
            .filter(|(_, o)| o.expires.is_some_and(|end| end <= at))
            .map(|(id, _)| id.clone())
            .collect();
        over.iter().for_each(|id| self.rescind(id));
    }

    pub(super) fn next_offer_timeout(&self) -> Option<Instant> {
        self.state.flags.offer_timeout?;
        self.state.offers.values().filter_map(|offer| offer.expires).min()
    }

    /// Resources are in use from now on.
    pub(super) fn charge(&mut self, framework: &Id, agent: &Id, role: &str, resources: &Resources) {
        if let Some(agent) = self.state.agent_mut(agent) {
            agent.used.add(resources);
            add_by_role(&mut agent.used_by, role, resources);
        }
        if let Some(framework) = self.state.framework_mut(framework) {
            framework.used.add(resources);
            add_by_role(&mut framework.allocated, role, resources);
        }
        add_by_role(&mut self.state.allocated, role, resources);
    }

    /// Resources are in use no more.
    pub(super) fn release(&mut self, framework: &Id, agent: &Id, role: &str, resources: &Resources) {
        if let Some(agent) = self.state.agent_mut(agent) {
            agent.used.subtract(resources);
            if let Some(used) = agent.used_by.get_mut(role) {
                used.subtract(resources);
            }
        }
        if let Some(framework) = self.state.framework_mut(framework) {
            framework.used.subtract(resources);
        }
        self.deallocate(framework, role, resources);
        self.mark_dirty(agent);
    }

    fn deallocate(&mut self, framework: &Id, role: &str, resources: &Resources) {
        if let Some(allocated) = self.state.framework_mut(framework).and_then(|f| f.allocated.get_mut(role)) {
            allocated.subtract(resources);
        }
        if let Some(allocated) = self.state.allocated.get_mut(role) {
            allocated.subtract(resources);
        }
    }
}

fn add_by_role(all: &mut BTreeMap<String, Resources>, role: &str, resources: &Resources) {
    match all.get_mut(role) {
        Some(sum) => sum.add(resources),
        None => drop(all.insert(role.to_owned(), resources.clone())),
    }
}

/// The default of `--min_allocatable_resources`: 0.01 CPUs or 32 MB.
fn allocatable(resources: &Resources) -> bool {
    resources.scalar("cpus") >= 10 || resources.scalar("mem") >= 32_000
}
