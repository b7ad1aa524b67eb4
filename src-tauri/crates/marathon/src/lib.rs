//! Marathon's types: an application as `POST /v2/apps` takes it, and what the API gives back.
//!
//! Source: Marathon 1.11's RAML and JSON schema. With the feature `client`, also the REST and event client.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// An application, as `POST /v2/apps` takes it. Fields that are not modelled are kept in [`Self::other`] as they came.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct AppDefinition {
    /// The path of the application, such as `/shop/web`.
    pub id: String,
    /// The shell command; excludes `args`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cmd: Option<String>,
    /// All other fields, unchanged.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}
