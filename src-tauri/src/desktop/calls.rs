//! The window's commands, one line each: see the table in the crate `protocol`.

use std::path::Path;

use app::{Draft, Error, Home, Selection};
use marathon::AppDefinition;
use plan::{ClusterPlan, Preset, Provider};
use protocol::{ClusterView, Event, FileView, HomeView};
use tauri::{State, ipc::Channel};
use words::Problem;

use super::opened::Opened;

type Answer<T> = Result<T, Problem>;

/// A trouble as the window gets it.
fn told(error: Error) -> Problem {
    error.problem()
}

#[tauri::command(async)]
pub fn home(home: State<'_, Home>) -> Answer<HomeView> {
    home.view().map_err(told)
}

#[tauri::command(async)]
pub fn plan_draft(home: State<'_, Home>, name: String, preset: Preset, provider: Provider) -> ClusterPlan {
    home.draft(&Draft { name, preset, provider })
}

#[tauri::command(async)]
pub fn cluster_create(home: State<'_, Home>, plan: ClusterPlan) -> Answer<String> {
    home.create(plan).map_err(told)
}

#[tauri::command(async)]
pub fn plan_save(home: State<'_, Home>, opened: State<'_, Opened>, name: String, plan: ClusterPlan) -> Answer<()> {
    opened.get(&home, &name).and_then(|c| c.save_plan(&home, plan)).map_err(told)?;
    opened.renew(&name);
    Ok(())
}

#[tauri::command(async)]
pub fn cluster_open(
    home: State<'_, Home>,
    opened: State<'_, Opened>,
    name: String,
    events: Channel<Event>,
) -> Answer<ClusterView> {
    opened.watch(&home, &name, events).map_err(told)
}

#[tauri::command(async)]
pub fn cluster_close(opened: State<'_, Opened>, name: String) {
    opened.close(&name);
}

#[tauri::command]
pub async fn run_all(home: State<'_, Home>, opened: State<'_, Opened>, name: String) -> Answer<()> {
    run(&home, &opened, &name, Selection::All).await
}

#[tauri::command]
pub async fn run_step(home: State<'_, Home>, opened: State<'_, Opened>, name: String, step: String) -> Answer<()> {
    run(&home, &opened, &name, Selection::One(step)).await
}

/// A step that fails says so in its record; only what stood before the first step is the call's own trouble.
async fn run(home: &Home, opened: &Opened, name: &str, selection: Selection) -> Answer<()> {
    let cluster = opened.get(home, name).map_err(told)?;
    match cluster.run(&selection).await.map_err(told)? {
        app::Outcome::Failed(failed) => match (selection, failed.into_iter().next()) {
            (Selection::One(_), Some((_, problem))) => Err(problem),
            _ => Ok(()),
        },
        app::Outcome::Proved | app::Outcome::Cancelled => Ok(()),
    }
}

#[tauri::command(async)]
pub fn run_cancel(home: State<'_, Home>, opened: State<'_, Opened>, name: String) -> Answer<()> {
    opened.get(&home, &name).map(|c| c.cancel()).map_err(told)
}

#[tauri::command]
pub async fn deploy(
    home: State<'_, Home>,
    opened: State<'_, Opened>,
    name: String,
    application: AppDefinition,
    force: bool,
) -> Answer<()> {
    opened.get(&home, &name).map_err(told)?.deploy(&application, force.into()).await.map_err(told)
}

#[tauri::command]
pub async fn scale(
    home: State<'_, Home>,
    opened: State<'_, Opened>,
    name: String,
    application: String,
    instances: u32,
    force: bool,
) -> Answer<()> {
    opened.get(&home, &name).map_err(told)?.scale(&application, instances, force.into()).await.map_err(told)
}

#[tauri::command]
pub async fn remove(home: State<'_, Home>, opened: State<'_, Opened>, name: String, application: String) -> Answer<()> {
    opened.get(&home, &name).map_err(told)?.remove(&application).await.map_err(told)
}

#[tauri::command]
pub async fn halt(home: State<'_, Home>, opened: State<'_, Opened>, name: String) -> Answer<()> {
    opened.get(&home, &name).map_err(told)?.halt().await.map_err(told)
}

#[tauri::command]
pub async fn destroy(home: State<'_, Home>, opened: State<'_, Opened>, name: String) -> Answer<()> {
    home.destroy(&name).await.map_err(told)?;
    opened.close(&name);
    Ok(())
}

#[tauri::command(async)]
pub fn files(home: State<'_, Home>, opened: State<'_, Opened>, name: String) -> Answer<Vec<FileView>> {
    opened.get(&home, &name).map(|c| c.files()).map_err(told)
}

#[tauri::command(async)]
pub fn export(home: State<'_, Home>, opened: State<'_, Opened>, name: String, destination: String) -> Answer<String> {
    opened.get(&home, &name).and_then(|c| c.export(Path::new(&destination))).map_err(told)?;
    Ok(destination)
}

#[tauri::command(async)]
pub fn import(home: State<'_, Home>, bundle: String, rename: Option<String>) -> Answer<String> {
    home.import(Path::new(&bundle), rename.as_deref()).map_err(told)
}
