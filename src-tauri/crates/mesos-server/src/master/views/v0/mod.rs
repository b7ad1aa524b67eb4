//! The endpoints of old: `/state`, `/state-summary`, `/slaves`, `/frameworks`, `/tasks`.

mod agent;
mod census;
mod framework;
mod frameworks;
mod slaves;
mod state;
mod summary;
mod task;
mod tasks;

pub use frameworks::frameworks;
pub use slaves::slaves;
pub use state::State;
pub use summary::state_summary;
pub use tasks::{TaskPage, tasks};
