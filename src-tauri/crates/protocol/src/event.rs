//! One cluster as a numbered stream: the picture, then changes.

use plan::ClusterPlan;
use serde::{Deserialize, Serialize};

use crate::{Feed, Live, LiveChange, LogLine, RunState, Step};

/// The version of the events' form, given as `v` in every event; it changes when an old reader would misread one.
pub const VERSION: u32 = 1;

/// How many log lines, and how many feed entries, a picture holds at the most: the newest.
pub const KEPT: usize = 500;

/// A cluster at a moment: everything that a window needs to draw it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClusterView {
    /// The number of the last change that is in this picture.
    pub seq: u64,
    /// What the student wants.
    pub plan: ClusterPlan,
    /// The cluster's folder.
    pub folder: String,
    /// Whether steps are being run.
    pub run: RunState,
    /// All steps, in the order in which a person would do them.
    pub steps: Vec<Step>,
    /// The newest log lines, oldest first.
    pub log: Vec<LogLine>,
    /// What the cluster itself says.
    pub live: Live,
    /// What happened, oldest first.
    pub feed: Vec<Feed>,
}

/// One change of a cluster.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// [`VERSION`].
    pub v: u32,
    /// One more than the event's before it.
    pub seq: u64,
    /// Milliseconds since 1970.
    pub at_ms: u64,
    /// What changed.
    pub change: Change,
}

/// What changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind", content = "body")]
pub enum Change {
    /// Another plan, and the steps that follow from it.
    Plan {
        /// The plan.
        plan: Box<ClusterPlan>,
        /// Its steps.
        steps: Vec<Step>,
    },
    /// Steps are being run, or no longer.
    Run(RunState),
    /// One step's record, whole.
    Step(Box<Step>),
    /// A line of output.
    Log(LogLine),
    /// One section of what the cluster says, whole.
    Live(Box<LiveChange>),
    /// Something happened.
    Feed(Feed),
}

/// Where changes go: whoever numbers them and hands them on. Must not block.
pub trait Sink: Send + Sync {
    /// Takes a change.
    fn send(&self, change: Change);
}

impl ClusterView {
    /// Brings the picture up to `event`. Gives `false`, and changes nothing, if events are missing between the two:
    /// then the picture must be taken anew. An event that the picture already holds is passed over.
    pub fn apply(&mut self, event: Event) -> bool {
        if event.seq <= self.seq {
            return true;
        }
        if event.seq != self.seq + 1 {
            return false;
        }
        self.seq = event.seq;
        match event.change {
            Change::Plan { plan, steps } => {
                self.plan = *plan;
                self.steps = steps;
            }
            Change::Run(run) => self.run = run,
            Change::Step(step) => {
                if let Some(old) = self.steps.iter_mut().find(|s| s.id == step.id) {
                    *old = *step;
                }
            }
            Change::Log(line) => push_kept(&mut self.log, line),
            Change::Live(change) => self.live.apply(*change),
            Change::Feed(entry) => push_kept(&mut self.feed, entry),
        }
        true
    }
}

fn push_kept<T>(list: &mut Vec<T>, item: T) {
    if list.len() >= KEPT {
        list.drain(..=list.len() - KEPT);
    }
    list.push(item);
}

#[cfg(test)]
mod tests {
    use super::push_kept;

    #[test]
    fn a_full_list_drops_its_oldest() {
        let mut list: Vec<usize> = (0..super::KEPT).collect();
        push_kept(&mut list, 1000);
        assert_eq!((list.len(), list[0], list[super::KEPT - 1]), (super::KEPT, 1, 1000));
    }
}
