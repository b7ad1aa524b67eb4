//! Log lines, formatted as glog formats them.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

/// Where a server's log lines go: one call a line, without the line end.
#[derive(Clone)]
pub struct Log(Option<Arc<Sink>>);

/// What takes a line.
type Sink = dyn Fn(&str) + Send + Sync;

impl Log {
    /// Lines go to this function. It is called from the server's tasks and must be quick.
    pub fn new(sink: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(sink)))
    }

    /// Lines go nowhere.
    pub fn none() -> Self {
        Self(None)
    }

    /// Something happened. The place is where the real program says it, as `file:line`.
    pub(crate) fn info(&self, place: &str, text: &str) {
        self.line('I', place, text);
    }

    /// Something may be wrong.
    pub(crate) fn warning(&self, place: &str, text: &str) {
        self.line('W', place, text);
    }

    /// Something is wrong.
    pub(crate) fn error(&self, place: &str, text: &str) {
        self.line('E', place, text);
    }

    fn line(&self, level: char, place: &str, text: &str) {
        let Some(sink) = &self.0 else { return };
        let (month, day, hour, minute, second, micro) = utc(crate::wire::now());
        let id = std::process::id();
        let text = text.replace('\n', " ");
        sink(&format!("{level}{month:02}{day:02} {hour:02}:{minute:02}:{second:02}.{micro:06} {id:5} {place}] {text}"));
    }
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Log")
    }
}

/// The level of logging as a number, for as long as it is raised.
#[derive(Clone, Copy, Debug, Default)]
pub struct LogLevel {
    raised: u64,
    until: Option<Instant>,
}

impl LogLevel {
    /// What it is now.
    pub fn now(&self) -> u64 {
        if self.until.is_some_and(|until| Instant::now() < until) { self.raised } else { 0 }
    }

    /// Raises it for a while.
    pub fn set(&mut self, level: u64, duration: Duration) {
        (self.raised, self.until) = (level, Instant::now().checked_add(duration));
    }
}

/// A time as `date` writes it.
pub fn date(seconds: f64) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let since = seconds as u64 / 86_400;
    let (month, day, hour, minute, second, _) = utc(seconds);
    let year = 1970 + (since * 400 + 146) / 146_097;
    let (weekday, month) = (DAYS[(since % 7) as usize], MONTHS[(month as usize + 11) % 12]);
    format!("{weekday} {month} {day:2} {hour:02}:{minute:02}:{second:02} UTC {year}")
}

/// Month, day, hour, minute, second, microsecond of a time since 1970.
fn utc(seconds: f64) -> (u64, u64, u64, u64, u64, u64) {
    let micros = (seconds * 1e6) as u64;
    let (day, time) = (micros / 86_400_000_000, micros % 86_400_000_000);
    // Days since 0000-03-01, counted in eras of 400 years, each 146,097 days long.
    let since_march = day + 719_468;
    let of_era = since_march % 146_097;
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    (month, day, time / 3_600_000_000, time / 60_000_000 % 60, time / 1_000_000 % 60, time % 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::{date, utc};

    #[test]
    fn times_are_right() {
        assert_eq!(utc(1_795_349_887.5), (11, 22, 12, 18, 7, 500_000));
        assert_eq!(utc(951_782_400.0), (2, 29, 0, 0, 0, 0));
        assert_eq!(date(1_795_349_887.5), "Sun Nov 22 12:18:07 UTC 2026");
    }
}
