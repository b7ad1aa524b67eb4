//! Windows in which machines are out of service.

use serde::{Deserialize, Serialize};

use super::Nanoseconds;

/// A machine, by its name or its address.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MachineId {
    /// Its name; upper and lower case are the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hostname: Option<String>,
    /// Its address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ip: Option<String>,
}

impl MachineId {
    /// Without what does not distinguish machines.
    pub fn normal(&self) -> Self {
        let set = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        Self { hostname: set(&self.hostname).map(|name| name.to_lowercase()), ip: set(&self.ip) }
    }
}

impl std::fmt::Display for MachineId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&String::from_utf8_lossy(&super::recordio::json(self)))
    }
}

/// From when on, and for how long; without a duration for ever.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Unavailability {
    /// Since 1970.
    pub start: Nanoseconds,
    /// How long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration: Option<Nanoseconds>,
}

/// Machines that are out of service at the same time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Window {
    /// Which.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub machine_ids: Vec<MachineId>,
    /// When.
    pub unavailability: Unavailability,
}

/// All windows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Schedule {
    /// In the operator's order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub windows: Vec<Window>,
}
