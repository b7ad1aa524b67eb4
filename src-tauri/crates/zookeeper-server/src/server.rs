//! A running server, as its owner holds it.

use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    time::Instant,
};

use hardware::{Hardware, Listener};
use tokio::{
    net::TcpListener,
    sync::{
        mpsc::{UnboundedSender, unbounded_channel},
        oneshot, watch,
    },
    task::{JoinHandle, JoinSet},
};

use crate::{
    Admin, Config, Member, StartError, admin,
    connection::accept_clients,
    dynamic::{self, ZooCfg},
    election::Election,
    engine::{self, Engine, EnsembleState, Event, Peer, Setup},
    ensemble::gossip,
    log::{Journal, Log},
    members::Members,
    resolve::Resolver,
    store::{Epochs, Folder, LogWriter, Recovered, recover},
};

/// The machine that a server runs on.
#[derive(Clone, Debug)]
pub struct Options {
    /// The machine's own address: what a wildcard bind means.
    pub host: Ipv4Addr,
    /// The folder on the real disk that is the machine's `/`: `dataDir` and `/etc/hosts` lie under it.
    pub root: PathBuf,
    /// Where log lines go.
    pub log: Log,
}

/// A running server. Dropping it ends it abruptly, as `kill -9` does.
#[derive(Debug)]
pub struct Server {
    client: SocketAddr,
    events: UnboundedSender<Event>,
    engine: JoinHandle<()>,
    listeners: JoinSet<()>,
    ended: watch::Receiver<bool>,
}

impl Server {
    /// Starts a server: returns when its ports are bound and its data is read. A server of an ensemble serves once there is
    /// a majority. What goes wrong is logged as well as returned.
    pub async fn start(config: Config, options: Options) -> Result<Self, StartError> {
        Self::start_on(config, options, Hardware::default()).await
    }

    /// The same on hardware that can fail.
    pub async fn start_on(config: Config, options: Options, hardware: Hardware) -> Result<Self, StartError> {
        let log = options.log.clone();
        let source = config.source.clone();
        let started = Start::begin(config, options, hardware).run().await;
        if let Err(error) = &started {
            for line in error.log_lines(&source, "") {
                log.raw(&line);
            }
        }
        started
    }

    /// Where clients connect.
    pub fn client_address(&self) -> SocketAddr {
        self.client
    }

    /// Waits until the server has ended by itself, which it does only if its disk fails it.
    pub async fn ended(&self) {
        // An error means that the engine is gone, which is what is waited for.
        let _ = self.ended.clone().wait_for(|ended| *ended).await;
    }

    /// Ends in an orderly way: connections are closed, everything logged is on disk. Ports are free afterwards.
    pub async fn stop(mut self) {
        let (done, wait) = oneshot::channel();
        if self.events.send(Event::Stop(done)).is_ok() {
            let _ = wait.await;
        }
        self.end().await;
    }

    /// Ends as `kill -9` does. Ports are free afterwards; simply dropping the server frees them a moment later.
    pub async fn kill(mut self) {
        self.end().await;
    }

    async fn end(&mut self) {
        self.engine.abort();
        self.listeners.shutdown().await;
        let _ = (&mut self.engine).await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.engine.abort();
    }
}

/// A start under way.
struct Start {
    config: Config,
    options: Options,
    hardware: Hardware,
    resolver: Resolver,
    journal: Journal,
}

impl Start {
    fn begin(config: Config, options: Options, hardware: Hardware) -> Self {
        let resolver = Resolver::new(options.host, &options.root);
        let journal = Journal::new(options.log.clone(), String::new());
        Self { config, options, hardware, resolver, journal }
    }

    async fn run(mut self) -> Result<Server, StartError> {
        self.journal.info("QuorumPeerConfig@177", &format!("Reading configuration from: {}", self.config.source));
        self.read_members()?;
        let me = self.my_id()?;
        let client = self.client_address(me)?;
        self.journal.info("QuorumPeerConfig@437", &format!("clientPortAddress is {client}"));
        self.announce(me);
        let admin = self.bind_admin().await?;
        self.journal.info("NIOServerCnxnFactory@660", &format!("binding to port /{client}"));
        let clients = self.bind(client, false).await?;
        let folder = Folder::open(
            &self.on_disk(&self.config.data_dir),
            &self.on_disk(&self.config.data_log_dir),
            self.hardware.disk.clone(),
        )?;
        let begin = Instant::now();
        let recovered = self.recover(&folder)?;
        let took = u64::try_from(begin.elapsed().as_millis()).unwrap_or(u64::MAX);
        let me = me.filter(|_| self.config.is_ensemble());
        let setup = Setup {
            me: me.unwrap_or(0),
            members: match me {
                Some(_) => Members::decided(self.config.membership()),
                None => Members::alone(0),
            },
            peers: self.peers(me)?,
            zoo_cfg: self.zoo_cfg(),
            client,
            host: self.options.host.into(),
            resolver: self.resolver.clone(),
            network: self.hardware.network.clone(),
            folder,
            config: self.config.clone(),
        };
        self.launch(setup, recovered, took, (clients, admin)).await
    }

