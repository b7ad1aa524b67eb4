//! How tasks ended: the picture shows only those that live, so it is kept aside for whoever tells their story.

use std::collections::HashMap;

use mesos::{
    state::State,
    v1::{TaskState, operator::TaskUpdated},
};

/// How a task ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    /// Its last state.
    pub state: TaskState,
    /// Why, in Mesos's or the executor's words; may be empty.
    pub message: String,
}

/// How tasks ended, by their ids, as far as it was heard.
#[derive(Clone, Debug, Default)]
pub struct Endings(HashMap<String, Ending>);

impl Endings {
    /// How that task ended.
    pub fn of(&self, task: &str) -> Option<&Ending> {
        self.0.get(task)
    }

    /// Takes an event; only ends are kept.
    pub fn hear(&mut self, update: &TaskUpdated) {
        if update.state.is_terminal() {
            let message = words::plain(update.status.message.as_deref().unwrap_or_default());
            let message = message.trim().to_owned();
            self.0.insert(update.status.task_id.value.clone(), Ending { state: update.state, message });
        }
    }

    /// Takes those of `/state`; what an event said is more than what is said here, and stays.
    pub fn read(&mut self, state: &State) {
        for task in state.frameworks.iter().flat_map(|f| f.completed_tasks.iter().chain(&f.tasks)) {
            if task.state.is_terminal() && !self.0.contains_key(&task.id) {
                self.0.insert(task.id.clone(), Ending { state: task.state, message: String::new() });
            }
        }
    }
}
