//! Clients' connections: frames and four-letter words in, bytes out, and a limit on what one client may have in the works.

use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::{Buf, Bytes, BytesMut};
use hardware::{Listener, Stream};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf},
    sync::{
        Notify,
        mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    },
    task::JoinSet,
};

use crate::{
    fourletter,
    log::{Journal, Level},
    watch::ConnId,
};

/// What clients do.
#[derive(Debug)]
pub enum ClientEvent {
    /// One connected.
    Up {
        /// The connection.
        conn: ConnId,
        /// The client.
        peer: SocketAddr,
        /// Where its answers go.
        outbox: Outbox,
    },
    /// Frames came, in order.
    Frames(ConnId, Vec<Bytes>),
    /// A four-letter word came, with what may follow it.
    Word(ConnId, [u8; 4], u64),
    /// The client has read so much that it can be answered again.
    Drained(ConnId),
    /// It is gone.
    Down(ConnId),
}

/// Requests of one connection that may be unanswered before no more is read from it.
const MOST_REQUESTS: usize = 1000;
/// Bytes of one connection that may be unanswered before no more is read from it, and bytes of answers that may be unsent before no
/// more is answered.
const MOST_BYTES: usize = 4 << 20;
/// Bytes that may wait for a client that does not read, before it is cut off. Only watch events get this far.
const TOO_MANY_BYTES: usize = 256 << 20;

/// What a connection has in the works.
#[derive(Debug, Default)]
struct Flow {
    requests: AtomicUsize,
    /// Bytes of requests that are not answered.
    asked: AtomicUsize,
    /// Bytes of answers that are not sent.
    unsent: AtomicUsize,
    less: Notify,
    /// The server waits until the client has read.
    stalled: AtomicBool,
}

impl Flow {
    async fn wait(&self) {
        loop {
            let less = self.less.notified();
            let full = self.requests.load(Ordering::Relaxed) >= MOST_REQUESTS
                || self.asked.load(Ordering::Relaxed) >= MOST_BYTES
                || self.unsent.load(Ordering::Relaxed) >= MOST_BYTES;
            if !full {
                return;
            }
            less.await;
        }
    }

    fn answered(&self, requests: usize, bytes: usize) {
        self.requests.fetch_sub(requests, Ordering::Relaxed);
        self.asked.fetch_sub(bytes, Ordering::Relaxed);
        self.less.notify_one();
    }

    /// So much was sent; true if the server has waited for that.
    fn sent(&self, bytes: usize) -> bool {
        let before = self.unsent.fetch_sub(bytes, Ordering::SeqCst);
        self.less.notify_one();
        before - bytes < MOST_BYTES && self.stalled.swap(false, Ordering::SeqCst)
    }
}

/// The sending end of a connection. Dropping it closes the connection once everything is sent.
#[derive(Debug)]
pub struct Outbox {
    queue: UnboundedSender<Vec<u8>>,
    flow: Arc<Flow>,
}

impl Outbox {
    /// Sends bytes.
    pub fn send(&self, bytes: Vec<u8>) {
        self.flow.unsent.fetch_add(bytes.len(), Ordering::SeqCst);
        let _ = self.queue.send(bytes);
    }

    /// So many requests, of so many bytes, were answered.
    pub fn answered(&self, requests: usize, bytes: usize) {
        self.flow.answered(requests, bytes);
    }

    /// Whether no more may be answered until the client has read, `more` bytes being about to be sent. If so,
    /// [`ClientEvent::Drained`] tells when.
    pub fn is_full(&self, more: usize) -> bool {
        let full = || self.flow.unsent.load(Ordering::SeqCst) + more >= MOST_BYTES;
        if !full() {
            return false;
        }
        self.flow.stalled.store(true, Ordering::SeqCst);
        // The client may have read in between, and nobody would tell.
        if more < MOST_BYTES && !full() {
            return !self.flow.stalled.swap(false, Ordering::SeqCst);
        }
        true
    }

    /// Whether the client lets its answers pile up beyond reason.
    pub fn is_stuck(&self) -> bool {
        self.flow.unsent.load(Ordering::Relaxed) > TOO_MANY_BYTES
    }
}

/// Counts connections by client address.
#[derive(Clone, Debug, Default)]
struct Counter(Arc<Mutex<HashMap<IpAddr, usize>>>);

impl Counter {
    /// One more, unless there are `most` already.
    fn enter(&self, address: IpAddr, most: usize) -> Option<Place> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(address).or_default();
        if most != 0 && *count >= most {
            return None;
        }
        *count += 1;
        Some(Place { counter: self.clone(), address })
    }
}

/// One connection of an address, until dropped.
struct Place {
    counter: Counter,
    address: IpAddr,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.counter.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.address);
            }
        }
    }
}

static NEXT: AtomicU64 = AtomicU64::new(1);

/// Takes clients' connections, until dropped.
pub async fn accept_clients<E: From<ClientEvent> + Send + 'static>(
    listener: Listener,
    (most_per_address, largest): (usize, usize),
    journal: Journal,
    events: UnboundedSender<E>,
) {
    let counter = Counter::default();
    let mut tasks = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => match counter.enter(peer.ip(), most_per_address) {
                    Some(place) => {
                        tasks.spawn(run(stream, peer, largest, place, events.clone()));
                    }
                    None => journal.from(
                        &format!("NIOServerCxnFactory.AcceptThread:{}", listener.local_addr().map_or_else(|_| String::new(), |a| format!("/{a}"))),
                        Level::Warn,
                        "NIOServerCnxnFactory$AcceptThread@311",
                        &format!("Error accepting new connection: Too many connections from /{} - max is {most_per_address}", peer.ip()),
                    ),
                },
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            },
            Some(_) = tasks.join_next() => {}
        }
    }
}

