//! Deployments as `GET /v2/deployments` gives them.

use serde::{Deserialize, Serialize};

/// A change that is under way. Source: `types/deploymentEventsInfo.raml`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Deployment {
    /// Its id.
    pub id: String,
    /// When it was made, ISO 8601.
    #[serde(default)]
    pub version: String,
    /// The applications that it changes.
    #[serde(default)]
    pub affected_apps: Vec<String>,
    /// The pods that it changes.
    #[serde(default)]
    pub affected_pods: Vec<String>,
    /// All steps.
    #[serde(default)]
    pub steps: Vec<DeploymentStep>,
    /// What is done now.
    #[serde(default)]
    pub current_actions: Vec<DeploymentAction>,
    /// The step that is done now, counted from 1.
    #[serde(default)]
    pub current_step: u32,
    /// How many steps there are.
    #[serde(default)]
    pub total_steps: u32,
}

/// Actions that are done together.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DeploymentStep {
    /// The actions.
    #[serde(default)]
    pub actions: Vec<DeploymentAction>,
}

/// One action on one application.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeploymentAction {
    /// `StartApplication`, `StopApplication`, `ScaleApplication`, `RestartApplication`, …
    pub action: String,
    /// The application.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app: Option<String>,
    /// The pod.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pod: Option<String>,
    /// What the readiness checks of its instances found so far, as it came: `name`, `taskId`, `ready`, `lastResponse`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub readiness_check_results: Vec<serde_json::Value>,
}

/// What a change answers: the deployment that does it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeploymentResult {
    /// The deployment's id.
    pub deployment_id: String,
    /// When it was made, ISO 8601.
    #[serde(default)]
    pub version: String,
}
