//! Ports on the host and networks.

use std::collections::BTreeMap;

use crate::Other;

/// A port on the agent. Source: `types/network.raml`.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PortDefinition {
    /// With `requirePorts` the port on the agent; otherwise, if not 0, the service port. 0 asks for any (0).
    pub port: Option<u16>,
    /// `tcp` (the default), `udp`, or `udp,tcp`.
    pub protocol: Option<String>,
    /// The service's name, its own among the application's ports.
    pub name: Option<String>,
    /// Labels.
    pub labels: Option<BTreeMap<String, String>>,
    /// All other fields, unchanged.
    #[cfg_attr(feature = "schema", schemars(flatten))]
    pub other: Other,
}

impl PortDefinition {
    /// The port, 0 when missing.
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(0)
    }
}

/// A network that tasks join. Source: `types/network.raml`.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Network {
    /// `container` (the default), `container/bridge` or `host`.
    pub mode: Option<String>,
    /// The network's name; not with `host`.
    pub name: Option<String>,
    /// Labels.
    pub labels: Option<BTreeMap<String, serde_json::Value>>,
    /// All other fields, unchanged.
    #[cfg_attr(feature = "schema", schemars(flatten))]
    pub other: Other,
}

impl Network {
    /// The mode, Marathon's default when missing.
    pub fn mode(&self) -> &str {
        self.mode.as_deref().unwrap_or("container")
    }
}
