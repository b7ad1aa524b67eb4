//! The operators' v1 API.

use std::{sync::Arc, time::Instant};

use axum::{extract::Request, http::StatusCode, response::Response};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

use super::{
    Shared,
    core::Core,
    views::{
        VersionInfo, flag_list, metrics, roles,
        v1::{self, One, answer as found},
    },
};
use crate::{
    http::{self, Query, Refusal},
    links::lock,
    wire::Id,
};

/// So many events may wait for a subscriber who is slow to read.
const SLOW: usize = 16_384;

/// A call of the operator API.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Call {
    #[serde(rename = "type")]
    kind: Option<String>,
    get_metrics: Option<serde_json::Value>,
    teardown: Option<Teardown>,
    list_files: Option<serde_json::Value>,
    read_file: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct Teardown {
    framework_id: Id,
}

/// Calls that this practice master does not carry out yet; the real one wants the field of the same name.
const LATER: [&str; 16] = [
    "SET_LOGGING_LEVEL",
    "UPDATE_WEIGHTS",
    "UPDATE_MAINTENANCE_SCHEDULE",
    "START_MAINTENANCE",
    "STOP_MAINTENANCE",
    "UPDATE_QUOTA",
    "SET_QUOTA",
    "REMOVE_QUOTA",
    "DRAIN_AGENT",
    "DEACTIVATE_AGENT",
    "REACTIVATE_AGENT",
    "MARK_AGENT_GONE",
    "RESERVE_RESOURCES",
    "UNRESERVE_RESOURCES",
    "CREATE_VOLUMES",
    "DESTROY_VOLUMES",
];

/// Answers a call.
pub async fn answer(shared: Arc<Shared>, request: Request) -> Result<Response, Refusal> {
    http::check_v1(&request)?;
    let accepted = http::check_accept(request.headers());
    let body = http::body_of(request).await?;
    let call: Call = http::read_call(&body)?;
    let Some(kind) = call.kind.clone().filter(|kind| is_known(kind)) else { return Ok(invalid("type")) };
    accepted?;
    Ok(match kind.as_str() {
        "UNKNOWN" => http::text(StatusCode::NOT_IMPLEMENTED, "501 Not Implemented."),
        "SUBSCRIBE" => subscribe(&shared),
        "GET_METRICS" if call.get_metrics.is_none() => invalid("get_metrics"),
        "LIST_FILES" if call.list_files.is_none() => invalid("list_files"),
        "READ_FILE" if call.read_file.is_none() => invalid("read_file"),
        "LIST_FILES" | "READ_FILE" => http::text(StatusCode::NOT_FOUND, ""),
        "TEARDOWN" => match call.teardown {
            None => invalid("teardown"),
            Some(call) => teardown(&shared, call.framework_id.as_str()),
        },
        kind if LATER.contains(&kind) => later(kind, &body),
        kind => match get(&lock(&shared.core), kind) {
            Some(body) => http::json(body, &Query::default()),
            None => http::text(StatusCode::NOT_IMPLEMENTED, "501 Not Implemented."),
        },
    })
}

fn is_known(kind: &str) -> bool {
    let others = ["UNKNOWN", "SUBSCRIBE", "TEARDOWN", "LIST_FILES", "READ_FILE", "GROW_VOLUME", "SHRINK_VOLUME"];
    kind.starts_with("GET_") && GET.contains(&kind) || LATER.contains(&kind) || others.contains(&kind)
}

const GET: [&str; 17] = [
    "GET_HEALTH",
    "GET_FLAGS",
    "GET_VERSION",
    "GET_METRICS",
    "GET_LOGGING_LEVEL",
    "GET_STATE",
    "GET_AGENTS",
    "GET_FRAMEWORKS",
    "GET_EXECUTORS",
    "GET_OPERATIONS",
    "GET_TASKS",
    "GET_ROLES",
    "GET_WEIGHTS",
    "GET_MASTER",
    "GET_MAINTENANCE_STATUS",
    "GET_MAINTENANCE_SCHEDULE",
    "GET_QUOTA",
];

fn invalid(field: &str) -> Response {
    http::bad_request(format!("Failed to validate master::Call: Expecting '{field}' to be present"))
}

fn later(kind: &str, body: &Bytes) -> Response {
    let field = kind.to_ascii_lowercase();
    let has_field = serde_json::from_slice::<serde_json::Value>(body).is_ok_and(|call| call.get(&field).is_some());
    if has_field { http::text(StatusCode::NOT_IMPLEMENTED, "501 Not Implemented.") } else { invalid(&field) }
}

/// The answer to a GET_* call.
fn get(core: &Core, kind: &str) -> Option<Vec<u8>> {
    #[derive(Serialize)]
    struct Empty {}
    #[derive(Serialize)]
    struct MasterView<'a> {
        master_info: &'a crate::wire::MasterInfo,
        start_time: f64,
        #[serde(skip_serializing_if = "Option::is_none")]
        elected_time: Option<f64>,
    }
    Some(match kind {
        "GET_HEALTH" => found(kind, &One { name: "healthy", of: true }),
        "GET_FLAGS" => found(kind, &One { name: "flags", of: flag_list(&core.flags.shown) }),
        "GET_VERSION" => found(kind, &One { name: "version_info", of: VersionInfo::THIS }),
        "GET_METRICS" => metrics::v1(core),
        "GET_LOGGING_LEVEL" => found(kind, &One { name: "level", of: 0 }),
        "GET_STATE" => found(kind, &v1::State::of(core)),
        "GET_AGENTS" => found(kind, &v1::Agents(core)),
        "GET_FRAMEWORKS" => found(kind, &v1::Frameworks(core)),
        "GET_EXECUTORS" => found(kind, &v1::Executors(core)),
        "GET_OPERATIONS" => found(kind, &Empty {}),
        "GET_TASKS" => found(kind, &v1::Tasks(core)),
        "GET_ROLES" => roles::v1(core),
        "GET_WEIGHTS" => br#"{"type":"GET_WEIGHTS"}"#.to_vec(),
        "GET_MASTER" => {
            found(kind, &MasterView { master_info: &core.me, start_time: core.started, elected_time: core.elected })
        }
        "GET_MAINTENANCE_STATUS" | "GET_QUOTA" => found(kind, &One { name: "status", of: Empty {} }),
        "GET_MAINTENANCE_SCHEDULE" => found(kind, &One { name: "schedule", of: Empty {} }),
        _ => return None,
    })
}

fn subscribe(shared: &Shared) -> Response {
    let (tx, rx) = mpsc::channel(SLOW);
    let mut core = lock(&shared.core);
    let state = v1::subscribed(&core);
    core.subscribe_operator(tx, state);
    drop(core);
    shared.wake.notify_one();
    http::stream(rx, ())
}

/// Ends a framework, as `/teardown` and TEARDOWN do.
pub fn teardown(shared: &Shared, id: &str) -> Response {
    let mut core = lock(&shared.core);
    let id = Id::from(id);
    if !core.frameworks.contains_key(&id) {
        return http::bad_request("No framework found with specified ID");
    }
    core.remove_framework(&id);
    core.allocate(Instant::now());
    http::ok()
}
