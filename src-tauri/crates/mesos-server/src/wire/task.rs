//! What a framework wants to run.

use serde::{Deserialize, Serialize};

use super::{Id, Nanoseconds};
use crate::resources::Resources;

/// Free labels.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Labels {
    /// In their order.
    #[serde(default)]
    pub labels: Vec<Label>,
}

/// A label.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Label {
    /// Its name.
    pub key: String,
    /// Its value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

/// A task as a framework launches it.
#[derive(Clone, Debug, Deserialize)]
pub struct TaskInfo {
    /// Its name.
    pub name: String,
    /// Its id.
    pub task_id: Id,
    /// Where it is to run.
    pub agent_id: Id,
    /// What it needs.
    #[serde(default)]
    pub resources: Resources,
    /// What executes it, if not the agent's own command executor.
    pub executor: Option<Box<ExecutorInfo>>,
    /// What to execute.
    pub command: Option<CommandInfo>,
    /// In which kind of container.
    pub container: Option<Box<serde_json::Value>>,
    /// How to know whether it is well.
    pub health_check: Option<Box<HealthCheck>>,
    /// How to kill it.
    pub kill_policy: Option<KillPolicy>,
    /// Free labels.
    pub labels: Option<Labels>,
    /// How to find it.
    pub discovery: Option<Box<DiscoveryInfo>>,
}

/// An executor as a framework describes it.
#[derive(Clone, Debug, Deserialize)]
pub struct ExecutorInfo {
    /// `DEFAULT` or `CUSTOM`.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// Its id.
    pub executor_id: Id,
    /// What to execute.
    pub command: Option<CommandInfo>,
    /// What it needs for itself.
    #[serde(default)]
    pub resources: Resources,
    /// Its name.
    #[serde(default)]
    pub name: String,
}

/// Something to execute.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct CommandInfo {
    /// Whether `value` is a line for the shell; it is unless said otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shell: Option<bool>,
    /// The line, or the program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// The program's argv, its name included.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub arguments: Vec<String>,
    /// Its environment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<Environment>,
    /// Who runs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
}

/// An environment.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Environment {
    /// In their order.
    #[serde(default)]
    pub variables: Vec<Variable>,
}

/// A variable of an environment.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Its value; a secret has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

/// How to know whether a task is well.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct HealthCheck {
    /// Seconds before the first check.
    #[serde(default = "HealthCheck::delay")]
    pub delay_seconds: f64,
    /// Seconds between checks.
    #[serde(default = "HealthCheck::interval")]
    pub interval_seconds: f64,
    /// Seconds that a check may take.
    #[serde(default = "HealthCheck::timeout")]
    pub timeout_seconds: f64,
    /// So many failures in a row kill the task.
    #[serde(default = "HealthCheck::failures")]
    pub consecutive_failures: u32,
    /// Seconds after the start in which failures don't count.
    #[serde(default = "HealthCheck::grace")]
    pub grace_period_seconds: f64,
    /// `HTTP`, `TCP` or `COMMAND`.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// For `COMMAND`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<CommandInfo>,
    /// For `HTTP`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http: Option<HttpCheck>,
    /// For `TCP`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tcp: Option<TcpCheck>,
}

impl HealthCheck {
    fn delay() -> f64 {
        15.0
    }
    fn interval() -> f64 {
        10.0
    }
    fn timeout() -> f64 {
        20.0
    }
    fn failures() -> u32 {
        3
    }
    fn grace() -> f64 {
        10.0
    }
}

/// A check by HTTP: 200 to 399 is well.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct HttpCheck {
    /// `http` or `https`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheme: Option<String>,
    /// The port on the machine.
    pub port: u16,
    /// The path; `/` if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Statuses that are well, if not the usual ones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub statuses: Vec<u16>,
}

/// A check by connecting.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TcpCheck {
    /// The port on the machine.
    pub port: u16,
}

/// How to kill.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct KillPolicy {
    /// From SIGTERM to SIGKILL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grace_period: Option<Nanoseconds>,
}

/// How to find a task.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct DiscoveryInfo {
    #[serde(default = "DiscoveryInfo::visibility")]
    pub visibility: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ports: Option<Ports>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labels: Option<Labels>,
}

impl DiscoveryInfo {
    fn visibility() -> String {
        "FRAMEWORK".into()
    }
}

/// The ports of a task.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Ports {
    /// In their order.
    #[serde(default)]
    pub ports: Vec<Port>,
}

/// A port of a task.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Port {
    pub number: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protocol: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visibility: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labels: Option<Labels>,
}
