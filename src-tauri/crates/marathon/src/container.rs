//! The container that tasks run in.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::Other;

/// The container that tasks run in. Source: `types/appContainer.raml`.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename_all = "camelCase"))]
pub struct Container {
    /// Who makes it: `DOCKER` (the default) or `MESOS`.
    #[cfg_attr(feature = "schema", schemars(rename = "type"))]
    pub kind: Option<String>,
    /// The image and how Docker runs it.
    pub docker: Option<Docker>,
    /// Ports of the container and of the agent.
    pub port_mappings: Option<Vec<PortMapping>>,
    /// Volumes, as they came: host, persistent, external and secret ones.
    pub volumes: Option<Vec<Value>>,
    /// All other fields, unchanged.
    #[cfg_attr(feature = "schema", schemars(flatten))]
    pub other: Other,
}

impl Container {
    /// The port mappings, where they are now or where they were before Marathon 1.5.
    pub fn mappings(&self) -> Option<&[PortMapping]> {
        let old = || self.docker.as_ref()?.port_mappings.as_deref();
        self.port_mappings.as_deref().or_else(old)
    }
}

/// An image and how it is run.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename_all = "camelCase"))]
pub struct Docker {
    /// The image's name.
    pub image: String,
    /// Whether the image is pulled even if it is there (no).
    pub force_pull_image: Option<bool>,
    /// Whether the container gets all rights (no).
    pub privileged: Option<bool>,
    /// Deprecated in favour of [`crate::AppDefinition::networks`]: `BRIDGE`, `HOST`, `NONE` or `USER`.
    pub network: Option<String>,
    /// Deprecated in favour of [`Container::port_mappings`].
    pub port_mappings: Option<Vec<PortMapping>>,
    /// All other fields, unchanged.
    #[cfg_attr(feature = "schema", schemars(flatten))]
    pub other: Other,
}

/// A port of the container and the agent's port that leads to it.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename_all = "camelCase"))]
pub struct PortMapping {
    /// The port in the container (0: the same as on the agent).
    pub container_port: Option<u16>,
    /// The port on the agent, 0 for any.
    pub host_port: Option<u16>,
    /// The port for load balancers, 0 for any.
    pub service_port: Option<u16>,
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
