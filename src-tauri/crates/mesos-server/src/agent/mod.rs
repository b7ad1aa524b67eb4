//! The agent.

mod check;
mod checkpoint;
mod command;
mod core;
mod files;
mod health;
mod http;
mod launch;
mod probe;
mod registration;
mod views;

use std::{
    fmt,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::{Arc, Mutex},
};

use hardware::{Hardware, Relays};
use tokio::{
    sync::{mpsc, watch},
    task::JoinSet,
};

use self::core::Core;
use crate::{
    AgentFlags, Links, Log, StartError, TaskRunner,
    lock::lock,
    resources::{Ranges, Resource, Resources, Value},
    wire::{AgentInfo, MasterInfo},
};

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

/// A running agent. Dropping it ends it abruptly, and its tasks with it, as when the machine's plug is pulled.
#[derive(Debug)]
pub struct Agent {
    address: SocketAddr,
    tasks: JoinSet<()>,
    shared: Arc<Shared>,
}

/// What an agent's tasks share.
pub(crate) struct Shared {
    pub(crate) core: Mutex<Core>,
    pub(crate) leader: watch::Receiver<Option<MasterInfo>>,
    pub(crate) over: watch::Sender<bool>,
    pub(crate) links: Arc<Links>,
    pub(crate) runner: Arc<dyn TaskRunner>,
    /// Tasks to look after are handed to the agent's own set, so that they end with it.
    pub(crate) jobs: mpsc::UnboundedSender<Job>,
    pub(crate) ip: Ipv4Addr,
    pub(crate) hardware: Hardware,
}

/// Work that the agent does beside everything else.
pub(crate) type Job = std::pin::Pin<Box<dyn Future<Output = ()> + Send>>;

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("core", &self.core).finish_non_exhaustive()
    }
}

impl Agent {
    /// Starts an agent: returns when its port is bound and its checkpoints are read. It looks for the leading master in
    /// the background, and goes on trying while ZooKeeper is not there.
    pub async fn start(flags: AgentFlags, options: AgentOptions) -> Result<Self, StartError> {
        Self::start_on(flags, options, Hardware::default()).await
    }

    /// The same on hardware that can fail.
    pub async fn start_on(flags: AgentFlags, options: AgentOptions, hardware: Hardware) -> Result<Self, StartError> {
        let ip = flags.ip.filter(|ip| !ip.is_unspecified()).unwrap_or(options.host);
        let listener = crate::http::bind(&hardware.network, SocketAddr::from((ip, flags.port))).await?;
        let bound =
            listener.local_addr().map_err(|source| StartError::Bind { address: (ip, flags.port).into(), source })?;
        let work_dir = crate::files::make_work_dir(&hardware.disk, &options.root, &flags.work_dir)?;
        let log = options.log;
        log.info("slave.cpp:281", &format!("Mesos agent started on (1)@{ip}:{}", bound.port()));
        let shown: Vec<_> = flags.shown.iter().map(|(name, value)| format!("--{name}=\"{value}\"")).collect();
        log.info("slave.cpp:282", &format!("Flags at startup: {}", shown.join(" ")));
        let mut info = AgentInfo {
            id: None,
            hostname: crate::files::hostname(&options.root, ip, flags.hostname.as_deref(), flags.hostname_lookup),
            ip,
            port: bound.port(),
            resources: complete(flags.resources.clone(), options.size),
            attributes: flags.attributes.clone(),
        };
        log.info("slave.cpp:567", &format!("Agent resources: {}", info.resources));
        info.id = checkpoint::recover(&work_dir, &info, flags.policy)?;
        let (jobs, mut new_jobs) = mpsc::unbounded_channel::<Job>();
        let (leader, seen) = watch::channel(None);
        let (master, timeout) = (flags.master.clone(), flags.zk_session_timeout);
        let parked = options.links.unpark(ip);
        let shared = Arc::new(Shared {
            core: Mutex::new(Core::new(flags, info, log, (options.root, work_dir, hardware.disk.clone()))),
            leader: seen,
            over: watch::Sender::new(false),
            links: options.links,
            runner: options.runner,
            jobs,
            ip,
            hardware,
        });
        launch::resume(&shared, parked);
        let mut tasks = JoinSet::new();
        tasks.spawn(crate::http::serve(listener, Arc::clone(&shared), http::answer));
        let relays = Relays::open(&shared.hardware.network, ip, &master.servers);
        tasks.spawn(crate::zk::detect(master, relays, timeout, leader));
        tasks.spawn(registration::run(Arc::clone(&shared)));
        tasks.spawn(async move {
            let mut running = JoinSet::new();
            loop {
                tokio::select! {
                    Some(job) = new_jobs.recv() => drop(running.spawn(job)),
                    Some(_) = running.join_next() => {}
                    else => return,
                }
            }
        });
        Ok(Self { address: bound, tasks, shared })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits until the agent has ended by itself: it does so when its master removes it.
    pub async fn ended(&self) {
        // The sender lives as long as this agent.
        let _ = self.shared.over.subscribe().wait_for(|over| *over).await;
    }

    /// Ends as on SIGTERM: tasks of checkpointing frameworks live on for the next start.
    pub async fn stop(self) {
        lock(&self.shared.core).log.warning("logging.cpp:95", "RAW: Received signal SIGTERM; shutting down");
        self.kill().await;
    }

    /// Ends as on SIGKILL: tasks of checkpointing frameworks live on for the next start, until
    /// [`Links::power_off`] ends them too.
    pub async fn kill(mut self) {
        self.tasks.shutdown().await;
        let parked = lock(&self.shared.core).park();
        self.shared.links.park(self.shared.ip, parked);
    }
}

/// What the flags don't say is found on the machine.
fn complete(mut resources: Resources, size: MachineSize) -> Resources {
    let given: Vec<_> = resources.iter().map(|r| std::sync::Arc::clone(&r.name)).collect();
    let mb = |mb: u64| Value::Scalar(i64::try_from(mb).unwrap_or(i64::MAX / 1000).saturating_mul(1000));
    let but = |all: u64, kept: u64| if all > 2 * kept { all - kept } else { all / 2 };
    let found = [
        ("cpus", Value::Scalar(i64::from(size.cpus) * 1000)),
        ("mem", mb(but(size.mem_mb, 1024))),
        ("disk", mb(but(size.disk_mb, 5 * 1024))),
        ("ports", Value::Ranges(Ranges::from_pairs([(31_000, 32_000)]))),
    ];
    for (name, value) in found {
        if !given.iter().any(|given| &**given == name) {
            resources.push(Resource::plain(name, value));
        }
    }
    resources
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_machine_keeps_half_for_itself() {
        let small = MachineSize { cpus: 1, mem_mb: 1024, disk_mb: 8192 };
        let flags = crate::resources::parse("disk:100", "*").unwrap();
        assert_eq!(complete(flags, small).to_string(), "disk:100; cpus:1; mem:512; ports:[31000-32000]");
        let large = MachineSize { cpus: 2, mem_mb: 4096, disk_mb: 20_480 };
        assert_eq!(complete(Resources::default(), large).scalar("mem"), 3_072_000);
    }
}
