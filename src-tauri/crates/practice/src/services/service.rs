//! A running server, whatever it serves.

use std::net::SocketAddr;

use async_trait::async_trait;

/// A port that a server listens on, and what it is for in a word.
pub(crate) type Port = (&'static str, SocketAddr);

/// A running server. Each kind has a small file that turns its own type into one.
#[async_trait]
pub(crate) trait Service: Send + Sync {
    /// Where it listens.
    fn ports(&self) -> Vec<Port>;

    /// Waits until it ends by itself.
    async fn ended(&self);

    /// Ends it in an orderly way, as SIGTERM does.
    async fn stop(self: Box<Self>);

    /// Ends it at once, as SIGKILL does.
    async fn kill(self: Box<Self>);
}

/// Why a program ended before it served: its exit code. What it said is in its log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Exited(pub i32);

/// What starting a program gives.
pub(crate) type Started = Result<Box<dyn Service>, Exited>;
