//! Agents that operators took out of service.

use serde::{Deserialize, Serialize};

use crate::wire::Nanoseconds;

/// An agent that gets no more tasks.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Deactivation {
    /// Its tasks have to end as well.
    pub drain: Option<Drain>,
}

/// How an agent is emptied.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Drain {
    /// Tasks get no longer than this to end.
    pub max_grace_period: Option<Nanoseconds>,
    /// Once it is empty it is gone for good.
    pub mark_gone: bool,
    /// It is empty.
    pub drained: bool,
}
