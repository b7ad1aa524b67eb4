//! How Pacer is told what to do: Marathon's environment variables.

mod credentials;
mod error;
mod names;
mod options;
mod secure;
#[cfg(test)]
mod tests;
mod urls;

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::time::Duration;

pub use credentials::HttpCredentials;
pub use error::ConfigError;
use options::Options;
pub use secure::Https;
pub use urls::{MasterUrl, ZkUrl};

use crate::core::Features;

/// What Pacer does, as Marathon's environment variables say it. Durations in those are milliseconds, except
/// `MARATHON_FAILOVER_TIMEOUT`, which is seconds.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// `MARATHON_MASTER`: the Mesos masters. Required.
    pub master: MasterUrl,
    /// `MARATHON_ZK`: where Pacer keeps its state and elects its leader (`zk://localhost:2181/marathon`).
    pub zk: ZkUrl,
    /// `MARATHON_ZK_CA_FILE`, `_CERT_FILE`, `_KEY_FILE`: for ensembles at `zks://…`.
    pub zk_tls: tls::Files,
    /// `LIBPROCESS_SSL_ENABLED` (or a master at `https://…`), `_CA_FILE`, `_CERT_FILE`, `_KEY_FILE`: masters speak TLS.
    pub mesos_tls: Option<tls::Files>,
    /// `MARATHON_ZK_SESSION_TIMEOUT`: how long a Pacer that was killed stays the leader (10 s).
    pub zk_session_timeout: Duration,
    /// `MARATHON_HTTP_ADDRESS`: where to listen; the machine's address if missing or `0.0.0.0`.
    pub http_address: Option<Ipv4Addr>,
    /// `MARATHON_HTTP_PORT` (8080). 0 takes any free port.
    pub http_port: u16,
    /// `MARATHON_SSL_KEYSTORE_PATH` and what belongs to it: the API over TLS.
    pub https: Option<Https>,
    /// `MARATHON_LEADER_PROXY_CONNECTION_TIMEOUT`: how long the leader has to take a connection of ours (5 s).
    pub proxy_connection_timeout: Duration,
    /// `MARATHON_LEADER_PROXY_READ_TIMEOUT`: how long the leader has to begin an answer that we pass on (10 s).
    pub proxy_read_timeout: Duration,
    /// `MARATHON_HOSTNAME`: the name that other Pacers and people reach this one by; the machine's address if missing.
    pub hostname: Option<String>,
    /// `MARATHON_FRAMEWORK_NAME` (`marathon`).
    pub framework_name: String,
    /// `MARATHON_FAILOVER_TIMEOUT`: how long Mesos keeps the tasks while no Pacer is there (a week).
    pub failover_timeout: Duration,
    /// `MARATHON_MESOS_ROLE` (`*`).
    pub mesos_role: String,
    /// `MARATHON_MESOS_USER`: whom tasks run as where the application does not say; the agent decides if missing.
    pub mesos_user: Option<String>,
    /// `MARATHON_MESOS_AUTHENTICATION_PRINCIPAL`.
    pub principal: Option<String>,
    /// What masters are told who ask who we are: the principal, with `MARATHON_MESOS_AUTHENTICATION_SECRET` or the text in
    /// the file `MARATHON_MESOS_AUTHENTICATION_SECRET_FILE`.
    pub mesos_credentials: Option<mesos::Credentials>,
    /// `MARATHON_HTTP_CREDENTIALS`, `user:password`: whom the API answers; everybody if missing.
    pub http_credentials: Option<HttpCredentials>,
    /// `MARATHON_HTTP_REALM`: what the API says it asks a password for (`Mesosphere`).
    pub http_realm: String,
    /// `MARATHON_WEBUI_URL`: what Mesos shows as the framework's page; Pacer's own address if missing.
    pub webui_url: Option<String>,
    /// `MARATHON_ENV_VARS_PREFIX`: put before `PORT0`, `HOST` and the like in tasks' environments.
    pub env_vars_prefix: Option<String>,
    /// `MARATHON_LOCAL_PORT_MIN` and `_MAX`: service ports are given out from this range (10000 to 20000).
    pub service_ports: (u16, u16),
    /// `MARATHON_ENABLE_FEATURES`: `docker` and `fetch` say that agents run Docker containers and fetch URIs; applications
    /// that ask for these wait without. Marathon's own words are taken and change nothing.
    pub features: Features,
    /// `MARATHON_DECLINE_OFFER_DURATION`: for how long an offer is refused while nothing waits (2 min).
    pub decline_offer_duration: Duration,
    /// `MARATHON_KILL_RETRY_TIMEOUT`: a task that was told to stop and has not is told again after this (10 s).
    pub kill_retry_timeout: Duration,
    /// `MARATHON_MIN_REVIVE_OFFERS_INTERVAL`: offers are asked for again at most this often (50 ms; Marathon 5 s).
    pub min_revive_offers_interval: Duration,
    /// `MARATHON_TASK_LAUNCH_TIMEOUT`: a task that is staging for longer is killed (5 min).
    pub task_launch_timeout: Duration,
    /// `MARATHON_RECONCILIATION_INTERVAL`: how often the master is asked how all tasks are (10 min).
    pub reconciliation_interval: Duration,
    /// `MARATHON_MAX_RUNNING_DEPLOYMENTS`: more at the same time are refused (100).
    pub max_deployments: usize,
    /// `MARATHON_MAX_APPS`: more applications than this are refused; none: no limit.
    pub max_apps: Option<usize>,
    /// `MARATHON_ZK_MAX_VERSIONS`: how many versions of an application are kept (25).
    pub max_versions: usize,
    /// The variables that were given and change nothing, because Pacer does by itself, or does not have, what they tune.
    pub without_effect: Vec<String>,
}

