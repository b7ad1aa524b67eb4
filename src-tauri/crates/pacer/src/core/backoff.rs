//! How long an application that fails waits until it is tried again.

use std::time::Duration;

use marathon::AppDefinition;

use super::Time;

/// The waiting of one configuration of an application.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Backoff {
    /// The configuration that it is of; another one starts afresh.
    config_version: String,
    /// The last wait.
    wait: Duration,
    /// No launch before.
    until: Time,
}

impl Backoff {
    /// Another failure: the wait gets longer, unless the last failure was long ago.
    pub fn failed(&mut self, now: Time, app: &AppDefinition, config_version: &str) {
        let base = Duration::from_secs(app.backoff_seconds().into());
        let longest = Duration::from_secs(app.max_launch_delay_seconds().into()).max(base);
        let again = self.config_version == config_version && now < self.until.after(longest) && !self.wait.is_zero();
        let longer = Duration::try_from_secs_f64(self.wait.as_secs_f64() * app.backoff_factor()).unwrap_or(longest);
        self.wait = if again { longer.min(longest) } else { base };
        self.until = now.after(self.wait);
        config_version.clone_into(&mut self.config_version);
    }

    /// When this configuration may be launched.
    pub fn until(&self, config_version: &str) -> Time {
        if self.config_version == config_version { self.until } else { Time::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_the_longest_and_end() {
        let app =
            AppDefinition { max_launch_delay_seconds: Some(2), backoff_factor: Some(1.5), ..AppDefinition::default() };
        let (mut backoff, now) = (Backoff::default(), Time(0));
        let waits: Vec<_> = (0..4)
            .map(|_| {
                backoff.failed(now, &app, "v");
                backoff.until("v").0
            })
            .collect();
        assert_eq!(waits, [1000, 1500, 2000, 2000]);
        assert_eq!(backoff.until("w"), Time(0));
        backoff.failed(Time(10_000), &app, "v");
        assert_eq!(backoff.until("v"), Time(11_000));
    }
}
