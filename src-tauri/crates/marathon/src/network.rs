//! Ports on the host and networks.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::Other;

/// A port on the agent. Source: `types/network.raml`.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PortDefinition {
    /// With `requirePorts` the port on the agent; otherwise, if not 0, the service port. 0 asks for any (0).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// `tcp` (the default), `udp`, or `udp,tcp`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protocol: Option<String>,
    /// The service's name, its own among the application's ports.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Labels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labels: Option<BTreeMap<String, String>>,
    /// All other fields, unchanged.
    #[serde(flatten)]
    pub other: Other,
}

impl PortDefinition {
    /// The port, 0 when missing.
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(0)
    }
}

/// A network that tasks join. Source: `types/network.raml`.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Network {
    /// `container` (the default), `container/bridge` or `host`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
    /// The network's name; not with `host`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Labels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labels: Option<BTreeMap<String, serde_json::Value>>,
    /// All other fields, unchanged.
    #[serde(flatten)]
    pub other: Other,
}

impl Network {
    /// The mode, Marathon's default when missing.
    pub fn mode(&self) -> &str {
        self.mode.as_deref().unwrap_or("container")
    }
}
