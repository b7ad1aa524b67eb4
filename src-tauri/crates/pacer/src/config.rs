//! How Pacer is told what to do: Marathon's environment variables.

use std::collections::BTreeMap;
use std::fmt;
use std::net::Ipv4Addr;
use std::time::Duration;

use words::{Problem, Text, text};

use crate::core::Features;

/// What the names begin with; the rest is the name of Marathon's command line option.
const PREFIX: &str = "MARATHON_";

/// Options of Marathon 1.11 that Pacer takes and has no use for: they tune what it does not have, or does by itself.
/// Taking them lets the same `/etc/default/marathon` serve both.
const WITHOUT_EFFECT: &[&str] = &[
    "ACCESS_CONTROL_ALLOW_ORIGIN",
    "AVAILABILITY_ZONE",
    "CHECKPOINT",
    "DEFAULT_ACCEPTED_RESOURCE_ROLES",
    "DEFAULT_NETWORK_NAME",
    "DEPLOYMENT_MANAGER_REQUEST_DELAY",
    "DEPRECATED_FEATURES",
    "DISABLE_CHECKPOINT",
    "DISABLE_HA",
    "DISABLE_HTTP_COMPRESSION",
    "DISABLE_ZK_COMPRESSION",
    "DRAINING_SECONDS",
    "EVENT_STREAM_MAX_OUTSTANDING_MESSAGES",
    "EXECUTOR",
    "GPU_SCHEDULING_BEHAVIOR",
    "HA",
    "HTTP_COMPRESSION",
    "HTTP_MAX_CONCURRENT_REQUESTS",
    "HTTPS_ADDRESS",
    "HTTPS_PORT",
    "JAVA_OPTS",
    "JVM_OPTS",
    "KILL_CHUNK_SIZE",
    "LAUNCH_TOKEN",
    "LAUNCH_TOKEN_REFRESH_INTERVAL",
    "LEADER_PROXY_CONNECTION_TIMEOUT",
    "LEADER_PROXY_READ_TIMEOUT",
    "LOGGING_LEVEL",
    "MAX_INSTANCES_PER_OFFER",
    "MAX_QUEUED_ROOT_GROUP_UPDATES",
    "MESOS_BRIDGE_NAME",
    "MESOS_HEARTBEAT_FAILURE_THRESHOLD",
    "MESOS_HEARTBEAT_INTERVAL",
    "MESOS_LEADER_UI_URL",
    "METRICS_AVERAGING_WINDOW",
    "NEW_GROUP_ENFORCE_ROLE",
    "OFFER_MATCHING_TIMEOUT",
    "ON_ELECTED_PREPARE_TIMEOUT",
    "RECONCILIATION_INITIAL_DELAY",
    "REVIVE_OFFERS_REPETITIONS",
    "SAVE_TASKS_TO_LAUNCH_TIMEOUT",
    "SCALE_APPS_INITIAL_DELAY",
    "SCALE_APPS_INTERVAL",
    "STORE_CACHE",
    "TASK_LAUNCH_CONFIRM_TIMEOUT",
    "TASK_LOST_EXPUNGE_INITIAL_DELAY",
    "TASK_LOST_EXPUNGE_INTERVAL",
    "TASK_RESERVATION_TIMEOUT",
    "ZK_COMPRESSION",
    "ZK_COMPRESSION_THRESHOLD",
    "ZK_CONNECTION_TIMEOUT",
    "ZK_MAX_NODE_SIZE",
    "ZK_TIMEOUT",
];

/// Options of Marathon 1.11 that Pacer refuses: to take them and do nothing would be worse than to say so.
const UNSUPPORTED: &[&str] = &[
    "BACKUP_LOCATION",
    "DISABLE_HTTP",
    "INTERNAL_STORE_BACKEND",
    "MESOS_ROLE_BEHAVIOR",
    "PLUGIN_CONF",
    "PLUGIN_DIR",
    "SSL_KEYSTORE_PASSWORD",
    "SSL_KEYSTORE_PATH",
];

/// A ZooKeeper ensemble and a path in it: `zk://host:port,host:port/path`.
#[derive(Clone, PartialEq, Eq)]
pub struct ZkUrl {
    /// `host:port,host:port`.
    pub hosts: String,
    /// Such as `/marathon`.
    pub path: String,
    /// `user:password` of the digest scheme, if given.
    pub credentials: Option<String>,
}

