//! Telling every other server where this one stands in elections, and hearing where they stand.
//!
//! Each server keeps a connection to every other's election port and tells its state on it whenever that changes; what it hears
//! comes on the connections that the others made. A connection that ends means that its server is not heard any more.

use std::{
    collections::{BTreeMap, HashMap},
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{Notify, mpsc::UnboundedSender, watch},
    task::JoinSet,
};

use super::{frame, links::connect, read_frame};
use crate::election::Notification;

/// What is heard.
#[derive(Debug)]
pub enum Gossip {
    /// A server says where it stands.
    Heard(Notification),
    /// A server cannot be heard any more.
    Lost(u64),
    /// A server cannot be reached; told once until it can.
    Unreachable(u64, SocketAddr, std::io::Error),
    /// A server connected.
    Connected(SocketAddr),
}

/// How long to wait before another attempt to reach a server that is down.
const RETRY: Duration = Duration::from_millis(150);

/// Runs until dropped.
pub async fn gossip<E: From<Gossip> + Send + 'static>(
    listener: TcpListener,
    from: IpAddr,
    others: BTreeMap<u64, SocketAddr>,
    mine: watch::Receiver<Notification>,
    events: UnboundedSender<E>,
) {
    let mut tasks = JoinSet::new();
    let mut knocks = HashMap::new();
    for (server, address) in others {
        let knock = Arc::new(Notify::new());
        knocks.insert(server, knock.clone());
        tasks.spawn(tell(server, from, address, mine.clone(), knock, events.clone()));
    }
    let knocks = Arc::new(knocks);
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    let _ = events.send(Gossip::Connected(peer).into());
                    tasks.spawn(hear(stream, knocks.clone(), events.clone()));
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            },
            Some(_) = tasks.join_next() => {}
        }
    }
}

async fn tell<E: From<Gossip>>(
    server: u64,
    from: IpAddr,
    address: SocketAddr,
    mut mine: watch::Receiver<Notification>,
    knock: Arc<Notify>,
    events: UnboundedSender<E>,
) {
    let mut told = false;
    loop {
        match connect(from, address).await {
            Ok(stream) => {
                told = false;
                tell_on(stream, &mut mine).await;
            }
            Err(error) if !told => {
                told = true;
                let _ = events.send(Gossip::Unreachable(server, address, error).into());
            }
            Err(_) => {}
        }
        // A server that just connected to this one can be reached: no need to wait.
        tokio::select! {
            () = tokio::time::sleep(RETRY) => {}
            () = knock.notified() => {}
        }
    }
}

/// Tells every change until the connection ends.
async fn tell_on(mut stream: TcpStream, mine: &mut watch::Receiver<Notification>) {
    let mut nothing = [0; 1];
    loop {
        let notification = *mine.borrow_and_update();
        if stream.write_all(&frame(&notification.encode())).await.is_err() {
            return;
        }
        tokio::select! {
            changed = mine.changed() => if changed.is_err() { return },
            // The other side never says anything here: this ends when it goes away.
            _ = stream.read(&mut nothing) => return,
        }
    }
}

async fn hear<E: From<Gossip>>(
    mut stream: TcpStream,
    knocks: Arc<HashMap<u64, Arc<Notify>>>,
    events: UnboundedSender<E>,
) {
    let mut server = None;
    while let Ok(bytes) = read_frame(&mut stream).await {
        let Ok(notification) = Notification::decode(&bytes) else { break };
        let Some(knock) = knocks.get(&notification.from) else { break };
        if server.is_none() {
            knock.notify_one();
        }
        server = Some(notification.from);
        if events.send(Gossip::Heard(notification).into()).is_err() {
            return;
        }
    }
    if let Some(server) = server {
        let _ = events.send(Gossip::Lost(server).into());
    }
}
