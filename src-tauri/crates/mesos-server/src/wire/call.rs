//! What a scheduler sends.

use serde::Deserialize;

use super::{
    FrameworkInfo, Id, TaskInfo, Uuid,
    task::{ExecutorInfo, KillPolicy},
};

/// A call of the scheduler API. The type is a name, not an enum: unknown ones count as absent, as in the real master.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[allow(missing_docs)]
pub struct Call {
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub framework_id: Option<Id>,
    pub subscribe: Option<Subscribe>,
    pub accept: Option<Accept>,
    pub decline: Option<Decline>,
    pub revive: Option<Roles>,
    pub suppress: Option<Roles>,
    pub kill: Option<Kill>,
    pub shutdown: Option<Shutdown>,
    pub acknowledge: Option<Acknowledge>,
    pub reconcile: Option<Reconcile>,
    pub message: Option<serde::de::IgnoredAny>,
    pub update_framework: Option<Subscribe>,
}

/// Wants a stream of events.
#[derive(Debug, Deserialize)]
pub struct Subscribe {
    /// Who it is.
    pub framework_info: FrameworkInfo,
    /// Roles for which it wants no offers yet.
    #[serde(default)]
    pub suppressed_roles: Vec<String>,
}

/// For how long declined resources are not offered again.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Filters {
    /// Seconds.
    #[serde(default = "Filters::refuse")]
    pub refuse_seconds: f64,
}

impl Filters {
    fn refuse() -> f64 {
        5.0
    }
}

impl Default for Filters {
    fn default() -> Self {
        Self { refuse_seconds: Self::refuse() }
    }
}

/// Takes offers.
#[derive(Debug, Deserialize)]
#[allow(missing_docs)]
pub struct Accept {
    #[serde(default)]
    pub offer_ids: Vec<Id>,
    #[serde(default)]
    pub operations: Vec<Operation>,
    #[serde(default)]
    pub filters: Filters,
}

/// What to do with offers.
#[derive(Debug, Deserialize)]
#[allow(missing_docs)]
pub struct Operation {
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub launch: Option<Launch>,
    pub launch_group: Option<LaunchGroup>,
}

/// Launches tasks.
#[derive(Debug, Deserialize)]
pub struct Launch {
    /// Each on its own.
    #[serde(default)]
    pub task_infos: Vec<TaskInfo>,
}

/// Launches tasks that live and die together.
#[derive(Debug, Deserialize)]
pub struct LaunchGroup {
    /// What executes them.
    pub executor: ExecutorInfo,
    /// The tasks.
    pub task_group: TaskGroup,
}

/// Tasks that live and die together.
#[derive(Debug, Deserialize)]
pub struct TaskGroup {
    /// The tasks.
    #[serde(default)]
    pub tasks: Vec<TaskInfo>,
}

/// Gives offers back.
#[derive(Debug, Deserialize)]
#[allow(missing_docs)]
pub struct Decline {
    #[serde(default)]
    pub offer_ids: Vec<Id>,
    #[serde(default)]
    pub filters: Filters,
}

/// Roles to revive or suppress; none means all.
#[derive(Debug, Default, Deserialize)]
pub struct Roles {
    /// Their names.
    #[serde(default)]
    pub roles: Vec<String>,
    /// A single one, as older schedulers send it.
    #[serde(default)]
    pub role: Option<String>,
}

/// Kills a task.
#[derive(Debug, Deserialize)]
#[allow(missing_docs)]
pub struct Kill {
    pub task_id: Id,
    pub agent_id: Option<Id>,
    pub kill_policy: Option<KillPolicy>,
}

/// Shuts an executor down.
#[derive(Debug, Deserialize)]
#[allow(missing_docs)]
pub struct Shutdown {
    pub executor_id: Id,
    pub agent_id: Id,
}

/// Says that a status has arrived.
#[derive(Debug, Deserialize)]
#[allow(missing_docs)]
pub struct Acknowledge {
    pub agent_id: Id,
    pub task_id: Id,
    pub uuid: String,
}

impl Acknowledge {
    /// The update's name, if it is one.
    pub fn uuid(&self) -> Option<Uuid> {
        Uuid::parse(&self.uuid)
    }
}

/// Asks how tasks are doing; no tasks means all.
#[derive(Debug, Deserialize)]
#[allow(missing_docs)]
pub struct Reconcile {
    #[serde(default)]
    pub tasks: Vec<ReconcileTask>,
}

/// A task to reconcile.
#[derive(Debug, Deserialize)]
#[allow(missing_docs)]
pub struct ReconcileTask {
    pub task_id: Id,
    pub agent_id: Option<Id>,
}
