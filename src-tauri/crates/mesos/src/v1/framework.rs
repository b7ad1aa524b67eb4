//! Frameworks, as they introduce themselves.

use serde::{Deserialize, Serialize};

use super::FrameworkId;

/// How a framework introduces itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FrameworkInfo {
    /// The user that tasks run as; empty: whoever the agent decides.
    #[serde(default)]
    pub user: String,
    /// Its name.
    pub name: String,
    /// Its id, when it comes back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<FrameworkId>,
    /// How long the master keeps its tasks while it is away, seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failover_timeout: Option<f64>,
    /// Agents write its tasks down, so that they survive the agent's restart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checkpoint: Option<bool>,
    /// The roles that it takes offers for (with the capability `MULTI_ROLE`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// The host that it runs on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hostname: Option<String>,
    /// Who it is for authentication.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub principal: Option<String>,
    /// Where people can look at it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webui_url: Option<String>,
    /// What it can do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub capabilities: Vec<Capability>,
}

/// Something that a framework, an agent or a master can do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capability {
    /// Such as `MULTI_ROLE`, `PARTITION_AWARE`; missing if the speaker's own JSON did not know its name.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
}

impl Capability {
    /// The capability of this name.
    pub fn new(kind: impl Into<String>) -> Self {
        Self { kind: Some(kind.into()) }
    }
}
