//! What the agent tells an executor when it starts it: environment variables `MESOS_*`, and a few flags.
//!
//! Source: Mesos 1.11's `docs/executor-http-api.md` and the flags of its own `mesos-executor`.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use mesos::v1::{CommandInfo, Environment, ExecutorId, FrameworkId};
use serde::de::DeserializeOwned;
use tls::Tls;
use words::{Problem, Text, text};

use crate::core::Options;
use crate::duration::parse;
use crate::wire::Identity;

/// The variable that holds the executor's secret; tasks must not see it.
pub const TOKEN: &str = "MESOS_EXECUTOR_AUTHENTICATION_TOKEN";
/// Flags by which an agent wants what this executor cannot do.
const BEYOND: [&str; 6] = [
    "rootfs",
    "effective_capabilities",
    "bounding_capabilities",
    "tty_slave_path",
    "task_launch_info",
    "task_supplementary_groups",
];

/// Where the agent listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// On a port.
    Tcp(SocketAddr),
    /// On a socket in the file system (`--http_executor_domain_sockets`).
    Unix(PathBuf),
}

/// The agent's API.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// Where.
    pub address: Address,
    /// How TLS is spoken there, if the agent speaks it on its port (`LIBPROCESS_SSL_ENABLED`).
    pub tls: Option<Tls>,
    /// The path, `/slave(1)/api/v1/executor`.
    pub path: String,
    /// The secret that proves who calls (`Authorization: Bearer …`).
    pub token: Option<String>,
}

/// What the agent wants done with the task beyond its description.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Orders {
    /// Another command than the task's own (`--task_command`).
    pub command: Option<CommandInfo>,
    /// More variables (`--task_environment`); the task's own win.
    pub environment: Option<Environment>,
    /// A flag that this executor cannot honour: the task must not run without it.
    pub beyond: Option<String>,
}

/// All that the agent says.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The agent's API.
    pub endpoint: Endpoint,
    /// Framework and executor.
    pub who: Identity,
    /// What the core decides by.
    pub options: Options,
    /// What the agent wants done with the task.
    pub orders: Orders,
}

/// Why the executor does not start.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// A variable is missing.
    #[error("Expecting '{0}' to be set in the environment")]
    Missing(&'static str),
    /// A variable or a flag has a value that it cannot have.
    #[error("Failed to parse value '{value}' of '{name}'")]
    Bad {
        /// The variable or the flag.
        name: &'static str,
        /// Its value.
        value: String,
    },
    /// The agent speaks TLS, by files that are of no use to us.
    #[error(transparent)]
    Tls(#[from] tls::Error),
}

impl SettingsError {
    /// The same as a person meets it.
    pub fn problem(&self) -> Problem {
        let name = match self {
            Self::Missing(name) | Self::Bad { name, .. } => name,
            Self::Tls(error) => return error.problem(),
        };
        Problem::new(
            "executor-without-agent",
            text!(
                "A Mesos agent starts this program; {name} is missing or wrong.",
                "C’est un agent Mesos qui lance ce programme ; {name} manque ou n’est pas bonne."
            ),
            Text::new("Do not start it by hand.", "Ne le lancez pas à la main."),
        )
        .with_evidence(self.to_string())
    }
}

/// A program's environment.
type Env = BTreeMap<String, String>;

impl Settings {
    /// Reads the environment and the arguments (without the program's name).
    pub fn read(env: &Env, arguments: &[String]) -> Result<Self, SettingsError> {
        let who = Identity {
            framework: FrameworkId::new(required(env, "MESOS_FRAMEWORK_ID")?),
            executor: ExecutorId::new(required(env, "MESOS_EXECUTOR_ID")?),
        };
        let checkpoint = env.get("MESOS_CHECKPOINT").is_some_and(|value| value == "1");
        let options = Options {
            executor: who.executor.clone(),
            recovery: if checkpoint { Some(duration(env, "MESOS_RECOVERY_TIMEOUT", 15 * 60)?) } else { None },
            retry: duration(env, "MESOS_SUBSCRIPTION_BACKOFF_MAX", 2)?,
            shutdown_grace: duration(env, "MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD", 5)?,
        };
        Ok(Self { endpoint: endpoint(env)?, who, options, orders: Orders::read(arguments)? })
    }
}

fn required<'a>(env: &'a Env, name: &'static str) -> Result<&'a str, SettingsError> {
    env.get(name).map(String::as_str).filter(|value| !value.is_empty()).ok_or(SettingsError::Missing(name))
}

fn duration(env: &Env, name: &'static str, default_seconds: u64) -> Result<Duration, SettingsError> {
    match env.get(name) {
        None => Ok(Duration::from_secs(default_seconds)),
        Some(value) => parse(value).ok_or_else(|| SettingsError::Bad { name, value: value.clone() }),
    }
}

/// `MESOS_SLAVE_PID` is `slave(1)@127.0.0.1:5051`: the name of the agent's process is the first part of the path.
fn endpoint(env: &Env) -> Result<Endpoint, SettingsError> {
    const PID: &str = "MESOS_SLAVE_PID";
    let pid = required(env, PID)?;
    let bad = || SettingsError::Bad { name: PID, value: pid.to_owned() };
    let (process, address) = pid.rsplit_once('@').ok_or_else(bad)?;
    if process.is_empty() || process.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err(bad());
    }
    let address = match env.get("MESOS_DOMAIN_SOCKET") {
        Some(path) => Address::Unix(path.into()),
        None => Address::Tcp(address.parse().map_err(|_| bad())?),
    };
    let tls = tls::Files::of_libprocess(env).filter(|_| matches!(address, Address::Tcp(_)));
    let tls = tls.map(|files| files.load()).transpose()?;
    Ok(Endpoint { address, tls, path: format!("/{process}/api/v1/executor"), token: env.get(TOKEN).cloned() })
}

