//! The API over TLS.

use std::net::Ipv4Addr;
use std::path::PathBuf;

use tls::{Error, Tls, Trust};

/// How the API is served over TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Https {
    /// `MARATHON_SSL_KEYSTORE_PATH`: the API's certificates and its private key, in one PEM file.
    pub keystore: PathBuf,
    /// `MARATHON_HTTPS_ADDRESS`: as `MARATHON_HTTP_ADDRESS`.
    pub address: Option<Ipv4Addr>,
    /// `MARATHON_HTTPS_PORT` (8443). 0 takes any free port.
    pub port: u16,
    /// `MARATHON_SSL_CA_FILE`: whose certificates the other Pacers have; those in the keystore if missing.
    pub authorities: Option<PathBuf>,
    /// `MARATHON_DISABLE_HTTP`: nothing is served without TLS, and Pacers speak it among themselves.
    pub only: bool,
}

impl Https {
    /// How other Pacers are spoken with.
    pub fn among_pacers(&self) -> Result<Tls, Error> {
        Tls::new(&Trust::read(self.authorities.as_ref().unwrap_or(&self.keystore))?, None)
    }
}
