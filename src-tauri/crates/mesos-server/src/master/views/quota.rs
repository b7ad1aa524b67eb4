//! Quotas and weights: `/quota`, `/weights`, `GET_QUOTA`, `GET_WEIGHTS`.

use serde::Serialize;

use crate::{
    master::state::State,
    resources::{Format, Listed, QuantityMap, Resource, Resources, Value},
};

/// All quotas.
#[derive(Serialize)]
pub struct Status<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    infos: Vec<Info<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    configs: Vec<Config<'a>>,
}

#[derive(Serialize)]
struct Info<'a> {
    role: &'a str,
    #[serde(skip_serializing_if = "Guarantee::is_empty")]
    guarantee: Guarantee,
}

struct Guarantee(Resources);

impl Guarantee {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for Guarantee {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Listed(&self.0, Format::BARE).serialize(serializer)
    }
}

#[derive(Serialize)]
struct Config<'a> {
    role: &'a str,
    #[serde(skip_serializing_if = "is_empty")]
    guarantees: QuantityMap,
    #[serde(skip_serializing_if = "is_empty")]
    limits: QuantityMap,
}

fn is_empty(map: &QuantityMap) -> bool {
    map.0.is_empty()
}

/// The quotas of a master.
pub fn status(core: &State) -> Status<'_> {
    let guarantee = |amounts: &std::collections::BTreeMap<String, i64>| {
        let scalars = amounts.iter().map(|(name, amount)| Resource::plain(name.as_str(), Value::Scalar(*amount)));
        Guarantee(scalars.collect())
    };
    Status {
        infos: core
            .quotas
            .iter()
            .map(|(role, quota)| Info { role, guarantee: guarantee(&quota.guarantees.0) })
            .collect(),
        configs: core
            .quotas
            .iter()
            .map(|(role, quota)| Config {
                role,
                guarantees: QuantityMap(quota.guarantees.0.clone()),
                limits: QuantityMap(quota.limits.0.clone()),
            })
            .collect(),
    }
}

/// How much a role counts.
#[derive(Serialize)]
pub struct Weight<'a> {
    weight: f64,
    role: &'a str,
}

/// The weights of a master.
pub fn weights(core: &State) -> Vec<Weight<'_>> {
    core.weights.iter().map(|(role, weight)| Weight { weight: *weight, role }).collect()
}
