//! Serving the API: whoever connects gets a task of its own, with deadlines for all that nobody waits for gladly.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hardware::{Listener, Stream};
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tls::Served;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::Log;

/// How long a connection may be silent before a request, and a request's head may take. Those who say nothing are many on a bad
/// day, and each holds a file open.
const HEAD: Duration = Duration::from_secs(30);
/// The largest head that is read, bytes; more is answered with 431.
const LARGEST_HEAD: usize = 64 * 1024;
/// How long TLS may take to be agreed upon.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// After a connection could not be taken, for lack of open files as a rule.
const AGAIN: Duration = Duration::from_millis(100);

/// Who is at the other end.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// Serves whoever connects, over TLS if it is given, for ever. Dropping it breaks all connections: a Pacer that is killed must not
/// go on answering.
pub async fn serve(listener: Listener, tls: Option<Served>, router: Router, log: Log) -> Infallible {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => drop(connections.spawn(take_in(stream, tls.clone(), router.clone(), Peer(peer)))),
                Err(error) => {
                    log.warn(format_args!("A connection cannot be taken: {error}"));
                    sleep(AGAIN).await;
                }
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn take_in(stream: Stream, tls: Option<Served>, router: Router, peer: Peer) {
    match tls {
        None => converse(stream, router, peer).await,
        Some(tls) => {
            if let Ok(Ok(stream)) = timeout(HANDSHAKE, tls.accept(stream)).await {
                converse(stream, router, peer).await;
            }
        }
    }
}

async fn converse(stream: impl AsyncRead + AsyncWrite + Unpin, router: Router, peer: Peer) {
    let router = TowerToHyperService::new(router);
    let service = service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        router.call(request)
    });
    let mut server = http1::Builder::new();
    server.timer(TokioTimer::new()).header_read_timeout(HEAD).max_buf_size(LARGEST_HEAD);
    // However it ends, the other end knows.
    server.serve_connection(TokioIo::new(stream), service).await.ok();
}
