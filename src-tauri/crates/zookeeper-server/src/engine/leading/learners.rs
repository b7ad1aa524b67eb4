//! Servers that learn from this one, and the steps until a majority of them has its history.

use std::{collections::BTreeSet, time::Instant};

use super::{Learner, Stage};
use crate::{
    engine::{Engine, Role},
    ensemble::{LinkEvent, Message, Origin},
    log::Level,
    sessions::Tracker,
    store::StoreError,
};

impl Engine {
    pub(in crate::engine) async fn on_learner(&mut self, event: LinkEvent) -> Result<(), StoreError> {
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

    pub(super) fn drop_learner(&mut self, link: u64) {
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
            // One that is no member yet may learn all the same: so it has history by the time it becomes one.
            Message::Hello { server, accepted } if server != self.setup.me => {
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
        let kind = if self.setup.members.observes(server) { "Observer" } else { "Follower" };
        let info = self.setup.members.now().members.get(&server).map(ToString::to_string).unwrap_or_default();
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

    pub(super) async fn abdicate(&mut self, why: &str) {
        self.journal.info("Leader@831", &format!("Shutdown called. For the reason: {why}"));
        self.journal.warn("QuorumPeer@1585", "PeerState set to LOOKING");
        self.look().await;
    }

    /// Whether this server and the learners that are as far as `is` are a majority.
    pub(super) fn is_supported(&self, is: impl Fn(&Learner) -> bool) -> bool {
        let Role::Leading(leading) = &self.role else { return false };
        let supporters = leading.learners.values().filter(|learner| is(learner)).filter_map(|learner| learner.server);
        let supporters: BTreeSet<u64> = supporters.chain([self.setup.me]).collect();
        self.setup.members.voters().is_quorum(|id| supporters.contains(&id))
    }

    /// Takes the next steps towards serving that the learners' states allow.
    async fn progress(&mut self) -> Result<(), StoreError> {
        if !matches!(&self.role, Role::Leading(leading) if leading.epoch.is_some())
            && self.is_supported(|learner| learner.server.is_some())
        {
            self.begin_epoch()?;
        }
        if !self.is_promised() && self.is_supported(|learner| learner.stage != Stage::Waiting) {
            self.enter_epoch()?;
        }
        if self.is_promised() {
            self.send_history();
        }
        if self.is_promised() && !self.serves() && self.is_supported(|learner| learner.stage == Stage::Synced) {
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
        let Role::Leading(leading) = &self.role else { return };
        let Some(epoch) = leading.epoch else { return };
        // What history says is decided once the epoch begins; what is proposed later is decided later.
        let members = if leading.established { self.setup.members.now().clone() } else { self.members_of_epoch(epoch) };
        let Role::Leading(leading) = &mut self.role else { return };
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
            learner.link.send(&Message::NewLeader { epoch, members: members.shown() });
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
        self.decide_members(self.members_of_epoch(epoch));
    }

    /// Lets everyone serve who has history.
    fn welcome(&mut self) {
        let Role::Leading(leading) = &mut self.role else { return };
        for learner in leading.learners.values_mut().filter(|l| l.stage == Stage::Synced && !l.welcomed) {
            learner.welcomed = true;
            learner.link.send(&Message::UpToDate);
        }
    }
}
