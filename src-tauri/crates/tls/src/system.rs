//! Whom this computer trusts.

use std::sync::{Arc, LazyLock};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, aws_lc_rs, verify_tls12_signature, verify_tls13_signature,
};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, Error, SignatureScheme};

/// Reading the system's authorities takes milliseconds, and most of our clients never speak TLS: they are read when they are asked
/// for first.
static SYSTEM: LazyLock<Result<rustls_platform_verifier::Verifier, Error>> =
    LazyLock::new(|| rustls_platform_verifier::Verifier::new(Arc::new(provider())));

/// How clients speak TLS that were told nothing of it.
static CONFIG: LazyLock<Arc<ClientConfig>> = LazyLock::new(|| {
    let builder = ClientConfig::builder().dangerous();
    Arc::new(builder.with_custom_certificate_verifier(Arc::new(Verifier::new())).with_no_client_auth())
});

fn provider() -> CryptoProvider {
    aws_lc_rs::default_provider()
}

/// For clients that were told nothing of TLS.
pub fn config() -> Arc<ClientConfig> {
    CONFIG.clone()
}

/// Trusts whom this computer trusts.
#[derive(Debug)]
pub struct Verifier(WebPkiSupportedAlgorithms);

impl Verifier {
    /// Nothing is read yet.
    pub fn new() -> Self {
        Self(provider().signature_verification_algorithms)
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        match &*SYSTEM {
            Ok(system) => system.verify_server_cert(certificate, intermediates, name, ocsp, now),
            Err(error) => Err(error.clone()),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.0)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.0)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_schemes()
    }
}
