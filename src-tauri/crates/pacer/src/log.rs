//! Where log lines go.

use std::fmt;
use std::sync::Arc;

/// Where Pacer's log lines go: one call a line, without the line end.
#[derive(Clone)]
pub struct Log(Arc<dyn Fn(&str) + Send + Sync>);

impl Log {
    /// Lines go to this function. It is called from Pacer's tasks and must be quick.
    pub fn new(sink: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self(Arc::new(sink))
    }

    /// Lines go nowhere.
    pub fn none() -> Self {
        Self::new(|_| ())
    }

    /// Writes a line, in the form of Marathon's log.
    pub(crate) fn line(&self, level: Level, what: impl fmt::Display) {
        let now = jiff::Timestamp::now().strftime("%Y-%m-%d %H:%M:%S,%3f");
        (self.0)(&format!("[{now}] {level:<5} {what}"));
    }

    pub(crate) fn info(&self, what: impl fmt::Display) {
        self.line(Level::Info, what);
    }

    pub(crate) fn warn(&self, what: impl fmt::Display) {
        self.line(Level::Warn, what);
    }
}

/// How serious a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    Info,
    Warn,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Info => "INFO",
            Self::Warn => "WARN",
        })
    }
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Log")
    }
}
