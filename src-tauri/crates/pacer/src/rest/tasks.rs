//! `/v2/tasks`.

use std::fmt::Write;
use std::sync::Arc;

use axum::Extension;
use axum::extract::Request;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use marathon::{Task, TaskList};
use serde_json::Value;

use super::answer::json_ok;
use super::apply::try_apply_json;
use super::query::Words;
use crate::core::{Refusal, Victims};
use crate::leading::Reign;

pub async fn list(Extension(reign): Extension<Arc<Reign>>, words: Words, request: Request) -> Response {
    let asked = |status: &str| words.all("status").chain(words.all("status[]")).any(|value| value == status);
    let tasks = reign.read().shown_tasks(asked("running"), asked("staging"));
    answer_tasks(tasks, wants_text(request.headers()))
}

pub async fn kill(Extension(reign): Extension<Arc<Reign>>, words: Words, request: Request) -> Response {
    try_apply_json(&reign, request, |body| Ok(words.kill(Victims::Tasks(ids(&body)?)))).await
}

fn ids(body: &Value) -> Result<Vec<String>, Refusal> {
    let missing = || Refusal::BadRequest("No ids given: {\"ids\": [\"task1\", …]}".to_owned());
    let list = body.get("ids").and_then(Value::as_array).ok_or_else(missing)?;
    list.iter().map(|id| id.as_str().map(str::to_owned).ok_or_else(missing)).collect()
}

/// Whether the client wants the plain list that load balancers are made from.
pub fn wants_text(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    accept.trim_start().starts_with("text/plain")
}

/// The tasks, as JSON or as the plain list: application, service port, where it is served.
pub fn answer_tasks(tasks: Vec<Task>, as_text: bool) -> Response {
    if !as_text {
        return json_ok(&TaskList { tasks });
    }
    let mut lines: std::collections::BTreeMap<(String, u16), String> = std::collections::BTreeMap::new();
    for task in tasks.iter().filter(|task| task.state == "TASK_RUNNING") {
        let app = task.app_id.trim_start_matches('/').replace('/', "_");
        for (service, port) in task.service_ports.iter().zip(&task.ports) {
            let line = lines.entry((app.clone(), *service)).or_default();
            // Writing to a text cannot fail.
            write!(line, "\t{}:{port}", task.host).ok();
        }
    }
    let text: String =
        lines.into_iter().map(|((app, service), places)| format!("{app}\t{service}{places}\n")).collect();
    ([(header::CONTENT_TYPE, "text/plain")], text).into_response()
}
