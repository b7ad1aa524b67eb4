//! ZooKeeper over TLS: its client takes our files, and says little of what went wrong.

use std::time::Duration;

use rustls::pki_types::ServerName;
use tokio::io::AsyncReadExt;
use tokio::time::timeout;
use zookeeper_client as zk;

use crate::files::Identity;
use crate::{Error, Fault, Tls};

/// How long one server is looked at, to learn why there is no session.
const LOOK: Duration = Duration::from_secs(2);
/// How long a server has for its refusal of our certificate: by TLS 1.3 that comes after the handshake.
const SECOND_THOUGHT: Duration = Duration::from_millis(300);

/// Why there is no session.
#[derive(Debug, thiserror::Error)]
pub enum NoSession {
    /// A server and we don't trust each other.
    #[error("{address}: {fault}")]
    Untrusted {
        /// `host:port`.
        address: String,
        /// Why.
        fault: Fault,
    },
    /// We are not ready to speak TLS with ZooKeeper.
    #[error(transparent)]
    Unready(#[from] Error),
    /// The client says so.
    #[error(transparent)]
    Client(#[from] zk::Error),
}

/// What the client is told.
pub(crate) fn options(authorities: &str, identity: Option<&Identity>) -> Result<zk::TlsOptions, Error> {
    let file = identity.map(|identity| identity.file.clone()).unwrap_or_default();
    let read = |error: zk::Error| Error::Unusable { file: file.clone(), why: error.to_string() };
    let options = zk::TlsOptions::new().with_pem_ca(authorities).map_err(read)?;
    match identity {
        None => Ok(options),
        Some(identity) => options.with_pem_identity(&identity.pem.chain, &identity.pem.key).map_err(read),
    }
}

/// Opens a session with one of the servers (`host:port`, joined by commas): over TLS if it is given, and then never without.
///
/// # Errors
/// Says which server is at fault, as far as TLS goes.
pub async fn connect(connector: zk::Connector, hosts: &str, tls: Option<&Tls>) -> Result<zk::Client, NoSession> {
    let Some(tls) = tls else { return Ok(connector.connect(hosts).await?) };
    let connector = connector.with_tls(tls.ensemble()?);
    // The client takes it for granted that certificates can be for these.
    if hosts.split(',').any(|address| ServerName::try_from(host(address)).is_err()) {
        return Err(zk::Error::BadArguments(&"a host that no certificate can name").into());
    }
    match connector.secure_connect(hosts).await {
        Ok(client) => Ok(client),
        Err(error) => Err(fault(tls, hosts).await.unwrap_or(NoSession::Client(error))),
    }
}

/// The first of the servers that is at fault.
pub async fn fault(tls: &Tls, hosts: &str) -> Option<NoSession> {
    for address in hosts.split(',') {
        if let Ok(Some(fault)) = timeout(LOOK, fault_of(tls, address)).await {
            return Some(NoSession::Untrusted { address: address.to_owned(), fault });
        }
    }
    None
}

async fn fault_of(tls: &Tls, address: &str) -> Option<Fault> {
    let mut stream = match tls.connect(address).await {
        Ok(stream) => stream,
        Err(error) => return Fault::find(&error),
    };
    match timeout(SECOND_THOUGHT, stream.read_u8()).await {
        Ok(Err(error)) => Fault::find(&error),
        Ok(Ok(_)) | Err(_) => None,
    }
}

fn host(address: &str) -> &str {
    address.rsplit_once(':').map_or(address, |(host, _)| host)
}
