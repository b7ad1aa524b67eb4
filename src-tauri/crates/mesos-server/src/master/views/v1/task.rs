//! A task in the v1 API.

use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::{
    master::state::{Shown, Task},
    resources::{Format, Listed},
    views::TaskV1,
    wire::Id,
};

/// A task.
pub struct TaskView<'a> {
    /// It.
    pub task: &'a Task,
    /// Whose.
    pub framework: &'a Id,
}

impl Serialize for TaskView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let task = self.task;
        TaskV1 {
            name: &task.name,
            task_id: &task.id,
            framework_id: self.framework,
            executor_id: task.executor.as_ref(),
            agent_id: &task.agent,
            state: task.state,
            resources: Listed(&task.resources, Format::used(&task.role)),
            statuses: &task.statuses,
            status_update_state: task.update.map(|(state, _)| state),
            status_update_uuid: task.update.map(|(_, uuid)| uuid),
            labels: task.labels.as_ref(),
            discovery: task.discovery.as_deref(),
            container: task.container.as_deref(),
            health_check: task.health_check.as_deref(),
        }
        .serialize(serializer)
    }
}

/// The same as it is kept.
pub fn kept<'a>(task: &'a Shown<Task>, framework: &'a Id) -> &'a RawValue {
    task.v1(|| TaskView { task, framework })
}
