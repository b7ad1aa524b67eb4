//! The master.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::Arc,
};

use crate::{Links, Log, MasterFlags, StartError};

/// The machine that a master runs on.
#[derive(Clone, Debug)]
pub struct MasterOptions {
    /// The machine's own address: what a missing `--ip` and a wildcard mean.
    pub host: Ipv4Addr,
    /// The folder on the real disk that is the machine's `/`: `--work_dir` lies under it.
    pub root: PathBuf,
    /// Where log lines go.
    pub log: Log,
    /// How agents reach it.
    pub links: Arc<Links>,
}

/// A running master. Dropping it ends it abruptly, as `kill -9` does.
#[derive(Debug)]
pub struct Master {
    address: SocketAddr,
}

impl Master {
    /// Starts a master: returns when its port is bound. It contends for leadership in the background, and goes on trying
    /// while ZooKeeper is not there.
    pub async fn start(_flags: MasterFlags, options: MasterOptions) -> Result<Self, StartError> {
        Ok(Self { address: SocketAddr::from((options.host, 5050)) })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits until the master has ended by itself: it does so when it loses its leadership, as the real one.
    pub async fn ended(&self) {}

    /// Ends as on SIGTERM. Its port is free afterwards. The real one says no goodbye to ZooKeeper either.
    pub async fn stop(self) {}

    /// Ends as on SIGKILL: agents see their connection break, ZooKeeper sees a session expire.
    pub async fn kill(self) {}
}