impl Config {
    /// Reads Marathon's variables out of an environment; others than `MARATHON_*` are left alone.
    pub fn from_env(env: &BTreeMap<String, String>) -> Result<Self, ConfigError> {
        let mut options = Options::new(env);
        let (master, masters_speak_tls) = options.master()?;
        let mut config = Self {
            master,
            zk: options.zk("ZK")?.unwrap_or_else(default_zk),
            zk_tls: options.tls_files("ZK_"),
            mesos_tls: tls::Files::of_libprocess(env).or(masters_speak_tls.then(tls::Files::default)),
            zk_session_timeout: options.milliseconds("ZK_SESSION_TIMEOUT", 10_000)?,
            http_address: options.parsed("HTTP_ADDRESS", "an IPv4 address")?,
            http_port: options.parsed("HTTP_PORT", "a port")?.unwrap_or(8080),
            https: options.https()?,
            proxy_connection_timeout: options.milliseconds("LEADER_PROXY_CONNECTION_TIMEOUT", 5_000)?,
            proxy_read_timeout: options.milliseconds("LEADER_PROXY_READ_TIMEOUT", 10_000)?,
            hostname: options.text("HOSTNAME"),
            framework_name: options.text("FRAMEWORK_NAME").unwrap_or_else(|| "marathon".to_owned()),
            failover_timeout: options.failover_timeout()?,
            mesos_role: options.text("MESOS_ROLE").unwrap_or_else(|| "*".to_owned()),
            mesos_user: options.text("MESOS_USER"),
            mesos_credentials: options.mesos_credentials()?,
            principal: options.text("MESOS_AUTHENTICATION_PRINCIPAL"),
            http_credentials: options.http_credentials()?,
            http_realm: options.text("HTTP_REALM").unwrap_or_else(|| "Mesosphere".to_owned()),
            webui_url: options.text("WEBUI_URL"),
            env_vars_prefix: options.text("ENV_VARS_PREFIX"),
            service_ports: options.service_ports()?,
            features: options.features()?,
            decline_offer_duration: options.milliseconds("DECLINE_OFFER_DURATION", 120_000)?,
            kill_retry_timeout: options.milliseconds("KILL_RETRY_TIMEOUT", 10_000)?,
            min_revive_offers_interval: options.milliseconds("MIN_REVIVE_OFFERS_INTERVAL", 50)?,
            task_launch_timeout: options.milliseconds("TASK_LAUNCH_TIMEOUT", 300_000)?,
            reconciliation_interval: options.milliseconds("RECONCILIATION_INTERVAL", 600_000)?,
            max_deployments: options.parsed("MAX_RUNNING_DEPLOYMENTS", "a whole number")?.unwrap_or(100),
            max_apps: options.parsed("MAX_APPS", "a whole number")?,
            max_versions: options.parsed("ZK_MAX_VERSIONS", "a whole number")?.unwrap_or(25),
            without_effect: Vec::new(),
        };
        config.without_effect = options.the_rest()?;
        config.check_zk_tls()?;
        Ok(config)
    }

    /// The ensembles that are spoken with.
    fn ensembles(&self) -> impl Iterator<Item = &ZkUrl> {
        let masters = match &self.master {
            MasterUrl::ZooKeeper(url) => Some(url),
            MasterUrl::Addresses(_) => None,
        };
        std::iter::once(&self.zk).chain(masters)
    }

    /// Whoever names an authority wants TLS, and whoever wants TLS has to name it.
    fn check_zk_tls(&self) -> Result<(), ConfigError> {
        let wanted = self.ensembles().any(|url| url.tls);
        match &self.zk_tls.authorities {
            None if wanted => Err(ConfigError::Missing { option: "zk_ca_file" }),
            Some(_) if !wanted => {
                Err(options::bad("ZK", &self.zk.to_string(), "zks://host:port,…/path where zk_ca_file is set"))
            }
            _ => Ok(()),
        }
    }

    /// How the API is called by others.
    pub(crate) fn scheme(&self) -> &'static str {
        if self.https.as_ref().is_some_and(|https| https.only) { "https" } else { "http" }
    }
}

fn default_zk() -> ZkUrl {
    ZkUrl { hosts: "localhost:2181".to_owned(), path: "/marathon".to_owned(), credentials: None, tls: false }
}
