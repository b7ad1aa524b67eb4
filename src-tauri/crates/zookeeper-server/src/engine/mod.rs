//! The server itself: one task that owns the tree and takes everything that happens, one event after the other.
//!
//! Nothing is shared and nothing is locked: connections, other servers and the disk are tasks and threads of their own that talk to this
//! one by events. A lone server is a leader whose majority is itself.

mod answers;
mod clients;
mod commands;
mod following;
mod joining;
mod leading;
mod members;
mod metrics;
mod read_only;
mod reads;
mod setup;
mod stats;
mod turns;
mod words;

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{
    sync::{
        mpsc::{UnboundedReceiver, UnboundedSender},
        oneshot, watch as watched,
    },
    task::JoinSet,
};

use crate::{
    admin::Question,
    connection::ClientEvent,
    election::{Doing, Election, Notification},
    ensemble::{Gossip, LinkEvent, Origin},
    log::Journal,
    sessions,
    store::{Epochs, LogWriter, Report, StoreError},
    tree::{Event as TreeEvent, Outcome, Tree},
    txn::{Record, Txn},
    watch::{ConnId, Watches},
};

use clients::Conn;
use following::Following;
use leading::Leading;
use metrics::Metrics;
use read_only::ReadOnly;
pub use setup::{Peer, Setup};
use stats::Stats;
pub use words::java_bind_error;

/// Everything that can happen.
#[derive(Debug)]
pub enum Event {
    /// A client did something.
    Client(ClientEvent),
    /// Something was heard of elections.
    Gossip(Gossip),
    /// Something came from the leader, or from a learner.
    Link(LinkEvent),
    /// Someone asks the AdminServer.
    Question(Question),
    /// The disk reports.
    Disk(Report),
    /// End, and say so.
    Stop(oneshot::Sender<()>),
}

impl From<ClientEvent> for Event {
    fn from(event: ClientEvent) -> Self {
        Self::Client(event)
    }
}

impl From<Question> for Event {
    fn from(question: Question) -> Self {
        Self::Question(question)
    }
}

impl From<Gossip> for Event {
    fn from(event: Gossip) -> Self {
        Self::Gossip(event)
    }
}

impl From<LinkEvent> for Event {
    fn from(event: LinkEvent) -> Self {
        Self::Link(event)
    }
}

/// How many of the last transactions are kept for servers that are a little behind.
pub const RECENT: usize = 500;
/// Transactions between snapshots, if `snapCount` says nothing else.
const SNAPSHOT_EVERY: usize = 100_000;
/// Events that are taken together before answers are sent.
const BATCH: usize = 512;

/// What the server is doing.
#[derive(Debug)]
enum Role {
    Looking,
    Leading(Box<Leading>),
    Following(Box<Following>),
}

/// The part that only servers of an ensemble have.
#[derive(Debug)]
pub struct EnsembleState {
    /// Elections.
    pub election: Election,
    /// Where every other server hears of this one's state.
    pub told: watched::Sender<Notification>,
    /// Where the others hear of elections; changed when members come and go.
    pub others: watched::Sender<BTreeMap<u64, SocketAddr>>,
    /// Epochs on disk.
    pub epochs: Epochs,
}

/// The server.
#[derive(Debug)]
pub struct Engine {
    setup: Setup,
    journal: Journal,
    tree: Tree,
    recent: VecDeque<Arc<Record>>,
    /// The last transaction that was handed to the disk.
    logged: i64,
    since_snapshot: usize,
    /// Transactions from one snapshot to the next.
    snapshot_every: usize,
    /// One is being written.
    snapshotting: bool,
    log: LogWriter,
    events: UnboundedSender<Event>,
    inbox: UnboundedReceiver<Event>,
    ensemble: Option<EnsembleState>,
    role: Role,
    /// While there is no majority, and reads are answered all the same.
    read_only: Option<ReadOnly>,
    since: Instant,
    started: Instant,
    /// Tasks of the present role; they end with it.
    role_tasks: JoinSet<()>,
    conns: HashMap<ConnId, Conn>,
    /// Connections whose turn comes.
    turns: VecDeque<ConnId>,
    /// Connections with answers that are not sent yet.
    dirty: Vec<ConnId>,
    by_session: HashMap<i64, ConnId>,
    waiting: HashMap<u64, ConnId>,
    next_request: u64,
    next_session: i64,
    watches: Watches,
    tree_events: Vec<TreeEvent>,
    stats: Stats,
    metrics: Metrics,
    /// Credentials that were refused.
    auth_failed: u64,
    purged: Instant,
    pulsed: Instant,
}

