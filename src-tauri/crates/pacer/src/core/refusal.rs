//! What the API says no with, in Marathon's words.

use marathon::{ErrorBody, ErrorDetails, Identifiable, Violation};
use serde_json::{Value, json};

use super::AppId;

/// Why a call of the API is refused.
#[derive(Clone, Debug, PartialEq)]
pub enum Refusal {
    /// The body is not JSON; why.
    NotJson(String),
    /// There is no body.
    NoBody,
    /// The body did not come in this time.
    TooSlow(std::time::Duration),
    /// The body is JSON of the wrong form.
    WrongForm(Vec<Violation>),
    /// The application makes no sense.
    NotValid(Vec<Violation>),
    /// A query or body says something that cannot be.
    BadRequest(String),
    /// There is no such application.
    NoApp(AppId),
    /// There is no such pod: there are none.
    NoPod(AppId),
    /// There is no such group.
    NoGroup(String),
    /// There is no such version of an application.
    NoVersion(AppId, String),
    /// There is no such task.
    NoTask(String),
    /// There is no such deployment.
    NoDeployment(String),
    /// The application does not wait for anything.
    NotQueued(AppId),
    /// There is an application of that id already.
    Exists(AppId),
    /// Deployments are changing the application.
    Locked(Vec<String>),
    /// There is a group at that path already.
    GroupExists(AppId),
    /// There is an application where the group should be.
    AppAtPath(AppId),
    /// There is no such version of a group.
    NoGroupVersion(AppId, String),
    /// There may be no more deployments at the same time.
    TooManyDeployments(usize),
    /// A change is larger than what can be written at once, bytes.
    TooLarge {
        /// How large it is.
        size: usize,
        /// How large it may be.
        most: usize,
    },
    /// There may be no more applications.
    TooManyApps(usize),
    /// Pacer does not do this.
    Unsupported(&'static str),
}

impl Refusal {
    /// The HTTP status.
    pub fn status(&self) -> u16 {
        match self {
            Self::NotJson(_) | Self::NoBody | Self::WrongForm(_) | Self::BadRequest(_) => 400,
            Self::TooManyApps(_) | Self::TooManyDeployments(_) => 403,
            Self::NoApp(_)
            | Self::NoGroup(_)
            | Self::NoVersion(..)
            | Self::NoTask(_)
            | Self::NoDeployment(_)
            | Self::NotQueued(_) => 404,
            Self::Exists(_) | Self::Locked(_) | Self::GroupExists(_) | Self::AppAtPath(_) => 409,
            Self::TooSlow(_) => 408,
            Self::NoPod(_) => 404,
            Self::TooLarge { .. } => 413,
            Self::NotValid(_) | Self::NoGroupVersion(..) => 422,
            Self::Unsupported(_) => 501,
        }
    }

    /// The body.
    pub fn body(&self) -> Value {
        json!(self.error_body())
    }

    fn error_body(&self) -> ErrorBody {
        match self {
            Self::NotJson(why) => {
                ErrorBody { details: Some(ErrorDetails::Sentence(why.clone())), ..says("Invalid JSON") }
            }
            Self::NoBody => ErrorBody {
                details: Some(ErrorDetails::Sentence("There is no body.".to_owned())),
                ..says("Please specify data in JSON format")
            },
            Self::TooSlow(limit) => says(format!("The body did not come within {} s.", limit.as_secs())),
            Self::NoPod(id) => says(format!("Pod '{id}' does not exist")),
            Self::WrongForm(violations) => {
                ErrorBody { message: "Invalid JSON".to_owned(), ..ErrorBody::not_valid(violations) }
            }
            Self::NotValid(violations) => ErrorBody::not_valid(violations),
            Self::BadRequest(why) => says(why),
            Self::NoApp(id) => says(format!("App '{id}' does not exist")),
            Self::NoGroup(id) => says(format!("Group '{id}' does not exist")),
            Self::NoVersion(id, version) => says(format!("App '{id}' does not exist in version {version}")),
            Self::NoTask(id) => says(format!("Task '{id}' does not exist")),
            Self::NoDeployment(id) => says(format!("DeploymentPlan {id} does not exist")),
            Self::NotQueued(id) => says(format!("Application {id} not found in tasks queue.")),
            Self::Exists(id) => says(format!("An app with id [{id}] already exists.")),
            Self::Locked(deployments) => locked(deployments),
            Self::GroupExists(id) => says(format!("Group {id} is already created. Use PUT to change this group.")),
            Self::AppAtPath(id) => says(format!("An app with the path {id} already exists.")),
            Self::NoGroupVersion(id, version) => says(format!("Group {id} not available in version {version}")),
            Self::TooManyDeployments(most) => says(format!(
                "Max number ({most}) of running deployments is achieved. Wait for existing deployments to complete or cancel one using force=true parameter."
            )),
            Self::TooLarge { size, most } => {
                says(format!("The change is too large to be written at once: {size} bytes, at most {most}. Split it."))
            }
            Self::TooManyApps(most) => says(format!("The maximum number of applications ({most}) is reached.")),
            Self::Unsupported(what) => says(*what),
        }
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.error_body().message)
    }
}

fn says(message: impl Into<String>) -> ErrorBody {
    ErrorBody { message: message.into(), ..ErrorBody::default() }
}

fn locked(deployments: &[String]) -> ErrorBody {
    let first = deployments.first().map(String::as_str).unwrap_or_default();
    let message = format!(
        "App is locked by one or more deployments. Override with the option '?force=true'. View details at '/v2/deployments/{first}'."
    );
    let deployments = deployments.iter().map(|id| Identifiable { id: id.clone() }).collect();
    ErrorBody { deployments, ..says(message) }
}
