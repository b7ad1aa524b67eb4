//! Status updates: from agents to frameworks, and acknowledgements back.

use serde::Serialize;

use super::Core;
use crate::{
    links::ToAgent,
    wire::{Id, TaskState, TaskStatus, call::Acknowledge, recordio},
};

#[derive(Serialize)]
struct Update<'a> {
    status: &'a TaskStatus,
}

#[derive(Serialize)]
struct TaskUpdated<'a> {
    framework_id: &'a Id,
    status: &'a TaskStatus,
    state: TaskState,
}

impl Core {
    /// An agent reports a status.
    pub(super) fn status_update(&mut self, agent_id: &Id, framework_id: &Id, status: TaskStatus) {
        self.counts.more("messages_status_update");
        let Some(framework) = self.frameworks.get_mut(framework_id) else {
            // Nobody will ever acknowledge it: the framework is gone.
            if let (Some(agent), Some(uuid)) = (self.agents.get(agent_id), status.uuid) {
                agent.send(ToAgent::Acknowledge { framework: framework_id.clone(), task: status.task_id, uuid });
            }
            self.counts.more("invalid_status_updates");
            return;
        };
        self.counts.more("valid_status_updates");
        let known = framework.task_mut(&status.task_id);
        let seen = known.as_ref().is_some_and(|task| task.update.is_some_and(|(_, uuid)| Some(uuid) == status.uuid));
        if let Some(task) = known
            && !seen
        {
            task.update = status.uuid.map(|uuid| (status.state, uuid));
            task.note(status.clone());
            let place = "master.cpp:8491";
            self.log.info(
                place,
                &format!(
                    "Status update {} for task {} of framework {framework_id} from agent {agent_id}",
                    status.state.name(),
                    status.task_id
                ),
            );
            self.publish_update(framework_id, &status);
            self.end_task(framework_id, &status.task_id, status.state);
        }
        self.tell_framework(framework_id, &status);
    }

    /// A task has a new state; a terminal one sets its resources free.
    pub(super) fn end_task(&mut self, framework_id: &Id, task_id: &Id, state: TaskState) {
        let Some(task) = self.frameworks.get_mut(framework_id).and_then(|f| f.task_mut(task_id)) else { return };
        let ends = state.is_terminal() && !task.state.is_terminal();
        task.state = state;
        if !ends {
            return;
        }
        let (agent, role, resources) = (task.agent.clone(), task.role.to_string(), task.resources.clone());
        *self.counts.terminal.entry(state).or_default() += 1;
        self.release(framework_id, &agent, &role, &resources);
    }

    /// Sends a status to its framework, if that is there.
    pub(super) fn tell_framework(&mut self, framework_id: &Id, status: &TaskStatus) {
        if let Some(framework) = self.frameworks.get_mut(framework_id).filter(|f| f.is_connected()) {
            framework.send("events/update", recordio::event("UPDATE", "update", &Update { status }));
        }
    }

    /// Tells operators of a status.
    pub(super) fn publish_update(&mut self, framework_id: &Id, status: &TaskStatus) {
        self.publish(|_| {
            recordio::event("TASK_UPDATED", "task_updated", &TaskUpdated { framework_id, status, state: status.state })
        });
    }

    /// A framework has a status.
    pub(super) fn acknowledge(&mut self, framework_id: &Id, ack: &Acknowledge) {
        self.counts.more("messages_status_update_acknowledgement");
        let Some(uuid) = ack.uuid() else { return };
        let Some(agent) = self.agents.get(&ack.agent_id) else {
            self.counts.more("invalid_status_update_acknowledgements");
            return;
        };
        agent.send(ToAgent::Acknowledge { framework: framework_id.clone(), task: ack.task_id.clone(), uuid });
        self.counts.more("valid_status_update_acknowledgements");
        let task = self.frameworks.get(framework_id).and_then(|f| f.tasks.get(&ack.task_id));
        if task.is_some_and(|t| t.state.is_terminal() && t.update.is_some_and(|(_, last)| last == uuid)) {
            self.remove_task(framework_id, &ack.task_id);
        }
    }

    /// A task leaves the list of those that run; it must have ended.
    pub(super) fn remove_task(&mut self, framework_id: &Id, task_id: &Id) {
        let most = self.flags.max_completed_tasks;
        let Some(framework) = self.frameworks.get_mut(framework_id) else { return };
        let Some(task) = framework.tasks.remove(task_id) else { return };
        let agent = task.agent.clone();
        framework.completed(task, most);
        self.forget_on_agent(&agent, framework_id, task_id);
    }

    pub(super) fn forget_on_agent(&mut self, of: &Id, framework: &Id, task: &Id) {
        let of = of.clone();
        if let Some(agent) = self.agents.get_mut(&of) {
            agent.tasks.remove(&(framework.clone(), task.clone()));
            let empty = agent.tasks.is_empty();
            if empty && !self.out_of_service.is_empty() {
                self.end_drain(&of);
            }
        }
    }
}
