//! The watching itself: one loop for each section, so that none waits for another.

pub mod applications;
pub mod ensemble;
pub mod machines;
pub mod mesos;

use std::{future::Future, time::Duration};

use tokio::{
    sync::{Notify, watch},
    time::{Interval, MissedTickBehavior, interval},
};

use crate::board::{Board, Presence};

/// Runs `follow` for as long as there is a cluster, and again when there is one again.
async fn while_present<F: Future<Output = ()>>(board: &Board, follow: impl Fn() -> F) {
    let mut presence = board.presence();
    // The board outlives its loops, so waiting only ends with what it waits for.
    while presence.wait_for(|now| *now == Presence::Present).await.is_ok() {
        tokio::select! {
            _ = presence.wait_for(|now| *now == Presence::Absent) => {}
            () = follow() => {}
        }
    }
}

/// The machines whose server answers; none before the first look.
type Answering = Option<Vec<String>>;

/// How often servers are asked whether they are there.
const PROBE: Duration = Duration::from_secs(1);

/// Keeps `known` up to date by asking `now`, for ever; a change is news.
async fn probe<F: Future<Output = Vec<String>>>(known: &watch::Sender<Answering>, news: &Notify, now: impl Fn() -> F) {
    let mut ticks = ticks(PROBE);
    loop {
        ticks.tick().await;
        let answering = Some(now().await);
        if known.send_if_modified(|known| std::mem::replace(known, answering.clone()) != answering) {
            news.notify_one();
        }
    }
}

/// Ticks, the first at once; one that was late does not hurry those after it.
fn ticks(every: Duration) -> Interval {
    let mut ticks = interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}
