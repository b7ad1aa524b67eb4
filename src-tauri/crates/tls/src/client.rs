//! Our end, when we call.

use std::fmt;
use std::io;
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::files::{Identity, Trust, unusable};
use crate::{Error, ensemble, system};

/// How we speak TLS: whom we trust, and who we are if somebody asks. Cheap to clone.
#[derive(Clone)]
pub struct Tls {
    config: Arc<ClientConfig>,
    ensemble: Option<Arc<zookeeper_client::TlsOptions>>,
}

impl fmt::Debug for Tls {
    /// Without certificates and keys.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").finish_non_exhaustive()
    }
}

impl Tls {
    /// Trusts these, and presents this to whoever asks who we are.
    ///
    /// # Errors
    /// [`Error::Unusable`]: the key is not the certificate's.
    pub fn new(trust: &Trust, identity: Option<&Identity>) -> Result<Self, Error> {
        let ensemble = match trust {
            Trust::System => None,
            Trust::Only(authorities) => Some(Arc::new(ensemble::options(&authorities.pem, identity)?)),
        };
        let builder = ClientConfig::builder();
        let builder = match trust {
            Trust::System => builder.dangerous().with_custom_certificate_verifier(Arc::new(system::Verifier::new())),
            Trust::Only(authorities) => builder.with_root_certificates(authorities.roots.clone()),
        };
        let config = match identity {
            None => builder.with_no_client_auth(),
            Some(identity) => builder
                .with_client_auth_cert(identity.chain.clone(), identity.key.clone_key())
                .map_err(|error| unusable(&identity.file, &error))?,
        };
        Ok(Self { config: Arc::new(config), ensemble })
    }

    /// Connects to `host:port`. The error may hold a [`Fault`](crate::Fault).
    pub async fn connect(&self, address: &str) -> io::Result<TlsStream<TcpStream>> {
        let host = address.rsplit_once(':').map_or(address, |(host, _)| host).trim_matches(['[', ']']);
        let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
        let stream = TcpStream::connect(address).await?;
        TlsConnector::from(self.config.clone()).connect(name, stream).await
    }

    pub(crate) fn ensemble(&self) -> Result<zookeeper_client::TlsOptions, Error> {
        self.ensemble.as_deref().cloned().ok_or(Error::NoAuthority)
    }
}

/// A builder of HTTP clients. Without TLS of one's own, `https` trusts whom this computer trusts. No proxy: one that leads to the
/// Internet knows nothing of a cluster's machines.
pub fn http(tls: Option<&Tls>) -> reqwest::ClientBuilder {
    let config = tls.map_or_else(system::config, |tls| tls.config.clone());
    reqwest::Client::builder().no_proxy().tls_backend_preconfigured((*config).clone())
}
