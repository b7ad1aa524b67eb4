//! What health checks find. The checks themselves are made outside the core.

use marathon::HealthCheck;

use super::Time;

/// What one health check found of one instance.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Health {
    /// Which check, counted from 0.
    pub index: usize,
    /// Its first success.
    pub first_success: Option<Time>,
    /// Its last success.
    pub last_success: Option<Time>,
    /// Its last failure that counted.
    pub last_failure: Option<Time>,
    /// Why it failed.
    pub last_failure_cause: Option<String>,
    /// Failures in a row.
    pub consecutive_failures: u32,
}

/// What came of taking in a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// As before.
    Same,
    /// The check says something else now.
    Changed,
    /// It failed once more than is allowed: the instance is to be killed.
    Fatal,
}

impl Health {
    /// The last look was a success.
    pub fn is_alive(&self) -> bool {
        self.last_success.is_some() && self.consecutive_failures == 0
    }

    /// Takes in a result. Failures don't count within the grace period, until the first success.
    pub fn take(&mut self, now: Time, started: Time, check: &HealthCheck, result: Result<(), String>) -> Verdict {
        let before = self.is_alive();
        match result {
            Ok(()) => {
                self.first_success.get_or_insert(now);
                self.last_success = Some(now);
                self.consecutive_failures = 0;
            }
            Err(_) if self.is_in_grace(now, started, check) => return Verdict::Same,
            Err(cause) => {
                self.last_failure = Some(now);
                self.last_failure_cause = Some(cause);
                self.consecutive_failures += 1;
                let allowed = check.max_consecutive_failures();
                if allowed > 0 && self.consecutive_failures >= allowed {
                    return Verdict::Fatal;
                }
            }
        }
        if before == self.is_alive() { Verdict::Same } else { Verdict::Changed }
    }

    fn is_in_grace(&self, now: Time, started: Time, check: &HealthCheck) -> bool {
        self.first_success.is_none() && now < started.after_seconds(check.grace_period_seconds())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check() -> HealthCheck {
        HealthCheck { grace_period_seconds: Some(10), max_consecutive_failures: Some(2), ..HealthCheck::default() }
    }

    #[test]
    fn failures_count_after_grace_or_a_success() {
        let (mut health, start) = (Health::default(), Time(0));
        let failure = || Err("refused".to_owned());
        assert_eq!(health.take(Time(9_000), start, &check(), failure()), Verdict::Same);
        assert_eq!(health.consecutive_failures, 0);
        assert_eq!(health.take(Time(9_500), start, &check(), Ok(())), Verdict::Changed);
        assert_eq!(health.take(Time(9_600), start, &check(), failure()), Verdict::Changed);
        assert!(!health.is_alive());
        assert_eq!(health.take(Time(9_700), start, &check(), failure()), Verdict::Fatal);
    }

    #[test]
    fn zero_allowed_failures_never_kill() {
        let never =
            HealthCheck { max_consecutive_failures: Some(0), grace_period_seconds: Some(0), ..HealthCheck::default() };
        let mut health = Health::default();
        for second in 0..100 {
            assert_ne!(health.take(Time(second), Time(0), &never, Err("no".to_owned())), Verdict::Fatal);
        }
    }
}
