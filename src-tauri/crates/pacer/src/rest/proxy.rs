//! Only the leader decides: the others pass requests on to it.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{CONNECTION, HOST, TRANSFER_ENCODING};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::Response;

use super::answer::says;
use super::apply::LARGEST_BODY;
use crate::shared::{Role, Shared};

/// Says who passed a request on, each in a header of its own: it must not come back.
const VIA: HeaderName = HeaderName::from_static("x-marathon-via");
/// Says who leads.
const LEADER: HeaderName = HeaderName::from_static("x-marathon-leader");
/// The standard's way to say who passed something on.
const STANDARD_VIA: HeaderName = HeaderName::from_static("via");

/// Answers requests if we lead; passes them on if another does.
pub async fn by_leader(State(shared): State<Arc<Shared>>, mut request: Request, next: Next) -> Response {
    match shared.role() {
        Role::Leading(reign) => {
            request.extensions_mut().insert(reign);
            name_leader(next.run(request).await, &shared.name)
        }
        Role::Following(None) => says(StatusCode::SERVICE_UNAVAILABLE, "Could not determine the current leader"),
        Role::Following(Some(leader)) => {
            let passed_on = request.headers().get_all(&VIA).iter().any(|via| via.as_bytes() == shared.name.as_bytes());
            if passed_on || leader == shared.name {
                return says(StatusCode::BAD_GATEWAY, "Detected proxying loop.");
            }
            pass_on(&shared, &leader, request).await
        }
    }
}

async fn pass_on(shared: &Shared, leader: &str, request: Request) -> Response {
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let (url, method, mut headers) =
        (format!("http://{leader}{path}"), request.method().clone(), request.headers().clone());
    for hop in [HOST, CONNECTION, TRANSFER_ENCODING] {
        headers.remove(hop);
    }
    if let Ok(name) = HeaderValue::from_str(&shared.name) {
        headers.append(VIA, name);
    }
    let Ok(body) = to_bytes(request.into_body(), LARGEST_BODY).await else {
        return says(StatusCode::BAD_REQUEST, "The body cannot be read.");
    };
    match shared.proxy.request(method, url).headers(headers).body(body).send().await {
        Ok(answer) => {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = answer.status();
            *response.headers_mut() = answer.headers().clone();
            response.headers_mut().remove(TRANSFER_ENCODING);
            *response.body_mut() = Body::from_stream(answer.bytes_stream());
            if let Ok(via) = HeaderValue::from_str(&format!("1.1 {}", shared.name)) {
                response.headers_mut().insert(STANDARD_VIA, via);
            }
            name_leader(response, leader)
        }
        Err(error) => {
            says(StatusCode::BAD_GATEWAY, &format!("Failed to complete proxied connection to {leader}: {error}"))
        }
    }
}

fn name_leader(mut response: Response, leader: &str) -> Response {
    if let Ok(leader) = HeaderValue::from_str(&format!("http://{leader}")) {
        response.headers_mut().insert(LEADER, leader);
    }
    response
}