/// Why the engine ended.
#[derive(Debug)]
pub enum End {
    /// It was asked to.
    Stopped(oneshot::Sender<()>),
    /// The disk failed.
    Failed(StoreError),
}

impl Engine {
    /// A server with its data read; [`Self::run`] makes it live.
    pub fn new(
        setup: Setup,
        journal: Journal,
        (tree, recent): (Tree, Vec<Record>),
        log: LogWriter,
        (events, inbox): (UnboundedSender<Event>, UnboundedReceiver<Event>),
        ensemble: Option<EnsembleState>,
    ) -> Self {
        let now = Instant::now();
        let next_session = sessions::first_session(setup.me, now_ms());
        Self {
            logged: tree.last_zxid(),
            snapshot_every: snapshot_every(&setup),
            snapshotting: false,
            setup,
            journal,
            tree,
            recent: recent.into_iter().map(Arc::new).collect(),
            since_snapshot: 0,
            log,
            events,
            inbox,
            ensemble,
            role: Role::Looking,
            read_only: None,
            since: now,
            started: now,
            role_tasks: JoinSet::new(),
            conns: HashMap::new(),
            turns: VecDeque::new(),
            dirty: Vec::new(),
            by_session: HashMap::new(),
            waiting: HashMap::new(),
            next_request: 1,
            next_session,
            watches: Watches::default(),
            tree_events: Vec::new(),
            stats: Stats::default(),
            metrics: Metrics::default(),
            auth_failed: 0,
            purged: now,
            pulsed: now,
        }
    }

    /// Reading the data took so long.
    pub fn loaded_in(mut self, ms: u64) -> Self {
        self.metrics.load.add(ms);
        self
    }

    /// Lives until it is stopped or the disk fails.
    pub async fn run(mut self) {
        let end = self.live().await;
        self.role_tasks.shutdown().await;
        self.conns.clear();
        match end {
            End::Stopped(done) => {
                self.log.flush().await;
                self.journal.info("ZooKeeperServer@757", "shutting down");
                drop(self);
                let _ = done.send(());
            }
            End::Failed(error) => {
                self.journal.error(
                    "ZooKeeperCriticalThread@48",
                    &format!("Severe unrecoverable error, from thread : SyncThread:{}", self.setup.me),
                );
                self.journal.bare(&error.to_string());
            }
        }
    }

    async fn live(&mut self) -> End {
        match self.ensemble {
            None => self.lead_alone(),
            Some(_) => self.look().await,
        }
        let mut batch = Vec::with_capacity(BATCH);
        loop {
            self.wait(&mut batch).await;
            for event in batch.drain(..) {
                match self.on_event(event).await {
                    Ok(()) => {}
                    Err(end) => return end,
                }
            }
            if let Err(error) = self.on_pulse().await {
                return End::Failed(error);
            }
            self.give_turns();
            self.send_answers();
        }
    }

    /// Waits for something to happen, or for the next pulse; not at all while clients have requests that are not begun.
    async fn wait(&mut self, batch: &mut Vec<Event>) {
        if self.turns.is_empty() {
            let until = tokio::time::Instant::now() + self.pulse();
            tokio::select! {
                _ = self.inbox.recv_many(batch, BATCH) => {}
                () = tokio::time::sleep_until(until) => {}
            }
        } else {
            tokio::task::yield_now().await;
            while batch.len() < BATCH
                && let Ok(event) = self.inbox.try_recv()
            {
                batch.push(event);
            }
        }
    }

    /// How often to look at the clock.
    fn pulse(&self) -> Duration {
        let tick = Duration::from_millis(u64::from(self.setup.config.tick_ms));
        match self.role {
            Role::Looking => Duration::from_millis(10),
            _ => (tick / 10).clamp(Duration::from_millis(10), Duration::from_millis(200)).min(self.container_check()),
        }
    }

    async fn on_event(&mut self, event: Event) -> Result<(), End> {
        match event {
            Event::Client(event) => self.on_client(event),
            Event::Gossip(event) => self.on_gossip(event),
            Event::Question(question) => self.on_question(question),
            Event::Link(event) => self.on_link(event).await.map_err(End::Failed)?,
            Event::Disk(Report::Durable { zxid, ms }) => {
                self.metrics.fsync.add(ms);
                self.on_durable(zxid);
            }
            Event::Disk(Report::Snapshot { ms }) => {
                self.snapshotting = false;
                self.metrics.snapshot.add(ms);
                self.journal.info("ZooKeeperServer@547", &format!("Snapshot taken in {ms} ms"));
            }
            Event::Disk(Report::Failed(error)) => return Err(End::Failed(error)),
            Event::Stop(done) => return Err(End::Stopped(done)),
        }
        Ok(())
    }

