//! What a role is guaranteed, and what it may have at the most.

use serde::{Deserialize, Serialize};

use crate::resources::{Limits, Quantities, QuantityMap};

/// A role's quota.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "Kept", into = "Kept")]
pub struct Quota {
    pub guarantees: Quantities,
    pub limits: Limits,
}

#[derive(Clone, Serialize, Deserialize)]
struct Kept {
    guarantees: QuantityMap,
    limits: QuantityMap,
}

impl From<Kept> for Quota {
    fn from(kept: Kept) -> Self {
        Self { guarantees: Quantities(kept.guarantees.0), limits: Limits(kept.limits.0) }
    }
}

impl From<Quota> for Kept {
    fn from(quota: Quota) -> Self {
        Self { guarantees: QuantityMap(quota.guarantees.0), limits: QuantityMap(quota.limits.0) }
    }
}
