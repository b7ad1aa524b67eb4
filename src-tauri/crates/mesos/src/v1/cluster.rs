//! What an operator has arranged: maintenance, quota, weights.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Resource, Scalar};

/// When machines go down for maintenance, as an operator has planned it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Schedule {
    /// The windows, one after the other.
    #[serde(default)]
    pub windows: Vec<Window>,
}

/// Machines that go down together.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Window {
    /// Which.
    #[serde(default)]
    pub machine_ids: Vec<Machine>,
}

/// A machine, as the maintenance API names it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Machine {
    /// Its host name.
    #[serde(default)]
    pub hostname: String,
    /// Its address.
    #[serde(default)]
    pub ip: String,
}

/// What maintenance has come to.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Maintenance {
    /// Machines that are about to go down: their offers say when.
    #[serde(default)]
    pub draining_machines: Vec<Draining>,
    /// Machines that are down.
    #[serde(default)]
    pub down_machines: Vec<Machine>,
}

/// A machine that is about to go down.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Draining {
    /// Which.
    pub id: Machine,
}

/// What roles are guaranteed or held to.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Quotas {
    /// In the newer form: guarantees and limits.
    #[serde(default)]
    pub configs: Vec<Quota>,
    /// In the older form: guarantees that are limits.
    #[serde(default)]
    pub infos: Vec<OldQuota>,
}

/// The quota of one role.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Quota {
    /// The role.
    pub role: String,
    /// What is kept free for it, by resource.
    #[serde(default)]
    pub guarantees: BTreeMap<String, Scalar>,
    /// More it does not get, by resource.
    #[serde(default)]
    pub limits: BTreeMap<String, Scalar>,
}

/// The quota of one role, in the older form.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct OldQuota {
    /// The role.
    pub role: String,
    /// What it gets, no less and no more.
    #[serde(default)]
    pub guarantee: Vec<Resource>,
}

/// How much a role weighs when resources are shared out.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Weight {
    /// The role.
    #[serde(default)]
    pub role: String,
    /// Its weight; 1 for a role that is not listed.
    pub weight: f64,
}
