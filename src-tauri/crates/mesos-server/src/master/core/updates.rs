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
        self.state.counts.more("messages_status_update");
        if !self.state.frameworks.contains_key(framework_id) {
            // Nobody will ever acknowledge it: the framework is gone.
            if let Some(uuid) = status.uuid {
                let (framework, task) = (framework_id.clone(), status.task_id);
                self.tell_agent(agent_id, ToAgent::Acknowledge { framework, task, uuid });
            }
            self.state.counts.more("invalid_status_updates");
            return;
        }
        self.state.counts.more("valid_status_updates");
        let known = self.state.framework_mut(framework_id).and_then(|f| f.task_mut(&status.task_id));
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
        let Some(task) = self.state.framework_mut(framework_id).and_then(|f| f.task_mut(task_id)) else { return };
        let ends = state.is_terminal() && !task.state.is_terminal();
        task.state = state;
        if !ends {
            return;
        }
        let (agent, role, resources) = (task.agent.clone(), task.role.to_string(), task.resources.clone());
        *self.state.counts.terminal.entry(state).or_default() += 1;
        self.release(framework_id, &agent, &role, &resources);
    }

    /// Sends a status to its framework, if that is there.
    pub(super) fn tell_framework(&mut self, framework_id: &Id, status: &TaskStatus) {
        if self.streams.contains_key(framework_id) {
            self.tell(framework_id, "events/update", recordio::event("UPDATE", "update", &Update { status }));
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
        self.state.counts.more("messages_status_update_acknowledgement");
        let Some(uuid) = ack.uuid() else { return };
        if !self.state.agents.contains_key(&ack.agent_id) {
            self.state.counts.more("invalid_status_update_acknowledgements");
            return;
        }
        let (framework, task) = (framework_id.clone(), ack.task_id.clone());
        self.tell_agent(&ack.agent_id, ToAgent::Acknowledge { framework, task, uuid });
        self.state.counts.more("valid_status_update_acknowledgements");
        let task = self.state.frameworks.get(framework_id).and_then(|f| f.tasks.get(&ack.task_id));
        if task.is_some_and(|t| t.state.is_terminal() && t.update.is_some_and(|(_, last)| last == uuid)) {
            self.remove_task(framework_id, &ack.task_id);
        }
    }

    /// A task leaves the list of those that run; it must have ended.
    pub(super) fn remove_task(&mut self, framework_id: &Id, task_id: &Id) {
        let most = self.state.flags.max_completed_tasks;
        let Some(framework) = self.state.framework_mut(framework_id) else { return };
        let Some(task) = framework.tasks.remove(task_id) else { return };
        let agent = task.agent.clone();
        framework.completed(task, most);
        self.forget_on_agent(&agent, framework_id, task_id);
    }

    pub(super) fn forget_on_agent(&mut self, of: &Id, framework: &Id, task: &Id) {
        let of = of.clone();
        if let Some(agent) = self.state.agent_mut(&of) {
            agent.tasks.remove(&(framework.clone(), task.clone()));
            let empty = agent.tasks.is_empty();
            if empty && !self.state.out_of_service.is_empty() {
                self.end_drain(&of);
            }
        }
    }
}
