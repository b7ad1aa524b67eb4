//! The endpoints of old through which operators change something.

use axum::{extract::Request, http::Method, response::Response};
use serde_json::{Map, Value as Json};

use super::{Shared, changes};
use crate::{
    http::{self, Query, Refusal},
    wire::schema::MessageType,
};

/// Whether a path is one of them.
pub fn knows(name: &str, method: &Method) -> bool {
    match name {
        "quota" | "weights" | "maintenance/schedule" | "maintenance/status" => method != Method::GET,
        "teardown" | "machine/down" | "machine/up" | "reserve" | "unreserve" | "create-volumes" | "destroy-volumes" => {
            true
        }
        _ => name.starts_with("quota/"),
    }
}

/// The methods that an endpoint takes.
fn methods(name: &str) -> &'static [&'static str] {
    match name {
        "quota" => &["GET", "POST", "DELETE"],
        "weights" => &["GET", "PUT"],
        "maintenance/schedule" => &["GET", "POST"],
        "maintenance/status" => &["GET"],
        _ if name.starts_with("quota/") => &["GET", "POST", "DELETE"],
        _ => &["POST"],
    }
}

/// Answers a request.
pub async fn answer(shared: &Shared, name: &str, request: Request) -> Result<Response, Refusal> {
    if !methods(name).contains(&request.method().as_str()) {
        return Ok(http::method_not_allowed(methods(name), request.method()));
    }
    let (method, path) = (request.method().clone(), format!("/master/{name}"));
    let body = http::body_of(request).await?;
    let answer = match name {
        "teardown" => teardown(shared, &body),
        "weights" => weights(shared, &body),
        "maintenance/schedule" => schedule(shared, &body)?,
        "machine/down" => machines(shared, &body, true)?,
        "machine/up" => machines(shared, &body, false)?,
        "reserve" => operate(shared, "RESERVE_RESOURCES", &["resources", "source"], &body),
        "unreserve" => operate(shared, "UNRESERVE_RESOURCES", &["resources"], &body),
        "create-volumes" => operate(shared, "CREATE_VOLUMES", &["volumes"], &body),
        "destroy-volumes" => operate(shared, "DESTROY_VOLUMES", &["volumes"], &body),
        _ if method == Method::DELETE => delete_quota(shared, &path),
        _ => quota(shared, &body),
    };
    shared.wake.notify_one();
    Ok(answer)
}

fn form(body: &[u8]) -> Query {
    Query::parse(&String::from_utf8_lossy(body))
}

fn teardown(shared: &Shared, body: &[u8]) -> Response {
    match form(body).get("frameworkId") {
        None => http::bad_request("Missing 'frameworkId' query parameter in the request body"),
        Some(id) => changes::teardown(shared, id),
    }
}

/// JSON of a certain kind at the top.
fn parse(body: &[u8], array: bool) -> Result<Json, String> {
    let json = http::parse_json(body)?;
    if array && !json.is_array() || !array && !json.is_object() {
        return Err("Unexpected JSON type parsed".into());
    }
    Ok(json)
}

/// A list of messages.
fn read_all(message: MessageType, list: &Json) -> Result<Json, String> {
    let items = list.as_array().map(Vec::as_slice).unwrap_or_default();
    items.iter().map(|item| message.read(item)).collect::<Result<Vec<_>, _>>().map(Json::Array)
}

fn quota(shared: &Shared, body: &[u8]) -> Response {
    let shown = String::from_utf8_lossy(body);
    let request = match parse(body, false) {
        Ok(json) => MessageType::named("quota.QuotaRequest").read(&json),
        Err(why) => return http::bad_request(format!("Failed to parse set quota request JSON '{shown}': {why}")),
    };
    match request {
        Ok(request) => changes::set_quota(shared, &request),
        Err(why) => http::bad_request(format!("Failed to validate set quota request JSON '{shown}': {why}")),
    }
}

fn delete_quota(shared: &Shared, path: &str) -> Response {
    let parts: Vec<&str> = path.splitn(4, '/').filter(|part| !part.is_empty()).collect();
    match parts.as_slice() {
        [_, _, role] => changes::remove_quota_at(shared, path, &http::decode(role)),
        parts => http::bad_request(format!(
            "Failed to parse remove quota request for path '{path}': expected 3 tokens, found {} tokens",
            parts.len()
        )),
    }
}

fn weights(shared: &Shared, body: &[u8]) -> Response {
    let shown = String::from_utf8_lossy(body);
    let infos = match parse(body, true) {
        Ok(json) => read_all(MessageType::named("WeightInfo"), &json),
        Err(why) => return http::bad_request(format!("Failed to parse update weights request JSON '{shown}': {why}")),
    };
    match infos {
        Ok(infos) => changes::update_weights(shared, &infos),
        Err(why) => http::bad_request(format!("Failed to convert weights JSON array to protobuf '{shown}': {why}")),
    }
}

fn schedule(shared: &Shared, body: &[u8]) -> Result<Response, Refusal> {
    let read = parse(body, false).and_then(|json| MessageType::named("maintenance.Schedule").read(&json));
    match read {
        Ok(schedule) => changes::update_schedule(shared, schedule),
        Err(why) => Ok(http::bad_request(why)),
    }
}

fn machines(shared: &Shared, body: &[u8], down: bool) -> Result<Response, Refusal> {
    match parse(body, true).and_then(|json| read_all(MessageType::named("MachineID"), &json)) {
        Ok(ids) => changes::machines(shared, &ids, down),
        Err(why) => Ok(http::bad_request(why)),
    }
}

/// Reservations and volumes come as JSON in a form.
fn operate(shared: &Shared, kind: &str, fields: &[&str], body: &[u8]) -> Response {
    let form = form(body);
    let Some(agent) = form.get("slaveId") else {
        return http::bad_request("Missing 'slaveId' query parameter in the request body");
    };
    let verb = if kind == "RESERVE_RESOURCES" { "Error parsing" } else { "Error in parsing" };
    let mut all = Map::new();
    for field in fields {
        let Some(text) = form.get(field) else {
            if *field == "source" {
                continue;
            }
            return http::bad_request(format!("Missing '{field}' query parameter in the request body"));
        };
        let read = parse(text.as_bytes(), true).and_then(|json| read_all(MessageType::named("Resource"), &json));
        match read {
            Ok(resources) => drop(all.insert((*field).to_owned(), resources)),
            Err(why) => {
                return http::bad_request(format!("{verb} '{field}' query parameter in the request body: {why}"));
            }
        }
    }
    changes::operate(shared, kind, agent, &Json::Object(all))
}
