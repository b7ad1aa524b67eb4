//! A task as it is launched, with what Mesos assumes where it says nothing.

use std::time::Duration;

use mesos::v1::{CheckInfo, CommandInfo, DurationInfo, HealthCheck, HealthCheckType, KillPolicy, TaskId};
use serde::Deserialize;
use serde_json::Value;

use crate::duration::{of_nanoseconds, of_seconds};

/// A task to run.
#[derive(Clone, Debug, PartialEq)]
pub struct Task {
    /// Its id.
    pub id: TaskId,
    /// What to run.
    pub command: Option<CommandInfo>,
    /// From the polite signal to the last one, if the task says so.
    pub grace: Option<Duration>,
    /// How long it may run.
    pub longest: Option<Duration>,
    /// The check of its health.
    pub health: Option<Health>,
    /// The check that only reports.
    pub check: Option<Check>,
    /// The role that its resources were given to.
    pub role: Option<String>,
    /// All of it, as it came: an agent that has forgotten it is told it again.
    pub info: Value,
}

/// When a check is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// From the task's start to the first one.
    pub delay: Duration,
    /// From the end of one to the next.
    pub interval: Duration,
    /// How long one may take; none: as long as it likes.
    pub timeout: Option<Duration>,
}

/// What a check does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Probe {
    /// Runs a command.
    Command(CommandInfo),
    /// Asks `SCHEME://LOOPBACK:PORT/PATH`.
    Http {
        /// How.
        scheme: Scheme,
        /// The port.
        port: u16,
        /// The path, which may be empty.
        path: String,
        /// On `::1` in place of `127.0.0.1`.
        ipv6: bool,
    },
    /// Connects.
    Tcp {
        /// The port.
        port: u16,
        /// On `::1` in place of `127.0.0.1`.
        ipv6: bool,
    },
}

impl Probe {
    /// Mesos's name of its kind.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Command(_) => "COMMAND",
            Self::Http { .. } => "HTTP",
            Self::Tcp { .. } => "TCP",
        }
    }
}

/// How an HTTP check asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// In the clear.
    Http,
    /// Over TLS, with whatever certificate.
    Https,
}

/// A check of a task's health.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// When.
    pub schedule: Schedule,
    /// How.
    pub probe: Probe,
    /// Failures this soon after the start don't count, until the first success.
    pub grace: Duration,
    /// So many failures in a row end the task.
    pub failures: u32,
}

/// A check that only reports what it sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// When.
    pub schedule: Schedule,
    /// How.
    pub probe: Probe,
}

#[derive(Deserialize)]
struct Raw {
    task_id: TaskId,
    command: Option<CommandInfo>,
    kill_policy: Option<KillPolicy>,
    max_completion_time: Option<DurationInfo>,
    health_check: Option<HealthCheck>,
    check: Option<CheckInfo>,
    #[serde(default)]
    resources: Vec<RawResource>,
}

#[derive(Deserialize)]
struct RawResource {
    allocation_info: Option<RawAllocation>,
}

#[derive(Deserialize)]
struct RawAllocation {
    role: Option<String>,
}

impl Task {
    /// Reads a `TaskInfo`. A check that cannot be made is left out, as Mesos's executor leaves it out.
    pub fn read(info: Value) -> Result<Self, String> {
        let raw = Raw::deserialize(&info).map_err(|error| format!("a task that is not one: {error}"))?;
        let longest = raw.max_completion_time.map(|time| of_nanoseconds(time.nanoseconds));
        Ok(Self {
            id: raw.task_id,
            command: raw.command,
            grace: raw
                .kill_policy
                .and_then(|policy| policy.grace_period)
                .map(|grace| of_nanoseconds(grace.nanoseconds)),
            longest: longest.filter(|longest| !longest.is_zero()),
            health: raw.health_check.and_then(Health::read),
            check: raw.check.and_then(Check::read),
            role: raw.resources.into_iter().find_map(|resource| resource.allocation_info?.role),
            info,
        })
    }
}