    async fn on_link(&mut self, event: LinkEvent) -> Result<(), StoreError> {
        match &self.role {
            Role::Looking => Ok(()),
            Role::Leading(_) => self.on_learner(event).await,
            Role::Following(_) => self.on_leader(event).await,
        }
    }

    /// What depends on the clock. Between pulses only elections are looked at: they wait for nothing.
    async fn on_pulse(&mut self) -> Result<(), StoreError> {
        let now = Instant::now();
        if !matches!(self.role, Role::Looking) && now.duration_since(self.pulsed) < self.pulse() {
            return Ok(());
        }
        self.pulsed = now;
        self.close_silent(now);
        self.purge(now);
        match &self.role {
            Role::Looking => {
                self.consider_read_only(now);
                self.elect(now).await
            }
            Role::Leading(_) => self.pulse_leading(now).await,
            Role::Following(_) => self.pulse_following(now).await,
        }
    }

    fn purge(&mut self, now: Instant) {
        let hours = self.setup.config.purge_hours;
        if hours > 0 && now.duration_since(self.purged) >= Duration::from_secs(u64::from(hours) * 3600) {
            self.purged = now;
            self.log.purge(self.setup.config.snap_retain as usize);
        }
    }

    fn on_durable(&mut self, zxid: i64) {
        match &mut self.role {
            Role::Looking => {}
            Role::Leading(leading) => {
                leading.durable(zxid);
                self.commit();
            }
            Role::Following(following) => following.ack(zxid),
        }
    }

    // Elections.

    fn on_gossip(&mut self, event: Gossip) {
        match event {
            Gossip::Heard(notification) => self.hear(notification),
            Gossip::Lost(server) => {
                if let Some(ensemble) = &mut self.ensemble {
                    ensemble.election.lose(server);
                }
            }
            Gossip::Unreachable(server, address, error) => {
                let thread = format!("QuorumConnectionThread-[myid={}]-1", self.setup.me);
                let message = format!("Cannot open channel to {server} at election address /{address}");
                self.journal.from(&thread, crate::log::Level::Warn, "QuorumCnxManager@401", &message);
                self.journal.bare(&java_connect_error(&error));
            }
            Gossip::Connected(peer) => {
                let address = self.setup.own().map(|own| own.election);
                let thread = format!("ListenerHandler-{}", slashed(address));
                let class = "QuorumCnxManager$Listener$ListenerHandler@1076";
                let message = format!("Received connection request from /{peer}");
                self.journal.from(&thread, crate::log::Level::Info, class, &message);
            }
        }
    }

    fn hear(&mut self, n: Notification) {
        let state = |doing| match doing {
            Doing::Looking => "LOOKING",
            Doing::Following => "FOLLOWING",
            Doing::Leading => "LEADING",
            Doing::Observing => "OBSERVING",
        };
        let Some(ensemble) = &mut self.ensemble else { return };
        ensemble.election.hear(n);
        let mine = ensemble.election.notification().doing;
        if n.doing == Doing::Looking && mine != Doing::Looking {
            // Whoever looks believes only what it is told now.
            ensemble.told.send_modify(|_| {});
        }
        let mine = state(mine);
        let message = format!(
            "Notification: my state:{mine}; n.sid:{}, n.state:{}, n.leader:{}, n.round:{:#x}, n.peerEpoch:{:#x}, n.zxid:{:#x}, \
             message format version:0x2, n.config version:0x0",
            n.from,
            state(n.doing),
            n.vote.leader,
            n.round,
            n.vote.epoch,
            n.vote.zxid
        );
        let thread = format!("WorkerReceiver[myid={}]", self.setup.me);
        let class = "FastLeaderElection$Messenger$WorkerReceiver@391";
        self.journal.from(&thread, crate::log::Level::Info, class, &message);
    }

    /// Leaves whatever it was doing, and looks for a leader.
    async fn look(&mut self) {
        self.close_clients();
        self.role_tasks.shutdown().await;
        let followed = match &self.role {
            Role::Following(following) => Some(following.leader()),
            Role::Looking | Role::Leading(_) => None,
        };
        let proposed = match std::mem::replace(&mut self.role, Role::Looking) {
            Role::Looking => Vec::new(),
            Role::Leading(leading) => leading.into_proposed(),
            Role::Following(following) => following.into_proposed(),
        };
        // What was proposed is on disk and may have been decided: it counts as history until a new leader says otherwise.
        self.log.flush().await;
        for record in proposed {
            self.apply(&record);
        }
        self.waiting.clear();
        self.metrics.looking += 1;
        self.since = Instant::now();
        let Some(ensemble) = &mut self.ensemble else { return };
        if let Some(leader) = followed {
            ensemble.election.doubt(leader);
        }
        ensemble.election.look(ensemble.epochs.current(), self.logged);
        self.tell();
        self.journal.info("QuorumPeer@1455", "LOOKING");
        let (me, zxid) = (self.setup.me, self.logged);
        self.journal.info("FastLeaderElection@946", &format!("New election. My id = {me}, proposed zxid={zxid:#x}"));
    }

