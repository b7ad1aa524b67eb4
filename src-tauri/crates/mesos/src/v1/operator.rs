//! Answers and events of the v1 operator API (`/api/v1` of a master).

use serde::Deserialize;

use super::{
    AgentId, Attribute, ExecutorId, FrameworkId, FrameworkInfo, Labels, Resource, TaskId, TaskState, TaskStatus,
};

/// A point in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct TimeInfo {
    /// Nanoseconds since 1970.
    pub nanoseconds: i64,
}

/// An agent.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Agent {
    /// What it says of itself.
    pub agent_info: AgentInfo,
    /// The master sends offers of it.
    #[serde(default)]
    pub active: bool,
    /// An operator deactivated it, or drains it.
    #[serde(default)]
    pub deactivated: bool,
    /// Its version.
    #[serde(default)]
    pub version: String,
    /// Where it listens, `slave(1)@10.0.0.5:5051`.
    #[serde(default)]
    pub pid: Option<String>,
    /// Since when it is known.
    #[serde(default)]
    pub registered_time: Option<TimeInfo>,
    /// All that it has.
    #[serde(default)]
    pub total_resources: Vec<Resource>,
    /// What is in use.
    #[serde(default)]
    pub allocated_resources: Vec<Resource>,
    /// What is offered to somebody right now.
    #[serde(default)]
    pub offered_resources: Vec<Resource>,
    /// How its draining goes; as it came.
    #[serde(default)]
    pub drain_info: Option<serde_json::Value>,
}

/// What an agent says of itself.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct AgentInfo {
    /// Its host name.
    pub hostname: String,
    /// Its port.
    #[serde(default)]
    pub port: Option<u16>,
    /// Its id.
    #[serde(default)]
    pub id: Option<AgentId>,
    /// Its attributes.
    #[serde(default)]
    pub attributes: Vec<Attribute>,
    /// What it has.
    #[serde(default)]
    pub resources: Vec<Resource>,
}

/// The agents.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Agents {
    /// Those that registered with this leader.
    #[serde(default)]
    pub agents: Vec<Agent>,
    /// Those that are known from before the change of leader and have not come back yet.
    #[serde(default)]
    pub recovered_agents: Vec<AgentInfo>,
}

/// A framework.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Framework {
    /// How it introduced itself.
    pub framework_info: FrameworkInfo,
    /// It gets offers.
    #[serde(default)]
    pub active: bool,
    /// Its stream is open.
    #[serde(default)]
    pub connected: bool,
    /// Known from an agent's tasks only: it has not subscribed with this leader yet.
    #[serde(default)]
    pub recovered: bool,
}

/// The frameworks.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Frameworks {
    /// Those of now.
    #[serde(default)]
    pub frameworks: Vec<Framework>,
    /// Those that ended.
    #[serde(default)]
    pub completed_frameworks: Vec<Framework>,
}

/// A task.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Task {
    /// Its name.
    pub name: String,
    /// Its id.
    pub task_id: TaskId,
    /// Whose it is.
    pub framework_id: FrameworkId,
    /// Its executor, if of its own.
    #[serde(default)]
    pub executor_id: Option<ExecutorId>,
    /// Where.
    pub agent_id: AgentId,
    /// Where it stands.
    pub state: TaskState,
    /// What it uses.
    #[serde(default)]
    pub resources: Vec<Resource>,
    /// What was heard of it, oldest first.
    #[serde(default)]
    pub statuses: Vec<TaskStatus>,
    /// Its labels.
    #[serde(default)]
    pub labels: Option<Labels>,
}

/// The tasks.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Tasks {
    /// Those that are alive.
    #[serde(default)]
    pub tasks: Vec<Task>,
    /// Those whose agent does not answer.
    #[serde(default)]
    pub unreachable_tasks: Vec<Task>,
    /// Those that ended.
    #[serde(default)]
    pub completed_tasks: Vec<Task>,
    /// Those of frameworks that the master does not know.
    #[serde(default)]
    pub orphan_tasks: Vec<Task>,
}

