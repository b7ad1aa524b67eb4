//! The log as the window keeps it: many lines, told on at most once a frame.

use std::collections::VecDeque;

use leptos::prelude::*;
use protocol::LogLine;

/// How many lines are kept: the newest.
const KEPT: usize = 5000;

/// The log of one cluster.
#[derive(Clone, Copy)]
pub struct LogBook {
    lines: StoredValue<VecDeque<LogLine>>,
    announced: StoredValue<bool>,
    version: RwSignal<u64>,
}

impl LogBook {
    /// A book with these lines, oldest first.
    pub fn new(lines: Vec<LogLine>) -> Self {
        Self { lines: StoredValue::new(lines.into()), announced: StoredValue::new(false), version: RwSignal::new(0) }
    }

    /// Takes a line in. Readers hear of it at the next frame, together with all others that come until then.
    pub fn push(self, line: LogLine) {
        self.lines.update_value(|lines| {
            lines.push_back(line);
            let excess = lines.len().saturating_sub(KEPT);
            lines.drain(..excess);
        });
        if !self.announced.get_value() {
            self.announced.set_value(true);
            self.announce();
        }
    }

    /// Takes other lines instead of those that it holds.
    pub fn replace(self, lines: Vec<LogLine>) {
        self.lines.set_value(lines.into());
        self.version.update(|version| *version += 1);
    }

    /// Reads the lines, oldest first. Tracked.
    pub fn with<T>(self, read: impl FnOnce(&VecDeque<LogLine>) -> T) -> T {
        self.version.track();
        self.lines.with_value(read)
    }

    /// The newest `count` lines, oldest first. Not tracked.
    #[cfg(test)]
    pub fn newest(self, count: usize) -> Vec<LogLine> {
        self.lines.with_value(|lines| lines.iter().skip(lines.len().saturating_sub(count)).cloned().collect())
    }

    fn announce(self) {
        let tell = move || {
            self.announced.try_update_value(|announced| *announced = false);
            self.version.try_update(|version| *version += 1);
        };
        if cfg!(target_arch = "wasm32") { request_animation_frame(tell) } else { tell() }
    }
}
