//! An agent's endpoints.

use std::sync::Arc;

use axum::{
    extract::Request,
    http::{Method, StatusCode},
    response::Response,
};
use serde::{Deserialize, Serialize};

use super::{Shared, files, views};
use crate::{
    http::{self, Query, Refusal},
    links::lock,
    master::views::Build,
    wire::recordio,
};

/// Answers a request.
pub async fn answer(shared: Arc<Shared>, request: Request) -> Response {
    let path = request.uri().path();
    let path = if path.len() > 1 { path.trim_end_matches('/') } else { path };
    let path = crate::http::decode(path);
    let name = path.strip_prefix("/slave(1)/").or_else(|| path.strip_prefix('/')).unwrap_or_default().to_owned();
    let query = Query::of(&request);
    let registered = lock(&shared.core).master.is_some();
    match name.as_str() {
        "health" => http::ok(),
        "version" => http::json(recordio::json(&Build::THIS), &query),
        "flags" => flags(&shared, &request, &query),
        "state" => {
            let leader = shared.leader.borrow().as_ref().map(|m| m.hostname.clone());
            http::json(views::state(&lock(&shared.core), leader.as_deref()), &query)
        }
        "containers" => http::json(views::containers(&lock(&shared.core), true), &query),
        "monitor/statistics" => http::json(views::containers(&lock(&shared.core), false), &query),
        "metrics/snapshot" => http::json(recordio::json(&views::metrics(&lock(&shared.core), registered)), &query),
        "system/stats.json" => http::json(crate::master::system_stats(), &query),
        "logging/toggle" => http::text(StatusCode::OK, "0\n"),
        "files/browse" => files::browse(&shared, &query).await,
        "files/read" => files::read(&shared, &query).await,
        "files/download" => files::download(&shared, &query).await,
        "files/debug" => http::json(b"{}".to_vec(), &query),
        "api/v1" => http::settled(call(shared, request).await),
        _ => http::not_found(),
    }
}

fn flags(shared: &Shared, request: &Request, query: &Query) -> Response {
    if request.method() != Method::GET {
        return http::method_not_allowed(&["GET"], request.method());
    }
    #[derive(Serialize)]
    struct Flags<'a> {
        flags: &'a std::collections::BTreeMap<&'static str, String>,
    }
    http::json(recordio::json(&Flags { flags: &lock(&shared.core).flags.shown }), query)
}

/// A call of the agent's v1 API.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Call {
    #[serde(rename = "type")]
    kind: Option<String>,
    get_metrics: Option<serde_json::Value>,
    list_files: Option<ListFiles>,
    read_file: Option<ReadFile>,
}

#[derive(Deserialize)]
struct ListFiles {
    path: String,
}

#[derive(Deserialize)]
struct ReadFile {
    path: String,
    #[serde(default)]
    offset: u64,
    length: Option<u64>,
}

async fn call(shared: Arc<Shared>, request: Request) -> Result<Response, Refusal> {
    http::check_v1(&request)?;
    let accepted = http::check_accept(request.headers());
    let body = http::body_of(request).await?;
    let call: Call = http::read_call(&body)?;
    let invalid =
        |field: &str| http::bad_request(format!("Failed to validate agent::Call: Expecting '{field}' to be present"));
    let Some(kind) = call.kind else { return Ok(invalid("type")) };
    accepted?;
    let registered = lock(&shared.core).master.is_some();
    Ok(match (kind.as_str(), call.list_files, call.read_file) {
        ("GET_METRICS", ..) if call.get_metrics.is_none() => invalid("get_metrics"),
        ("LIST_FILES", None, _) => invalid("list_files"),
        ("LIST_FILES", Some(asked), _) => files::list(&shared, &asked.path).await,
        ("READ_FILE", _, None) => invalid("read_file"),
        ("READ_FILE", _, Some(asked)) => files::read_v1(&shared, &asked.path, asked.offset, asked.length).await,
        (kind, ..) => match views::get(&lock(&shared.core), kind, registered) {
            Some(body) => http::json(body, &Query::default()),
            None if kind == "UNKNOWN" || KNOWN.contains(&kind) => {
                http::text(StatusCode::NOT_IMPLEMENTED, "501 Not Implemented.")
            }
            None => invalid("type"),
        },
    })
}

/// Calls of the real agent that this one does not carry out.
const KNOWN: [&str; 15] = [
    "SET_LOGGING_LEVEL",
    "LAUNCH_NESTED_CONTAINER",
    "WAIT_NESTED_CONTAINER",
    "KILL_NESTED_CONTAINER",
    "REMOVE_NESTED_CONTAINER",
    "LAUNCH_NESTED_CONTAINER_SESSION",
    "ATTACH_CONTAINER_INPUT",
    "ATTACH_CONTAINER_OUTPUT",
    "LAUNCH_CONTAINER",
    "WAIT_CONTAINER",
    "KILL_CONTAINER",
    "REMOVE_CONTAINER",
    "ADD_RESOURCE_PROVIDER_CONFIG",
    "PRUNE_IMAGES",
    "REMOVE_RESOURCE_PROVIDER_CONFIG",
];
