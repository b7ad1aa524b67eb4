//! Who may ask: HTTP's basic scheme, if the configuration names anybody.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::answer::says;
use crate::shared::Shared;

/// Lets those through who say who they are, and everybody if nobody needs to. A follower asks too, and passes on to the
/// leader what it was told.
pub async fn check(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let Some(credentials) = &shared.config.http_credentials else { return next.run(request).await };
    if given(request.headers()).is_some_and(|(user, password)| credentials.are(&user, &password)) {
        return next.run(request).await;
    }
    let mut response = says(StatusCode::UNAUTHORIZED, "Invalid username or password.");
    let realm = shared.config.http_realm.replace(['"', '\\'], "");
    if let Ok(challenge) = HeaderValue::from_str(&format!("Basic realm=\"{realm}\"")) {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    }
    response
}

/// The user and password of a request.
fn given(headers: &HeaderMap) -> Option<(String, String)> {
    let (scheme, code) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let text = String::from_utf8(STANDARD.decode(code.trim()).ok()?).ok()?;
    let (user, password) = text.split_once(':')?;
    scheme.eq_ignore_ascii_case("basic").then(|| (user.to_owned(), password.to_owned()))
}
