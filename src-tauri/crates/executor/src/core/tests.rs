//! The core by examples.

use serde_json::json;

use super::*;
use crate::wire::Subscribed;

const SECOND: Duration = Duration::from_secs(1);

/// A core and its clock.
struct Bench {
    core: Core,
    now: Duration,
}

fn options(recovery: Option<Duration>) -> Options {
    Options { executor: ExecutorId::new("E"), recovery, retry: 2 * SECOND, shutdown_grace: 5 * SECOND }
}

impl Bench {
    fn new(recovery: Option<Duration>) -> Self {
        Self { core: Core::new(options(recovery), 7), now: Duration::ZERO }
    }

    fn give(&mut self, input: Input) -> Vec<Action> {
        let unix = 1_000_000.0 + self.now.as_secs_f64();
        self.core.handle(Moment { since_start: self.now, unix }, input)
    }

    fn event(&mut self, event: Event) -> Vec<Action> {
        self.give(Input::Event(event))
    }

    fn later(&mut self, time: Duration) -> Vec<Action> {
        self.now += time;
        self.give(Input::Tick)
    }

    /// Subscribed, with a task that runs.
    fn running(recovery: Option<Duration>, more: serde_json::Value) -> Self {
        let mut bench = Self::new(recovery);
        bench.later(Duration::ZERO);
        bench.event(Event::Subscribed(Subscribed::default()));
        let mut info = json!({ "task_id": { "value": "t" }, "command": { "value": "sleep 9" } });
        for (name, value) in more.as_object().into_iter().flatten() {
            info[name] = value.clone();
        }
        bench.event(Event::Launch(Box::new(Task::read(info).unwrap())));
        assert_eq!(states(&bench.give(Input::Started)), [TaskState::Running]);
        bench
    }

    fn kill(&mut self, grace: Option<Duration>) -> Vec<Action> {
        self.event(Event::Kill { task: TaskId::new("t"), grace })
    }

    fn acknowledge_all(&mut self) -> Vec<Action> {
        let waiting = self.core.news.tell_all();
        let uuids = waiting.into_iter().filter_map(|status| status.uuid);
        uuids.flat_map(|uuid| self.event(Event::Acknowledged { uuid })).collect()
    }
}

fn updates(actions: &[Action]) -> Vec<&TaskStatus> {
    let told = actions.iter().filter_map(|action| match action {
        Action::Tell(Call::Update(status)) => Some(&**status),
        _ => None,
    });
    told.collect()
}

fn states(actions: &[Action]) -> Vec<TaskState> {
    updates(actions).into_iter().map(|status| status.state).collect()
}

fn message(actions: &[Action]) -> &str {
    updates(actions)[0].message.as_deref().unwrap_or_default()
}

const KILLED: Ending = Ending::Signaled { signal: 9, core_dumped: false };

#[test]
fn a_task_from_launch_to_its_end() {
    let mut bench = Bench::running(None, json!({}));
    let ended = bench.give(Input::Ended(Ending::Exited(0)));
    assert!(ended.contains(&Action::Force) && ended.contains(&Action::AwaitGone));
    let gone = bench.give(Input::Gone);
    assert_eq!((states(&gone), message(&gone)), (vec![TaskState::Finished], "Command exited with status 0"));
    assert_eq!(bench.acknowledge_all(), [Action::Exit(0)]);
    assert_eq!(bench.later(SECOND), []);
}

#[test]
fn a_bad_end_is_a_failure() {
    let mut bench = Bench::running(None, json!({}));
    bench.give(Input::Ended(KILLED));
    let gone = bench.give(Input::Gone);
    assert_eq!((states(&gone), message(&gone)), (vec![TaskState::Failed], "Command terminated with signal Killed"));
    assert!(bench.later(59 * SECOND).is_empty());
    assert!(bench.later(SECOND).contains(&Action::Exit(1)));
}

#[test]
fn a_command_that_cannot_run_fails() {
    let mut bench = Bench::new(None);
    bench.later(Duration::ZERO);
    bench.event(Event::Subscribed(Subscribed::default()));
    let nothing = Task::read(json!({ "task_id": { "value": "t" } })).unwrap();
    let actions = bench.event(Event::Launch(Box::new(nothing)));
    assert_eq!(states(&actions), [TaskState::Starting]);
    let failed = bench.give(Input::NotStarted("no command".into()));
    assert_eq!((states(&failed), message(&failed)), (vec![TaskState::Failed], "Failed to launch command: no command"));
    assert_eq!(bench.acknowledge_all(), [Action::Exit(0)]);
}

