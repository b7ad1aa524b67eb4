//! Pacer: Startline's scheduler. In front Marathon 1.11's REST API, behind a Mesos framework over the v1 scheduler HTTP
//! API, and nothing else.
//!
//! - `core` decides: a state machine without I/O. API calls, offers, updates, health results and time go in; what to
//!   write, to call and to tell comes out.
//! - `store` and `election` keep its state in ZooKeeper and see to it that one Pacer of several leads.
//! - `framework` is the connection to Mesos, `checks` does the health checks, `rest` serves the API.
//! - `leading` ties these together while this Pacer leads: nothing is called or answered before it is written.

mod checks;
mod config;
mod core;
mod election;
mod framework;
mod leading;
mod log;
mod reach;
mod rest;
mod server;
mod serving;
mod shared;
mod store;

pub use config::{Config, ConfigError, HttpCredentials, Https, MasterUrl, ZkUrl};
pub use core::Features;
pub use log::Log;
pub use server::{Options, Pacer, StartError};
