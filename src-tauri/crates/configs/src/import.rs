//! An exported bundle, read back.

use std::path::Path;

use plan::ClusterPlan;

/// Why a bundle could not be imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {}

impl ImportError {
    /// How a person meets it.
    pub fn problem(&self) -> words::Problem {
        match *self {}
    }
}

/// The plan of an exported bundle: a folder or a `.zip`. Nothing is unpacked: all other files follow from the plan.
pub fn import(path: &Path) -> Result<ClusterPlan, ImportError> {
    let _ = path;
    todo!("within the hour")
}
