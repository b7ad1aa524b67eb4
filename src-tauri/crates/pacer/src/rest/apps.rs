//! `/v2/apps` and everything below. Ids have slashes in them, so what follows an id is found from the end.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, Request};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::json;

use super::answer::{json_ok, refused, says, shown};
use super::apply::{apply, apply_json};
use super::query::Words;
use super::tasks::{answer_tasks, wants_text};
use crate::core::{AppId, Change, Filter, Victims};
use crate::leading::Reign;

/// What a path below `/v2/apps/` means.
#[derive(Debug, PartialEq, Eq)]
enum Below {
    App(AppId),
    Group(AppId),
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
            return Self::Group(id(group));
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
    json_ok(&BTreeMap::from([("apps", apps)]))
}

/// The path below `/v2/apps/`.
type At = Path<String>;

pub async fn get(Extension(reign): Extension<Arc<Reign>>, path: At, words: Words, request: Request) -> Response {
    let core = reign.read();
    match Below::parse(&path) {
        Below::App(id) => shown(core.shown_app(&id, words.embed_of_one()).map(|app| json!({ "app": app }))),
        Below::Group(group) => {
            let filter = Filter { group: Some(group), ..words.filter().unwrap_or_default() };
            json_ok(&BTreeMap::from([("*", core.shown_apps(&filter, words.embed_of_one()))]))
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
    apply_json(&reign, request, |body| Change::Create { body, force: words.force() }).await
}

pub async fn update_many(Extension(reign): Extension<Arc<Reign>>, words: Words, request: Request) -> Response {
    let (partial, force) = (words.partial(), words.force());
    apply_json(&reign, request, |body| Change::UpdateMany { body, partial, must_exist: false, force }).await
}

pub async fn patch_many(Extension(reign): Extension<Arc<Reign>>, words: Words, request: Request) -> Response {
    let force = words.force();
    apply_json(&reign, request, |body| Change::UpdateMany { body, partial: true, must_exist: true, force }).await
}

pub async fn put(Extension(reign): Extension<Arc<Reign>>, path: At, words: Words, request: Request) -> Response {
    let Below::App(id) = Below::parse(&path) else { return not_allowed() };
    let (partial, force) = (words.partial(), words.force());
    apply_json(&reign, request, |body| Change::Update { id, body, partial, force }).await
}

pub async fn patch(Extension(reign): Extension<Arc<Reign>>, path: At, words: Words, request: Request) -> Response {
    let Below::App(id) = Below::parse(&path) else { return not_allowed() };
    apply_json(&reign, request, |body| Change::Patch { id, body, force: words.force() }).await
}

pub async fn post(Extension(reign): Extension<Arc<Reign>>, path: At, words: Words, request: Request) -> Response {
    let Below::Restart(id) = Below::parse(&path) else { return not_allowed() };
    apply(&reign, request, Change::Restart { id, force: words.force() }).await
}

pub async fn delete(Extension(reign): Extension<Arc<Reign>>, path: At, words: Words, request: Request) -> Response {
    let change = match Below::parse(&path) {
        Below::App(id) => Change::Delete { id, force: words.force() },
        Below::Tasks(id) => words.kill(Victims::OfApp(id, words.get("host").map(str::to_owned))),
        Below::Task(id, task) => words.kill(Victims::One(id, task)),
        Below::Group(_) | Below::Versions(_) | Below::Version(..) | Below::Restart(_) => return not_allowed(),
    };
    apply(&reign, request, change).await
}

pub fn not_allowed() -> Response {
    says(StatusCode::METHOD_NOT_ALLOWED, "HTTP 405 Method Not Allowed")
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
            ("/shop/*", Below::Group(AppId::new("/shop"))),
        ] {
            assert_eq!(Below::parse(path), expected, "{path}");
        }
    }
}
