//! Where a program's lines go: the journal and its log file.

use std::{
    fs::File,
    io::Write,
    sync::{Arc, Mutex, PoisonError},
};

use hardware::Disk;

use super::kind::Kind;
use crate::host::{Host, disk::Meta, journal::Journal, users::User};

/// The log of one run of a program. Cheap to clone.
#[derive(Clone)]
pub(crate) struct UnitLog {
    kind: Kind,
    pid: u32,
    journal: Arc<Journal>,
    /// None if the file cannot be written; the journal has the lines all the same.
    file: Arc<Option<Mutex<File>>>,
    disk: Disk,
}

impl UnitLog {
    /// Opens it for a new process.
    pub fn open(host: &Host, kind: Kind, pid: u32) -> Self {
        let group = User::find(&host.disk, kind.user()).map_or_else(|| "root".to_owned(), |u| u.group());
        let meta = Meta::new(kind.user(), &group, 0o644);
        let file = host.disk.open_log(kind.log(), meta).ok().map(Mutex::new);
        Self { kind, pid, journal: host.journal.clone(), file: Arc::new(file), disk: host.hardware.disk.clone() }
    }

    /// Writes a line, as the program.
    pub fn line(&self, line: &str) {
        self.journal.note(Some(self.kind.unit()), self.kind.ident(), self.pid, line);
        // A full disk costs log lines, as it does on a real machine.
        if let Some(file) = self.file.as_ref().as_ref().filter(|_| !self.disk.is_full()) {
            let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
            let _ = file.write_all(format!("{line}\n").as_bytes());
        }
    }

    /// Writes several.
    pub fn lines<'a>(&self, lines: impl IntoIterator<Item = &'a str>) {
        lines.into_iter().for_each(|line| self.line(line));
    }

    /// Writes a line, as systemd speaking of the unit.
    pub fn systemd(&self, line: &str) {
        self.journal.note(Some(self.kind.unit()), "systemd", 1, line);
    }
}
