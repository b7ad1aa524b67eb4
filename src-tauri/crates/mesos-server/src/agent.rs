//! The agent.

use std::{
    fmt,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::Arc,
};

use crate::{AgentFlags, Links, Log, StartError, TaskRunner};

/// How big the machine is: what an agent without `--resources` finds.
#[derive(Clone, Copy, Debug)]
pub struct MachineSize {
    /// CPUs.
    pub cpus: u32,
    /// Memory in MB; the agent offers all but 1 GB of it, or half of it below 2 GB.
    pub mem_mb: u64,
    /// Disk in MB; the agent offers all but 5 GB of it, or half of it below 10 GB.
    pub disk_mb: u64,
}

/// The machine that an agent runs on.
#[derive(Clone)]
pub struct AgentOptions {
    /// The machine's own address: what a missing `--ip` and a wildcard mean.
    pub host: Ipv4Addr,
    /// The folder on the real disk that is the machine's `/`: `--work_dir` lies under it.
    pub root: PathBuf,
    /// Where log lines go.
    pub log: Log,
    /// How big the machine is.
    pub size: MachineSize,
    /// What executes tasks.
    pub runner: Arc<dyn TaskRunner>,
    /// How it reaches masters.
    pub links: Arc<Links>,
}

impl fmt::Debug for AgentOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AgentOptions").field("host", &self.host).field("root", &self.root).finish_non_exhaustive()
    }
}

/// A running agent. Dropping it ends it abruptly, as `kill -9` does.
#[derive(Debug)]
pub struct Agent {
    address: SocketAddr,
}

impl Agent {
    /// Starts an agent: returns when its port is bound and its checkpoints are read. It looks for the leading master in
    /// the background, and goes on trying while ZooKeeper is not there.
    pub async fn start(_flags: AgentFlags, options: AgentOptions) -> Result<Self, StartError> {
        Ok(Self { address: SocketAddr::from((options.host, 5051)) })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits until the agent has ended by itself: it does so when its master removes it.
    pub async fn ended(&self) {}

    /// Ends as on SIGTERM: tasks of checkpointing frameworks live on for the next start.
    pub async fn stop(self) {}

    /// Ends as on SIGKILL.
    pub async fn kill(self) {}
}
