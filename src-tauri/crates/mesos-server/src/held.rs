//! What an agent holds: frameworks, their executors, their tasks; and what outlives it.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::sync::mpsc;

use crate::{
    TaskHandle,
    resources::Resources,
    wire::{
        FrameworkInfo, Id, TaskInfo, TaskState, TaskStatus,
        task::{ExecutorInfo, Label},
    },
};

/// A framework with executors on an agent.
#[derive(Debug)]
pub struct Framework {
    pub info: FrameworkInfo,
    pub executors: BTreeMap<Id, Executor>,
    pub completed: VecDeque<Executor>,
}

/// What runs one task, or a group of them.
#[derive(Debug)]
pub struct Executor {
    pub id: Id,
    pub name: String,
    pub source: String,
    pub container: Id,
    /// On the machine.
    pub directory: String,
    pub role: Arc<str>,
    /// Of the framework's own; the command executor has none.
    pub info: Option<Arc<ExecutorInfo>>,
    pub labels: Vec<Label>,
    pub tasks: BTreeMap<Id, Task>,
    pub completed: Vec<Task>,
    pub pid: Option<u32>,
}

impl Executor {
    /// What it and its live tasks use.
    pub fn resources(&self) -> Resources {
        let mut used = self.info.as_ref().map(|info| info.resources.clone()).unwrap_or_default();
        for task in self.tasks.values().filter(|task| !task.state.is_terminal()) {
            used.add(&task.info.resources);
        }
        used
    }

    /// What kind it is, to `/state`.
    pub fn kind(&self) -> &str {
        self.info.as_ref().map_or("CUSTOM", |info| info.kind.as_deref().unwrap_or("CUSTOM"))
    }
}

/// A task on its agent.
#[derive(Debug)]
pub struct Task {
    pub info: Arc<TaskInfo>,
    pub state: TaskState,
    pub statuses: Vec<TaskStatus>,
    /// Not acknowledged yet; only the first has been sent.
    pub pending: VecDeque<TaskStatus>,
    pub sent: Instant,
    pub handle: Option<Arc<TaskHandle>>,
    /// Tells the one who looks after it to kill it, with so much time.
    pub kill: mpsc::UnboundedSender<Duration>,
}

/// Tasks of checkpointing frameworks between two runs of their agent.
#[derive(Debug)]
pub struct Parked {
    pub framework: FrameworkInfo,
    pub executors: BTreeMap<Id, Executor>,
}

/// A task that an agent has, as it tells a new master.
#[derive(Clone, Debug)]
pub struct HeldTask {
    /// Whose.
    pub framework: Id,
    /// What was launched.
    pub task: Arc<TaskInfo>,
    /// In which role.
    pub role: Arc<str>,
    /// Its executor, if that is not the command executor.
    pub executor: Option<Arc<ExecutorInfo>>,
    /// Its statuses so far.
    pub statuses: Vec<TaskStatus>,
}
