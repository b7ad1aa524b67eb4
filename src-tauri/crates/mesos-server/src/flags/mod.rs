//! The flags of `mesos-master` and `mesos-agent`, read and refused as the real programs do.

mod agent;
mod duration;
mod load;
mod master;

pub use agent::{AgentFlags, Policy};
pub use load::FlagError;
pub use master::MasterFlags;

/// The servers of a `zk://host:port,…/path` address, and its path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZkAddress {
    /// `host:port,host:port`.
    pub servers: String,
    /// The folder of the masters, such as `/mesos`.
    pub path: String,
}

impl ZkAddress {
    /// Reads an address as `--zk` and `--master` take it.
    pub fn parse(text: &str) -> Result<Self, FlagError> {
        let rest = text.strip_prefix("zk://").ok_or_else(|| {
            FlagError::Invalid(format!("Failed to parse '{text}': Expecting 'zk://' at the beginning of the URL"))
        })?;
        let no_path = || FlagError::Invalid("Expecting a (chroot) path for ZooKeeper ('/' is not supported)".into());
        let (servers, path) = rest.split_once('/').ok_or_else(no_path)?;
        if path.is_empty() {
            return Err(no_path());
        }
        // Credentials before an @ belong to an authenticated ZooKeeper, which a practice cluster has not.
        let servers = servers.rsplit_once('@').map_or(servers, |(_, servers)| servers);
        if servers.is_empty() {
            return Err(FlagError::Invalid(format!("Failed to parse '{text}': Expecting a ZooKeeper server")));
        }
        Ok(Self { servers: servers.to_owned(), path: format!("/{}", path.trim_end_matches('/')) })
    }
}

/// Reads a duration such as `15secs`.
pub fn parse_duration(text: &str) -> Option<std::time::Duration> {
    duration::parse(text).ok()
}