impl ZkUrl {
    /// Reads `zk://[user:password@]host:port,…/path`.
    ///
    /// ```
    /// let url = pacer::ZkUrl::parse("zk://10.0.0.1:2181,10.0.0.2:2181/mesos").unwrap();
    /// assert_eq!((url.hosts.as_str(), url.path.as_str()), ("10.0.0.1:2181,10.0.0.2:2181", "/mesos"));
    /// ```
    pub fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix("zk://")?;
        let (authority, path) = rest.split_once('/')?;
        let (credentials, hosts) = match authority.rsplit_once('@') {
            Some((credentials, hosts)) => (Some(credentials.to_owned()), hosts),
            None => (None, authority),
        };
        let path = path.trim_end_matches('/');
        let named = |host: &str| {
            host.rsplit_once(':').is_some_and(|(name, port)| !name.is_empty() && port.parse::<u16>().is_ok())
        };
        let good = hosts.split(',').all(named) && !path.is_empty() && !path.split('/').any(str::is_empty);
        good.then(|| Self { hosts: hosts.to_owned(), path: format!("/{path}"), credentials })
    }
}

impl fmt::Debug for ZkUrl {
    /// Without the password: what is written down is read by others.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "zk://{}{}", self.hosts, self.path)
    }
}

/// Whom the API answers. The password is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpCredentials {
    user: String,
    password: String,
}

impl HttpCredentials {
    /// Reads `user:password`.
    ///
    /// ```
    /// let credentials = pacer::HttpCredentials::parse("me:a:b").unwrap();
    /// assert!(credentials.are("me", "a:b") && !credentials.are("me", "a") && !credentials.are("you", "a:b"));
    /// assert!(!format!("{credentials:?}").contains("a:b"));
    /// ```
    pub fn parse(text: &str) -> Option<Self> {
        let (user, password) = text.split_once(':')?;
        let good = !user.is_empty() && !password.is_empty();
        good.then(|| Self { user: user.to_owned(), password: password.to_owned() })
    }

    /// Whether somebody gives these. How long that takes does not say how much of the password was right.
    pub fn are(&self, user: &str, password: &str) -> bool {
        let same = |one: &str, other: &str| {
            let differences = one.bytes().zip(other.bytes()).fold(0, |sum, (a, b)| sum | (a ^ b));
            one.len() == other.len() && differences == 0
        };
        same(&self.user, user) & same(&self.password, password)
    }
}

impl fmt::Debug for HttpCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpCredentials").field("user", &self.user).finish_non_exhaustive()
    }
}

/// How the masters are found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MasterUrl {
    /// Whoever leads, as ZooKeeper says.
    ZooKeeper(ZkUrl),
    /// Any of these (`host:port`); they redirect to the leader.
    Addresses(Vec<String>),
}

/// What Pacer does, as Marathon's environment variables say it. Durations in those are milliseconds, except
/// `MARATHON_FAILOVER_TIMEOUT`, which is seconds.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// `MARATHON_MASTER`: the Mesos masters. Required.
    pub master: MasterUrl,
    /// `MARATHON_ZK`: where Pacer keeps its state and elects its leader (`zk://localhost:2181/marathon`).
    pub zk: ZkUrl,
    /// `MARATHON_ZK_SESSION_TIMEOUT`: how long a Pacer that was killed stays the leader (10 s).
    pub zk_session_timeout: Duration,
    /// `MARATHON_HTTP_ADDRESS`: where to listen; the machine's address if missing or `0.0.0.0`.
    pub http_address: Option<Ipv4Addr>,
    /// `MARATHON_HTTP_PORT` (8080). 0 takes any free port.
    pub http_port: u16,
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

/// Why a configuration is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// Marathon has no such option.
    #[error("Unknown option '{option}'")]
    Unknown {
        /// The option, as on Marathon's command line.
        option: String,
        /// The variable that asked for it.
        variable: String,
    },
    /// Marathon has it, Pacer has not.
    #[error("Option '{option}' is not supported by Pacer")]
    Unsupported {
        /// The option, as on Marathon's command line.
        option: String,
        /// The variable that asked for it.
        variable: String,
    },
    /// An option is missing.
    #[error("Required option '{option}' not found")]
    Missing {
        /// The option, as on Marathon's command line.
        option: &'static str,
    },
    /// An option has a value that it cannot have.
    #[error("Bad arguments for option '{option}': '{value}' - {why}")]
    Bad {
        /// The option, as on Marathon's command line.
        option: String,
        /// Its value.
        value: String,
        /// What it should be.
        why: &'static str,
    },
}

