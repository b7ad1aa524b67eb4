//! Without machines there is nothing; with them there is.

use std::time::Duration;

use machines::State;
use plan::Preset;
use protocol::{Live, LiveChange, MachineState};
use tokio::time::sleep;

use crate::bench::{Said, plan, watch};

#[tokio::test]
async fn before_the_cluster_exists_nothing_is_sent() {
    let (plan, machines) = (plan(Preset::Classroom), Said::all(Some(State::Missing)));
    let (_monitor, seen) = watch(&plan, &machines);
    sleep(Duration::from_millis(2_500)).await;
    assert_eq!((seen.changes(), seen.titles()), (vec![], vec![]));
    assert_eq!(monitor::look(&plan, &*machines).await, Live::default());
}

#[tokio::test]
async fn machines_come_go_and_vanish() {
    let (plan, machines) = (plan(Preset::Solo), Said::all(Some(State::Halted)));
    let (_monitor, seen) = watch(&plan, &machines);
    let state = |live: &Live| live.machines.as_ref().map(|m| m.body[0].state);
    seen.until("halted", |live| state(live) == Some(MachineState::Halted)).await;
    machines.set(Some(State::Running));
    seen.told("node1 is up").await;
    machines.set(None);
    seen.until("trouble", |live| live.machines.as_ref().is_some_and(|m| m.trouble.is_some())).await;
    seen.told("It died.").await;
    assert_eq!(state(&seen.live()), Some(MachineState::Running));
    machines.set(Some(State::Missing));
    seen.until("gone", |live| *live == Live::default()).await;
    assert_eq!(seen.changes().last(), Some(&LiveChange::Gone));
    let sent = seen.changes().len();
    sleep(Duration::from_millis(1_500)).await;
    assert_eq!(seen.changes().len(), sent);
}

#[tokio::test]
async fn machines_that_cannot_be_asked_are_unknown_and_say_why() {
    let (plan, machines) = (plan(Preset::Solo), Said::all(None));
    let (_monitor, seen) = watch(&plan, &machines);
    seen.until("unknown", |live| live.machines.as_ref().is_some_and(|m| m.body[0].state == MachineState::Unknown))
        .await;
    let trouble = seen.live().machines.and_then(|m| m.trouble).map(|problem| problem.id);
    assert_eq!(trouble.as_deref(), Some("practice-died"));
}

#[tokio::test]
async fn a_dropped_watch_is_silent_at_once() {
    let (plan, machines) = (plan(Preset::Classroom), Said::all(Some(State::Running)));
    let (monitor, seen) = watch(&plan, &machines);
    seen.until("machines", |live| live.machines.is_some()).await;
    drop(monitor);
    let sent = seen.changes().len();
    machines.set(Some(State::Missing));
    sleep(Duration::from_millis(1_500)).await;
    assert_eq!(seen.changes().len(), sent);
}

#[tokio::test]
async fn an_unchanged_section_is_sent_again_only_to_say_how_fresh_it_is() {
    let (plan, machines) = (plan(Preset::Solo), Said::all(Some(State::Running)));
    let (_monitor, seen) = watch(&plan, &machines);
    sleep(Duration::from_millis(7_500)).await;
    let of_machines = seen.changes().into_iter().filter(|c| matches!(c, LiveChange::Machines(_))).count();
    assert_eq!(of_machines, 2);
}
