//! Telling every other server where this one stands in elections, and hearing where they stand.
//!
//! Each server keeps a connection to every other's election port and tells its state on it whenever that changes; what it hears
//! comes on the connections that the others made. A connection that ends means that its server is not heard any more.
//!
//! A server that is no member (it has not been let in yet, or was sent away) is not connected to: it is answered on the connection that
//! it made, so that it can find the leader. Its own words count for nothing.

use std::{
    collections::{BTreeMap, HashMap},
    future::pending,
    net::{IpAddr, SocketAddr},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use hardware::{Listener, Network, Stream};
use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt},
    sync::{Notify, mpsc::UnboundedSender, watch},
    task::{AbortHandle, JoinSet},
    time::timeout,
};

use super::{frame, read_frame};
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
/// How long a server may take to take a connection (`zookeeper.cnxTimeout`).
const PATIENCE: Duration = Duration::from_secs(5);

/// Whom to wake when they show that they can be reached.
type Knocks = Arc<Mutex<HashMap<u64, Arc<Notify>>>>;

/// Runs until dropped. `others` may change.
pub async fn gossip<E: From<Gossip> + Send + 'static>(
    listener: Listener,
    (network, from): (Network, IpAddr),
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
                (
                    address,
                    tasks.spawn(tell(server, (network.clone(), from), address, mine.clone(), knock, events.clone())),
                )
            });
        }
        hear_all(&listener, &mut others, &mine, &mut tasks, &knocks, &events).await;
    }
}

fn lock(knocks: &Knocks) -> MutexGuard<'_, HashMap<u64, Arc<Notify>>> {
    knocks.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Takes connections until the others change.
async fn hear_all<E: From<Gossip> + Send + 'static>(
    listener: &Listener,
    others: &mut watch::Receiver<BTreeMap<u64, SocketAddr>>,
    mine: &watch::Receiver<Notification>,
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
                    tasks.spawn(hear(stream, mine.clone(), knocks.clone(), events.clone()));
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            },
            Some(_) = tasks.join_next() => {}
        }
    }
}

async fn tell<E: From<Gossip>>(
    server: u64,
    (network, from): (Network, IpAddr),
    address: SocketAddr,
    mut mine: watch::Receiver<Notification>,
    knock: Arc<Notify>,
    events: UnboundedSender<E>,
) {
    let mut told = false;
    loop {
        match timeout(PATIENCE, network.connect(from, address)).await.map_err(Into::into).flatten() {
            Ok(stream) => {
                told = false;
                let (mut reader, mut writer) = stream.into_split();
                let answers = AtomicBool::new(false);
                tokio::select! {
                    () = tell_on(&mut writer, &mut mine) => {}
                    () = hear_back(&mut reader, &answers, &events) => {}
                }
                if answers.into_inner() {
                    let _ = events.send(Gossip::Lost(server).into());
                }
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
async fn tell_on(stream: &mut (impl AsyncWrite + Unpin), mine: &mut watch::Receiver<Notification>) {
    loop {
        let notification = *mine.borrow_and_update();
        if stream.write_all(&frame(&notification.encode())).await.is_err() || mine.changed().await.is_err() {
            return;
        }
    }
}

/// What comes back on a connection that this server made: something only if the other side does not know it.
async fn hear_back<E: From<Gossip>>(
    stream: &mut (impl AsyncRead + Unpin),
    answers: &AtomicBool,
    events: &UnboundedSender<E>,
) {
    while let Ok(bytes) = read_frame(stream).await {
        let Ok(notification) = Notification::decode(&bytes) else { return };
        answers.store(true, Ordering::Relaxed);
        if events.send(Gossip::Heard(notification).into()).is_err() {
            return;
        }
    }
}

async fn hear<E: From<Gossip>>(
    stream: Stream,
    mut mine: watch::Receiver<Notification>,
    knocks: Knocks,
    events: UnboundedSender<E>,
) {
    let (mut reader, mut writer) = tokio::io::split(stream);
    let stranger = Notify::new();
    let answering = async {
        stranger.notified().await;
        tell_on(&mut writer, &mut mine).await;
        // That the connection ended is noticed where it is read.
        pending().await
    };
    tokio::select! {
        () = hear_on(&mut reader, &knocks, &stranger, &events) => {}
        () = answering => {}
    }
}

/// Hears a member until the connection ends; wakes `stranger` if it is none.
async fn hear_on<E: From<Gossip>>(
    stream: &mut (impl AsyncRead + Unpin),
    knocks: &Knocks,
    stranger: &Notify,
    events: &UnboundedSender<E>,
) {
    let mut heard = None;
    while let Ok(bytes) = read_frame(stream).await {
        let Ok(notification) = Notification::decode(&bytes) else { break };
        let Some(knock) = lock(knocks).get(&notification.from).cloned() else {
            stranger.notify_one();
            continue;
        };
        if heard.is_none() {
            knock.notify_one();
        }
        heard = Some(notification.from);
        if events.send(Gossip::Heard(notification).into()).is_err() {
            return;
        }
    }
    if let Some(server) = heard {
        let _ = events.send(Gossip::Lost(server).into());
    }
}
