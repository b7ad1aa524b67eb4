//! Quotas: what roles are guaranteed, and what they may have at the most.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Core;
use crate::{
    registry::Quota,
    resources::{Limits, Millis, Quantities, QuantityMap, Resource, Resources, Value, number},
    wire::{Id, framework::role_fault},
};

/// A quota as UPDATE_QUOTA brings it.
#[derive(Debug, Deserialize)]
pub struct QuotaConfig {
    /// Whose.
    pub role: String,
    /// At the least.
    #[serde(default)]
    pub guarantees: QuantityMap,
    /// At the most.
    #[serde(default)]
    pub limits: QuantityMap,
}

impl QuotaConfig {
    fn quota(&self) -> Quota {
        // Nothing guaranteed is the same as no guarantee; a limit of nothing is one.
        let guarantees = self.guarantees.0.iter().filter(|(_, amount)| **amount > 0);
        let guarantees = guarantees.map(|(name, amount)| (name.clone(), *amount)).collect();
        Quota { guarantees: Quantities(guarantees), limits: Limits(self.limits.0.clone()) }
    }

    /// What is wrong with it by itself.
    fn fault(&self) -> Option<String> {
        if let Some(fault) = role_fault(&self.role) {
            return Some(format!("Invalid 'QuotaConfig.role': {fault}"));
        }
        for (field, amounts) in [("guarantees", &self.guarantees.0), ("limits", &self.limits.0)] {
            if let Some(fault) = amounts.iter().find_map(|(name, amount)| too_large(name, *amount)) {
                return Some(format!("Invalid 'QuotaConfig.{field}': {fault}"));
            }
        }
        for (field, amounts) in [("guarantee", &self.guarantees.0), ("limit", &self.limits.0)] {
            if let Some((name, amount)) = amounts.iter().find(|(_, amount)| **amount < 0) {
                let amount = number(*amount);
                return Some(format!(
                    "Invalid {field} configuration {{'{name}': {amount}}}: Negative values not supported"
                ));
            }
        }
        let Quota { guarantees, limits } = self.quota();
        (!limits.contains(&guarantees)).then(|| {
            format!(
                "'QuotaConfig.guarantees' {} is not contained within the 'QuotaConfig.limits' {}",
                self.guarantees, self.limits
            )
        })
    }
}

fn too_large(name: &str, amount: Millis) -> Option<String> {
    const EXABYTE: i64 = 1 << 40;
    const TRILLION: i64 = 1_000_000_000_000;
    let (most, words) = if matches!(name, "mem" | "disk") { (EXABYTE, "1 exabyte") } else { (TRILLION, "1 trillion") };
    (amount / 1000 > most).then(|| {
        format!("{{'{name}': {}}} is invalid: values greater than {words} ({most}) are not supported", number(amount))
    })
}

/// The quota's role is the parent of what is beneath: it must hold its children's guarantees.
fn tree_fault(quotas: &BTreeMap<String, Quota>) -> Option<String> {
    let nothing = Quota::default();
    let mut parents: BTreeMap<&str, Quantities> = BTreeMap::new();
    for (role, quota) in quotas {
        if let Some((parent, _)) = role.rsplit_once('/') {
            parents.entry(parent).or_default().add(&quota.guarantees);
        }
    }
    parents.into_iter().find_map(|(parent, children)| {
        let own = &quotas.get(parent).unwrap_or(&nothing).guarantees;
        (!own.contains(&children)).then(|| {
            format!(
                "Invalid quota configuration. Parent role '{}' with guarantees ({own}) does not contain the sum of its children's guarantees ({children})",
                parent.rsplit('/').next().unwrap_or(parent)
            )
        })
    })
}

impl Core {
    fn capacity(&self) -> Quantities {
        let mut capacity = Quantities::default();
        self.state.agents.values().for_each(|agent| capacity.add(&Quantities::of_scalars(&agent.total)));
        capacity
    }

    /// UPDATE_QUOTA; or why not.
    pub fn update_quotas(&mut self, configs: &[QuotaConfig], force: bool) -> Result<(), String> {
        let invalid = |why: String| Err(format!("Invalid QuotaConfig: {why}"));
        for config in configs {
            if !self.state.is_whitelisted(&config.role) {
                return invalid(format!("'{}' is not on the roles whitelist", config.role));
            }
            if config.role.contains('/') {
                return Err(format!("Updating quota on nested role '{}' is not supported yet", config.role));
            }
            if let Some(fault) = config.fault() {
                return invalid(fault);
            }
        }
        for config in configs.iter().filter(|_| !force) {
            let (limits, consumed) = (config.quota().limits, self.state.consumed_quota(&config.role));
            if !limits.contains(&consumed) {
                return invalid(format!(
                    "Role '{}' is already consuming '{consumed}'; this is more than the requested limits '{limits}' (use 'force' flag to bypass this check)",
                    config.role
                ));
            }
        }
        let mut quotas = self.state.quotas.clone();
        configs.iter().for_each(|config| drop(quotas.insert(config.role.clone(), config.quota())));
        if let Some(fault) = tree_fault(&quotas) {
            return invalid(fault);
        }
        let (total, capacity) = (total_guarantees(&quotas), self.capacity());
        if !force && !capacity.contains(&total) {
            return invalid(format!(
                "total quota guarantees '{total}' exceed cluster capacity '{capacity}' (use 'force' flag to bypass this check)"
            ));
        }
        self.state.quotas = quotas;
        self.keep();
        for config in configs {
            self.enforce(&config.role, &config.quota());
        }
        self.mark_all_dirty();
        Ok(())
    }

