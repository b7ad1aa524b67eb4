//! Calls and events of the v1 scheduler API (`/api/v1/scheduler`).

use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value, json};

use super::{AgentId, FrameworkId, FrameworkInfo, Offer, OfferId, TaskId, TaskInfo, TaskStatus};
use crate::MasterInfo;

/// What a scheduler asks of the master, after it has subscribed.
#[derive(Clone, Debug, PartialEq)]
pub enum Call {
    /// Use offers, or what is left of them, or nothing of them.
    Accept {
        /// The offers, all of one agent.
        offer_ids: Vec<OfferId>,
        /// The tasks to launch with them.
        launch: Vec<TaskInfo>,
        /// Do not offer the rest again for so long, seconds.
        refuse_seconds: f64,
    },
    /// Refuse offers.
    Decline {
        /// The offers.
        offer_ids: Vec<OfferId>,
        /// Do not offer the same again for so long, seconds.
        refuse_seconds: f64,
    },
    /// Forget all refusals (and any suppression) of these roles; of all roles if empty.
    Revive {
        /// The roles.
        roles: Vec<String>,
    },
    /// No offers for these roles until [`Self::Revive`]; for none if empty.
    Suppress {
        /// The roles.
        roles: Vec<String>,
    },
    /// Kill a task.
    Kill {
        /// Which.
        task_id: TaskId,
        /// Where it is, if known: the call is quicker then.
        agent_id: Option<AgentId>,
        /// Instead of its own policy: this grace, in nanoseconds.
        grace_nanoseconds: Option<i64>,
    },
    /// An update has been taken in.
    Acknowledge {
        /// The agent that it came from.
        agent_id: AgentId,
        /// The task.
        task_id: TaskId,
        /// The update's `uuid`.
        uuid: String,
    },
    /// Tell again where these tasks stand; all that the master knows of, if empty.
    Reconcile {
        /// The tasks, with where they were last.
        tasks: Vec<(TaskId, Option<AgentId>)>,
    },
    /// The framework ends, and all its tasks with it.
    Teardown,
}

impl Call {
    /// Its `type` on the wire.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Accept { .. } => "ACCEPT",
            Self::Decline { .. } => "DECLINE",
            Self::Revive { .. } => "REVIVE",
            Self::Suppress { .. } => "SUPPRESS",
            Self::Kill { .. } => "KILL",
            Self::Acknowledge { .. } => "ACKNOWLEDGE",
            Self::Reconcile { .. } => "RECONCILE",
            Self::Teardown => "TEARDOWN",
        }
    }

    /// The call as it is sent for a framework.
    pub fn on_behalf_of(&self, framework: &FrameworkId) -> Value {
        let mut message = Map::new();
        message.insert("type".to_owned(), self.kind().into());
        message.insert("framework_id".to_owned(), json!(framework));
        if let Some(body) = self.body() {
            message.insert(self.kind().to_lowercase(), body);
        }
        Value::Object(message)
    }

    fn body(&self) -> Option<Value> {
        Some(match self {
            Self::Accept { offer_ids, launch, refuse_seconds } => {
                let operations: &[Value] = &[json!({ "type": "LAUNCH", "launch": { "task_infos": launch } })];
                let operations = if launch.is_empty() { &[] } else { operations };
                json!({ "offer_ids": offer_ids, "operations": operations, "filters": { "refuse_seconds": refuse_seconds } })
            }
            Self::Decline { offer_ids, refuse_seconds } => {
                json!({ "offer_ids": offer_ids, "filters": { "refuse_seconds": refuse_seconds } })
            }
            Self::Revive { roles } | Self::Suppress { roles } => json!({ "roles": roles }),
            Self::Kill { task_id, agent_id, grace_nanoseconds } => {
                let mut body = json!({ "task_id": task_id });
                if let Some(agent_id) = agent_id {
                    body["agent_id"] = json!(agent_id);
                }
                if let Some(nanoseconds) = grace_nanoseconds {
                    body["kill_policy"] = json!({ "grace_period": { "nanoseconds": nanoseconds } });
                }
                body
            }
            Self::Acknowledge { agent_id, task_id, uuid } => {
                json!({ "agent_id": agent_id, "task_id": task_id, "uuid": uuid })
            }
            Self::Reconcile { tasks } => json!({ "tasks": tasks.iter().map(reconcile_one).collect::<Vec<_>>() }),
            Self::Teardown => return None,
        })
    }
}

