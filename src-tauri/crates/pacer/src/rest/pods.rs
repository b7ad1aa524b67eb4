//! `/v2/pods`: there are none, and there will be none.

use axum::extract::Path;
use axum::response::Response;
use serde_json::json;

use super::answer::{json_ok, refused};
use crate::core::{AppId, Refusal};

pub async fn list() -> Response {
    json_ok(&json!([]))
}

pub async fn get(path: Path<String>) -> Response {
    if path.as_str() == "::status" { list().await } else { missing(path).await }
}

pub async fn missing(Path(path): Path<String>) -> Response {
    let id = path.split("::").next().unwrap_or_default();
    refused(&Refusal::NoPod(AppId::new(id)))
}

pub async fn refuse() -> Response {
    refused(&Refusal::Unsupported("Pacer runs applications, not pods: use /v2/apps."))
}
