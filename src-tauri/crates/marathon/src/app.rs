//! An application, as `POST /v2/apps` takes it.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{Constraint, Container, HealthCheck, Network, Other, PortDefinition, ReadinessCheck};

/// An application, as `POST /v2/apps` takes it. All fields but [`Self::id`] may be missing; the methods of the same names
/// give what Marathon takes then. `null` is the same as missing. Fields that are not modelled are kept in [`Self::other`].
///
/// Source: Marathon 1.11, `types/app.raml`.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename_all = "camelCase"))]
pub struct AppDefinition {
    /// The path of the application, such as `/shop/web`: names of lower-case letters, digits, `-` and `.`.
    pub id: String,
    /// The command, run by `/bin/sh -c`; excludes [`Self::args`].
    pub cmd: Option<String>,
    /// The command as a program and its arguments; excludes [`Self::cmd`].
    pub args: Option<Vec<String>>,
    /// Processors for one instance (1).
    pub cpus: Option<f64>,
    /// Memory for one instance, MiB (128).
    pub mem: Option<f64>,
    /// Disk for one instance, MiB (0).
    pub disk: Option<f64>,
    /// Graphics processors for one instance (0).
    pub gpus: Option<u32>,
    /// How many instances shall run (1).
    pub instances: Option<u32>,
    /// Environment variables.
    pub env: Option<BTreeMap<String, EnvValue>>,
    /// Labels: words for people and for load balancers; Marathon does not use them itself.
    pub labels: Option<BTreeMap<String, String>>,
    /// The user that tasks run as on the agent.
    pub user: Option<String>,
    /// Where instances may run.
    pub constraints: Option<Vec<Constraint>>,
    /// Ports, the old way; excludes [`Self::port_definitions`]. 0 asks for any.
    pub ports: Option<Vec<u16>>,
    /// Ports on the agent, for applications that use the host's network.
    pub port_definitions: Option<Vec<PortDefinition>>,
    /// Whether the ports asked for must be the ports on the agent (no).
    pub require_ports: Option<bool>,
    /// How Marathon finds out whether an instance is well.
    pub health_checks: Option<Vec<HealthCheck>>,
    /// How Marathon finds out, during a deployment, whether a new instance is ready.
    pub readiness_checks: Option<Vec<ReadinessCheck>>,
    /// How an upgrade replaces instances.
    pub upgrade_strategy: Option<UpgradeStrategy>,
    /// Seconds to wait after the first failure of a task (1).
    pub backoff_seconds: Option<u32>,
    /// What the wait is multiplied by at every further failure (1.15).
    pub backoff_factor: Option<f64>,
    /// The longest wait, seconds (300).
    pub max_launch_delay_seconds: Option<u32>,
    /// Which instance goes first when fewer are wanted.
    pub kill_selection: Option<KillSelection>,
    /// What happens to instances on an agent that is out of reach.
    pub unreachable_strategy: Option<UnreachableStrategy>,
    /// Seconds between SIGTERM and SIGKILL; the agent's own (3) when missing.
    pub task_kill_grace_period_seconds: Option<u32>,
    /// Applications that must run first.
    pub dependencies: Option<Vec<String>>,
    /// Roles whose resources may be used.
    pub accepted_resource_roles: Option<Vec<String>>,
    /// The container that tasks run in.
    pub container: Option<Container>,
    /// Files that the agent fetches before a task starts.
    pub fetch: Option<Vec<Fetch>>,
    /// Networks that tasks join; the host's when missing.
    pub networks: Option<Vec<Network>>,
    /// Deprecated by Marathon and without effect.
    pub residency: Option<Residency>,
    /// Secrets, by the name that other fields refer to.
    pub secrets: Option<BTreeMap<String, Secret>>,
    /// The executor; empty or `//cmd` for the agent's own.
    pub executor: Option<String>,
    /// The Mesos role that tasks run under.
    pub role: Option<String>,
    /// Whether tasks get a terminal.
    pub tty: Option<bool>,
    /// When this definition was made; Marathon's to write.
    pub version: Option<String>,
    /// When it was last scaled and changed; Marathon's to write.
    pub version_info: Option<VersionInfo>,
    /// All other fields, unchanged.
    #[cfg_attr(feature = "schema", schemars(flatten))]
    pub other: Other,
}

/// The value of an environment variable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum EnvValue {
    /// The value itself.
    Text(String),
    /// The value of a secret.
    Secret {
        /// The secret's name in [`AppDefinition::secrets`].
        secret: String,
        /// All other fields, unchanged.
        #[serde(flatten)]
        other: Other,
    },
}

impl From<&str> for EnvValue {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

/// How an upgrade replaces instances.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename_all = "camelCase"))]
pub struct UpgradeStrategy {
    /// The share of instances that may run beyond the wanted number, 0 to 1 (1).
    pub maximum_over_capacity: Option<f64>,
    /// The share of instances that must stay healthy, 0 to 1 (1).
    pub minimum_health_capacity: Option<f64>,
    /// All other fields, unchanged.
    #[cfg_attr(feature = "schema", schemars(flatten))]
    pub other: Other,
}

/// Which instance goes first when fewer are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum KillSelection {
    /// The one that was started last.
    #[default]
    YoungestFirst,
    /// The one that was started first.
    OldestFirst,
    /// A word that Marathon 1.11 does not know.
    #[serde(untagged)]
    Unknown(String),
}

/// What happens to instances on an agent that is out of reach.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum UnreachableStrategy {
    /// `"disabled"`: nothing; any other word is refused by [`AppDefinition::validate`].
    Word(String),
    /// They are replaced, then forgotten.
    Replace(UnreachableTimes),
}

