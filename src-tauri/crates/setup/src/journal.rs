//! What was begun and what was proved: one JSON line each, appended and flushed to the disk before anything goes on.

use std::{
    fs::{File, OpenOptions},
    io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use marathon::AppDefinition;
use plan::ClusterPlan;
use protocol::{Observed, StepState};
use serde::{Deserialize, Serialize};
use words::Problem;

use crate::WriteError;

/// A line of the journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "is")]
pub enum Entry {
    /// The plan was saved anew: what was proved before counts no longer.
    Planned,
    /// A run by this plan was begun: from here on there may be machines of it.
    Made {
        /// The plan.
        plan: Box<ClusterPlan>,
    },
    /// The scheduler took an application as the plan has it.
    Deployed {
        /// The application.
        application: Box<AppDefinition>,
    },
    /// A step was begun.
    Begun {
        /// Its id.
        step: String,
    },
    /// A step's effect was proved.
    Done {
        /// Its id.
        step: String,
        /// How long it took, milliseconds.
        took_ms: u64,
        /// It was there already.
        already: bool,
        /// What was seen.
        observed: Observed,
    },
    /// A step could not be done.
    Failed {
        /// Its id.
        step: String,
        /// How long it took, milliseconds.
        took_ms: u64,
        /// Why.
        problem: Box<Problem>,
    },
    /// A step was cancelled.
    Interrupted {
        /// Its id.
        step: String,
    },
    /// The machines were halted.
    Halted,
    /// The machines were brought up: all steps were proved.
    Up,
    /// The machines were destroyed: nothing is there any more.
    Destroyed,
}

/// An entry with its time.
#[derive(Debug, Serialize, Deserialize)]
struct Line {
    at_ms: u64,
    #[serde(flatten)]
    entry: Entry,
}

/// The journal could not be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read {}: {source}", path.display())]
pub struct JournalError {
    /// Which.
    pub path: PathBuf,
    /// The system's reason.
    pub source: io::Error,
}

/// The journal of one cluster, open for appending.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
}

impl Journal {
    /// Opens the journal, making it if it is missing, and gives back what is in it. A last line that was cut off (the power
    /// failed while it was written) is dropped: what it said was never acted upon. A line that a newer version wrote
    /// and this one does not understand is passed over.
    ///
    /// # Errors
    /// [`JournalError`] if the file can't be read or made.
    pub fn open(path: &Path) -> Result<(Self, Vec<Entry>), JournalError> {
        Self::open_file(path).map_err(|source| JournalError { path: path.to_owned(), source })
    }

    fn open_file(path: &Path) -> io::Result<(Self, Vec<Entry>)> {
        let mut file = OpenOptions::new().create(true).truncate(false).read(true).write(true).open(path)?;
        let mut entries = Vec::new();
        let mut whole = 0;
        let mut reader = BufReader::new(&file);
        let mut line = Vec::new();
        while reader.read_until(b'\n', &mut line)? > 0 && line.ends_with(b"\n") {
            whole += line.len() as u64;
            if let Ok(line) = serde_json::from_slice::<Line>(&line) {
                entries.push(line.entry);
            }
            line.clear();
        }
        file.set_len(whole)?;
        file.seek(SeekFrom::End(0))?;
        Ok((Self { path: path.to_owned(), file }, entries))
    }

    /// What is in a journal that stays as it is: for looking at a cluster without opening it.
    ///
    /// # Errors
    /// [`JournalError`] if it is there and can't be read.
    pub fn read(path: &Path) -> Result<Vec<Entry>, JournalError> {
        let mut text = String::new();
        match File::open(path).and_then(|mut f| f.read_to_string(&mut text)) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => Err(JournalError { path: path.to_owned(), source: e }),
            _ => Ok(text.lines().filter_map(|l| serde_json::from_str::<Line>(l).ok()).map(|l| l.entry).collect()),
        }
    }

    /// Appends an entry; when this returns, it is on the disk.
    ///
    /// # Errors
    /// [`WriteError`], such as a full disk.
    pub fn append(&mut self, entry: Entry) -> Result<(), WriteError> {
        let line = Line { at_ms: crate::run::now_ms(), entry };
        let mut bytes = serde_json::to_vec(&line).unwrap_or_default();
        bytes.push(b'\n');
        let written = self.file.write_all(&bytes).and_then(|()| self.file.sync_data());
        written.map_err(|source| WriteError { path: self.path.clone(), source })
    }
}

