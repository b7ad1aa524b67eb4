//! What the student wants: a [`ClusterPlan`], the one source of everything that Startline makes.
//!
//! Types are in [`mod@model`]. Compiles to WebAssembly: the wizard validates with the very code that the backend trusts.

pub mod model;

pub use model::*;