    fn zoo_cfg(&self) -> ZooCfg {
        ZooCfg::new(&self.config.source, &self.options.root)
    }

    /// The members stand in another file, if `zoo.cfg` says so.
    fn read_members(&mut self) -> Result<(), StartError> {
        let Some(name) = self.config.property(dynamic::KEY).map(str::to_owned) else { return Ok(()) };
        let text = self.zoo_cfg().read_members(&name);
        let text = text.map_err(|source| StartError::MembersFile { name: name.clone(), source })?;
        let whole = self.config.clone().with_members(&text, dynamic::version_of(&name));
        self.config = whole.map_err(StartError::Members)?;
        Ok(())
    }

    async fn listen(&self, address: SocketAddr) -> std::io::Result<Listener> {
        Ok(self.hardware.network.listen(TcpListener::bind(address).await?))
    }

    async fn bind(&self, address: SocketAddr, election: bool) -> Result<Listener, StartError> {
        self.listen(address).await.map_err(|source| StartError::Bind { address, election, source })
    }

    fn on_disk(&self, path: &str) -> PathBuf {
        self.options.root.join(path.trim_start_matches('/'))
    }

    /// What stands in `myid`. A lone server needs none, but what stands there must be a number all the same.
    fn my_id(&self) -> Result<Option<u64>, StartError> {
        let path = self.on_disk(&self.config.data_dir).join("myid");
        let Ok(text) = std::fs::read_to_string(path) else {
            return if self.config.is_ensemble() { Err(StartError::MyIdMissing) } else { Ok(None) };
        };
        let line = text.lines().next().unwrap_or("null");
        line.parse().map(Some).map_err(|_| StartError::MyIdNotNumber(line.to_owned()))
    }

    fn resolve(&self, name: &str, port: u16) -> Result<SocketAddr, StartError> {
        let address = self.resolver.resolve(name).ok_or_else(|| StartError::UnknownHost(name.to_owned()))?;
        Ok(SocketAddr::new(address, port))
    }

    fn client_address(&self, me: Option<u64>) -> Result<SocketAddr, StartError> {
        if let Some(me) = me.filter(|me| self.config.is_ensemble() && !self.config.members.contains_key(me)) {
            return Err(StartError::NotInList(me));
        }
        let own = me
            .and_then(|me| self.config.members.get(&me))
            .and_then(|member| member.client.as_ref())
            .map(|client| client.port);
        let port = own.or(self.config.client_port).ok_or(StartError::NoClientPort)?;
        self.resolve(self.config.client_address.as_deref().unwrap_or("0.0.0.0"), port)
    }

    /// The AdminServer's port. If it cannot be had, a lone server ends; one of an ensemble does without.
    async fn bind_admin(&self) -> Result<Option<(Listener, String)>, StartError> {
        let Some(Admin { address, port, url }) = self.config.admin.clone() else { return Ok(None) };
        match self.listen(self.resolve(&address, port)?).await {
            Ok(listener) => {
                let message = format!("Started AdminServer on address {address}, port {port} and command URL {url}");
                self.journal.info("JettyAdminServer@196", &message);
                Ok(Some((listener, url)))
            }
            Err(source) if self.config.is_ensemble() => {
                self.journal.warn("QuorumPeer@1133", "Problem starting AdminServer");
                self.journal.bare(&StartError::Admin { address, port, url, source }.to_string());
                Ok(None)
            }
            Err(source) => Err(StartError::Admin { address, port, url, source }),
        }
    }

    fn announce(&mut self, me: Option<u64>) {
        let journal = &self.journal;
        journal.info("QuorumPeerConfig@444", "secureClientPort is not set");
        journal
            .info("DatadirCleanupManager@78", &format!("autopurge.snapRetainCount set to {}", self.config.snap_retain));
        journal
            .info("DatadirCleanupManager@79", &format!("autopurge.purgeInterval set to {}", self.config.purge_hours));
        match me.filter(|_| self.config.is_ensemble()) {
            Some(me) => {
                self.journal = Journal::new(self.options.log.clone(), me.to_string());
                self.journal.info("QuorumPeerMain@152", &format!("Starting quorum peer, myid={me}"));
                let voters = self.config.voters().count();
                if voters <= 2 {
                    let message = "No server failure will be tolerated. You need at least 3 servers.";
                    self.journal.warn("QuorumPeerConfig@704", message);
                } else if voters.is_multiple_of(2) {
                    let message = "Non-optimal configuration, consider an odd number of servers.";
                    self.journal.warn("QuorumPeerConfig@706", message);
                }
            }
            None => {
                if !self.config.members.is_empty() {
                    journal
                        .error("QuorumPeerConfig@698", "Invalid configuration, only one server specified (ignoring)");
                }
                let message = "Either no config or no quorum defined in config, running in standalone mode";
                journal.warn("QuorumPeerMain@139", message);
                journal.info("ZooKeeperServerMain@123", "Starting server");
            }
        }
        let (config, journal) = (&self.config, &self.journal);
        journal.info(
            "ZooKeeperServer@365",
            &format!(
                "Created server with tickTime {} ms minSessionTimeout {} ms maxSessionTimeout {} ms clientPortListenBacklog -1 \
                 datadir {}/version-2 snapdir {}/version-2",
                config.tick_ms, config.min_session_ms, config.max_session_ms, config.data_log_dir, config.data_dir
            ),
        );
    }

