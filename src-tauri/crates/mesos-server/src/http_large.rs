//! Answers that may be large: written while they are sent, in pieces, and no faster than the client reads.

use std::{io, time::Duration};

use axum::{
    body::{Body, Bytes},
    http::{HeaderValue, header},
    response::Response,
};
use futures::StreamExt;
use tokio::{runtime::Handle, sync::mpsc, time};
use tokio_stream::wrappers::ReceiverStream;

use crate::http::Query;

/// A piece.
const PIECE: usize = 256 << 10;
/// So many pieces may wait for a client.
const WAITING: usize = 4;
/// A client that reads nothing for so long is given up.
const PATIENCE: Duration = Duration::from_secs(30);

/// Collects what is written, and sends it on in pieces.
#[derive(Debug)]
pub struct Pieces {
    buffer: Vec<u8>,
    tx: mpsc::Sender<Bytes>,
    runtime: Handle,
}

impl Pieces {
    fn send(&mut self) -> io::Result<()> {
        let piece = Bytes::from(std::mem::replace(&mut self.buffer, Vec::with_capacity(PIECE + PIECE / 8)));
        let sending = time::timeout(PATIENCE, self.tx.send(piece));
        match self.runtime.block_on(sending) {
            Ok(Ok(())) => Ok(()),
            _ => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }
}

impl io::Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= PIECE {
            self.send()?;
        }
        Ok(bytes.len())
    }

    #[inline]
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= PIECE { self.send() } else { Ok(()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.buffer.is_empty() { Ok(()) } else { self.send() }
    }
}

/// JSON that is written by a function, on a thread of its own; wrapped in a call if the query has `jsonp`.
pub async fn json(query: &Query, write: impl FnOnce(&mut Pieces) -> io::Result<()> + Send + 'static) -> Response {
    let callback = query.get("jsonp").map(str::to_owned);
    let kind = if callback.is_some() { "text/javascript" } else { "application/json" };
    let (tx, mut rx) = mpsc::channel(WAITING);
    let runtime = Handle::current();
    // Its end is seen by the channel's.
    drop(tokio::task::spawn_blocking(move || -> io::Result<()> {
        use io::Write;
        let mut pieces = Pieces { buffer: Vec::with_capacity(PIECE + PIECE / 8), tx, runtime };
        if let Some(callback) = &callback {
            write!(pieces, "{callback}(")?;
        }
        write(&mut pieces)?;
        if callback.is_some() {
            pieces.write_all(b")")?;
        }
        pieces.flush()
    }));
    let first = rx.recv().await.unwrap_or_default();
    // What fits into one piece says how long it is, as the real one does.
    let body = match rx.recv().await {
        None => Body::from(first),
        Some(second) => {
            let begun = futures::stream::iter([first, second]);
            Body::from_stream(begun.chain(ReceiverStream::new(rx)).map(Ok::<_, std::convert::Infallible>))
        }
    };
    let mut response = Response::new(body);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}
