//! What the student wants: a [`ClusterPlan`], the one source of everything that Startline makes.
//!
//! - [`mod@model`]: the plan's types, as they lie in `plan.toml`.
//! - [`ClusterPlan::from_toml`] and [`ClusterPlan::to_toml`]: the file.
//! - [`ClusterPlan::findings`]: what is wrong with it or could be better, with fixes that the program can apply.
//! - [`ValidPlan`]: a plan without errors, the only kind that is turned into files and machines.
//! - [`Preset`]: three plans to begin with.
//!
//! Compiles to WebAssembly: the wizard validates with the very code that the backend trusts.

mod error;
mod file;
pub mod findings;
pub mod fix;
pub mod model;
mod names;
mod preset;
mod valid;

pub use error::PlanError;
pub use file::Place;
pub use findings::{Finding, HostLimits, Severity, refusal};
pub use fix::{Edit, Fix, PortSetting};
pub use model::*;
pub use names::NotOne;
pub use preset::{Preset, practice_network, real_network};
pub use valid::ValidPlan;

/// The JSON schema of `plan.toml`, for editors.
#[cfg(feature = "schema")]
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(ClusterPlan).to_value()
}