#[test]
fn a_kill_asks_then_forces() {
    let mut bench =
        Bench::running(None, json!({ "kill_policy": { "grace_period": { "nanoseconds": 4_000_000_000_i64 } } }));
    assert!(bench.kill(None).contains(&Action::Ask));
    assert_eq!(bench.kill(Some(9 * SECOND)), []);
    assert_eq!(bench.later(3 * SECOND), []);
    assert_eq!(bench.later(SECOND), [Action::Force]);
    bench.give(Input::Ended(KILLED));
    assert_eq!(states(&bench.give(Input::Gone)), [TaskState::Killed]);
}

#[test]
fn a_second_kill_can_only_hasten() {
    let mut bench = Bench::running(None, json!({}));
    bench.kill(Some(20 * SECOND));
    assert_eq!(bench.later(5 * SECOND), []);
    assert_eq!(bench.kill(Some(SECOND)), [Action::Force]);
}

#[test]
fn what_a_killed_shell_leaves_keeps_its_grace() {
    let mut bench = Bench::running(None, json!({}));
    bench.kill(Some(5 * SECOND));
    let terminated = Ending::Signaled { signal: 15, core_dumped: false };
    assert!(!bench.give(Input::Ended(terminated)).contains(&Action::Force));
    assert_eq!(bench.later(5 * SECOND), [Action::Force]);
    let gone = bench.give(Input::Gone);
    assert_eq!((states(&gone), message(&gone)), (vec![TaskState::Killed], "Command terminated with signal Terminated"));
}

#[test]
fn killing_is_told_to_frameworks_that_want_it() {
    let mut bench = Bench::running(None, json!({}));
    bench.core.wants_killing = true;
    assert_eq!(states(&bench.kill(None)), [TaskState::Killing]);
}

#[test]
fn a_second_task_is_refused_and_the_same_again_is_no_news() {
    let mut bench = Bench::running(None, json!({}));
    let task = |id: &str| Task::read(json!({ "task_id": { "value": id }, "command": { "value": "x" } })).unwrap();
    assert_eq!(bench.event(Event::Launch(Box::new(task("t")))), []);
    let refused = bench.event(Event::Launch(Box::new(task("u"))));
    assert_eq!(states(&refused), [TaskState::Failed]);
    assert!(bench.acknowledge_all().is_empty(), "the first task goes on");
    assert!(bench.event(Event::LaunchGroup).contains(&Action::Ask));
}

#[test]
fn an_agent_that_comes_back_is_told_everything() {
    let mut bench = Bench::running(Some(60 * SECOND), json!({}));
    assert!(updates(&bench.give(Input::Lost("reset".into()))).is_empty());
    let again = bench.later(SECOND);
    let [Action::Subscribe(Call::Subscribe { tasks, updates: told })] = &again[..] else { panic!("{again:?}") };
    assert_eq!((tasks[0]["task_id"]["value"].as_str(), told.len()), (Some("t"), 2));
    // What happens while it is being asked is told as soon as it has answered.
    bench.give(Input::Ended(Ending::Exited(2)));
    assert!(updates(&bench.give(Input::Gone)).is_empty());
    assert_eq!(states(&bench.event(Event::Subscribed(Subscribed::default()))), [TaskState::Failed]);
    assert_eq!(bench.acknowledge_all(), [Action::Exit(0)]);
}

#[test]
fn attempts_are_many_within_what_the_agent_waits() {
    let mut bench = Bench::running(Some(60 * SECOND), json!({}));
    bench.give(Input::Lost("reset".into()));
    for _ in 0..20 {
        let next = bench.core.deadline().unwrap() - bench.now;
        assert!(next <= SECOND / 2 && next >= SECOND / 10, "{next:?}");
        assert!(matches!(bench.later(next)[..], [Action::Subscribe(_)]));
        bench.give(Input::Lost("refused".into()));
    }
}

#[test]
fn without_checkpoints_the_task_ends_with_its_agent() {
    let mut bench = Bench::running(None, json!({}));
    assert!(bench.give(Input::Lost("reset".into())).contains(&Action::Ask));
    assert_eq!(bench.later(3 * SECOND), [Action::Force]);
    bench.give(Input::Ended(KILLED));
    assert_eq!(bench.give(Input::Gone), [Action::Exit(1)]);
}

#[test]
fn an_agent_that_stays_away_is_given_up() {
    let mut bench = Bench::running(Some(60 * SECOND), json!({}));
    bench.give(Input::Lost("reset".into()));
    assert!(bench.later(60 * SECOND).contains(&Action::Ask));
    assert!(bench.later(5 * SECOND).contains(&Action::Exit(1)));
}

#[test]
fn an_executor_without_an_agent_ends() {
    let mut bench = Bench::new(Some(900 * SECOND));
    assert!(matches!(bench.later(Duration::ZERO)[..], [Action::Subscribe(_)]));
    bench.give(Input::Lost("refused".into()));
    assert!(bench.later(60 * SECOND).contains(&Action::Exit(0)));
}

