//! A task, as masters and agents show it.

use serde::Serialize;

use crate::{
    resources::{Listed, Summary},
    wire::{
        HealthCheck, Id, Labels, TaskState, TaskStatus, Uuid,
        status::StatusV0,
        task::{DiscoveryInfo, Label},
    },
};

/// As the endpoints of old show it.
#[derive(Serialize)]
#[allow(missing_docs)]
pub struct TaskV0<'a> {
    pub id: &'a str,
    pub name: &'a str,
    pub framework_id: &'a str,
    pub executor_id: &'a str,
    pub slave_id: &'a str,
    pub state: TaskState,
    pub resources: Summary<'a>,
    pub role: &'a str,
    pub statuses: Vec<StatusV0<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labels: Option<&'a [Label]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discovery: Option<&'a DiscoveryInfo>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container: Option<&'a serde_json::Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub health_check: Option<&'a HealthCheck>,
}

/// As the v1 API shows it.
#[derive(Serialize)]
#[allow(missing_docs)]
pub struct TaskV1<'a> {
    pub name: &'a str,
    pub task_id: &'a Id,
    pub framework_id: &'a Id,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub executor_id: Option<&'a Id>,
    pub agent_id: &'a Id,
    pub state: TaskState,
    pub resources: Listed<'a>,
    #[serde(skip_serializing_if = "<[TaskStatus]>::is_empty")]
    pub statuses: &'a [TaskStatus],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_update_state: Option<TaskState>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_update_uuid: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labels: Option<&'a Labels>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discovery: Option<&'a DiscoveryInfo>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container: Option<&'a serde_json::Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub health_check: Option<&'a HealthCheck>,
}
