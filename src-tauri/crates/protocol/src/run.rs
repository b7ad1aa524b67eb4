//! The wizard's steps as records: what is done, why, what to expect, what was seen.

use serde::{Deserialize, Serialize};
use words::{Problem, Text};

use crate::flat;

/// A page of the wizard; each step belongs to one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Page {
    /// Writing the project folder.
    Plan,
    /// Making machines.
    Machines,
    /// The ensemble.
    ZooKeeper,
    /// Masters and agents.
    Mesos,
    /// The scheduler and the applications.
    Application,
}

/// One step: a record that teaches.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Stable within a plan: `zookeeper.initialise.node1`.
    pub id: String,
    /// Where the wizard shows it.
    pub page: Page,
    /// The machine it acts on; none for steps of the whole cluster.
    pub node: Option<String>,
    /// A few words: "Initialise as 1".
    pub title: Text,
    /// The exact command that a person would type, one a line.
    pub command: String,
    /// Why it is needed.
    pub why: Text,
    /// What to expect.
    pub expected: Text,
    /// Ids of the steps that must be done first.
    pub after: Vec<String>,
    /// How long it may take, seconds.
    pub deadline_s: u32,
    /// Where it stands.
    pub state: StepState,
    /// What was seen when it was verified: the checking command and its output.
    pub observed: Option<Observed>,
}

/// What was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observed {
    /// The command that looked.
    pub command: String,
    /// Its output, as text.
    pub output: String,
}

/// Where a step stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "is", try_from = "flat::StepState")]
pub enum StepState {
    /// Not begun.
    Waiting,
    /// Under way.
    Running {
        /// Since when, milliseconds since 1970.
        since_ms: u64,
        /// What it is doing or waiting for, in a few words.
        doing: Text,
    },
    /// Its effect is there and proved.
    Done {
        /// How long it took, milliseconds.
        took_ms: u64,
        /// It was there already: nothing had to be done.
        already: bool,
    },
    /// It could not be done.
    Failed {
        /// How long it took, milliseconds.
        took_ms: u64,
        /// Why, and what next.
        problem: Box<Problem>,
    },
    /// The person cancelled it, or the program was cut off in the middle of it.
    Interrupted,
}

impl StepState {
    /// Its effect is there.
    pub fn is_done(&self) -> bool {
        matches!(self, Self::Done { .. })
    }
}

/// Whether steps are being run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "is", from = "flat::RunState")]
pub enum RunState {
    /// Nothing runs.
    Idle,
    /// Steps are being run.
    Running,
    /// A cancel was asked for; steps are being ended.
    Cancelling,
    /// The machines are being halted.
    Halting,
    /// The machines are being destroyed.
    Destroying,
}

/// A line of output.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// Milliseconds since 1970.
    pub at_ms: u64,
    /// The machine it comes from, if from one.
    pub node: Option<String>,
    /// The step that made it, if one did.
    pub step: Option<String>,
    /// It was said on standard error.
    pub error: bool,
    /// The line, without control codes.
    pub text: String,
}
