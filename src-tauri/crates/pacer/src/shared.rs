//! What the parts of a running Pacer share.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use hardware::Relays;
use tls::Tls;
use tokio::sync::{broadcast, watch};

use crate::config::{Config, Https, ZkUrl};
use crate::core::Event;
use crate::leading::Reign;
use crate::log::Log;
use crate::reach::Reach;
use crate::server::StartError;

/// What this Pacer does among the others.
#[derive(Clone, Debug)]
pub enum Role {
    /// It leads.
    Leading(Arc<Reign>),
    /// Another one leads, `host:port`, or nobody that we know of.
    Following(Option<String>),
}

/// What the parts of a running Pacer share.
#[derive(Debug)]
pub struct Shared {
    /// The configuration.
    pub config: Config,
    /// Where log lines go.
    pub log: Log,
    /// The name that others reach us by.
    pub hostname: String,
    /// `host:port` that others reach us by; how we are called in the election.
    pub name: String,
    /// Events, to whoever listens.
    pub events: broadcast::Sender<Arc<Event>>,
    /// For health checks: each on a connection of its own.
    pub checking: reqwest::Client,
    /// For what we pass on to the leader.
    pub proxy: reqwest::Client,
    /// How ZooKeeper is spoken with, where it speaks TLS.
    pub zk_tls: Option<Tls>,
    /// From where we reach others.
    pub reach: Reach,
    /// The ZooKeepers of our own state.
    pub zookeepers: Relays,
    /// Registers with masters.
    pub scheduler: mesos::scheduler::Client,
    role: RwLock<Role>,
    has_led: AtomicBool,
    stop: watch::Sender<bool>,
}

/// Events that a slow listener may be behind before it loses some.
const BACKLOG: usize = 4096;

impl Shared {
    /// Nothing is known of others yet.
    pub fn new(config: Config, log: Log, (hostname, port): (String, u16), reach: Reach) -> Result<Self, StartError> {
        let failed =
            |error: reqwest::Error| mesos::Error::Unreachable { address: String::new(), why: error.to_string() };
        let direct = |client: reqwest::ClientBuilder| {
            client.redirect(reqwest::redirect::Policy::none()).local_address(reach.local_address())
        };
        // A check asks how an application is, not who it is: as with Marathon, any certificate will do.
        let checking = reqwest::Client::builder().no_proxy().tls_danger_accept_invalid_certs(true);
        let among_pacers = config.https.as_ref().map(Https::among_pacers).transpose()?;
        let proxy = tls::http(among_pacers.as_ref()).connect_timeout(config.proxy_connection_timeout);
        let masters = config.mesos_tls.as_ref().map(tls::Files::load).transpose()?;
        let scheduler = mesos::scheduler::Client::connecting_from(reach.local_address())?;
        let scheduler = scheduler.with_credentials(config.mesos_credentials.clone());
        let zk_tls = config.zk_tls.authorities.is_some().then(|| config.zk_tls.load()).transpose()?;
        Ok(Self {
            name: format!("{hostname}:{port}"),
            hostname,
            zookeepers: reach.zookeepers(&config.zk),
            config,
            log,
            events: broadcast::channel(BACKLOG).0,
            checking: direct(checking).pool_max_idle_per_host(0).build().map_err(failed)?,
            proxy: direct(proxy).build().map_err(failed)?,
            scheduler: scheduler.with_tls(masters.as_ref())?,
            zk_tls,
            reach,
            role: RwLock::new(Role::Following(None)),
            has_led: AtomicBool::new(false),
            stop: watch::channel(false).0,
        })
    }

    /// What we do among the others.
    pub fn role(&self) -> Role {
        self.role.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// We do something else from now on.
    pub fn set_role(&self, role: Role) {
        self.has_led.fetch_or(matches!(role, Role::Leading(_)), Ordering::Relaxed);
        *self.role.write().unwrap_or_else(PoisonError::into_inner) = role;
    }

    /// Whether we have led since this was last asked.
    pub fn was_leading(&self) -> bool {
        self.has_led.swap(false, Ordering::Relaxed)
    }

    /// The leader, `host:port`, if anybody leads.
    pub fn leader(&self) -> Option<String> {
        match self.role() {
            Role::Leading(_) => Some(self.name.clone()),
            Role::Following(leader) => leader,
        }
    }

    /// Where we are called, by people and by Pacers.
    pub fn page(&self) -> String {
        format!("{}://{}", self.config.scheme(), self.name)
    }

    /// How an ensemble is spoken with.
    pub fn tls_for(&self, ensemble: &ZkUrl) -> Option<&Tls> {
        self.zk_tls.as_ref().filter(|_| ensemble.tls)
    }

    /// Ends everything in order.
    pub fn stop(&self) {
        self.stop.send_replace(true);
    }

    /// Waits until everything is to end.
    pub async fn stopping(&self) {
        // The sender is our own: waiting cannot fail while we are here.
        self.stop.subscribe().wait_for(|stop| *stop).await.ok();
    }
}
