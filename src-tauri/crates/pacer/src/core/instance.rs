//! Instances of applications: one task each, from the moment it is launched until Mesos says that it ended.

use std::collections::BTreeMap;
use std::sync::Arc;

use marathon::AppDefinition;
use mesos::v1::{CheckStatus, TaskState};
use serde::{Deserialize, Serialize};

use super::health::Health;
use super::readiness::Readiness;
use super::{AppId, InstanceId, Time};

/// An instance. It is written down before it is launched, and at every change that a successor must know of.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Instance {
    /// Its name.
    pub id: InstanceId,
    /// The application.
    pub app: AppId,
    /// The version of the application that it was launched from.
    pub version: String,
    /// The last version before that which was more than a scaling: instances with the same one run the same.
    pub config_version: String,
    /// Where it is.
    pub agent: Agent,
    /// Its ports there, in the order of the application's.
    pub ports: Vec<u16>,
    /// Where it stands.
    pub state: TaskState,
    /// Whether it shall run.
    pub goal: Goal,
    /// When it was launched.
    pub staged_at: Time,
    /// When it ran first.
    pub started_at: Option<Time>,
    /// Since when its agent does not answer.
    pub unreachable_since: Option<Time>,
    /// What the executor's own health check says.
    pub executor_says_healthy: Option<bool>,
    /// What its check found last.
    #[serde(default)]
    pub check: Option<CheckStatus>,
    /// A readiness check has said yes.
    #[serde(default)]
    pub was_ready: bool,
    /// The addresses of its container.
    pub addresses: Vec<String>,
    /// What it runs; found again by its version after a change of leader.
    #[serde(skip)]
    pub spec: Arc<AppDefinition>,
    /// What Pacer's own health checks found, in the order of the checks. Not written down: they are made again.
    #[serde(skip)]
    pub health: Vec<Health>,
    /// What its readiness check found last. Not written down either.
    #[serde(skip)]
    pub readiness: Option<Readiness>,
}

/// Where an instance is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Agent {
    /// Mesos's id of the agent.
    pub id: String,
    /// Its host name.
    pub hostname: String,
    /// The address that it gives out; its health is checked there.
    pub address: Option<String>,
    /// Its attributes as people write them, for constraints.
    pub attributes: BTreeMap<String, String>,
    /// Its region.
    pub region: Option<String>,
    /// Its zone.
    pub zone: Option<String>,
}

/// Whether an instance shall run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Goal {
    /// It shall.
    Running,
    /// It was told to stop, last at this time.
    Stopped(Time),
}

impl Instance {
    /// It is meant to run, as far as anybody knows.
    pub fn is_wanted(&self) -> bool {
        self.goal == Goal::Running
    }

    /// It runs, all its health checks say so, and its readiness check has.
    pub fn is_ready(&self) -> bool {
        self.state == TaskState::Running && self.is_healthy().unwrap_or(true) && !self.awaits_readiness()
    }

    /// What its health checks say together: none without checks, false before their first answers.
    pub fn is_healthy(&self) -> Option<bool> {
        let checks = self.spec.health_checks();
        if checks.is_empty() {
            return None;
        }
        let by_executor = checks.iter().any(|check| check.protocol().is_by_agent());
        let executor_content = !by_executor || self.executor_says_healthy == Some(true);
        let ours = checks.iter().filter(|check| !check.protocol().is_by_agent()).count();
        Some(executor_content && self.health.iter().filter(|health| health.is_alive()).count() == ours)
    }

    /// A health check has spoken against it.
    pub fn is_unhealthy(&self) -> bool {
        self.executor_says_healthy == Some(false)
            || self.health.iter().any(|health| health.last_failure.is_some() && !health.is_alive())
    }

    /// When its place is given to another, while its agent does not answer; none: never.
    pub fn replaced_at(&self) -> Option<Time> {
        self.unreachable_since.and_then(|since| Some(since.after_seconds(self.unreachable_seconds()?.0)))
    }

    /// When it is forgotten, while its agent does not answer; none: never.
    pub fn forgotten_at(&self) -> Option<Time> {
        self.unreachable_since.and_then(|since| Some(since.after_seconds(self.unreachable_seconds()?.1)))
    }

    /// Seconds until replaced, and until forgotten; none if the strategy is disabled.
    fn unreachable_seconds(&self) -> Option<(u32, u32)> {
        match &self.spec.unreachable_strategy {
            Some(marathon::UnreachableStrategy::Word(_)) => None,
            Some(marathon::UnreachableStrategy::Replace(times)) => {
                let inactive = times.inactive_after_seconds.unwrap_or(0);
                Some((inactive, times.expunge_after_seconds.unwrap_or(0).max(inactive)))
            }
            None => Some((0, 0)),
        }
    }

    /// It takes the place of a wanted instance at this time.
    pub fn counts(&self, now: Time) -> bool {
        self.is_wanted() && self.replaced_at().is_none_or(|at| at > now)
    }

    /// Where it stands, in the API's words.
    pub fn condition(&self, now: Time) -> &'static str {
        match self.state {
            TaskState::Unreachable if !self.counts(now) => "UnreachableInactive",
            state => condition_of(state),
        }
    }
}

/// Where an instance stands whose task is in this state, in the API's words.
pub fn condition_of(state: TaskState) -> &'static str {
    match state {
        TaskState::Unreachable => "Unreachable",
        TaskState::Staging => "Staging",
        TaskState::Starting => "Starting",
        TaskState::Running => "Running",
        TaskState::Killing => "Killing",
        TaskState::Finished => "Finished",
        TaskState::Failed => "Failed",
        TaskState::Killed => "Killed",
        TaskState::Error => "Error",
        TaskState::Dropped | TaskState::Lost => "Dropped",
        TaskState::Gone | TaskState::GoneByOperator => "Gone",
        TaskState::Unknown => "Unknown",
    }
}
