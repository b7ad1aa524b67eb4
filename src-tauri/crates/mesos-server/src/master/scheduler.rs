//! The v1 scheduler API.

use std::{
    sync::{Arc, Weak},
    time::Instant,
};

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderValue, StatusCode},
    response::Response,
};
use tokio::sync::mpsc;

use super::Shared;
use crate::{
    http::{self, Refusal},
    links::lock,
    wire::{
        Id,
        call::{Call, Subscribe},
    },
};

/// So many events may wait for a scheduler that is slow to read.
const SLOW: usize = 65_536;
const STREAM_ID: &str = "mesos-stream-id";

/// Answers a call.
pub async fn answer(shared: Arc<Shared>, request: Request) -> Result<Response, Refusal> {
    http::check_v1(&request)?;
    let headers = request.headers().clone();
    let body = http::body_of(request).await?;
    let call: Call =
        http::read_call(&body).map_err(|refusal| missing_framework_fields(&body).map_or(refusal, Refusal::from))?;
    if let Err(why) = validate(&call) {
        return Ok(http::bad_request(format!("Failed to validate scheduler::Call: {why}")));
    }
    match call.subscribe {
        Some(subscribing) if call.kind.as_deref() == Some("SUBSCRIBE") => {
            subscribe(&shared, &headers, call.framework_id, subscribing)
        }
        subscribe => Ok(carry_out(&shared, &headers, Call { subscribe, ..call })),
    }
}

/// A framework without the two fields that it must have: the real parser names both.
fn missing_framework_fields(body: &[u8]) -> Option<Response> {
    let call: serde_json::Value = serde_json::from_slice(body).ok()?;
    let subscribe = call.get("subscribe")?.as_object()?;
    let missing: Vec<String> = match subscribe.get("framework_info") {
        None => vec!["subscribe.framework_info".into()],
        Some(info) => {
            let absent = ["user", "name"].into_iter().filter(|field| info.get(field).is_none());
            absent.map(|field| format!("subscribe.framework_info.{field}")).collect()
        }
    };
    let why = format!("Failed to convert JSON into Call protobuf: Missing required fields: {}", missing.join(", "));
    (!missing.is_empty()).then(|| http::bad_request(why))
}

/// What is wrong with a call by itself, in the real one's words.
fn validate(call: &Call) -> Result<(), String> {
    const CALLS: [&str; 18] = [
        "SUBSCRIBE",
        "TEARDOWN",
        "ACCEPT",
        "DECLINE",
        "ACCEPT_INVERSE_OFFERS",
        "DECLINE_INVERSE_OFFERS",
        "REVIVE",
        "KILL",
        "SHUTDOWN",
        "ACKNOWLEDGE",
        "ACKNOWLEDGE_OPERATION_STATUS",
        "RECONCILE",
        "RECONCILE_OPERATIONS",
        "MESSAGE",
        "REQUEST",
        "SUPPRESS",
        "UPDATE_FRAMEWORK",
        "UNKNOWN",
    ];
    let present = |field: &str| Err(format!("Expecting '{field}' to be present"));
    let Some(kind) = call.kind.as_deref().filter(|kind| CALLS.contains(kind)) else { return present("type") };
    if kind == "SUBSCRIBE" {
        let Some(subscribe) = &call.subscribe else { return present("subscribe") };
        if call.framework_id != subscribe.framework_info.id {
            return Err("'framework_id' differs from 'subscribe.framework_info.id'".into());
        }
        return Ok(());
    }
    if call.framework_id.is_none() {
        return present("framework_id");
    }
    let (there, field) = match kind {
        "ACCEPT" => (call.accept.is_some(), "accept"),
        "DECLINE" => (call.decline.is_some(), "decline"),
        "KILL" => (call.kill.is_some(), "kill"),
        "SHUTDOWN" => (call.shutdown.is_some(), "shutdown"),
        "ACKNOWLEDGE" => (call.acknowledge.is_some(), "acknowledge"),
        "RECONCILE" => (call.reconcile.is_some(), "reconcile"),
        "MESSAGE" => (call.message.is_some(), "message"),
        "UPDATE_FRAMEWORK" => (call.update_framework.is_some(), "update_framework"),
        _ => (true, ""),
    };
    if !there {
        return present(field);
    }
    match &call.acknowledge {
        Some(acknowledge) if acknowledge.uuid().is_none() => Err("Not a valid UUID".into()),
        _ => Ok(()),
    }
}

fn subscribe(shared: &Arc<Shared>, headers: &HeaderMap, id: Option<Id>, call: Subscribe) -> Result<Response, Refusal> {
    http::check_accept(headers)?;
    if headers.contains_key(STREAM_ID) {
        return Ok(http::bad_request("Subscribe calls should not include the 'Mesos-Stream-Id' header"));
    }
    let stream_id = uuid::Uuid::new_v4().to_string();
    let (tx, rx) = mpsc::channel(SLOW);
    let mut call = call;
    call.framework_info.id = id.or(call.framework_info.id);
    let accepted = lock(&shared.core).subscribe(call, stream_id.clone(), tx, Instant::now());
    shared.wake.notify_one();
    let gone = StreamEnd { shared: Arc::downgrade(shared), framework: accepted, stream_id: stream_id.clone() };
    let mut response = http::stream(rx, gone);
    if let Ok(value) = HeaderValue::from_str(&stream_id) {
        response.headers_mut().insert(STREAM_ID, value);
    }
    Ok(response)
}

/// Lies beside a scheduler's stream and tells the master when that is over.
struct StreamEnd {
    shared: Weak<Shared>,
    framework: Option<Id>,
    stream_id: String,
}

impl Drop for StreamEnd {
    fn drop(&mut self) {
        if let (Some(shared), Some(framework)) = (self.shared.upgrade(), &self.framework) {
            lock(&shared.core).stream_closed(framework, &self.stream_id, Instant::now());
            shared.wake.notify_one();
        }
    }
}

/// A call of a scheduler that has subscribed.
fn carry_out(shared: &Shared, headers: &HeaderMap, call: Call) -> Response {
    let mut core = lock(&shared.core);
    let Some(id) = call.framework_id.clone() else { return http::bad_request("Framework cannot be found") };
    let Some(framework) = core.frameworks.get(&id) else { return http::bad_request("Framework cannot be found") };
    let Some(stream) = &framework.stream else {
        return http::text(StatusCode::FORBIDDEN, "Framework is not subscribed");
    };
    let Some(given) = headers.get(STREAM_ID) else {
        return http::bad_request("All non-subscribe calls should include the 'Mesos-Stream-Id' header");
    };
    if given.as_bytes() != stream.id.as_bytes() {
        let given = String::from_utf8_lossy(given.as_bytes());
        let why = format!(
            "The stream ID '{given}' included in this request didn't match the stream ID currently associated with framework ID {id}"
        );
        return http::bad_request(why);
    }
    core.call(&id, call, Instant::now());
    drop(core);
    shared.wake.notify_one();
    http::empty(StatusCode::ACCEPTED)
}
