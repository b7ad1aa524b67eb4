//! Durations as the agent writes them into an executor's environment: `5secs`, `15mins`, `1.5hrs`.

use std::time::Duration;

/// Mesos's units, in seconds.
const UNITS: [(&str, f64); 8] = [
    ("ns", 1e-9),
    ("us", 1e-6),
    ("ms", 1e-3),
    ("secs", 1.0),
    ("mins", 60.0),
    ("hrs", 3_600.0),
    ("days", 86_400.0),
    ("weeks", 604_800.0),
];

/// Longer than any executor lives; keeps sums of moments and durations far from overflowing.
const LONGEST: Duration = Duration::from_secs(100 * 365 * 86_400);

/// Reads a duration; none if it is not one. A negative one is none at all.
pub fn parse(text: &str) -> Option<Duration> {
    let end = text.find(|c: char| c.is_ascii_alphabetic())?;
    let (number, unit) = text.split_at(end);
    let (_, seconds) = UNITS.iter().find(|(name, _)| *name == unit)?;
    let number: f64 = number.parse().ok()?;
    number.is_finite().then(|| of_seconds(number * seconds))
}

/// So many seconds, as a length of time that can be reckoned with.
pub fn of_seconds(seconds: f64) -> Duration {
    if seconds.is_nan() {
        return Duration::ZERO;
    }
    Duration::try_from_secs_f64(seconds.clamp(0.0, LONGEST.as_secs_f64())).unwrap_or(LONGEST)
}

/// So many nanoseconds; none for a negative number.
pub fn of_nanoseconds(nanoseconds: i64) -> Duration {
    Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(0)).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_an_agent_writes() {
        assert_eq!(parse("5secs"), Some(Duration::from_secs(5)));
        assert_eq!(parse("15mins"), Some(Duration::from_secs(900)));
        assert_eq!(parse("1.5hrs"), Some(Duration::from_secs(5400)));
        assert_eq!(parse("250ms"), Some(Duration::from_millis(250)));
        for wrong in ["", "5", "secs", "5 secs", "5parsecs", "1e3secs"] {
            assert_eq!(parse(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn absurd_lengths_are_cut() {
        assert_eq!(of_seconds(f64::NAN), Duration::ZERO);
        assert_eq!(of_seconds(-3.0), Duration::ZERO);
        assert_eq!(of_seconds(f64::INFINITY), LONGEST);
        assert_eq!(of_nanoseconds(-1), Duration::ZERO);
        assert_eq!(of_nanoseconds(i64::MAX), LONGEST);
    }
}
