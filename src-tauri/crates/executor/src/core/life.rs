//! The life of the one task: launched, running, being ended, over.

use std::time::Duration;

use mesos::v1::{CheckStatus, TaskId, TaskState, TaskStatus};

use super::checks::{HealthWatch, ReportWatch, failure, nothing_seen};
use super::{Action, Core, DEFAULT_GRACE, LAST_WORD, Seen, Which};
use crate::ending::Ending;
use crate::wire::Task;

/// From one attempt to kill what does not die to the next.
const AGAIN: Duration = Duration::from_secs(5);
/// After so many the task is over as soon as its own process has ended: what is left hangs in the kernel.
const ATTEMPTS: u32 = 2;

/// Why a task is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Somebody said so.
    Asked,
    /// Its health check failed.
    Unhealthy,
    /// It has run for longer than it may.
    TooLong,
}

/// How far a task has come.
#[derive(Clone, Copy, Debug)]
enum Stage {
    /// Its command is being started.
    Starting,
    /// It runs.
    Running,
    /// It has ended by itself, or is being killed; it is over when nothing is left of its processes.
    Ending {
        /// None: it has ended by itself.
        why: Option<Why>,
        force: Force,
        /// How its own process ended, once it has.
        ending: Option<Ending>,
    },
    /// Its last update is made.
    Over {
        /// When to stop waiting for the acknowledgement; none while the agent is not there.
        until: Option<Duration>,
    },
}

/// How hard the processes are pressed.
#[derive(Clone, Copy, Debug)]
enum Force {
    /// They were asked to end.
    Asked { since: Duration, until: Duration },
    /// They were killed, and will be again at this moment.
    Killed { again: Duration, attempts: u32 },
}

/// The task and how far it has come.
#[derive(Debug)]
pub struct Life {
    pub task: Task,
    /// An update of it was acknowledged: the agent knows it.
    pub acknowledged: bool,
    stage: Stage,
    /// The last status: what checks find is told with all that it says.
    last: Option<TaskStatus>,
    health: Option<HealthWatch>,
    report: Option<ReportWatch>,
    complete_by: Option<Duration>,
}

impl Life {
    fn new(task: Task, now: Duration) -> Self {
        let complete_by = task.longest.map(|longest| now + longest);
        let stage = Stage::Starting;
        Self { task, acknowledged: false, stage, last: None, health: None, report: None, complete_by }
    }

    pub fn id(&self) -> &TaskId {
        &self.task.id
    }

    pub fn is_over(&self) -> bool {
        matches!(self.stage, Stage::Over { .. })
    }

    fn is_running(&self) -> bool {
        matches!(self.stage, Stage::Running)
    }

    /// When something is to be done.
    pub fn deadline(&self) -> Option<Duration> {
        match self.stage {
            Stage::Starting => None,
            Stage::Running => {
                let health = self.health.as_ref().and_then(HealthWatch::next);
                let report = self.report.as_ref().and_then(ReportWatch::next);
                [health, report, self.complete_by].into_iter().flatten().min()
            }
            Stage::Ending { force: Force::Asked { until, .. }, .. } => Some(until),
            Stage::Ending { force: Force::Killed { again, .. }, .. } => Some(again),
            Stage::Over { until } => until,
        }
    }

    /// The agent is there: from now on it has so long to acknowledge the last update.
    pub fn wait_for_last_word(&mut self, now: Duration) {
        if let Stage::Over { until } = &mut self.stage {
            *until = Some(now + LAST_WORD);
        }
    }

    fn nothing_checked(&self) -> Option<CheckStatus> {
        self.task.check.as_ref().map(|check| nothing_seen(&check.probe))
    }
}

impl Core {
    pub(super) fn launch(&mut self, task: Box<Task>) {
        if let Some(life) = &self.life {
            // The same one again is no news: it runs already.
            if *life.id() != task.id {
                let mut status = self.status(&task.id, TaskState::Failed, None);
                status.message = Some("Attempted to run multiple tasks using a \"command\" executor".to_owned());
                self.tell(status);
            }
            return;
        }
        self.life = Some(Box::new(Life::new((*task).clone(), self.now.since_start)));
        self.tell_state(TaskState::Starting, |_| ());
        self.out.push(Action::Start(task));
    }

