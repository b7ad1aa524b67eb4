//! Marathon's REST API. Source: Marathon 1.11's RAML; status codes and words are Marathon's.

mod access;
mod answer;
mod apply;
mod apps;
mod cluster;
mod groups;
mod listen;
mod pods;
mod proxy;
mod query;
mod tasks;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::{MethodRouter, delete, get, post};

use crate::shared::Shared;

/// The whole API of one Pacer.
pub fn router(shared: Arc<Shared>) -> Router {
    let by_leader = Router::new()
        .route("/v2/apps", all_apps())
        .route("/v2/apps/", all_apps())
        .route(
            "/v2/apps/{*path}",
            get(apps::get).put(apps::put).patch(apps::patch).post(apps::post).delete(apps::delete),
        )
        .route("/v2/tasks", get(tasks::list))
        .route("/v2/tasks/delete", post(tasks::kill))
        .route("/v2/deployments", get(cluster::deployments))
        .route("/v2/deployments/{id}", delete(cluster::cancel))
        .route("/v2/queue", get(cluster::queue))
        .route("/v2/queue/{*path}", delete(cluster::reset_delay))
        .route("/v2/groups", a_group())
        .route("/v2/groups/", a_group())
        .route("/v2/groups/{*path}", a_group())
        .route("/v2/pods", get(pods::list).post(pods::refuse))
        .route("/v2/pods/", get(pods::list).post(pods::refuse))
        .route("/v2/pods/{*path}", get(pods::get).put(pods::refuse).delete(pods::missing))
        .route("/v2/plugins", get(cluster::plugins))
        .route("/logging", get(cluster::loggers).post(cluster::no_loggers))
        .route("/v2/events", get(listen::events))
        .route("/v2/leader", delete(cluster::abdicate))
        .route_layer(from_fn_with_state(shared.clone(), proxy::by_leader));
    Router::new()
        .route("/ping", get(cluster::ping))
        .route("/metrics", get(cluster::metrics))
        .route("/v2/info", get(cluster::info))
        .route("/v2/leader", get(cluster::leader))
        .merge(by_leader)
        .fallback(nowhere)
        .layer(from_fn_with_state(shared.clone(), access::check))
        .with_state(shared)
}

fn all_apps() -> MethodRouter<Arc<Shared>> {
    get(apps::list).post(apps::create).put(apps::update_many).patch(apps::patch_many)
}

fn a_group() -> MethodRouter<Arc<Shared>> {
    get(groups::get).post(groups::post).put(groups::put).patch(groups::patch).delete(groups::delete)
}

/// Marathon answers an unknown route so.
async fn nowhere() -> Response {
    answer::says(StatusCode::INTERNAL_SERVER_ERROR, "HTTP 404 Not Found")
}
