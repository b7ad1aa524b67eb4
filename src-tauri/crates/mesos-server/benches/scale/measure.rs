//! What is measured beside time.

use std::time::{Duration, Instant};

use crate::connection::{Outcome, PATIENCE};

/// What this process holds in memory, in MB.
pub fn memory() -> f64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|rest| rest.trim().trim_end_matches(" kB").parse::<f64>().ok()).unwrap_or_default() / 1024.0
}

/// How long this process has worked on processors, in seconds: it says what the machine's other load hides.
pub fn worked() -> f64 {
    const TICKS: f64 = 100.0;
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // After the name, which may hold anything, come the state and ten numbers, and then two that count.
    let after = text.rsplit_once(')').map(|(_, after)| after).unwrap_or_default();
    after.split_whitespace().skip(11).take(2).filter_map(|n| n.parse::<f64>().ok()).sum::<f64>() / TICKS
}

/// Waits until something is done; how long that took.
pub async fn until(what: &str, done: impl Fn() -> bool) -> Outcome<Duration> {
    let begin = Instant::now();
    while !done() {
        if begin.elapsed() > PATIENCE {
            return Err(format!("no {what} in {PATIENCE:?}").into());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(begin.elapsed())
}
