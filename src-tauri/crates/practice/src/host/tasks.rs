//! The tasks that Mesos runs on a machine, as processes that `ps` shows and `kill` ends.

use std::{
    collections::BTreeMap,
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use mesos_server::{Command, Exit, SimulatedRunner, TaskControl, TaskHandle, TaskRunner, TaskSpec};
use tokio::sync::mpsc;

use super::processes::{Pids, Process};

/// The tasks that run now.
#[derive(Debug)]
pub(crate) struct Tasks {
    pids: Arc<Pids>,
    running: Arc<Mutex<BTreeMap<u32, Running>>>,
}

#[derive(Debug)]
struct Running {
    command: String,
    signals: mpsc::UnboundedSender<i32>,
}

impl Tasks {
    /// None yet.
    pub fn new(pids: Arc<Pids>) -> Self {
        Self { pids, running: Arc::default() }
    }

    /// Their processes. Agents run them as root here.
    pub fn processes(&self) -> Vec<Process> {
        let process =
            |(pid, task): (&u32, &Running)| Process { pid: *pid, user: "root".into(), command: task.command.clone() };
        lock(&self.running).iter().map(process).collect()
    }

    /// Sends a signal to the task with that number, if it is one's.
    pub fn signal(&self, pid: u32, signal: i32) {
        if let Some(task) = lock(&self.running).get(&pid) {
            // One that has just ended needs no signal.
            let _ = task.signals.send(signal);
        }
    }
}

impl TaskRunner for Tasks {
    fn start(&self, spec: TaskSpec) -> Result<TaskHandle, io::Error> {
        let command = shown(&spec.command);
        let task = SimulatedRunner.start(spec)?;
        let pid = self.pids.next();
        let (handle, control) = TaskHandle::new(pid);
        let (signals, sent) = mpsc::unbounded_channel();
        lock(&self.running).insert(pid, Running { command, signals });
        tokio::spawn(keep(task, control, sent, Listed { running: self.running.clone(), pid }));
        Ok(handle)
    }
}

/// Takes its task off the list when it is dropped, however the task ended.
struct Listed {
    running: Arc<Mutex<BTreeMap<u32, Running>>>,
    pid: u32,
}

impl Drop for Listed {
    fn drop(&mut self) {
        lock(&self.running).remove(&self.pid);
    }
}

/// Waits for the task's end: its own, the agent's wish, or a signal from somebody on the machine.
async fn keep(task: TaskHandle, mut control: TaskControl, mut signals: mpsc::UnboundedReceiver<i32>, listed: Listed) {
    let exit = tokio::select! {
        exit = task.exited() => exit,
        grace = control.killed() => {
            task.kill(grace);
            task.exited().await
        }
        // The sender is on the list as long as this runs. None of the simulated programs handles a signal.
        Some(signal) = signals.recv() => Exit::Signal(signal),
    };
    drop((task, listed));
    control.ended(exit);
}

/// As the executor starts it.
fn shown(command: &Command) -> String {
    match command {
        Command::Shell(line) => format!("sh -c {line}"),
        Command::Argv { program, argv } if argv.is_empty() => program.clone(),
        Command::Argv { argv, .. } => argv.join(" "),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
