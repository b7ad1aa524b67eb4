//! Answers that may be large: written while they are sent, in pieces, and no faster than the client reads.

use std::{
    io::{self, Write},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{
    body::{Body, Bytes},
    http::{HeaderValue, header},
    response::Response,
};
use futures::{Stream, StreamExt};
use tokio::{runtime::Handle, sync::mpsc, time};
use tokio_stream::wrappers::ReceiverStream;

use crate::{
    http::{Media, Query, records},
    wire::{event::Event, schema::MessageType},
};

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

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes)?;
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

/// What is being written.
struct Writing {
    pieces: mpsc::Receiver<Bytes>,
    whole: Arc<AtomicBool>,
}

impl Writing {
    /// Writes on a thread of its own.
    fn begin(write: impl FnOnce(&mut Pieces) -> io::Result<()> + Send + 'static) -> Self {
        let (tx, pieces) = mpsc::channel(WAITING);
        let whole = Arc::new(AtomicBool::new(false));
        let (runtime, done) = (Handle::current(), Arc::clone(&whole));
        // Its end is seen by the channel's.
        drop(tokio::task::spawn_blocking(move || -> io::Result<()> {
            let mut pieces = Pieces { buffer: Vec::with_capacity(PIECE + PIECE / 8), tx, runtime };
            write(&mut pieces)?;
            pieces.flush()?;
            done.store(true, Ordering::Release);
            Ok(())
        }));
        Self { pieces, whole }
    }

    /// The pieces; an error at the end of what has not become whole breaks the connection, so that nobody takes it for all.
    fn stream(self) -> impl Stream<Item = io::Result<Bytes>> {
        let Self { pieces, whole } = self;
        let end = futures::stream::once(async move {
            if whole.load(Ordering::Acquire) { Ok(Bytes::new()) } else { Err(io::ErrorKind::BrokenPipe.into()) }
        });
        let end = end.filter(|end| std::future::ready(end.is_err()));
        ReceiverStream::new(pieces).map(Ok).chain(end)
    }

    /// As a body; what fits into one piece says how long it is, as the real one does.
    async fn body(mut self) -> Body {
        let Some(first) = self.pieces.recv().await else { return Body::empty() };
        match self.pieces.recv().await {
            None => Body::from(first),
            Some(second) => Body::from_stream(futures::stream::iter([Ok(first), Ok(second)]).chain(self.stream())),
        }
    }
}

fn response(body: Body, kind: &'static str) -> Response {
    let mut response = Response::new(body);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

/// JSON that is written by a function; wrapped in a call if the query has `jsonp`.
pub async fn json(query: &Query, write: impl FnOnce(&mut Pieces) -> io::Result<()> + Send + 'static) -> Response {
    let callback = query.get("jsonp").map(str::to_owned);
    let kind = if callback.is_some() { "text/javascript" } else { "application/json" };
    let writing = Writing::begin(move |pieces| {
        let Some(callback) = callback else { return write(pieces) };
        write!(pieces, "{callback}(")?;
        write(pieces)?;
        pieces.write_all(b")")
    });
    response(writing.body().await, kind)
}

/// The answer to a v1 call, whose JSON is written by a function.
pub async fn answer(
    media: Media,
    message: MessageType,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()> + Send + 'static,
) -> Response {
    let writing = Writing::begin(move |pieces| match media {
        Media::Json => write(pieces),
        Media::Protobuf => {
            let mut json = Vec::new();
            write(&mut json)?;
            pieces.write_all(&media.render(message, json))
        }
    });
    response(writing.body().await, media.name())
}

/// A first record, whose JSON is written by a function, and events that follow it.
pub fn stream_after(
    first: impl Fn(&mut dyn Write) -> io::Result<()> + Send + 'static,
    events: mpsc::Receiver<Event>,
    message: MessageType,
) -> Response {
    let media = Media::Json;
    let writing = Writing::begin(move |pieces| {
        // A record begins with its length: what is written twice is held never.
        let mut length = Length(0);
        first(&mut length)?;
        pieces.write_all(format!("{}\n", length.0).as_bytes())?;
        first(pieces)
    });
    let rest = records(events, media, message).map(Ok);
    response(Body::from_stream(writing.stream().chain(rest)), media.name())
}

/// A first record in protobuf, which is made first, and events that follow it.
pub fn stream_after_made(
    first: impl FnOnce() -> Bytes + Send + 'static,
    events: mpsc::Receiver<Event>,
    message: MessageType,
) -> Response {
    let media = Media::Protobuf;
    let first = async move { tokio::task::spawn_blocking(first).await.map_err(io::Error::other) };
    let rest = records(events, media, message).map(Ok);
    response(Body::from_stream(futures::stream::once(first).chain(rest)), media.name())
}

/// How long something would be.
struct Length(usize);

impl Write for Length {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