impl ConfigError {
    /// The same as a person meets it.
    pub fn problem(&self) -> Problem {
        let evidence = self.to_string();
        let problem = match self {
            Self::Unknown { variable, .. } => Problem::new(
                "pacer-unknown-option",
                text!("Marathon has no option {variable}.", "Marathon n’a pas d’option {variable}."),
                Text::new(
                    "Correct its name in /etc/default/marathon, or remove it.",
                    "Corrigez son nom dans /etc/default/marathon, ou retirez-la.",
                ),
            ),
            Self::Unsupported { variable, .. } => Problem::new(
                "pacer-unsupported-option",
                text!(
                    "Pacer cannot do what {variable} asks for.",
                    "Pacer ne sait pas faire ce que demande {variable}."
                ),
                Text::new(
                    "Remove it from /etc/default/marathon, or run Marathon instead.",
                    "Retirez-la de /etc/default/marathon, ou utilisez Marathon.",
                ),
            ),
            Self::Missing { option } => {
                let variable = variable(option);
                Problem::new(
                    "pacer-missing-option",
                    text!("{variable} is not set.", "{variable} n’est pas définie."),
                    Text::new("Add it to /etc/default/marathon.", "Ajoutez-la dans /etc/default/marathon."),
                )
            }
            Self::Bad { option, .. } => {
                let variable = variable(option);
                Problem::new(
                    "pacer-bad-option",
                    text!("The value of {variable} is not usable.", "La valeur de {variable} n’est pas utilisable."),
                    Text::new("Correct it in /etc/default/marathon.", "Corrigez-la dans /etc/default/marathon."),
                )
            }
        };
        problem.with_evidence(evidence)
    }
}

fn variable(option: &str) -> String {
    format!("{PREFIX}{}", option.to_uppercase())
}

impl Config {
    /// Reads Marathon's variables out of an environment; others than `MARATHON_*` are left alone.
    pub fn from_env(env: &BTreeMap<String, String>) -> Result<Self, ConfigError> {
        let mut options = Options::new(env);
        let mut config = Self {
            master: options.master()?,
            zk: options.zk("ZK")?.unwrap_or_else(default_zk),
            zk_session_timeout: options.milliseconds("ZK_SESSION_TIMEOUT", 10_000)?,
            http_address: options.parsed("HTTP_ADDRESS", "an IPv4 address")?,
            http_port: options.parsed("HTTP_PORT", "a port")?.unwrap_or(8080),
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
        Ok(config)
    }
}

fn default_zk() -> ZkUrl {
    ZkUrl { hosts: "localhost:2181".to_owned(), path: "/marathon".to_owned(), credentials: None }
}

/// The options that have not been read yet, by name without the prefix.
struct Options(BTreeMap<String, String>);

impl Options {
    fn new(env: &BTreeMap<String, String>) -> Self {
        let ours = env.iter().filter_map(|(name, value)| Some((name.strip_prefix(PREFIX)?.to_owned(), value.clone())));
        Self(ours.collect())
    }

    fn text(&mut self, name: &str) -> Option<String> {
        self.0.remove(name).filter(|value| !value.is_empty())
    }

    fn parsed<T: std::str::FromStr>(&mut self, name: &str, why: &'static str) -> Result<Option<T>, ConfigError> {
        self.text(name).map(|value| value.parse().map_err(|_| bad(name, &value, why))).transpose()
    }

    fn milliseconds(&mut self, name: &str, default: u64) -> Result<Duration, ConfigError> {
        let given = self.parsed(name, "a number of milliseconds")?;
        Ok(Duration::from_millis(given.unwrap_or(default)))
    }

    fn failover_timeout(&mut self) -> Result<Duration, ConfigError> {
        const WEEK: u64 = 7 * 24 * 3600;
        let given = self.parsed("FAILOVER_TIMEOUT", "a number of seconds")?;
        Ok(Duration::from_secs(given.unwrap_or(WEEK)))
    }

