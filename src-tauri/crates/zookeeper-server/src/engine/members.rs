//! The ensemble changes while it runs (`reconfig`): servers join and leave, voters become observers and the other way round.

use std::collections::BTreeSet;

use super::{Engine, Peer, Role, now_ms, others};
use crate::{
    config::{Member, Membership},
    election::Doing,
    log::Level,
    path,
    txn::{Record, Txn},
};

/// The members that a transaction makes. What the super user writes there by hand makes none: it does not know its own number.
fn made_by(record: &Record) -> Option<Membership> {
    let Txn::SetData { path, data: Some(data), version: -1 } = &record.txn else { return None };
    let members = Membership::parse(&String::from_utf8_lossy(data)).ok().filter(|_| path == path::CONFIG)?;
    (members.version == record.zxid).then_some(members)
}

impl Engine {
    /// A transaction is written down: if it changes the members, the new voters count as well from now on.
    pub(super) fn foresee_members(&mut self, record: &Record) {
        if let Some(next) = made_by(record).filter(|_| self.setup.config.can_be_changed()) {
            self.setup.members.foresee(next);
            self.renew_members();
        }
    }

    /// A transaction is decided: if it changes the members, they are that now.
    pub(super) fn decide_members_of(&mut self, record: &Record) {
        if let Some(members) = made_by(record) {
            self.decide_members(members);
        }
    }

    /// These are the members now.
    pub(super) fn decide_members(&mut self, members: Membership) {
        if !self.setup.config.can_be_changed() || !self.setup.members.decide(members) {
            return;
        }
        self.renew_members();
        let (me, now) = (self.setup.me, self.setup.members.now());
        // A server that was not there when it was decided has no transaction of it.
        if self.tree.members().is_none_or(|shown| shown.version < now.version) {
            self.tree.show_members(now, now_ms());
        }
        if let Err(error) = self.setup.zoo_cfg.write_members(now, me) {
            self.journal.from(
                "main",
                Level::Error,
                "QuorumPeer@1823",
                &format!("Error writing next dynamic config file to disk: {error}"),
            );
        }
        self.take_part();
    }

    /// What this server's history says of the members has been replaced.
    pub(super) fn reread_members(&mut self) {
        if !self.setup.config.can_be_changed() {
            let now = self.setup.members.now();
            self.tree.show_members(now, now_ms());
            return;
        }
        self.setup.members.forget_next();
        if let Some(members) = self.tree.members() {
            self.setup.members.foresee(members);
        }
        self.renew_members();
    }

    /// The members that are decided once the present history is: at the beginning of an ensemble's first epoch they get their
    /// first version.
    pub(super) fn members_of_epoch(&self, epoch: u32) -> Membership {
        let mut members = self.setup.members.latest().clone();
        if members.version == 0 && self.setup.config.can_be_changed() {
            members.version = i64::from(epoch) << 32;
        }
        members
    }

    /// Elections, other servers and those who learn hear of the change.
    fn renew_members(&mut self) {
        let all = self.setup.members.all().into_iter();
        let found: Vec<_> = all.filter_map(|(id, member)| Some((id, self.peer(member)?))).collect();
        let me = self.setup.me;
        self.setup.peers.retain(|id, _| *id == me);
        // Its own ports stay those that it has.
        for (id, peer) in found {
            self.setup.peers.entry(id).or_insert(peer);
        }
        if let Some(ensemble) = &mut self.ensemble {
            ensemble.election.set_voters(self.setup.members.voters().clone());
            ensemble.others.send_replace(others(&self.setup));
        }
    }

    /// This server may have got a vote, or lost it.
    fn take_part(&mut self) {
        let doing = match self.role {
            Role::Following(_) if self.setup.members.is_voter(self.setup.me) => Doing::Following,
            Role::Following(_) => Doing::Observing,
            _ => return,
        };
        if let Some(ensemble) = &mut self.ensemble {
            ensemble.election.settle(doing);
        }
        self.tell();
    }

    /// Whether a leader has no vote any more, and so may not lead on.
    pub(super) fn lost_its_vote(&self) -> bool {
        self.serves() && !self.setup.members.is_voter(self.setup.me)
    }

    /// The servers that have all of history, and would vote if they were asked to.
    pub(super) fn present(&self) -> BTreeSet<u64> {
        let Role::Leading(leading) = &self.role else { return BTreeSet::new() };
        leading.synced().filter(|id| !self.setup.members.observes(*id)).chain([self.setup.me]).collect()
    }

    /// `None` for a name that means nothing on this machine.
    fn peer(&self, member: &Member) -> Option<Peer> {
        let address = |port| Some((self.setup.resolver.resolve(&member.host)?, port).into());
        Some(Peer { quorum: address(member.peer_port)?, election: address(member.election_port)? })
    }
}
