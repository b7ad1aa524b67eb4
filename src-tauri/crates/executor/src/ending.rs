//! How a process came to its end, in Mesos's words.

use std::fmt;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

/// How a process came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// By itself, with this status.
    Exited(i32),
    /// By a signal.
    Signaled {
        /// Which.
        signal: i32,
        /// Its memory was written to a file.
        core_dumped: bool,
    },
}

impl Ending {
    /// It ended by itself, and well.
    pub fn is_success(self) -> bool {
        self == Self::Exited(0)
    }

    /// The number that `wait` gave, as Mesos shows it for checks: a signal is told as a shell would, 128 and more.
    pub fn code(self) -> i32 {
        match self {
            Self::Exited(code) => code,
            Self::Signaled { signal, .. } => 128 + signal,
        }
    }
}

impl From<ExitStatus> for Ending {
    fn from(status: ExitStatus) -> Self {
        match (status.code(), status.signal()) {
            (None, Some(signal)) => Self::Signaled { signal, core_dumped: status.core_dumped() },
            (code, _) => Self::Exited(code.unwrap_or_default()),
        }
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Exited(code) => write!(f, "exited with status {code}"),
            Self::Signaled { signal, core_dumped } => {
                write!(f, "terminated with signal ")?;
                match usize::try_from(signal).ok().and_then(|number| SIGNALS.get(number)) {
                    Some(name) => f.write_str(name)?,
                    None => write!(f, "Unknown signal {signal}")?,
                }
                if core_dumped { f.write_str(" (core dumped)") } else { Ok(()) }
            }
        }
    }
}

/// Linux's signals by number, as glibc names them in English: a status must not depend on the library that was linked.
const SIGNALS: [&str; 32] = [
    "Unknown signal 0",
    "Hangup",
    "Interrupt",
    "Quit",
    "Illegal instruction",
    "Trace/breakpoint trap",
    "Aborted",
    "Bus error",
    "Floating point exception",
    "Killed",
    "User defined signal 1",
    "Segmentation fault",
    "User defined signal 2",
    "Broken pipe",
    "Alarm clock",
    "Terminated",
    "Stack fault",
    "Child exited",
    "Continued",
    "Stopped (signal)",
    "Stopped",
    "Stopped (tty input)",
    "Stopped (tty output)",
    "Urgent I/O condition",
    "CPU time limit exceeded",
    "File size limit exceeded",
    "Virtual timer expired",
    "Profiling timer expired",
    "Window changed",
    "I/O possible",
    "Power failure",
    "Bad system call",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_in_mesos_words() {
        assert_eq!(Ending::Exited(1).to_string(), "exited with status 1");
        let killed = Ending::from(ExitStatus::from_raw(9));
        assert_eq!(killed.to_string(), "terminated with signal Killed");
        let dumped = Ending::from(ExitStatus::from_raw(11 | 0x80));
        assert_eq!(dumped.to_string(), "terminated with signal Segmentation fault (core dumped)");
        let realtime = Ending::Signaled { signal: 40, core_dumped: false };
        assert_eq!(realtime.to_string(), "terminated with signal Unknown signal 40");
        assert!(Ending::from(ExitStatus::from_raw(0)).is_success());
    }
}
