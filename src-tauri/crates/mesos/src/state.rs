//! `/state` of a master: everything it knows, in one answer. All its numbers are floats.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::v1::{TaskState, TaskStatus};

/// `/state`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct State {
    /// Mesos's version.
    pub version: String,
    /// This master's id.
    pub id: String,
    /// This master's host name.
    pub hostname: String,
    /// Where it listens, `master@10.0.0.1:5050`.
    pub pid: String,
    /// The leader's pid.
    pub leader: Option<String>,
    /// The cluster's name.
    pub cluster: Option<String>,
    /// Since when it leads, seconds since 1970.
    pub elected_time: Option<f64>,
    /// Agents that get offers out.
    pub activated_slaves: f64,
    /// Agents that do not answer, or were deactivated.
    pub deactivated_slaves: f64,
    /// Agents that were given up.
    pub unreachable_slaves: f64,
    /// The flags that it was started with.
    pub flags: BTreeMap<String, String>,
    /// The agents.
    pub slaves: Vec<Agent>,
    /// Agents known from before the change of leader that have not come back yet.
    pub recovered_slaves: Vec<Agent>,
    /// The frameworks.
    pub frameworks: Vec<Framework>,
    /// Frameworks that ended.
    pub completed_frameworks: Vec<Framework>,
    /// Tasks of frameworks that it does not know.
    pub orphan_tasks: Vec<Task>,
}

/// An agent.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Agent {
    /// Its id.
    pub id: String,
    /// Its host name.
    pub hostname: String,
    /// Its port.
    pub port: f64,
    /// Its attributes: texts and numbers.
    pub attributes: BTreeMap<String, Value>,
    /// Where it listens, `slave(1)@10.0.0.5:5051`.
    pub pid: String,
    /// Since when it is known, seconds since 1970.
    pub registered_time: Option<f64>,
    /// When it came back, seconds since 1970.
    pub reregistered_time: Option<f64>,
    /// All that it has.
    pub resources: Resources,
    /// What is in use.
    pub used_resources: Resources,
    /// What is offered to somebody right now.
    pub offered_resources: Resources,
    /// The master sends offers of it.
    pub active: bool,
    /// An operator deactivated it, or drains it.
    pub deactivated: bool,
    /// Its version.
    pub version: String,
    /// How its draining goes; as it came.
    pub drain_info: Option<Value>,
}

impl Agent {
    /// Its attributes as people write them, by name.
    pub fn rendered_attributes(&self) -> Vec<(String, String)> {
        let render = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        self.attributes.iter().map(|(name, value)| (name.clone(), render(value))).collect()
    }
}

/// Amounts of resources.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Resources {
    /// Processors.
    pub cpus: f64,
    /// Memory, MiB.
    pub mem: f64,
    /// Disk, MiB.
    pub disk: f64,
    /// Graphics processors.
    pub gpus: f64,
    /// Ports, such as `[31000-31009, 31020-31100]`; missing where there are none.
    pub ports: Option<String>,
}

/// A framework.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Framework {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Where it runs.
    pub hostname: String,
    /// Where people can look at it.
    pub webui_url: Option<String>,
    /// It gets offers.
    pub active: bool,
    /// Its stream is open.
    pub connected: bool,
    /// Known from agents only: it has not subscribed with this leader yet.
    pub recovered: bool,
    /// How long its tasks are kept while it is away, seconds.
    pub failover_timeout: f64,
    /// Its roles.
    pub roles: Vec<String>,
    /// What it uses.
    pub used_resources: Resources,
    /// What it is offered.
    pub offered_resources: Resources,
    /// Its tasks.
    pub tasks: Vec<Task>,
    /// Its tasks on agents that do not answer.
    pub unreachable_tasks: Vec<Task>,
    /// Its tasks that ended.
    pub completed_tasks: Vec<Task>,
}

/// A task.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Task {
    /// Its id.
    pub id: String,
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// Whose it is.
    #[serde(default)]
    pub framework_id: String,
    /// Its executor; empty for a plain command.
    #[serde(default)]
    pub executor_id: String,
    /// Where.
    #[serde(default)]
    pub slave_id: String,
    /// Where it stands.
    pub state: TaskState,
    /// What it uses.
    #[serde(default)]
    pub resources: Resources,
    /// The role that it runs for.
    #[serde(default)]
    pub role: Option<String>,
    /// What was heard of it, oldest first.
    #[serde(default)]
    pub statuses: Vec<Status>,
    /// Its labels.
    #[serde(default)]
    pub labels: Vec<crate::v1::Label>,
}

impl Task {
    /// What its health check said last; none without one.
    pub fn healthy(&self) -> Option<bool> {
        self.statuses.last().and_then(|status| status.healthy)
    }
}

/// A task's status in `/state`: like [`TaskStatus`], without the task's id.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Status {
    /// Where the task stood.
    pub state: TaskState,
    /// When, seconds since 1970.
    #[serde(default)]
    pub timestamp: f64,
    /// What its health check said.
    #[serde(default)]
    pub healthy: Option<bool>,
}

impl From<&TaskStatus> for Status {
    fn from(status: &TaskStatus) -> Self {
        Self { state: status.state, timestamp: status.timestamp.unwrap_or_default(), healthy: status.healthy }
    }
}

/// `/state-summary`: agents and frameworks with counts, without the tasks.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Summary {
    /// This master's host name.
    pub hostname: String,
    /// The cluster's name.
    pub cluster: Option<String>,
    /// The agents.
    pub slaves: Vec<AgentSummary>,
    /// The frameworks.
    pub frameworks: Vec<FrameworkSummary>,
}

/// An agent with its counts.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct AgentSummary {
    /// The agent.
    #[serde(flatten)]
    pub agent: Agent,
    /// Its tasks, counted.
    #[serde(flatten)]
    pub counts: Counts,
    /// The frameworks on it.
    pub framework_ids: Vec<String>,
}

/// A framework with its counts.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct FrameworkSummary {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// It gets offers.
    pub active: bool,
    /// Its stream is open.
    pub connected: bool,
    /// Its tasks, counted.
    #[serde(flatten)]
    pub counts: Counts,
    /// The agents that it is on.
    pub slave_ids: Vec<String>,
}

/// Tasks, counted by where they stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Counts {
    /// On their way.
    #[serde(rename = "TASK_STAGING")]
    pub staging: f64,
    /// Starting.
    #[serde(rename = "TASK_STARTING")]
    pub starting: f64,
    /// Running.
    #[serde(rename = "TASK_RUNNING")]
    pub running: f64,
    /// Failed.
    #[serde(rename = "TASK_FAILED")]
    pub failed: f64,
    /// Lost.
    #[serde(rename = "TASK_LOST")]
    pub lost: f64,
    /// On agents that do not answer.
    #[serde(rename = "TASK_UNREACHABLE")]
    pub unreachable: f64,
}