impl Orders {
    fn read(arguments: &[String]) -> Result<Self, SettingsError> {
        let mut orders = Self::default();
        for argument in arguments {
            let Some((name, value)) = argument.strip_prefix("--").and_then(|flag| flag.split_once('=')) else {
                continue;
            };
            match name {
                "task_command" => orders.command = Some(json("--task_command", value)?),
                "task_environment" => orders.environment = Some(json("--task_environment", value)?),
                _ if BEYOND.contains(&name) => orders.beyond = Some(format!("--{name}")),
                _ => {}
            }
        }
        Ok(orders)
    }
}

fn json<T: DeserializeOwned>(name: &'static str, value: &str) -> Result<T, SettingsError> {
    serde_json::from_str(value).map_err(|_| SettingsError::Bad { name, value: value.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(more: &[(&str, &str)]) -> Env {
        let given = [
            ("MESOS_FRAMEWORK_ID", "F"),
            ("MESOS_EXECUTOR_ID", "E"),
            ("MESOS_SLAVE_PID", "slave(1)@127.1.2.3:5051"),
            ("MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD", "7secs"),
        ];
        given.iter().chain(more).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn reads_what_an_agent_says() {
        let checkpointed = env(&[
            ("MESOS_CHECKPOINT", "1"),
            ("MESOS_RECOVERY_TIMEOUT", "15mins"),
            ("MESOS_SUBSCRIPTION_BACKOFF_MAX", "2secs"),
        ]);
        let settings = Settings::read(&checkpointed, &["--launcher_dir=/opt".to_owned()]).unwrap();
        assert_eq!(settings.endpoint.address, Address::Tcp("127.1.2.3:5051".parse().unwrap()));
        assert_eq!(settings.endpoint.path, "/slave(1)/api/v1/executor");
        assert_eq!(settings.options.recovery, Some(Duration::from_secs(900)));
        assert_eq!(settings.options.shutdown_grace, Duration::from_secs(7));
        assert_eq!(settings.orders, Orders::default());
        assert_eq!(Settings::read(&env(&[("MESOS_CHECKPOINT", "0")]), &[]).unwrap().options.recovery, None);
    }

    #[test]
    fn an_agent_on_a_socket() {
        let settings =
            Settings::read(&env(&[("MESOS_DOMAIN_SOCKET", "/run/agent.sock"), (TOKEN, "secret")]), &[]).unwrap();
        assert_eq!(settings.endpoint.address, Address::Unix("/run/agent.sock".into()));
        assert_eq!(settings.endpoint.token.as_deref(), Some("secret"));
    }

    #[test]
    fn flags_about_the_task() {
        let flags = ["--task_command={\"value\":\"true\"}", "--rootfs=/image"].map(str::to_owned);
        let orders = Settings::read(&env(&[]), &flags).unwrap().orders;
        assert_eq!(orders.command.unwrap().value.as_deref(), Some("true"));
        assert_eq!(orders.beyond.as_deref(), Some("--rootfs"));
    }

    #[test]
    fn says_what_is_missing_or_wrong() {
        let missing = Settings::read(&Env::new(), &[]).unwrap_err();
        assert_eq!(missing.to_string(), "Expecting 'MESOS_FRAMEWORK_ID' to be set in the environment");
        assert_eq!(missing.problem().id, "executor-without-agent");
        for (name, value) in [
            ("MESOS_SLAVE_PID", "here"),
            ("MESOS_SLAVE_PID", "a b@127.0.0.1:1"),
            ("MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD", "soon"),
        ] {
            assert!(matches!(Settings::read(&env(&[(name, value)]), &[]), Err(SettingsError::Bad { .. })), "{value}");
        }
    }
}
