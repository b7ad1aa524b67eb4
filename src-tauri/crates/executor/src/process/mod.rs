//! The task's processes: starting the command, finding all that it has become, ending it.

mod launch;
mod orphans;
mod table;
mod user;

pub use launch::{Command, LaunchError};
pub use orphans::Orphans;
pub use table::{Family, Table};
