//! A running Pacer, as its owner holds it.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use words::{Problem, Text, text};

use crate::connections::{Connections, EndOfConnections, Peer};
use crate::rest::router;
use crate::shared::Shared;
use crate::{Config, Log, election};

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
    shared: Arc<Shared>,
    election: JoinHandle<()>,
    serving: JoinHandle<()>,
    /// Dropping it breaks all connections.
    _connections: EndOfConnections,
}

/// How long an orderly end may take.
const FAREWELL: Duration = Duration::from_secs(3);

impl Pacer {
    /// Starts: returns when its port is bound. It then finds ZooKeeper and the masters by itself, and waits for them.
    pub async fn start(config: Config, options: Options) -> Result<Self, StartError> {
        let host = config.http_address.filter(|address| !address.is_unspecified()).unwrap_or(options.host);
        let wanted = SocketAddr::from((host, config.http_port));
        let failed = |source| StartError::Bind { address: wanted, source };
        let listener = TcpListener::bind(wanted).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let hostname = config.hostname.clone().unwrap_or_else(|| host.to_string());
        let shared = Arc::new(Shared::new(config, options.log, hostname, address.port())?);
        shared.log.info(format_args!("Started; listening on {address}"));
        for variable in &shared.config.without_effect {
            shared.log.warn(format_args!("{variable} has no effect on Pacer"));
        }
        let election = tokio::spawn(election::run(shared.clone()));
        let service = router(shared.clone()).into_make_service_with_connect_info::<Peer>();
        let (end, listener) = Connections::new(listener);
        let log = shared.log.clone();
        let serving = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, service).await {
                log.warn(format_args!("Stopped listening: {error}"));
            }
        });
        Ok(Self { address, shared, election, serving, _connections: end })
    }

    /// Where its API listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends in an orderly way: it gives up leadership at once, so that another Pacer takes over. Tasks go on.
    pub async fn stop(mut self) {
        self.shared.stop();
        if timeout(FAREWELL, &mut self.election).await.is_err() {
            self.election.abort();
        }
        self.stop_serving().await;
    }

    /// Ends as `kill -9` does: ZooKeeper and Mesos notice by its silence. Tasks go on. Its port is free afterwards.
    pub async fn kill(mut self) {
        self.election.abort();
        // It ends by being aborted, which is what it then says.
        (&mut self.election).await.ok();
        self.stop_serving().await;
    }

    async fn stop_serving(&mut self) {
        self.serving.abort();
        // As above.
        (&mut self.serving).await.ok();
    }
}

impl Drop for Pacer {
    fn drop(&mut self) {
        self.election.abort();
        self.serving.abort();
    }
}
