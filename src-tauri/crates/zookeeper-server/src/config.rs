//! `zoo.cfg`, read as ZooKeeper 3.8's `QuorumPeerConfig` reads it.

use std::collections::BTreeMap;

/// A `zoo.cfg` that a server can start from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Where the file lies on the machine, for the log (`/etc/zookeeper/conf/zoo.cfg`).
    pub source: String,
    /// `dataDir`: absolute path on the machine.
    pub data_dir: String,
    /// `clientPort`.
    pub client_port: u16,
    /// The ensemble, by server id; empty for a server that stands alone.
    pub members: BTreeMap<u64, Member>,
}

/// A `server.N=` line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Host name or address.
    pub host: String,
    /// Where followers connect to it when it leads.
    pub peer_port: u16,
    /// Where leaders are elected.
    pub election_port: u16,
    /// Whether it votes.
    pub role: Role,
}

/// Whether a member votes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    /// It votes and may lead.
    #[default]
    Participant,
    /// It follows and never votes.
    Observer,
}

/// Why a `zoo.cfg` is refused; the text is the real program's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// `dataDir` is missing.
    #[error("java.lang.IllegalArgumentException: dataDir is not set")]
    NoDataDir,
}

impl ConfigError {
    /// The lines that the real program logs before it ends with exit code 2.
    pub fn log_lines(&self) -> Vec<String> {
        vec![self.to_string()]
    }
}

impl Config {
    /// Reads the text of a `zoo.cfg`.
    pub fn parse(_zoo_cfg: &str) -> Result<Self, ConfigError> {
        Err(ConfigError::NoDataDir)
    }
}
