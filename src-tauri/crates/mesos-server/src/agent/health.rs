//! Health checks of tasks, as Mesos's executor does them.

use std::{sync::Arc, time::Duration};

use tokio::time::{self, Instant};

use super::{
    Shared,
    probe::{Probe, seconds, timeout},
};
use crate::wire::{HealthCheck, Id, TaskInfo};

/// What a check found, if that is worth telling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Whether the task is well.
    pub healthy: bool,
    /// Whether it has failed so often that it has to go.
    pub fatal: bool,
}

/// The health checks of one task, one after the other.
pub struct HealthChecks {
    check: Option<(HealthCheck, Probe)>,
    next: Instant,
    grace_ends: Instant,
    failures: u32,
    /// Whether it was ever well.
    known: Option<bool>,
}

impl HealthChecks {
    /// For a task that has just started; without a health check none ever comes.
    pub fn new(shared: &Arc<Shared>, framework: &Id, task: &Arc<TaskInfo>) -> Self {
        let now = Instant::now();
        let check = task.health_check.as_deref().cloned();
        let (delay, grace) = check.as_ref().map_or((0.0, 0.0), |c| (c.delay_seconds, c.grace_period_seconds));
        Self {
            check: check.map(|check| (check, Probe::new(shared, framework, task))),
            next: now + seconds(delay),
            grace_ends: now + seconds(delay) + seconds(grace),
            failures: 0,
            known: None,
        }
    }

    /// The next thing worth telling. Can be dropped at any moment.
    pub async fn next(&mut self) -> Verdict {
        loop {
            let Some((check, probe)) = self.check.clone() else { return std::future::pending().await };
            time::sleep_until(self.next).await;
            let healthy = time::timeout(timeout(check.timeout_seconds), ask(&probe, &check)).await.unwrap_or(false);
            self.next = Instant::now() + seconds(check.interval_seconds).max(Duration::from_millis(10));
            if let Some(verdict) = self.judge(healthy, check.consecutive_failures, Instant::now()) {
                return verdict;
            }
        }
    }

    fn judge(&mut self, healthy: bool, most: u32, now: Instant) -> Option<Verdict> {
        if healthy {
            let told = self.known == Some(true) && self.failures == 0;
            (self.known, self.failures) = (Some(true), 0);
            return (!told).then_some(Verdict { healthy: true, fatal: false });
        }
        if self.known.is_none() && now < self.grace_ends {
            return None;
        }
        self.known = Some(self.known.unwrap_or(false));
        self.failures += 1;
        Some(Verdict { healthy: false, fatal: self.failures >= most })
    }
}

async fn ask(probe: &Probe, check: &HealthCheck) -> bool {
    if let Some(http) = &check.http {
        let status = probe.http(http.port, http.path.as_deref()).await;
        return status.is_some_and(|status| match http.statuses.as_slice() {
            [] => (200..400).contains(&status),
            statuses => statuses.contains(&status),
        });
    }
    if let Some(tcp) = &check.tcp {
        return probe.tcp(tcp.port).await;
    }
    let Some(command) = &check.command else { return false };
    probe.command(command).await == Some(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checks() -> HealthChecks {
        let now = Instant::now();
        HealthChecks { check: None, next: now, grace_ends: now + Duration::from_secs(10), failures: 0, known: None }
    }

    #[tokio::test]
    async fn failures_count_after_the_grace_period_or_the_first_success() {
        let mut checks = checks();
        let now = Instant::now();
        assert_eq!(checks.judge(false, 2, now), None);
        assert_eq!(checks.judge(true, 2, now), Some(Verdict { healthy: true, fatal: false }));
        assert_eq!(checks.judge(true, 2, now), None);
        assert_eq!(checks.judge(false, 2, now), Some(Verdict { healthy: false, fatal: false }));
        assert_eq!(checks.judge(true, 2, now), Some(Verdict { healthy: true, fatal: false }));
        assert_eq!(checks.judge(false, 2, now), Some(Verdict { healthy: false, fatal: false }));
        assert_eq!(checks.judge(false, 2, now), Some(Verdict { healthy: false, fatal: true }));
    }
}
