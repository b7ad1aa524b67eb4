//! Shares: who has how much of the cluster, by role and by framework. Kept in order while offers are made, so that nobody
//! adds everything up, or sorts everybody, for each of them.

use std::{cmp::Ordering, collections::BTreeMap, sync::Arc};

use super::Core;
use crate::{master::state::path, resources::Resources, wire::Id};

/// A framework's claim on free resources for one of its roles.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The framework.
    pub framework: Id,
    /// For which of its roles.
    pub role: Arc<str>,
}

/// All claims: the roles with the smallest share first, and of each its frameworks with the smallest share first.
#[derive(Debug)]
pub struct Claims {
    /// Weighted, by place: of roles with what is beneath them, and of roles alone.
    shares: Vec<f64>,
    /// In the order in which they are to be served.
    roles: Vec<Claimants>,
}

/// Those who want something for one role.
#[derive(Debug)]
pub struct Claimants {
    /// The role.
    pub role: Arc<str>,
    /// Where the shares of its ancestors, its own with what is beneath it, and its own alone are found.
    path: Vec<usize>,
    weights: Vec<f64>,
    frameworks: Vec<(f64, Id)>,
}

impl Claimants {
    /// The one with the smallest share first.
    pub fn frameworks(&self) -> impl Iterator<Item = &Id> {
        self.frameworks.iter().map(|(_, id)| id)
    }

    fn compare(&self, other: &Self, shares: &[f64]) -> Ordering {
        let pairs = self.path.iter().zip(&other.path);
        let by_share = pairs.map(|(a, b)| shares[*a].total_cmp(&shares[*b])).find(|order| order.is_ne());
        by_share.unwrap_or_else(|| self.role.cmp(&other.role))
    }

    fn sort(&mut self) {
        self.frameworks.sort_by(|(a, of_a), (b, of_b)| a.total_cmp(b).then_with(|| of_a.cmp(of_b)));
    }

    /// One of them has another share now.
    fn place(&mut self, framework: &Id, share: f64) {
        if let Some((known, _)) = self.frameworks.iter_mut().find(|(_, id)| id == framework) {
            *known = share;
            self.sort();
        }
    }
}

impl Claims {
    /// Of all frameworks that want offers.
    pub fn of(core: &Core) -> Self {
        let mut claimants: BTreeMap<&str, Vec<(f64, Id)>> = BTreeMap::new();
        for (id, framework) in core.state.frameworks.iter().filter(|(_, f)| f.connected) {
            for role in framework.roles.iter().filter(|role| !framework.suppressed.contains(*role)) {
                let share = core.state.share(framework.allocated.get(role));
                claimants.entry(role).or_default().push((share, id.clone()));
            }
        }
        let mut places = Places::of(core);
        let roles = claimants.into_iter().map(|(role, frameworks)| {
            let (path, weights) = places.path(core, role);
            let mut claimants = Claimants { role: role.into(), path, weights, frameworks };
            claimants.sort();
            claimants
        });
        let roles = roles.collect();
        let mut claims = Self { shares: places.shares, roles };
        claims.sort();
        claims
    }

    fn sort(&mut self) {
        let Self { shares, roles } = self;
        roles.sort_by(|a, b| a.compare(b, shares));
    }

    /// In the order in which they are to be served.
    pub fn iter(&self) -> std::slice::Iter<'_, Claimants> {
        self.roles.iter()
    }

    /// A claim has been served.
    pub fn served(&mut self, core: &Core, claim: &Claim, resources: &Resources) {
        let more = core.state.share(Some(resources));
        let Some(claimants) = self.roles.iter_mut().find(|claimants| claimants.role == claim.role) else { return };
        for (place, weight) in claimants.path.iter().zip(&claimants.weights) {
            self.shares[*place] += more / weight;
        }
        let own = core.state.frameworks.get(&claim.framework).map(|f| core.state.share(f.allocated.get(&*claim.role)));
        claimants.place(&claim.framework, own.unwrap_or_default());
        self.sort();
    }
}

/// Where whose share is found.
struct Places<'a> {
    shares: Vec<f64>,
    /// What roles have, with what is beneath them.
    subtrees: BTreeMap<&'a str, Resources>,
    known: BTreeMap<&'a str, usize>,
}

impl<'a> Places<'a> {
    fn of(core: &'a Core) -> Self {
        let mut subtrees: BTreeMap<&str, Resources> = BTreeMap::new();
        for (role, allocated) in &core.state.allocated {
            path(role).for_each(|part| subtrees.entry(part).or_default().add(allocated));
        }
        Self { shares: Vec::new(), subtrees, known: BTreeMap::new() }
    }

    /// The places of a role's ancestors, of the role, and of the role alone; and what each counts.
    fn path(&mut self, core: &Core, role: &'a str) -> (Vec<usize>, Vec<f64>) {
        let mut places = Vec::new();
        let mut weights = Vec::new();
        for part in path(role) {
            let weight = core.state.weight(part);
            let next = self.shares.len();
            let place = *self.known.entry(part).or_insert(next);
            if place == next {
                self.shares.push(core.state.share(self.subtrees.get(part)) / weight);
            }
            places.push(place);
            weights.push(weight);
        }
        // Beside the roles beneath it, a role stands with what its own frameworks have.
        places.push(self.shares.len());
        weights.push(1.0);
        self.shares.push(core.state.share(core.state.allocated.get(role)));
        (places, weights)
    }
}
