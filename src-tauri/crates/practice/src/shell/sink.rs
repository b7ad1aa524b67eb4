//! Where a command writes.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// A stream that is collected; clones write to the same. Beyond its limit it swallows, so that no command can fill the
/// computer's memory.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sink(Option<Arc<Buffer>>);

#[derive(Debug, Default)]
struct Buffer {
    bytes: Mutex<Vec<u8>>,
    written: Notify,
}

impl Buffer {
    fn bytes(&self) -> MutexGuard<'_, Vec<u8>> {
        self.bytes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

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
        {
            let mut held = buffer.bytes();
            let room = LIMIT.saturating_sub(held.len());
            held.extend_from_slice(&bytes[..bytes.len().min(room)]);
        }
        buffer.written.notify_one();
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
        self.0.as_ref().map(|buffer| std::mem::take(&mut *buffer.bytes())).unwrap_or_default()
    }

    /// The same as text; what is not UTF-8 becomes U+FFFD.
    pub fn drain_text(&self) -> String {
        String::from_utf8_lossy(&self.drain()).into_owned()
    }

    /// Waits until something is written. One at a time may wait.
    pub async fn written(&self) {
        match &self.0 {
            Some(buffer) => buffer.written.notified().await,
            None => std::future::pending().await,
        }
    }
}
