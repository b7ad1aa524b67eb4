//! What a framework is told when it asks how its tasks are.

use super::Core;
use crate::{
    master::state::Task,
    wire::{Id, TaskState, TaskStatus, call::ReconcileTask},
};

impl Core {
    /// Answers about some tasks, or about all if none is named.
    pub(super) fn reconcile(&mut self, framework_id: &Id, asked: &[ReconcileTask]) {
        self.state.counts.more("messages_reconcile_tasks");
        let Some(framework) = self.state.frameworks.get(framework_id) else { return };
        let answers: Vec<TaskStatus> = if asked.is_empty() {
            framework.tasks.values().map(|task| self.latest(task)).collect()
        } else {
            asked.iter().filter_map(|task| self.reconcile_one(framework_id, task)).collect()
        };
        for status in answers {
            self.tell_framework(framework_id, &status);
        }
    }

    fn reconcile_one(&self, framework_id: &Id, asked: &ReconcileTask) -> Option<TaskStatus> {
        let framework = self.state.frameworks.get(framework_id)?;
        let found = framework.tasks.get(&asked.task_id).or_else(|| framework.unreachable_tasks.get(&asked.task_id));
        if let Some(task) = found {
            return Some(self.latest(task));
        }
        let (precise, text) = match &asked.agent_id {
            // It may be on an agent that has not come back yet: no answer is better than a wrong one.
            Some(agent) if self.state.recovered.contains_key(agent) => return None,
            None if !self.state.recovered.is_empty() => return None,
            Some(agent) if self.state.agents.contains_key(agent) => {
                (TaskState::TaskGone, "Reconciliation: Task is unknown to the agent")
            }
            Some(agent) if self.state.unreachable.contains_key(agent) => {
                (TaskState::TaskUnreachable, "Reconciliation: Task is unreachable")
            }
            _ => (TaskState::TaskUnknown, "Reconciliation: Task is unknown"),
        };
        let state = framework.state(precise);
        let mut status = self.said_by_master(&asked.task_id, state, text, "REASON_RECONCILIATION");
        status.agent_id = asked.agent_id.clone();
        Some(status)
    }

    fn latest(&self, task: &Task) -> TaskStatus {
        let mut status =
            self.said_by_master(&task.id, task.state, "Reconciliation: Latest task state", "REASON_RECONCILIATION");
        status.agent_id = Some(task.agent.clone());
        status.executor_id = task.executor.clone();
        if let Some(last) = task.statuses.last() {
            status.healthy = last.healthy;
            status.check_status = last.check_status.clone();
            status.container_status = last.container_status.clone();
            status.unreachable_time = last.unreachable_time;
        }
        status
    }
}
