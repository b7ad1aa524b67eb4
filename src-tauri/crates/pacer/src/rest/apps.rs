//! `/v2/apps` and everything below. Ids have slashes in them, so what follows an id is found from the end.

use std::sync::Arc;

use axum::Extension;
use axum::body::{Bytes, to_bytes};
use axum::extract::{Path, Request};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use super::answer::{changed, json_ok, refused, says, shown};
use super::origin;
use super::query::Words;
use super::tasks::{answer_tasks, wants_text};
use crate::core::{AppId, Change, Refusal, Victims};
use crate::leading::Reign;

/// The largest body that is taken, bytes.
pub const LARGEST_BODY: usize = 8 * 1024 * 1024;

/// What a path below `/v2/apps/` means.
#[derive(Debug, PartialEq, Eq)]
enum Below {
    App(AppId),
    Group(String),
    Tasks(AppId),
    Task(AppId, String),
    Versions(AppId),
    Version(AppId, String),
    Restart(AppId),
}

impl Below {
    fn parse(path: &str) -> Self {
        let path = path.trim_end_matches('/');
        let id = AppId::new;
        if let Some(group) = path.strip_suffix("/*").or_else(|| path.strip_suffix('*').filter(|rest| rest.is_empty())) {
            return Self::Group(group.to_owned());
        }
        if let Some(app) = path.strip_suffix("/tasks") {
            return Self::Tasks(id(app));
        }
        if let Some(app) = path.strip_suffix("/versions") {
            return Self::Versions(id(app));
        }
        if let Some(app) = path.strip_suffix("/restart") {
            return Self::Restart(id(app));
        }
        if let Some((before, last)) = path.rsplit_once('/') {
            if let Some(app) = before.strip_suffix("/tasks") {
                return Self::Task(id(app), last.to_owned());
            }
            if let Some(app) = before.strip_suffix("/versions") {
                return Self::Version(id(app), last.to_owned());
            }
        }
        Self::App(id(path))
    }
}

pub async fn list(Extension(reign): Extension<Arc<Reign>>, words: Words) -> Response {
    let filter = match words.filter() {
        Ok(filter) => filter,
        Err(refusal) => return refused(&refusal),
    };
    let apps = reign.read().shown_apps(&filter, words.embed());
    json_ok(&json!({ "apps": apps }))
}

pub async fn get(
    Extension(reign): Extension<Arc<Reign>>,
    Path(path): Path<String>,
    words: Words,
    request: Request,
) -> Response {
    let core = reign.read();
    match Below::parse(&path) {
        Below::App(id) => shown(core.shown_app(&id, words.embed()).map(|app| json!({ "app": app }))),
        Below::Group(group) => {
            let filter = words.filter().unwrap_or_default();
            let mut apps = core.shown_apps(&filter, words.embed());
            apps.retain(|app| {
                AppId::new(app["id"].as_str().unwrap_or_default()).is_within(AppId::new(&group).as_str())
            });
            json_ok(&json!({ "*": apps }))
        }
        Below::Tasks(id) => match core.shown_tasks_of(&id) {
            Ok(tasks) => answer_tasks(tasks, wants_text(request.headers())),
            Err(refusal) => refused(&refusal),
        },
        Below::Versions(id) => shown(core.shown_versions(&id).map(|versions| json!({ "versions": versions }))),
        Below::Version(id, version) => shown(core.shown_version(&id, &version)),
        Below::Task(..) | Below::Restart(_) => not_allowed(),
    }
}

pub async fn create(Extension(reign): Extension<Arc<Reign>>, words: Words, request: Request) -> Response {
    let (mut origin, body) = (origin(&request, None), json_body(request).await);
    match body {
        Err(refusal) => refused(&refusal),
        Ok(body) => {
            origin.app = body["id"].as_str().map(AppId::new);
            changed(&reign, reign.change(Change::Create { body, force: words.force() }, origin).await)
        }
    }
}

pub async fn update_many(reign: Extension<Arc<Reign>>, words: Words, request: Request) -> Response {
    let partial = words.partial();
    many(&reign, request, partial, false, words.force()).await
}

