//! The parts of a practice machine that can fail: its [`Network`] and its [`Disk`].
//!
//! The practice servers and the machines' commands go through these for every connection and every write. Outside a
//! practice cluster they are [`Hardware::default`]: nothing can happen to it, and asking it costs nothing.

mod disk;
mod network;

pub use disk::Disk;
pub use network::{Listener, Network, Relays, Stream};

/// What a server runs on, as far as it can fail. Clones are the same hardware.
#[derive(Clone, Debug, Default)]
pub struct Hardware {
    /// The network, the same for all machines of a cluster.
    pub network: Network,
    /// The machine's own disk.
    pub disk: Disk,
}
