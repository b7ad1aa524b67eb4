//! Where a command writes.

use std::sync::{Arc, Mutex, PoisonError};

/// A stream that is collected; clones write to the same. Beyond its limit it swallows, so that no command can fill the
/// computer's memory.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sink(Option<Arc<Mutex<Vec<u8>>>>);

/// The most that one stream holds, bytes.
const LIMIT: usize = 16 << 20;

impl Sink {
    /// An empty one.
    pub fn new() -> Self {
        Self(Some(Arc::default()))
    }

    /// One that swallows everything.
    pub fn null() -> Self {
        Self(None)
    }

    /// Writes bytes.
    pub fn bytes(&self, bytes: &[u8]) {
        let Some(buffer) = &self.0 else { return };
        let mut buffer = buffer.lock().unwrap_or_else(PoisonError::into_inner);
        let room = LIMIT.saturating_sub(buffer.len());
        buffer.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }

    /// Writes a line.
    pub fn line(&self, line: impl AsRef<str>) {
        let mut text = line.as_ref().to_owned();
        text.push('\n');
        self.bytes(text.as_bytes());
    }

    /// Writes text as it is.
    pub fn text(&self, text: impl AsRef<str>) {
        self.bytes(text.as_ref().as_bytes());
    }

    /// Takes what was written so far.
    pub fn drain(&self) -> Vec<u8> {
        self.0
            .as_ref()
            .map(|b| std::mem::take(&mut *b.lock().unwrap_or_else(PoisonError::into_inner)))
            .unwrap_or_default()
    }
}
