//! Mesos masters and agents for practice clusters: the real HTTP protocols of Mesos 1.11.0 on loopback addresses, real
//! leader election through ZooKeeper, and no real machine.
//!
//! Flags are read as the real programs read them ([`MasterFlags::parse`], [`AgentFlags::parse`]); [`Master::start`] and
//! [`Agent::start`] run a server from them. Between a master and its agents the real Mesos speaks a private protocol,
//! which no other client ever sees; here that path is a [`Links`], inside the process, which can be cut.

mod agent;
mod files;
mod flags;
mod fleet;
mod held;
mod http;
mod http_large;
mod links;
mod lock;
mod log;
mod master;
mod registry;
mod resources;
mod runner;
mod views;
mod wire;
mod zk;

pub use agent::{Agent, AgentOptions, MachineSize};
pub use flags::{AgentFlags, FlagError, MasterFlags};
pub use fleet::{Fleet, FleetError, FleetOptions};
pub use links::Links;
pub use log::Log;
pub use master::{Master, MasterOptions};
pub use runner::{Command, Exit, SimulatedRunner, TaskControl, TaskHandle, TaskRunner, TaskSpec};

/// Why a server did not start; the text is what the real program prints.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address is taken, or not this machine's.
    #[error("Failed to initialize: Failed to bind on {address}: {source}")]
    Bind {
        /// `ip:port`.
        address: std::net::SocketAddr,
        /// The system's own error.
        source: std::io::Error,
    },
    /// The work directory cannot be made or read.
    #[error("Failed to create work directory '{path}': {source}")]
    WorkDir {
        /// The path on the machine's disk.
        path: std::path::PathBuf,
        /// The system's own error.
        source: std::io::Error,
    },
    /// A flag's value passed the first look but means nothing here.
    #[error(transparent)]
    Flags(#[from] FlagError),
    /// The agent's resources or attributes differ from those of its last run, and the policy forbids that.
    #[error("{0}")]
    Incompatible(String),
}

impl StartError {
    /// The exit code of the real program.
    pub fn exit_code(&self) -> i32 {
        1
    }
}
