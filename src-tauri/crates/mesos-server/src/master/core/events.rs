//! The operators' event stream, and heartbeats.

use std::time::Instant;

use bytes::Bytes;
use tokio::sync::mpsc;

use super::{Core, HEARTBEAT};
use crate::wire::{Id, recordio};

/// Someone who follows everything.
#[derive(Clone, Debug)]
pub struct Subscriber {
    /// Where the events go. Full means gone: who does not read can't follow.
    pub tx: mpsc::Sender<Bytes>,
}

impl Core {
    /// Tells all subscribers. The event is made only if there is someone to hear it.
    pub fn publish(&mut self, event: impl FnOnce(&Self) -> Bytes) {
        if self.subscribers.is_empty() {
            return;
        }
        let event = event(self);
        self.subscribers.retain(|subscriber| subscriber.tx.try_send(event.clone()).is_ok());
        self.state.subscribers = self.subscribers.len();
    }

    /// A new subscriber. Beyond the limit the oldest has to go, as in the real master.
    pub fn subscribe_operator(&mut self, tx: mpsc::Sender<Bytes>) {
        if self.subscribers.len() >= self.state.flags.max_subscribers.max(1) {
            self.subscribers.remove(0);
        }
        self.subscribers.push(Subscriber { tx });
        self.state.subscribers = self.subscribers.len();
    }

    pub(super) fn heartbeat(&mut self, now: Instant) {
        self.subscribers.retain(|s| !s.tx.is_closed());
        self.state.subscribers = self.subscribers.len();
        if now >= *self.subscriber_heartbeat.get_or_insert(now + HEARTBEAT) {
            self.subscriber_heartbeat = Some(now + HEARTBEAT);
            self.publish(|_| recordio::heartbeat());
        }
        let due: Vec<Id> =
            self.streams.iter().filter(|(_, stream)| now >= stream.heartbeat).map(|(id, _)| id.clone()).collect();
        for framework in due {
            if let Some(stream) = self.streams.get_mut(&framework) {
                stream.heartbeat = now + HEARTBEAT;
            }
            self.tell(&framework, "events/heartbeat", recordio::heartbeat());
        }
    }
}
