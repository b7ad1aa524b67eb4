//! A ZooKeeper server for practice clusters: the real client protocol, real durability and a real ensemble over TCP, on
//! loopback addresses and without a Java machine.
//!
//! [`Config::parse`] reads a `zoo.cfg` as ZooKeeper 3.8 does, [`Server::start`] runs a server from it. What a client can
//! see is meant to be what ZooKeeper 3.8.0 shows; what servers say to each other and write to disk has a form of its own.

mod acl;
mod admin;
mod config;
mod connection;
mod dynamic;
mod election;
mod engine;
mod ensemble;
mod fourletter;
#[cfg(test)]
mod fuzz;
mod log;
mod members;
mod owner;
mod path;
mod prep;
mod quota;
mod resolve;
mod server;
mod sessions;
mod start_error;
mod store;
mod tree;
mod txn;
mod watch;
mod wire;

pub use config::{Admin, ClientAddress, Config, ConfigError, Member, Role};
pub use log::Log;
pub use server::{Options, Server};
pub use start_error::StartError;
