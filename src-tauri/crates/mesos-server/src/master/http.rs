//! Which path answers what, and who answers: this master, or the leading one.

use std::{io::Write, sync::Arc, time::Duration};

use axum::{
    extract::Request,
    http::{HeaderValue, Method, StatusCode, header},
    response::Response,
};
use serde::Serialize;
use tokio::time::timeout;

use super::{
    Shared, legacy, operator, scheduler,
    views::{maintenance, metrics, quota, roles, v0},
};
use crate::{
    http::{self, Query, Refusal},
    http_large,
    lock::lock,
    views::{self, Build},
    wire::recordio,
};

/// How long writing the registry may take: the default of `--registry_store_timeout`.
const STORE: Duration = Duration::from_secs(20);

/// All endpoints.
const ENDPOINTS: [&str; 30] = [
    "api/v1",
    "api/v1/scheduler",
    "create-volumes",
    "destroy-volumes",
    "files/browse",
    "files/debug",
    "files/download",
    "files/read",
    "flags",
    "frameworks",
    "health",
    "logging/toggle",
    "machine/down",
    "machine/up",
    "maintenance/schedule",
    "maintenance/status",
    "metrics/snapshot",
    "quota",
    "redirect",
    "reserve",
    "roles",
    "slaves",
    "state",
    "state-summary",
    "system/stats.json",
    "tasks",
    "teardown",
    "unreserve",
    "version",
    "weights",
];

/// Answers a request.
pub async fn answer(shared: Arc<Shared>, request: Request) -> Response {
    let path = request.uri().path();
    let path = if path.len() > 1 { path.trim_end_matches('/') } else { path };
    // `/state` and `/master/state` are one; `/metrics` and the like belong to other processes inside a master.
    let path = path.strip_prefix("/master/").or_else(|| path.strip_prefix('/')).unwrap_or_default().to_owned();
    let name = http::endpoint(&path, &ENDPOINTS);
    match name {
        "health" => http::ok(),
        "version" => http::json(recordio::json(&Build::THIS), &Query::of(&request)),
        "flags" => flags(&shared, &request),
        "metrics/snapshot" => {
            let core = lock(&shared.core);
            http::json(metrics::v0(&core.state, core.subscribers()), &Query::of(&request))
        }
        "system/stats.json" => http::json(views::metrics::system_stats(), &Query::of(&request)),
        "logging/toggle" => http::toggle_logging(&mut lock(&shared.core).state.log_level, &Query::of(&request)),
        "files/debug" => http::json(b"{}".to_vec(), &Query::of(&request)),
        "files/browse" | "files/read" | "files/download" => no_file(&request),
        "redirect" => redirect(&shared),
        "api/v1" | "api/v1/scheduler" => http::settled(for_the_leader(shared, name, request).await),
        // The rest of this one's path is the role.
        "quota" if name != path && request.method() != Method::GET => {
            http::settled(for_the_leader(shared, &path, request).await)
        }
        name if legacy::knows(name, request.method()) => http::settled(for_the_leader(shared, name, request).await),
        name => http::settled(state_of_the_leader(&shared, name, Query::of(&request)).await),
    }
}

/// Calls that only a leader carries out.
async fn for_the_leader(shared: Arc<Shared>, name: &str, request: Request) -> Result<Response, Refusal> {
    leads_or_redirects(&shared, name)?;
    if name == "api/v1/scheduler" {
        return scheduler::answer(shared, request).await;
    }
    let before = shared.registry().decided();
    let answer = match name {
        "api/v1" => operator::answer(shared.clone(), request).await,
        _ => legacy::answer(&shared, name, request).await,
    };
    if shared.registry().decided() != before {
        is_kept(&shared).await;
    }
    answer
}

/// What an operator has decided is acknowledged when it is on a disk. A master that cannot write it for too long ends, as
/// the real one.
async fn is_kept(shared: &Shared) {
    let registry = shared.registry();
    if timeout(STORE, registry.is_written(registry.decided())).await.is_err() {
        let text = "Registrar aborting: Failed to update registry: Failed to perform store within 20secs";
        lock(&shared.core).log.error("registrar.cpp:650", text);
        shared.end();
        std::future::pending().await
    }
}

