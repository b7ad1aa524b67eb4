//! A registered agent.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use crate::{
    resources::Resources,
    wire::{
        AgentInfo, Id,
        task::{CommandInfo, ExecutorInfo},
    },
};

/// A registered agent.
#[derive(Clone, Debug)]
pub struct Agent {
    pub info: AgentInfo,
    /// Seconds since 1970.
    pub registered: f64,
    pub reregistered: Option<f64>,
    /// It is there.
    pub connected: bool,
    /// What it has, with the reservations and volumes made since it started.
    pub total: Resources,
    pub used: Resources,
    /// The same by role.
    pub used_by: BTreeMap<String, Resources>,
    pub offered: Resources,
    /// The tasks on it.
    pub tasks: BTreeSet<(Id, Id)>,
    pub executors: BTreeMap<(Id, Id), Executor>,
    pub offers: BTreeSet<Id>,
    pub inverse_offers: BTreeSet<Id>,
    /// An operator wants no more tasks on it.
    pub deactivated: bool,
    /// Since when it is being drained, in seconds since 1970.
    pub drain_started: Option<f64>,
}

impl Agent {
    /// What nobody uses and nobody has been offered.
    pub fn free(&self) -> Resources {
        let mut free = self.total.clone();
        free.subtract(&self.used);
        free.subtract(&self.offered);
        free
    }

    /// Whether it takes tasks.
    pub fn is_active(&self) -> bool {
        self.connected && !self.deactivated
    }
}

/// An executor of a framework's own.
#[derive(Clone, Debug)]
pub struct Executor {
    pub info: Arc<ExecutorInfo>,
    pub role: Arc<str>,
}

impl Executor {
    /// `CUSTOM` or `DEFAULT`.
    pub fn kind(&self) -> &str {
        self.info.kind.as_deref().unwrap_or("CUSTOM")
    }

    /// What it executes.
    pub fn command(&self) -> Option<&CommandInfo> {
        self.info.command.as_ref()
    }
}
