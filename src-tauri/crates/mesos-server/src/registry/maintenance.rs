//! When machines will be out of service.

use std::{collections::BTreeMap, time::Instant};

use serde::{Deserialize, Serialize};

use crate::wire::{
    AgentInfo, Id, Nanoseconds,
    maintenance::{MachineId, Schedule, Unavailability},
};

/// What operators plan, and how far they are.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Maintenance {
    /// The plan.
    pub schedule: Schedule,
    /// Machines that are to go down, or are.
    #[serde(with = "as_list")]
    pub machines: BTreeMap<MachineId, Machine>,
    /// What frameworks said about leaving an agent.
    #[serde(skip)]
    pub answers: BTreeMap<(Id, Id), Answer>,
}

/// A machine in a schedule.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Machine {
    /// As the operator wrote it.
    pub id: MachineId,
    pub down: bool,
    pub unavailability: Unavailability,
}

/// What a framework said to an inverse offer.
#[derive(Clone, Debug)]
pub struct Answer {
    pub accepted: bool,
    pub at: Nanoseconds,
    pub until: Instant,
}

/// Maps with keys that are no text are written as lists.
mod as_list {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serializer};

    use super::{Machine, MachineId};

    pub fn serialize<S: Serializer>(map: &BTreeMap<MachineId, Machine>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(map.values())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<MachineId, Machine>, D::Error> {
        let list = Vec::<Machine>::deserialize(deserializer)?;
        Ok(list.into_iter().map(|machine| (machine.id.normal(), machine)).collect())
    }
}

/// The machine that an agent runs on.
pub fn machine_of(info: &AgentInfo) -> MachineId {
    MachineId { hostname: Some(info.hostname.clone()), ip: Some(info.ip.to_string()) }.normal()
}
