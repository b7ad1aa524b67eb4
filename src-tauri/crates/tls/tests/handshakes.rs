//! Both ends of TLS, and every way in which they may not like each other.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tempfile::NamedTempFile;
use tls::authority::{Authority, Issued};
use tls::{Error, Fault, Identity, Served, Tls, Trust, http};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\nconnection: close\r\n\r\npong";

fn file(text: &str) -> NamedTempFile {
    let mut file = NamedTempFile::new().expect("a file");
    file.write_all(text.as_bytes()).expect("room");
    file
}

fn trusting(authority: &Authority) -> Tls {
    let trust = Trust::read(file(&authority.certificate()).path()).expect("an authority");
    Tls::new(&trust, None).expect("a client")
}

/// Answers one request after the other. What fails is the client's to tell.
async fn answer(mut stream: impl AsyncRead + AsyncWrite + Unpin) {
    let mut request = [0; 1024];
    if stream.read(&mut request).await.is_ok() {
        stream.write_all(ANSWER).await.ok();
        stream.shutdown().await.ok();
    }
}

async fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    (listener, address)
}

async fn serve(issued: &Issued) -> String {
    let served = Served::read(file(&issued.keystore()).path()).expect("a server");
    let (listener, address) = listen().await;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            if let Ok(stream) = served.accept(stream).await {
                answer(stream).await;
            }
        }
    });
    address
}

/// A server that asks its callers for certificates of an authority.
async fn serve_known(issued: &Issued, callers: &Authority) -> String {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(callers.certificate().as_bytes()).expect("PEM")).expect("an authority");
    let verifier = WebPkiClientVerifier::builder(Arc::new(roots)).build().expect("a verifier");
    let chain = vec![CertificateDer::from_pem_slice(issued.certificate.as_bytes()).expect("PEM")];
    let key = PrivateKeyDer::from_pem_slice(issued.key.as_bytes()).expect("PEM");
    let config = ServerConfig::builder().with_client_cert_verifier(verifier).with_single_cert(chain, key);
    let acceptor = TlsAcceptor::from(Arc::new(config.expect("a server")));
    let (listener, address) = listen().await;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            if let Ok(stream) = acceptor.accept(stream).await {
                answer(stream).await;
            }
        }
    });
    address
}

async fn plain() -> String {
    let (listener, address) = listen().await;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            answer(stream).await;
        }
    });
    address
}

async fn get(tls: Option<&Tls>, address: &str) -> Result<String, Option<Fault>> {
    let client = http(tls).build().expect("a client");
    let asked = async { client.get(format!("https://{address}/ping")).send().await?.text().await };
    asked.await.map_err(|error| Fault::find(&error))
}

#[tokio::test]
async fn they_speak_if_the_certificate_is_right_and_say_why_not_if_it_is_wrong() {
    let (ours, another) = (Authority::new().expect("keys"), Authority::new().expect("keys"));
    let tls = trusting(&ours);
    let good = ours.issue(&["127.0.0.1", "localhost"]).expect("keys");
    let address = serve(&good).await;
    assert_eq!(get(Some(&tls), &address).await.as_deref(), Ok("pong"));

    let strange = serve(&another.issue(&["127.0.0.1"]).expect("keys")).await;
    assert_eq!(get(Some(&tls), &strange).await, Err(Some(Fault::UnknownAuthority)));
    // This computer does not trust our authority, nor any client that was told nothing.
    assert_eq!(get(None, &address).await, Err(Some(Fault::UnknownAuthority)));
    let system = Tls::new(&Trust::System, None).expect("a client");
    assert_eq!(get(Some(&system), &address).await, Err(Some(Fault::UnknownAuthority)));
    let elsewhere = serve(&ours.issue(&["127.0.0.2"]).expect("keys")).await;
    assert_eq!(get(Some(&tls), &elsewhere).await, Err(Some(Fault::OtherName)));
    let old = serve(&ours.issue_expired(&["127.0.0.1"]).expect("keys")).await;
    assert_eq!(get(Some(&tls), &old).await, Err(Some(Fault::OutOfTime)));
    assert_eq!(get(Some(&tls), &plain().await).await, Err(Some(Fault::NotSpoken)));
    // Nobody there is no matter of certificates.
    assert_eq!(get(Some(&tls), "127.0.0.1:1").await, Err(None));
}

