//! What programs answer → what a person sees. Pure.

pub mod applications;
pub mod endings;
pub mod ensemble;
pub mod machines;
pub mod mesos;
pub mod place;
pub mod waiting;
