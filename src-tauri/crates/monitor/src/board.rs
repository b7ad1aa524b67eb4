//! The picture that is shown, and who may change it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use protocol::{Applications, Change, Ensemble, Live, LiveChange, Machine, MachineState, MesosView, Section, Sink};
use tokio::sync::watch;

use crate::{
    feed::{Story, Told},
    section::{self, Reading},
    view::endings::Endings,
};

/// Whether there is a cluster to watch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Its machines do not exist, or nobody has looked yet.
    Absent,
    /// It has machines.
    Present,
}

/// The picture, as the sink knows it. Changes go to the sink in their order, each followed by its story.
pub struct Board {
    live: Mutex<Live>,
    presence: watch::Sender<Presence>,
    /// None once the watch has ended.
    sink: Mutex<Option<Arc<dyn Sink>>>,
}

/// A section that the board can hold.
pub trait Part: Story + Clone + PartialEq {
    /// Its place in the picture.
    fn slot(live: &mut Live) -> &mut Option<Section<Self>>;
    /// The change that shows it.
    fn change(section: Section<Self>) -> LiveChange;
}

macro_rules! part {
    ($type:ty, $slot:ident, $change:ident) => {
        impl Part for $type {
            fn slot(live: &mut Live) -> &mut Option<Section<Self>> {
                &mut live.$slot
            }

            fn change(section: Section<Self>) -> LiveChange {
                LiveChange::$change(section)
            }
        }
    };
}

part!(Vec<Machine>, machines, Machines);
part!(Ensemble, ensemble, Ensemble);
part!(MesosView, mesos, Mesos);
part!(Applications, applications, Applications);

impl Board {
    /// An empty picture.
    pub fn new(sink: Arc<dyn Sink>) -> Self {
        let presence = watch::Sender::new(Presence::Absent);
        Self { live: Mutex::default(), presence, sink: Mutex::new(Some(sink)) }
    }

    /// Whether there is a cluster to watch, now and later.
    pub fn presence(&self) -> watch::Receiver<Presence> {
        self.presence.subscribe()
    }

    /// What was shown last.
    pub fn shown<T: Part>(&self) -> Option<T> {
        T::slot(&mut lock(&self.live)).as_ref().map(|section| section.body.clone())
    }

    /// Shows the machines. When none of them exists there is no cluster, and nothing is shown at all.
    pub fn show_machines(&self, reading: Reading<Vec<Machine>>) {
        let exists = |machines: &[Machine]| machines.iter().any(|m| m.state != MachineState::Missing);
        if let Reading::Whole(machines) = &reading
            && !exists(machines)
        {
            self.clear();
            return;
        }
        let mut live = lock(&self.live);
        self.take(&mut live, reading, &Endings::default());
        drop(live);
        self.presence.send_if_modified(|now| std::mem::replace(now, Presence::Present) == Presence::Absent);
    }

    /// Shows another section, as long as there is a cluster.
    pub fn show<T: Part>(&self, reading: Reading<T>, endings: &Endings) {
        let mut live = lock(&self.live);
        if live.machines.is_some() {
            self.take(&mut live, reading, endings);
        }
    }

    /// Nothing goes to the sink any more.
    pub fn end(&self) {
        *lock(&self.sink) = None;
    }

    fn take<T: Part>(&self, live: &mut Live, reading: Reading<T>, endings: &Endings) {
        let now_ms = now_ms();
        let last = T::slot(live);
        let Some(next) = section::news(last.as_ref(), reading, now_ms) else { return };
        let last = last.replace(next.clone());
        let mut told = Told::new(now_ms);
        T::tell(last.as_ref(), live, endings, &mut told);
        self.send(Change::Live(Box::new(T::change(next))));
        told.into_feed().into_iter().for_each(|entry| self.send(Change::Feed(entry)));
    }

    fn clear(&self) {
        let mut live = lock(&self.live);
        if *live != Live::default() {
            *live = Live::default();
            self.send(Change::Live(Box::new(LiveChange::Gone)));
        }
        self.presence.send_if_modified(|now| std::mem::replace(now, Presence::Absent) == Presence::Present);
    }

    fn send(&self, change: Change) {
        if let Some(sink) = lock(&self.sink).as_ref() {
            sink.send(change);
        }
    }
}

/// Milliseconds since 1970.
pub fn now_ms() -> u64 {
    u64::try_from(jiff::Timestamp::now().as_millisecond()).unwrap_or_default()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is behind these locks is whole at any time, so a panic elsewhere has not broken it.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