/// All of it, as `SUBSCRIBED` brings it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct GetState {
    /// Agents.
    #[serde(default)]
    pub get_agents: Agents,
    /// Frameworks.
    #[serde(default)]
    pub get_frameworks: Frameworks,
    /// Tasks.
    #[serde(default)]
    pub get_tasks: Tasks,
}

/// What the operator stream tells. It does not tell everything: an agent that is killed is only seen through its
/// tasks, so read [`/state`](crate::operator::Client::state) now and then.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "Raw")]
pub enum Event {
    /// The stream is open; the cluster as it is.
    Subscribed(Box<Subscribed>),
    /// A task was launched.
    TaskAdded(Box<Task>),
    /// A task changed.
    TaskUpdated(Box<TaskUpdated>),
    /// An agent registered, or came back.
    AgentAdded(Box<Agent>),
    /// An agent was removed.
    AgentRemoved(AgentId),
    /// A framework subscribed.
    FrameworkAdded(Box<Framework>),
    /// A framework came back, or went away.
    FrameworkUpdated(Box<Framework>),
    /// A framework ended.
    FrameworkRemoved(Box<FrameworkInfo>),
    /// The stream lives.
    Heartbeat,
    /// One that this program does not know; its `type`.
    Other(String),
}

/// The stream is open.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Subscribed {
    /// The cluster as it is.
    #[serde(default)]
    pub get_state: GetState,
    /// From one heartbeat to the next, seconds.
    #[serde(default)]
    pub heartbeat_interval_seconds: Option<f64>,
}

/// A task changed.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct TaskUpdated {
    /// Whose it is.
    pub framework_id: FrameworkId,
    /// The news.
    pub status: TaskStatus,
    /// Where the task stands now.
    pub state: TaskState,
}

#[derive(Deserialize)]
struct Raw {
    #[serde(rename = "type", default)]
    kind: String,
    subscribed: Option<Subscribed>,
    task_added: Option<RawTask>,
    task_updated: Option<TaskUpdated>,
    agent_added: Option<RawAgent>,
    agent_removed: Option<RawAgentId>,
    framework_added: Option<RawFramework>,
    framework_updated: Option<RawFramework>,
    framework_removed: Option<RawFrameworkInfo>,
}

#[derive(Deserialize)]
struct RawTask {
    task: Task,
}

#[derive(Deserialize)]
struct RawAgent {
    agent: Agent,
}

#[derive(Deserialize)]
struct RawAgentId {
    agent_id: AgentId,
}

#[derive(Deserialize)]
struct RawFramework {
    framework: Framework,
}

#[derive(Deserialize)]
struct RawFrameworkInfo {
    framework_info: FrameworkInfo,
}

impl TryFrom<Raw> for Event {
    type Error = String;

    fn try_from(raw: Raw) -> Result<Self, String> {
        let missing = || format!("an event {} without its body", raw.kind);
        Ok(match raw.kind.as_str() {
            "SUBSCRIBED" => Self::Subscribed(Box::new(raw.subscribed.ok_or_else(missing)?)),
            "TASK_ADDED" => Self::TaskAdded(Box::new(raw.task_added.ok_or_else(missing)?.task)),
            "TASK_UPDATED" => Self::TaskUpdated(Box::new(raw.task_updated.ok_or_else(missing)?)),
            "AGENT_ADDED" => Self::AgentAdded(Box::new(raw.agent_added.ok_or_else(missing)?.agent)),
            "AGENT_REMOVED" => Self::AgentRemoved(raw.agent_removed.ok_or_else(missing)?.agent_id),
            "FRAMEWORK_ADDED" => Self::FrameworkAdded(Box::new(raw.framework_added.ok_or_else(missing)?.framework)),
            "FRAMEWORK_UPDATED" => {
                Self::FrameworkUpdated(Box::new(raw.framework_updated.ok_or_else(missing)?.framework))
            }
            "FRAMEWORK_REMOVED" => {
                Self::FrameworkRemoved(Box::new(raw.framework_removed.ok_or_else(missing)?.framework_info))
            }
            "HEARTBEAT" => Self::Heartbeat,
            _ => Self::Other(raw.kind),
        })
    }
}