    fn http_credentials(&mut self) -> Result<Option<HttpCredentials>, ConfigError> {
        let read = |value: String| {
            HttpCredentials::parse(&value).ok_or_else(|| bad("HTTP_CREDENTIALS", HIDDEN, "user:password"))
        };
        self.text("HTTP_CREDENTIALS").map(read).transpose()
    }

    fn mesos_credentials(&mut self) -> Result<Option<mesos::Credentials>, ConfigError> {
        let asked = self.text("MESOS_AUTHENTICATION");
        let secret = match (self.text("MESOS_AUTHENTICATION_SECRET"), self.text("MESOS_AUTHENTICATION_SECRET_FILE")) {
            (Some(secret), _) => Some(secret),
            (None, Some(file)) => {
                let text = std::fs::read_to_string(&file);
                let text =
                    text.map_err(|_| bad("MESOS_AUTHENTICATION_SECRET_FILE", &file, "a file that can be read"))?;
                Some(text.trim_end_matches(['\r', '\n']).to_owned())
            }
            (None, None) => None,
        };
        let principal = self.0.get("MESOS_AUTHENTICATION_PRINCIPAL").filter(|principal| !principal.is_empty());
        match (principal, secret) {
            (Some(principal), Some(secret)) => Ok(Some(mesos::Credentials::new(principal, secret))),
            (None, Some(_)) => Err(ConfigError::Missing { option: "mesos_authentication_principal" }),
            (_, None) if asked.as_deref() == Some("true") => {
                Err(ConfigError::Missing { option: "mesos_authentication_secret" })
            }
            (_, None) => Ok(None),
        }
    }

    fn features(&mut self) -> Result<Features, ConfigError> {
        const MARATHONS: &[&str] = &["vips", "task_killing", "external_volumes", "secrets", "gpu_resources"];
        let value = self.text("ENABLE_FEATURES").unwrap_or_default();
        let words: Vec<&str> = value.split(',').map(str::trim).filter(|word| !word.is_empty()).collect();
        let known = |word: &&str| MARATHONS.contains(word) || matches!(*word, "docker" | "fetch");
        if !words.iter().all(known) {
            let why = "any of docker, fetch, vips, task_killing, external_volumes, secrets, gpu_resources";
            return Err(bad("ENABLE_FEATURES", &value, why));
        }
        Ok(Features { docker: words.contains(&"docker"), fetch: words.contains(&"fetch") })
    }

    fn zk(&mut self, name: &str) -> Result<Option<ZkUrl>, ConfigError> {
        let read = |value: String| {
            ZkUrl::parse(&value).ok_or_else(|| bad(name, without_password(&value), "zk://host:port,…/path"))
        };
        self.text(name).map(read).transpose()
    }

    fn master(&mut self) -> Result<MasterUrl, ConfigError> {
        let value = self.text("MASTER").ok_or(ConfigError::Missing { option: "master" })?;
        if value.starts_with("zk://") {
            let url = ZkUrl::parse(&value);
            let url = url.ok_or_else(|| bad("MASTER", without_password(&value), "zk://host:port,…/path"))?;
            return Ok(MasterUrl::ZooKeeper(url));
        }
        let addresses: Vec<_> = value.split(',').map(str::to_owned).collect();
        if addresses.iter().any(|address| address.parse::<mesos::Endpoint>().is_err()) {
            return Err(bad("MASTER", &value, "zk://host:port,…/path, or host:port"));
        }
        Ok(MasterUrl::Addresses(addresses))
    }

    fn service_ports(&mut self) -> Result<(u16, u16), ConfigError> {
        let first = self.parsed("LOCAL_PORT_MIN", "a port")?.unwrap_or(10_000);
        let last = self.parsed("LOCAL_PORT_MAX", "a port")?.unwrap_or(20_000);
        if first > last {
            return Err(bad("LOCAL_PORT_MAX", &last.to_string(), "not below local_port_min"));
        }
        Ok((first, last))
    }

