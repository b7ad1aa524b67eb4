//! Who leads: the server with the highest (epoch, zxid, id) among a majority.
//!
//! No input or output here: the state of this server and what is known of the others go in, a decision comes out. An election need
//! not be right to be safe: the epochs that leader and followers exchange afterwards guard history.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use crate::{
    members::Voters,
    wire::{Malformed, Put, Reader},
};

/// How long a majority waits for a better candidate that has not spoken yet.
pub const SETTLE: Duration = Duration::from_millis(40);

/// What a server votes for. The order of the fields is the order of preference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Vote {
    /// The epoch that the candidate's history belongs to.
    pub epoch: u32,
    /// The candidate's last logged transaction.
    pub zxid: i64,
    /// The candidate.
    pub leader: u64,
}

/// What a server is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    /// It looks for a leader.
    Looking,
    /// It follows.
    Following,
    /// It leads.
    Leading,
    /// It observes, and has no vote.
    Observing,
}

/// What a server tells all others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notification {
    /// Who tells.
    pub from: u64,
    /// What it is doing.
    pub doing: Doing,
    /// Which election it is in, or was decided by.
    pub round: u64,
    /// Whom it wants, or has.
    pub vote: Vote,
}

impl Notification {
    /// Its bytes between servers.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(45);
        out.put_u64(self.from);
        out.put_u8(match self.doing {
            Doing::Looking => 0,
            Doing::Following => 1,
            Doing::Leading => 2,
            Doing::Observing => 3,
        });
        out.put_u64(self.round);
        out.put_u64(u64::from(self.vote.epoch));
        out.put_i64(self.vote.zxid);
        out.put_u64(self.vote.leader);
        out
    }

    /// Reads it.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let reader = &mut Reader::new(bytes);
        let from = reader.u64()?;
        let doing = match reader.u8()? {
            0 => Doing::Looking,
            1 => Doing::Following,
            2 => Doing::Leading,
            3 => Doing::Observing,
            _ => return Err(Malformed),
        };
        let round = reader.u64()?;
        let epoch = u32::try_from(reader.u64()?).map_err(|_| Malformed)?;
        Ok(Self { from, doing, round, vote: Vote { epoch, zxid: reader.i64()?, leader: reader.u64()? } })
    }
}

/// This server's part in elections.
#[derive(Debug)]
pub struct Election {
    me: u64,
    voters: Voters,
    others: HashMap<u64, Notification>,
    mine: Notification,
    own: Vote,
    /// Since when there is a majority for [`Self::mine`].
    agreed: Option<Instant>,
}

impl Election {
    /// A server that has not begun to look. Observers are not among the voters.
    pub fn new(me: u64, voters: Voters) -> Self {
        let own = Vote { epoch: 0, zxid: 0, leader: me };
        let mine = Notification { from: me, doing: Doing::Looking, round: 0, vote: own };
        Self { me, voters, others: HashMap::new(), mine, own, agreed: None }
    }

    /// What the others shall know.
    pub fn notification(&self) -> Notification {
        self.mine
    }

    /// Begins a new election, with this server's own history.
    pub fn look(&mut self, epoch: u32, zxid: i64) {
        self.own = Vote { epoch, zxid, leader: self.me };
        self.mine = Notification { doing: Doing::Looking, round: self.mine.round + 1, vote: self.own, ..self.mine };
        self.agreed = None;
    }

    /// It is decided; `doing` is this server's part.
    pub fn settle(&mut self, doing: Doing) {
        self.mine.doing = doing;
    }

    /// Others vote from now on.
    pub fn set_voters(&mut self, voters: Voters) {
        self.voters = voters;
        self.agreed = None;
    }

    /// Another server says where it stands.
    pub fn hear(&mut self, notification: Notification) {
        self.others.insert(notification.from, notification);
    }

    /// Another server cannot be heard any more.
    pub fn lose(&mut self, server: u64) {
        self.others.remove(&server);
    }

    /// A leader has not been heard for too long: what it said of itself counts no more, until it says it again.
    pub fn doubt(&mut self, leader: u64) {
        if self.others.get(&leader).is_some_and(|n| n.doing == Doing::Leading) {
            self.others.remove(&leader);
        }
    }

    /// The leader, if there is a decision at this moment.
    pub fn decide(&mut self, now: Instant) -> Option<u64> {
        if let Some(leader) = self.standing_leader() {
            return Some(leader);
        }
        if !self.voters.count(self.me) {
            return None;
        }
        self.adopt();
        if !self.voters.is_quorum(|id| self.is_supported_by(id)) {
            self.agreed = None;
            return None;
        }
        let since = *self.agreed.get_or_insert(now);
        let unanimous = self.voters.is_unanimous(|id| self.is_supported_by(id));
        let settled = unanimous || now.duration_since(since) >= SETTLE;
        settled.then_some(self.mine.vote.leader)
    }