impl Schedule {
    fn new(delay: Option<f64>, interval: Option<f64>, timeout: Option<f64>) -> Self {
        let timeout = of_seconds(timeout.unwrap_or(20.0));
        Self {
            delay: of_seconds(delay.unwrap_or(15.0)),
            // Without any pause a check would be all that the executor does.
            interval: of_seconds(interval.unwrap_or(10.0)).max(Duration::from_millis(10)),
            timeout: (!timeout.is_zero()).then_some(timeout),
        }
    }
}

impl Health {
    fn read(raw: HealthCheck) -> Option<Self> {
        let is_six = |protocol: &Option<String>| protocol.as_deref() == Some("IPv6");
        let probe = match raw.kind {
            HealthCheckType::Command => Probe::Command(raw.command?),
            HealthCheckType::Http => {
                let http = raw.http?;
                let scheme = if http.scheme.as_deref() == Some("https") { Scheme::Https } else { Scheme::Http };
                let port = u16::try_from(http.port).ok()?;
                let ipv6 = is_six(&http.protocol);
                Probe::Http { scheme, port, path: http.path.unwrap_or_default(), ipv6 }
            }
            HealthCheckType::Tcp => {
                let tcp = raw.tcp?;
                Probe::Tcp { port: u16::try_from(tcp.port).ok()?, ipv6: is_six(&tcp.protocol) }
            }
            HealthCheckType::Unknown => return None,
        };
        Some(Self {
            schedule: Schedule::new(raw.delay_seconds, raw.interval_seconds, raw.timeout_seconds),
            probe,
            grace: of_seconds(raw.grace_period_seconds.unwrap_or(10.0)),
            failures: raw.consecutive_failures.unwrap_or(3),
        })
    }
}

impl Check {
    fn read(raw: CheckInfo) -> Option<Self> {
        let probe = match raw.kind {
            HealthCheckType::Command => Probe::Command(raw.command?.command),
            HealthCheckType::Http => {
                let http = raw.http?;
                let port = u16::try_from(http.port).ok()?;
                Probe::Http { scheme: Scheme::Http, port, path: http.path.unwrap_or_default(), ipv6: false }
            }
            HealthCheckType::Tcp => Probe::Tcp { port: u16::try_from(raw.tcp?.port).ok()?, ipv6: false },
            HealthCheckType::Unknown => return None,
        };
        Some(Self { schedule: Schedule::new(raw.delay_seconds, raw.interval_seconds, raw.timeout_seconds), probe })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_not_said_is_as_mesos_has_it() {
        let task = Task::read(json!({
            "task_id": { "value": "t" }, "name": "t",
            "health_check": { "type": "HTTP", "http": { "port": 80 } },
            "check": { "type": "TCP", "tcp": { "port": 81 }, "timeout_seconds": 0 },
            "resources": [{ "name": "cpus", "allocation_info": { "role": "ops" } }],
        }))
        .unwrap();
        let health = task.health.unwrap();
        let seconds = Duration::from_secs;
        assert_eq!(health.schedule, Schedule { delay: seconds(15), interval: seconds(10), timeout: Some(seconds(20)) });
        assert_eq!((health.grace, health.failures), (seconds(10), 3));
        assert_eq!(health.probe, Probe::Http { scheme: Scheme::Http, port: 80, path: String::new(), ipv6: false });
        let check = task.check.unwrap();
        assert_eq!((check.schedule.timeout, check.probe.kind()), (None, "TCP"));
        assert_eq!((task.role.as_deref(), task.grace), (Some("ops"), None));
    }

    #[test]
    fn a_check_that_cannot_be_made_is_left_out() {
        for check in
            [json!({ "type": "HTTP" }), json!({ "type": "TCP", "tcp": { "port": 70000 } }), json!({ "type": "X" })]
        {
            let task = Task::read(json!({ "task_id": { "value": "t" }, "health_check": check })).unwrap();
            assert_eq!(task.health, None);
        }
    }
}
