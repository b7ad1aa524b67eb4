//! Connections between the leader and those who learn from it.

use std::{
    net::{IpAddr, SocketAddr},
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use hardware::{Listener, Network};
use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt, BufReader},
    sync::mpsc::{Receiver, Sender, UnboundedReceiver, UnboundedSender, channel, unbounded_channel},
    task::JoinSet,
    time::{Instant, timeout_at},
};

use super::{Message, frame, read_frame};
use crate::tree::Frozen;

/// The sending end of a connection. Dropping it closes the connection.
#[derive(Debug)]
pub struct Link {
    /// Its number, never given twice.
    pub id: u64,
    /// The other end.
    pub peer: SocketAddr,
    outbox: UnboundedSender<Outgoing>,
}

/// What waits to be sent.
#[derive(Debug)]
enum Outgoing {
    Bytes(Vec<u8>),
    /// Encoded while it is sent: a large tree takes long.
    Tree(Frozen),
}

impl Link {
    /// Sends a message; if the connection is gone, that is told by an event.
    pub fn send(&self, message: &Message) {
        self.send_encoded(frame(&message.encode()));
    }

    /// Sends what several are sent alike.
    pub fn send_encoded(&self, bytes: Vec<u8>) {
        let _ = self.outbox.send(Outgoing::Bytes(bytes));
    }

    /// Sends a whole tree, in parts.
    pub fn send_tree(&self, tree: Frozen) {
        let _ = self.outbox.send(Outgoing::Tree(tree));
    }

    /// A message for [`Self::send_encoded`].
    pub fn encode(message: &Message) -> Vec<u8> {
        frame(&message.encode())
    }
}

/// What happens on connections.
#[derive(Debug)]
pub enum LinkEvent {
    /// There is a new one.
    Up(Link),
    /// A message came.
    Message(u64, Message),
    /// It is gone.
    Down(u64),
    /// The leader could not be reached.
    Unreachable(std::io::Error),
}

static NEXT: AtomicU64 = AtomicU64::new(1);

/// Takes connections of learners, until dropped.
pub async fn accept_learners<E: From<LinkEvent> + Send + 'static>(listener: Listener, events: UnboundedSender<E>) {
    let mut links = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    links.spawn(run(stream, peer, events.clone()));
                }
                // Out of descriptors, or a connection that died at once: neither ends the server.
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            },
            Some(_) = links.join_next() => {}
        }
    }
}

/// Connects to the leader, which may need a moment to open its port; then runs the connection to its end.
pub async fn connect_to_leader<E: From<LinkEvent> + Send + 'static>(
    network: Network,
    from: IpAddr,
    leader: SocketAddr,
    patience: Duration,
    events: UnboundedSender<E>,
) {
    let deadline = Instant::now() + patience;
    loop {
        match timeout_at(deadline, network.connect(from, leader)).await.map_err(Into::into).flatten() {
            Ok(stream) => return run(stream, leader, events).await,
            Err(error) if Instant::now() >= deadline => {
                let _ = events.send(LinkEvent::Unreachable(error).into());
                return;
            }
            Err(_) => tokio::time::sleep(Duration::from_millis(15)).await,
        }
    }
}

async fn run<E: From<LinkEvent> + Send + 'static>(
    stream: impl AsyncRead + AsyncWrite,
    peer: SocketAddr,
    events: UnboundedSender<E>,
) {
    let id = NEXT.fetch_add(1, Ordering::Relaxed);
    let (outbox, queue) = unbounded_channel();
    let _ = events.send(LinkEvent::Up(Link { id, peer, outbox }).into());
    let (reader, writer) = tokio::io::split(stream);
    tokio::select! {
        () = write_all(writer, queue) => {}
        () = read_all(id, BufReader::with_capacity(1 << 16, reader), &events) => {}
    }
    let _ = events.send(LinkEvent::Down(id).into());
}

async fn write_all(mut writer: impl AsyncWrite + Unpin, mut queue: UnboundedReceiver<Outgoing>) {
    let mut batch = Vec::new();
    while queue.recv_many(&mut batch, 256).await > 0 {
        let mut bytes = Vec::new();
        for outgoing in batch.drain(..) {
            match outgoing {
                Outgoing::Bytes(more) if bytes.is_empty() => bytes = more,
                Outgoing::Bytes(more) => bytes.extend_from_slice(&more),
                Outgoing::Tree(tree) => {
                    let before = std::mem::take(&mut bytes);
                    if writer.write_all(&before).await.is_err() || write_tree(&mut writer, tree).await.is_err() {
                        return;
                    }
                }
            }
        }
        if writer.write_all(&bytes).await.is_err() {
            return;
        }
    }
}

async fn write_tree(writer: &mut (impl AsyncWrite + Unpin), tree: Frozen) -> std::io::Result<()> {
    let (mut parts, mut ready) = Parts::new();
    let encoding = tokio::task::spawn_blocking(move || tree.write_to(&mut parts));
    while let Some(part) = ready.recv().await {
        writer.write_all(&Link::encode(&Message::Snapshot { part, last: false })).await?;
    }
    encoding.await??;
    writer.write_all(&Link::encode(&Message::Snapshot { part: Vec::new(), last: true })).await
}

/// Hands parts over as they are encoded, a few ahead of the network.
struct Parts(Sender<Vec<u8>>);

impl Parts {
    fn new() -> (Self, Receiver<Vec<u8>>) {
        let (parts, ready) = channel(4);
        (Self(parts), ready)
    }
}

impl std::io::Write for Parts {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        // The connection ended: the rest is not wanted.
        self.0.blocking_send(bytes.to_vec()).map_err(|_| std::io::Error::from(std::io::ErrorKind::BrokenPipe))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

async fn read_all<E: From<LinkEvent>>(id: u64, mut reader: impl AsyncRead + Unpin, events: &UnboundedSender<E>) {
    while let Ok(bytes) = read_frame(&mut reader).await {
        let Ok(message) = Message::decode(&bytes) else { return };
        if events.send(LinkEvent::Message(id, message).into()).is_err() {
            return;
        }
    }
}