async fn run<E: From<ClientEvent>>(
    stream: Stream,
    peer: SocketAddr,
    largest: usize,
    place: Place,
    events: UnboundedSender<E>,
) {
    let conn = NEXT.fetch_add(1, Ordering::Relaxed);
    let flow = Arc::new(Flow::default());
    let (queue, answers) = unbounded_channel();
    let outbox = Outbox { queue, flow: flow.clone() };
    if events.send(ClientEvent::Up { conn, peer, outbox }.into()).is_err() {
        return;
    }
    let (reader, writer) = tokio::io::split(stream);
    let mut writing = std::pin::pin!(write_all(conn, writer, answers, &flow, &events));
    tokio::select! {
        () = &mut writing => {}
        () = read_all(conn, reader, largest, &flow, &events) => {
            let _ = events.send(ClientEvent::Down(conn).into());
            // A client that ended its side still gets what was answered, for a moment.
            let _ = tokio::time::timeout(Duration::from_secs(1), writing).await;
        }
    }
    let _ = events.send(ClientEvent::Down(conn).into());
    drop(place);
}

async fn write_all<E: From<ClientEvent>>(
    conn: ConnId,
    mut writer: WriteHalf<Stream>,
    mut answers: UnboundedReceiver<Vec<u8>>,
    flow: &Flow,
    events: &UnboundedSender<E>,
) {
    let mut batch = Vec::new();
    while answers.recv_many(&mut batch, 64).await > 0 {
        for bytes in batch.drain(..) {
            if writer.write_all(&bytes).await.is_err() {
                return;
            }
            if flow.sent(bytes.len()) {
                let _ = events.send(ClientEvent::Drained(conn).into());
            }
        }
    }
    let _ = writer.shutdown().await;
}

async fn read_all<E: From<ClientEvent>>(
    conn: ConnId,
    mut reader: ReadHalf<Stream>,
    largest: usize,
    flow: &Flow,
    events: &UnboundedSender<E>,
) {
    let mut buffer = BytesMut::with_capacity(8192);
    let mut begun = false;
    loop {
        flow.wait().await;
        buffer.reserve(8192);
        match reader.read_buf(&mut buffer).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        if !begun && buffer.len() >= 4 {
            begun = true;
            if let Some(word) = fourletter::known(&buffer) {
                let Some(number) = number_behind(&buffer, word) else { return };
                let _ = events.send(ClientEvent::Word(conn, word, number).into());
                // The answer closes the connection; until then nothing more is read but its end.
                while !matches!(reader.read_buf(&mut buffer).await, Ok(0) | Err(_)) {
                    buffer.clear();
                }
                return std::future::pending().await;
            }
        }
        let (frames, bytes, good) = split_frames(&mut buffer, largest);
        if !frames.is_empty() {
            flow.requests.fetch_add(frames.len(), Ordering::Relaxed);
            flow.asked.fetch_add(bytes, Ordering::Relaxed);
            if events.send(ClientEvent::Frames(conn, frames).into()).is_err() {
                return;
            }
        }
        if !good {
            return;
        }
    }
}

/// `stmk` is followed by a number, which the real server wants in the same packet.
fn number_behind(mut buffer: &[u8], word: [u8; 4]) -> Option<u64> {
    if &word != b"stmk" {
        return Some(0);
    }
    buffer.advance(4);
    (buffer.len() >= 8).then(|| buffer.get_u64())
}

/// Whole frames, their bytes together, and false if a length makes no sense.
pub(crate) fn split_frames(buffer: &mut BytesMut, largest: usize) -> (Vec<Bytes>, usize, bool) {
    let mut frames = Vec::new();
    let mut bytes = 0;
    while let Some(prefix) = buffer.first_chunk::<4>() {
        let length = u32::from_be_bytes(*prefix) as usize;
        if length > largest {
            return (frames, bytes, false);
        }
        if buffer.len() < length + 4 {
            break;
        }
        buffer.advance(4);
        frames.push(buffer.split_to(length).freeze());
        bytes += length;
    }
    (frames, bytes, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn frames_come_out_whole(bodies: Vec<Vec<u8>>, cut in 0_usize..64) {
            let mut stream = Vec::new();
            for body in &bodies {
                stream.extend_from_slice(&(body.len() as u32).to_be_bytes());
                stream.extend_from_slice(body);
            }
            let cut = cut.min(stream.len());
            let mut buffer = BytesMut::from(&stream[..cut]);
            let (mut frames, _, good) = split_frames(&mut buffer, 0xf_ffff);
            proptest::prop_assert!(good);
            buffer.extend_from_slice(&stream[cut..]);
            frames.extend(split_frames(&mut buffer, 0xf_ffff).0);
            proptest::prop_assert_eq!(frames.iter().map(|frame| frame.to_vec()).collect::<Vec<_>>(), bodies);
        }

        #[test]
        fn garbage_never_panics(bytes: Vec<u8>) {
            split_frames(&mut BytesMut::from(&bytes[..]), 0xf_ffff);
        }
    }
}
