//! What holds up one direction of a connection.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::sync::watch;

use super::{Ends, Faults, Passage, pass};

/// The way between a connection's ends, as last seen.
#[derive(Debug)]
pub(super) struct Way {
    faults: watch::Receiver<Faults>,
    pub(super) ends: Ends,
    passage: Passage,
}

impl Way {
    pub(super) fn new(mut faults: watch::Receiver<Faults>, ends: Ends) -> Self {
        let passage = faults.borrow_and_update().between(ends);
        Self { faults, ends, passage }
    }

    /// How it stands now. Cheap while nothing changes.
    pub(super) fn passage(&mut self) -> Passage {
        if self.faults.has_changed().unwrap_or(false) {
            self.passage = self.faults.borrow_and_update().between(self.ends);
        }
        self.passage
    }
}

/// Holds up one direction, packet by packet.
#[derive(Default)]
pub(super) enum Gate {
    /// Nothing waits.
    #[default]
    Idle,
    /// Something waits.
    Holding(Pin<Box<dyn Future<Output = ()> + Send>>),
    /// What waited may pass.
    Open,
}

impl Gate {
    /// Whether nothing is in the way, nor waits.
    pub(super) fn is_free(&self, way: &mut Way) -> bool {
        matches!(self, Self::Idle) && way.passage() == Passage::FREE
    }

    /// Ready when the next packet may pass. [`Self::passed`] is to be called when it has.
    pub(super) fn poll(&mut self, way: &mut Way, context: &mut Context<'_>) -> Poll<()> {
        loop {
            match self {
                Self::Idle if way.passage() == Passage::FREE => return Poll::Ready(()),
                Self::Idle => *self = Self::Holding(Box::pin(pass(way.faults.clone(), way.ends))),
                Self::Holding(passing) => {
                    ready!(passing.as_mut().poll(context));
                    *self = Self::Open;
                }
                Self::Open if way.passage().cut => *self = Self::Idle,
                Self::Open => return Poll::Ready(()),
            }
        }
    }

    /// It has passed; the next one waits again.
    pub(super) fn passed(&mut self) {
        *self = Self::Idle;
    }
}

impl std::fmt::Debug for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Idle => "Idle",
            Self::Holding(_) => "Holding",
            Self::Open => "Open",
        })
    }
}
