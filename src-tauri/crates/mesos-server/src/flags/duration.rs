//! Durations as flags write them: `15secs`, `1.5mins`.

use std::time::Duration;

const UNITS: [(&str, f64); 8] = [
    ("weeks", 604_800e9),
    ("days", 86_400e9),
    ("hrs", 3_600e9),
    ("mins", 60e9),
    ("secs", 1e9),
    ("ms", 1e6),
    ("us", 1e3),
    ("ns", 1.0),
];

/// Reads a duration; the error is the real program's text.
pub fn parse(text: &str) -> Result<Duration, String> {
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.' && c != '-').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    if unit.is_empty() {
        return Err(format!("Invalid duration '{text}'"));
    }
    let Some((_, nanos)) = UNITS.iter().find(|(name, _)| *name == unit) else {
        let supported = "'ns', 'us', 'ms', 'secs', 'mins', 'hrs', 'days', and 'weeks'";
        return Err(format!("Unknown duration unit '{unit}'; supported units are {supported}"));
    };
    let number: f64 = number.parse().map_err(|_| format!("Failed to convert '{number}' into a number"))?;
    let range = "Argument out of the range that a Duration can represent due to int64_t's size limit";
    Duration::try_from_secs_f64(number * nanos / 1e9)
        .ok()
        .filter(|d| d.as_nanos() < i64::MAX as u128)
        .ok_or_else(|| range.to_owned())
}

/// Writes a duration in the largest unit of which it has at least one.
pub fn format(duration: Duration) -> String {
    let nanos = duration.as_nanos() as f64;
    let (unit, size) = UNITS.iter().find(|(_, size)| nanos >= *size).copied().unwrap_or(("ns", 1.0));
    format!("{}{unit}", nanos / size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_writes_as_mesos_does() {
        assert_eq!(parse("90secs").map(format).as_deref(), Ok("1.5mins"));
        assert_eq!(parse("15secs").map(format).as_deref(), Ok("15secs"));
        assert_eq!(parse("0ns").map(format).as_deref(), Ok("0ns"));
        assert_eq!(parse("3"), Err("Invalid duration '3'".into()));
        assert!(parse("3x").is_err_and(|e| e.starts_with("Unknown duration unit 'x'; supported units are 'ns', ")));
        assert!(parse("-1secs").is_err());
        assert!(parse("1e999weeks").is_err());
    }
}