    /// Takes back what is offered beyond a limit, and what is needed for a guarantee.
    fn enforce(&mut self, role: &str, quota: &Quota) {
        let mut held = self.state.consumed_quota(role);
        let (mine, others): (Vec<_>, Vec<_>) = self
            .state
            .offers
            .iter()
            .map(|(id, offer)| (id.clone(), offer.clone()))
            .partition(|(_, o)| crate::resources::covers(role, &o.role));
        mine.iter().for_each(|(_, offer)| held.add(&offer.resources.quantities()));
        for (id, offer) in mine {
            if quota.limits.contains(&held) {
                break;
            }
            held.subtract(&offer.resources.quantities());
            self.rescind(&id);
        }
        for (id, offer) in others {
            if held.contains(&quota.guarantees) {
                break;
            }
            held.add(&offer.resources.quantities());
            self.rescind(&id);
        }
    }

    /// SET_QUOTA and `POST /quota`: guarantee and limit in one; the error says whether it is only the capacity that lacks.
    pub fn set_quota(&mut self, role: &str, quota: &Quota, force: bool) -> Result<(), SetQuotaError> {
        let refuse = |why: String| Err(SetQuotaError::Invalid(why));
        if !self.state.is_whitelisted(role) {
            return refuse(format!("Failed to validate set quota request: Unknown role '{role}'"));
        }
        if self.state.quotas.contains_key(role) {
            return refuse(format!(
                "Failed to validate set quota request: Cannot set quota for role '{role}' which already has quota"
            ));
        }
        let mut quotas = self.state.quotas.clone();
        quotas.insert(role.to_owned(), quota.clone());
        if let Some(fault) = tree_fault(&quotas) {
            return refuse(format!("Failed to validate set quota request: {fault}"));
        }
        if role.contains('/') {
            return refuse(format!("Setting quota on nested role '{role}' is not supported yet"));
        }
        let (total, capacity) = (total_guarantees(&quotas), self.capacity());
        if !force && !capacity.contains(&total) {
            return Err(SetQuotaError::Overcommit(format!(
                "Quota guarantees overcommit the cluster (use 'force' to bypass this check): Total quota guarantees '{total}' exceed cluster capacity '{capacity}'"
            )));
        }
        self.state.quotas = quotas;
        self.keep();
        self.rescind_for(&quota.guarantees, role);
        self.mark_all_dirty();
        Ok(())
    }

    /// Takes offers back until there is enough for a new guarantee, from as many agents as the role has frameworks.
    fn rescind_for(&mut self, guarantee: &Quantities, role: &str) {
        let frameworks =
            self.state.frameworks.values().filter(|f| f.connected && f.roles.iter().any(|r| r == role)).count();
        let mut rescinded = Quantities::default();
        let agents: Vec<Vec<Id>> = self
            .state
            .agents
            .values()
            .filter(|a| a.is_active() && !a.offers.is_empty())
            .map(|a| a.offers.iter().cloned().collect())
            .collect();
        for (visited, offers) in agents.into_iter().enumerate() {
            if rescinded.contains(guarantee) && visited >= frameworks {
                return;
            }
            for id in offers {
                if let Some(offer) = self.state.offers.get(&id) {
                    rescinded.add(&offer.resources.quantities());
                }
                self.rescind(&id);
            }
        }
    }

    /// Removes a quota that is there; or why not.
    pub fn remove_quota(&mut self, role: &str) -> Result<(), String> {
        let mut quotas = self.state.quotas.clone();
        if quotas.remove(role).is_none() {
            return Err(format!("Role '{role}' has no quota set"));
        }
        if let Some(fault) = tree_fault(&quotas) {
            return Err(fault);
        }
        self.state.quotas = quotas;
        self.keep();
        self.mark_all_dirty();
        Ok(())
    }

