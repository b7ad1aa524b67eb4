//! What a scheduler sends.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::{
    FrameworkInfo, Id, TaskInfo, Uuid,
    task::{ExecutorInfo, KillPolicy},
};

/// Wants a stream of events, or to be known under another description.
#[derive(Debug, Deserialize)]
pub struct Subscribe {
    /// Who it is.
    pub framework_info: FrameworkInfo,
    /// Roles for which it wants no offers yet.
    #[serde(default)]
    pub suppressed_roles: Vec<String>,
    /// Which agents it wants no offers of, by role; shown, not obeyed.
    pub offer_constraints: Option<Json>,
}

/// For how long declined resources are not offered again.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Filters {
    /// Seconds.
    #[serde(default = "Filters::refuse")]
    pub refuse_seconds: f64,
}

impl Filters {
    /// The same as a time. What is no number of seconds counts as the default, as in the real allocator.
    pub fn time(&self) -> Duration {
        const LONGEST: f64 = 365.0 * 86_400.0;
        Duration::try_from_secs_f64(self.refuse_seconds.min(LONGEST)).unwrap_or(Duration::from_secs(5))
    }

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
    /// Each is read when its turn comes: one that is spoilt does not spoil the others.
    pub operations: Vec<Json>,
    #[serde(default)]
    pub filters: Filters,
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

/// Says whether agents can be left.
#[derive(Debug, Deserialize)]
#[allow(missing_docs)]
pub struct AnswerInverse {
    #[serde(default)]
    pub inverse_offer_ids: Vec<Id>,
    #[serde(default)]
    pub filters: Filters,
}

/// Says that an operation's status has arrived.
#[derive(Debug, Deserialize)]
#[allow(missing_docs)]
pub struct AcknowledgeOperation {
    pub uuid: String,
    pub operation_id: Id,
}

/// Asks how operations went; none means all.
#[derive(Debug, Deserialize)]
#[allow(missing_docs)]
pub struct ReconcileOperations {
    #[serde(default)]
    pub operations: Vec<ReconcileOperation>,
}

/// An operation to reconcile.
#[derive(Debug, Deserialize, Serialize)]
#[allow(missing_docs)]
pub struct ReconcileOperation {
    pub operation_id: Id,
    pub agent_id: Option<Id>,
}

/// Something to say to an executor.
#[derive(Debug, Deserialize)]
#[allow(missing_docs)]
pub struct Message {
    pub agent_id: Id,
    pub executor_id: Id,
}

/// What a scheduler that has subscribed asks for.
#[derive(Debug)]
#[allow(missing_docs)]
pub enum Action {
    Teardown,
    Accept(Accept),
    Decline(Decline),
    AcceptInverse(AnswerInverse),
    DeclineInverse(AnswerInverse),
    Revive(Roles),
    Suppress(Roles),
    Kill(Kill),
    Shutdown(Shutdown),
    Acknowledge(Acknowledge),
    AcknowledgeOperation(AcknowledgeOperation),
    Reconcile(Reconcile),
    ReconcileOperations(ReconcileOperations),
    Message(Message),
    Request,
}

impl Action {
    /// Of a call that has been validated; none if it is not one of these.
    pub fn read(kind: &str, call: &mut Json) -> Result<Option<Self>, serde_json::Error> {
        let mut body = || {
            let body = call.get_mut(kind.to_ascii_lowercase()).map(Json::take);
            body.unwrap_or_else(|| Json::Object(serde_json::Map::new()))
        };
        Ok(Some(match kind {
            "TEARDOWN" => Self::Teardown,
            "ACCEPT" => Self::Accept(serde_json::from_value(body())?),
            "DECLINE" => Self::Decline(serde_json::from_value(body())?),
            "ACCEPT_INVERSE_OFFERS" => Self::AcceptInverse(serde_json::from_value(body())?),
            "DECLINE_INVERSE_OFFERS" => Self::DeclineInverse(serde_json::from_value(body())?),
            "REVIVE" => Self::Revive(serde_json::from_value(body())?),
            "SUPPRESS" => Self::Suppress(serde_json::from_value(body())?),
            "KILL" => Self::Kill(serde_json::from_value(body())?),
            "SHUTDOWN" => Self::Shutdown(serde_json::from_value(body())?),
            "ACKNOWLEDGE" => Self::Acknowledge(serde_json::from_value(body())?),
            "ACKNOWLEDGE_OPERATION_STATUS" => Self::AcknowledgeOperation(serde_json::from_value(body())?),
            "RECONCILE" => Self::Reconcile(serde_json::from_value(body())?),
            "RECONCILE_OPERATIONS" => Self::ReconcileOperations(serde_json::from_value(body())?),
            "MESSAGE" => Self::Message(serde_json::from_value(body())?),
            "REQUEST" => Self::Request,
            _ => return Ok(None),
        }))
    }

    /// The metric that counts it.
    pub fn metric(&self) -> &'static str {
        match self {
            Self::Teardown => "calls/teardown",
            Self::Accept(_) => "calls/accept",
            Self::Decline(_) => "calls/decline",
            Self::AcceptInverse(_) => "calls/accept_inverse_offers",
            Self::DeclineInverse(_) => "calls/decline_inverse_offers",
            Self::Revive(_) => "calls/revive",
            Self::Suppress(_) => "calls/suppress",
            Self::Kill(_) => "calls/kill",
            Self::Shutdown(_) => "calls/shutdown",
            Self::Acknowledge(_) => "calls/acknowledge",
            Self::AcknowledgeOperation(_) => "calls/acknowledge_operation_status",
            Self::Reconcile(_) => "calls/reconcile",
            Self::ReconcileOperations(_) => "calls/reconcile_operations",
            Self::Message(_) => "calls/message",
            Self::Request => "calls/request",
        }
    }
}
