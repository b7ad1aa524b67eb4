//! The things a master keeps.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
    time::Instant,
};

use tokio::sync::mpsc;

use crate::{
    links::{Sender, ToAgent},
    resources::Resources,
    wire::{
        AgentInfo, FrameworkInfo, HealthCheck, Id, Labels, TaskInfo, TaskState, TaskStatus, Uuid,
        maintenance::Unavailability,
        task::{CommandInfo, DiscoveryInfo, ExecutorInfo},
    },
};

/// A registered agent.
#[derive(Clone, Debug)]
pub struct Agent {
    pub info: AgentInfo,
    /// Seconds since 1970.
    pub registered: f64,
    pub reregistered: Option<f64>,
    /// The connection, while there is one.
    pub link: Option<Link>,
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
    pub ping: Ping,
    /// An operator wants no more tasks on it.
    pub deactivated: bool,
    /// Since when it is being drained, in seconds since 1970.
    pub drain_started: Option<f64>,
}

/// How a master watches an agent.
#[derive(Clone, Copy, Debug)]
pub struct Ping {
    /// When the next ping is due, or the answer to the last one.
    pub due: Instant,
    /// Pings in a row without an answer.
    pub missed: u32,
    pub waiting: bool,
}

/// A connection to an agent. The number tells it from later ones.
#[derive(Clone, Debug)]
pub struct Link {
    pub number: u64,
    pub tx: Arc<Sender<ToAgent>>,
}

impl Agent {
    /// What nobody uses and nobody has been offered.
    pub fn free(&self) -> Resources {
        let mut free = self.total.clone();
        free.subtract(&self.used);
        free.subtract(&self.offered);
        free
    }

    /// Whether it is there.
    pub fn is_connected(&self) -> bool {
        self.link.is_some()
    }

    /// Whether it takes tasks.
    pub fn is_active(&self) -> bool {
        self.is_connected() && !self.deactivated
    }

    /// Tells it something, if it is there.
    pub fn send(&self, message: ToAgent) {
        if let Some(link) = &self.link {
            link.tx.send(message);
        }
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

/// A task as a master keeps it.
#[derive(Clone, Debug)]
pub struct Task {
    pub id: Id,
    pub name: Box<str>,
    pub agent: Id,
    /// Of an executor of the framework's own; the command executor is none.
    pub executor: Option<Id>,
    pub role: Arc<str>,
    pub state: TaskState,
    pub resources: Resources,
    /// The last status of each state, in the order in which they came.
    pub statuses: Vec<TaskStatus>,
    /// The status that the framework has not acknowledged yet, or acknowledged last.
    pub update: Option<(TaskState, Uuid)>,
    pub labels: Option<Labels>,
    pub discovery: Option<Box<DiscoveryInfo>>,
    pub container: Option<Box<serde_json::Value>>,
    pub health_check: Option<Box<HealthCheck>>,
}

impl Task {
    /// A task that has just been launched.
    pub fn new(info: &TaskInfo, executor: Option<Id>, role: Arc<str>) -> Self {
        Self {
            id: info.task_id.clone(),
            name: info.name.as_str().into(),
            agent: info.agent_id.clone(),
            executor,
            role,
            state: TaskState::TaskStaging,
            resources: info.resources.clone(),
            statuses: Vec::new(),
            update: None,
            labels: info.labels.clone(),
            discovery: info.discovery.clone(),
            container: info.container.clone(),
            health_check: info.health_check.clone(),
        }
    }

    /// Notes a status; of each state only the last is kept.
    pub fn note(&mut self, status: TaskStatus) {
        self.statuses.retain(|s| s.state != status.state);
        self.statuses.push(status);
    }
}

/// The stream of a scheduler.
#[derive(Clone, Debug)]
pub struct Stream {
    pub id: String,
    pub tx: mpsc::Sender<bytes::Bytes>,
    pub heartbeat: Instant,
}

/// A framework.
#[derive(Clone, Debug)]
pub struct Framework {
    pub id: Id,
    pub info: FrameworkInfo,
    pub roles: Vec<String>,
    pub stream: Option<Stream>,
    /// Known from its tasks only: it has not subscribed to this master yet.
    pub recovered: bool,
    pub registered: f64,
    pub reregistered: f64,
    pub unregistered: f64,
    pub tasks: BTreeMap<Id, Arc<Task>>,
    pub unreachable_tasks: BTreeMap<Id, Arc<Task>>,
    pub completed_tasks: VecDeque<Arc<Task>>,
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
    pub filters: BTreeMap<(Id, String), Filter>,
    /// When its tasks will be ended, if it does not come back.
    pub failover_ends: Option<Instant>,
    pub counts: BTreeMap<&'static str, u64>,
}

/// What a framework does not want from an agent.
#[derive(Clone, Debug)]
pub struct Filter {
    pub refused: Resources,
    pub until: Instant,
}

impl Framework {
    /// A framework that is not connected.
    pub fn new(id: Id, info: FrameworkInfo) -> Self {
        Self {
            roles: info.effective_roles(),
            id,
            info,
            stream: None,
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
            filters: BTreeMap::new(),
            failover_ends: None,
            counts: BTreeMap::new(),
        }
    }

    /// A task of it, to be changed.
    pub fn task_mut(&mut self, id: &Id) -> Option<&mut Task> {
        self.tasks.get_mut(id).map(Arc::make_mut)
    }

    /// Whether its scheduler is there.
    pub fn is_connected(&self) -> bool {
        self.stream.is_some()
    }

    /// Whether it understands TASK_UNREACHABLE and its kin.
    pub fn is_partition_aware(&self) -> bool {
        self.info.can("PARTITION_AWARE")
    }

    /// The state that it is told for one that only some frameworks understand.
    pub fn state(&self, precise: TaskState) -> TaskState {
        if self.is_partition_aware() { precise } else { TaskState::TaskLost }
    }

    /// Sends an event. A scheduler that does not read is disconnected when its channel is full: see the stream's watcher.
    pub fn send(&mut self, kind: &'static str, event: bytes::Bytes) {
        *self.counts.entry(kind).or_default() += 1;
        let Some(stream) = &self.stream else { return };
        if stream.tx.try_send(event).is_err() {
            self.stream = None;
        }
    }

    /// Is described like this from now on.
    pub(super) fn adopt(
        &mut self,
        info: FrameworkInfo,
        suppressed: Vec<String>,
        constraints: Option<serde_json::Value>,
    ) {
        self.roles = info.effective_roles();
        self.info = info;
        self.suppressed = suppressed.into_iter().collect();
        self.constraints = constraints;
    }

    pub(super) fn completed(&mut self, task: Arc<Task>, most: usize) {
        self.completed_tasks.push_back(task);
        while self.completed_tasks.len() > most {
            self.completed_tasks.pop_front();
        }
    }
}

/// Resources offered to a framework.
#[derive(Clone, Debug)]
pub struct Offer {
    pub framework: Id,
    pub agent: Id,
    pub role: Arc<str>,
    pub resources: Resources,
    /// When it is taken back, if it is.
    pub expires: Option<Instant>,
}

/// An operation on an agent's resources that its framework wants to hear of.
#[derive(Clone, Debug)]
pub struct OperationRecord {
    pub agent: Id,
    /// The operation as it came.
    pub info: serde_json::Value,
    pub uuid: Uuid,
    /// Its only status: operations are done at once.
    pub status: Uuid,
}

/// The question to a framework whether it can leave an agent that will be out of service.
#[derive(Clone, Debug)]
pub struct InverseOffer {
    pub framework: Id,
    pub agent: Id,
    pub unavailability: Unavailability,
}
