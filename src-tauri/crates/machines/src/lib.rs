//! The one seam between practice and real: [`Machines`], a set of machines that can be made, entered and removed.
//!
//! Whoever builds a cluster knows only this trait. `practice` implements it with simulated machines; Vagrant's
//! implementation is built to the same contract.

use std::time::Duration;

use async_trait::async_trait;
use words::Problem;

/// Where a machine stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It does not exist.
    Missing,
    /// It runs.
    Running,
    /// It exists and is off.
    Halted,
    /// It exists and sleeps.
    Paused,
}

/// A file to put on a machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// Absolute path on the machine.
    pub path: String,
    /// What is in it.
    pub content: Vec<u8>,
    /// `user:group`.
    pub owner: String,
    /// Unix mode, such as 0o644.
    pub mode: u32,
}

/// What a command did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// Its exit code; 128 + n if signal n ended it.
    pub code: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Output {
    /// It ended with 0.
    pub fn success(&self) -> bool {
        self.code == 0
    }
}

/// A trouble with machines. [`Self::problem`] is how a person meets it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The machine is not up, so nothing can be done on it.
    #[error("{node} is not running")]
    NotRunning {
        /// Which.
        node: String,
    },
    /// The machine did not answer in time.
    #[error("{node}: `{doing}` took longer than {deadline:?}")]
    Deadline {
        /// Which.
        node: String,
        /// What was being done.
        doing: String,
        /// How long it was given.
        deadline: Duration,
    },
    /// What makes the machines failed; it says so in its own terms.
    #[error("{}", .0.what.en)]
    Provider(Box<Problem>),
}

impl Error {
    /// How a person meets it.
    pub fn problem(&self) -> Problem {
        use words::{Action, text};
        match self {
            Self::NotRunning { node } => Problem::new(
                "machine-not-running",
                text!("{node} is not running.", "{node} n’est pas démarrée."),
                text!("Bring the cluster up, then try again.", "Démarrez le cluster, puis réessayez."),
            )
            .with_action(Action::Up),
            Self::Deadline { node, doing, deadline } => {
                let s = deadline.as_secs_f32();
                Problem::new(
                    "machine-deadline",
                    text!("{node} did not finish within {s} s: {doing}", "{node} n’a pas terminé en {s} s : {doing}"),
                    text!(
                        "Look at the log of that machine, then try again.",
                        "Regardez le journal de cette machine, puis réessayez."
                    ),
                )
                .with_action(Action::Retry)
            }
            Self::Provider(problem) => (**problem).clone(),
        }
    }
}

/// What machines give back.
pub type Result<T> = std::result::Result<T, Error>;

/// Hears what a command says as it says it: some of its standard output, and some of its standard error.
pub type Listener<'a> = &'a mut (dyn FnMut(&str, &str) + Send);

/// A cluster's machines. All calls may be made side by side, for different machines and for one.
#[async_trait]
pub trait Machines: Send + Sync {
    /// Where every machine of the plan stands, by name.
    async fn states(&self) -> Result<Vec<(String, State)>>;

    /// Makes the machine if it is missing, starts it if it is off, and waits until commands can be run on it.
    async fn up(&self, node: &str) -> Result<()>;

    /// Shuts the machine down in an orderly way; nothing if it is off.
    async fn halt(&self, node: &str) -> Result<()>;

    /// Removes the machine and all its data; nothing if it is missing.
    async fn destroy(&self, node: &str) -> Result<()>;

    /// Runs a line in the machine's shell as its ordinary user (who may `sudo`), until it ends or `deadline` is over.
    /// A command that ends with another code than 0 is no error of this call.
    async fn run(&self, node: &str, command: &str, deadline: Duration) -> Result<Output>;

    /// Runs a line as [`Self::run`] does, tells at once what it says, and gives its exit code. It goes on until it ends, or
    /// this is dropped: `tail -f`.
    async fn follow(&self, node: &str, command: &str, heard: Listener<'_>) -> Result<i32>;

    /// Puts a file there, whole or not at all, making the folders above it.
    async fn put(&self, node: &str, file: Upload) -> Result<()>;
}
