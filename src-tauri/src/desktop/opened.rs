//! The clusters that the window has open, and what carries their changes to it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use app::{Cluster, Error, Home};
use protocol::{Change, ClusterView, Event, RunState};
use tauri::{async_runtime::JoinHandle, ipc::Channel};

/// The opened clusters, by name.
#[derive(Default)]
pub struct Opened {
    clusters: Mutex<HashMap<String, Open>>,
}

struct Open {
    cluster: Arc<Cluster>,
    /// Carries changes to the window that last asked; a reloaded page asks again and replaces it.
    carrier: Option<JoinHandle<()>>,
    /// Where they go.
    events: Option<Channel<Event>>,
}

impl Opened {
    /// The cluster of that name, opened if it was not.
    pub fn get(&self, home: &Home, name: &str) -> Result<Arc<Cluster>, Error> {
        let mut clusters = self.lock();
        if let Some(open) = clusters.get(name) {
            return Ok(open.cluster.clone());
        }
        let cluster = home.open(name)?;
        clusters.insert(name.to_owned(), Open { cluster: cluster.clone(), carrier: None, events: None });
        Ok(cluster)
    }

    /// The picture of a cluster, and its changes from there on through `events`.
    pub fn watch(&self, home: &Home, name: &str, events: Channel<Event>) -> Result<ClusterView, Error> {
        let cluster = self.get(home, name)?;
        cluster.follow();
        let (view, mut watcher) = cluster.watch();
        let watched = Arc::downgrade(&cluster);
        let window = events.clone();
        let carrier = tauri::async_runtime::spawn(async move {
            loop {
                match watcher.next().await {
                    Some(event) => {
                        if events.send(event).is_err() {
                            return;
                        }
                    }
                    // Too far behind: the next event's number shows the gap, and the window takes the picture again.
                    None => match watched.upgrade() {
                        Some(cluster) => watcher = cluster.watch().1,
                        None => return,
                    },
                }
            }
        });
        if let Some(open) = self.lock().get_mut(name) {
            open.events = Some(window);
            if let Some(old) = open.carrier.replace(carrier) {
                old.abort();
            }
        }
        Ok(view)
    }

    /// Forgets a cluster: its changes are no longer carried, and it is opened anew when asked for again.
    pub fn close(&self, name: &str) {
        if let Some(Open { carrier: Some(carrier), .. }) = self.lock().remove(name) {
            carrier.abort();
        }
    }

    /// Forgets a cluster that has another plan now, and has the window take its picture again: it sees a gap in the numbers.
    pub fn renew(&self, name: &str) {
        let Some(Open { cluster, carrier, events }) = self.lock().remove(name) else { return };
        carrier.iter().for_each(JoinHandle::abort);
        if let Some(events) = events {
            let seq = cluster.view().seq + 2;
            // A window that is gone needs no picture.
            let _ = events.send(Event { v: protocol::VERSION, seq, at_ms: 0, change: Change::Run(RunState::Idle) });
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Open>> {
        self.clusters.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
