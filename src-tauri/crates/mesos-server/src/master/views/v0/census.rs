//! How many tasks are in which state.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use crate::{
    master::state::{Shown, Task},
    wire::TaskState,
};

/// How many tasks are in which state.
#[derive(Default)]
pub struct Census(pub BTreeMap<TaskState, u64>);

impl Census {
    /// Of these.
    pub fn count<'a>(states: impl Iterator<Item = &'a Shown<Task>>) -> Self {
        let mut census = Self::default();
        states.for_each(|task| *census.0.entry(task.state).or_default() += 1);
        census
    }
}

impl Serialize for Census {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let all = TaskState::COUNTED.into_iter();
        serializer.collect_map(all.map(|state| (state.name(), self.0.get(&state).copied().unwrap_or_default())))
    }
}