/// Endpoints that only a leader answers, from a copy of its state.
async fn state_of_the_leader(shared: &Shared, name: &str, query: Query) -> Result<Response, Refusal> {
    const READ: [&str; 10] = [
        "state",
        "state-summary",
        "slaves",
        "frameworks",
        "tasks",
        "roles",
        "quota",
        "weights",
        "maintenance/schedule",
        "maintenance/status",
    ];
    let Some(name) = READ.into_iter().find(|known| *known == name) else { return Ok(http::not_found()) };
    leads_or_redirects(shared, name)?;
    let only = |parameter| query.get(parameter).map(str::to_owned);
    let (agent, framework, page) = (only("slave_id"), only("framework_id"), page(&query));
    let leader = shared.leader.borrow().clone();
    let core = lock(&shared.core).state.copy();
    let write = move |out: &mut http_large::Pieces| match name {
        "state" => recordio::json_into(out, &v0::State { core: &core, leader: leader.as_ref().unwrap_or(&core.me) }),
        "state-summary" => v0::state_summary(&core, out),
        "slaves" => v0::slaves(&core, agent.as_deref(), out),
        "frameworks" => v0::frameworks(&core, framework.as_deref(), out),
        "tasks" => v0::tasks(&core, &page, out),
        "roles" => out.write_all(&roles::v0(&core)),
        "weights" => recordio::json_into(out, &quota::weights(&core)),
        "quota" => recordio::json_into(out, &quota::status(&core)),
        "maintenance/schedule" => recordio::json_into(out, &core.maintenance.schedule),
        _ => recordio::json_into(out, &maintenance::status(&core)),
    };
    Ok(http_large::json(&query, write).await)
}

fn page(query: &Query) -> v0::TaskPage {
    let number = |name| query.get(name).and_then(|text| text.parse().ok());
    v0::TaskPage {
        limit: number("limit").unwrap_or(100),
        offset: number("offset").unwrap_or(0),
        ascending: query.get("order") == Some("asc"),
        framework: query.get("framework_id").map(str::to_owned),
        task: query.get("task_id").map(str::to_owned),
    }
}

fn flags(shared: &Shared, request: &Request) -> Response {
    if request.method() != Method::GET {
        return http::method_not_allowed(&["GET"], request.method());
    }
    #[derive(Serialize)]
    struct Flags<'a> {
        flags: &'a std::collections::BTreeMap<&'static str, String>,
    }
    let core = lock(&shared.core);
    http::json(recordio::json(&Flags { flags: &core.state.flags.shown }), &Query::of(request))
}

/// A master shows no files of its own.
fn no_file(request: &Request) -> Response {
    match Query::of(request).get("path") {
        None => http::bad_request("Expecting 'path=value' in query.\n"),
        Some(_) => http::text(StatusCode::NOT_FOUND, ""),
    }
}

fn redirect(shared: &Shared) -> Response {
    let leader = shared.leader.borrow().clone();
    match leader {
        None => no_leader(),
        Some(leader) => to(&leader, ""),
    }
}

fn no_leader() -> Response {
    http::text(StatusCode::SERVICE_UNAVAILABLE, "No leader elected")
}

fn to(master: &crate::wire::MasterInfo, path: &str) -> Response {
    let mut response = http::empty(StatusCode::TEMPORARY_REDIRECT);
    if let Ok(location) = HeaderValue::from_str(&format!("//{}:{}{path}", master.hostname, master.address.port)) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

/// Nothing if this master leads; the way to the leader, or 503 if there is none.
fn leads_or_redirects(shared: &Shared, name: &str) -> Result<(), Refusal> {
    if lock(&shared.core).state.leads() {
        return Ok(());
    }
    let leader = shared.leader.borrow().clone();
    let me = lock(&shared.core).state.me.id.clone();
    match leader {
        Some(leader) if leader.id != me => Err(to(&leader, &format!("/master/{name}")).into()),
        _ => Err(no_leader().into()),
    }
}
