//! Health checks and readiness checks.

use serde::Serialize;

use crate::Other;

/// How Marathon finds out whether an instance is well. Source: `types/healthCheck.raml`.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename_all = "camelCase"))]
pub struct HealthCheck {
    /// Who asks, and how (HTTP).
    pub protocol: Option<HealthProtocol>,
    /// The path that is asked for (`/`); HTTP only.
    pub path: Option<String>,
    /// Which of the application's ports is asked, counted from 0; excludes [`Self::port`].
    pub port_index: Option<u16>,
    /// The port that is asked; excludes [`Self::port_index`].
    pub port: Option<u16>,
    /// The command that tells; COMMAND only.
    pub command: Option<HealthCommand>,
    /// Seconds after the start during which failures don't count (300).
    pub grace_period_seconds: Option<u32>,
    /// Seconds between two checks (60).
    pub interval_seconds: Option<u32>,
    /// Seconds that an answer may take (20).
    pub timeout_seconds: Option<u32>,
    /// Seconds until the first check (15); checks by the agent only.
    pub delay_seconds: Option<u32>,
    /// Failures in a row after which an instance is killed (3); 0 is never.
    pub max_consecutive_failures: Option<u32>,
    /// Whether answers 100 to 199 count as nothing (no).
    pub ignore_http1xx: Option<bool>,
    /// `IPv4` or `IPv6`.
    pub ip_protocol: Option<String>,
    /// All other fields, unchanged.
    #[cfg_attr(feature = "schema", schemars(flatten))]
    pub other: Other,
}

/// Who checks, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum HealthProtocol {
    /// Marathon, over HTTP.
    #[default]
    Http,
    /// Marathon, over HTTPS.
    Https,
    /// Marathon, by connecting.
    Tcp,
    /// The agent, by a command in the task's container.
    Command,
    /// The agent, over HTTP.
    MesosHttp,
    /// The agent, over HTTPS.
    MesosHttps,
    /// The agent, by connecting.
    MesosTcp,
    /// A word that Marathon 1.11 does not know.
    #[serde(untagged)]
    Unknown(String),
}

impl HealthProtocol {
    /// Asks for a path over HTTP or HTTPS.
    pub fn is_http(&self) -> bool {
        matches!(self, Self::Http | Self::Https | Self::MesosHttp | Self::MesosHttps)
    }

    /// Is done by the agent, not by Marathon.
    pub fn is_by_agent(&self) -> bool {
        matches!(self, Self::Command | Self::MesosHttp | Self::MesosHttps | Self::MesosTcp)
    }
}

/// A command that tells by its exit code whether an instance is well.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HealthCommand {
    /// The command, run by a shell.
    pub value: Option<String>,
    /// All other fields, unchanged.
    #[cfg_attr(feature = "schema", schemars(flatten))]
    pub other: Other,
}

/// What Marathon takes for a field that is missing.
impl HealthCheck {
    /// Who asks, and how.
    pub fn protocol(&self) -> HealthProtocol {
        self.protocol.clone().unwrap_or_default()
    }

    /// The path that is asked for.
    pub fn path(&self) -> &str {
        self.path.as_deref().unwrap_or("/")
    }

    /// Seconds after the start during which failures don't count.
    pub fn grace_period_seconds(&self) -> u32 {
        self.grace_period_seconds.unwrap_or(300)
    }

    /// Seconds between two checks.
    pub fn interval_seconds(&self) -> u32 {
        self.interval_seconds.unwrap_or(60)
    }

    /// Seconds that an answer may take.
    pub fn timeout_seconds(&self) -> u32 {
        self.timeout_seconds.unwrap_or(20)
    }

    /// Seconds until the first check.
    pub fn delay_seconds(&self) -> u32 {
        self.delay_seconds.unwrap_or(15)
    }

    /// Failures in a row after which an instance is killed; 0 is never.
    pub fn max_consecutive_failures(&self) -> u32 {
        self.max_consecutive_failures.unwrap_or(3)
    }
}

/// How Marathon finds out, during a deployment, whether a new instance is ready. Source: `types/readinessCheck.raml`.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename_all = "camelCase"))]
pub struct ReadinessCheck {
    /// The check's name (`readinessCheck`).
    pub name: Option<String>,
    /// `HTTP` (the default) or `HTTPS`.
    pub protocol: Option<String>,
    /// The path that is asked for (`/`).
    pub path: Option<String>,
    /// The name of the port that is asked (`http-api`).
    pub port_name: Option<String>,
    /// Seconds between two checks (30).
    pub interval_seconds: Option<u32>,
    /// Seconds that an answer may take (10); less than the interval.
    pub timeout_seconds: Option<u32>,
    /// The answers that mean ready (200).
    pub http_status_codes_for_ready: Option<Vec<u16>>,
    /// Whether the last answer is kept, for people to look at (no).
    pub preserve_last_response: Option<bool>,
    /// All other fields, unchanged.
    #[cfg_attr(feature = "schema", schemars(flatten))]
    pub other: Other,
}

/// What Marathon takes for a field that is missing.
impl ReadinessCheck {
    /// The check's name.
    pub fn name(&self) -> &str {
        self.name.as_deref().unwrap_or("readinessCheck")
    }

    /// The path that is asked for.
    pub fn path(&self) -> &str {
        self.path.as_deref().unwrap_or("/")
    }

    /// The name of the port that is asked.
    pub fn port_name(&self) -> &str {
        self.port_name.as_deref().unwrap_or("http-api")
    }

    /// Seconds between two checks.
    pub fn interval_seconds(&self) -> u32 {
        self.interval_seconds.unwrap_or(30)
    }

    /// Seconds that an answer may take.
    pub fn timeout_seconds(&self) -> u32 {
        self.timeout_seconds.unwrap_or(10)
    }

    /// The answers that mean ready.
    pub fn http_status_codes_for_ready(&self) -> &[u16] {
        self.http_status_codes_for_ready.as_deref().unwrap_or(&[200])
    }
}