    /// Whatever nobody has read must at least be an option of Marathon's, and one that can be left alone.
    fn the_rest(self) -> Result<Vec<String>, ConfigError> {
        let names = self.0.into_keys().map(|name| {
            let (option, variable) = (name.to_lowercase(), format!("{PREFIX}{name}"));
            match &*name {
                known if WITHOUT_EFFECT.contains(&known) => Ok(variable),
                known if UNSUPPORTED.contains(&known) => Err(ConfigError::Unsupported { option, variable }),
                _ => Err(ConfigError::Unknown { option, variable }),
            }
        });
        names.collect()
    }
}

/// What is shown in place of a secret.
const HIDDEN: &str = "***";

/// A ZooKeeper URL as others may read it.
fn without_password(url: &str) -> &str {
    url.rsplit_once('@').map_or(url, |(_, rest)| rest)
}

fn bad(name: &str, value: &str, why: &'static str) -> ConfigError {
    ConfigError::Bad { option: name.to_lowercase(), value: value.to_owned(), why }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::from_env(&pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn reads_what_a_marathon_file_says() {
        let config = read(&[
            ("PATH", "/bin"),
            ("MARATHON_MASTER", "zk://127.56.3.10:2181,127.56.3.11:2181/mesos"),
            ("MARATHON_ZK", "zk://me:secret@127.56.3.10:2181/lab/marathon"),
            ("MARATHON_HTTP_PORT", "8181"),
            ("MARATHON_FAILOVER_TIMEOUT", "60"),
            ("MARATHON_KILL_CHUNK_SIZE", "100"),
        ])
        .unwrap();
        let MasterUrl::ZooKeeper(master) = &config.master else { panic!("{:?}", config.master) };
        assert_eq!(master.path, "/mesos");
        assert_eq!(config.zk.path, "/lab/marathon");
        assert_eq!(config.zk.credentials.as_deref(), Some("me:secret"));
        assert_eq!((config.http_port, config.failover_timeout), (8181, Duration::from_secs(60)));
        assert_eq!(config.without_effect, ["MARATHON_KILL_CHUNK_SIZE"]);
        assert_eq!((config.framework_name.as_str(), config.mesos_role.as_str()), ("marathon", "*"));
    }

    #[test]
    fn secrets_are_read_and_never_shown() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "hush-hush\n").unwrap();
        let config = read(&[
            ("MARATHON_MASTER", "127.0.0.1:5050"),
            ("MARATHON_ZK", "zk://me:hush-hush@127.0.0.1:2181/marathon"),
            ("MARATHON_MESOS_AUTHENTICATION", "true"),
            ("MARATHON_MESOS_AUTHENTICATION_PRINCIPAL", "marathon"),
            ("MARATHON_MESOS_AUTHENTICATION_SECRET_FILE", &file.path().display().to_string()),
            ("MARATHON_HTTP_CREDENTIALS", "me:hush-hush"),
        ])
        .unwrap();
        assert_eq!(config.mesos_credentials, Some(mesos::Credentials::new("marathon", "hush-hush")));
        assert!(!format!("{config:?}").contains("hush-hush"));
        let bad = read(&[("MARATHON_MASTER", "1:1"), ("MARATHON_ZK", "zk://me:hush-hush@nowhere")]).unwrap_err();
        assert!(!format!("{bad} {:?}", bad.problem()).contains("hush-hush"));
    }

    #[test]
    fn refuses_what_marathon_refuses() {
        let master = ("MARATHON_MASTER", "127.0.0.1:5050");
        assert_eq!(read(&[]), Err(ConfigError::Missing { option: "master" }));
        let unknown = read(&[master, ("MARATHON_HTPP_PORT", "8080")]).unwrap_err();
        assert_eq!(unknown.to_string(), "Unknown option 'htpp_port'");
        let plugins = read(&[master, ("MARATHON_PLUGIN_DIR", "/plugins")]).unwrap_err();
        assert_eq!(plugins.to_string(), "Option 'plugin_dir' is not supported by Pacer");
        for (name, value) in [
            ("MARATHON_HTTP_PORT", "80800"),
            ("MARATHON_ZK", "127.0.0.1:2181/marathon"),
            ("MARATHON_ZK", "zk://127.0.0.1:2181"),
            ("MARATHON_MASTER", "zk://nowhere/mesos"),
            ("MARATHON_MASTER", "nowhere"),
            ("MARATHON_LOCAL_PORT_MAX", "9"),
            ("MARATHON_ENABLE_FEATURES", "docker,pods"),
            ("MARATHON_HTTP_CREDENTIALS", "me"),
            ("MARATHON_MESOS_AUTHENTICATION_SECRET_FILE", "/nowhere"),
        ] {
            assert!(matches!(read(&[master, (name, value)]), Err(ConfigError::Bad { .. })), "{name}={value}");
        }
    }
}
