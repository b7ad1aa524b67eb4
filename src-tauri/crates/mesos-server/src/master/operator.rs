//! The operators' v1 API.

use std::{
    io::{self, Write},
    sync::{Arc, LazyLock},
};

use axum::{body::Bytes, extract::Request, http::StatusCode, response::Response};
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
    http_large,
    lock::lock,
    views::{One, VersionInfo, answer_into as found, flag_list},
    wire::{
        recordio::{self, Union},
        schema::MessageType,
    },
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
            let (copy, subscribers) = {
                let core = lock(&shared.core);
                (core.state.copy(), core.subscribers())
            };
            let Some(kind) = GETS.into_iter().find(|known| *known == kind) else { return Ok(http::not_implemented()) };
            Ok(http_large::answer(media, *RESPONSE, move |out| get(&copy, subscribers, kind, out)).await)
        }
        _ => changes::call(&shared, kind, &call[kind.to_ascii_lowercase()]),
    }
}

/// The calls that only look.
const GETS: [&str; 17] = [
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

/// The answer to a GET_* call.
fn get(core: &State, subscribers: usize, kind: &str, out: &mut dyn Write) -> io::Result<()> {
    #[derive(Serialize)]
    struct MasterView<'a> {
        master_info: &'a crate::wire::MasterInfo,
        start_time: f64,
        #[serde(skip_serializing_if = "Option::is_none")]
        elected_time: Option<f64>,
    }
    match kind {
        "GET_HEALTH" => found(out, kind, &One { name: "healthy", of: true }),
        "GET_FLAGS" => found(out, kind, &One { name: "flags", of: flag_list(&core.flags.shown) }),
        "GET_VERSION" => found(out, kind, &One { name: "version_info", of: VersionInfo::THIS }),
        "GET_METRICS" => out.write_all(&metrics::v1(core, subscribers)),
        "GET_LOGGING_LEVEL" => found(out, kind, &One { name: "level", of: core.log_level.now() }),
        "GET_STATE" => found(out, kind, &v1::State::of(core)),
        "GET_AGENTS" => found(out, kind, &v1::Agents(core)),
        "GET_FRAMEWORKS" => found(out, kind, &v1::Frameworks(core)),
        "GET_EXECUTORS" => found(out, kind, &v1::Executors(core)),
        "GET_OPERATIONS" => found(out, kind, &v1::Operations(core)),
        "GET_TASKS" => found(out, kind, &v1::Tasks(core)),
        "GET_ROLES" => out.write_all(&roles::v1(core)),
        "GET_WEIGHTS" if core.weights.is_empty() => out.write_all(br#"{"type":"GET_WEIGHTS"}"#),
        "GET_WEIGHTS" => found(out, kind, &One { name: "weight_infos", of: quota::weights(core) }),
        "GET_MASTER" => found(
            out,
            kind,
            &MasterView { master_info: &core.me, start_time: core.started, elected_time: core.elected },
        ),
        "GET_MAINTENANCE_STATUS" => found(out, kind, &One { name: "status", of: maintenance::status(core) }),
        "GET_MAINTENANCE_SCHEDULE" => found(out, kind, &One { name: "schedule", of: &core.maintenance.schedule }),
        _ => found(out, kind, &One { name: "status", of: quota::status(core) }),
    }
}

fn subscribe(shared: &Shared, media: Media) -> Response {
    let (tx, rx) = mpsc::channel(SLOW);
    // The channel is new and empty: there is room. Events that come while the state is written wait behind it.
    let _ = tx.try_send(recordio::heartbeat().into());
    let mut core = lock(&shared.core);
    let copy = core.state.copy();
    core.subscribe_operator(tx);
    drop(core);
    shared.wake.notify_one();
    match media {
        Media::Json => http_large::stream_after(move |out| subscribed(&copy, out), rx, *EVENT),
        Media::Protobuf => http_large::stream_after_made(move || copy.subscribed(subscribed_protobuf), rx, *EVENT),
    }
}

/// The first event of an operator's stream.
fn subscribed(core: &State, out: &mut dyn Write) -> io::Result<()> {
    recordio::json_into(out, &Union("SUBSCRIBED", "subscribed", &v1::Subscribed::of(core, HEARTBEAT)))
}

fn subscribed_protobuf(core: &State) -> Bytes {
    let mut json = Vec::new();
    // A vector takes everything.
    let _ = subscribed(core, &mut json);
    recordio::record(&EVENT.transcode(&json))
}
