//! A running Pacer, as its owner holds it.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hardware::Network;
use tls::Served;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use words::{Problem, Text, text};

use crate::config::Https;
use crate::reach::Reach;
use crate::rest::router;
use crate::serving::serve;
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
    /// A certificate or a key of its own is no good.
    #[error(transparent)]
    Tls(#[from] tls::Error),
}

impl StartError {
    /// The exit code of the real program.
    pub fn exit_code(&self) -> i32 {
        match self {
            Self::Bind { .. } => 104,
            Self::Client(_) => 137,
            Self::Tls(_) => 1,
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
            Self::Tls(error) => error.problem(),
        }
    }
}

/// A running Pacer. Dropping it ends it abruptly, as `kill -9` does.
#[derive(Debug)]
pub struct Pacer {
    address: SocketAddr,
    also_at: Option<SocketAddr>,
    shared: Arc<Shared>,
    election: JoinHandle<()>,
    serving: Vec<JoinHandle<Infallible>>,
}

/// How long an orderly end may take.
const FAREWELL: Duration = Duration::from_secs(3);

impl Pacer {
    /// Starts: returns when its ports are bound. It then finds ZooKeeper and the masters by itself, and waits for them.
    pub async fn start(config: Config, options: Options) -> Result<Self, StartError> {
        Self::start_on(config, options, Network::default()).await
    }

    /// The same on a network that can fail.
    pub async fn start_on(config: Config, options: Options, network: Network) -> Result<Self, StartError> {
        let plain = listen(config.http_address, options.host, config.http_port, None);
        let (main, also) = match &config.https {
            None => (plain.await?, None),
            Some(https) if https.only => (secure(https, options.host).await?, None),
            Some(https) => (plain.await?, Some(secure(https, options.host).await?)),
        };
        let (address, also_at) = (main.address, also.as_ref().map(|door| door.address));
        let hostname = config.hostname.clone().unwrap_or_else(|| address.ip().to_string());
        let reach = Reach::new(network.clone(), options.host);
        let shared = Arc::new(Shared::new(config, options.log, (hostname, address.port()), reach)?);
        for address in std::iter::once(address).chain(also_at) {
            shared.log.info(format_args!("Started; listening on {address}"));
        }
        for variable in &shared.config.without_effect {
            shared.log.warn(format_args!("{variable} has no effect on Pacer"));
        }
        let election = tokio::spawn(election::run(shared.clone()));
        let router = router(shared.clone());
        let serve = |door: Door| {
            let listener = network.listen(door.listener);
            tokio::spawn(serve(listener, door.tls, router.clone(), shared.log.clone()))
        };
        let serving = std::iter::once(main).chain(also).map(serve).collect();
        Ok(Self { address, also_at, shared, election, serving })
    }

    /// Where its API listens: without TLS, unless it speaks nothing else.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where its API speaks TLS beside that, if it does.
    pub fn secure_address(&self) -> Option<SocketAddr> {
        self.also_at
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
        for serving in self.serving.drain(..) {
            serving.abort();
            // As above.
            serving.await.ok();
        }
    }
}

/// A port that is ours.
struct Door {
    listener: TcpListener,
    address: SocketAddr,
    /// It speaks TLS.
    tls: Option<Served>,
}

/// Listens on the address that is wanted, or on the machine's own.
async fn listen(wanted: Option<Ipv4Addr>, host: Ipv4Addr, port: u16, tls: Option<Served>) -> Result<Door, StartError> {
    let host = wanted.filter(|address| !address.is_unspecified()).unwrap_or(host);
    let wanted = SocketAddr::from((host, port));
    let failed = |source| StartError::Bind { address: wanted, source };
    let listener = TcpListener::bind(wanted).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok(Door { listener, address, tls })
}

async fn secure(https: &Https, host: Ipv4Addr) -> Result<Door, StartError> {
    let served = Served::read(&https.keystore)?;
    listen(https.address, host, https.port, Some(served)).await
}

impl Drop for Pacer {
    fn drop(&mut self) {
        self.election.abort();
        self.serving.iter().for_each(JoinHandle::abort);
    }
}