fn reconcile_one((task_id, agent_id): &(TaskId, Option<AgentId>)) -> Value {
    match agent_id {
        Some(agent_id) => json!({ "task_id": task_id, "agent_id": agent_id }),
        None => json!({ "task_id": task_id }),
    }
}

/// The call that opens the stream.
#[derive(Clone, Debug, PartialEq)]
pub struct Subscribe {
    /// Who subscribes; with its id when it comes back.
    pub framework_info: FrameworkInfo,
    /// Roles that shall get no offers yet.
    pub suppressed_roles: Vec<String>,
}

impl Serialize for Subscribe {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut message = json!({
            "type": "SUBSCRIBE",
            "subscribe": { "framework_info": self.framework_info, "suppressed_roles": self.suppressed_roles },
        });
        if let Some(id) = &self.framework_info.id {
            message["framework_id"] = json!(id);
        }
        message.serialize(serializer)
    }
}

/// What the master tells a scheduler.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "Raw")]
pub enum Event {
    /// The stream is open.
    Subscribed(Subscribed),
    /// Offers.
    Offers(Vec<Offer>),
    /// An offer is no longer valid.
    Rescind(OfferId),
    /// News of a task; to be acknowledged if it has a `uuid`.
    Update(Box<TaskStatus>),
    /// An agent was lost, or an executor on it ended.
    Failure(Failure),
    /// The subscription is refused or ended; the reason.
    Error(String),
    /// The stream lives.
    Heartbeat,
    /// One that this program has no use for; its `type`.
    Other(String),
}

/// The stream is open.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Subscribed {
    /// The framework's id.
    pub framework_id: FrameworkId,
    /// From one heartbeat to the next, seconds.
    #[serde(default)]
    pub heartbeat_interval_seconds: Option<f64>,
    /// The master.
    #[serde(default)]
    pub master_info: Option<MasterInfo>,
}

/// An agent was lost, or an executor on it ended.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Failure {
    /// Where.
    #[serde(default)]
    pub agent_id: Option<AgentId>,
    /// The executor; none: the whole agent.
    #[serde(default)]
    pub executor_id: Option<super::ExecutorId>,
    /// The executor's exit status.
    #[serde(default)]
    pub status: Option<i64>,
}

/// An event as it lies on the wire: a type, and the field of that type.
#[derive(Deserialize)]
struct Raw {
    #[serde(rename = "type", default)]
    kind: String,
    subscribed: Option<Subscribed>,
    offers: Option<RawOffers>,
    rescind: Option<RawRescind>,
    update: Option<RawUpdate>,
    failure: Option<Failure>,
    error: Option<RawError>,
}

#[derive(Deserialize)]
struct RawOffers {
    #[serde(default)]
    offers: Vec<Offer>,
}

#[derive(Deserialize)]
struct RawRescind {
    offer_id: OfferId,
}

#[derive(Deserialize)]
struct RawUpdate {
    status: TaskStatus,
}

#[derive(Deserialize)]
struct RawError {
    #[serde(default)]
    message: String,
}

impl TryFrom<Raw> for Event {
    type Error = String;

    fn try_from(raw: Raw) -> Result<Self, String> {
        let missing = || format!("an event {} without its body", raw.kind);
        Ok(match raw.kind.as_str() {
            "SUBSCRIBED" => Self::Subscribed(raw.subscribed.ok_or_else(missing)?),
            "OFFERS" => Self::Offers(raw.offers.ok_or_else(missing)?.offers),
            "RESCIND" => Self::Rescind(raw.rescind.ok_or_else(missing)?.offer_id),
            "UPDATE" => Self::Update(Box::new(raw.update.ok_or_else(missing)?.status)),
            "FAILURE" => Self::Failure(raw.failure.ok_or_else(missing)?),
            "ERROR" => Self::Error(raw.error.ok_or_else(missing)?.message),
            "HEARTBEAT" => Self::Heartbeat,
            _ => Self::Other(raw.kind),
        })
    }
}