#[test]
fn shutting_down_leaves_time_for_the_last_word() {
    let mut bench = Bench::running(None, json!({}));
    assert!(bench.event(Event::Shutdown).contains(&Action::Ask));
    assert_eq!(bench.later(3 * SECOND), [Action::Force]);
    assert!(bench.later(2 * SECOND).contains(&Action::Exit(1)));
    assert_eq!(Bench::new(None).event(Event::Shutdown), [Action::Exit(0)]);
}

#[test]
fn failing_health_is_told_and_kills() {
    let health = json!({ "type": "TCP", "tcp": { "port": 1 }, "delay_seconds": 0, "interval_seconds": 1,
        "grace_period_seconds": 0, "consecutive_failures": 2 });
    let mut bench = Bench::running(None, json!({ "health_check": health }));
    let told = bench.give(Input::Probed(Which::Health, Ok(Seen::Connected(true))));
    let status = updates(&told)[0];
    assert_eq!((status.state, status.healthy), (TaskState::Running, Some(true)));
    assert_eq!(status.reason.as_deref(), Some("REASON_TASK_HEALTH_CHECK_STATUS_UPDATED"));
    assert!(matches!(bench.later(SECOND)[..], [Action::Probe(Which::Health, _, Some(_))]));
    let ill = bench.give(Input::Probed(Which::Health, Err("refused".into())));
    assert_eq!(updates(&ill)[0].healthy, Some(false));
    let fatal = bench.give(Input::Probed(Which::Health, Ok(Seen::Connected(false))));
    assert!(fatal.contains(&Action::Ask));
    bench.give(Input::Ended(KILLED));
    let gone = bench.give(Input::Gone);
    assert_eq!((states(&gone), updates(&gone)[0].healthy), (vec![TaskState::Killed], Some(false)));
}

#[test]
fn a_report_stands_in_every_status() {
    let check = json!({ "type": "HTTP", "http": { "port": 1 }, "delay_seconds": 0 });
    let mut bench = Bench::running(None, json!({ "check": check }));
    let told = bench.give(Input::Probed(Which::Report, Ok(Seen::Answered(503))));
    assert_eq!(json!(updates(&told)[0])["check_status"], json!({ "type": "HTTP", "http": { "status_code": 503 } }));
    bench.give(Input::Ended(Ending::Exited(0)));
    let last = bench.give(Input::Gone);
    assert_eq!(json!(updates(&last)[0])["check_status"], json!({ "type": "HTTP", "http": {} }));
}

#[test]
fn a_task_that_runs_too_long_fails() {
    let mut bench = Bench::running(None, json!({ "max_completion_time": { "nanoseconds": 2_000_000_000 } }));
    assert_eq!(bench.later(SECOND), []);
    let late = bench.later(SECOND);
    assert!(late.contains(&Action::Force), "{late:?}");
    bench.give(Input::Ended(KILLED));
    let gone = bench.give(Input::Gone);
    let status = updates(&gone)[0];
    assert_eq!(status.state, TaskState::Failed);
    assert_eq!(status.reason.as_deref(), Some("REASON_MAX_COMPLETION_TIME_REACHED"));
}

#[test]
fn heartbeats() {
    let mut bench = Bench::running(None, json!({}));
    assert_eq!(bench.later(1800 * SECOND), [Action::Tell(Call::Heartbeat)]);
}

#[test]
fn what_cannot_be_killed_does_not_hold_the_last_word_for_ever() {
    let mut bench = Bench::running(None, json!({}));
    bench.give(Input::Ended(Ending::Exited(0)));
    assert_eq!(bench.later(5 * SECOND), [Action::Force]);
    assert_eq!(states(&bench.later(5 * SECOND)), [TaskState::Finished]);
}

#[test]
fn a_launch_that_cannot_be_read_ends_the_executor() {
    let mut bench = Bench::new(None);
    bench.later(Duration::ZERO);
    assert!(bench.give(Input::Garbled("no task id".into())).contains(&Action::Exit(1)));
    let mut bench = Bench::running(None, json!({}));
    assert!(!bench.give(Input::Garbled("{".into())).contains(&Action::Exit(1)));
}

#[test]
fn an_agent_without_patience_is_not_run_down() {
    let mut bench =
        Bench { core: Core::new(Options { retry: Duration::ZERO, ..options(None) }, 7), now: Duration::ZERO };
    bench.later(Duration::ZERO);
    bench.give(Input::Lost("refused".into()));
    assert!(bench.core.deadline().is_some_and(|next| next >= SHORTEST));
}