    fn recover(&self, folder: &Folder) -> Result<Recovered, StartError> {
        let begin = Instant::now();
        let ttl_enabled = self.config.is_on("extendedTypesEnabled");
        let members = self.config.membership();
        let mut recovered = recover(folder, &members.shown(), ttl_enabled, engine::RECENT)?;
        if !self.config.can_be_changed() && recovered.tree.members().is_some_and(|shown| shown.version > 0) {
            // What the members once were is of no importance: the file rules.
            recovered.tree.show_members(&members, engine::now_ms());
        }
        let message = format!(
            "Snapshot loaded in {} ms, highest zxid is {:#x}, {} transactions replayed",
            begin.elapsed().as_millis(),
            recovered.tree.last_zxid(),
            recovered.replayed
        );
        self.journal.info("ZKDatabase@289", &message);
        Ok(recovered)
    }

    fn peers(&self, me: Option<u64>) -> Result<BTreeMap<u64, Peer>, StartError> {
        if !self.config.is_ensemble() {
            return Ok(BTreeMap::new());
        }
        let peer = |(id, member): (&u64, &Member)| {
            let own = self.config.quorum_listen_on_all && me == Some(*id);
            let host = if own { "0.0.0.0" } else { &member.host };
            let quorum = self.resolve(host, member.peer_port)?;
            Ok((*id, Peer { quorum, election: self.resolve(host, member.election_port)? }))
        };
        self.config.members.iter().map(peer).collect()
    }

    async fn launch(
        mut self,
        setup: Setup,
        recovered: Recovered,
        took: u64,
        (clients, admin): (Listener, Option<(Listener, String)>),
    ) -> Result<Server, StartError> {
        let (events, inbox) = unbounded_channel();
        let mut listeners = JoinSet::new();
        let ensemble = match setup.own() {
            Some(own) => Some(self.join_ensemble(&setup, own, &recovered, &events, &mut listeners).await?),
            None => None,
        };
        let reports = events.clone();
        let log = LogWriter::start(setup.folder.clone(), move |report| {
            let _ = reports.send(Event::Disk(report));
        })
        .map_err(StartError::Thread)?;
        if recovered.snapshot.is_none() {
            log.snapshot(recovered.tree.freeze());
        }
        let limits = (setup.config.max_client_connections as usize, setup.config.largest_frame());
        if let Some((listener, url)) = admin {
            listeners.spawn(admin::serve(listener, url, events.clone()));
        }
        listeners.spawn(accept_clients(clients, limits, self.journal.clone(), events.clone()));
        let client = setup.client;
        let parts = (recovered.tree, recovered.recent);
        let engine = Engine::new(setup, self.journal, parts, log, (events.clone(), inbox), ensemble);
        let (over, ended) = watch::channel(false);
        let engine = tokio::spawn(async move {
            engine.loaded_in(took).run().await;
            over.send_replace(true);
        });
        Ok(Server { client, events, engine, listeners, ended })
    }

    async fn join_ensemble(
        &mut self,
        setup: &Setup,
        own: Peer,
        recovered: &Recovered,
        events: &UnboundedSender<Event>,
        listeners: &mut JoinSet<()>,
    ) -> Result<EnsembleState, StartError> {
        let me = setup.me;
        let listener = self.bind(own.election, true).await?;
        let message = format!("{me} is accepting connections now, my election bind port: /{}", own.election);
        let thread = format!("ListenerHandler-/{}", own.election);
        let class = "QuorumCnxManager$Listener$ListenerHandler@1071";
        self.journal.from(&thread, crate::log::Level::Info, class, &message);
        self.journal.set_thread(format!("QuorumPeer[myid={me}](plain={})(secure=disabled)", setup.client));
        let epoch = u32::try_from(recovered.tree.last_zxid() >> 32).unwrap_or(0);
        let epochs = Epochs::open(&setup.folder, epoch)?;
        let election = Election::new(me, setup.members.voters().clone());
        let (told, mine) = watch::channel(election.notification());
        let (others, addresses) = watch::channel(engine::others(setup));
        listeners.spawn(gossip(listener, (setup.network.clone(), setup.host), addresses, mine, events.clone()));
        Ok(EnsembleState { election, told, others, epochs })
    }
}
