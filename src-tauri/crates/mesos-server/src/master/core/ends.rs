//! The connections to agents and schedulers.

use std::{sync::Arc, time::Instant};

use tokio::sync::mpsc;

use super::Core;
use crate::{
    links::{Sender, ToAgent},
    wire::{Id, event::Event},
};

/// A connection to an agent. The number tells it from later ones.
#[derive(Clone, Debug)]
pub struct Link {
    pub number: u64,
    pub tx: Arc<Sender<ToAgent>>,
}

/// How a master watches an agent.
#[derive(Clone, Copy, Debug)]
pub struct Ping {
    /// When the next ping is due, or the answer to the last one.
    pub due: Instant,
    /// Pings in a row without an answer.
    pub missed: u32,
    pub waiting: bool,
}

/// The stream of a scheduler.
#[derive(Clone, Debug)]
pub struct Stream {
    pub id: String,
    pub tx: mpsc::Sender<Event>,
    pub heartbeat: Instant,
}

impl Core {
    /// Tells an agent something, if it is there.
    pub(super) fn tell_agent(&self, agent: &Id, message: ToAgent) {
        if let Some(link) = self.links.get(agent) {
            link.tx.send(message);
        }
    }

    /// Sends a scheduler an event. One that does not read is disconnected when its channel is full.
    pub(super) fn tell(&mut self, framework_id: &Id, kind: &'static str, event: impl Into<Event>) {
        let Some(framework) = self.state.framework_mut(framework_id) else { return };
        framework.count(kind, 1);
        let Some(stream) = self.streams.get(framework_id) else { return };
        if stream.tx.try_send(event.into()).is_err() {
            self.streams.remove(framework_id);
            framework.connected = false;
        }
    }

    /// The stream of a scheduler that is there.
    pub fn stream(&self, framework: &Id) -> Option<&Stream> {
        self.streams.get(framework)
    }
}
