//! An agent's endpoints.

use std::{
    sync::{Arc, LazyLock},
    time::Duration,
};

use axum::{
    extract::Request,
    http::{Method, StatusCode},
    response::Response,
};
use serde::Serialize;
use serde_json::Value as Json;

use super::{Shared, files, views};
use crate::{
    http::{self, Query, Refusal},
    lock::lock,
    views::{Build, metrics::system_stats},
    wire::{recordio, schema::MessageType, task::id_fault},
};

/// All endpoints.
const ENDPOINTS: [&str; 14] = [
    "api/v1",
    "containers",
    "files/browse",
    "files/debug",
    "files/download",
    "files/read",
    "flags",
    "health",
    "logging/toggle",
    "metrics/snapshot",
    "monitor/statistics",
    "state",
    "system/stats.json",
    "version",
];

/// Answers a request.
pub async fn answer(shared: Arc<Shared>, request: Request) -> Response {
    let path = request.uri().path();
    let path = if path.len() > 1 { path.trim_end_matches('/') } else { path };
    let path = crate::http::decode(path);
    let path = path.strip_prefix("/slave(1)/").or_else(|| path.strip_prefix('/')).unwrap_or_default().to_owned();
    let query = Query::of(&request);
    let registered = lock(&shared.core).master.is_some();
    match http::endpoint(&path, &ENDPOINTS) {
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
        "system/stats.json" => http::json(system_stats(), &query),
        "logging/toggle" => http::toggle_logging(&mut lock(&shared.core).log_level, &query),
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

static CALL: LazyLock<MessageType> = LazyLock::new(|| MessageType::named("agent.Call"));
static RESPONSE: LazyLock<MessageType> = LazyLock::new(|| MessageType::named("agent.Response"));

/// What is wrong with a call by itself.
fn fault(kind: &str, call: &Json) -> Option<String> {
    let present = |field: &str| format!("Expecting '{field}' to be present");
    if kind.is_empty() {
        return Some(present("type"));
    }
    let field = kind.to_ascii_lowercase();
    let bare = kind.starts_with("GET_") && kind != "GET_METRICS" || matches!(kind, "UNKNOWN" | "PRUNE_IMAGES");
    if !bare && call.get(&field).is_none() {
        return Some(present(&field));
    }
    let body = &call[&field];
    let container = body.get("container_id")?;
    if let Some(why) = id_fault(container["value"].as_str().unwrap_or_default()) {
        return Some(format!("'{field}.container_id' is invalid: 'ContainerID.value' is invalid: {why}"));
    }
    (kind.contains("NESTED") && container.get("parent").is_none())
        .then(|| present(&format!("{field}.container_id.parent")))
}

async fn call(shared: Arc<Shared>, request: Request) -> Result<Response, Refusal> {
    let media = http::check_v1(&request)?;
    let accepted = http::check_accept(request.headers());
    let body = http::body_of(request).await?;
    let call = http::read_call(media, &body, *CALL)?;
    let kind = call["type"].as_str().unwrap_or_default();
    if let Some(fault) = fault(kind, &call) {
        return Ok(http::bad_request(format!("Failed to validate agent::Call: {fault}")));
    }
    let media = accepted?;
    let registered = lock(&shared.core).master.is_some();
    let body = &call[kind.to_ascii_lowercase()];
    let answer = |json: Vec<u8>| http::answer(media, *RESPONSE, json);
    let found = |json: Option<Vec<u8>>| json.map_or_else(files::nothing, answer);
    Ok(match kind {
        "LIST_FILES" => found(files::list(&shared, body["path"].as_str().unwrap_or_default()).await),
        "READ_FILE" => {
            let (offset, length) = (body["offset"].as_u64().unwrap_or_default(), body["length"].as_u64());
            found(files::read_v1(&shared, body["path"].as_str().unwrap_or_default(), offset, length).await)
        }
        "SET_LOGGING_LEVEL" => {
            let duration = Duration::from_nanos(body["duration"]["nanoseconds"].as_u64().unwrap_or_default());
            lock(&shared.core).log_level.set(body["level"].as_u64().unwrap_or_default(), duration);
            http::ok()
        }
        "WAIT_CONTAINER"
        | "WAIT_NESTED_CONTAINER"
        | "KILL_CONTAINER"
        | "KILL_NESTED_CONTAINER"
        | "ATTACH_CONTAINER_OUTPUT" => {
            let words = format!("Container {} cannot be found", container_name(&body["container_id"]));
            http::text(StatusCode::NOT_FOUND, words)
        }
        kind => match views::get(&lock(&shared.core), kind, registered) {
            Some(json) => answer(json),
            None => http::not_implemented(),
        },
    })
}

/// A container's name, with those that it is in.
fn container_name(id: &Json) -> String {
    let own = id["value"].as_str().unwrap_or_default();
    id.get("parent").map_or_else(|| own.to_owned(), |parent| format!("{}.{own}", container_name(parent)))
}
