//! What an executor tells its agent.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mesos::v1::{ExecutorId, FrameworkId, TaskStatus};
use serde_json::{Value, json};

/// The id of an update; on the wire its 16 bytes in base64.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uuid(String);

impl Uuid {
    /// A random (version 4) one, made of these bits.
    pub fn from_bits(bits: u128) -> Self {
        let mut bytes = bits.to_be_bytes();
        bytes[6] = (bytes[6] & 0x0f) | 0x40;
        bytes[8] = (bytes[8] & 0x3f) | 0x80;
        Self(STANDARD.encode(bytes))
    }

    /// As it lies on the wire.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Who calls: what every call says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The framework that the executor belongs to.
    pub framework: FrameworkId,
    /// The executor; of a command task the task's id.
    pub executor: ExecutorId,
}

/// A call to the agent.
#[derive(Clone, Debug, PartialEq)]
pub enum Call {
    /// Opens the stream of events, and says what the agent may not know yet.
    Subscribe {
        /// Tasks (as they were launched) of which no update was acknowledged.
        tasks: Vec<Value>,
        /// Updates that were not acknowledged, the oldest first.
        updates: Vec<TaskStatus>,
    },
    /// News of a task, to be acknowledged.
    Update(Box<TaskStatus>),
    /// The executor lives.
    Heartbeat,
}

impl Call {
    /// The call as it is sent.
    pub fn on_behalf_of(&self, who: &Identity) -> Value {
        let (kind, body) = match self {
            Self::Subscribe { tasks, updates } => {
                let updates: Vec<_> = updates.iter().map(|status| json!({ "status": status })).collect();
                let body = json!({ "unacknowledged_tasks": tasks, "unacknowledged_updates": updates });
                ("SUBSCRIBE", Some(("subscribe", body)))
            }
            Self::Update(status) => ("UPDATE", Some(("update", json!({ "status": status })))),
            Self::Heartbeat => ("HEARTBEAT", None),
        };
        let mut call = json!({ "type": kind, "framework_id": who.framework, "executor_id": who.executor });
        if let Some((name, body)) = body {
            call[name] = body;
        }
        call
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_uuid_is_version_4() {
        let bytes = STANDARD.decode(Uuid::from_bits(u128::MAX).as_str()).unwrap();
        assert_eq!((bytes.len(), bytes[6] >> 4, bytes[8] >> 6), (16, 4, 2));
        assert_ne!(Uuid::from_bits(1), Uuid::from_bits(2));
    }

    #[test]
    fn calls_say_who_calls() {
        let who = Identity { framework: FrameworkId::new("F"), executor: ExecutorId::new("E") };
        let call = Call::Subscribe { tasks: vec![json!({ "name": "t" })], updates: Vec::new() }.on_behalf_of(&who);
        assert_eq!(call["framework_id"]["value"], "F");
        assert_eq!(call["executor_id"]["value"], "E");
        assert_eq!(call["subscribe"]["unacknowledged_tasks"][0]["name"], "t");
        assert_eq!(Call::Heartbeat.on_behalf_of(&who)["type"], "HEARTBEAT");
    }
}