    /// UPDATE_WEIGHTS and `PUT /weights`: all or none.
    pub fn update_weights(&mut self, weights: &[(String, f64)]) -> Result<(), String> {
        let failed = "Failed to validate update weights request JSON";
        let trimmed: Vec<_> = weights.iter().map(|(role, weight)| (role.trim().to_owned(), *weight)).collect();
        for (role, weight) in &trimmed {
            if let Some(fault) = role_fault(role) {
                return Err(format!("{failed}: Invalid role '{role}': {fault}"));
            }
            if !self.state.is_whitelisted(role) {
                return Err(format!("{failed}: Unknown role '{role}'"));
            }
            if *weight <= 0.0 {
                return Err(format!("{failed} for role '{role}': Invalid weight '{weight}': Weights must be positive"));
            }
        }
        let in_use = |role: &String| self.state.frameworks.values().any(|f| f.roles.contains(role));
        let rescinds = trimmed.iter().any(|(role, _)| in_use(role));
        self.state.weights.extend(trimmed);
        self.keep();
        if rescinds {
            let all: Vec<Id> = self.state.offers.keys().cloned().collect();
            all.iter().for_each(|id| self.rescind(id));
        }
        self.mark_all_dirty();
        Ok(())
    }
}

fn total_guarantees(quotas: &BTreeMap<String, Quota>) -> Quantities {
    let mut total = Quantities::default();
    quotas.iter().filter(|(role, _)| !role.contains('/')).for_each(|(_, quota)| total.add(&quota.guarantees));
    total
}

/// Why a quota was not set.
#[derive(Debug)]
pub enum SetQuotaError {
    /// It makes no sense.
    Invalid(String),
    /// The cluster is too small for it.
    Overcommit(String),
}

/// What quotas leave to whom, while offers are made.
#[derive(Debug, Default)]
pub struct Room {
    /// What roles with a limit may still get, by top-level role.
    limits: BTreeMap<String, BTreeMap<String, Millis>>,
    /// What roles are still owed of their guarantee, by top-level role.
    owed: BTreeMap<String, Quantities>,
    /// What is free of unreserved resources in the whole cluster.
    free: Quantities,
}

fn top(role: &str) -> &str {
    role.split('/').next().unwrap_or(role)
}

impl Room {
    /// Of a master; cheap while there are no quotas.
    pub fn of(core: &Core) -> Self {
        let mut room = Self::default();
        for (role, quota) in &core.state.quotas {
            let mut held = core.state.consumed_quota(role);
            for (other, _) in core.state.allocated.iter().filter(|(other, _)| crate::resources::covers(role, other)) {
                held.add(
                    &core.state.offered_to(other).map(|offered| offered.unreserved().quantities()).unwrap_or_default(),
                );
            }
            let left = |(name, limit): (&String, &Millis)| {
                (name.clone(), (limit - held.0.get(name).copied().unwrap_or_default()).max(0))
            };
            room.limits.insert(role.clone(), quota.limits.0.iter().map(left).collect());
            let mut owed = quota.guarantees.clone();
            owed.subtract(&held);
            room.owed.insert(role.clone(), owed);
        }
        if room.owed.values().any(|owed| !owed.is_empty()) {
            for agent in core.state.agents.values().filter(|a| a.is_active()) {
                room.free.add(&agent.free().unreserved().quantities());
            }
        }
        room
    }

    /// Whether a role is owed anything.
    pub fn owes(&self, role: &str) -> bool {
        self.owed.get(top(role)).is_some_and(|owed| !owed.is_empty())
    }

    /// So much of some free resources as a role may be offered.
    pub fn shrink(&self, role: &str, part: Resources) -> Resources {
        let limits = self.limits.get(top(role));
        let others: Vec<&Quantities> = self
            .owed
            .iter()
            .filter(|(other, owed)| *other != top(role) && !owed.is_empty())
            .map(|(_, owed)| owed)
            .collect();
        if limits.is_none() && others.is_empty() {
            return part;
        }
        let mut left: BTreeMap<String, Millis> = limits.cloned().unwrap_or_default();
        for owed in others {
            for (name, amount) in &owed.0 {
                let spare = (self.free.0.get(name).copied().unwrap_or_default() - amount).max(0);
                left.entry(name.clone()).and_modify(|left| *left = (*left).min(spare)).or_insert(spare);
            }
        }
        part.iter().filter_map(|resource| shrunk(resource, &mut left)).collect()
    }

    /// A role has been offered something.
    pub fn served(&mut self, role: &str, resources: &Resources) {
        let amounts = resources.unreserved().quantities();
        if let Some(limits) = self.limits.get_mut(top(role)) {
            for (name, left) in limits {
                *left = (*left - amounts.0.get(name).copied().unwrap_or_default()).max(0);
            }
        }
        if let Some(owed) = self.owed.get_mut(top(role)) {
            owed.subtract(&amounts);
        }
        self.free.subtract(&amounts);
    }
}

fn shrunk(resource: &Resource, left: &mut BTreeMap<String, Millis>) -> Option<Resource> {
    // What is reserved has been counted already.
    if resource.role().is_some() {
        return Some(resource.clone());
    }
    let Some(left) = left.get_mut(&*resource.name) else { return Some(resource.clone()) };
    match resource.value {
        Value::Scalar(amount) => {
            let granted = amount.min(*left);
            *left -= granted;
            (granted > 0).then(|| resource.sized(Value::Scalar(granted)))
        }
        _ => (*left > 0).then(|| resource.clone()),
    }
}
