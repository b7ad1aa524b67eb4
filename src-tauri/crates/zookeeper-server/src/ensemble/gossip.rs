//! Telling every other server where this one stands in elections, and hearing where they stand.
//!
//! Each server keeps a connection to every other's election port and tells its state on it whenever that changes; what it hears
//! comes on the connections that the others made. A connection that ends means that its server is not heard any more.

use std::{
    collections::{BTreeMap, HashMap},
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{Notify, mpsc::UnboundedSender, watch},
    task::{AbortHandle, JoinSet},
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

/// Whom to wake when they show that they can be reached.
type Knocks = Arc<Mutex<HashMap<u64, Arc<Notify>>>>;

/// Runs until dropped. `others` may change.
pub async fn gossip<E: From<Gossip> + Send + 'static>(
    listener: TcpListener,
    from: IpAddr,
    mut others: watch::Receiver<BTreeMap<u64, SocketAddr>>,
    mine: watch::Receiver<Notification>,
    events: UnboundedSender<E>,
) {
    let mut tasks = JoinSet::new();
    let mut telling: HashMap<u64, (SocketAddr, AbortHandle)> = HashMap::new();
    let knocks = Knocks::default();
    loop {
        let now = others.borrow_and_update().clone();
        telling.retain(|server, (address, task)| {
            let stays = now.get(server) == Some(address);
            if !stays {
                task.abort();
                lock(&knocks).remove(server);
            }
            stays
        });
        for (server, address) in now {
            telling.entry(server).or_insert_with(|| {
                let knock = Arc::new(Notify::new());
                lock(&knocks).insert(server, knock.clone());
                (address, tasks.spawn(tell(server, from, address, mine.clone(), knock, events.clone())))
            });
        }
        hear_all(&listener, &mut others, &mut tasks, &knocks, &events).await;
    }
}

fn lock(knocks: &Knocks) -> MutexGuard<'_, HashMap<u64, Arc<Notify>>> {
    knocks.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Takes connections until the others change.
async fn hear_all<E: From<Gossip> + Send + 'static>(
    listener: &TcpListener,
    others: &mut watch::Receiver<BTreeMap<u64, SocketAddr>>,
    tasks: &mut JoinSet<()>,
    knocks: &Knocks,
    events: &UnboundedSender<E>,
) {
    loop {
        tokio::select! {
            // An error means that the server ends, and this with it.
            Ok(()) = others.changed() => return,
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

async fn hear<E: From<Gossip>>(mut stream: TcpStream, knocks: Knocks, events: UnboundedSender<E>) {
    let mut server = None;
    while let Ok(bytes) = read_frame(&mut stream).await {
        let Ok(notification) = Notification::decode(&bytes) else { break };
        let Some(knock) = lock(&knocks).get(&notification.from).cloned() else { break };
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
