//! Log lines in the form of ZooKeeper's own log.

use std::{fmt, sync::Arc};

/// Where a server's log lines go: one call a line, formatted as ZooKeeper's log has them, without the line end.
#[derive(Clone)]
pub struct Log(Arc<dyn Fn(&str) + Send + Sync>);

impl Log {
    /// Lines go to this function. It is called from the server's tasks and must be quick.
    pub fn new(sink: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self(Arc::new(sink))
    }

    /// Lines go nowhere.
    pub fn none() -> Self {
        Self::new(|_| ())
    }

    pub(crate) fn raw(&self, line: &str) {
        (self.0)(line);
    }
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Log")
    }
}

/// How grave a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    /// News.
    Info,
    /// Look at this.
    Warn,
    /// Something broke.
    Error,
}

/// What stands before a message.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line<'a> {
    /// The server's id; empty on a lone server.
    pub myid: &'a str,
    /// How grave it is.
    pub level: Level,
    /// The thread that the real server logs it from.
    pub thread: &'a str,
    /// Class and line in the real server's source.
    pub class: &'a str,
}

impl Line<'_> {
    /// The whole line, at this moment, in the pattern of ZooKeeper 3.8's default logging configuration.
    pub fn format(&self, message: &str) -> String {
        let level = match self.level {
            Level::Info => "INFO ",
            Level::Warn => "WARN ",
            Level::Error => "ERROR",
        };
        let now = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).strftime("%Y-%m-%d %H:%M:%S,%3f");
        format!("{now} [myid:{}] - {level} [{}:{}] - {message}", self.myid, self.thread, self.class)
    }
}

/// A server's log: knows its id and the name of its main thread.
#[derive(Clone, Debug)]
pub(crate) struct Journal {
    log: Log,
    myid: String,
    main: String,
}

impl Journal {
    /// The log of a server; `myid` is empty on a lone one.
    pub fn new(log: Log, myid: String) -> Self {
        Self { log, myid, main: "main".to_owned() }
    }

    /// From now on, [`Self::info`] and its like log from this thread.
    pub fn set_thread(&mut self, thread: String) {
        self.main = thread;
    }

    /// A line from another thread.
    pub fn from(&self, thread: &str, level: Level, class: &str, message: &str) {
        self.log.raw(&Line { myid: &self.myid, level, thread, class }.format(message));
    }

    /// A line without anything before it, such as an exception's.
    pub fn bare(&self, line: &str) {
        self.log.raw(line);
    }

    /// News.
    pub fn info(&self, class: &str, message: &str) {
        self.from(&self.main, Level::Info, class, message);
    }

    /// Look at this.
    pub fn warn(&self, class: &str, message: &str) {
        self.from(&self.main, Level::Warn, class, message);
    }

    /// Something broke.
    pub fn error(&self, class: &str, message: &str) {
        self.from(&self.main, Level::Error, class, message);
    }
}
