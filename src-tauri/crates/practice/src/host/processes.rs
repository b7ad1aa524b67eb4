//! The machine's processes: a few that every machine has, and those of its units.

use std::sync::atomic::{AtomicU32, Ordering};

/// A process, as `ps` shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Process {
    /// Its number.
    pub pid: u32,
    /// Whose it is.
    pub user: String,
    /// What it was started as.
    pub command: String,
}

/// The login shell's number, which `$$` shows.
pub(crate) const SHELL_PID: u32 = 612;

/// Numbers for new processes.
#[derive(Debug)]
pub(crate) struct Pids(AtomicU32);

impl Pids {
    /// As of a fresh boot.
    pub fn new() -> Self {
        Self(AtomicU32::new(SHELL_PID + 29))
    }

    /// The next one.
    pub fn next(&self) -> u32 {
        self.0.fetch_add(3, Ordering::Relaxed)
    }
}

/// What runs on every machine.
pub(crate) fn standing() -> Vec<Process> {
    [
        (1, "root", "/sbin/init"),
        (187, "root", "/lib/systemd/systemd-journald"),
        (354, "root", "/usr/sbin/cron -f"),
        (361, "root", "/lib/systemd/systemd-logind"),
        (402, "root", "sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups"),
        (598, "root", "sshd: vagrant [priv]"),
        (SHELL_PID, "vagrant", "-bash"),
    ]
    .map(|(pid, user, command)| Process { pid, user: user.to_owned(), command: command.to_owned() })
    .into()
}
