//! The executor at work: the core in the middle, the agent on one side, processes on the other.

use std::collections::BTreeSet;
use std::process::Stdio;
use std::rc::Rc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tokio::signal::unix::{Signal as Signals, SignalKind, signal};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::{AbortHandle, JoinSet, spawn_local};
use tokio::time::{sleep, sleep_until};

use crate::agent::Subscription;
use crate::core::{Action, Core, Input, Moment, Which};
use crate::ending::Ending;
use crate::log::note;
use crate::probe;
use crate::process::{Command, Family, LaunchError, Orphans};
use crate::settings::{Endpoint, Orders, Settings};
use crate::wire::{Call, Event, Identity, Probe, Task};

/// From one look whether processes that were told to end are gone to the next: at first, and when it takes long.
const LOOK: Duration = Duration::from_millis(10);
const SLOW_LOOK: Duration = Duration::from_millis(320);
/// How often the last processes are killed before the executor ends itself.
const LAST_ROUNDS: usize = 10;

/// Runs an executor to its end; gives its exit code. To be called within a [`tokio::task::LocalSet`].
pub async fn run(settings: Settings) -> std::io::Result<u8> {
    let mut seed = [0; 16];
    getrandom::fill(&mut seed).map_err(std::io::Error::other)?;
    let core = Core::new(settings.options.clone(), u128::from_ne_bytes(seed));
    let (inputs, queue) = unbounded_channel();
    let orphans = Orphans::default();
    orphans.adopt();
    let work = Work {
        endpoint: Rc::new(settings.endpoint),
        who: settings.who,
        orders: settings.orders,
        inputs,
        subscription: None,
        task: None,
        orphans,
        probes: JoinSet::new(),
        force: None,
    };
    let ear = Ear {
        queue,
        ended: signal(SignalKind::child())?,
        terminate: signal(SignalKind::terminate())?,
        interrupt: signal(SignalKind::interrupt())?,
    };
    Ok(work.until_the_end(core, ear).await)
}

/// Where things are heard from.
struct Ear {
    queue: UnboundedReceiver<Input>,
    ended: Signals,
    terminate: Signals,
    interrupt: Signals,
}

impl Ear {
    /// The next thing that happens, or that nothing has until `deadline`.
    async fn next(&mut self, deadline: Option<Instant>, orphans: &Orphans) -> Input {
        loop {
            let late = async {
                match deadline {
                    Some(deadline) => sleep_until(deadline.into()).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                Some(input) = self.queue.recv() => return input,
                _ = self.terminate.recv() => return Input::Event(Event::Shutdown),
                _ = self.interrupt.recv() => return Input::Event(Event::Shutdown),
                _ = self.ended.recv() => orphans.bury(),
                () = late => return Input::Tick,
            }
        }
    }
}

/// What is being done.
struct Work {
    endpoint: Rc<Endpoint>,
    who: Identity,
    orders: Orders,
    inputs: UnboundedSender<Input>,
    subscription: Option<Subscription>,
    /// The command's own process, once it was started.
    task: Option<u32>,
    orphans: Orphans,
    probes: JoinSet<()>,
    force: Option<AbortHandle>,
}

impl Work {
    async fn until_the_end(mut self, mut core: Core, mut ear: Ear) -> u8 {
        let start = Instant::now();
        let mut input = Input::Tick;
        loop {
            for action in core.handle(moment(start), input) {
                if let Action::Exit(code) = action {
                    self.end().await;
                    return code;
                }
                self.perform(action);
            }
            let deadline = core.deadline().map(|deadline| start + deadline);
            input = ear.next(deadline, &self.orphans).await;
            if let Input::Event(event) = &input {
                note(format_args!("the agent says {}", event.kind()));
            }
        }
    }

    fn perform(&mut self, action: Action) {
        match action {
            Action::Subscribe(call) => {
                let call = call.on_behalf_of(&self.who);
                self.subscription = Some(Subscription::open(self.endpoint.clone(), call, self.inputs.clone()));
            }
            Action::Tell(call) => self.tell(&call),
            Action::Start(task) => {
                let outcome = self.start(&task);
                self.happened(outcome);
            }
            Action::Ask => self.family().ask(),
            Action::Force => self.force(),
            Action::AwaitGone => self.await_gone(),
            Action::Probe(which, probe, limit) => self.probe(which, probe, limit),
            Action::StopProbes => self.probes.abort_all(),
            Action::Note(line) => note(line),
            // Handled where actions are gone through.
            Action::Exit(_) => {}
        }
    }

