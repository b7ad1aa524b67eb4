//! Roles: `/roles`, `GET_ROLES`.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Serialize, Serializer};

use crate::{
    master::core::Core,
    resources::{Format, Listed, Resource, Resources, Value, number},
    wire::{Id, recordio},
};

/// A role that someone uses.
struct Role<'a> {
    name: &'a str,
    frameworks: Vec<&'a Id>,
    allocated: Resources,
    offered: Resources,
    reserved: Resources,
}

fn roles(core: &Core) -> Vec<Role<'_>> {
    let mut names: BTreeSet<&str> =
        core.allocated.iter().filter(|(_, r)| !r.is_empty()).map(|(name, _)| name.as_str()).collect();
    names.extend(core.frameworks.values().flat_map(|f| f.roles.iter().map(String::as_str)));
    let mut offered: BTreeMap<&str, Resources> = BTreeMap::new();
    for offer in core.offers.values() {
        offered.entry(&offer.role).or_default().add(&offer.resources);
    }
    let one = |name| {
        let offered = offered.get(name).cloned().unwrap_or_default();
        let mut allocated = core.allocated.get(name).cloned().unwrap_or_default();
        allocated.subtract(&offered);
        let mut reserved = Resources::default();
        core.agents.values().filter_map(|a| a.info.resources.reserved().remove(name)).for_each(|r| reserved.add(&r));
        let frameworks =
            core.frameworks.values().filter(|f| f.roles.iter().any(|role| role == name)).map(|f| &f.id).collect();
        Role { name, frameworks, allocated, offered, reserved }
    };
    names.into_iter().map(one).collect()
}

/// Quantities: a number by name, ports counted.
struct Quantities(Resources);

impl Serialize for Quantities {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut all: BTreeMap<&str, f64> = BTreeMap::new();
        for resource in self.0.iter() {
            *all.entry(&resource.name).or_default() += match &resource.value {
                Value::Scalar(millis) => number(*millis),
                Value::Ranges(ranges) => ranges.pairs().iter().map(|(begin, end)| (end - begin + 1) as f64).sum(),
                Value::Set(set) => set.len() as f64,
            };
        }
        serializer.collect_map(all)
    }
}

#[derive(Serialize)]
struct Quota<'a> {
    role: &'a str,
    guarantee: BTreeMap<(), ()>,
    limit: BTreeMap<(), ()>,
    consumed: Quantities,
}

/// `/roles`.
pub fn v0(core: &Core) -> Vec<u8> {
    #[derive(Serialize)]
    struct RoleV0<'a> {
        name: &'a str,
        weight: f64,
        quota: Quota<'a>,
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
        RoleV0 {
            name: role.name,
            weight: 1.0,
            quota: Quota {
                role: role.name,
                guarantee: BTreeMap::new(),
                limit: BTreeMap::new(),
                consumed: Quantities(sum(&role.allocated, &role.reserved)),
            },
            resources: Quantities(sum(&role.allocated, &role.offered)),
            frameworks: role.frameworks.iter().map(|id| id.as_str()).collect(),
            allocated: Quantities(role.allocated),
            offered: Quantities(role.offered),
            reserved: Quantities(role.reserved),
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
pub fn v1(core: &Core) -> Vec<u8> {
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
            weight: 1.0,
            resources: Scalars::of(&sum(&role.allocated, &role.offered)),
            frameworks: role.frameworks,
        }
    }
    super::v1::answer("GET_ROLES", &Whole { roles: roles(core).into_iter().map(view).collect() })
}

/// Scalars only, of all reservations together.
struct Scalars(Resources);

impl Scalars {
    fn of(resources: &Resources) -> Self {
        let scalars = resources.iter().filter(|r| matches!(r.value, Value::Scalar(_)));
        Self(scalars.map(|r| Resource { reserved: None, ..r.clone() }).collect())
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