#[tokio::test]
async fn a_server_may_want_to_know_who_calls() {
    let (servers, callers) = (Authority::new().expect("keys"), Authority::new().expect("keys"));
    let address = serve_known(&servers.issue(&["127.0.0.1"]).expect("keys"), &callers).await;
    assert_eq!(get(Some(&trusting(&servers)), &address).await, Err(Some(Fault::WantsOurs)));

    let us = file(&callers.issue(&["startline"]).expect("keys").keystore());
    let identity = Identity::read(us.path(), us.path()).expect("an identity");
    let trust = Trust::read(file(&servers.certificate()).path()).expect("an authority");
    let known = Tls::new(&trust, Some(&identity)).expect("a client");
    assert_eq!(get(Some(&known), &address).await.as_deref(), Ok("pong"));
    let shown = format!("{known:?} {identity:?}");
    assert!(!shown.contains("PRIVATE"), "{shown}");
}

#[tokio::test]
async fn bare_connections_keep_to_the_same() {
    let ours = Authority::new().expect("keys");
    let address = serve(&ours.issue(&["127.0.0.1"]).expect("keys")).await;
    let mut stream = trusting(&ours).connect(&address).await.expect("a connection");
    stream.write_all(b"GET / HTTP/1.1\r\n\r\n").await.expect("sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("an answer");
    assert!(answer.ends_with(b"pong"), "{answer:?}");
    let stranger = trusting(&Authority::new().expect("keys")).connect(&address).await.expect_err("a stranger");
    assert_eq!(Fault::find(&stranger), Some(Fault::UnknownAuthority));
    // Who does not speak TLS is not answered by who does.
    let mut bare = TcpStream::connect(&address).await.expect("a connection");
    bare.write_all(b"GET / HTTP/1.1\r\n\r\n").await.expect("sent");
    let mut answer = Vec::new();
    bare.read_to_end(&mut answer).await.ok();
    assert!(!answer.ends_with(b"pong"), "{answer:?}");
}

#[test]
fn files_that_are_no_use_are_named() {
    let authority = Authority::new().expect("keys");
    let (one, other) = (authority.issue(&["a"]).expect("keys"), authority.issue(&["b"]).expect("keys"));
    let nowhere = Path::new("/nowhere/ca.pem");
    assert!(matches!(Trust::read(nowhere), Err(Error::Unreadable { file, .. }) if file == nowhere));
    // A Java keystore begins so.
    assert!(matches!(Served::read(file("\u{fffd}\u{fffd}…").path()), Err(Error::NotPem { wanted: "certificate", .. })));
    let keyless = file(&one.certificate);
    assert!(
        matches!(Identity::read(keyless.path(), keyless.path()), Err(Error::NotPem { wanted, .. }) if wanted.starts_with("private key"))
    );
    let mixed = file(&format!("{}{}", one.key, other.certificate));
    let error = Served::read(mixed.path()).expect_err("the key of another");
    assert!(matches!(&error, Error::Unusable { .. }), "{error}");
    assert_eq!(error.problem().id, "tls-file-unusable");
}

#[tokio::test]
async fn zookeeper_is_not_spoken_with_before_it_is_known_whose_certificates_it_has() {
    use tls::ensemble::{NoSession, connect};
    let connector = || zookeeper_client::Client::connector().with_fail_eagerly();
    let system = Tls::new(&Trust::System, None).expect("a client");
    let unready = connect(connector(), "127.0.0.1:1", Some(&system)).await.expect_err("no authority");
    assert!(matches!(unready, NoSession::Unready(Error::NoAuthority)), "{unready}");
    let ours = trusting(&Authority::new().expect("keys"));
    let strange = serve(&Authority::new().expect("keys").issue(&["127.0.0.1"]).expect("keys")).await;
    let untrusted = connect(connector(), &format!("127.0.0.1:1,{strange}"), Some(&ours)).await.expect_err("a stranger");
    assert!(
        matches!(&untrusted, NoSession::Untrusted { address, fault: Fault::UnknownAuthority } if *address == strange),
        "{untrusted}"
    );
    let unnamed = connect(connector(), "no name:2281", Some(&ours)).await.expect_err("no name");
    assert!(matches!(unnamed, NoSession::Client(_)), "{unnamed}");
}