    /// A server that leads, says so itself, and has a history that this one may follow.
    fn standing_leader(&mut self) -> Option<u64> {
        let leads = |n: &&Notification| n.doing == Doing::Leading && n.vote.leader == n.from;
        let best = self.others.values().filter(leads).max_by_key(|n| (n.round, n.vote))?;
        let stands_by = |n: &Notification| n.doing == Doing::Following && n.vote.leader == best.from;
        let established = self.voters.is_quorum(|id| id == best.from || self.others.get(&id).is_some_and(stands_by));
        let may_help = best.vote >= self.own && self.voters.count(self.me);
        if !established && !may_help {
            return None;
        }
        self.mine.round = best.round;
        self.mine.vote = best.vote;
        Some(best.from)
    }

    /// Joins the newest round, and the best vote in it.
    fn adopt(&mut self) {
        let before = self.mine;
        let looking = || self.others.values().filter(|n| n.doing == Doing::Looking && self.voters.count(n.from));
        let round = looking().map(|n| n.round).max().unwrap_or(0).max(self.mine.round);
        let mut vote = if round > self.mine.round { self.own } else { self.mine.vote };
        if let Some(best) = looking().filter(|n| n.round == round).map(|n| n.vote).max() {
            vote = vote.max(best);
        }
        self.mine.round = round;
        self.mine.vote = vote;
        if self.mine != before {
            self.agreed = None;
        }
    }

    fn is_supported_by(&self, server: u64) -> bool {
        let supports =
            |n: &Notification| n.doing != Doing::Observing && n.round == self.mine.round && n.vote == self.mine.vote;
        server == self.me || self.others.get(&server).is_some_and(supports)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn servers(zxids: &[i64]) -> Vec<Election> {
        let voters = Voters::of(1..=zxids.len() as u64);
        let begin = |(n, zxid): (usize, &i64)| {
            let mut election = Election::new(n as u64 + 1, voters.clone());
            election.look(0, *zxid);
            election
        };
        zxids.iter().enumerate().map(begin).collect()
    }

    /// Lets all that are `up` talk until nothing changes, then returns their decisions.
    fn talk(servers: &mut [Election], up: &[usize]) -> Vec<Option<u64>> {
        let now = Instant::now();
        for _ in 0..4 {
            for &to in up {
                for &from in up.iter().filter(|from| **from != to) {
                    let notification = servers[from].notification();
                    servers[to].hear(notification);
                }
                servers[to].decide(now);
            }
        }
        up.iter().map(|n| servers[*n].decide(now + SETTLE)).collect()
    }

    #[test]
    fn the_longest_history_wins_then_the_highest_id() {
        assert_eq!(talk(&mut servers(&[5, 9, 7]), &[0, 1, 2]), [Some(2); 3]);
        assert_eq!(talk(&mut servers(&[5, 5, 5]), &[0, 1, 2]), [Some(3); 3]);
    }

    #[test]
    fn without_a_majority_there_is_no_leader() {
        assert_eq!(talk(&mut servers(&[5, 9, 7]), &[0]), [None]);
        assert_eq!(talk(&mut servers(&[1, 1, 1, 1, 1]), &[0, 1]), [None, None]);
    }

    #[test]
    fn two_of_three_are_enough() {
        assert_eq!(talk(&mut servers(&[5, 9, 7]), &[0, 2]), [Some(3); 2]);
    }

    #[test]
    fn a_late_server_follows_the_leader_that_stands() {
        let mut all = servers(&[5, 9, 99]);
        assert_eq!(talk(&mut all, &[0, 1]), [Some(2); 2]);
        all[0].settle(Doing::Following);
        all[1].settle(Doing::Leading);
        let (first, second) = (all[0].notification(), all[1].notification());
        all[2].hear(first);
        all[2].hear(second);
        assert_eq!(all[2].decide(Instant::now()), Some(2));
    }

    #[test]
    fn a_leader_that_went_silent_is_not_followed_until_it_speaks_again() {
        let mut all = servers(&[5, 6, 9]);
        assert_eq!(talk(&mut all, &[0, 1, 2]), [Some(3); 3]);
        all[2].settle(Doing::Leading);
        let claim = all[2].notification();
        for n in [0, 1] {
            all[n].hear(claim);
            all[n].doubt(3);
            all[n].look(0, 5 + n as i64);
        }
        assert_eq!(talk(&mut all, &[0, 1]), [Some(2); 2]);
        all[0].hear(claim);
        assert_eq!(all[0].decide(Instant::now()), Some(3));
    }

    #[test]
    fn a_new_round_forgets_the_dead() {
        let mut all = servers(&[5, 6, 9]);
        assert_eq!(talk(&mut all, &[0, 1, 2]), [Some(3); 3]);
        for n in [0, 1] {
            all[n].lose(3);
            all[n].look(0, 5 + n as i64);
        }
        assert_eq!(talk(&mut all, &[0, 1]), [Some(2); 2]);
    }

    proptest::proptest! {
        #[test]
        fn decoding_never_panics(bytes: Vec<u8>) {
            let _ = Notification::decode(&bytes);
        }
    }
}
