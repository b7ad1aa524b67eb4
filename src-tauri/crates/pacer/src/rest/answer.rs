//! Answers.

use axum::Json;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use marathon::DeploymentResult;
use serde::Serialize;
use serde_json::json;

use crate::core::{AppId, Done, Embed, Refusal};
use crate::leading::Reign;

/// Names the deployment that a change has begun.
const DEPLOYMENT_ID: HeaderName = HeaderName::from_static("marathon-deployment-id");

/// JSON with a status.
pub fn json_with(status: StatusCode, body: &impl Serialize) -> Response {
    (status, Json(body)).into_response()
}

/// JSON.
pub fn json_ok(body: &impl Serialize) -> Response {
    json_with(StatusCode::OK, body)
}

/// A message.
pub fn says(status: StatusCode, message: &str) -> Response {
    json_with(status, &json!({ "message": message }))
}

/// What could be shown, or why not.
pub fn shown<T: Serialize>(result: Result<T, Refusal>) -> Response {
    match result {
        Ok(body) => json_ok(&body),
        Err(refusal) => refused(&refusal),
    }
}

/// Why not.
pub fn refused(refusal: &Refusal) -> Response {
    let status = StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    json_with(status, &refusal.body())
}

/// What became of a change; `None` if we stopped leading before it was written.
pub fn changed(reign: &Reign, outcome: Option<Result<Done, Refusal>>) -> Response {
    match outcome {
        None => says(StatusCode::SERVICE_UNAVAILABLE, "Could not determine the current leader"),
        Some(Err(refusal)) => refused(&refusal),
        Some(Ok(done)) => carried_out(reign, done),
    }
}

fn carried_out(reign: &Reign, done: Done) -> Response {
    match done {
        Done::Created(id, deployment) => created(reign, &id, &deployment),
        Done::CreatedGroup(id, deployment) => {
            at(deploying(StatusCode::CREATED, &deployment), &format!("/v2/groups{id}"))
        }
        Done::Rehearsed(steps) => json_ok(&json!({ "steps": steps })),
        Done::Patched => StatusCode::OK.into_response(),
        Done::Deploying(deployment) => deploying(StatusCode::OK, &deployment),
        Done::DeployingNew(deployment) => deploying(StatusCode::CREATED, &deployment),
        Done::Killed(tasks) => json_ok(&json!({ "tasks": tasks })),
        Done::KilledOne(task) => json_ok(&json!({ "task": task })),
        Done::Stopped => StatusCode::ACCEPTED.into_response(),
        Done::Reset => StatusCode::NO_CONTENT.into_response(),
    }
}

fn created(reign: &Reign, id: &AppId, deployment: &DeploymentResult) -> Response {
    let app = reign.read().shown_app(id, Embed { tasks: true, ..Embed::default() });
    match app {
        Ok(app) => with_deployment(at(json_with(StatusCode::CREATED, &app), &format!("/v2/apps{id}")), deployment),
        Err(refusal) => refused(&refusal),
    }
}

/// With the place of what was created.
fn at(mut response: Response, path: &str) -> Response {
    if let Ok(location) = HeaderValue::from_str(path) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

fn deploying(status: StatusCode, deployment: &DeploymentResult) -> Response {
    with_deployment(json_with(status, deployment), deployment)
}

fn with_deployment(mut response: Response, deployment: &DeploymentResult) -> Response {
    if let Ok(id) = HeaderValue::from_str(&deployment.deployment_id) {
        response.headers_mut().insert(DEPLOYMENT_ID, id);
    }
    response
}
