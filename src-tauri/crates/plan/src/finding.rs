//! What is wrong with a plan, or could be better.

use serde::{Deserialize, Serialize};
use words::Text;

use crate::{ClusterPlan, Fix};

/// Something about a plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Where: `nodes[1].address`, `zookeeper.admin_port`, `applications[0].healthChecks[0].path`. Empty for the whole.
    pub path: String,
    /// How bad.
    pub severity: Severity,
    /// Which rule, stable: `address-outside-network`.
    pub id: String,
    /// What, and why it matters.
    pub text: Text,
    /// What the program can do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fix: Option<Fix>,
}

/// How bad a finding is. The worst is the greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Could be better.
    Hint,
    /// Works, with a catch.
    Warning,
    /// Will not work: nothing is made of such a plan.
    Error,
}

/// The computer that real machines must fit on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostLimits {
    /// Processors.
    pub cpus: u32,
    /// Memory, MiB.
    pub memory_mb: u32,
}

impl ClusterPlan {
    /// Everything that is wrong with the plan or could be better, worst first. With `host`, also whether the machines fit
    /// on it.
    pub fn findings(&self, host: Option<HostLimits>) -> Vec<Finding> {
        let _ = host;
        Vec::new()
    }
}
