//! Leading: the epoch, the learners, proposals and decisions.
//!
//! Before a leader serves, a majority must have promised to enter its epoch (so no older leader can decide anything any more) and must
//! have its history on disk. A transaction is decided once a majority has it on disk.

use std::{
    collections::{BTreeMap, HashMap, HashSet, VecDeque},
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::net::TcpListener;

use super::{Engine, Role, now_ms, stats::Stats};
use crate::{
    ensemble::{Link, LinkEvent, Message, Origin, accept_learners},
    log::Level,
    prep::{Asker, Prep, Rules},
    sessions::Tracker,
    store::StoreError,
    txn::{Record, Txn},
    wire::{Code, Id, op, request::Write},
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

    /// Lets go of servers that do not belong to the ensemble any more.
    pub fn keep_learners(&mut self, belongs: impl Fn(u64) -> bool) {
        self.learners.retain(|_, learner| learner.server.is_none_or(&belongs));
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
        Prep::new(Rules { enforce_quota: config.is_on("enforceQuota"), reconfig: config.is_on("reconfigEnabled") })
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
                self.role_tasks.spawn(accept_learners(listener, self.events.clone()));
            }
            Err(error) => {
                self.journal.error("Leader@313", &format!("Couldn't bind to {}", own.quorum));
                self.journal.bare(&format!("java.net.BindException: {}", super::words::java_bind_error(&error)));
                self.look().await;
            }
        }
    }

    // Learners.

    pub(super) async fn on_learner(&mut self, event: LinkEvent) -> Result<(), StoreError> {
        let Role::Leading(leading) = &mut self.role else { return Ok(()) };
        match event {
            LinkEvent::Up(link) => {
                let learner = Learner {
                    link,
                    server: None,
                    accepted: 0,
                    stage: Stage::Waiting,
                    welcomed: false,
                    acked: 0,
                    heard: Instant::now(),
                };
                leading.learners.insert(learner.link.id, learner);
                Ok(())
            }
            LinkEvent::Down(link) => {
                self.drop_learner(link);
                Ok(())
            }
            LinkEvent::Unreachable(_) => Ok(()),
            LinkEvent::Message(link, message) => {
                if let Some(learner) = leading.learners.get_mut(&link) {
                    learner.heard = Instant::now();
                    self.on_learner_message(link, message).await?;
                }
                Ok(())
            }
        }
    }

    fn drop_learner(&mut self, link: u64) {
        let Role::Leading(leading) = &mut self.role else { return };
        let Some(learner) = leading.learners.remove(&link) else { return };
        leading.syncs.retain(|(_, to, _)| *to != Some(link));
        let thread = format!("LearnerHandler-/{}", learner.link.peer);
        let message = format!("******* GOODBYE /{} ********", learner.link.peer);
        self.journal.from(&thread, Level::Warn, "LearnerHandler@737", &message);
    }

    async fn on_learner_message(&mut self, link: u64, message: Message) -> Result<(), StoreError> {
        let Role::Leading(leading) = &mut self.role else { return Ok(()) };
        let Some(learner) = leading.learners.get_mut(&link) else { return Ok(()) };
        match message {
            Message::Hello { server, accepted }
                if self.setup.peers.contains_key(&server) && server != self.setup.me =>
            {
                learner.server = Some(server);
                learner.accepted = accepted;
                self.greet(link, server);
                self.progress().await?;
            }
            Message::AckEpoch { current, zxid } => {
                learner.stage = Stage::Promised(zxid);
                let ahead = (current, zxid) > (self.epoch_of_history(), self.logged);
                if ahead && !self.is_promised() {
                    self.abdicate("Follower is ahead of the leader").await;
                } else {
                    self.progress().await?;
                }
            }
            Message::AckNewLeader => {
                learner.stage = Stage::Synced;
                self.progress().await?;
            }
            Message::Ack { zxid } => {
                learner.acked = learner.acked.max(zxid);
                self.commit();
            }
            Message::Pong { touched } => {
                let now = Instant::now();
                for session in touched {
                    leading.tracker.touch(session, now);
                }
            }
            Message::Sync { request } => {
                if leading.wait_for_all(Some(link), request)
                    && let Some(learner) = leading.learners.get(&link)
                {
                    learner.link.send(&Message::Synced { request });
                }
            }
            Message::Request { request, session, kind, ids, body } if leading.established => {
                let origin = Origin { server: learner.server, request };
                self.propose(origin, session, kind, &body, &ids);
            }
            Message::Revalidate { request, session, timeout } => {
                let Some(server) = learner.server else { return Ok(()) };
                let valid = leading.tracker.reattach(session, timeout, server, Instant::now());
                learner.link.send(&Message::Revalidated { request, valid });
            }
            _ => self.drop_learner(link),
        }
        Ok(())
    }

    fn greet(&mut self, link: u64, server: u64) {
        let Role::Leading(leading) = &mut self.role else { return };
        // A server that comes back has no use for its old connection.
        leading.learners.retain(|id, learner| *id == link || learner.server != Some(server));
        let Some(learner) = leading.learners.get(&link) else { return };
        let kind = if self.setup.is_voter(server) { "Follower" } else { "Observer" };
        let info = self.setup.config.members.get(&server).map(ToString::to_string).unwrap_or_default();
        let thread = format!("LearnerHandler-/{}", learner.link.peer);
        let message = format!("{kind} sid: {server} : info : {info}");
        self.journal.from(&thread, Level::Info, "LearnerHandler@510", &message);
        if let Some(epoch) = leading.epoch {
            learner.link.send(&Message::Epoch { epoch });
        }
    }

    fn epoch_of_history(&self) -> u32 {
        self.ensemble.as_ref().map_or(0, |ensemble| ensemble.epochs.current())
    }

    fn is_promised(&self) -> bool {
        matches!(&self.role, Role::Leading(leading) if leading.promised)
    }

    async fn abdicate(&mut self, why: &str) {
        self.journal.info("Leader@831", &format!("Shutdown called. For the reason: {why}"));
        self.journal.warn("QuorumPeer@1585", "PeerState set to LOOKING");
        self.look().await;
    }

    /// This server and the voters among learners that are as far as `is`.
    fn supporters(&self, is: impl Fn(&Learner) -> bool) -> usize {
        let Role::Leading(leading) = &self.role else { return 0 };
        let voters = leading.learners.values().filter(|l| l.server.is_some_and(|id| self.setup.is_voter(id)));
        1 + voters.filter(|learner| is(learner)).count()
    }

    /// Takes the next steps towards serving that the learners' states allow.
    async fn progress(&mut self) -> Result<(), StoreError> {
        if !matches!(&self.role, Role::Leading(leading) if leading.epoch.is_some())
            && self.setup.is_majority(self.supporters(|l| l.server.is_some()))
        {
            self.begin_epoch()?;
        }
        if !self.is_promised() && self.setup.is_majority(self.supporters(|l| l.stage != Stage::Waiting)) {
            self.enter_epoch()?;
        }
        if self.is_promised() {
            self.send_history();
        }
        if self.is_promised() && !self.serves() && self.setup.is_majority(self.supporters(|l| l.stage == Stage::Synced))
        {
            self.establish();
        }
        if self.serves() {
            self.welcome();
        }
        Ok(())
    }

    fn begin_epoch(&mut self) -> Result<(), StoreError> {
        let Role::Leading(leading) = &mut self.role else { return Ok(()) };
        let Some(ensemble) = &mut self.ensemble else { return Ok(()) };
        let accepted = leading.learners.values().map(|learner| learner.accepted).max().unwrap_or(0);
        let epoch = accepted.max(ensemble.epochs.accepted()) + 1;
        ensemble.epochs.set_accepted(epoch)?;
        leading.epoch = Some(epoch);
        for learner in leading.learners.values().filter(|learner| learner.server.is_some()) {
            learner.link.send(&Message::Epoch { epoch });
        }
        Ok(())
    }

    fn enter_epoch(&mut self) -> Result<(), StoreError> {
        let Role::Leading(leading) = &mut self.role else { return Ok(()) };
        let (Some(ensemble), Some(epoch)) = (&mut self.ensemble, leading.epoch) else { return Ok(()) };
        ensemble.epochs.set_current(epoch)?;
        leading.promised = true;
        self.journal.info("QuorumPeer@917", "Peer state changed: leading - synchronization");
        Ok(())
    }

    /// Sends history to everyone who promised and has not got it.
    fn send_history(&mut self) {
        let Role::Leading(leading) = &mut self.role else { return };
        let Some(epoch) = leading.epoch else { return };
        for learner in leading.learners.values_mut() {
            let Stage::Promised(zxid) = learner.stage else { continue };
            learner.stage = Stage::Syncing;
            let newest = self.recent.back().map_or(zxid, |record| record.zxid);
            let last = if leading.established { self.tree.last_zxid() } else { self.logged };
            let thread = format!("LearnerHandler-/{}", learner.link.peer);
            let server = learner.server.unwrap_or(0);
            let oldest = self.recent.front().map_or(last, |record| record.zxid);
            let say = |class: &str, message: &str| self.journal.from(&thread, Level::Info, class, message);
            say(
                "LearnerHandler@805",
                &format!(
                    "Synchronizing with Learner sid: {server} maxCommittedLog={newest:#x} minCommittedLog={oldest:#x} \
                     lastProcessedZxid={last:#x} peerLastZxid={zxid:#x}"
                ),
            );
            let missed = self.recent.iter().position(|record| record.zxid == zxid).map(|at| at + 1);
            let has_all = zxid == last || (leading.proposals.is_empty() && zxid == self.logged);
            let from = missed.or_else(|| has_all.then_some(self.recent.len()));
            match from {
                Some(from) => {
                    self.metrics.diffs_sent += 1;
                    say("LearnerHandler@850", &format!("Sending DIFF zxid={last:#x} for peer sid: {server}"));
                    for record in self.recent.iter().skip(from) {
                        learner.link.send(&Message::Missed { record: record.encode() });
                    }
                }
                None => {
                    self.metrics.snapshots_sent += 1;
                    say(
                        "LearnerHandler@583",
                        &format!("Sending snapshot last zxid of peer is {zxid:#x}, zxid of leader is {last:#x}"),
                    );
                    learner.link.send_tree(self.tree.freeze());
                }
            }
            for proposal in &leading.proposals {
                let record = proposal.record.encode();
                learner.link.send(&Message::Propose { origin: proposal.origin, record });
            }
            learner.link.send(&Message::NewLeader { epoch });
        }
    }

    /// A majority has history on disk: the epoch begins.
    fn establish(&mut self) {
        let Role::Leading(leading) = &mut self.role else { return };
        let Some(epoch) = leading.epoch else { return };
        let zxid = i64::from(epoch) << 32;
        leading.established = true;
        leading.next_zxid = zxid + 1;
        leading.tracker = Tracker::new(self.tree.sessions(), leading.tracker.ttl_enabled(), Instant::now());
        self.tree.set_last_zxid(zxid);
        let me = self.setup.me;
        let synced = leading.learners.values().filter(|learner| learner.stage == Stage::Synced);
        let mut ids: Vec<u64> = synced.filter_map(|learner| learner.server).chain([me]).collect();
        ids.sort_unstable();
        let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
        let message = format!(
            "Have quorum of supporters, sids: [[{}]]; starting up and setting last processed zxid: {zxid:#x}",
            ids.join(", ")
        );
        self.journal.info("Leader@1519", &message);
        self.journal.info("QuorumPeer@917", "Peer state changed: leading - broadcast");
    }

    /// Lets everyone serve who has history.
    fn welcome(&mut self) {
        let Role::Leading(leading) = &mut self.role else { return };
        for learner in leading.learners.values_mut().filter(|l| l.stage == Stage::Synced && !l.welcomed) {
            learner.welcomed = true;
            learner.link.send(&Message::UpToDate);
        }
    }

    // Proposals.

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
        let Role::Leading(leading) = &mut self.role else { return };
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
        acked.extend(synced.filter_map(|l| Some((l.server.filter(|id| self.setup.is_voter(*id))?, l.acked))));
        let mut points: Vec<i64> = acked.into_values().collect();
        points.sort_unstable_by(|a, b| b.cmp(a));
        points.get(self.setup.voters() / 2).copied().unwrap_or(0)
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

    // The clock.

    pub(super) async fn pulse_leading(&mut self, now: Instant) -> Result<(), StoreError> {
        if self.ensemble.is_some() && !self.keep_majority(now).await {
            return Ok(());
        }
        if self.serves() {
            self.expire_sessions(now);
            self.remove_mortals(now);
        }
        Ok(())
    }

    /// Pings learners, drops silent ones; false if that leaves no majority, and so no leader.
    async fn keep_majority(&mut self, now: Instant) -> bool {
        let tick = Duration::from_millis(u64::from(self.setup.config.tick_ms));
        let (init, sync) = (tick * self.setup.config.init_limit, tick * self.setup.config.sync_limit);
        let Role::Leading(leading) = &mut self.role else { return false };
        if leading.next_zxid & 0xffff_ffff == 0xffff_ffff {
            self.abdicate("zxid lower 32 bits have rolled over, forcing re-election, and therefore new epoch start")
                .await;
            return false;
        }
        if now.duration_since(leading.pinged) >= tick / 2 {
            leading.pinged = now;
            for learner in leading.learners.values() {
                learner.link.send(&Message::Ping);
            }
        }
        let limit = |learner: &Learner| if learner.stage == Stage::Synced { sync } else { init };
        let silent = leading.learners.values().filter(|l| now.duration_since(l.heard) > limit(l));
        let silent: Vec<u64> = silent.map(|learner| learner.link.id).collect();
        let (established, since) = (leading.established, leading.since);
        for link in silent {
            self.drop_learner(link);
        }
        let synced = self.supporters(|learner| learner.stage == Stage::Synced);
        if established && !self.setup.is_majority(synced) {
            self.abdicate(&format!(
                "Not sufficient followers synced, only synced with sids: [ [{}] ]",
                self.synced_ids()
            ))
            .await;
            return false;
        }
        if !established && now.duration_since(since) > init {
            self.abdicate("Timeout while waiting for epoch from quorum").await;
            return false;
        }
        true
    }

    fn synced_ids(&self) -> String {
        let Role::Leading(leading) = &self.role else { return String::new() };
        let synced = leading.learners.values().filter(|learner| learner.stage == Stage::Synced);
        let mut ids: HashSet<u64> = synced.filter_map(|learner| learner.server).collect();
        ids.insert(self.setup.me);
        let mut ids: Vec<u64> = ids.into_iter().collect();
        ids.sort_unstable();
        ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    }

    fn expire_sessions(&mut self, now: Instant) {
        let Role::Leading(leading) = &self.role else { return };
        for (session, timeout) in leading.tracker.expired(now) {
            let message = format!("Expiring session {session:#x}, timeout of {}ms exceeded", timeout.as_millis());
            self.metrics.stale_sessions += 1;
            self.journal.from("SessionTracker", Level::Info, "ZooKeeperServer@628", &message);
            self.propose(Origin::SELF, session, op::CLOSE_SESSION, &[], &[]);
        }
    }

    fn remove_mortals(&mut self, now: Instant) {
        let Role::Leading(leading) = &mut self.role else { return };
        let every = self.setup.config.property("znode.container.checkIntervalMs").and_then(|ms| ms.parse().ok());
        if now.duration_since(leading.looked_through) < every.map_or(CONTAINER_CHECK, Duration::from_millis) {
            return;
        }
        leading.looked_through = now;
        for path in self.tree.over(now_ms()) {
            let message = format!("Attempting to delete candidate container: {path}");
            self.journal.from("ContainerManagerTask", Level::Info, "ContainerManager@149", &message);
            self.propose(Origin::SELF, 0, op::DELETE_CONTAINER, path.as_bytes(), &[]);
        }
    }
}
