//! Connections between the leader and those who learn from it.

use std::{
    net::{IpAddr, SocketAddr},
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpSocket, TcpStream, tcp::OwnedWriteHalf},
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    task::JoinSet,
};

use super::{Message, frame, read_frame};

/// The sending end of a connection. Dropping it closes the connection.
#[derive(Debug)]
pub struct Link {
    /// Its number, never given twice.
    pub id: u64,
    /// The other end.
    pub peer: SocketAddr,
    outbox: UnboundedSender<Vec<u8>>,
}

impl Link {
    /// Sends a message; if the connection is gone, that is told by an event.
    pub fn send(&self, message: &Message) {
        self.send_encoded(frame(&message.encode()));
    }

    /// Sends what several are sent alike.
    pub fn send_encoded(&self, bytes: Vec<u8>) {
        let _ = self.outbox.send(bytes);
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
pub async fn accept_learners<E: From<LinkEvent> + Send + 'static>(listener: TcpListener, events: UnboundedSender<E>) {
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
    from: IpAddr,
    leader: SocketAddr,
    patience: Duration,
    events: UnboundedSender<E>,
) {
    let deadline = tokio::time::Instant::now() + patience;
    loop {
        match connect(from, leader).await {
            Ok(stream) => return run(stream, leader, events).await,
            Err(error) if tokio::time::Instant::now() >= deadline => {
                let _ = events.send(LinkEvent::Unreachable(error).into());
                return;
            }
            Err(_) => tokio::time::sleep(Duration::from_millis(15)).await,
        }
    }
}

/// Connects with the machine's own address as the source, so that the other side sees which machine it is.
pub(super) async fn connect(from: IpAddr, to: SocketAddr) -> std::io::Result<TcpStream> {
    let socket = match from {
        IpAddr::V4(_) => TcpSocket::new_v4()?,
        IpAddr::V6(_) => TcpSocket::new_v6()?,
    };
    socket.bind(SocketAddr::new(from, 0))?;
    let stream = socket.connect(to).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

async fn run<E: From<LinkEvent> + Send + 'static>(stream: TcpStream, peer: SocketAddr, events: UnboundedSender<E>) {
    let _ = stream.set_nodelay(true);
    let id = NEXT.fetch_add(1, Ordering::Relaxed);
    let (outbox, queue) = unbounded_channel();
    let _ = events.send(LinkEvent::Up(Link { id, peer, outbox }).into());
    let (reader, writer) = stream.into_split();
    tokio::select! {
        () = write_all(writer, queue) => {}
        () = read_all(id, BufReader::with_capacity(1 << 16, reader), &events) => {}
    }
    let _ = events.send(LinkEvent::Down(id).into());
}

async fn write_all(mut writer: OwnedWriteHalf, mut queue: UnboundedReceiver<Vec<u8>>) {
    let mut batch = Vec::new();
    while queue.recv_many(&mut batch, 256).await > 0 {
        let bytes = if batch.len() == 1 { batch.swap_remove(0) } else { batch.concat() };
        batch.clear();
        if writer.write_all(&bytes).await.is_err() {
            return;
        }
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