/// When instances out of reach are replaced and forgotten.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename_all = "camelCase"))]
pub struct UnreachableTimes {
    /// Seconds until another instance is started in its place (0).
    pub inactive_after_seconds: Option<u32>,
    /// Seconds until it is forgotten, and killed if it ever comes back (0). Not below the other.
    pub expunge_after_seconds: Option<u32>,
    /// All other fields, unchanged.
    #[cfg_attr(feature = "schema", schemars(flatten))]
    pub other: Other,
}

/// A file that the agent fetches before a task starts.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename_all = "camelCase"))]
pub struct Fetch {
    /// Where it is.
    pub uri: String,
    /// Whether archives are unpacked (yes).
    pub extract: Option<bool>,
    /// Whether it is made executable (no).
    pub executable: Option<bool>,
    /// Whether the agent keeps it for the next task (no).
    pub cache: Option<bool>,
    /// The name it gets in the task's sandbox.
    pub dest_path: Option<String>,
    /// All other fields, unchanged.
    #[cfg_attr(feature = "schema", schemars(flatten))]
    pub other: Other,
}

/// Deprecated by Marathon and without effect.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename_all = "camelCase"))]
pub struct Residency {
    /// Without effect.
    pub relaunch_escalation_timeout_seconds: Option<u32>,
    /// Without effect.
    pub task_lost_behavior: Option<String>,
    /// All other fields, unchanged.
    #[cfg_attr(feature = "schema", schemars(flatten))]
    pub other: Other,
}

/// A secret.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Secret {
    /// Where the secret store keeps it.
    pub source: String,
    /// All other fields, unchanged.
    #[cfg_attr(feature = "schema", schemars(flatten))]
    pub other: Other,
}

/// When a definition was last scaled and changed; ISO 8601.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename_all = "camelCase"))]
pub struct VersionInfo {
    /// The last change of any kind.
    pub last_scaling_at: Option<String>,
    /// The last change that was more than scaling or restarting.
    pub last_config_change_at: Option<String>,
    /// All other fields, unchanged.
    #[cfg_attr(feature = "schema", schemars(flatten))]
    pub other: Other,
}

/// The label of an application that may run only once.
const SINGLE_INSTANCE: &str = "MARATHON_SINGLE_INSTANCE_APP";

/// What Marathon takes for a field that is missing.
impl AppDefinition {
    /// An application of that id and nothing else.
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into(), ..Self::default() }
    }

    /// Processors for one instance.
    pub fn cpus(&self) -> f64 {
        self.cpus.unwrap_or(1.0)
    }

    /// Memory for one instance, MiB.
    pub fn mem(&self) -> f64 {
        self.mem.unwrap_or(128.0)
    }

    /// Disk for one instance, MiB.
    pub fn disk(&self) -> f64 {
        self.disk.unwrap_or(0.0)
    }

    /// Graphics processors for one instance.
    pub fn gpus(&self) -> u32 {
        self.gpus.unwrap_or(0)
    }

    /// How many instances shall run.
    pub fn instances(&self) -> u32 {
        self.instances.unwrap_or(1)
    }

    /// Seconds to wait after the first failure of a task.
    pub fn backoff_seconds(&self) -> u32 {
        self.backoff_seconds.unwrap_or(1)
    }

    /// What the wait is multiplied by at every further failure.
    pub fn backoff_factor(&self) -> f64 {
        self.backoff_factor.unwrap_or(1.15)
    }

    /// The longest wait, seconds.
    pub fn max_launch_delay_seconds(&self) -> u32 {
        self.max_launch_delay_seconds.unwrap_or(300)
    }

    /// Whether the ports asked for must be the ports on the agent.
    pub fn require_ports(&self) -> bool {
        self.require_ports.unwrap_or(false)
    }

    /// Whether a label says that it may run only once: an upgrade stops the old instance first.
    pub fn is_single_instance(&self) -> bool {
        self.labels.as_ref().and_then(|labels| labels.get(SINGLE_INSTANCE)).is_some_and(|value| value == "true")
    }

    /// The share of instances that may run beyond the wanted number during an upgrade.
    pub fn maximum_over_capacity(&self) -> f64 {
        self.upgrade_strategy.as_ref().and_then(|u| u.maximum_over_capacity).unwrap_or(1.0)
    }

    /// The share of instances that must stay healthy during an upgrade.
    pub fn minimum_health_capacity(&self) -> f64 {
        self.upgrade_strategy.as_ref().and_then(|u| u.minimum_health_capacity).unwrap_or(1.0)
    }

    /// Which instance goes first when fewer are wanted.
    pub fn kill_selection(&self) -> KillSelection {
        self.kill_selection.clone().unwrap_or_default()
    }

    /// The health checks, none when missing.
    pub fn health_checks(&self) -> &[HealthCheck] {
        self.health_checks.as_deref().unwrap_or_default()
    }

    /// The constraints, none when missing.
    pub fn constraints(&self) -> &[Constraint] {
        self.constraints.as_deref().unwrap_or_default()
    }

    /// The ports that the application asks for on its agent, 0 for any: by `portDefinitions`, `ports`, or the host ports
    /// of `portMappings`. Marathon gives an application that says nothing about ports one of any number.
    pub fn wanted_ports(&self) -> Vec<u16> {
        if let Some(definitions) = &self.port_definitions {
            return definitions.iter().map(PortDefinition::port).collect();
        }
        if let Some(mappings) = self.container.as_ref().and_then(Container::mappings) {
            return mappings.iter().filter_map(|m| m.host_port).collect();
        }
        self.ports.clone().unwrap_or_else(|| vec![0])
    }

    /// The id as an absolute path: `shop/web` is `/shop/web`.
    pub fn absolute_id(&self) -> String {
        if self.id.starts_with('/') { self.id.clone() } else { format!("/{}", self.id) }
    }
}
