//! HTTP/1.1 over one connection at a time: no pool, little memory. An executor talks to its own machine only.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;

use bytes::Bytes;
use hyper::body::{Body, Incoming};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tls::Tls;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};
use tokio::task::AbortHandle;

use crate::settings::Address;

/// An open connection. Dropping it closes it.
#[derive(Debug)]
pub struct Connection {
    requests: SendRequest<String>,
    driver: AbortHandle,
}

impl Connection {
    /// Connects.
    pub async fn open(address: &Address) -> io::Result<Self> {
        match address {
            Address::Tcp(address) => {
                let stream = TcpStream::connect(address).await?;
                stream.set_nodelay(true)?;
                Self::over(stream).await
            }
            Address::Unix(path) => Self::over(UnixStream::connect(path).await?).await,
        }
    }

    /// Connects over TLS.
    pub async fn open_secret(address: SocketAddr, tls: &Tls) -> io::Result<Self> {
        Self::over(tls.connect(&address.to_string()).await?).await
    }

    async fn over(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) -> io::Result<Self> {
        let (requests, connection) = handshake(TokioIo::new(stream)).await.map_err(io::Error::other)?;
        // Whatever it ends with, the request that is under way hears of it.
        let driver = tokio::spawn(async move { connection.await.unwrap_or_default() }).abort_handle();
        Ok(Self { requests, driver })
    }

    /// Sends a request; gives the answer when its head has come.
    pub async fn send(&mut self, request: Request<String>) -> io::Result<Response<Incoming>> {
        self.requests.ready().await.map_err(io::Error::other)?;
        self.requests.send_request(request).await.map_err(io::Error::other)
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

/// The next piece of a body; none at its end.
pub async fn next_piece(body: &mut Incoming) -> io::Result<Option<Bytes>> {
    loop {
        match poll_fn(|context| Pin::new(&mut *body).poll_frame(context)).await {
            None => return Ok(None),
            Some(Err(error)) => return Err(io::Error::other(error)),
            Some(Ok(frame)) => {
                if let Ok(data) = frame.into_data() {
                    return Ok(Some(data));
                }
            }
        }
    }
}

/// The body's first characters, for an error.
pub async fn beginning(body: &mut Incoming) -> String {
    const KEPT: usize = 500;
    let mut bytes = Vec::new();
    while let Ok(Some(piece)) = next_piece(body).await {
        bytes.extend_from_slice(&piece);
        if bytes.len() >= KEPT {
            break;
        }
    }
    String::from_utf8_lossy(&bytes).chars().take(KEPT).collect()
}
