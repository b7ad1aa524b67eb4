//! Only the leader decides: the others pass requests on to it.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{CONNECTION, HOST, TRANSFER_ENCODING};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use tls::Fault;
use tokio::time::timeout;

use super::answer::{refused, says};
use super::apply::read;
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
            name_leader(next.run(request).await, &shared, &shared.name)
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
        (format!("{}://{leader}{path}", shared.config.scheme()), request.method().clone(), request.headers().clone());
    for hop in [HOST, CONNECTION, TRANSFER_ENCODING] {
        headers.remove(hop);
    }
    if let Ok(name) = HeaderValue::from_str(&shared.name) {
        headers.append(VIA, name);
    }
    let body = match read(request.into_body()).await {
        Ok(body) => body,
        Err(refusal) => return refused(&refusal),
    };
    let failed = |status, why: &str| says(status, &format!("Failed to complete proxied connection to {leader}: {why}"));
    let asked = shared.proxy.request(method, url).headers(headers).body(body).send();
    match timeout(shared.config.proxy_read_timeout, asked).await {
        Ok(Ok(answer)) => {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = answer.status();
            *response.headers_mut() = answer.headers().clone();
            response.headers_mut().remove(TRANSFER_ENCODING);
            *response.body_mut() = Body::from_stream(answer.bytes_stream());
            if let Ok(via) = HeaderValue::from_str(&format!("1.1 {}", shared.name)) {
                response.headers_mut().insert(STANDARD_VIA, via);
            }
            name_leader(response, shared, leader)
        }
        Ok(Err(error)) => match Fault::find(&error) {
            Some(fault) => failed(StatusCode::BAD_GATEWAY, &fault.to_string()),
            None => failed(StatusCode::BAD_GATEWAY, &error.to_string()),
        },
        Err(_) => failed(StatusCode::GATEWAY_TIMEOUT, "it does not answer"),
    }
}

fn name_leader(mut response: Response, shared: &Shared, leader: &str) -> Response {
    if let Ok(leader) = HeaderValue::from_str(&format!("{}://{leader}", shared.config.scheme())) {
        response.headers_mut().insert(LEADER, leader);
    }
    response
}