    fn tell(&self) {
        if let Some(ensemble) = &self.ensemble {
            let now = ensemble.election.notification();
            ensemble.told.send_if_modified(|told| std::mem::replace(told, now) != now);
        }
    }

    async fn elect(&mut self, now: Instant) -> Result<(), StoreError> {
        let Some(ensemble) = &mut self.ensemble else { return Ok(()) };
        let decided = ensemble.election.decide(now);
        self.tell();
        let Some(leader) = decided else { return Ok(()) };
        self.end_read_only();
        let me = self.setup.me;
        let doing = match (leader == me, self.setup.members.is_voter(me)) {
            (true, _) => Doing::Leading,
            (false, true) => Doing::Following,
            (false, false) => Doing::Observing,
        };
        let took = self.since.elapsed().as_millis();
        self.metrics.election.add(u64::try_from(took).unwrap_or(u64::MAX));
        self.since = now;
        if let Some(ensemble) = &mut self.ensemble {
            ensemble.election.settle(doing);
        }
        self.tell();
        if doing == Doing::Leading {
            self.lead(took).await
        } else {
            self.follow(leader, took)
        }
        Ok(())
    }

    // History.

    /// Writes a transaction to the log.
    fn append(&mut self, record: &Record, bytes: Vec<u8>) {
        self.logged = self.logged.max(record.zxid);
        self.foresee_members(record);
        self.log.append(record.zxid, bytes);
    }

    /// Applies a transaction and tells watches.
    fn apply(&mut self, record: &Arc<Record>) -> Outcome {
        let outcome = self.tree.apply(record, &mut self.tree_events);
        self.metrics.propagation.add(u64::try_from(now_ms() - record.time).unwrap_or(0));
        self.fire_watches();
        self.recent.push_back(record.clone());
        if self.recent.len() > RECENT {
            self.recent.pop_front();
        }
        self.since_snapshot += 1;
        if self.since_snapshot >= self.snapshot_every && !self.snapshotting {
            self.since_snapshot = 0;
            self.snapshot();
        }
        outcome
    }

    fn snapshot(&mut self) {
        self.snapshotting = true;
        let zxid = self.tree.last_zxid();
        let path = format!("{}/version-2/snapshot.{zxid:x}", self.setup.config.data_dir);
        self.journal.info("FileTxnSnapLog@479", &format!("Snapshotting: {zxid:#x} to {path}"));
        self.log.snapshot(self.tree.freeze());
    }

    /// Applies a decided transaction; if one of this server's clients asked for it, answers.
    fn apply_decided(&mut self, record: &Arc<Record>, origin: Origin) {
        if origin.server == Some(self.setup.me) {
            self.answer_reads_before(origin.request);
        }
        let outcome = self.apply(record);
        self.decide_members_of(record);
        if origin.server == Some(self.setup.me) {
            self.answer(origin.request, record, outcome);
        }
        if matches!(record.txn, Txn::CloseSession { .. })
            && let Some(conn) = self.by_session.remove(&record.session)
        {
            self.close(conn);
        }
    }
}

/// As on the real server, somewhere in the upper half of `snapCount`, so that the servers of an ensemble don't all write at once.
fn snapshot_every(setup: &Setup) -> usize {
    let count = setup.config.property("snapCount").and_then(|n| n.parse().ok()).unwrap_or(SNAPSHOT_EVERY).max(2);
    let share = [1, 3, 2, 0][(setup.me % 4) as usize];
    count / 2 + count / 8 * share
}

/// Milliseconds since 1970.
pub fn now_ms() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

fn slashed(address: Option<SocketAddr>) -> String {
    address.map_or_else(String::new, |address| format!("/{address}"))
}

/// What Java says of a connection that could not be made.
fn java_connect_error(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::ConnectionRefused => "java.net.ConnectException: Connection refused".to_owned(),
        std::io::ErrorKind::TimedOut => "java.net.SocketTimeoutException: Connect timed out".to_owned(),
        _ => format!("java.net.SocketException: {error}"),
    }
}

/// The other members' election addresses.
pub fn others(setup: &Setup) -> BTreeMap<u64, SocketAddr> {
    setup.peers.iter().filter(|(id, _)| **id != setup.me).map(|(id, peer)| (*id, peer.election)).collect()
}
