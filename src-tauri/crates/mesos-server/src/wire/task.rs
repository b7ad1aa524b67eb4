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
    /// Another kind of check, whose results only inform.
    pub check: Option<Box<serde_json::Value>>,
    /// How to kill it.
    pub kill_policy: Option<KillPolicy>,
    /// It is ended after so long.
    pub max_completion_time: Option<Nanoseconds>,
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

/// What is wrong with an id that a client chose.
pub fn id_fault(id: &str) -> Option<String> {
    const LONGEST: usize = 255;
    if id.is_empty() {
        return Some("ID must not be empty".into());
    }
    if id.len() > LONGEST {
        return Some(format!("ID must not be greater than {LONGEST} characters"));
    }
    if matches!(id, "." | "..") {
        return Some(format!("'{id}' is disallowed"));
    }
    id.contains(|c: char| c.is_ascii_control() || c == '/' || c == '\\')
        .then(|| format!("'{id}' contains invalid characters"))
}

/// What is wrong with a health check.
pub fn health_check_fault(check: &HealthCheck) -> Option<String> {
    let expecting = |field: &str, kind: &str| Some(format!("Expecting '{field}' to be set for {kind} health check"));
    match check.kind.as_deref() {
        None if check.command.is_some() != check.http.is_some() => {}
        None => return Some("HealthCheck must specify 'type'".into()),
        Some("COMMAND") => match &check.command {
            None => return expecting("command", "COMMAND"),
            Some(command) if command.value.is_none() => {
                let what = if command.shell.unwrap_or(true) { "'shell command'" } else { "'executable path'" };
                return Some(format!("Command health check must contain {what}"));
            }
            Some(_) => {}
        },
        Some("HTTP") => {
            let Some(http) = &check.http else { return expecting("http", "HTTP") };
            if let Some(scheme) = http.scheme.as_deref().filter(|scheme| !matches!(*scheme, "http" | "https")) {
                return Some(format!("Unsupported HTTP health check scheme: '{scheme}'"));
            }
            if let Some(path) = http.path.as_deref().filter(|path| !path.starts_with('/')) {
                return Some(format!("The path '{path}' of HTTP health check must start with '/'"));
            }
        }
        Some("TCP") if check.tcp.is_none() => return expecting("tcp", "TCP"),
        Some("TCP") => {}
        Some(other) => return Some(format!("'{other}' is not a valid health check type")),
    }
    let times = [
        ("delay_seconds", check.delay_seconds),
        ("grace_period_seconds", check.grace_period_seconds),
        ("interval_seconds", check.interval_seconds),
        ("timeout_seconds", check.timeout_seconds),
    ];
    times.iter().find(|(_, seconds)| *seconds < 0.0).map(|(field, _)| format!("Expecting '{field}' to be non-negative"))
}

/// What is wrong with a check.
pub fn check_fault(check: &serde_json::Value) -> Option<String> {
    let has = |field: &str| check.get(field).is_some();
    let kind = match check["type"].as_str() {
        None => return Some("CheckInfo must specify 'type'".into()),
        Some("UNKNOWN") => return Some("'UNKNOWN' is not a valid check type".into()),
        Some(kind) => kind,
    };
    let field = kind.to_ascii_lowercase();
    if !has(&field) {
        return Some(format!("Expecting '{field}' to be set for {kind} check"));
    }
    if kind == "COMMAND" && check["command"]["command"].get("value").is_none() {
        let shell = check["command"]["command"]["shell"].as_bool().unwrap_or(true);
        let what = if shell { "'shell command'" } else { "'executable path'" };
        return Some(format!("Command check must contain {what}"));
    }
    if let Some(path) = check["http"]["path"].as_str().filter(|path| kind == "HTTP" && !path.starts_with('/')) {
        return Some(format!("The path '{path}' of HTTP check must start with '/'"));
    }
    let times = ["delay_seconds", "interval_seconds", "timeout_seconds"];
    let negative = times.iter().find(|field| check[**field].as_f64().is_some_and(|seconds| seconds < 0.0));
    negative.map(|field| format!("Expecting '{field}' to be non-negative"))
}
