//! Startline behind one API: the data folder ([`Home`]) and one cluster, opened ([`Cluster`]).
//!
//! The window and the terminal call nothing else, so whatever one can do the other can, and tests need no window.

mod cluster;
mod endpoint;
mod error;
mod home;
mod host;
mod ledger;
mod lock;
mod stream;
mod undriven;

pub use cluster::{Cluster, Lockout};
pub use error::{Error, Exit};
pub use home::{Draft, Home, PlanFile};
pub use host::{host, provider_name, system_lang};
pub use setup::{Outcome, Selection};
pub use stream::{Stream, Watcher};
