//! From a request to a change that is carried out: what all handlers that change something have in common.

use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{ConnectInfo, Request};
use axum::http::request::Parts;
use axum::response::Response;
use serde_json::Value;
use serde_json::error::Category;
use tokio::time::timeout;

use super::answer::{changed, refused};
use crate::core::{Change, Refusal};
use crate::leading::{Origin, Reign};
use crate::serving::Peer;

/// The largest body that is taken, bytes.
const LARGEST_BODY: usize = 8 * 1024 * 1024;
/// How long a body may take to come.
const SLOWEST_BODY: Duration = Duration::from_secs(30);

/// Carries a change out and answers.
pub async fn apply(reign: &Reign, request: Request, change: Change) -> Response {
    let origin = origin(&request.into_parts().0);
    carry_out(reign, origin, change).await
}

async fn carry_out(reign: &Reign, origin: Origin, change: Change) -> Response {
    let origin = Origin { app: change.app(), ..origin };
    changed(reign, reign.change(change, origin).await)
}

/// Carries out the change that is made of the request's body, and answers.
pub async fn apply_json(reign: &Reign, request: Request, change: impl FnOnce(Value) -> Change) -> Response {
    try_apply_json(reign, request, |body| Ok(change(body))).await
}

/// The same, where the body may be wrong for it.
pub async fn try_apply_json(
    reign: &Reign,
    request: Request,
    change: impl FnOnce(Value) -> Result<Change, Refusal>,
) -> Response {
    let (parts, body) = request.into_parts();
    let origin = origin(&parts);
    match json(body).await.and_then(change) {
        Ok(change) => carry_out(reign, origin, change).await,
        Err(refusal) => refused(&refusal),
    }
}

/// The whole body, if it comes in time and is not too large.
pub async fn read(body: Body) -> Result<Bytes, Refusal> {
    let too_large = |_| Refusal::BadRequest(format!("The body is broken off, or larger than {LARGEST_BODY} bytes."));
    let bytes = timeout(SLOWEST_BODY, to_bytes(body, LARGEST_BODY)).await;
    bytes.map_err(|_| Refusal::TooSlow(SLOWEST_BODY))?.map_err(too_large)
}

/// The body as JSON.
async fn json(body: Body) -> Result<Value, Refusal> {
    let bytes = read(body).await?;
    if bytes.trim_ascii().is_empty() {
        return Err(Refusal::NoBody);
    }
    serde_json::from_slice(&bytes).map_err(|error| Refusal::NotJson(why(&error)))
}

/// In plain words what is wrong with a text that should be JSON.
fn why(error: &serde_json::Error) -> String {
    let what = match error.classify() {
        Category::Eof => "the text ends before the JSON does",
        Category::Syntax | Category::Data | Category::Io => "here the text is not JSON",
    };
    format!("Line {}, column {}: {what}.", error.line(), error.column())
}

/// Where a request came from, for the event about it.
fn origin(request: &Parts) -> Origin {
    let client = request.extensions.get::<ConnectInfo<Peer>>();
    Origin {
        client: client.map(|ConnectInfo(peer)| peer.0.ip().to_string()).unwrap_or_default(),
        uri: request.uri.path().to_owned(),
        app: None,
    }
}
