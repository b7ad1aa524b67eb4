//! Observers join and leave while the ensemble runs (`reconfig`). Who votes is fixed by `zoo.cfg`.

use super::{Engine, Peer, Role, others};
use crate::{
    config::{Member, Membership},
    path,
    txn::{Record, Txn},
};

impl Engine {
    /// Takes over what a transaction says of the members.
    pub(super) fn consider_members(&mut self, record: &Record) {
        let Txn::SetData { path, data: Some(data), .. } = &record.txn else { return };
        if path != path::CONFIG || self.ensemble.is_none() {
            return;
        }
        // The super user can write anything there.
        let Ok(next) = Membership::parse(&String::from_utf8_lossy(data)) else { return };
        let now = Membership { members: self.setup.config.members.clone(), version: 0 };
        if next.voters().eq(now.voters()) {
            self.change_members(next);
        }
    }

    fn change_members(&mut self, next: Membership) {
        let me = self.setup.me;
        self.setup.peers.retain(|id, _| *id == me || next.members.contains_key(id));
        for (id, member) in &next.members {
            if let Some(peer) = self.peer(member).filter(|_| *id != me) {
                self.setup.peers.insert(*id, peer);
            }
        }
        self.setup.config.members = next.members;
        if let Some(ensemble) = &self.ensemble {
            ensemble.others.send_replace(others(&self.setup));
        }
        if let Role::Leading(leading) = &mut self.role {
            leading.keep_learners(|id| self.setup.peers.contains_key(&id));
        }
    }

    /// `None` for a name that means nothing on this machine.
    fn peer(&self, member: &Member) -> Option<Peer> {
        let address = |port| Some((self.setup.resolver.resolve(&member.host)?, port).into());
        Some(Peer { quorum: address(member.peer_port)?, election: address(member.election_port)?, role: member.role })
    }
}