    pub(super) fn started(&mut self) {
        let now = self.now.since_start;
        let Some(life) = self.life.as_mut().filter(|life| matches!(life.stage, Stage::Starting)) else { return };
        life.stage = Stage::Running;
        life.health = life.task.health.clone().map(|health| HealthWatch::new(health, now));
        life.report = life.task.check.clone().map(|check| ReportWatch::new(check, now));
        self.tell_state(TaskState::Running, |_| ());
    }

    pub(super) fn not_started(&mut self, why: &str) {
        let Some(life) = &self.life else { return };
        if life.is_over() {
            return;
        }
        self.note(format!("not started: {why}"));
        let message = format!("Failed to launch command: {why}");
        self.over(TaskState::Failed, |status| status.message = Some(message));
    }

    pub(super) fn asked_to_kill(&mut self, task: &TaskId, grace: Option<Duration>) {
        let Some(life) = &self.life else {
            // The task was lost on its way. Only an end tells the agent that it never ran.
            self.note("told to kill a task that was never launched");
            return self.exit(1);
        };
        if life.id() == task {
            let grace = grace.or(life.task.grace).unwrap_or(DEFAULT_GRACE);
            self.kill(grace, Why::Asked);
        }
    }

    /// Begins to end the task, or hastens it: the grace can only become shorter.
    pub(super) fn kill(&mut self, grace: Duration, why: Why) {
        let now = self.now.since_start;
        let Some(life) = &mut self.life else { return };
        match &mut life.stage {
            Stage::Ending { force: Force::Asked { since, until }, .. } => *until = (*since + grace).min(*until),
            Stage::Ending { .. } | Stage::Over { .. } => {}
            Stage::Starting | Stage::Running => {
                let force = Force::Asked { since: now, until: now + grace };
                life.stage = Stage::Ending { why: Some(why), force, ending: None };
                self.note(format!("asking the task to end, {} s before it is killed", grace.as_secs_f64()));
                if self.wants_killing && why != Why::TooLong {
                    self.tell_state(TaskState::Killing, |_| ());
                }
                self.out.extend([Action::StopProbes, Action::Ask]);
            }
        }
    }

    /// The command's own process has ended. What it left behind is killed at once, or has what remains of its grace: a
    /// shell dies of the polite signal sooner than the server that it started.
    pub(super) fn ended(&mut self, how: Ending) {
        let now = self.now.since_start;
        let Some(life) = &mut self.life else { return };
        match &mut life.stage {
            Stage::Starting | Stage::Running => {
                life.stage = Stage::Ending {
                    why: None,
                    force: Force::Killed { again: now + AGAIN, attempts: 1 },
                    ending: Some(how),
                };
                self.out.extend([Action::StopProbes, Action::Force]);
            }
            Stage::Ending { ending, .. } => *ending = Some(how),
            Stage::Over { .. } => return,
        }
        self.note(format!("the command {how}"));
        self.out.push(Action::AwaitGone);
    }

    pub(super) fn gone(&mut self) {
        let Some(life) = &self.life else { return };
        let Stage::Ending { why, ending: Some(ending), .. } = life.stage else { return };
        let state = match why {
            Some(Why::Asked | Why::Unhealthy) => TaskState::Killed,
            Some(Why::TooLong) => TaskState::Failed,
            None if ending.is_success() => TaskState::Finished,
            None => TaskState::Failed,
        };
        self.over(state, |status| {
            status.message = Some(format!("Command {ending}"));
            match why {
                Some(Why::Unhealthy) => status.healthy = Some(false),
                Some(Why::TooLong) => status.reason = Some("REASON_MAX_COMPLETION_TIME_REACHED".to_owned()),
                Some(Why::Asked) | None => {}
            }
        });
    }

    /// The last update. The executor ends when the agent has it, or when there is nobody to tell.
    fn over(&mut self, state: TaskState, with: impl FnOnce(&mut TaskStatus)) {
        let until = self.link.is_there().then_some(self.now.since_start + LAST_WORD);
        if let Some(life) = &mut self.life {
            life.stage = Stage::Over { until };
        }
        self.tell_state(state, with);
        if self.link.is_given_up() {
            self.exit(1);
        }
    }

