//! What an agent tells its executor.

use std::time::Duration;

use mesos::v1::{KillPolicy, TaskId};
use serde::Deserialize;
use serde_json::Value;

use super::Task;
use crate::duration::of_nanoseconds;

/// What an agent tells its executor.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The stream is open.
    Subscribed(Subscribed),
    /// Run this.
    Launch(Box<Task>),
    /// Run these together: for executors that can.
    LaunchGroup,
    /// End this task.
    Kill {
        /// Which.
        task: TaskId,
        /// From the polite signal to the last one, if it shall be otherwise than the task was launched with.
        grace: Option<Duration>,
    },
    /// The agent has an update safe.
    Acknowledged {
        /// The update's id, as it was sent.
        uuid: String,
    },
    /// End everything.
    Shutdown,
    /// The agent refuses something; its words.
    Error(String),
    /// The agent lives.
    Heartbeat,
    /// One that this executor has no use for; its `type`.
    Other(String),
}

impl Event {
    /// Its `type` on the wire.
    pub fn kind(&self) -> &str {
        match self {
            Self::Subscribed(_) => "SUBSCRIBED",
            Self::Launch(_) => "LAUNCH",
            Self::LaunchGroup => "LAUNCH_GROUP",
            Self::Kill { .. } => "KILL",
            Self::Acknowledged { .. } => "ACKNOWLEDGED",
            Self::Shutdown => "SHUTDOWN",
            Self::Error(_) => "ERROR",
            Self::Heartbeat => "HEARTBEAT",
            Self::Other(kind) => kind,
        }
    }

    /// Reads an event; the error says what is wrong with it.
    pub fn read(record: &[u8]) -> Result<Self, String> {
        let raw: Raw = serde_json::from_slice(record).map_err(|error| error.to_string())?;
        raw.into_event()
    }
}

/// The stream is open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subscribed {
    /// The agent's name.
    pub agent: String,
    /// The framework wants to hear `TASK_KILLING`.
    pub wants_killing: bool,
}

#[derive(Deserialize)]
struct Raw {
    #[serde(rename = "type", default)]
    kind: String,
    subscribed: Option<RawSubscribed>,
    launch: Option<RawLaunch>,
    kill: Option<RawKill>,
    acknowledged: Option<RawAcknowledged>,
    error: Option<RawError>,
}

#[derive(Deserialize)]
struct RawSubscribed {
    #[serde(default)]
    framework_info: RawFramework,
    #[serde(default, alias = "slave_info")]
    agent_info: RawAgent,
}

#[derive(Default, Deserialize)]
struct RawFramework {
    #[serde(default)]
    capabilities: Vec<RawCapability>,
}

#[derive(Deserialize)]
struct RawCapability {
    #[serde(rename = "type", default)]
    kind: String,
}

#[derive(Default, Deserialize)]
struct RawAgent {
    #[serde(default)]
    hostname: String,
}

#[derive(Deserialize)]
struct RawLaunch {
    task: Value,
}

#[derive(Deserialize)]
struct RawKill {
    task_id: TaskId,
    kill_policy: Option<KillPolicy>,
}

#[derive(Deserialize)]
struct RawAcknowledged {
    uuid: String,
}

#[derive(Deserialize)]
struct RawError {
    #[serde(default)]
    message: String,
}

impl Raw {
    fn into_event(self) -> Result<Event, String> {
        let missing = || format!("an event {} without its body", self.kind);
        Ok(match self.kind.as_str() {
            "SUBSCRIBED" => Event::Subscribed(self.subscribed.map(RawSubscribed::told).unwrap_or_default()),
            "LAUNCH" => Event::Launch(Box::new(Task::read(self.launch.ok_or_else(missing)?.task)?)),
            "LAUNCH_GROUP" => Event::LaunchGroup,
            "KILL" => {
                let kill = self.kill.ok_or_else(missing)?;
                let grace = kill.kill_policy.and_then(|policy| policy.grace_period);
                Event::Kill { task: kill.task_id, grace: grace.map(|grace| of_nanoseconds(grace.nanoseconds)) }
            }
            "ACKNOWLEDGED" => Event::Acknowledged { uuid: self.acknowledged.ok_or_else(missing)?.uuid },
            "SHUTDOWN" => Event::Shutdown,
            "ERROR" => Event::Error(self.error.map(|error| error.message).unwrap_or_default()),
            "HEARTBEAT" => Event::Heartbeat,
            _ => Event::Other(self.kind),
        })
    }
}

impl RawSubscribed {
    fn told(self) -> Subscribed {
        let wants_killing =
            self.framework_info.capabilities.iter().any(|capability| capability.kind == "TASK_KILLING_STATE");
        Subscribed { agent: self.agent_info.hostname, wants_killing }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Event {
        Event::read(text.as_bytes()).unwrap()
    }

    #[test]
    fn events_are_read() {
        let told = read(
            r#"{"type":"SUBSCRIBED","subscribed":{"framework_info":{"capabilities":[{"type":"TASK_KILLING_STATE"}]},
            "agent_info":{"hostname":"here"},"container_id":{"value":"c"}}}"#,
        );
        assert_eq!(told, Event::Subscribed(Subscribed { agent: "here".into(), wants_killing: true }));
        let kill = r#"{"type":"KILL","kill":{"task_id":{"value":"t"},
            "kill_policy":{"grace_period":{"nanoseconds":2000000000}}}}"#;
        assert_eq!(read(kill), Event::Kill { task: TaskId::new("t"), grace: Some(Duration::from_secs(2)) });
        assert_eq!(read(r#"{"type":"SHUTDOWN"}"#), Event::Shutdown);
        assert_eq!(read(r#"{"type":"MESSAGE","message":{"data":""}}"#), Event::Other("MESSAGE".into()));
    }

    #[test]
    fn what_is_not_an_event_is_an_error() {
        for wrong in ["", "{", "[]", r#"{"type":"KILL"}"#, r#"{"type":"LAUNCH","launch":{"task":{}}}"#] {
            assert!(Event::read(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }
}
