//! Leading: the epoch, the learners, proposals and decisions.
//!
//! Before a leader serves, a majority must have promised to enter its epoch (so no older leader can decide anything any more) and must
//! have its history on disk. A transaction is decided once a majority has it on disk.

mod clock;
mod learners;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, VecDeque},
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::net::TcpListener;

use super::{Engine, Role, now_ms, stats::Stats};
use crate::{
    ensemble::{Link, Message, Origin, accept_learners},
    log::Level,
    prep::{Asker, Prep, Rules},
    sessions::Tracker,
    txn::{Record, Txn},
    wire::{Code, Id, request::Write},
};

/// How often containers and TTL znodes are looked through. The real server takes another value from the Java property
/// `znode.container.checkIntervalMs`; here, where there is no Java, that line in `zoo.cfg` does.
const CONTAINER_CHECK: Duration = Duration::from_secs(60);

/// How far a learner has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// It connected, or waits for the epoch.
    Waiting,
    /// It promised to enter the epoch; its last transaction.
    Promised(i64),
    /// It has been sent history, and everything proposed since.
    Syncing,
    /// History is on its disk.
    Synced,
}

/// A server that learns from this one.
#[derive(Debug)]
struct Learner {
    link: Link,
    server: Option<u64>,
    accepted: u32,
    stage: Stage,
    /// It was told to serve.
    welcomed: bool,
    /// Everything up to here is on its disk.
    acked: i64,
    heard: Instant,
}

/// A transaction that is not decided yet.
#[derive(Debug)]
struct Proposal {
    record: Arc<Record>,
    origin: Origin,
}

/// A leader's state.
#[derive(Debug)]
pub struct Leading {
    /// The epoch, once a majority has reported.
    epoch: Option<u32>,
    /// A majority has promised to enter it.
    promised: bool,
    established: bool,
    learners: HashMap<u64, Learner>,
    proposals: VecDeque<Proposal>,
    /// Everything up to here is on this server's disk.
    durable: i64,
    next_zxid: i64,
    prep: Prep,
    tracker: Tracker,
    /// Who waits until everything up to a zxid is decided: a learner's connection (or this server itself) and its number.
    syncs: VecDeque<(i64, Option<u64>, u64)>,
    since: Instant,
    pinged: Instant,
    looked_through: Instant,
}

impl Leading {
    fn new(tracker: Tracker, prep: Prep, logged: i64, now: Instant) -> Self {
        Self {
            epoch: None,
            promised: false,
            established: false,
            learners: HashMap::new(),
            proposals: VecDeque::new(),
            durable: logged,
            next_zxid: logged + 1,
            prep,
            tracker,
            syncs: VecDeque::new(),
            since: now,
            pinged: now,
            looked_through: now,
        }
    }

    /// Whether it serves.
    pub fn is_established(&self) -> bool {
        self.established
    }

    /// Since when it leads.
    pub fn since(&self) -> Instant {
        self.since
    }

    /// Servers that learn from this one.
    pub fn learners(&self) -> usize {
        self.learners.len()
    }

    /// The servers among them that have all of history.
    pub fn synced(&self) -> impl Iterator<Item = u64> {
        self.learners.values().filter(|learner| learner.stage == Stage::Synced).filter_map(|learner| learner.server)
    }

    /// Transactions that are not decided yet.
    pub fn outstanding(&self) -> usize {
        self.proposals.len()
    }

    /// The watch over sessions.
    pub fn tracker(&mut self) -> &mut Tracker {
        &mut self.tracker
    }

    /// What was proposed and is not decided.
    pub fn into_proposed(self) -> Vec<Arc<Record>> {
        self.proposals.into_iter().map(|proposal| proposal.record).collect()
    }

    /// Everything up to here is on this server's disk.
    pub fn durable(&mut self, zxid: i64) {
        self.durable = self.durable.max(zxid);
    }

    /// True if nothing is undecided; else the answer is given when all of it is decided.
    pub fn wait_for_all(&mut self, learner: Option<u64>, number: u64) -> bool {
        match self.proposals.back() {
            None => true,
            Some(last) => {
                self.syncs.push_back((last.record.zxid, learner, number));
                false
            }
        }
    }

    /// Tells everyone who has history, or is about to. A lone server has nobody to tell.
    fn broadcast(&self, message: impl FnOnce() -> Message) {
        let mut listening =
            self.learners.values().filter(|l| matches!(l.stage, Stage::Syncing | Stage::Synced)).peekable();
        if listening.peek().is_some() {
            let bytes = Link::encode(&message());
            listening.for_each(|learner| learner.link.send_encoded(bytes.clone()));
        }
    }
}

impl Engine {
    /// A lone server leads itself.
    pub(super) fn lead_alone(&mut self) {
        let now = Instant::now();
        let tracker = Tracker::new(self.tree.sessions(), self.ttl_enabled(), now);
        let mut leading = Leading::new(tracker, self.prep(), self.logged, now);
        leading.established = true;
        self.role = Role::Leading(Box::new(leading));
        let port = self.setup.client.port();
        let thread = format!("ProcessThread(sid:0 cport:{port}):");
        let message = "PrepRequestProcessor (sid:0) started, reconfigEnabled=false";
        self.journal.from(&thread, Level::Info, "PrepRequestProcessor@138", message);
    }

    fn prep(&self) -> Prep {
        let config = &self.setup.config;
        Prep::new(Rules {
            enforce_quota: config.is_on("enforceQuota"),
            reconfig: config.is_on("reconfigEnabled"),
            fewest_voters: if config.standalone_enabled() { 2 } else { 1 },
        })
    }

