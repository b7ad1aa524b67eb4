//! What the scheduler says of itself.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// `GET /v2/info`. Source: `types/info.raml`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Info {
    /// The framework's name: `marathon`.
    #[serde(default)]
    pub name: String,
    /// Its version.
    #[serde(default)]
    pub version: String,
    /// Whether the one that was asked leads.
    #[serde(default)]
    pub elected: bool,
    /// `host:port` of the one that leads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leader: Option<String>,
    /// Its id at Mesos, once it has one.
    #[serde(default, rename = "frameworkId", skip_serializing_if = "Option::is_none")]
    pub framework_id: Option<String>,
    /// How it was started, as it came.
    #[serde(default)]
    pub marathon_config: Value,
    /// How it uses ZooKeeper, as it came.
    #[serde(default)]
    pub zookeeper_config: Value,
    /// Its ports, as they came.
    #[serde(default)]
    pub http_config: Value,
}

/// `GET /v2/leader`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leader {
    /// `host:port` of the one that leads.
    pub leader: String,
}
