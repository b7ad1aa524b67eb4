//! Identifiers: on the wire each is `{"value": "…"}`.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name {
            /// The text of it.
            pub value: String,
        }

        impl $name {
            /// The id with this text.
            pub fn new(value: impl Into<String>) -> Self {
                Self { value: value.into() }
            }

            /// Its text.
            pub fn as_str(&self) -> &str {
                &self.value
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.value)
            }
        }

        impl From<&str> for $name {
            fn from(value: &str) -> Self {
                Self::new(value)
            }
        }
    };
}

id!(/// An agent, for as long as it keeps its work directory.
    AgentId);
id!(/// A framework; given by the first master that it subscribed to, kept over failovers.
    FrameworkId);
id!(/// An offer; meaningful to the master that made it only.
    OfferId);
id!(/// A task, chosen by its framework.
    TaskId);
id!(/// An executor, chosen by its framework (by the agent for command tasks: the task's id).
    ExecutorId);
