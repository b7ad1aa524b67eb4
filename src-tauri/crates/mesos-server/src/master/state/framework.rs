//! A framework.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    time::Instant,
};

use super::{OperationRecord, Shown, Task};
use crate::{
    resources::Resources,
    wire::{FrameworkInfo, Id, TaskState},
};

/// A framework.
#[derive(Clone, Debug)]
pub struct Framework {
    pub id: Id,
    pub info: FrameworkInfo,
    pub roles: Vec<String>,
    /// Its scheduler is there.
    pub connected: bool,
    /// Known from its tasks only: it has not subscribed to this master yet.
    pub recovered: bool,
    pub registered: f64,
    pub reregistered: f64,
    pub unregistered: f64,
    pub tasks: BTreeMap<Id, Shown<Task>>,
    pub unreachable_tasks: BTreeMap<Id, Shown<Task>>,
    pub completed_tasks: VecDeque<Shown<Task>>,
    pub used: Resources,
    pub offered: Resources,
    /// What it has by role, offers included.
    pub allocated: BTreeMap<String, Resources>,
    pub offers: BTreeSet<Id>,
    pub inverse_offers: BTreeSet<Id>,
    /// Operations that it wants to hear of, by its own name for them.
    pub operations: BTreeMap<String, OperationRecord>,
    pub suppressed: BTreeSet<String>,
    /// Which agents it wants no offers of; shown, not obeyed.
    pub constraints: Option<serde_json::Value>,
    /// When its tasks will be ended, if it does not come back.
    pub failover_ends: Option<Instant>,
    pub counts: BTreeMap<&'static str, u64>,
}

impl Framework {
    /// A framework that is not connected.
    pub fn new(id: Id, info: FrameworkInfo) -> Self {
        Self {
            roles: info.effective_roles(),
            id,
            info,
            connected: false,
            recovered: false,
            registered: 0.0,
            reregistered: 0.0,
            unregistered: 0.0,
            tasks: BTreeMap::new(),
            unreachable_tasks: BTreeMap::new(),
            completed_tasks: VecDeque::new(),
            used: Resources::default(),
            offered: Resources::default(),
            allocated: BTreeMap::new(),
            offers: BTreeSet::new(),
            inverse_offers: BTreeSet::new(),
            operations: BTreeMap::new(),
            suppressed: BTreeSet::new(),
            constraints: None,
            failover_ends: None,
            counts: BTreeMap::new(),
        }
    }

    /// A task of it, to be changed.
    pub fn task_mut(&mut self, id: &Id) -> Option<&mut Task> {
        self.tasks.get_mut(id).map(Shown::change)
    }

    /// Whether it understands TASK_UNREACHABLE and its kin.
    pub fn is_partition_aware(&self) -> bool {
        self.info.can("PARTITION_AWARE")
    }

    /// The state that it is told for one that only some frameworks understand.
    pub fn state(&self, precise: TaskState) -> TaskState {
        if self.is_partition_aware() { precise } else { TaskState::TaskLost }
    }

    /// One more of what is counted for it.
    pub fn count(&mut self, what: &'static str, more: u64) {
        *self.counts.entry(what).or_default() += more;
    }

    /// Is described like this from now on.
    pub fn adopt(&mut self, info: FrameworkInfo, suppressed: Vec<String>, constraints: Option<serde_json::Value>) {
        self.roles = info.effective_roles();
        self.info = info;
        self.suppressed = suppressed.into_iter().collect();
        self.constraints = constraints;
    }

    /// A task that has ended; of those only the last few are kept.
    pub fn completed(&mut self, task: Shown<Task>, most: usize) {
        self.completed_tasks.push_back(task);
        while self.completed_tasks.len() > most {
            self.completed_tasks.pop_front();
        }
    }
}
