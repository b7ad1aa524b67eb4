//! Simulated machines with real protocols, for learning and for tests.
//!
//! A practice machine is a small simulated host: a disk (a real folder), a shell with the usual commands, units that
//! `systemctl` starts from the files that lie on the disk, a journal. Its servers bind the machine's own loopback
//! address and speak ZooKeeper's, Mesos's and Marathon's protocols, so no client knows the difference.
//!
//! The machines live in a process of their own ([`serve`]), which outlives the command that started it.
//! [`PracticeMachines`] starts that process, talks to it, and is what everybody else sees, through
//! [`machines::Machines`].
#![cfg(unix)]

mod atomic;
mod client;
mod clock;
mod commands;
mod contact;
mod daemon;
mod error;
mod host;
mod launch;
mod layout;
mod packages;
mod record;
mod services;
mod shell;
mod spec;
mod wire;

pub use client::PracticeMachines;
pub use contact::{daemon_alive, daemon_holds};
pub use daemon::serve;
pub use error::Error;
pub use launch::Launch;
pub use spec::{Endpoint, MachineSpec, NetworkTrouble, Trouble};
