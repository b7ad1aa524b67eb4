//! A plan without errors.

use std::ops::Deref;

use crate::{ClusterPlan, Finding, Severity};

/// A plan without errors, the only kind that is turned into files and machines. Warnings pass.
#[derive(Clone, Debug, PartialEq)]
pub struct ValidPlan(ClusterPlan);

impl ValidPlan {
    /// The plan, or the errors that it has.
    pub fn new(plan: ClusterPlan) -> Result<Self, Vec<Finding>> {
        let mut errors = plan.findings(None);
        errors.retain(|f| f.severity == Severity::Error);
        if errors.is_empty() { Ok(Self(plan)) } else { Err(errors) }
    }

    /// The plan, to be changed and checked again.
    pub fn into_inner(self) -> ClusterPlan {
        self.0
    }
}

impl Deref for ValidPlan {
    type Target = ClusterPlan;

    fn deref(&self) -> &ClusterPlan {
        &self.0
    }
}