pub async fn patch_many(reign: Extension<Arc<Reign>>, words: Words, request: Request) -> Response {
    many(&reign, request, true, true, words.force()).await
}

async fn many(reign: &Reign, request: Request, partial: bool, must_exist: bool, force: bool) -> Response {
    let (origin, body) = (origin(&request, None), json_body(request).await);
    match body {
        Err(refusal) => refused(&refusal),
        Ok(body) => changed(reign, reign.change(Change::UpdateMany { body, partial, must_exist, force }, origin).await),
    }
}

pub async fn put(
    Extension(reign): Extension<Arc<Reign>>,
    Path(path): Path<String>,
    words: Words,
    request: Request,
) -> Response {
    let Below::App(id) = Below::parse(&path) else { return not_allowed() };
    let (origin, body) = (origin(&request, Some(id.clone())), json_body(request).await);
    match body {
        Err(refusal) => refused(&refusal),
        Ok(body) => {
            let change = Change::Update { id, body, partial: words.partial(), force: words.force() };
            changed(&reign, reign.change(change, origin).await)
        }
    }
}

pub async fn patch(
    Extension(reign): Extension<Arc<Reign>>,
    Path(path): Path<String>,
    words: Words,
    request: Request,
) -> Response {
    let Below::App(id) = Below::parse(&path) else { return not_allowed() };
    let (origin, body) = (origin(&request, Some(id.clone())), json_body(request).await);
    match body {
        Err(refusal) => refused(&refusal),
        Ok(body) => changed(&reign, reign.change(Change::Patch { id, body, force: words.force() }, origin).await),
    }
}

pub async fn post(
    Extension(reign): Extension<Arc<Reign>>,
    Path(path): Path<String>,
    words: Words,
    request: Request,
) -> Response {
    let Below::Restart(id) = Below::parse(&path) else { return not_allowed() };
    let origin = origin(&request, Some(id.clone()));
    changed(&reign, reign.change(Change::Restart { id, force: words.force() }, origin).await)
}

pub async fn delete(
    Extension(reign): Extension<Arc<Reign>>,
    Path(path): Path<String>,
    words: Words,
    request: Request,
) -> Response {
    let kill = |victims| Change::Kill {
        victims,
        scale: words.is_set("scale"),
        wipe: words.is_set("wipe"),
        force: words.force(),
    };
    let change = match Below::parse(&path) {
        Below::App(id) => Change::Delete { id, force: words.force() },
        Below::Tasks(id) => kill(Victims::OfApp(id, words.get("host").map(str::to_owned))),
        Below::Task(id, task) => kill(Victims::One(id, task)),
        Below::Group(_) | Below::Versions(_) | Below::Version(..) | Below::Restart(_) => return not_allowed(),
    };
    let origin = origin(&request, None);
    changed(&reign, reign.change(change, origin).await)
}

fn not_allowed() -> Response {
    says(StatusCode::METHOD_NOT_ALLOWED, "HTTP 405 Method Not Allowed")
}

/// The body as JSON.
pub async fn json_body(request: Request) -> Result<Value, Refusal> {
    let bytes = body(request).await?;
    serde_json::from_slice(&bytes).map_err(|error| Refusal::NotJson(error.to_string()))
}

async fn body(request: Request) -> Result<Bytes, Refusal> {
    let too_large = |_| Refusal::BadRequest(format!("The body is broken off, or larger than {LARGEST_BODY} bytes."));
    to_bytes(request.into_body(), LARGEST_BODY).await.map_err(too_large)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_read_from_the_end() {
        let id = AppId::new("/shop/web");
        for (path, expected) in [
            ("/shop/web", Below::App(id.clone())),
            ("shop/web/", Below::App(id.clone())),
            ("shop/web/tasks", Below::Tasks(id.clone())),
            ("shop/web/tasks/t.1", Below::Task(id.clone(), "t.1".to_owned())),
            ("shop/web/versions", Below::Versions(id.clone())),
            ("shop/web/versions/v", Below::Version(id.clone(), "v".to_owned())),
            ("shop/web//restart", Below::Restart(id)),
            ("/shop/*", Below::Group("/shop".to_owned())),
        ] {
            assert_eq!(Below::parse(path), expected, "{path}");
        }
    }
}
