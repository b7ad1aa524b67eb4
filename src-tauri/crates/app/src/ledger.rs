//! Where a cluster stands, as its journal tells without opening it.

use std::collections::HashSet;

use protocol::ClusterState;
use setup::Entry;

/// The state that a journal's entries add up to, for a plan of `of` steps.
pub fn state(entries: &[Entry], of: usize) -> ClusterState {
    let mut done = HashSet::new();
    let mut state = ClusterState::Planned;
    for entry in entries {
        match entry {
            Entry::Planned | Entry::Destroyed => {
                done.clear();
                state = ClusterState::Planned;
            }
            Entry::Made { .. } | Entry::Deployed { .. } => {}
            Entry::Halted => state = ClusterState::Halted,
            Entry::Up => state = ClusterState::Up,
            Entry::Done { step, .. } => {
                done.insert(step.as_str());
                state = partial(done.len(), of);
            }
            Entry::Begun { step } | Entry::Failed { step, .. } | Entry::Interrupted { step } => {
                done.remove(step.as_str());
                state = partial(done.len(), of);
            }
        }
    }
    state
}

fn partial(done: usize, of: usize) -> ClusterState {
    ClusterState::Partial { done, of }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begun(step: &str) -> Entry {
        Entry::Begun { step: step.into() }
    }

    fn done(step: &str) -> Entry {
        let observed = protocol::Observed { command: String::new(), output: String::new() };
        Entry::Done { step: step.into(), took_ms: 1, already: false, observed }
    }

    #[test]
    fn a_journal_adds_up_to_a_state() {
        assert_eq!(state(&[], 2), ClusterState::Planned);
        assert_eq!(state(&[begun("a"), done("a"), begun("b")], 2), ClusterState::Partial { done: 1, of: 2 });
        assert_eq!(state(&[done("a"), done("b"), Entry::Up], 2), ClusterState::Up);
        assert_eq!(state(&[done("a"), Entry::Up, Entry::Halted], 2), ClusterState::Halted);
        assert_eq!(state(&[done("a"), Entry::Up, Entry::Halted, Entry::Destroyed], 2), ClusterState::Planned);
        assert_eq!(state(&[done("a"), begun("a")], 2), ClusterState::Partial { done: 0, of: 2 });
    }
}
