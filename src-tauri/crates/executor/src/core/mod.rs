//! What the executor decides: events of the agent, endings of processes, results of checks and the time go in; calls to
//! the agent and orders about processes come out. No I/O.

mod checks;
mod life;
mod link;
mod news;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

use std::time::Duration;

use mesos::v1::{CheckStatus, ExecutorId, TaskId, TaskState, TaskStatus};

use crate::ending::Ending;
use crate::wire::{Call, Event, Probe, Task, Uuid};
use life::Life;
use link::Link;
use news::News;

/// What the executor is to do, as far as it decides anything.
#[derive(Clone, Debug)]
pub struct Options {
    /// Its id, told in every status.
    pub executor: ExecutorId,
    /// How long it waits for its agent to come back; none: the framework does not checkpoint, and the executor ends with
    /// its agent.
    pub recovery: Option<Duration>,
    /// The longest time between two attempts to subscribe again.
    pub retry: Duration,
    /// How long it has, once it is told to shut down.
    pub shutdown_grace: Duration,
}

/// A moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moment {
    /// Since the executor started: it never goes back.
    pub since_start: Duration,
    /// Seconds since 1970, for statuses.
    pub unix: f64,
}

/// Which of a task's two checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// The one that its life depends on.
    Health,
    /// The one that only reports.
    Report,
}

/// What a check saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// A command came to its end.
    Ended(Ending),
    /// An answer with this status.
    Answered(u16),
    /// A connection was made, or refused.
    Connected(bool),
}

/// What happens to an executor.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// Nothing but that time has passed.
    Tick,
    /// The agent speaks.
    Event(Event),
    /// The agent has said something that cannot be read; why.
    Garbled(String),
    /// The agent cannot be reached, or has closed the stream; why.
    Lost(String),
    /// The command runs.
    Started,
    /// The command cannot be run; why.
    NotStarted(String),
    /// The command's own process has ended.
    Ended(Ending),
    /// Nothing is left of the command's processes.
    Gone,
    /// A check was made; or could not be made, and why.
    Probed(Which, Result<Seen, String>),
}

/// What the executor does.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Opens a stream of events with this call, which is [`Call::Subscribe`].
    Subscribe(Call),
    /// Tells the agent, on the stream that is open.
    Tell(Call),
    /// Runs the task's command; answered by [`Input::Started`] and later [`Input::Ended`], or by [`Input::NotStarted`].
    Start(Box<Task>),
    /// Asks all processes of the command to end.
    Ask,
    /// Ends all processes of the command.
    Force,
    /// Wants to hear [`Input::Gone`] when nothing is left of the command's processes.
    AwaitGone,
    /// Makes a check, in at most so long; answered by [`Input::Probed`].
    Probe(Which, Probe, Option<Duration>),
    /// Drops checks that are being made.
    StopProbes,
    /// Writes a line to its log.
    Note(String),
    /// Ends the executor, and whatever is left of the command.
    Exit(u8),
}

/// How long the agent has to acknowledge the last update. Mesos's own executor waits as long.
const LAST_WORD: Duration = Duration::from_secs(60);
/// From one attempt to reach the agent to the next, at least.
const SHORTEST: Duration = Duration::from_millis(50);
/// Mesos keeps two seconds of the shutdown grace to itself, for the last update.
const FAREWELL: Duration = Duration::from_secs(2);
/// The grace of a kill that nobody set.
const DEFAULT_GRACE: Duration = Duration::from_secs(3);

/// The state of an executor.
#[derive(Debug)]
pub struct Core {
    options: Options,
    chance: Chance,
    now: Moment,
    link: Link,
    /// Why the agent could not be reached, as it was noted last: it is tried often, and said once.
    unreached: String,
    news: News,
    wants_killing: bool,
    life: Option<Box<Life>>,
    /// When the executor ends, whatever is left: it was told to shut down.
    end_by: Option<Duration>,
    has_ended: bool,
    out: Vec<Action>,
}

impl Core {
    /// A new executor. `seed` must be random: the ids of updates are made from it.
    pub fn new(options: Options, seed: u128) -> Self {
        Self {
            options,
            chance: Chance { seed, drawn: 0 },
            now: Moment { since_start: Duration::ZERO, unix: 0.0 },
            link: Link::at_start(),
            unreached: String::new(),
            news: News::default(),
            wants_killing: false,
            life: None,
            end_by: None,
            has_ended: false,
            out: Vec::new(),
        }
    }

    /// Takes something in, and says what to do about it. Nothing follows an [`Action::Exit`].
    pub fn handle(&mut self, now: Moment, input: Input) -> Vec<Action> {
        if self.has_ended {
            return Vec::new();
        }
        self.now = now;
        self.take(input);
        self.pass_time();
        std::mem::take(&mut self.out)
    }

    /// When to come back with [`Input::Tick`] at the latest, in time since the start.
    pub fn deadline(&self) -> Option<Duration> {
        let own = self.life.as_ref().and_then(|life| life.deadline());
        [self.link.deadline(), own, self.end_by].into_iter().flatten().min()
    }

