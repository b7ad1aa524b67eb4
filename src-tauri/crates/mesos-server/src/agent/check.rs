//! Checks of tasks, whose results only inform, as Mesos's executor does them.

use std::{sync::Arc, time::Duration};

use serde::Deserialize;
use tokio::time::{self, Instant};

use super::{
    Shared,
    probe::{Probe, seconds, timeout},
};
use crate::wire::{
    CommandInfo, Id, TaskInfo,
    status::{CheckStatus, Connection, Exited, Response},
};

/// A check as a framework describes it; a master has found it well-formed and filled the defaults in.
#[derive(Clone, Deserialize)]
struct CheckInfo {
    #[serde(rename = "type")]
    kind: String,
    command: Option<CommandCheck>,
    http: Option<HttpCheck>,
    tcp: Option<TcpCheck>,
    delay_seconds: f64,
    interval_seconds: f64,
    timeout_seconds: f64,
}

#[derive(Clone, Deserialize)]
struct CommandCheck {
    command: CommandInfo,
}

#[derive(Clone, Deserialize)]
struct HttpCheck {
    port: u16,
    path: Option<String>,
}

#[derive(Clone, Deserialize)]
struct TcpCheck {
    port: u16,
}

fn read(task: &TaskInfo) -> Option<CheckInfo> {
    serde_json::from_value((**task.check.as_ref()?).clone()).ok()
}

/// What is known before a check has found anything; none if the task has no check.
pub fn nothing_yet(task: &TaskInfo) -> Option<CheckStatus> {
    Some(CheckStatus::empty(&read(task)?.kind))
}

/// The checks of one task, one after the other.
pub struct Checks {
    check: Option<(CheckInfo, Probe)>,
    next: Instant,
    last: Option<CheckStatus>,
}

impl Checks {
    /// For a task that has just started; without a check no result ever comes.
    pub fn new(shared: &Arc<Shared>, framework: &Id, task: &Arc<TaskInfo>) -> Self {
        let check = read(task);
        let delay = check.as_ref().map_or(0.0, |check| check.delay_seconds);
        Self {
            last: check.as_ref().map(|check| CheckStatus::empty(&check.kind)),
            check: check.map(|check| (check, Probe::new(shared, framework, task))),
            next: Instant::now() + seconds(delay),
        }
    }

    /// The next result that differs from the one before. Can be dropped at any moment.
    pub async fn next(&mut self) -> CheckStatus {
        loop {
            let Some((check, probe)) = self.check.clone() else { return std::future::pending().await };
            time::sleep_until(self.next).await;
            let found = time::timeout(timeout(check.timeout_seconds), ask(&probe, &check)).await;
            // A check that could not be made has found nothing.
            let found = found.ok().flatten().unwrap_or_else(|| CheckStatus::empty(&check.kind));
            self.next = Instant::now() + seconds(check.interval_seconds).max(Duration::from_millis(10));
            if self.last.as_ref() != Some(&found) {
                self.last = Some(found.clone());
                return found;
            }
        }
    }
}

async fn ask(probe: &Probe, check: &CheckInfo) -> Option<CheckStatus> {
    let mut found = CheckStatus::empty(&check.kind);
    if let (Some(status), Some(CommandCheck { command })) = (&mut found.command, &check.command) {
        *status = Exited { exit_code: Some(probe.command(command).await?) };
    }
    if let (Some(status), Some(http)) = (&mut found.http, &check.http) {
        *status = Response { status_code: Some(probe.http(http.port, http.path.as_deref()).await?) };
    }
    if let (Some(status), Some(tcp)) = (&mut found.tcp, &check.tcp) {
        *status = Connection { succeeded: Some(probe.tcp(tcp.port).await) };
    }
    Some(found)
}
