//! The master.

mod changes;
mod core;
mod election;
mod http;
mod legacy;
mod operator;
mod plan;
mod scheduler;
mod state;
mod views;

use std::{
    net::{Ipv4Addr, SocketAddr, SocketAddrV4},
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use hardware::Hardware;
use tokio::{
    sync::{Notify, watch},
    task::JoinSet,
    time,
};

use self::core::{Core, ends::Link};
use crate::{
    Links, Log, MasterFlags, StartError,
    links::{Accepted, ToMaster},
    lock::lock,
    registry::Registry,
    wire::{MasterInfo, agent::Address},
};

/// The machine that a master runs on.
#[derive(Clone, Debug)]
pub struct MasterOptions {
    /// The machine's own address: what a missing `--ip` and a wildcard mean.
    pub host: Ipv4Addr,
    /// The folder on the real disk that is the machine's `/`: `--work_dir` lies under it.
    pub root: PathBuf,
    /// Where log lines go.
    pub log: Log,
    /// How agents reach it.
    pub links: Arc<Links>,
}

/// A running master. Dropping it ends it abruptly, as `kill -9` does.
#[derive(Debug)]
pub struct Master {
    address: SocketAddr,
    tasks: JoinSet<()>,
    over: watch::Receiver<bool>,
    log: Log,
}

/// What a master's tasks share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) core: Mutex<Core>,
    /// Who leads, as far as ZooKeeper tells.
    pub(crate) leader: watch::Sender<Option<MasterInfo>>,
    /// Something happened that may have changed when the next thing is due.
    pub(crate) wake: Notify,
    over: watch::Sender<bool>,
    connections: AtomicU64,
    hardware: Hardware,
}

impl Master {
    /// Starts a master: returns when its port is bound. It contends for leadership in the background, and goes on trying
    /// while ZooKeeper is not there.
    pub async fn start(flags: MasterFlags, options: MasterOptions) -> Result<Self, StartError> {
        Self::start_on(flags, options, Hardware::default()).await
    }

    /// The same on hardware that can fail.
    pub async fn start_on(flags: MasterFlags, options: MasterOptions, hardware: Hardware) -> Result<Self, StartError> {
        let ip = flags.ip.filter(|ip| !ip.is_unspecified()).unwrap_or(options.host);
        let listener = crate::http::bind(&hardware.network, SocketAddr::from((ip, flags.port))).await?;
        let bound =
            listener.local_addr().map_err(|source| StartError::Bind { address: (ip, flags.port).into(), source })?;
        let folder = crate::files::make_work_dir(&hardware.disk, &options.root, &flags.work_dir)?;
        let hostname = crate::files::hostname(&options.root, ip, flags.hostname.as_deref(), flags.hostname_lookup);
        let me = MasterInfo {
            id: uuid::Uuid::new_v4().to_string(),
            address: Address { hostname: hostname.clone(), ip, port: bound.port() },
            hostname,
        };
        let log = options.log;
        log.info("master.cpp:450", &format!("Master {} ({}) started on {ip}:{}", me.id, me.hostname, bound.port()));
        let shown: Vec<_> = flags.shown.iter().map(|(name, value)| format!("--{name}=\"{value}\"")).collect();
        log.info("master.cpp:453", &format!("Flags at startup: {}", shown.join(" ")));
        let cluster = flags.zk.as_ref().map_or_else(|| me.id.clone(), |zk| format!("{}{}", zk.servers, zk.path));
        let registry = options.links.registry(&cluster);
        registry.load(&folder);
        let (over, seen) = watch::channel(false);
        let shared = Arc::new(Shared {
            core: Mutex::new(Core::new(flags, me, log.clone(), Arc::clone(&registry))),
            leader: watch::Sender::new(None),
            wake: Notify::new(),
            over,
            connections: AtomicU64::new(0),
            hardware: hardware.clone(),
        });
        let mut tasks = JoinSet::new();
        let arrivals = options.links.listen(SocketAddrV4::new(ip, bound.port()));
        tasks.spawn(crate::http::serve(listener, Arc::clone(&shared), http::answer));
        tasks.spawn(async move { registry.replicate(folder, hardware.disk).await });
        tasks.spawn(Arc::clone(&shared).welcome(arrivals));
        tasks.spawn(Arc::clone(&shared).keep_time());
        tasks.spawn(election::run(Arc::clone(&shared)));
        Ok(Self { address: bound, tasks, over: seen, log })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits until the master has ended by itself: it does so when it loses its leadership, as the real one.
    pub async fn ended(&self) {
        // A master that is gone has ended, too.
        let _ = self.over.clone().wait_for(|over| *over).await;
    }

    /// Ends as on SIGTERM. Its port is free afterwards. The real one says no goodbye to ZooKeeper either.
    pub async fn stop(self) {
        self.log.warning("logging.cpp:95", "RAW: Received signal SIGTERM; shutting down");
        self.kill().await;
    }

    /// Ends as on SIGKILL: agents see their connection break, ZooKeeper sees a session expire.
    pub async fn kill(mut self) {
        self.tasks.shutdown().await;
    }
}

impl Shared {
    /// Takes agents in.
    async fn welcome(self: Arc<Self>, mut arrivals: tokio::sync::mpsc::UnboundedReceiver<Accepted>) {
        let mut agents = JoinSet::new();
        loop {
            tokio::select! {
                accepted = arrivals.recv() => match accepted {
                    Some(accepted) => drop(agents.spawn(Arc::clone(&self).listen_to(accepted))),
                    None => return,
                },
                Some(_) = agents.join_next() => {}
            }
        }
    }

    /// Hears one agent out, to the end of its connection.
    async fn listen_to(self: Arc<Self>, accepted: Accepted) {
        let Accepted { tx, mut rx } = accepted;
        let number = self.connections.fetch_add(1, Ordering::Relaxed);
        // Only a leader talks to agents; the agent finds out by the broken connection.
        let Some(ToMaster::Register { info, total, frameworks, tasks }) = rx.recv().await else { return };
        let id = {
            let mut core = lock(&self.core);
            if !core.state.leads() {
                return;
            }
            core.register(Link { number, tx: Arc::new(tx) }, info, total, frameworks, tasks, Instant::now())
        };
        let Some(id) = id else { return };
        self.wake.notify_one();
        while let Some(message) = rx.recv().await {
            lock(&self.core).agent_message(Some(&id), message, Instant::now());
            self.wake.notify_one();
        }
        lock(&self.core).agent_gone(&id, number, Instant::now());
        self.wake.notify_one();
    }

    /// Does what is due when it is due.
    async fn keep_time(self: Arc<Self>) {
        const AT_LEAST: Duration = Duration::from_millis(10);
        loop {
            let next = lock(&self.core).tick(Instant::now());
            tokio::select! {
                () = time::sleep_until(next.into()) => {}
                () = self.wake.notified() => {}
            }
            time::sleep(AT_LEAST).await;
        }
    }

    fn registry(&self) -> Arc<Registry> {
        Arc::clone(&lock(&self.core).registry)
    }

    fn end(&self) {
        self.over.send_replace(true);
    }
}