    /// Tells where the task stands, from scratch.
    fn tell_state(&mut self, state: TaskState, with: impl FnOnce(&mut TaskStatus)) {
        let Some(life) = &self.life else { return };
        let (id, checked) = (life.id().clone(), life.nothing_checked());
        let mut status = self.status(&id, state, checked);
        with(&mut status);
        self.keep_and_tell(status);
    }

    /// Tells something more of where the task stands: all that was said last is said again.
    fn tell_more(&mut self, reason: &str, with: impl FnOnce(&mut TaskStatus)) {
        let Some(mut status) = self.life.as_ref().and_then(|life| life.last.clone()) else { return };
        status.uuid = Some(self.chance.uuid().as_str().to_owned());
        status.timestamp = Some(self.now.unix);
        status.reason = Some(reason.to_owned());
        with(&mut status);
        self.keep_and_tell(status);
    }

    fn keep_and_tell(&mut self, status: TaskStatus) {
        if let Some(life) = &mut self.life {
            life.last = Some(status.clone());
        }
        self.tell(status);
    }

    pub(super) fn probed(&mut self, which: Which, result: &Result<Seen, String>) {
        let now = self.now.since_start;
        let Some(life) = self.life.as_mut().filter(|life| life.is_running()) else { return };
        match which {
            Which::Health => {
                let Some(verdict) = life.health.as_mut().and_then(|health| health.take(now, result)) else { return };
                if !verdict.healthy {
                    let times = verdict.failures;
                    self.note(format!("the health check failed, {times} in a row: {}", failure(result)));
                }
                let with = |status: &mut TaskStatus| status.healthy = Some(verdict.healthy);
                self.tell_more("REASON_TASK_HEALTH_CHECK_STATUS_UPDATED", with);
                if verdict.fatal {
                    let grace = self.life.as_ref().and_then(|life| life.task.grace);
                    self.kill(grace.unwrap_or(DEFAULT_GRACE), Why::Unhealthy);
                }
            }
            Which::Report => {
                let Some(found) = life.report.as_mut().and_then(|report| report.take(now, result)) else { return };
                let with = |status: &mut TaskStatus| status.check_status = Some(found);
                self.tell_more("REASON_TASK_CHECK_STATUS_UPDATED", with);
            }
        }
    }

    pub(super) fn keep_life(&mut self) {
        let now = self.now.since_start;
        let Some(life) = &mut self.life else { return };
        match &mut life.stage {
            Stage::Starting => {}
            Stage::Running if life.complete_by.is_some_and(|end| end <= now) => {
                self.note("the task has run for longer than it may");
                self.kill(Duration::ZERO, Why::TooLong);
                self.keep_life();
            }
            Stage::Running => {
                let health = life.health.as_mut().and_then(|health| health.due(now));
                let report = life.report.as_mut().and_then(|report| report.due(now));
                self.out.extend(health.map(|(probe, timeout)| Action::Probe(Which::Health, probe, timeout)));
                self.out.extend(report.map(|(probe, timeout)| Action::Probe(Which::Report, probe, timeout)));
            }
            Stage::Ending { force, ending, .. } => match *force {
                Force::Killed { again, attempts } if again <= now && attempts >= ATTEMPTS && ending.is_some() => {
                    self.note("processes of the task cannot be killed");
                    self.gone();
                }
                Force::Asked { until: due, .. } | Force::Killed { again: due, .. } if due <= now => {
                    let attempts = if let Force::Killed { attempts, .. } = *force { attempts + 1 } else { 1 };
                    *force = Force::Killed { again: now + AGAIN, attempts };
                    self.out.push(Action::Force);
                }
                Force::Asked { .. } | Force::Killed { .. } => {}
            },
            Stage::Over { until } => {
                if until.is_some_and(|until| until <= now) {
                    self.note("the agent has not acknowledged the last update");
                    self.exit(1);
                }
            }
        }
    }
}
