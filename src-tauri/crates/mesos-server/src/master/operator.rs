//! The operators' v1 API.

use std::{
    sync::{Arc, LazyLock},
    time::Instant,
};

use axum::{extract::Request, http::StatusCode, response::Response};
use serde::Serialize;
use serde_json::Value as Json;
use tokio::sync::mpsc;

use super::{
    Shared, changes,
    core::HEARTBEAT,
    state::State,
    views::{maintenance, metrics, quota, roles, v1},
};
use crate::{
    http::{self, Media, Refusal},
    lock::lock,
    views::{One, VersionInfo, answer as found, flag_list},
    wire::{Id, recordio, schema::MessageType},
};

/// So many events may wait for a subscriber who is slow to read.
const SLOW: usize = 16_384;
static CALL: LazyLock<MessageType> = LazyLock::new(|| MessageType::named("master.Call"));
static RESPONSE: LazyLock<MessageType> = LazyLock::new(|| MessageType::named("master.Response"));
static EVENT: LazyLock<MessageType> = LazyLock::new(|| MessageType::named("master.Event"));

/// Calls that need the field of the same name.
const WITH_FIELD: [&str; 23] = [
    "GET_METRICS",
    "SET_LOGGING_LEVEL",
    "LIST_FILES",
    "READ_FILE",
    "UPDATE_WEIGHTS",
    "RESERVE_RESOURCES",
    "UNRESERVE_RESOURCES",
    "CREATE_VOLUMES",
    "DESTROY_VOLUMES",
    "GROW_VOLUME",
    "SHRINK_VOLUME",
    "UPDATE_MAINTENANCE_SCHEDULE",
    "START_MAINTENANCE",
    "STOP_MAINTENANCE",
    "DRAIN_AGENT",
    "DEACTIVATE_AGENT",
    "REACTIVATE_AGENT",
    "UPDATE_QUOTA",
    "SET_QUOTA",
    "REMOVE_QUOTA",
    "TEARDOWN",
    "MARK_AGENT_GONE",
    "",
];

/// What is wrong with a call by itself.
fn fault(kind: &str, call: &Json) -> Option<String> {
    let present = |field: &str| format!("Expecting '{field}' to be present");
    if kind.is_empty() {
        return Some(present("type"));
    }
    let field = kind.to_ascii_lowercase();
    if WITH_FIELD.contains(&kind) && call.get(&field).is_none() {
        return Some(present(&field));
    }
    match kind {
        "RESERVE_RESOURCES" | "UNRESERVE_RESOURCES" => crate::resources::faults(&call[&field]["resources"]),
        "GROW_VOLUME" | "SHRINK_VOLUME" if call[&field].get("agent_id").is_none() => {
            Some(present("agent_id") + "; only agent default resources are supported right now")
        }
        _ => None,
    }
}

/// Answers a call.
pub async fn answer(shared: Arc<Shared>, request: Request) -> Result<Response, Refusal> {
    let media = http::check_v1(&request)?;
    let accepted = http::check_accept(request.headers());
    let body = http::body_of(request).await?;
    let call = http::read_call(media, &body, *CALL)?;
    let kind = call["type"].as_str().unwrap_or_default();
    if let Some(fault) = fault(kind, &call) {
        return Ok(http::bad_request(format!("Failed to validate master::Call: {fault}")));
    }
    let media = accepted?;
    match kind {
        "UNKNOWN" => Ok(http::not_implemented()),
        "SUBSCRIBE" => Ok(subscribe(&shared, media)),
        // A master shows no files of its own.
        "LIST_FILES" | "READ_FILE" => Ok(http::text(StatusCode::NOT_FOUND, "")),
        _ if kind.starts_with("GET_") => {
            // A copy is rendered, so that the master can go on in the meantime.
            let copy = lock(&shared.core).state.clone();
            let kind = kind.to_owned();
            let render = move || get(&copy, &kind).map(|json| http::answer(media, *RESPONSE, &json));
            let rendered = tokio::task::spawn_blocking(render).await.ok().flatten();
            Ok(rendered.unwrap_or_else(http::not_implemented))
        }
        _ => changes::call(&shared, kind, &call[kind.to_ascii_lowercase()]),
    }
}

/// The answer to a GET_* call.
fn get(core: &State, kind: &str) -> Option<Vec<u8>> {
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
        "GET_LOGGING_LEVEL" => found(kind, &One { name: "level", of: core.log_level.now() }),
        "GET_STATE" => found(kind, &v1::State::of(core)),
        "GET_AGENTS" => found(kind, &v1::Agents(core)),
        "GET_FRAMEWORKS" => found(kind, &v1::Frameworks(core)),
        "GET_EXECUTORS" => found(kind, &v1::Executors(core)),
        "GET_OPERATIONS" => found(kind, &v1::Operations(core)),
        "GET_TASKS" => found(kind, &v1::Tasks(core)),
        "GET_ROLES" => roles::v1(core),
        "GET_WEIGHTS" if core.weights.is_empty() => br#"{"type":"GET_WEIGHTS"}"#.to_vec(),
        "GET_WEIGHTS" => found(kind, &One { name: "weight_infos", of: quota::weights(core) }),
        "GET_MASTER" => {
            found(kind, &MasterView { master_info: &core.me, start_time: core.started, elected_time: core.elected })
        }
        "GET_MAINTENANCE_STATUS" => found(kind, &One { name: "status", of: maintenance::status(core) }),
        "GET_MAINTENANCE_SCHEDULE" => found(kind, &One { name: "schedule", of: &core.maintenance.schedule }),
        "GET_QUOTA" => found(kind, &One { name: "status", of: quota::status(core) }),
        _ => return None,
    })
}

fn subscribe(shared: &Shared, media: Media) -> Response {
    let (tx, rx) = mpsc::channel(SLOW);
    let mut core = lock(&shared.core);
    let copy = core.state.clone();
    core.subscribe_operator(tx);
    drop(core);
    shared.wake.notify_one();
    // Events that come while the state is rendered wait behind it.
    let first = async move {
        let rendered = tokio::task::spawn_blocking(move || {
            recordio::event("SUBSCRIBED", "subscribed", &v1::Subscribed::of(&copy, HEARTBEAT))
        })
        .await;
        rendered.map(|state| [state, recordio::heartbeat()]).unwrap_or_default()
    };
    http::stream_after(first, rx, media, *EVENT)
}

/// Ends a framework, as `/teardown` and TEARDOWN do.
pub fn teardown(shared: &Shared, id: &str) -> Response {
    let mut core = lock(&shared.core);
    let id = Id::from(id);
    if !core.state.frameworks.contains_key(&id) {
        return http::bad_request("No framework found with specified ID");
    }
    core.remove_framework(&id);
    core.allocate(Instant::now());
    http::ok()
}
