//! Shares: who has how much of the cluster, by role and by framework. Kept up to date while offers are made, so that
//! nobody adds everything up for each of them.

use std::collections::{BTreeMap, HashMap};

use super::Core;
use crate::{resources::Resources, wire::Id};

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

/// A role's ancestors and the role itself: `a`, `a/b`, `a/b/c`.
pub fn path(role: &str) -> impl Iterator<Item = &str> {
    let ends = role.match_indices('/').map(|(at, _)| at).chain(Some(role.len()));
    ends.map(|end| &role[..end])
}

impl Claims {
    /// Of all frameworks that want offers.
    pub fn of(core: &Core) -> Self {
        let mut claims = Self { sorted: Vec::new(), roles: HashMap::new() };
        let mut subtrees: BTreeMap<&str, Resources> = BTreeMap::new();
        for (role, allocated) in &core.allocated {
            for part in path(role) {
                subtrees.entry(part).or_default().add(allocated);
            }
        }
        for (role, allocated) in subtrees {
            claims.roles.insert(role.to_owned(), core.share(Some(&allocated)) / core.weight(role));
        }
        for (id, framework) in core.frameworks.iter().filter(|(_, f)| f.is_connected()) {
            for role in framework.roles.iter().filter(|role| !framework.suppressed.contains(*role)) {
                let mut key: Vec<f64> =
                    path(role).map(|part| claims.roles.get(part).copied().unwrap_or_default()).collect();
                key.push(core.share(framework.allocated.get(role)));
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
        let share = core.share(Some(resources));
        for part in path(&claim.role) {
            *self.roles.entry(part.to_owned()).or_default() += share / core.weight(part);
        }
        let own = core.frameworks.get(&claim.framework).map(|f| core.share(f.allocated.get(&claim.role)));
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

impl Core {
    /// How much a role counts.
    pub fn weight(&self, role: &str) -> f64 {
        self.weights.get(role).copied().unwrap_or(1.0)
    }

    /// The largest part of any resource that an allocation makes up of the whole cluster.
    pub fn share(&self, allocated: Option<&Resources>) -> f64 {
        let Some(allocated) = allocated else { return 0.0 };
        let part = |name| match self.total.scalar(name) {
            0 => 0.0,
            total => allocated.scalar(name) as f64 / total as f64,
        };
        ["cpus", "mem", "disk", "gpus"].into_iter().map(part).fold(0.0, f64::max)
    }
}
