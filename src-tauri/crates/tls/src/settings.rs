//! How programs are told which files to take.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::{Error, Identity, Tls, Trust};

/// The files that a client is told of. All are PEM.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files {
    /// The certificates of the authorities that are trusted; those that this computer trusts if missing.
    pub authorities: Option<PathBuf>,
    /// Our certificate, for servers that ask for one.
    pub certificate: Option<PathBuf>,
    /// Its key; beside the certificate in the same file if missing.
    pub key: Option<PathBuf>,
}

impl Files {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libprocess_has_to_be_told_to_speak_tls() {
        let read = |pairs: &[(&str, &str)]| {
            let env = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            Files::of_libprocess(&env)
        };
        let ca = ("LIBPROCESS_SSL_CA_FILE", "/ca.pem");
        assert_eq!(read(&[ca]), None);
        assert_eq!(read(&[ca, ("LIBPROCESS_SSL_ENABLED", "false")]), None);
        let files = read(&[ca, ("LIBPROCESS_SSL_ENABLED", "1"), ("LIBPROCESS_SSL_CERT_FILE", "")]).unwrap();
        assert_eq!(files, Files { authorities: Some("/ca.pem".into()), ..Files::default() });
        assert!(matches!(files.load(), Err(Error::Unreadable { .. })));
    }
}
