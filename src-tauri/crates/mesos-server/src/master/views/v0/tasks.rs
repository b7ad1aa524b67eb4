//! `/tasks`.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::value::RawValue;

use super::task::kept;
use crate::{
    master::state::{State, Task},
    wire::recordio,
};

/// Which tasks `/tasks` shows.
#[derive(Debug)]
pub struct TaskPage {
    pub limit: usize,
    pub offset: usize,
    pub ascending: bool,
    pub framework: Option<String>,
    pub task: Option<String>,
}

/// Writes it.
pub fn tasks(core: &State, page: &TaskPage, out: impl Write) -> io::Result<()> {
    #[derive(Serialize)]
    struct Whole<'a> {
        tasks: Vec<&'a RawValue>,
    }
    let frameworks = core.frameworks.values().chain(&core.completed);
    let frameworks = frameworks.filter(|f| page.framework.as_deref().is_none_or(|only| only == f.id.as_str()));
    let all = frameworks.flat_map(|f| {
        let tasks = f.tasks.values().chain(f.unreachable_tasks.values()).chain(&f.completed_tasks);
        tasks.map(move |task| (task, &f.id))
    });
    let mut all: Vec<_> =
        all.filter(|(task, _)| page.task.as_deref().is_none_or(|only| only == task.id.as_str())).collect();
    let started = |task: &Task| task.statuses.first().map_or(f64::MAX, |status| status.timestamp);
    all.sort_by(|(a, _), (b, _)| {
        let order = started(a).total_cmp(&started(b));
        if page.ascending { order } else { order.reverse() }
    });
    let shown = all.into_iter().skip(page.offset).take(page.limit);
    let whole = Whole { tasks: shown.map(|(task, framework)| kept(task, framework)).collect() };
    recordio::json_into(out, &whole)
}
