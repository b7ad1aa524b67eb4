//! What a server knows of itself and of its ensemble, worked out before it starts.

use std::{collections::BTreeMap, net::SocketAddr};

use crate::{
    Config,
    config::{Membership, Role},
    resolve::Resolver,
    store::Folder,
};

/// A member of the ensemble, its name looked up.
#[derive(Clone, Copy, Debug)]
pub struct Peer {
    /// Where it takes learners when it leads.
    pub quorum: SocketAddr,
    /// Where it hears of elections.
    pub election: SocketAddr,
    /// Whether it votes.
    pub role: Role,
}

/// What a server knows of itself.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Its configuration.
    pub config: Config,
    /// Its id; 0 on a lone server.
    pub me: u64,
    /// The ensemble, itself included; empty on a lone server.
    pub peers: BTreeMap<u64, Peer>,
    /// Its own address for clients.
    pub client: SocketAddr,
    /// The address that it connects from.
    pub host: std::net::IpAddr,
    /// Looks names up as its machine does.
    pub resolver: Resolver,
    /// Its folder on the real disk.
    pub folder: Folder,
}

impl Setup {
    /// Itself.
    pub fn own(&self) -> Option<Peer> {
        self.peers.get(&self.me).copied()
    }

    /// Whether a server votes. A lone server does.
    pub fn is_voter(&self, server: u64) -> bool {
        self.peers.get(&server).is_none_or(|peer| peer.role == Role::Participant)
    }

    /// How many servers vote.
    pub fn voters(&self) -> usize {
        self.peers.values().filter(|peer| peer.role == Role::Participant).count().max(1)
    }

    /// Whether so many are a majority.
    pub fn is_majority(&self, count: usize) -> bool {
        count * 2 > self.voters()
    }

    /// The text of `/zookeeper/config`.
    pub fn membership(config: &Config) -> String {
        if !config.is_ensemble() {
            return String::new();
        }
        Membership { members: config.members.clone(), version: 0 }.to_string()
    }
}
