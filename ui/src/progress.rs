//! How far a set of steps is. Counts, never guesses.

use protocol::{Step, StepState};

/// How many steps are in which state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// All of them.
    pub of: usize,
    /// Done and proved.
    pub done: usize,
    /// Under way.
    pub running: usize,
    /// Failed.
    pub failed: usize,
    /// Cut off.
    pub interrupted: usize,
}

/// Where a set of steps stands, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stand {
    /// Nothing has begun.
    Todo,
    /// Some are done, none is under way.
    Partly,
    /// Some are under way.
    Running,
    /// One failed or was cut off, and none is under way.
    Stuck,
    /// All are done.
    Done,
}

impl Tally {
    /// Counts.
    pub fn of<'a>(states: impl IntoIterator<Item = &'a StepState>) -> Self {
        let mut tally = Self::default();
        for state in states {
            tally.of += 1;
            match state {
                StepState::Waiting => {}
                StepState::Running { .. } => tally.running += 1,
                StepState::Done { .. } => tally.done += 1,
                StepState::Failed { .. } => tally.failed += 1,
                StepState::Interrupted => tally.interrupted += 1,
            }
        }
        tally
    }

    /// In one word.
    pub fn stand(self) -> Stand {
        if self.running > 0 {
            Stand::Running
        } else if self.failed + self.interrupted > 0 {
            Stand::Stuck
        } else if self.of > 0 && self.done == self.of {
            Stand::Done
        } else if self.done > 0 {
            Stand::Partly
        } else {
            Stand::Todo
        }
    }
}

/// How long the steps took: on one machine they follow each other, machines work side by side, so the slowest counts.
pub fn longest_ms<'a>(steps: impl IntoIterator<Item = &'a Step>) -> u64 {
    let mut sums: Vec<(Option<&str>, u64)> = Vec::new();
    for step in steps {
        let took = match &step.state {
            StepState::Done { took_ms, .. } | StepState::Failed { took_ms, .. } => *took_ms,
            _ => 0,
        };
        let node = step.node.as_deref();
        match sums.iter_mut().find(|(known, _)| *known == node) {
            Some((_, sum)) => *sum += took,
            None => sums.push((node, took)),
        }
    }
    sums.into_iter().map(|(_, sum)| sum).max().unwrap_or(0)
}

/// The step that a page shows while the person has chosen none: what is under way, else what went wrong, else what comes
/// next, else the first.
pub fn most_interesting<'a>(steps: &[&'a Step]) -> Option<&'a Step> {
    let wanted: [fn(&StepState) -> bool; 3] = [
        |state| matches!(state, StepState::Running { .. }),
        |state| matches!(state, StepState::Failed { .. } | StepState::Interrupted),
        |state| matches!(state, StepState::Waiting),
    ];
    let found = wanted.iter().find_map(|wanted| steps.iter().copied().find(|step| wanted(&step.state)));
    found.or(steps.first().copied())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenes;

    #[test]
    fn a_set_stands_where_its_worst_step_stands() {
        let done = StepState::Done { took_ms: 1, already: false };
        let stand = |states: &[&StepState]| Tally::of(states.iter().copied()).stand();
        assert_eq!(stand(&[]), Stand::Todo);
        assert_eq!(stand(&[&StepState::Waiting]), Stand::Todo);
        assert_eq!(stand(&[&done, &StepState::Waiting]), Stand::Partly);
        assert_eq!(stand(&[&done, &done]), Stand::Done);
        assert_eq!(stand(&[&done, &StepState::Interrupted]), Stand::Stuck);
    }

    #[test]
    fn the_slowest_machine_counts() {
        let steps = scenes::running().steps;
        let done = |node: &str| -> u64 {
            let of_node = steps.iter().filter(|step| step.node.as_deref() == Some(node));
            of_node.map(|step| if let StepState::Done { took_ms, .. } = step.state { took_ms } else { 0 }).sum()
        };
        let slowest = ["node1", "node2", "node3"].map(done).into_iter().max();
        let of_nodes = steps.iter().filter(|step| step.node.as_ref().is_some_and(|node| node.starts_with("node")));
        assert_eq!(Some(longest_ms(of_nodes)), slowest);
    }

    #[test]
    fn what_runs_is_shown_before_what_waits() {
        let steps = scenes::running().steps;
        let all: Vec<&Step> = steps.iter().collect();
        let shown = most_interesting(&all).map(|step| &step.state);
        assert!(matches!(shown, Some(StepState::Running { .. })));
        assert!(most_interesting(&[]).is_none());
    }
}
