//! Shares: who has how much of the cluster, by role and by framework. Kept up to date while offers are made, so that
//! nobody adds everything up for each of them.

use std::collections::{BTreeMap, HashMap};

use super::Core;
use crate::{master::state::path, resources::Resources, wire::Id};

/// A framework's claim on free resources for one of its roles.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The framework.
    pub framework: Id,
    /// For which of its roles.
    pub role: String,
    /// The shares of the role's ancestors and of the role itself, then the framework's own: the smallest comes first.
    key: Vec<f64>,
}

/// All claims, the one with the smallest share first.
#[derive(Debug)]
pub struct Claims {
    sorted: Vec<Claim>,
    /// By role, what is beneath it included.
    roles: HashMap<String, f64>,
}

impl Claims {
    /// Of all frameworks that want offers.
    pub fn of(core: &Core) -> Self {
        let mut claims = Self { sorted: Vec::new(), roles: HashMap::new() };
        let mut subtrees: BTreeMap<&str, Resources> = BTreeMap::new();
        for (role, allocated) in &core.state.allocated {
            for part in path(role) {
                subtrees.entry(part).or_default().add(allocated);
            }
        }
        for (role, allocated) in subtrees {
            claims.roles.insert(role.to_owned(), core.state.share(Some(&allocated)) / core.state.weight(role));
        }
        for (id, framework) in core.state.frameworks.iter().filter(|(_, f)| f.connected) {
            for role in framework.roles.iter().filter(|role| !framework.suppressed.contains(*role)) {
                let mut key: Vec<f64> =
                    path(role).map(|part| claims.roles.get(part).copied().unwrap_or_default()).collect();
                key.push(core.state.share(framework.allocated.get(role)));
                claims.sorted.push(Claim { framework: id.clone(), role: role.clone(), key });
            }
        }
        claims.sort();
        claims
    }

    fn sort(&mut self) {
        let compare = |a: &Claim, b: &Claim| {
            let keys = a.key.iter().zip(&b.key).map(|(a, b)| a.total_cmp(b));
            let by_share = keys.fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then);
            by_share.then_with(|| (&a.role, &a.framework).cmp(&(&b.role, &b.framework)))
        };
        self.sorted.sort_by(compare);
    }

    /// In the order in which they are to be served.
    pub fn iter(&self) -> std::slice::Iter<'_, Claim> {
        self.sorted.iter()
    }

    /// A claim has been served.
    pub fn served(&mut self, core: &Core, claim: &Claim, resources: &Resources) {
        let share = core.state.share(Some(resources));
        for part in path(&claim.role) {
            *self.roles.entry(part.to_owned()).or_default() += share / core.state.weight(part);
        }
        let own = core.state.frameworks.get(&claim.framework).map(|f| core.state.share(f.allocated.get(&claim.role)));
        for other in &mut self.sorted {
            for (at, part) in path(&other.role).enumerate() {
                if let (Some(share), Some(key)) = (self.roles.get(part), other.key.get_mut(at)) {
                    *key = *share;
                }
            }
            if (&other.framework, &other.role) == (&claim.framework, &claim.role)
                && let (Some(own), Some(key)) = (own, other.key.last_mut())
            {
                *key = own;
            }
        }
        self.sort();
    }
}
