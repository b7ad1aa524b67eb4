//! What operators change: the v1 calls, and what the endpoints of old have in common with them.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use axum::{http::StatusCode, response::Response};
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::{
    Shared,
    core::{
        drain::OrderError,
        operations::OperationError,
        quota::{QuotaConfig, SetQuotaError},
    },
};
use crate::{
    http::{self, Refusal},
    lock::lock,
    registry::Quota,
    resources::{Limits, Quantities, faults, millis},
    wire::{
        Id, Nanoseconds,
        framework::role_fault,
        maintenance::{MachineId, Schedule},
    },
};

/// Carries a call out.
pub fn call(shared: &Shared, kind: &str, body: &Json) -> Result<Response, Refusal> {
    let answer = match kind {
        "TEARDOWN" => teardown(shared, text(&body["framework_id"]["value"])),
        "SET_LOGGING_LEVEL" => {
            let duration = Duration::from_nanos(body["duration"]["nanoseconds"].as_u64().unwrap_or_default());
            lock(&shared.core).state.log_level.set(body["level"].as_u64().unwrap_or_default(), duration);
            http::ok()
        }
        "UPDATE_WEIGHTS" => update_weights(shared, &body["weight_infos"]),
        "UPDATE_QUOTA" => update_quota(shared, body)?,
        "SET_QUOTA" => set_quota(shared, &body["quota_request"]),
        "REMOVE_QUOTA" => remove_quota(shared, text(&body["role"])),
        "UPDATE_MAINTENANCE_SCHEDULE" => update_schedule(shared, body["schedule"].clone())?,
        "START_MAINTENANCE" => machines(shared, &body["machines"], true)?,
        "STOP_MAINTENANCE" => machines(shared, &body["machines"], false)?,
        "DRAIN_AGENT" | "DEACTIVATE_AGENT" | "REACTIVATE_AGENT" | "MARK_AGENT_GONE" => order(shared, kind, body)?,
        _ => match operation_of(kind, body) {
            Some(one) => operation(shared, text(&body["agent_id"]["value"]), &one),
            None => http::not_implemented(),
        },
    };
    shared.wake.notify_one();
    Ok(answer)
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

fn text(value: &Json) -> &str {
    value.as_str().unwrap_or_default()
}

fn done(result: Result<(), String>) -> Response {
    result.map_or_else(http::bad_request, |()| http::ok())
}

/// The operation that a call or an endpoint stands for.
fn operation_of(kind: &str, body: &Json) -> Option<Json> {
    let list = |field: &str| body.get(field).cloned().unwrap_or_else(|| json!([]));
    Some(match kind {
        "RESERVE_RESOURCES" => {
            json!({"type": "RESERVE", "reserve": {"resources": list("resources"), "source": list("source")}})
        }
        "UNRESERVE_RESOURCES" => json!({"type": "UNRESERVE", "unreserve": {"resources": list("resources")}}),
        "CREATE_VOLUMES" => json!({"type": "CREATE", "create": {"volumes": list("volumes")}}),
        "DESTROY_VOLUMES" => json!({"type": "DESTROY", "destroy": {"volumes": list("volumes")}}),
        "GROW_VOLUME" => json!({"type": "GROW_VOLUME", "grow_volume": body}),
        "SHRINK_VOLUME" => json!({"type": "SHRINK_VOLUME", "shrink_volume": body}),
        _ => return None,
    })
}

/// The same for an endpoint of old.
pub fn operate(shared: &Shared, kind: &str, agent: &str, body: &Json) -> Response {
    operation_of(kind, body).map_or_else(http::not_found, |one| operation(shared, agent, &one))
}

fn operation(shared: &Shared, agent: &str, operation: &Json) -> Response {
    match lock(&shared.core).operate_on_agent(&Id::from(agent), operation, Instant::now()) {
        Ok(()) => http::empty(StatusCode::ACCEPTED),
        Err(OperationError::Invalid(why)) => http::bad_request(why),
        Err(OperationError::Conflict(why)) => http::text(StatusCode::CONFLICT, why),
    }
}

/// UPDATE_WEIGHTS and `PUT /weights`.
pub fn update_weights(shared: &Shared, infos: &Json) -> Response {
    let infos = infos.as_array().map(Vec::as_slice).unwrap_or_default();
    let weights: Vec<_> = infos
        .iter()
        .map(|info| (text(&info["role"]).to_owned(), info["weight"].as_f64().unwrap_or_default()))
        .collect();
    let mut core = lock(&shared.core);
    let result = core.update_weights(&weights);
    core.allocate(Instant::now());
    done(result)
}

fn update_quota(shared: &Shared, body: &Json) -> Result<Response, Refusal> {
    let configs: Vec<QuotaConfig> = http::part(body.get("quota_configs").cloned().unwrap_or_else(|| json!([])))?;
    let mut core = lock(&shared.core);
    let result = core.update_quotas(&configs, body["force"].as_bool().unwrap_or_default());
    core.allocate(Instant::now());
    Ok(done(result))
}

/// What is wrong with the guarantee of a quota request.
fn guarantee_fault(request: &Json) -> Option<String> {
    let failed = "Failed to validate set quota request";
    if let Some(fault) = faults(&request["guarantee"]) {
        return Some(format!("{failed}: QuotaInfo with invalid resource: {fault}"));
    }
    if let Some(fault) = role_fault(text(&request["role"])) {
        return Some(format!("{failed}: QuotaInfo with invalid role: {fault}"));
    }
    let guarantee = request["guarantee"].as_array().map(Vec::as_slice).unwrap_or_default();
    if guarantee.is_empty() {
        return Some(format!("{failed}: QuotaInfo with empty 'guarantee'"));
    }
    let mut names = std::collections::BTreeSet::new();
    guarantee.iter().find_map(|resource| {
        let reserved = resource["reservations"].as_array().is_some_and(|all| !all.is_empty())
            || resource["role"].as_str().is_some_and(|role| role != "*");
        let why = if reserved {
            "QuotaInfo must not contain any ReservationInfo".to_owned()
        } else if resource.get("disk").is_some() {
            "QuotaInfo must not contain DiskInfo".to_owned()
        } else if resource.get("revocable").is_some() {
            "QuotaInfo must not contain RevocableInfo".to_owned()
        } else if resource["type"] != "SCALAR" {
            "QuotaInfo must not include non-scalar resources".to_owned()
        } else if !names.insert(text(&resource["name"])) {
            format!("QuotaInfo contains duplicate resource name '{}'", text(&resource["name"]))
        } else {
            return None;
        };
        Some(format!("{failed}: {why}"))
    })
}

/// SET_QUOTA and `POST /quota`.
pub fn set_quota(shared: &Shared, request: &Json) -> Response {
    if let Some(fault) = guarantee_fault(request) {
        return http::bad_request(fault);
    }
    let amounts = request["guarantee"].as_array().into_iter().flatten();
    let amounts =
        amounts.filter_map(|one| Some((text(&one["name"]).to_owned(), millis(one["scalar"]["value"].as_f64()?)?)));
    let limits: BTreeMap<_, _> = amounts.collect();
    // None of something is no guarantee, but it is a limit.
    let guarantees = limits.iter().filter(|(_, amount)| **amount > 0).map(|(name, amount)| (name.clone(), *amount));
    let quota = Quota { guarantees: Quantities(guarantees.collect()), limits: Limits(limits) };
    let mut core = lock(&shared.core);
    let result = core.set_quota(text(&request["role"]), &quota, request["force"].as_bool().unwrap_or_default());
    core.allocate(Instant::now());
    match result {
        Ok(()) => http::ok(),
        Err(SetQuotaError::Invalid(why)) => http::bad_request(why),
        Err(SetQuotaError::Overcommit(why)) => http::text(StatusCode::CONFLICT, why),
    }
}

fn remove_quota(shared: &Shared, role: &str) -> Response {
    let mut core = lock(&shared.core);
    let result = core.remove_quota(role).map_err(|why| format!("Failed to remove quota: {why}"));
    core.allocate(Instant::now());
    done(result)
}

/// `DELETE /quota/ROLE`.
pub fn remove_quota_at(shared: &Shared, path: &str, role: &str) -> Response {
    let mut core = lock(&shared.core);
    let result = core.remove_quota(role).map_err(|why| format!("Failed to remove quota for path '{path}': {why}"));
    core.allocate(Instant::now());
    done(result)
}

/// UPDATE_MAINTENANCE_SCHEDULE and `POST /maintenance/schedule`.
pub fn update_schedule(shared: &Shared, schedule: Json) -> Result<Response, Refusal> {
    let schedule: Schedule = if schedule.is_null() { Schedule::default() } else { http::part(schedule)? };
    Ok(done(lock(&shared.core).update_schedule(schedule, Instant::now())))
}

/// START_MAINTENANCE, STOP_MAINTENANCE, `/machine/down`, `/machine/up`.
pub fn machines(shared: &Shared, ids: &Json, down: bool) -> Result<Response, Refusal> {
    let ids: Vec<MachineId> = if ids.is_null() { Vec::new() } else { http::part(ids.clone())? };
    let mut core = lock(&shared.core);
    Ok(done(if down {
        core.start_maintenance(&ids, Instant::now())
    } else {
        core.stop_maintenance(&ids, Instant::now())
    }))
}

#[derive(Deserialize)]
struct Order {
    agent_id: Id,
    max_grace_period: Option<Period>,
    #[serde(default)]
    mark_gone: bool,
}

/// A duration in the form that the v1 API has here. Inside, the real master has another message with the same number
/// for its first field: the seconds that an operator gives become nanoseconds, in 1.11.0.
#[derive(Clone, Copy, Deserialize)]
struct Period {
    #[serde(default)]
    seconds: i64,
}

impl Period {
    fn nanoseconds(self) -> Nanoseconds {
        Nanoseconds { nanoseconds: self.seconds }
    }
}

/// Orders about an agent.
fn order(shared: &Shared, kind: &str, body: &Json) -> Result<Response, Refusal> {
    let Order { agent_id, max_grace_period, mark_gone } = http::part(body.clone())?;
    let mut core = lock(&shared.core);
    let at = Instant::now();
    let result = match kind {
        "DRAIN_AGENT" => core.drain_agent(&agent_id, max_grace_period.map(Period::nanoseconds), mark_gone, at),
        "DEACTIVATE_AGENT" => core.deactivate_agent(&agent_id),
        "REACTIVATE_AGENT" => core.reactivate_agent(&agent_id, at),
        _ => core.mark_gone(&agent_id, at),
    };
    Ok(match result {
        Ok(()) => http::ok(),
        Err(OrderError::Invalid(why)) => http::bad_request(why),
        Err(OrderError::NotFound(why)) => http::text(StatusCode::NOT_FOUND, why),
        Err(OrderError::Conflict(why)) => http::text(StatusCode::CONFLICT, why),
    })
}
