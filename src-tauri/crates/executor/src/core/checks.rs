//! A task's checks: when they are made, and what is made of what they see.

use std::time::Duration;

use mesos::v1::{CheckStatus, CommandFound, HttpFound, TcpFound};

use super::Seen;
use crate::wire::{Check, Health, Probe, Schedule};

/// When the next check is made.
#[derive(Clone, Copy, Debug)]
struct Clock {
    schedule: Schedule,
    /// None: one is being made.
    next: Option<Duration>,
}

impl Clock {
    fn new(schedule: Schedule, now: Duration) -> Self {
        Self { schedule, next: Some(now + schedule.delay) }
    }

    fn is_due(&mut self, now: Duration) -> bool {
        let due = self.next.is_some_and(|next| next <= now);
        if due {
            self.next = None;
        }
        due
    }

    fn made(&mut self, now: Duration) {
        self.next = Some(now + self.schedule.interval);
    }
}

/// A finding about a task's health that is worth telling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Whether the task is well.
    pub healthy: bool,
    /// How often it was not, in a row.
    pub failures: u32,
    /// Whether it has to go.
    pub fatal: bool,
}

/// The check that a task's life depends on.
#[derive(Clone, Debug)]
pub struct HealthWatch {
    health: Health,
    clock: Clock,
    started: Duration,
    failures: u32,
    was_well: bool,
}

impl HealthWatch {
    /// For a task that runs since now.
    pub fn new(health: Health, now: Duration) -> Self {
        let clock = Clock::new(health.schedule, now);
        Self { health, clock, started: now, failures: 0, was_well: false }
    }

    /// What to do now, if it is time.
    pub fn due(&mut self, now: Duration) -> Option<(Probe, Option<Duration>)> {
        let timeout = self.health.schedule.timeout;
        self.clock.is_due(now).then(|| (self.health.probe.clone(), timeout))
    }

    /// When it will be time; none while a check is being made.
    pub fn next(&self) -> Option<Duration> {
        self.clock.next
    }

    /// Takes in what a check saw. Only the first success of a row is worth telling, and every failure that counts.
    pub fn take(&mut self, now: Duration, result: &Result<Seen, String>) -> Option<Verdict> {
        self.clock.made(now);
        if result.as_ref().is_ok_and(Seen::is_well) {
            let news = !self.was_well || self.failures > 0;
            (self.was_well, self.failures) = (true, 0);
            return news.then_some(Verdict { healthy: true, failures: 0, fatal: false });
        }
        let in_grace = !self.was_well && now <= self.started + self.health.grace;
        if in_grace && !self.health.grace.is_zero() {
            return None;
        }
        self.failures += 1;
        Some(Verdict { healthy: false, failures: self.failures, fatal: self.failures >= self.health.failures })
    }
}

/// The check that only reports.
#[derive(Clone, Debug)]
pub struct ReportWatch {
    check: Check,
    clock: Clock,
    last: CheckStatus,
}

impl ReportWatch {
    /// For a task that runs since now.
    pub fn new(check: Check, now: Duration) -> Self {
        let (clock, last) = (Clock::new(check.schedule, now), nothing_seen(&check.probe));
        Self { check, clock, last }
    }

    /// What to do now, if it is time.
    pub fn due(&mut self, now: Duration) -> Option<(Probe, Option<Duration>)> {
        let timeout = self.check.schedule.timeout;
        self.clock.is_due(now).then(|| (self.check.probe.clone(), timeout))
    }

    /// When it will be time; none while a check is being made.
    pub fn next(&self) -> Option<Duration> {
        self.clock.next
    }

    /// Takes in what a check saw, and gives it if it is not what the last one saw.
    pub fn take(&mut self, now: Duration, result: &Result<Seen, String>) -> Option<CheckStatus> {
        self.clock.made(now);
        let mut status = nothing_seen(&self.check.probe);
        match result {
            Ok(Seen::Ended(ending)) => status.command = Some(CommandFound { exit_code: Some(ending.code()) }),
            Ok(Seen::Answered(code)) => status.http = Some(HttpFound { status_code: Some(u32::from(*code)) }),
            Ok(Seen::Connected(made)) => status.tcp = Some(TcpFound { succeeded: Some(*made) }),
            Err(_) => {}
        }
        let changed = status != self.last;
        self.last = status;
        changed.then(|| self.last.clone())
    }
}

