//! Resources: amounts (cpus, mem, disk), ranges (ports), sets.

use serde::{Deserialize, Serialize};

/// An amount.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scalar {
    /// In processors, MiB, …; Mesos keeps three decimals.
    pub value: f64,
}

/// A range of whole numbers, both ends in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Range {
    /// The first.
    pub begin: u64,
    /// The last.
    pub end: u64,
}

/// Ranges, as ports have them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ranges {
    /// The ranges.
    #[serde(default)]
    pub range: Vec<Range>,
}

/// A set of names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Set {
    /// The names.
    #[serde(default)]
    pub item: Vec<String>,
}

/// The role that an offered or used resource was given to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AllocationInfo {
    /// The role.
    pub role: String,
}

/// One resource: exactly one of `scalar`, `ranges`, `set` is there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Resource {
    /// `cpus`, `mem`, `disk`, `gpus`, `ports`, or the agent's own.
    pub name: String,
    /// `SCALAR`, `RANGES` or `SET`.
    #[serde(rename = "type")]
    pub kind: String,
    /// How much.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scalar: Option<Scalar>,
    /// Which numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ranges: Option<Ranges>,
    /// Which names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set: Option<Set>,
    /// The role that it is reserved for; `*` or none when unreserved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// Whom the master allocated it to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allocation_info: Option<AllocationInfo>,
    /// Reservations, the newest form of `role`; kept as they came, because they must be sent back unchanged.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reservations: Vec<serde_json::Value>,
    /// What a disk resource is on (volumes, sources); kept as it came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disk: Option<serde_json::Value>,
    /// It may be taken back at any time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revocable: Option<serde_json::Value>,
}

impl Resource {
    /// So much of `name`.
    pub fn scalar(name: impl Into<String>, value: f64) -> Self {
        Self { scalar: Some(Scalar { value }), ..Self::empty(name, "SCALAR") }
    }

    /// These ranges of `name`.
    pub fn ranges(name: impl Into<String>, ranges: impl IntoIterator<Item = Range>) -> Self {
        Self { ranges: Some(Ranges { range: ranges.into_iter().collect() }), ..Self::empty(name, "RANGES") }
    }

    /// The role that it is reserved for, `*` if for none: of the newest reservation where there are any.
    pub fn reserved_role(&self) -> &str {
        let newest = self.reservations.last().and_then(|reservation| reservation.get("role")?.as_str());
        newest.or(self.role.as_deref()).unwrap_or("*")
    }

    fn empty(name: impl Into<String>, kind: &str) -> Self {
        Self {
            name: name.into(),
            kind: kind.to_owned(),
            scalar: None,
            ranges: None,
            set: None,
            role: None,
            allocation_info: None,
            reservations: Vec::new(),
            disk: None,
            revocable: None,
        }
    }
}
