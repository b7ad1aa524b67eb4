//! Our end, when we are called.

use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;

use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::Error;
use crate::files::{Identity, unusable};

/// A server's TLS. Cheap to clone.
#[derive(Clone)]
pub struct Served(TlsAcceptor);

impl fmt::Debug for Served {
    /// Without certificates and keys.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Served").finish_non_exhaustive()
    }
}

impl Served {
    /// Out of one PEM file with the private key and the certificates, the server's own first.
    ///
    /// # Errors
    /// As [`Identity::read`]; [`Error::Unusable`]: the key is not the certificate's.
    pub fn read(file: &Path) -> Result<Self, Error> {
        let Identity { chain, key, .. } = Identity::read(file, file)?;
        let config = ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key);
        let config = config.map_err(|error| unusable(file, &error))?;
        Ok(Self(TlsAcceptor::from(Arc::new(config))))
    }

    /// Shakes hands with whoever has connected. Has no deadline of its own.
    pub async fn accept<S: AsyncRead + AsyncWrite + Unpin>(&self, stream: S) -> io::Result<TlsStream<S>> {
        self.0.accept(stream).await
    }
}
