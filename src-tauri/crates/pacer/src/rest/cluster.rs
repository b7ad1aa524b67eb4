//! The smaller parts of the API: deployments, queue, leader, info, metrics.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::answer::{json_ok, refused, says};
use super::apply::apply;
use super::apps::not_allowed;
use super::query::Words;
use crate::config::{Config, MasterUrl};
use crate::core::{AppId, Change, Refusal, Time};
use crate::leading::Reign;
use crate::shared::{Role, Shared};

pub async fn deployments(Extension(reign): Extension<Arc<Reign>>) -> Response {
    json_ok(&reign.read().shown_deployments())
}

pub async fn cancel(
    Extension(reign): Extension<Arc<Reign>>,
    Path(id): Path<String>,
    words: Words,
    request: Request,
) -> Response {
    apply(&reign, request, Change::CancelDeployment { id, force: words.force() }).await
}

pub async fn queue(Extension(reign): Extension<Arc<Reign>>, words: Words) -> Response {
    let with_offers = words.all("embed").any(|value| value == "lastUnusedOffers");
    json_ok(&reign.read().shown_queue(Time::now(), with_offers))
}

pub async fn reset_delay(
    Extension(reign): Extension<Arc<Reign>>,
    Path(path): Path<String>,
    request: Request,
) -> Response {
    match path.trim_end_matches('/').strip_suffix("/delay") {
        Some(id) => apply(&reign, request, Change::ResetDelay { id: AppId::new(id) }).await,
        None => not_allowed(),
    }
}

pub async fn ping(headers: HeaderMap) -> Response {
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    if accept.starts_with("application/json") { json_ok(&"pong") } else { "pong".into_response() }
}

pub async fn plugins() -> Response {
    json_ok(&json!({ "plugins": [] }))
}

pub async fn leader(State(shared): State<Arc<Shared>>) -> Response {
    match shared.leader() {
        Some(leader) => json_ok(&json!({ "leader": leader })),
        None => says(StatusCode::NOT_FOUND, "There is no leader"),
    }
}

pub async fn abdicate(Extension(reign): Extension<Arc<Reign>>, words: Words) -> Response {
    if words.get("backup").is_some() || words.get("restore").is_some() {
        return refused(&Refusal::Unsupported(
            "Pacer makes no backups: its state is in ZooKeeper, under its own path.",
        ));
    }
    reign.abdicate.notify_one();
    says(StatusCode::OK, "Leadership abdicated")
}

/// The log has one level for everything.
pub async fn loggers() -> Response {
    json_ok(&json!({ "ROOT": "INFO" }))
}

pub async fn no_loggers() -> Response {
    refused(&Refusal::Unsupported("Pacer's log has one level, which cannot be changed."))
}

pub async fn metrics(State(shared): State<Arc<Shared>>) -> Response {
    let gauges = match shared.role() {
        Role::Leading(reign) => reign.read().gauges(),
        Role::Following(_) => Vec::new(),
    };
    let gauges: serde_json::Map<String, Value> =
        gauges.into_iter().map(|(name, value)| (format!("marathon.{name}"), json!({ "value": value }))).collect();
    json_ok(
        &json!({ "version": "3.0.0", "gauges": gauges, "counters": {}, "histograms": {}, "meters": {}, "timers": {} }),
    )
}

pub async fn info(State(shared): State<Arc<Shared>>) -> Response {
    let (elected, framework_id) = match shared.role() {
        Role::Leading(reign) => (true, reign.read().framework_id().map(str::to_owned)),
        Role::Following(_) => (false, None),
    };
    let config = &shared.config;
    json_ok(&marathon::Info {
        name: "marathon".to_owned(),
        version: concat!("1.11.24 (pacer ", env!("CARGO_PKG_VERSION"), ")").to_owned(),
        elected,
        leader: shared.leader(),
        framework_id,
        marathon_config: marathon_config(config, &shared.hostname),
        zookeeper_config: json!({
            "zk": config.zk.to_string(),
            "zk_session_timeout": config.zk_session_timeout.as_millis(),
            "zk_max_versions": config.max_versions,
        }),
        http_config: json!({ "http_port": config.http_port, "https_port": config.https.as_ref().map(|https| https.port) }),
    })
}

fn marathon_config(config: &Config, hostname: &str) -> Value {
    let master = match &config.master {
        MasterUrl::ZooKeeper(url) => url.to_string(),
        MasterUrl::Addresses(addresses) => addresses.join(","),
    };
    let features = [("docker", config.features.docker), ("fetch", config.features.fetch)];
    let features: Vec<_> = features.into_iter().filter(|(_, has)| *has).map(|(name, _)| name).collect();
    json!({
        "checkpoint": true,
        "decline_offer_duration": config.decline_offer_duration.as_millis(),
        "env_vars_prefix": config.env_vars_prefix,
        "executor": "//cmd",
        "failover_timeout": config.failover_timeout.as_secs(),
        "features": features,
        "framework_name": config.framework_name,
        "ha": true,
        "hostname": hostname,
        "local_port_max": config.service_ports.1,
        "local_port_min": config.service_ports.0,
        "master": master,
        "mesos_role": config.mesos_role,
        "mesos_user": config.mesos_user,
        "min_revive_offers_interval": config.min_revive_offers_interval.as_millis(),
        "reconciliation_interval": config.reconciliation_interval.as_millis(),
        "task_launch_timeout": config.task_launch_timeout.as_millis(),
        "webui_url": config.webui_url,
    })
}
