//! Tasks as `GET /v2/tasks` gives them.

use serde::{Deserialize, Serialize};

/// `GET /v2/tasks` and `GET /v2/apps/{id}/tasks`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TaskList {
    /// The tasks.
    pub tasks: Vec<Task>,
}

/// A task. Source: `types/task.raml`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Task {
    /// Its id.
    pub id: String,
    /// The application's id.
    #[serde(default)]
    pub app_id: String,
    /// Mesos's state, such as `TASK_RUNNING`.
    #[serde(default)]
    pub state: String,
    /// The agent's host name.
    #[serde(default)]
    pub host: String,
    /// The agent's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slave_id: Option<String>,
    /// Its ports on the agent.
    #[serde(default)]
    pub ports: Vec<u16>,
    /// The ports for load balancers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub service_ports: Vec<u16>,
    /// Its addresses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ip_addresses: Vec<IpAddress>,
    /// When it was started, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub staged_at: Option<String>,
    /// When it ran for the first time, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<String>,
    /// The version of the application that it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// What its health checks say; empty without checks or before the first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub health_check_results: Vec<HealthResult>,
    /// What its check found, as it came: `{"http": {"statusCode": 200}}` or the like.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check_result: Option<serde_json::Value>,
    /// The agent's region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The agent's zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// The Mesos role it runs under.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
}

impl Task {
    /// Whether it is well: all checks succeed, or (`None`) there is no result yet.
    pub fn healthy(&self) -> Option<bool> {
        if self.health_check_results.is_empty() {
            return None;
        }
        Some(self.health_check_results.iter().all(|r| r.alive))
    }
}

/// An address of a task.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IpAddress {
    /// The address.
    pub ip_address: String,
    /// `IPv4` or `IPv6`.
    #[serde(default)]
    pub protocol: String,
}

/// What one health check says of a task.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HealthResult {
    /// The last check succeeded, or too few failed.
    pub alive: bool,
    /// Failures in a row.
    #[serde(default)]
    pub consecutive_failures: u32,
    /// When it succeeded for the first time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_success: Option<String>,
    /// When it succeeded last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_success: Option<String>,
    /// When it failed last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_failure: Option<String>,
    /// Why it failed last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_failure_cause: Option<String>,
    /// The instance.
    #[serde(default, alias = "taskId")]
    pub instance_id: String,
}
