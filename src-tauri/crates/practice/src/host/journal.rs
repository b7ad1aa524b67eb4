//! The machine's journal: what its units and its systemd said, oldest first.

use std::{
    collections::VecDeque,
    io::Write,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

/// A line of the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entry {
    /// Microseconds since 1970.
    pub at_us: i64,
    /// The boot it was said in, counted from 1.
    pub boot: u32,
    /// The unit it is about, such as `mesos-master`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Who said it, such as `systemd`.
    pub ident: String,
    /// Its process.
    pub pid: u32,
    /// What was said.
    pub message: String,
}

/// The journal, in memory and in a file of JSON lines beside the disk.
#[derive(Debug)]
pub(crate) struct Journal {
    boot: u32,
    inner: Mutex<Inner>,
    /// Lines of this boot.
    count: watch::Sender<u64>,
}

#[derive(Debug)]
struct Inner {
    path: PathBuf,
    file: Option<std::fs::File>,
    written: usize,
    entries: VecDeque<Entry>,
}

/// How many lines are kept.
const KEPT: usize = 10_000;

impl Journal {
    /// Opens the journal for a new boot of the machine.
    pub fn open(path: &Path) -> Self {
        let text = fs_err::read(path).unwrap_or_default();
        let lines = text.split(|b| *b == b'\n').filter_map(|line| serde_json::from_slice::<Entry>(line).ok());
        let mut entries: VecDeque<Entry> = lines.collect();
        while entries.len() > KEPT {
            entries.pop_front();
        }
        let boot = entries.back().map_or(1, |e| e.boot.saturating_add(1));
        let mut inner = Inner { path: path.to_owned(), file: None, written: 0, entries };
        inner.rewrite();
        Self { boot, inner: Mutex::new(inner), count: watch::Sender::new(0) }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a line. A full disk costs lines in the file, never the machine.
    pub fn note(&self, unit: Option<&str>, ident: &str, pid: u32, message: &str) {
        let entry = Entry {
            at_us: jiff::Timestamp::try_from(SystemTime::now()).map_or(0, jiff::Timestamp::as_microsecond),
            boot: self.boot,
            unit: unit.map(str::to_owned),
            ident: ident.to_owned(),
            pid,
            message: message.to_owned(),
        };
        let mut inner = self.inner();
        inner.add(entry);
        self.count.send_modify(|count| *count += 1);
    }

    /// The last `most` lines about `unit` (about all, if none is named), oldest first.
    pub fn last(&self, unit: Option<&str>, most: usize) -> Vec<Entry> {
        let inner = self.inner();
        let about = |entry: &&Entry| unit.is_none() || entry.unit.as_deref() == unit;
        let mut found: Vec<Entry> = inner.entries.iter().rev().filter(about).take(most).cloned().collect();
        found.reverse();
        found
    }

    /// The lines about `unit` (about all, if none is named) that came after so many, and how many there are now; waits for
    /// some.
    pub async fn after(&self, seen: u64, unit: Option<&str>) -> (Vec<Entry>, u64) {
        let mut count = self.count.subscribe();
        // The journal lives as long as whoever asks it.
        let _ = count.wait_for(|count| *count > seen).await;
        let inner = self.inner();
        let now = *self.count.borrow();
        let new = usize::try_from(now - seen).unwrap_or(usize::MAX).min(inner.entries.len());
        let about = |entry: &&Entry| unit.is_none() || entry.unit.as_deref() == unit;
        (inner.entries.iter().skip(inner.entries.len() - new).filter(about).cloned().collect(), now)
    }

    /// How many lines have come in this boot.
    pub fn count(&self) -> u64 {
        *self.count.borrow()
    }

    /// The boot that this is.
    pub fn boot(&self) -> u32 {
        self.boot
    }
}

impl Inner {
    fn add(&mut self, entry: Entry) {
        self.entries.push_back(entry);
        if self.entries.len() > KEPT {
            self.entries.pop_front();
        }
        if self.written >= 4 * KEPT {
            self.rewrite();
        } else {
            self.append();
        }
    }

    fn append(&mut self) {
        let (Some(file), Some(entry)) = (&mut self.file, self.entries.back()) else { return };
        if let Ok(mut line) = serde_json::to_vec(entry) {
            line.push(b'\n');
            let _ = file.write_all(&line);
            self.written += 1;
        }
    }

    /// Writes what is kept, and nothing else, into a new file.
    fn rewrite(&mut self) {
        let mut text = Vec::new();
        for entry in &self.entries {
            if serde_json::to_writer(&mut text, entry).is_ok() {
                text.push(b'\n');
            }
        }
        let _ = crate::atomic::write(&self.path, &text, 0o644, crate::atomic::Durability::Cached);
        self.file = std::fs::OpenOptions::new().create(true).append(true).open(&self.path).ok();
        self.written = self.entries.len();
    }
}
