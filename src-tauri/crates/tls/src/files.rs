//! Certificates and keys, out of PEM files.

use std::fs;
use std::path::{Path, PathBuf};

use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::Error;

/// Whose certificates are trusted.
#[derive(Clone, Debug, Default)]
pub enum Trust {
    /// Those of the authorities that this computer trusts.
    #[default]
    System,
    /// Those of these authorities alone.
    Only(Authorities),
}

/// Authorities, out of a file.
#[derive(Clone, Debug)]
pub struct Authorities {
    pub(crate) pem: String,
    pub(crate) roots: RootCertStore,
}

impl Trust {
    /// Trusts the certificates in a PEM file, and those that they have signed.
    ///
    /// # Errors
    /// [`Error::Unreadable`]; [`Error::NotPem`] without any certificate in it; [`Error::Unusable`].
    pub fn read(file: &Path) -> Result<Self, Error> {
        let pem = read(file)?;
        let mut roots = RootCertStore::empty();
        for certificate in certificates(file, &pem)? {
            roots.add(certificate).map_err(|error| unusable(file, &error))?;
        }
        Ok(Self::Only(Authorities { pem, roots }))
    }
}

/// Who we are: a certificate, those that vouch for it, and its key. The key is never shown.
#[derive(Debug)]
pub struct Identity {
    pub(crate) file: PathBuf,
    pub(crate) pem: Pem,
    pub(crate) chain: Vec<CertificateDer<'static>>,
    pub(crate) key: PrivateKeyDer<'static>,
}

/// The texts of an identity, for a library that reads them itself.
pub(crate) struct Pem {
    pub chain: String,
    pub key: String,
}

impl std::fmt::Debug for Pem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pem").finish_non_exhaustive()
    }
}

impl Identity {
    /// Reads the certificates, our own first, and the key. Both may be in the same file.
    ///
    /// # Errors
    /// As [`Trust::read`].
    pub fn read(certificates_file: &Path, key_file: &Path) -> Result<Self, Error> {
        let pem = Pem { chain: read(certificates_file)?, key: read(key_file)? };
        let chain = certificates(certificates_file, &pem.chain)?;
        let key = PrivateKeyDer::from_pem_slice(pem.key.as_bytes());
        let wanted = "private key without a password";
        let key = key.map_err(|_| Error::NotPem { file: key_file.to_owned(), wanted })?;
        Ok(Self { file: certificates_file.to_owned(), pem, chain, key })
    }
}

fn read(file: &Path) -> Result<String, Error> {
    let bytes = fs::read(file).map_err(|error| Error::Unreadable { file: file.to_owned(), why: error.to_string() })?;
    // Java's keystores are no text: they are found to hold no certificate in the form PEM.
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn certificates(file: &Path, pem: &str) -> Result<Vec<CertificateDer<'static>>, Error> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
    match found {
        Ok(found) if !found.is_empty() => Ok(found),
        Ok(_) | Err(_) => Err(Error::NotPem { file: file.to_owned(), wanted: "certificate" }),
    }
}

pub(crate) fn unusable(file: &Path, error: &dyn std::error::Error) -> Error {
    Error::Unusable { file: file.to_owned(), why: error.to_string() }
}