    fn take(&mut self, input: Input) {
        match input {
            Input::Tick => {}
            Input::Event(event) => self.hear(event),
            Input::Garbled(why) => self.garbled(&why),
            Input::Lost(why) => self.lost(&why),
            Input::Started => self.started(),
            Input::NotStarted(why) => self.not_started(&why),
            Input::Ended(ending) => self.ended(ending),
            Input::Gone => self.gone(),
            Input::Probed(which, result) => self.probed(which, &result),
        }
    }

    fn hear(&mut self, event: Event) {
        match event {
            Event::Subscribed(subscribed) => {
                self.wants_killing = subscribed.wants_killing;
                self.subscribed();
            }
            Event::Launch(task) => self.launch(task),
            Event::LaunchGroup => {
                self.note("task groups are for other executors: shutting down");
                self.shut_down();
            }
            Event::Kill { task, grace } => self.asked_to_kill(&task, grace),
            Event::Acknowledged { uuid } => self.acknowledged(&uuid),
            Event::Shutdown => self.shut_down(),
            Event::Error(why) => self.note(format!("error: {why}")),
            Event::Heartbeat | Event::Other(_) => {}
        }
    }

    /// It may have been the task. An executor that never got it must not wait for ever: its end is told as the task's.
    fn garbled(&mut self, why: &str) {
        self.note(format!("the agent cannot be understood: {why}"));
        if self.life.is_none() {
            self.exit(1);
        }
    }

    fn pass_time(&mut self) {
        if self.has_ended {
            return;
        }
        self.keep_link();
        self.keep_life();
        if self.end_by.is_some_and(|end| end <= self.now.since_start) {
            self.exit(1);
        }
    }

    fn acknowledged(&mut self, uuid: &str) {
        let Some(status) = self.news.acknowledge(uuid) else { return };
        let Some(life) = self.life.as_mut().filter(|life| *life.id() == status.task_id) else { return };
        life.acknowledged = true;
        if status.state.is_terminal() && life.is_over() {
            self.exit(0);
        }
    }

    /// The agent wants the executor to end, or is gone for good: in any case soon.
    fn shut_down(&mut self) {
        let grace = self.options.shutdown_grace;
        match &self.life {
            None => self.exit(0),
            Some(life) if life.is_over() && self.link.is_given_up() => self.exit(1),
            Some(_) => {
                self.end_by.get_or_insert(self.now.since_start + grace);
                self.kill(grace.saturating_sub(FAREWELL), life::Why::Asked);
            }
        }
    }

    fn exit(&mut self, code: u8) {
        if !self.has_ended {
            self.has_ended = true;
            self.out.push(Action::Exit(code));
        }
    }

    fn note(&mut self, line: impl Into<String>) {
        self.out.push(Action::Note(line.into()));
    }

    /// A status from scratch, without what former ones said.
    fn status(&mut self, task: &TaskId, state: TaskState, check_status: Option<CheckStatus>) -> TaskStatus {
        TaskStatus {
            task_id: task.clone(),
            state,
            message: None,
            source: Some("SOURCE_EXECUTOR".to_owned()),
            reason: None,
            agent_id: None,
            executor_id: Some(self.options.executor.clone()),
            timestamp: Some(self.now.unix),
            uuid: Some(self.chance.uuid().as_str().to_owned()),
            healthy: None,
            check_status,
            container_status: None,
        }
    }

    /// Sends news, now or when the agent is back.
    fn tell(&mut self, status: TaskStatus) {
        let call = self.news.add(status, self.link.is_there());
        self.out.extend(call.map(Action::Tell));
    }
}

/// Randomness drawn from a seed: what is decided can be decided again.
#[derive(Debug)]
struct Chance {
    seed: u128,
    drawn: u64,
}

impl Chance {
    /// SplitMix64's step and finish: spread evenly, and never the same twice in a row.
    fn bits(&mut self) -> u64 {
        self.drawn += 1;
        let low = u64::try_from(self.seed & u128::from(u64::MAX)).unwrap_or_default();
        let mut bits = low.wrapping_add(self.drawn.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    fn uuid(&mut self) -> Uuid {
        let (high, low) = (self.bits(), self.bits());
        let drawn = (u128::from(high) << 64) | u128::from(low);
        // The seed's upper half is in it too: two executors never share an id by sharing 64 bits.
        Uuid::from_bits(drawn ^ (self.seed >> 64 << 64))
    }

    /// A part of `most`: between a twentieth and a quarter. An agent that comes back gives its executors
    /// `executor_reregistration_timeout` (which is `most`) to be there again: several attempts must fit in.
    fn part_of(&mut self, most: Duration) -> Duration {
        let percent = 5 + u32::try_from(self.bits() % 21).unwrap_or_default();
        (most * percent / 100).max(SHORTEST)
    }
}
