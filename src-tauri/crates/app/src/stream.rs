//! The cluster's numbered stream: one picture, and everyone who watches it change.

use std::sync::{Mutex, MutexGuard, PoisonError};

use protocol::{Change, ClusterView, Event, Sink, VERSION};
use tokio::sync::broadcast;

/// How many changes a slow watcher may lag behind before it must take the picture again.
const LAG: usize = 4096;

/// A picture and its watchers.
#[derive(Debug)]
pub struct Stream {
    view: Mutex<ClusterView>,
    events: broadcast::Sender<Event>,
}

/// One watcher: takes changes as they come.
#[derive(Debug)]
pub struct Watcher {
    events: broadcast::Receiver<Event>,
}

impl Watcher {
    /// The next change. `None` when this watcher lagged too far behind, or the cluster was closed: take the picture again.
    pub async fn next(&mut self) -> Option<Event> {
        self.events.recv().await.ok()
    }

    /// A change that has come already, if one has: for whoever ends and wants what is left.
    pub fn ready(&mut self) -> Option<Event> {
        self.events.try_recv().ok()
    }
}

impl Stream {
    /// A stream that begins with this picture.
    pub fn new(view: ClusterView) -> Self {
        Self { view: Mutex::new(view), events: broadcast::channel(LAG).0 }
    }

    /// The picture, and a watcher that goes on from just there.
    pub fn watch(&self) -> (ClusterView, Watcher) {
        let view = self.lock();
        (view.clone(), Watcher { events: self.events.subscribe() })
    }

    /// The picture.
    pub fn view(&self) -> ClusterView {
        self.lock().clone()
    }

    /// Looks at the picture without copying it.
    pub fn with<T>(&self, look: impl FnOnce(&ClusterView) -> T) -> T {
        look(&self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, ClusterView> {
        self.view.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sink for Stream {
    fn send(&self, change: Change) {
        let mut view = self.lock();
        let event = Event { v: VERSION, seq: view.seq + 1, at_ms: setup::now_ms(), change };
        view.apply(event.clone());
        // Sent under the lock, so that watchers get changes in the order of their numbers. Without watchers it is no error.
        let _ = self.events.send(event);
    }
}
