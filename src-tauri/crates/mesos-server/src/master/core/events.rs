//! The operators' event stream, and heartbeats.

use std::time::Instant;

use bytes::Bytes;
use tokio::sync::mpsc;

use super::{Core, HEARTBEAT};
use crate::wire::{Id, event::Event, recordio};

/// Someone who follows everything.
#[derive(Clone, Debug)]
pub struct Subscriber {
    /// Where the events go. Full means gone: who does not read can't follow.
    pub tx: mpsc::Sender<Event>,
}

impl Core {
    /// Tells all subscribers. The event is made only if there is someone to hear it.
    pub fn publish(&mut self, event: impl FnOnce(&Self) -> Bytes) {
        if self.subscribers.is_empty() {
            return;
        }
        let event = Event::from(event(self));
        self.subscribers.retain(|subscriber| subscriber.tx.try_send(event.clone()).is_ok());
    }

    /// A new subscriber. Beyond the limit the oldest has to go, as in the real master.
    pub fn subscribe_operator(&mut self, tx: mpsc::Sender<Event>) {
        if self.subscribers.len() >= self.state.flags.max_subscribers.max(1) {
            self.subscribers.remove(0);
        }
        self.subscribers.push(Subscriber { tx });
    }

    /// How many follow.
    pub fn subscribers(&self) -> usize {
        self.subscribers.len()
    }

    pub(super) fn heartbeat(&mut self, now: Instant) {
        self.subscribers.retain(|s| !s.tx.is_closed());
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::master::core::tests::core;

    #[test]
    fn who_does_not_read_is_dropped_and_the_others_share_each_event() {
        let mut core = core();
        let (slow, mut unread) = mpsc::channel(4);
        let (quick, mut read) = mpsc::channel(64);
        let (third, mut too) = mpsc::channel(64);
        for tx in [slow, quick, third] {
            core.subscribe_operator(tx);
        }
        for _ in 0..10 {
            core.publish(|_| recordio::heartbeat());
        }
        assert_eq!(core.subscribers(), 2);
        let sent: Vec<Event> = std::iter::from_fn(|| read.try_recv().ok()).collect();
        assert_eq!(sent.len(), 10);
        for event in sent {
            let other = too.try_recv().unwrap();
            assert_eq!(event.json().as_ptr(), other.json().as_ptr(), "encoded once");
        }
        assert_eq!(std::iter::from_fn(|| unread.try_recv().ok()).count(), 4, "what it may still read is bounded");
        assert!(unread.is_closed(), "its stream ends");
    }
}
