//! The living state.

use std::{
    ops::{Deref, DerefMut},
    sync::{Arc, OnceLock},
};

use bytes::Bytes;

use super::State;

/// A master's state while it changes. Copies of it cost nothing until the next change, and all that are taken between two
/// changes are one.
#[derive(Debug)]
pub struct Live(Arc<Copied>);

/// A state that changes no more.
#[derive(Debug)]
pub struct Copied {
    state: State,
    subscribed: OnceLock<Bytes>,
}

impl Clone for Copied {
    /// A copy is made to be changed.
    fn clone(&self) -> Self {
        Self { state: self.state.clone(), subscribed: OnceLock::new() }
    }
}

impl Deref for Copied {
    type Target = State;

    fn deref(&self) -> &State {
        &self.state
    }
}

impl Copied {
    /// The first record of an operator's stream in protobuf, made by whoever needs it first.
    pub fn subscribed(&self, make: impl FnOnce(&State) -> Bytes) -> Bytes {
        self.subscribed.get_or_init(|| make(&self.state)).clone()
    }
}

impl From<State> for Live {
    fn from(state: State) -> Self {
        Self(Arc::new(Copied { state, subscribed: OnceLock::new() }))
    }
}

impl Live {
    /// As it is now.
    pub fn copy(&self) -> Arc<Copied> {
        Arc::clone(&self.0)
    }
}

impl Deref for Live {
    type Target = State;

    fn deref(&self) -> &State {
        &self.0.state
    }
}

impl DerefMut for Live {
    fn deref_mut(&mut self) -> &mut State {
        let copied = Arc::make_mut(&mut self.0);
        copied.subscribed.take();
        &mut copied.state
    }
}
