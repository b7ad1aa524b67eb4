//! `plan.toml`: reading it with errors that say where, and writing it so that people like to read it.

mod closest;
mod place;
mod read;
mod write;

use crate::{ClusterPlan, PlanError};

pub use place::Place;

impl ClusterPlan {
    /// Reads a plan file. What it says need not make sense: see [`Self::findings`].
    pub fn from_toml(file: &str) -> Result<Self, PlanError> {
        read::plan(file)
    }

    /// The plan as a file: always the same text for the same plan, with every setting in its place.
    ///
    /// What TOML has no word for (a `null` inside an application) is left out.
    pub fn to_toml(&self) -> String {
        write::plan(self)
    }
}
