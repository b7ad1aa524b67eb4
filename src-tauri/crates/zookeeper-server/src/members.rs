//! Who belongs to the ensemble, whose votes make a majority, and a change of that under way.
//!
//! While a change is written down and not decided, nothing of importance happens without a majority of both the old and the new
//! voters: whichever of the two turns out to be the ensemble, it has heard of it.

use std::{
    collections::{BTreeMap, BTreeSet},
    iter,
};

use crate::config::{Member, Membership, Role};

/// Whose votes count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Voters {
    now: BTreeSet<u64>,
    /// The transaction that makes others of them, and who they are.
    next: Option<(i64, BTreeSet<u64>)>,
}

impl Voters {
    /// These.
    pub fn of(ids: impl IntoIterator<Item = u64>) -> Self {
        Self { now: ids.into_iter().collect(), next: None }
    }

    fn both(&self) -> impl Iterator<Item = &BTreeSet<u64>> {
        iter::once(&self.now).chain(self.next.as_ref().map(|(_, next)| next))
    }

    /// Whether a server votes, now or next.
    pub fn count(&self, server: u64) -> bool {
        self.both().any(|voters| voters.contains(&server))
    }

    /// Whether those for whom it is true are a majority.
    pub fn is_quorum(&self, is: impl Fn(u64) -> bool) -> bool {
        self.both().all(|voters| voters.iter().filter(|id| is(**id)).count() * 2 > voters.len())
    }

    /// Whether it is true for everyone.
    pub fn is_unanimous(&self, is: impl Fn(u64) -> bool) -> bool {
        self.both().flatten().all(|id| is(*id))
    }

    /// The last transaction that is decided, if `durable` tells up to where servers have history on their disks.
    pub fn decided(&self, durable: impl Fn(u64) -> Option<i64>) -> i64 {
        let now = majority_point(&self.now, &durable);
        match &self.next {
            Some((change, next)) if now >= *change => (change - 1).max(now.min(majority_point(next, &durable))),
            _ => now,
        }
    }
}

/// Up to where a majority has history.
fn majority_point(voters: &BTreeSet<u64>, durable: impl Fn(u64) -> Option<i64>) -> i64 {
    let mut points: Vec<i64> = voters.iter().filter_map(|id| durable(*id)).collect();
    points.sort_unstable_by(|a, b| b.cmp(a));
    points.get(voters.len() / 2).copied().unwrap_or(0)
}

/// The members, as a server knows them.
#[derive(Clone, Debug)]
pub struct Members {
    now: Membership,
    next: Option<Membership>,
    voters: Voters,
}

impl Members {
    /// Nobody but this server.
    pub fn alone(me: u64) -> Self {
        Self { now: Membership::default(), next: None, voters: Voters::of([me]) }
    }

    /// These are decided.
    pub fn decided(now: Membership) -> Self {
        let voters = Voters::of(now.voters().map(|(id, _)| *id));
        Self { now, next: None, voters }
    }

    /// Those that are decided.
    pub fn now(&self) -> &Membership {
        &self.now
    }

    /// Those that will be once everything in this server's history is decided.
    pub fn latest(&self) -> &Membership {
        self.next.as_ref().unwrap_or(&self.now)
    }

    /// Everyone, those included that are to come; what is to come says where they are.
    pub fn all(&self) -> BTreeMap<u64, &Member> {
        self.now.members.iter().chain(&self.latest().members).map(|(id, member)| (*id, member)).collect()
    }

    /// Whose votes count.
    pub fn voters(&self) -> &Voters {
        &self.voters
    }

    /// Whether a server votes.
    pub fn is_voter(&self, server: u64) -> bool {
        self.voters.now.contains(&server)
    }

    /// How many vote.
    pub fn count_voters(&self) -> usize {
        self.voters.now.len()
    }

    /// Whether a server is a member that only observes. One that is no member is none of those.
    pub fn observes(&self, server: u64) -> bool {
        self.now.members.get(&server).is_some_and(|member| member.role == Role::Observer)
    }

    /// A change is written down, and not decided.
    pub fn foresee(&mut self, next: Membership) {
        if next.version > self.now.version {
            self.next = Some(next);
            self.count_votes();
        }
    }

    /// What was written down is history no more.
    pub fn forget_next(&mut self) {
        self.next = None;
        self.count_votes();
    }

    /// A change is decided; false if it is known.
    pub fn decide(&mut self, members: Membership) -> bool {
        if members.version <= self.now.version {
            return false;
        }
        self.next = self.next.take().filter(|next| next.version > members.version);
        self.now = members;
        self.count_votes();
        true
    }

    fn count_votes(&mut self) {
        let ids = |members: &Membership| members.voters().map(|(id, _)| *id).collect();
        let next = self.next.as_ref().map(|next| (next.version, ids(next)));
        self.voters = Voters { now: ids(&self.now), next };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn membership(version: i64, ids: &[u64]) -> Membership {
        let lines: String = ids.iter().map(|id| format!("server.{id}=h:1:2\n")).collect();
        Membership::parse(&format!("{lines}version={version:x}")).unwrap()
    }

    #[test]
    fn a_change_needs_both_majorities() {
        let mut members = Members::decided(membership(0, &[1, 2, 3]));
        members.foresee(membership(50, &[3, 4, 5]));
        let quorum = |members: &Members, ids: &[u64]| members.voters().is_quorum(|id| ids.contains(&id));
        assert!(!quorum(&members, &[1, 2]) && !quorum(&members, &[4, 5]) && !quorum(&members, &[3, 4, 5]));
        assert!(quorum(&members, &[2, 3, 4]));
        let durable = |points: [i64; 5]| move |id: u64| points.get(id as usize - 1).copied();
        assert_eq!(members.voters().decided(durable([49, 49, 10, 10, 10])), 49);
        assert_eq!(members.voters().decided(durable([60, 60, 60, 10, 10])), 49, "the old ones alone don't decide it");
        assert_eq!(members.voters().decided(durable([60, 10, 60, 55, 10])), 55);
        assert!(members.decide(membership(50, &[3, 4, 5])));
        assert!(quorum(&members, &[4, 5]) && !members.voters().count(1));
        assert!(!members.decide(membership(50, &[3, 4, 5])));
    }

    #[test]
    fn a_newer_change_outlives_the_decision_on_an_older_one() {
        let mut members = Members::decided(membership(0, &[1, 2, 3]));
        members.foresee(membership(9, &[1, 2]));
        members.decide(membership(5, &[1, 2, 3]));
        assert_eq!((members.now().version, members.latest().version), (5, 9));
        members.forget_next();
        assert_eq!(members.latest().version, 5);
        members.foresee(membership(3, &[7]));
        assert_eq!(members.latest().version, 5, "the past is no change");
    }
}
