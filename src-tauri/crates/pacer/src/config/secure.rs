//! Which connections are secret, and by which files.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::path::PathBuf;

use tls::{Error, Identity, Tls, Trust};

/// The files of one client of Pacer's. All are PEM.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificates of the authorities that are trusted; those that the machine trusts if missing.
    pub authorities: Option<PathBuf>,
    /// Our certificate, for servers that ask for one.
    pub certificate: Option<PathBuf>,
    /// Its key; beside the certificate in the same file if missing.
    pub key: Option<PathBuf>,
}

impl TlsFiles {
    /// As Mesos's own programs are told, by `LIBPROCESS_SSL_…`; none unless it is enabled.
    pub fn of_libprocess(env: &BTreeMap<String, String>) -> Option<Self> {
        let text = |name: &str| env.get(&format!("LIBPROCESS_SSL_{name}")).filter(|value| !value.is_empty());
        let is_on = text("ENABLED").is_some_and(|value| matches!(value.as_str(), "1" | "true"));
        is_on.then(|| Self::named(|name| text(name).map(PathBuf::from)))
    }

    /// By the names `CA_FILE`, `CERT_FILE` and `KEY_FILE`.
    pub fn named(mut file: impl FnMut(&str) -> Option<PathBuf>) -> Self {
        Self { authorities: file("CA_FILE"), certificate: file("CERT_FILE"), key: file("KEY_FILE") }
    }

    /// Reads them.
    pub fn load(&self) -> Result<Tls, Error> {
        let trust = self.authorities.as_deref().map_or(Ok(Trust::System), Trust::read)?;
        let key = self.key.as_ref().or(self.certificate.as_ref());
        let ours = self.certificate.as_ref().zip(key);
        let ours = ours.map(|(certificate, key)| Identity::read(certificate, key)).transpose()?;
        Tls::new(&trust, ours.as_ref())
    }
}

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
