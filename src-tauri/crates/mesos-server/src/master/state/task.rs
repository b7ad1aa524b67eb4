//! A task as a master keeps it.

use std::sync::Arc;

use crate::{
    resources::Resources,
    wire::{HealthCheck, Id, Labels, TaskInfo, TaskState, TaskStatus, Uuid, task::DiscoveryInfo},
};

/// A task as a master keeps it.
#[derive(Clone, Debug)]
pub struct Task {
    pub id: Id,
    pub name: Box<str>,
    pub agent: Id,
    /// Of an executor of the framework's own; the command executor is none.
    pub executor: Option<Id>,
    pub role: Arc<str>,
    pub state: TaskState,
    pub resources: Resources,
    /// The last status of each state, in the order in which they came.
    pub statuses: Vec<TaskStatus>,
    /// The status that the framework has not acknowledged yet, or acknowledged last.
    pub update: Option<(TaskState, Uuid)>,
    pub labels: Option<Labels>,
    pub discovery: Option<Box<DiscoveryInfo>>,
    pub container: Option<Box<serde_json::Value>>,
    pub health_check: Option<Box<HealthCheck>>,
}

impl Task {
    /// A task that has just been launched.
    pub fn new(info: &TaskInfo, executor: Option<Id>, role: Arc<str>) -> Self {
        Self {
            id: info.task_id.clone(),
            name: info.name.as_str().into(),
            agent: info.agent_id.clone(),
            executor,
            role,
            state: TaskState::TaskStaging,
            resources: info.resources.clone(),
            statuses: Vec::new(),
            update: None,
            labels: info.labels.clone(),
            discovery: info.discovery.clone(),
            container: info.container.clone(),
            health_check: info.health_check.clone(),
        }
    }

    /// Notes a status; of each state only the last is kept.
    pub fn note(&mut self, status: TaskStatus) {
        self.statuses.retain(|s| s.state != status.state);
        self.statuses.push(status);
    }
}
