//! Marathon's types: an application as `POST /v2/apps` takes it, and what the API gives back.
//!
//! - [`AppDefinition`] and its parts: what one sends. Nothing that was in the JSON is lost: what is not modelled stays in
//!   `other`. [`AppDefinition::validate`] says what Marathon would refuse, with Marathon's paths and words.
//! - [`answers`]: what one gets.
//! - [`client`] (feature `client`): the REST and event client.
//!
//! Source: Marathon 1.11's RAML, its examples and its JSON schema. Without features the crate does no I/O and compiles
//! to WebAssembly.

pub mod answers;
pub mod app;
#[cfg(feature = "client")]
pub mod client;
pub mod constraint;
pub mod container;
pub mod group;
pub mod health;
mod json;
pub mod network;
pub mod validation;

pub use answers::*;
pub use app::*;
#[cfg(feature = "client")]
pub use client::{Client, Error, Event, Signal};
pub use constraint::{Constraint, Operator};
pub use container::*;
pub use group::GroupUpdate;
pub use health::*;
pub use network::*;
pub use validation::Violation;

/// Fields that are not modelled, kept as they came.
pub type Other = serde_json::Map<String, serde_json::Value>;
