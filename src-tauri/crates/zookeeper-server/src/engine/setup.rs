//! What a server knows of itself and of its ensemble, worked out before it starts.

use std::{collections::BTreeMap, net::SocketAddr};

use crate::{Config, dynamic::ZooCfg, members::Members, resolve::Resolver, store::Folder};

/// A member of the ensemble, its name looked up.
#[derive(Clone, Copy, Debug)]
pub struct Peer {
    /// Where it takes learners when it leads.
    pub quorum: SocketAddr,
    /// Where it hears of elections.
    pub election: SocketAddr,
}

/// What a server knows of itself.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Its configuration.
    pub config: Config,
    /// Its id; 0 on a lone server.
    pub me: u64,
    /// The ensemble, as it is decided and as it may become.
    pub members: Members,
    /// Where they are, itself included; empty on a lone server.
    pub peers: BTreeMap<u64, Peer>,
    /// Its own address for clients.
    pub client: SocketAddr,
    /// The address that it connects from.
    pub host: std::net::IpAddr,
    /// Looks names up as its machine does.
    pub resolver: Resolver,
    /// Its `zoo.cfg`.
    pub zoo_cfg: ZooCfg,
    /// What it reaches the others by.
    pub network: hardware::Network,
    /// Its folder on the real disk.
    pub folder: Folder,
}

impl Setup {
    /// Itself.
    pub fn own(&self) -> Option<Peer> {
        self.peers.get(&self.me).copied()
    }
}
