//! Counters that four-letter words show.

use std::time::{Duration, Instant};

/// A server's counters, or one connection's.
#[derive(Clone, Debug, Default)]
pub struct Stats {
    /// Packets that came.
    pub received: u64,
    /// Packets that went.
    pub sent: u64,
    latency: Latency,
    /// Bytes of the answers to clients: last, least, most.
    pub sizes: Option<(usize, usize, usize)>,
    /// Bytes of proposals: last, least, most.
    pub proposals: Option<(usize, usize, usize)>,
}

/// How long requests took, ms.
#[derive(Clone, Copy, Debug, Default)]
struct Latency {
    count: u64,
    total: u64,
    least: u64,
    most: u64,
}

impl Stats {
    /// A request was answered.
    pub fn answered(&mut self, since: Instant) {
        let ms = u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX);
        let latency = &mut self.latency;
        latency.least = if latency.count == 0 { ms } else { latency.least.min(ms) };
        latency.most = latency.most.max(ms);
        latency.total = latency.total.saturating_add(ms);
        latency.count += 1;
    }

    /// Least and most, ms.
    pub fn extremes(&self) -> (u64, u64) {
        (self.latency.least, self.latency.most)
    }

    /// The average with at most four digits behind the point, as Java prints it.
    pub fn average(&self) -> String {
        let exact = if self.latency.count == 0 { 0.0 } else { self.latency.total as f64 / self.latency.count as f64 };
        super::metrics::java_number(exact)
    }

    /// The average in whole ms.
    pub fn whole_average(&self) -> u64 {
        self.latency.total.checked_div(self.latency.count).unwrap_or(0)
    }

    /// Forgets everything.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// Notes a size.
    pub fn note(sizes: &mut Option<(usize, usize, usize)>, size: usize) {
        *sizes = Some(sizes.map_or((size, size, size), |(_, least, most)| (size, least.min(size), most.max(size))));
    }
}

/// How long something has been, in whole milliseconds.
pub fn ms(duration: Duration) -> u128 {
    duration.as_millis()
}
