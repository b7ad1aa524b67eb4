//! Whatever happens, in whatever order: what an executor tells makes sense, and everything is told.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::wire::Subscribed;

/// What may happen to an executor.
#[derive(Clone, Copy, Debug)]
enum Happening {
    Pass(u64),
    Lose,
    Launch(u8),
    Kill(u8),
    Acknowledge,
    Shutdown,
    EndItself(i32),
    Probe(bool),
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        4 => (0_u64..5000).prop_map(Happening::Pass),
        1 => Just(Happening::Lose),
        2 => (0_u8..2).prop_map(Happening::Launch),
        1 => (0_u8..4).prop_map(Happening::Kill),
        3 => Just(Happening::Acknowledge),
        1 => (0_i32..3).prop_map(Happening::EndItself),
        3 => any::<bool>().prop_map(Happening::Probe),
        1 => Just(Happening::Shutdown),
    ]
}

/// An agent and processes, such as they could be.
struct World {
    core: Core,
    now: Duration,
    /// The subscription that waits for its answer, or is open.
    asked: bool,
    open: bool,
    runs: bool,
    left: bool,
    awaited: bool,
    exit: Option<u8>,
    /// All updates of the task `t0`, each id once.
    told: Vec<TaskStatus>,
    waiting: Vec<String>,
}

impl World {
    fn new(checkpoint: bool) -> Self {
        let options = Options {
            executor: ExecutorId::new("E"),
            recovery: checkpoint.then_some(Duration::from_secs(900)),
            retry: Duration::from_secs(2),
            shutdown_grace: Duration::from_secs(5),
        };
        Self {
            core: Core::new(options, 42),
            now: Duration::ZERO,
            asked: false,
            open: false,
            runs: false,
            left: false,
            awaited: false,
            exit: None,
            told: Vec::new(),
            waiting: Vec::new(),
        }
    }

    fn give(&mut self, input: Input) {
        let moment = Moment { since_start: self.now, unix: 0.0 };
        for action in self.core.handle(moment, input) {
            assert_eq!(self.exit, None, "nothing follows the exit: {action:?}");
            self.perform(action);
        }
    }

    fn perform(&mut self, action: Action) {
        match action {
            Action::Subscribe(Call::Subscribe { updates, .. }) => {
                assert!(!self.asked && !self.open, "one subscription at a time");
                self.asked = true;
                updates.into_iter().for_each(|status| self.hear(status));
            }
            Action::Tell(Call::Update(status)) => {
                assert!(self.open, "told to nobody");
                self.hear(*status);
            }
            Action::Tell(_) => assert!(self.open, "told to nobody"),
            Action::Subscribe(other) => panic!("{other:?}"),
            Action::Start(_) => {
                assert!(!self.runs, "started twice");
                (self.runs, self.left) = (true, true);
            }
            Action::Force => self.left = false,
            Action::AwaitGone => self.awaited = true,
            Action::Exit(code) => self.exit = Some(code),
            Action::Ask | Action::Probe(..) | Action::StopProbes | Action::Note(_) => {}
        }
    }

    fn hear(&mut self, status: TaskStatus) {
        let uuid = status.uuid.clone().unwrap();
        let known = self.told.iter().any(|told| told.uuid.as_deref() == Some(&uuid));
        if !known {
            self.told.push(status);
            self.waiting.push(uuid);
        }
    }

    /// What the outside owes the executor.
    fn settle(&mut self) {
        for _ in 0..20 {
            if self.asked {
                (self.asked, self.open) = (false, true);
                self.give(Input::Event(Event::Subscribed(Subscribed { agent: String::new(), wants_killing: true })));
            }
            if self.runs && !self.left && !self.awaited {
                self.give(Input::Ended(Ending::Signaled { signal: 9, core_dumped: false }));
            }
            if self.awaited && !self.left {
                self.awaited = false;
                self.give(Input::Gone);
            }
            for uuid in std::mem::take(&mut self.waiting) {
                self.give(Input::Event(Event::Acknowledged { uuid }));
            }
            self.now += Duration::from_secs(1);
            self.give(Input::Tick);
        }
    }

