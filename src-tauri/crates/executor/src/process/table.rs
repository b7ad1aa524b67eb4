//! The machine's table of processes, and which of them are the task's.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use rustix::io::Errno;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};

/// A process, as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Process {
    /// Its number.
    pub pid: u32,
    /// Its parent's.
    pub parent: u32,
    /// It has ended, and its parent has not asked how.
    pub is_zombie: bool,
}

impl Process {
    /// Reads a line of `/proc/PID/stat`: `PID (NAME) STATE PARENT …`, where the name may hold anything.
    fn read(line: &str) -> Option<Self> {
        let (pid, rest) = line.split_once(" (")?;
        let (_, rest) = rest.rsplit_once(')')?;
        let mut fields = rest.split_ascii_whitespace();
        let state = fields.next()?;
        let parent = fields.next()?.parse().ok()?;
        Some(Self { pid: pid.parse().ok()?, parent, is_zombie: matches!(state, "Z" | "X") })
    }
}

/// The processes of this machine, at one moment.
#[derive(Clone, Debug, Default)]
pub struct Table(BTreeMap<u32, Process>);

impl Table {
    /// As they are now. Processes that end meanwhile are left out.
    pub fn now() -> Self {
        let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
        let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
        Self::of(pids.filter_map(|pid| Process::read(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)))
    }

    /// These.
    pub fn of(processes: impl IntoIterator<Item = Process>) -> Self {
        Self(processes.into_iter().map(|process| (process.pid, process)).collect())
    }

    /// The children of a process that have ended and wait to be asked how.
    pub fn dead_children(&self, parent: u32) -> impl Iterator<Item = u32> {
        self.0.values().filter(move |process| process.parent == parent && process.is_zombie).map(|process| process.pid)
    }

    /// All that live and descend from `top`, without `top` itself and without `strangers` and theirs.
    pub fn descendants(&self, top: u32, strangers: &BTreeSet<u32>) -> BTreeSet<u32> {
        let mut children: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for process in self.0.values() {
            children.entry(process.parent).or_default().push(process.pid);
        }
        let (mut found, mut ahead) = (BTreeSet::new(), vec![top]);
        while let Some(parent) = ahead.pop() {
            for &child in children.get(&parent).into_iter().flatten() {
                if !strangers.contains(&child) && found.insert(child) {
                    ahead.push(child);
                }
            }
        }
        found.retain(|pid| self.0.get(pid).is_some_and(|process| !process.is_zombie));
        found
    }
}

/// The task's processes: all that descends from the executor, which adopts those whose parent has died, except what it
/// started itself for checks.
#[derive(Clone, Debug)]
pub struct Family {
    /// The executor.
    pub top: u32,
    /// What else it started.
    pub strangers: BTreeSet<u32>,
}

impl Family {
    /// Who is there now.
    pub fn members(&self) -> BTreeSet<u32> {
        Table::now().descendants(self.top, &self.strangers)
    }

    /// Whether nobody is left. One look may miss a process that starts another one and ends just then; whether there are children at
    /// all, the system knows. Where others' children hide that, several looks have to agree.
    pub fn is_gone(&self) -> bool {
        self.members().is_empty() && (has_no_children() || (1..LOOKS).all(|_| self.members().is_empty()))
    }

    /// Asks all to end. Those that were stopped go on, so that they can hear it.
    pub fn ask(&self) {
        let members = self.members();
        send(Signal::TERM, &members);
        send(Signal::CONT, &members);
    }

    /// Kills all. They are stopped before: what is stopped starts nothing more that could be missed.
    pub fn kill(&self) {
        let mut stopped = BTreeSet::new();
        for _ in 0..ROUNDS {
            let fresh: BTreeSet<_> = self.members().difference(&stopped).copied().collect();
            if fresh.is_empty() {
                break;
            }
            send(Signal::STOP, &fresh);
            stopped.extend(fresh);
        }
        send(Signal::KILL, &stopped);
    }
}

/// How often it is looked for processes that were started meanwhile, before the rest is left for the next time.
const ROUNDS: usize = 20;

/// How many looks in a row have to find nobody.
const LOOKS: usize = 4;

/// Whether this process has no children, neither living ones nor any that wait to be buried.
fn has_no_children() -> bool {
    let looking = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    matches!(waitid(WaitId::All, looking), Err(Errno::CHILD))
}

/// Sends a signal to those that still live: an end is what is wanted.
fn send(signal: Signal, pids: &BTreeSet<u32>) {
    for pid in pids.iter().filter_map(|pid| Pid::from_raw(i32::try_from(*pid).ok()?)) {
        kill_process(pid, signal).ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn process(pid: u32, parent: u32) -> Process {
        Process { pid, parent, is_zombie: false }
    }

    #[test]
    fn a_name_may_hold_anything() {
        let read = Process::read("12 (a) b (c) S 7 12 12 0 -1").unwrap();
        assert_eq!(read, process(12, 7));
        assert!(Process::read("12 (a) Z 7 12").unwrap().is_zombie);
        assert_eq!(Process::read("nothing"), None);
    }

    #[test]
    fn descendants_without_strangers_and_the_dead() {
        let dead = Process { is_zombie: true, ..process(14, 11) };
        let table =
            Table::of([process(10, 1), process(11, 10), process(12, 11), process(13, 10), dead, process(15, 13)]);
        assert_eq!(table.descendants(10, &BTreeSet::from([13])), BTreeSet::from([11, 12]));
        assert_eq!(table.dead_children(11).collect::<Vec<_>>(), [14]);
    }

    #[test]
    fn a_circle_ends() {
        let table = Table::of([process(10, 11), process(11, 10)]);
        assert_eq!(table.descendants(10, &BTreeSet::new()), BTreeSet::from([10, 11]));
    }

    #[test]
    fn this_very_test_is_in_the_table() {
        let table = Table::now();
        assert!(table.0.contains_key(&std::process::id()));
    }
}
