//! A running server, as its owner holds it.

use std::{
    fmt,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::Arc,
};

use crate::Config;

/// Where a server's log lines go: one call a line, formatted as ZooKeeper's log has them, without the line end.
#[derive(Clone)]
pub struct Log(Arc<dyn Fn(&str) + Send + Sync>);

impl Log {
    /// Lines go to this function. It is called from the server's tasks and must be quick.
    pub fn new(sink: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self(Arc::new(sink))
    }

    /// Lines go nowhere.
    pub fn none() -> Self {
        Self::new(|_| ())
    }
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Log")
    }
}

/// The machine that a server runs on.
#[derive(Clone, Debug)]
pub struct Options {
    /// The machine's own address: what a wildcard bind means.
    pub host: Ipv4Addr,
    /// The folder on the real disk that is the machine's `/`: `dataDir` and `/etc/hosts` lie under it.
    pub root: PathBuf,
    /// Where log lines go.
    pub log: Log,
}

/// Why a server did not start; the text is what the real one logs.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The ensemble has several servers and the dataDir has no `myid`.
    #[error("myid file is missing")]
    MyIdMissing,
}

impl StartError {
    /// The exit code of the real program.
    pub fn exit_code(&self) -> i32 {
        1
    }
}

/// A running server. Dropping it ends it abruptly, as `kill -9` does.
#[derive(Debug)]
pub struct Server {}

impl Server {
    /// Starts a server: returns when its ports are bound and its data is read. A server of an ensemble serves once there is
    /// a majority. What goes wrong is logged as well as returned.
    pub async fn start(_config: Config, _options: Options) -> Result<Self, StartError> {
        Err(StartError::MyIdMissing)
    }

    /// Where clients connect.
    pub fn client_address(&self) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, 0))
    }

    /// Waits until the server has ended by itself, which it does only if its disk fails it.
    pub async fn ended(&self) {}

    /// Ends in an orderly way: connections are closed, everything logged is on disk. Ports are free afterwards.
    pub async fn stop(self) {}

    /// Ends as `kill -9` does. Ports are free afterwards; simply dropping the server frees them a moment later.
    pub async fn kill(self) {}
}