/// The state and the observation that the journal gives a step: what its last entry said. A step that was begun and
/// never ended was cut off.
pub fn state_of(entries: &[Entry], id: &str) -> (StepState, Option<Observed>) {
    for entry in entries.iter().rev() {
        match entry {
            Entry::Planned | Entry::Destroyed => break,
            Entry::Begun { step } | Entry::Interrupted { step } if step == id => return (StepState::Interrupted, None),
            Entry::Done { step, took_ms, already, observed } if step == id => {
                let state = StepState::Done { took_ms: *took_ms, already: *already };
                return (state, Some(observed.clone()));
            }
            Entry::Failed { step, took_ms, problem } if step == id => {
                return (StepState::Failed { took_ms: *took_ms, problem: problem.clone() }, None);
            }
            _ => {}
        }
    }
    (StepState::Waiting, None)
}

/// The plan that the machines were made by; none if there are no machines.
pub fn made(entries: &[Entry]) -> Option<ClusterPlan> {
    entries.iter().rev().take_while(|e| **e != Entry::Destroyed).find_map(|entry| match entry {
        Entry::Made { plan } => Some(ClusterPlan::clone(plan)),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begun(step: &str) -> Entry {
        Entry::Begun { step: step.into() }
    }

    fn done(step: &str) -> Entry {
        let observed = Observed { command: "look".into(), output: "there".into() };
        Entry::Done { step: step.into(), took_ms: 5, already: false, observed }
    }

    #[test]
    fn what_was_appended_is_read_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("journal.jsonl");
        let (mut journal, before) = Journal::open(&path).expect("opened");
        assert!(before.is_empty());
        journal.append(begun("a")).expect("written");
        journal.append(done("a")).expect("written");
        drop(journal);
        assert_eq!(Journal::open(&path).expect("opened").1, [begun("a"), done("a")]);
        assert_eq!(Journal::read(&path).expect("read"), [begun("a"), done("a")]);
    }

    #[test]
    fn a_line_that_was_cut_off_is_dropped_and_written_over() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("journal.jsonl");
        let (mut journal, _) = Journal::open(&path).expect("opened");
        journal.append(begun("a")).expect("written");
        drop(journal);
        let whole = std::fs::read(&path).expect("read");
        for cut in 1..whole.len() {
            let mut torn = whole.clone();
            torn.extend(&whole[..cut]);
            std::fs::write(&path, &torn).expect("written");
            let (mut journal, entries) = Journal::open(&path).expect("opened");
            assert_eq!(entries, [begun("a")]);
            journal.append(begun("b")).expect("written");
            assert_eq!(Journal::read(&path).expect("read"), [begun("a"), begun("b")]);
        }
    }

    #[test]
    fn the_last_entry_of_a_step_is_its_state() {
        assert_eq!(state_of(&[], "a").0, StepState::Waiting);
        assert_eq!(state_of(&[begun("a")], "a").0, StepState::Interrupted);
        assert_eq!(
            state_of(&[begun("a"), done("a"), begun("b")], "a").0,
            StepState::Done { took_ms: 5, already: false }
        );
        assert_eq!(state_of(&[done("a"), Entry::Planned], "a").0, StepState::Waiting);
        assert_eq!(state_of(&[done("a"), Entry::Destroyed, begun("a")], "a").0, StepState::Interrupted);
        assert!(state_of(&[done("a"), Entry::Halted], "a").0.is_done());
    }
}
