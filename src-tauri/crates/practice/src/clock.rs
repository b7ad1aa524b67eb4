//! The machines' clock: UTC, as on a fresh Debian.

use std::time::SystemTime;

use jiff::{Timestamp, tz::TimeZone};

/// A moment in strftime's form. A format that is none comes back as it is.
pub(crate) fn format(at: SystemTime, format: &str) -> String {
    let at = Timestamp::try_from(at).unwrap_or(Timestamp::UNIX_EPOCH);
    jiff::fmt::strtime::format(format, &at.to_zoned(TimeZone::UTC)).unwrap_or_else(|_| format.to_owned())
}

/// The same for microseconds since 1970.
pub(crate) fn format_us(at_us: i64, format: &str) -> String {
    let at = Timestamp::from_microsecond(at_us).unwrap_or(Timestamp::UNIX_EPOCH);
    self::format(at.into(), format)
}

/// How long it is since `at`, as systemd says it: `5s`, `2min 3s`, `1h 4min`.
pub(crate) fn ago(at: SystemTime) -> String {
    let s = SystemTime::now().duration_since(at).unwrap_or_default().as_secs();
    match s {
        0..60 => format!("{s}s"),
        60..3600 => format!("{}min {}s", s / 60, s % 60),
        3600..86_400 => format!("{}h {}min", s / 3600, s % 3600 / 60),
        _ => format!("{} days", s / 86_400),
    }
}
