//! Following: history from the leader, then its proposals and decisions; clients' writes to the leader.

use std::{
    collections::{HashSet, VecDeque},
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use super::{Engine, Role};
use crate::{
    config::Membership,
    ensemble::{Link, LinkEvent, Message, Origin, connect_to_leader},
    store::StoreError,
    tree::Tree,
    txn::Record,
};

/// A follower's state, or an observer's.
#[derive(Debug)]
pub struct Following {
    leader: u64,
    link: Option<Link>,
    /// Parts of a snapshot that came.
    snapshot: Vec<u8>,
    /// History is on disk.
    synced: bool,
    up_to_date: bool,
    proposals: VecDeque<(Arc<Record>, Origin)>,
    touched: HashSet<i64>,
    /// The members, once this server serves.
    members: Option<Membership>,
    heard: Instant,
    since: Instant,
}

impl Following {
    /// Whether it serves.
    pub fn is_up_to_date(&self) -> bool {
        self.up_to_date
    }

    /// Whom it follows.
    pub fn leader(&self) -> u64 {
        self.leader
    }

    /// Transactions that are not decided yet.
    pub fn outstanding(&self) -> usize {
        self.proposals.len()
    }

    /// A session showed life; the leader hears of it with the next ping.
    pub fn touch(&mut self, session: i64) {
        self.touched.insert(session);
    }

    /// Everything up to here is on disk.
    pub fn ack(&self, zxid: i64) {
        if let Some(link) = self.link.as_ref().filter(|_| self.synced) {
            link.send(&Message::Ack { zxid });
        }
    }

    /// What was proposed and is not known to be decided.
    pub fn into_proposed(self) -> Vec<Arc<Record>> {
        self.proposals.into_iter().map(|(record, _)| record).collect()
    }
}

impl Engine {
    /// Another server was elected.
    pub(super) fn follow(&mut self, leader: u64, took: u128) {
        let now = Instant::now();
        let observes = self.setup.members.observes(self.setup.me);
        let (state, name, class) = if observes {
            ("observing", "OBSERVING", "Observer@73")
        } else {
            ("following", "FOLLOWING", "Follower@77")
        };
        self.journal.info("QuorumPeer@903", &format!("Peer state changed: {state}"));
        self.journal.info("QuorumPeer@1537", name);
        self.journal.info(class, &format!("{name} - LEADER ELECTION TOOK - {took} MS"));
        self.journal.info("QuorumPeer@917", &format!("Peer state changed: {state} - discovery"));
        self.role = Role::Following(Box::new(Following {
            leader,
            link: None,
            snapshot: Vec::new(),
            synced: false,
            up_to_date: false,
            proposals: VecDeque::new(),
            touched: HashSet::new(),
            members: None,
            heard: now,
            since: now,
        }));
        let Some(peer) = self.setup.peers.get(&leader) else { return };
        // The leader opens its port at the same moment: it is waited for, but a dead one is not waited for long.
        let patience = Duration::from_millis(600).min(self.init_time());
        self.role_tasks.spawn(connect_to_leader(
            self.setup.network.clone(),
            self.setup.host,
            peer.quorum,
            patience,
            self.events.clone(),
        ));
    }

    fn init_time(&self) -> Duration {
        Duration::from_millis(u64::from(self.setup.config.tick_ms)) * self.setup.config.init_limit
    }

    /// Sends the leader a message.
    pub(super) fn ask_leader(&self, message: &Message) {
        if let Role::Following(following) = &self.role
            && let Some(link) = &following.link
        {
            link.send(message);
        }
    }

    pub(super) async fn on_leader(&mut self, event: LinkEvent) -> Result<(), StoreError> {
        let Role::Following(following) = &mut self.role else { return Ok(()) };
        match event {
            LinkEvent::Up(link) => self.report_to(link),
            LinkEvent::Message(id, message) if following.link.as_ref().is_some_and(|link| link.id == id) => {
                following.heard = Instant::now();
                self.on_leader_message(message).await?;
            }
            LinkEvent::Down(id) if following.link.as_ref().is_some_and(|link| link.id == id) => {
                self.leave("Exception when following the leader").await;
            }
            LinkEvent::Unreachable(error) => {
                let address = self.setup.peers.get(&following.leader).map(|peer| peer.quorum);
                let message = format!("Failed to connect to leader at {}", address.map_or_else(String::new, shown));
                self.journal.error("Learner@400", &message);
                self.leave(&error.to_string()).await;
            }
            LinkEvent::Message(..) | LinkEvent::Down(_) => {}
        }
        Ok(())
    }

    fn report_to(&mut self, link: Link) {
        let accepted = self.ensemble.as_ref().map_or(0, |ensemble| ensemble.epochs.accepted());
        let address = link.peer;
        link.send(&Message::Hello { server: self.setup.me, accepted });
        if let Role::Following(following) = &mut self.role {
            following.link = Some(link);
            following.heard = Instant::now();
        }
        let message = format!("Successfully connected to leader, using address: {}", shown(address));
        self.journal.from(
            &format!("LeaderConnector-{}", shown(address)),
            crate::log::Level::Info,
            "Learner$LeaderConnector@384",
            &message,
        );
    }

    async fn leave(&mut self, why: &str) {
        self.journal.warn("Follower@129", why);
        self.journal.warn("QuorumPeer@1585", "PeerState set to LOOKING");
        self.look().await;
    }

    async fn on_leader_message(&mut self, message: Message) -> Result<(), StoreError> {
        let Role::Following(following) = &mut self.role else { return Ok(()) };
        match message {
            Message::Epoch { epoch } => self.promise(epoch).await?,
            Message::Missed { record } => match Record::decode(&record) {
                Ok(decoded) => {
                    self.append(&decoded, record);
                    self.apply(&Arc::new(decoded));
                }
                Err(_) => self.leave("a transaction of the leader cannot be read").await,
            },
            Message::Snapshot { part, last } => {
                following.snapshot.extend_from_slice(&part);
                if last {
                    self.install().await;
                }
            }
            Message::NewLeader { epoch, members } => {
                following.members = Membership::parse(&members).ok();
                self.history_is_here(epoch).await?;
            }
            Message::UpToDate => {
                following.up_to_date = true;
                if let Some(members) = following.members.take() {
                    self.decide_members(members);
                }
                self.journal.info("Learner@721", "Learner received UPTODATE message");
                let state = if self.setup.members.observes(self.setup.me) { "observing" } else { "following" };
                self.journal.info("QuorumPeer@917", &format!("Peer state changed: {state} - broadcast"));
            }
            Message::Propose { origin, record } => match Record::decode(&record) {
                Ok(decoded) => {
                    self.metrics.proposals_heard += 1;
                    let decoded = Arc::new(decoded);
                    following.proposals.push_back((decoded.clone(), origin));
                    self.append(&decoded, record);
                }
                Err(_) => self.leave("a proposal of the leader cannot be read").await,
            },
            Message::Commit { zxid } => {
                self.metrics.commits_heard += 1;
                self.apply_up_to(zxid);
            }
            Message::Synced { request } => self.synced(request),
            Message::Revalidated { request, valid } => self.revalidated(request, valid),
            Message::Ping => {
                let touched = following.touched.drain().collect();
                self.ask_leader(&Message::Pong { touched });
            }
            _ => self.leave("the leader says what only followers say").await,
        }
        Ok(())
    }

    /// The leader announces its epoch. A server never goes back to one that is older than it has promised.
    async fn promise(&mut self, epoch: u32) -> Result<(), StoreError> {
        let Some(ensemble) = &mut self.ensemble else { return Ok(()) };
        let accepted = ensemble.epochs.accepted();
        if epoch < accepted {
            let why = format!("Leaders epoch, {epoch} is less than accepted epoch, {accepted}");
            self.leave(&why).await;
            return Ok(());
        }
        if epoch > accepted {
            ensemble.epochs.set_accepted(epoch)?;
        }
        let current = ensemble.epochs.current();
        self.ask_leader(&Message::AckEpoch { current, zxid: self.logged });
        self.journal.info("QuorumPeer@917", "Peer state changed: following - synchronization");
        Ok(())
    }

    /// The whole tree came: this server's own history is replaced.
    async fn install(&mut self) {
        let Role::Following(following) = &mut self.role else { return };
        let bytes = std::mem::take(&mut following.snapshot);
        let config = self.setup.members.now().shown();
        match Tree::decode(&bytes, &config, self.ttl_enabled()) {
            Ok(tree) => {
                let zxid = tree.last_zxid();
                self.journal.info("Learner@571", &format!("Getting a snapshot from leader {zxid:#x}"));
                self.tree = tree;
                self.recent.clear();
                self.logged = zxid;
                self.since_snapshot = 0;
                self.reread_members();
                self.log.install(zxid, bytes).await;
            }
            Err(_) => self.leave("a snapshot of the leader cannot be read").await,
        }
    }

    async fn history_is_here(&mut self, epoch: u32) -> Result<(), StoreError> {
        self.journal.info("Learner@737", "Learner received NEWLEADER message");
        self.log.flush().await;
        if let Some(ensemble) = &mut self.ensemble {
            ensemble.epochs.set_current(epoch)?;
        }
        if let Role::Following(following) = &mut self.role {
            following.synced = true;
        }
        self.ask_leader(&Message::AckNewLeader);
        // Proposals that came with history are on disk too.
        self.ask_leader(&Message::Ack { zxid: self.logged });
        Ok(())
    }

    fn apply_up_to(&mut self, zxid: i64) {
        while let Role::Following(following) = &mut self.role {
            if following.proposals.front().is_none_or(|(record, _)| record.zxid > zxid) {
                return;
            }
            let Some((record, origin)) = following.proposals.pop_front() else { return };
            self.apply_decided(&record, origin);
        }
    }

    pub(super) async fn pulse_following(&mut self, now: Instant) -> Result<(), StoreError> {
        let sync = Duration::from_millis(u64::from(self.setup.config.tick_ms)) * self.setup.config.sync_limit;
        let init = self.init_time();
        let Role::Following(following) = &self.role else { return Ok(()) };
        let late = !following.up_to_date && now.duration_since(following.since) > init;
        let silent = following.up_to_date && now.duration_since(following.heard) > sync;
        if late || silent {
            self.leave("Exception when following the leader: java.net.SocketTimeoutException: Read timed out").await;
        }
        Ok(())
    }
}

fn shown(address: SocketAddr) -> String {
    format!("/{address}")
}
