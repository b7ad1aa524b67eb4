//! Roles: `/roles`, `GET_ROLES`.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Serialize, Serializer};

use crate::{
    master::state::{State, path},
    registry::Quota,
    resources::{Format, Limits, Listed, Quantities, Resource, Resources, Value, covers},
    views::answer,
    wire::{Id, recordio},
};

/// A role that someone uses, or that an operator has made something of.
struct Role<'a> {
    name: &'a str,
    weight: f64,
    frameworks: Vec<&'a Id>,
    quota: Quota,
    consumed: Quantities,
    allocated: Resources,
    offered: Resources,
    reserved: Resources,
}

/// The names, with their ancestors.
fn names(core: &State) -> BTreeSet<&str> {
    if let Some(list) = core.flags.shown.get("roles") {
        return list.split(',').chain(Some("*")).flat_map(path).collect();
    }
    let of_frameworks = core.frameworks.values().flat_map(|f| f.roles.iter().map(String::as_str));
    let used = core.allocated.iter().filter(|(_, r)| !r.is_empty()).map(|(name, _)| name.as_str());
    let reserved = core.agents.values().flat_map(|a| a.total.iter().filter_map(|r| r.role()));
    let of_operators = core.weights.keys().chain(core.quotas.keys()).map(String::as_str);
    of_frameworks.chain(used).chain(reserved).chain(of_operators).flat_map(path).collect()
}

fn roles(core: &State) -> Vec<Role<'_>> {
    let mut offered_to: BTreeMap<&str, Resources> = BTreeMap::new();
    for offer in core.offers.values() {
        offered_to.entry(&offer.role).or_default().add(&offer.resources);
    }
    let mut reserved_for: BTreeMap<&str, Resources> = BTreeMap::new();
    for resource in core.agents.values().flat_map(|agent| agent.total.iter()) {
        if let Some(role) = resource.role() {
            reserved_for.entry(role).or_default().push(resource.clone());
        }
    }
    let beneath = |all: &BTreeMap<&str, Resources>, name: &str| {
        let mut sum = Resources::default();
        all.iter().filter(|(role, _)| covers(name, role)).for_each(|(_, resources)| sum.add(resources));
        sum
    };
    let allocated: BTreeMap<&str, Resources> =
        core.allocated.iter().map(|(role, r)| (role.as_str(), r.clone())).collect();
    let one = |name| {
        let offered = beneath(&offered_to, name);
        let mut allocated = beneath(&allocated, name);
        allocated.subtract(&offered);
        let frameworks =
            core.frameworks.values().filter(|f| f.roles.iter().any(|role| role == name)).map(|f| &f.id).collect();
        Role {
            name,
            weight: core.weight(name),
            frameworks,
            quota: core.quotas.get(name).cloned().unwrap_or_default(),
            consumed: core.consumed_quota(name),
            allocated,
            offered,
            reserved: beneath(&reserved_for, name),
        }
    };
    names(core).into_iter().map(one).collect()
}

/// `/roles`.
pub fn v0(core: &State) -> Vec<u8> {
    #[derive(Serialize)]
    struct QuotaView<'a> {
        role: &'a str,
        guarantee: Quantities,
        limit: Limits,
        consumed: Quantities,
    }
    #[derive(Serialize)]
    struct RoleV0<'a> {
        name: &'a str,
        weight: f64,
        quota: QuotaView<'a>,
        resources: Quantities,
        allocated: Quantities,
        offered: Quantities,
        reserved: Quantities,
        frameworks: Vec<&'a str>,
    }
    #[derive(Serialize)]
    struct Whole<'a> {
        roles: Vec<RoleV0<'a>>,
    }
    fn view(role: Role<'_>) -> RoleV0<'_> {
        let (guarantee, limit) = (role.quota.guarantees, role.quota.limits);
        RoleV0 {
            name: role.name,
            weight: role.weight,
            quota: QuotaView { role: role.name, guarantee, limit, consumed: role.consumed },
            resources: sum(&role.allocated, &role.offered).quantities(),
            frameworks: role.frameworks.iter().map(|id| id.as_str()).collect(),
            allocated: role.allocated.quantities(),
            offered: role.offered.quantities(),
            reserved: role.reserved.quantities(),
        }
    }
    recordio::json(&Whole { roles: roles(core).into_iter().map(view).collect() })
}

fn sum(a: &Resources, b: &Resources) -> Resources {
    let mut sum = a.clone();
    sum.add(b);
    sum
}

/// `GET_ROLES`.
pub fn v1(core: &State) -> Vec<u8> {
    #[derive(Serialize)]
    struct RoleV1<'a> {
        name: &'a str,
        weight: f64,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        frameworks: Vec<&'a Id>,
        #[serde(skip_serializing_if = "Scalars::is_empty")]
        resources: Scalars,
    }
    #[derive(Serialize)]
    struct Whole<'a> {
        #[serde(skip_serializing_if = "Vec::is_empty")]
        roles: Vec<RoleV1<'a>>,
    }
    fn view(role: Role<'_>) -> RoleV1<'_> {
        RoleV1 {
            name: role.name,
            weight: role.weight,
            resources: Scalars::of(&sum(&role.allocated, &role.offered)),
            frameworks: role.frameworks,
        }
    }
    answer("GET_ROLES", &Whole { roles: roles(core).into_iter().map(view).collect() })
}

/// Scalars only, of all reservations together.
struct Scalars(Resources);

impl Scalars {
    fn of(resources: &Resources) -> Self {
        let scalars = resources.iter().filter(|r| matches!(r.value, Value::Scalar(_)));
        Self(scalars.map(|r| Resource::plain(r.name.clone(), r.value.clone())).collect())
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for Scalars {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Listed(&self.0, Format::BARE).serialize(serializer)
    }
}