    fn happens(&mut self, happening: Happening) {
        if self.exit.is_some() {
            return;
        }
        match happening {
            Happening::Pass(milliseconds) => {
                self.now += Duration::from_millis(milliseconds);
                self.give(Input::Tick);
                if self.asked {
                    (self.asked, self.open) = (false, true);
                    let subscribed = Subscribed { agent: String::new(), wants_killing: true };
                    self.give(Input::Event(Event::Subscribed(subscribed)));
                }
            }
            Happening::Lose if self.asked || self.open => {
                (self.asked, self.open) = (false, false);
                self.give(Input::Lost("reset".into()));
            }
            Happening::Lose => {}
            Happening::Launch(which) if self.open => {
                let started = self.runs;
                self.give(Input::Event(Event::Launch(Box::new(task(which)))));
                if self.runs && !started {
                    self.give(Input::Started);
                }
            }
            Happening::Launch(_) => {}
            Happening::Kill(seconds) if self.open && self.runs => {
                let task = self.told[0].task_id.clone();
                let grace = Some(Duration::from_secs(seconds.into()));
                self.give(Input::Event(Event::Kill { task, grace }));
            }
            Happening::Kill(_) => {}
            Happening::Acknowledge => {
                if self.open && !self.waiting.is_empty() {
                    let uuid = self.waiting.remove(0);
                    self.give(Input::Event(Event::Acknowledged { uuid }));
                }
            }
            Happening::Shutdown if self.open => self.give(Input::Event(Event::Shutdown)),
            Happening::Shutdown => {}
            Happening::EndItself(code) if self.runs && !self.awaited && self.left => {
                self.give(Input::Ended(Ending::Exited(code)));
            }
            Happening::EndItself(_) => {}
            Happening::Probe(well) => self.give(Input::Probed(Which::Health, Ok(Seen::Connected(well)))),
        }
    }
}

fn task(which: u8) -> Task {
    let health = json!({ "type": "TCP", "tcp": { "port": 1 }, "delay_seconds": 0, "grace_period_seconds": 0 });
    let info =
        json!({ "task_id": { "value": format!("t{which}") }, "command": { "value": "x" }, "health_check": health });
    Task::read(info).unwrap()
}

/// The states of one task must follow each other as Mesos's frameworks expect.
fn assert_sensible(told: &[TaskStatus]) {
    let mut ids: Vec<_> = told.iter().map(|status| status.uuid.clone()).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), told.len(), "an id twice");
    let Some(first) = told.first() else { return };
    let own = told.iter().filter(|status| status.task_id == first.task_id);
    let rank = |state: TaskState| match state {
        TaskState::Starting => 0,
        TaskState::Running => 1,
        TaskState::Killing => 2,
        _ => 3,
    };
    let ranks: Vec<_> = own.map(|status| rank(status.state)).collect();
    assert!(ranks.is_sorted(), "{ranks:?}");
    assert!(ranks.iter().filter(|rank| **rank == 3).count() <= 1, "ended twice: {ranks:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_told_makes_sense_and_is_told_in_the_end(
        checkpoint in any::<bool>(),
        happenings in proptest::collection::vec(happening(), 0..60),
    ) {
        let mut world = World::new(checkpoint);
        world.give(Input::Tick);
        for happening in happenings {
            world.happens(happening);
        }
        assert_sensible(&world.told);

        // A quiet time with an agent that is there; then the task is told to end.
        let lost = world.exit.is_some();
        world.settle();
        if world.runs && world.open && world.exit.is_none() {
            let task = world.told[0].task_id.clone();
            world.give(Input::Event(Event::Kill { task, grace: Some(Duration::ZERO) }));
            world.settle();
        }
        assert_sensible(&world.told);
        if world.runs && !lost && world.open {
            let id = &world.told[0].task_id;
            let ends = world.told.iter().filter(|status| status.task_id == *id && status.state.is_terminal());
            prop_assert_eq!(ends.count(), 1);
            prop_assert!(world.exit.is_some(), "it waits for nothing");
        }
    }

    #[test]
    fn no_input_is_a_surprise(happenings in proptest::collection::vec(any::<(u8, u16)>(), 0..80)) {
        let mut core = Core::new(World::new(true).core.options.clone(), 1);
        let mut now = Duration::ZERO;
        for (kind, number) in happenings {
            now += Duration::from_millis(number.into());
            let input = match kind % 13 {
                0 => Input::Tick,
                1 => Input::Event(Event::Subscribed(Subscribed::default())),
                2 => Input::Event(Event::Launch(Box::new(task(u8::from(number % 2 == 0))))),
                3 => Input::Event(Event::Kill { task: TaskId::new("t0"), grace: None }),
                4 => Input::Event(Event::Acknowledged { uuid: "?".into() }),
                5 => Input::Started,
                6 => Input::NotStarted("no".into()),
                7 => Input::Ended(Ending::Exited(number.into())),
                8 => Input::Gone,
                9 => Input::Probed(Which::Health, Ok(Seen::Answered(number))),
                10 => Input::Probed(Which::Report, Err("no".into())),
                11 => Input::Garbled("{".into()),
                _ => Input::Lost("reset".into()),
            };
            let actions = core.handle(Moment { since_start: now, unix: 0.0 }, input);
            let exits = actions.iter().filter(|action| matches!(action, Action::Exit(_))).count();
            prop_assert!(exits <= 1);
            // Nothing that is due is left undone.
            prop_assert!(core.has_ended || core.deadline().is_none_or(|deadline| deadline > now), "{:?}", core);
        }
    }
}