    fn happened(&self, input: Input) {
        // The receiver lives as long as this.
        self.inputs.send(input).ok();
    }

    fn tell(&self, call: &Call) {
        if let Call::Update(status) = call {
            note(format_args!("{} of task {}", status.state, status.task_id));
        }
        if let Some(subscription) = &self.subscription {
            subscription.tell(call.on_behalf_of(&self.who));
        }
    }

    fn start(&mut self, task: &Task) -> Input {
        if let Some(flag) = &self.orders.beyond {
            return Input::NotStarted(format!("the agent wants {flag}, which this executor cannot do"));
        }
        let child = self.command(task).and_then(|command| command.start(Stdio::inherit(), Stdio::inherit()));
        let mut child = match child {
            Ok(child) => child,
            Err(error) => return Input::NotStarted(error.to_string()),
        };
        let Some(pid) = child.id() else { return Input::NotStarted("it ended at once".to_owned()) };
        note(format_args!("task {} runs as process {pid}", task.id));
        self.orphans.claim(pid);
        self.task = Some(pid);
        let (orphans, inputs) = (self.orphans.clone(), self.inputs.clone());
        spawn_local(async move {
            let ended = match child.wait().await {
                Ok(status) => Ending::from(status),
                // It has ended, but nobody can say how: that is no success.
                Err(_) => Ending::Exited(1),
            };
            orphans.release(pid);
            inputs.send(Input::Ended(ended)).ok();
        });
        Input::Started
    }

    fn command(&self, task: &Task) -> Result<Command, LaunchError> {
        let info = self.orders.command.as_ref().or(task.command.as_ref()).ok_or(LaunchError::Nothing)?;
        let mut command = Command::new(info)?;
        if let Some(environment) = &self.orders.environment {
            command = command.with_below(environment);
        }
        if let Some(role) = &task.role {
            command = command.set("MESOS_ALLOCATION_ROLE", role);
        }
        // Of a command task the agent has seen to the user: it started the executor as them.
        match info.user.as_deref().filter(|_| self.who.executor.as_str() != task.id.as_str()) {
            Some(user) => command.run_as(user),
            None => Ok(command),
        }
    }

    /// The task's processes, without those of checks.
    fn family(&self) -> Family {
        let mut strangers = self.orphans.claimed();
        strangers.retain(|pid| Some(*pid) != self.task);
        Family { top: std::process::id(), strangers }
    }

    /// Kills all, and again what they start meanwhile, until none is left.
    fn force(&mut self) {
        let family = self.family();
        let rounds = spawn_local(async move {
            let mut pause = LOOK;
            while !family.is_gone() {
                family.kill();
                wait(&mut pause).await;
            }
        });
        if let Some(former) = self.force.replace(rounds.abort_handle()) {
            former.abort();
        }
    }

    fn await_gone(&self) {
        let (family, inputs) = (self.family(), self.inputs.clone());
        spawn_local(async move {
            let mut pause = LOOK;
            while !family.is_gone() {
                wait(&mut pause).await;
            }
            inputs.send(Input::Gone).ok();
        });
    }

    fn probe(&mut self, which: Which, probe: Probe, limit: Option<Duration>) {
        let (orphans, inputs) = (self.orphans.clone(), self.inputs.clone());
        self.probes.spawn_local(async move {
            let seen = probe::make(probe, limit, orphans).await;
            inputs.send(Input::Probed(which, seen)).ok();
        });
        // Those that are done are forgotten.
        while self.probes.try_join_next().is_some() {}
    }

    /// Nothing that the executor started outlives it.
    async fn end(mut self) {
        self.probes.shutdown().await;
        let family = Family { top: std::process::id(), strangers: BTreeSet::new() };
        let mut pause = LOOK;
        for _ in 0..LAST_ROUNDS {
            if family.is_gone() {
                break;
            }
            family.kill();
            wait(&mut pause).await;
        }
    }
}

/// Waits, and the next time for longer.
async fn wait(pause: &mut Duration) {
    sleep(*pause).await;
    *pause = (*pause * 2).min(SLOW_LOOK);
}

fn moment(start: Instant) -> Moment {
    let unix = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Moment { since_start: start.elapsed(), unix: unix.as_secs_f64() }
}
