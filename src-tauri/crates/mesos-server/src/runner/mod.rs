//! What executes a command task.

mod builtins;
mod process;
mod server;
mod shell;
mod simulated;

use std::{future::Future, net::Ipv4Addr, path::PathBuf, time::Duration};

use hardware::Hardware;
use tokio::sync::{mpsc, watch};

pub use simulated::SimulatedRunner;

/// What to execute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// A line for `sh -c`.
    Shell(String),
    /// A program and its arguments; the first one is its own name.
    Argv {
        /// The program, looked up in the PATH if it has no slash.
        program: String,
        /// All of its argv, the name included.
        argv: Vec<String>,
    },
}

/// A command task as it is to be run.
#[derive(Clone, Debug)]
pub struct TaskSpec {
    /// The task's id.
    pub id: String,
    /// The task's name.
    pub name: String,
    /// What to execute.
    pub command: Command,
    /// Its environment, in the order in which later ones win.
    pub env: Vec<(String, String)>,
    /// The machine's address: what a server in the task binds.
    pub host: Ipv4Addr,
    /// What it runs on, as far as that can fail.
    pub hardware: Hardware,
    /// Its working directory, on the real disk; `stdout` and `stderr` are files in it.
    pub sandbox: PathBuf,
    /// CPUs it may use.
    pub cpus: f64,
    /// Memory it may use, in MB.
    pub mem_mb: f64,
}

/// How a task's command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// It called exit, or returned from main.
    Status(i32),
    /// A signal ended it.
    Signal(i32),
}

impl std::fmt::Display for Exit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Status(status) => write!(f, "exited with status {status}"),
            Self::Signal(2) => f.write_str("terminated with signal Interrupt"),
            Self::Signal(9) => f.write_str("terminated with signal Killed"),
            Self::Signal(15) => f.write_str("terminated with signal Terminated"),
            Self::Signal(signal) => write!(f, "terminated with signal {signal}"),
        }
    }
}

/// A running command, as the agent holds it. Dropping it kills the command.
#[derive(Debug)]
pub struct TaskHandle {
    pid: u32,
    exit: watch::Receiver<Option<Exit>>,
    kill: mpsc::UnboundedSender<Duration>,
}

/// A running command, as the one who runs it holds it.
#[derive(Debug)]
pub struct TaskControl {
    exit: watch::Sender<Option<Exit>>,
    kill: mpsc::UnboundedReceiver<Duration>,
}

impl TaskHandle {
    /// A handle and its other end.
    pub fn new(pid: u32) -> (Self, TaskControl) {
        let (exit, seen) = watch::channel(None);
        let (kill, asked) = mpsc::unbounded_channel();
        (Self { pid, exit: seen, kill }, TaskControl { exit, kill: asked })
    }

    /// The process id.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Waits for the end of the command. A runner that vanished counts as SIGKILL.
    pub fn exited(&self) -> impl Future<Output = Exit> + Send + 'static {
        let mut exit = self.exit.clone();
        async move { exit.wait_for(Option::is_some).await.ok().and_then(|e| *e).unwrap_or(Exit::Signal(9)) }
    }

    /// Asks it to end: SIGTERM now, SIGKILL after the grace period.
    pub fn kill(&self, grace: Duration) {
        // A command that has ended needs no signal.
        let _ = self.kill.send(grace);
    }
}

impl TaskControl {
    /// Tells how the command ended.
    pub fn ended(self, exit: Exit) {
        self.exit.send_replace(Some(exit));
    }

    /// Waits until someone wants the command to end; the time is how long it may take. Also when the handle is gone, with
    /// no time at all.
    pub async fn killed(&mut self) -> Duration {
        self.kill.recv().await.unwrap_or_default()
    }
}

/// Runs command tasks.
pub trait TaskRunner: Send + Sync + 'static {
    /// Starts a command. Must not block.
    fn start(&self, spec: TaskSpec) -> Result<TaskHandle, std::io::Error>;
}