    pub(super) fn ttl_enabled(&self) -> bool {
        self.setup.config.is_on("extendedTypesEnabled")
    }

    /// It was elected.
    pub(super) async fn lead(&mut self, took: u128) {
        let now = Instant::now();
        self.journal.info("QuorumPeer@1549", "LEADING");
        self.journal.info("Leader@588", &format!("LEADING - LEADER ELECTION TOOK - {took} MS"));
        self.journal.info("QuorumPeer@917", "Peer state changed: leading - discovery");
        let tracker = Tracker::new(self.tree.sessions(), self.ttl_enabled(), now);
        self.role = Role::Leading(Box::new(Leading::new(tracker, self.prep(), self.logged, now)));
        let Some(own) = self.setup.own() else { return };
        match TcpListener::bind(own.quorum).await {
            Ok(listener) => {
                let listener = self.setup.network.listen(listener);
                self.role_tasks.spawn(accept_learners(listener, self.events.clone()));
            }
            Err(error) => {
                self.journal.error("Leader@313", &format!("Couldn't bind to {}", own.quorum));
                self.journal.bare(&format!("java.net.BindException: {}", super::words::java_bind_error(&error)));
                self.look().await;
            }
        }
    }

    /// Checks a write, writes it down and proposes it.
    pub(super) fn propose(&mut self, origin: Origin, session: i64, kind: i32, body: &[u8], ids: &[Id]) {
        match Write::decode(kind, body) {
            Ok(Some(write)) => self.propose_write(origin, session, &write, ids),
            Ok(None) => self.propose_txn(origin, session, Txn::Error { code: Code::Unimplemented.number() }),
            Err(_) => self.propose_txn(origin, session, Txn::Error { code: Code::Marshalling.number() }),
        }
    }

    fn propose_write(&mut self, origin: Origin, session: i64, write: &Write, ids: &[Id]) {
        let me = self.setup.me;
        let present = if matches!(write, Write::Reconfig(_)) { self.present() } else { BTreeSet::new() };
        let Role::Leading(leading) = &mut self.role else { return };
        leading.prep.see_present(present);
        if let Write::CreateSession { timeout } = write {
            leading.tracker.track(session, *timeout, origin.server, Instant::now());
        }
        let asker = Asker { session, server: origin.server.unwrap_or(me), ids };
        let txn = leading.prep.prepare(write, leading.next_zxid, asker, &self.tree, &mut leading.tracker);
        self.propose_txn(origin, session, txn);
    }

    fn propose_txn(&mut self, origin: Origin, session: i64, txn: Txn) {
        let Role::Leading(leading) = &mut self.role else { return };
        let zxid = leading.next_zxid;
        leading.next_zxid += 1;
        let record = Arc::new(Record { zxid, time: now_ms(), session, txn });
        let bytes = record.encode();
        Stats::note(&mut self.stats.proposals, bytes.len());
        self.metrics.proposals += u64::from(self.ensemble.is_some());
        leading.broadcast(|| Message::Propose { origin, record: bytes.clone() });
        leading.proposals.push_back(Proposal { record: record.clone(), origin });
        self.append(&record, bytes);
    }

    /// Applies everything that a majority has on disk.
    pub(super) fn commit(&mut self) {
        let point = self.decided_up_to();
        let mut last = None;
        while let Role::Leading(leading) = &mut self.role {
            if leading.proposals.front().is_none_or(|proposal| proposal.record.zxid > point) {
                break;
            }
            let Some(Proposal { record, origin }) = leading.proposals.pop_front() else { break };
            last = Some(record.zxid);
            self.metrics.commits += u64::from(self.ensemble.is_some());
            self.apply_decided(&record, origin);
            self.after_decision(&record);
        }
        if let (Some(zxid), Role::Leading(leading)) = (last, &self.role) {
            leading.broadcast(|| Message::Commit { zxid });
        }
    }

    /// The highest zxid that a majority of voters has on disk.
    fn decided_up_to(&self) -> i64 {
        let Role::Leading(leading) = &self.role else { return 0 };
        if !leading.established {
            return 0;
        }
        let mut acked: BTreeMap<u64, i64> = BTreeMap::from([(self.setup.me, leading.durable)]);
        let synced = leading.learners.values().filter(|learner| learner.stage == Stage::Synced);
        acked.extend(synced.filter_map(|learner| Some((learner.server?, learner.acked))));
        self.setup.members.voters().decided(|id| acked.get(&id).copied())
    }

    fn after_decision(&mut self, record: &Record) {
        let mut done = Vec::new();
        if let Role::Leading(leading) = &mut self.role {
            leading.prep.applied(record.zxid);
            if matches!(record.txn, Txn::CloseSession { .. }) {
                leading.tracker.remove(record.session);
            }
            while leading.syncs.front().is_some_and(|(zxid, ..)| *zxid <= record.zxid) {
                done.extend(leading.syncs.pop_front());
            }
            for (zxid, to, request) in &done {
                if let Some(learner) = to.and_then(|link| leading.learners.get(&link)) {
                    // The decision must come before this answer.
                    learner.link.send(&Message::Commit { zxid: *zxid });
                    learner.link.send(&Message::Synced { request: *request });
                }
            }
        }
        for (_, to, request) in done {
            if to.is_none() {
                self.synced(request);
            }
        }
    }
}
