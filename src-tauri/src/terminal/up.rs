//! `up`: the whole job, from where the cluster stands.

use std::{path::Path, sync::Arc};

use app::{Cluster, Draft, Error, Exit, Home, Outcome, Selection};
use plan::{ClusterPlan, Preset, Provider};
use serde::Serialize;
use words::{Problem, text};

use super::{
    plans::{is_file, read},
    progress::Progress,
    say::Say,
};

/// The cluster that is made where there is no display and nothing was asked for.
const FIRST: &str = "first-cluster";

/// Brings a cluster up, by its name or by a plan file.
pub async fn up(home: &Home, say: &Say, cluster: &str) -> Result<Exit, Error> {
    let file = Path::new(cluster);
    let name = if is_file(file) { adopt(home, file)? } else { cluster.to_owned() };
    run(say, &home.open(&name)?).await
}

/// Makes a first practice cluster and says how to look at it and how to remove it.
pub async fn first(home: &Home, say: &Say) -> Result<Exit, Error> {
    say.tell(&text!(
        "There is no display, so here is the same job in the terminal.",
        "Il n’y a pas d’écran : voici le même travail dans le terminal."
    ));
    if home.exists(FIRST).is_err() {
        let draft = Draft { name: FIRST.into(), preset: Preset::Classroom, provider: Provider::Practice };
        home.create(home.draft(&draft))?;
    }
    run(say, &home.open(FIRST)?).await
}

/// The cluster that a plan file describes: made if it is missing, brought to this plan if it is there.
fn adopt(home: &Home, file: &Path) -> Result<String, Error> {
    let plan = ClusterPlan::from_toml(&read(file)?)?;
    let name = plan.name.clone();
    match home.plan(&name) {
        Ok(there) if there == plan => Ok(name),
        Ok(_) => {
            home.open(&name)?.save_plan(home, plan)?;
            Ok(name)
        }
        Err(Error::NoCluster { .. }) => home.create(plan),
        Err(error) => Err(error),
    }
}

#[derive(Serialize)]
struct Ended<'a> {
    outcome: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    failed: Vec<Failure<'a>>,
}

#[derive(Serialize)]
struct Failure<'a> {
    step: &'a str,
    problem: &'a Problem,
}

async fn run(say: &Say, cluster: &Arc<Cluster>) -> Result<Exit, Error> {
    let (view, mut watcher) = cluster.watch();
    say.object(&View { view: &view });
    let mut progress = Progress::new(*say, view.steps.len());
    let work = Arc::clone(cluster);
    let mut run = tokio::spawn(async move { work.run(&Selection::All).await });
    // One listener for the whole run: one a turn would miss what comes between two turns.
    let interrupt = tokio::signal::ctrl_c();
    tokio::pin!(interrupt);
    let mut cancelled = false;
    let outcome = loop {
        tokio::select! {
            biased;
            Some(event) = watcher.next() => progress.event(&event),
            signal = &mut interrupt, if !cancelled => {
                cancelled = true;
                if signal.is_ok() {
                    cluster.cancel();
                }
            }
            ended = &mut run => break ended,
        }
    };
    while let Some(event) = watcher.ready() {
        progress.event(&event);
    }
    progress.end();
    let outcome = outcome.map_err(|e| Error::Read { path: cluster.folder().to_owned(), source: e.into() })??;
    Ok(ended(say, cluster, &outcome))
}

#[derive(Serialize)]
struct View<'a> {
    view: &'a protocol::ClusterView,
}

fn ended(say: &Say, cluster: &Cluster, outcome: &Outcome) -> Exit {
    let name = cluster.name();
    match outcome {
        Outcome::Proved => {
            say.object(&Ended { outcome: "proved", failed: vec![] });
            say.tell(&text!("{name} is up.", "{name} est en marche."));
            for endpoint in cluster.endpoints() {
                let address = endpoint.url.unwrap_or(endpoint.address);
                say.line(format!("  {:<10} {:<10} {address}", endpoint.node, super::status::service(endpoint.service)));
            }
            say.tell(&text!(
                "Look at it: startline status {name} --watch\nRemove it:  startline destroy {name}",
                "Le regarder :   startline status {name} --watch\nLe supprimer : startline destroy {name}"
            ));
            Exit::Success
        }
        Outcome::Cancelled => {
            say.object(&Ended { outcome: "cancelled", failed: vec![] });
            say.tell(&text!(
                "Cancelled. To go on: startline up {name}",
                "Annulé. Pour continuer : startline up {name}"
            ));
            Exit::Cancelled
        }
        Outcome::Failed(failed) => {
            let list = failed.iter().map(|(step, problem)| Failure { step, problem }).collect();
            say.object(&Ended { outcome: "failed", failed: list });
            if !say.is_json() {
                // Machines that stand side by side often fail for one and the same reason.
                let mut told: Vec<&Problem> = vec![];
                for (_, problem) in failed {
                    if !told.contains(&problem) {
                        say.problem(problem);
                        told.push(problem);
                    }
                }
            }
            Exit::Failed
        }
    }
}