/// What a status says of a check that has seen nothing.
pub fn nothing_seen(probe: &Probe) -> CheckStatus {
    let nothing = CheckStatus { kind: probe.kind().to_owned(), ..CheckStatus::default() };
    match probe {
        Probe::Command(_) => CheckStatus { command: Some(CommandFound::default()), ..nothing },
        Probe::Http { .. } => CheckStatus { http: Some(HttpFound::default()), ..nothing },
        Probe::Tcp { .. } => CheckStatus { tcp: Some(TcpFound::default()), ..nothing },
    }
}

impl Seen {
    /// What Mesos takes for a healthy task.
    fn is_well(&self) -> bool {
        match self {
            Self::Ended(ending) => ending.is_success(),
            Self::Answered(status) => (200..400).contains(status),
            Self::Connected(made) => *made,
        }
    }
}

/// Why what was seen is a failure, in words for the log.
pub fn failure(result: &Result<Seen, String>) -> String {
    match result {
        Ok(Seen::Ended(ending)) => format!("the command {ending}"),
        Ok(Seen::Answered(status)) => format!("the answer's status is {status}"),
        Ok(Seen::Connected(_)) => "nobody listens".to_owned(),
        Err(why) => why.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ending::Ending;

    const SECOND: Duration = Duration::from_secs(1);

    fn schedule() -> Schedule {
        Schedule { delay: SECOND, interval: SECOND, timeout: None }
    }

    fn watch(grace: Duration) -> HealthWatch {
        let probe = Probe::Tcp { port: 1, ipv6: false };
        HealthWatch::new(Health { schedule: schedule(), probe, grace, failures: 2 }, Duration::ZERO)
    }

    #[test]
    fn failures_count_after_the_grace_period_or_the_first_success() {
        let (well, ill) = (Ok(Seen::Connected(true)), Ok(Seen::Connected(false)));
        let mut health = watch(3 * SECOND);
        assert_eq!(health.take(SECOND, &ill), None);
        assert_eq!(health.take(2 * SECOND, &well).map(|v| v.healthy), Some(true));
        assert_eq!(health.take(2 * SECOND, &well), None);
        let first = health.take(3 * SECOND, &ill);
        assert_eq!(first, Some(Verdict { healthy: false, failures: 1, fatal: false }));
        assert_eq!(health.take(4 * SECOND, &well).map(|v| v.healthy), Some(true));
        assert!(!health.take(5 * SECOND, &ill).unwrap().fatal);
        assert!(health.take(6 * SECOND, &Err("no".into())).unwrap().fatal);
        assert_eq!(watch(Duration::ZERO).take(Duration::ZERO, &ill).map(|v| v.failures), Some(1));
    }

    #[test]
    fn one_check_at_a_time() {
        let mut health = watch(SECOND);
        assert!(health.due(Duration::ZERO).is_none());
        assert!(health.due(SECOND).is_some());
        assert_eq!((health.due(9 * SECOND), health.next()), (None, None));
        health.take(9 * SECOND, &Ok(Seen::Connected(true)));
        assert_eq!(health.next(), Some(10 * SECOND));
    }

    #[test]
    fn reports_change_only() {
        let check = Check { schedule: schedule(), probe: Probe::Command(Default::default()) };
        let mut report = ReportWatch::new(check, Duration::ZERO);
        assert_eq!(report.take(SECOND, &Err("timed out".into())), None);
        let seen = Ok(Seen::Ended(Ending::Exited(3)));
        assert_eq!(report.take(SECOND, &seen).unwrap().command, Some(CommandFound { exit_code: Some(3) }));
        assert_eq!(report.take(SECOND, &seen), None);
        assert_eq!(report.take(SECOND, &Err("timed out".into())).unwrap().command, Some(CommandFound::default()));
    }
}
