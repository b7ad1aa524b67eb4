//! The v1 scheduler API.

use std::{
    sync::{Arc, LazyLock, Weak},
    time::Instant,
};

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderValue, StatusCode},
    response::Response,
};
use serde_json::Value as Json;
use tokio::sync::mpsc;

use super::Shared;
use crate::{
    http::{self, Media, Refusal},
    lock::lock,
    wire::{
        Id, Uuid,
        call::{Action, Subscribe},
        schema::MessageType,
    },
};

/// So many events may wait for a scheduler that is slow to read.
const SLOW: usize = 65_536;
const STREAM_ID: &str = "mesos-stream-id";
static CALL: LazyLock<MessageType> = LazyLock::new(|| MessageType::named("scheduler.Call"));
static EVENT: LazyLock<MessageType> = LazyLock::new(|| MessageType::named("scheduler.Event"));

/// Answers a call.
pub async fn answer(shared: Arc<Shared>, request: Request) -> Result<Response, Refusal> {
    let media = http::check_v1(&request)?;
    let headers = request.headers().clone();
    let body = http::body_of(request).await?;
    let mut call = http::read_call(media, &body, *CALL)?;
    drop(body);
    let kind = match validate(&call) {
        Ok(kind) => kind.to_owned(),
        Err(why) => return Ok(http::bad_request(format!("Failed to validate scheduler::Call: {why}"))),
    };
    if matches!(kind.as_str(), "SUBSCRIBE" | "RECONCILE_OPERATIONS") {
        let media = http::check_accept(&headers)?;
        if kind == "SUBSCRIBE" {
            return subscribe(&shared, &headers, media, call["subscribe"].take());
        }
    }
    carry_out(&shared, &headers, &kind, &mut call)
}

/// The calls and the field that each must have, if any.
const CALLS: [(&str, &str); 18] = [
    ("SUBSCRIBE", "subscribe"),
    ("TEARDOWN", ""),
    ("ACCEPT", "accept"),
    ("DECLINE", "decline"),
    ("ACCEPT_INVERSE_OFFERS", "accept_inverse_offers"),
    ("DECLINE_INVERSE_OFFERS", "decline_inverse_offers"),
    ("REVIVE", ""),
    ("KILL", "kill"),
    ("SHUTDOWN", "shutdown"),
    ("ACKNOWLEDGE", "acknowledge"),
    ("ACKNOWLEDGE_OPERATION_STATUS", "acknowledge_operation_status"),
    ("RECONCILE", "reconcile"),
    ("RECONCILE_OPERATIONS", "reconcile_operations"),
    ("MESSAGE", "message"),
    ("REQUEST", "request"),
    ("SUPPRESS", ""),
    ("UPDATE_FRAMEWORK", "update_framework"),
    ("UNKNOWN", ""),
];

/// The kind of a call; or what is wrong with it by itself, in the real one's words.
fn validate(call: &Json) -> Result<&str, String> {
    let present = |field: &str| Err(format!("Expecting '{field}' to be present"));
    let kind = call["type"].as_str().unwrap_or_default();
    let Some((kind, field)) = CALLS.iter().find(|(name, _)| *name == kind) else { return present("type") };
    let framework_id = |info: &Json| info["id"]["value"].as_str().unwrap_or_default().to_owned();
    let own_id = call["framework_id"]["value"].as_str();
    if *kind == "SUBSCRIBE" {
        let Some(subscribe) = call.get("subscribe") else { return present("subscribe") };
        if framework_id(&subscribe["framework_info"]) != own_id.unwrap_or_default() {
            return Err("'framework_id' differs from 'subscribe.framework_info.id'".into());
        }
        return Ok(kind);
    }
    let Some(own_id) = own_id else { return present("framework_id") };
    if !field.is_empty() && call.get(*field).is_none() {
        return present(field);
    }
    let body = &call[*field];
    match *kind {
        "ACKNOWLEDGE" | "ACKNOWLEDGE_OPERATION_STATUS"
            if Uuid::parse(body["uuid"].as_str().unwrap_or_default()).is_none() =>
        {
            Err("Not a valid UUID".into())
        }
        "ACKNOWLEDGE_OPERATION_STATUS" if body.get("agent_id").is_none() => present("agent_id"),
        "UPDATE_FRAMEWORK" if framework_id(&body["framework_info"]) != own_id => {
            Err("'framework_id' differs from 'update_framework.framework_info.id'".into())
        }
        _ => Ok(kind),
    }
}

fn subscribe(shared: &Arc<Shared>, headers: &HeaderMap, media: Media, call: Json) -> Result<Response, Refusal> {
    if headers.contains_key(STREAM_ID) {
        return Ok(http::bad_request("Subscribe calls should not include the 'Mesos-Stream-Id' header"));
    }
    let call: Subscribe = http::part(call)?;
    let stream_id = uuid::Uuid::new_v4().to_string();
    let (tx, rx) = mpsc::channel(SLOW);
    let accepted = lock(&shared.core).subscribe(call, stream_id.clone(), tx, Instant::now());
    shared.wake.notify_one();
    let gone = StreamEnd { shared: Arc::downgrade(shared), framework: accepted, stream_id: stream_id.clone() };
    let mut response = http::stream(rx, gone, media, *EVENT);
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
fn carry_out(shared: &Shared, headers: &HeaderMap, kind: &str, call: &mut Json) -> Result<Response, Refusal> {
    let id = Id::from(call["framework_id"]["value"].as_str().unwrap_or_default());
    let action = Action::read(kind, call).map_err(|error| http::bad_request(error.to_string()))?;
    let mut core = lock(&shared.core);
    if !core.state.frameworks.contains_key(&id) {
        return Ok(http::bad_request("Framework cannot be found"));
    }
    let Some(stream) = core.stream(&id) else {
        return Ok(http::text(StatusCode::FORBIDDEN, "Framework is not subscribed"));
    };
    let Some(given) = headers.get(STREAM_ID) else {
        return Ok(http::bad_request("All non-subscribe calls should include the 'Mesos-Stream-Id' header"));
    };
    if given.as_bytes() != stream.id.as_bytes() {
        let given = String::from_utf8_lossy(given.as_bytes());
        let why = format!(
            "The stream ID '{given}' included in this request didn't match the stream ID currently associated with framework ID {id}"
        );
        return Ok(http::bad_request(why));
    }
    let answered = match action {
        Some(action) => {
            core.call(&id, action, Instant::now());
            http::empty(StatusCode::ACCEPTED)
        }
        None if kind == "UPDATE_FRAMEWORK" => {
            let update = http::part(call["update_framework"].take())?;
            match core.update_framework(&id, update, Instant::now()) {
                Ok(()) => http::ok(),
                Err(why) => http::bad_request(why),
            }
        }
        None => http::not_implemented(),
    };
    drop(core);
    shared.wake.notify_one();
    Ok(answered)
}
