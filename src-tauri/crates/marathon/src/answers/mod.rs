//! What Marathon's API gives back. Fields that Startline does not use are passed over; those that another version or
//! another scheduler may leave out have a default.

mod app;
mod deployment;
mod error;
mod info;
mod queue;
mod task;

pub use app::*;
pub use deployment::*;
pub use error::*;
pub use info::*;
pub use queue::*;
pub use task::*;
