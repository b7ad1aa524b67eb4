//! A task in the endpoints of old.

use serde_json::value::RawValue;

use crate::{
    master::state::{Shown, Task},
    resources::Summary,
    views::TaskV0,
    wire::{Id, status::StatusV0},
};

/// A framework's task.
pub fn task<'a>(task: &'a Task, framework: &'a Id) -> TaskV0<'a> {
    TaskV0 {
        id: task.id.as_str(),
        name: &task.name,
        framework_id: framework.as_str(),
        executor_id: task.executor.as_ref().map(Id::as_str).unwrap_or_default(),
        slave_id: task.agent.as_str(),
        state: task.state,
        resources: Summary(&task.resources),
        role: &task.role,
        statuses: task.statuses.iter().map(StatusV0::from).collect(),
        labels: task.labels.as_ref().map(|l| l.labels.as_slice()),
        discovery: task.discovery.as_deref(),
        container: task.container.as_deref(),
        health_check: task.health_check.as_deref(),
    }
}

/// The same as it is kept.
pub fn kept<'a>(one: &'a Shown<Task>, framework: &'a Id) -> &'a RawValue {
    one.v0(|| task(one, framework))
}
