//! An agent as the registry knows it.

use serde::{Deserialize, Serialize};

use crate::wire::{AgentInfo, Id};

/// An agent as it is written down.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AgentRecord {
    /// Its name.
    pub hostname: String,
    /// Its address.
    pub ip: std::net::Ipv4Addr,
    /// Its port.
    pub port: u16,
    /// Its resources, as a flag has them.
    pub resources: String,
    /// Its attributes, as a flag has them.
    pub attributes: String,
}

impl AgentRecord {
    /// Writes an agent down.
    pub fn of(info: &AgentInfo) -> Self {
        let attributes: Vec<_> = info.attributes.iter().map(ToString::to_string).collect();
        let (ip, port) = (info.ip, info.port);
        Self {
            hostname: info.hostname.clone(),
            ip,
            port,
            resources: info.resources.to_flag(),
            attributes: attributes.join(";"),
        }
    }

    /// Reads it back; a record that someone spoilt is none.
    pub fn info(&self, id: Id) -> Option<AgentInfo> {
        Some(AgentInfo {
            id: Some(id),
            hostname: self.hostname.clone(),
            ip: self.ip,
            port: self.port,
            resources: crate::resources::parse(&self.resources, "*").ok()?,
            attributes: crate::wire::Attribute::parse_all(&self.attributes).ok()?,
        })
    }
}
