//! Applications as `GET /v2/apps` gives them.

use serde::{Deserialize, Serialize};

use crate::{AppDefinition, Task};

/// `GET /v2/apps`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AppList {
    /// The applications.
    pub apps: Vec<AppInfo>,
}

/// `GET /v2/apps/{id}`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AppAnswer {
    /// The application.
    pub app: AppInfo,
}

/// An application and how it is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AppInfo {
    /// Its definition, as Marathon completed it.
    #[serde(flatten)]
    pub definition: AppDefinition,
    /// Tasks that were started but don't run yet.
    #[serde(default)]
    pub tasks_staged: u32,
    /// Tasks that run.
    #[serde(default)]
    pub tasks_running: u32,
    /// Tasks whose health checks succeed.
    #[serde(default)]
    pub tasks_healthy: u32,
    /// Tasks whose health checks fail.
    #[serde(default)]
    pub tasks_unhealthy: u32,
    /// Deployments that are changing it.
    #[serde(default)]
    pub deployments: Vec<Identifiable>,
    /// Its tasks, where they were asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tasks: Option<Vec<Task>>,
    /// How its last task failed, if one did and it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_task_failure: Option<TaskFailure>,
}

/// Something that has an id.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identifiable {
    /// Its id.
    pub id: String,
}

/// How a task failed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TaskFailure {
    /// The application's id.
    pub app_id: String,
    /// The task's id.
    pub task_id: String,
    /// Where it ran.
    #[serde(default)]
    pub host: String,
    /// Why, in Mesos's words.
    #[serde(default)]
    pub message: String,
    /// Mesos's state, such as `TASK_FAILED`.
    pub state: String,
    /// When, ISO 8601.
    #[serde(default)]
    pub timestamp: String,
    /// The version of the application.
    #[serde(default)]
    pub version: String,
    /// The agent's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slave_id: Option<String>,
}
