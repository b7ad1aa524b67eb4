//! Mesos 1.11 from the outside: finding the leading master, asking it, following it, being one of its frameworks.
//!
//! Built against recorded traffic of real Mesos 1.11.0. Only HTTP and JSON: no libmesos.
//!
//! - [`recordio`]: the framing of its streams.
//! - [`v1`]: the messages of the v1 APIs; [`state`]: `/state`. Unknown fields are ignored, unknown names kept.
//! - [`leader`]: who leads, from ZooKeeper or from any master.
//! - [`operator`]: reading a cluster, what its operator has arranged, and its stream of events.
//! - [`agent`]: sandboxes of tasks, and logs that grow.
//! - [`scheduler`]: registering as a framework, with its calls and events.
//!
//! Masters that do not lead answer with a redirect, which is followed (with POST too). That nobody leads is a state
//! ([`Error::NoLeader`], or `None` where one asks for the leader), and every wait has a deadline.

pub mod agent;
mod credentials;
mod error;
mod events;
mod http;
pub mod leader;
pub mod operator;
pub mod recordio;
pub mod scheduler;
pub mod state;
pub mod v1;

pub use credentials::Credentials;
pub use error::Error;
pub use events::Events;
pub use http::Endpoint;
pub use leader::{Leader, MasterInfo};
