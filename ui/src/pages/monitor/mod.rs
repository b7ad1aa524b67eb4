//! The monitor: the cluster in one picture, its applications, and what happened.

mod feed;
mod history;
mod rooms;
mod table;
mod tiles;

use leptos::prelude::*;
use protocol::RunState;
use words::Problem;

use crate::{
    clock, format,
    held::Held,
    i18n::{t, tx},
    kept::kept,
    live::{heard, live},
    orders::Orders,
    pages::{deploy::deploy_button, halted},
    parts::{problem, waiting_page},
    store::Cluster,
    words_of,
};

/// The page.
pub fn page() -> AnyView {
    let cluster = expect_context::<Cluster>();
    let seen = kept(move || {
        cluster.machines.with(Option::is_some)
            || cluster.ensemble.with(Option::is_some)
            || cluster.mesos.with(Option::is_some)
            || cluster.applications.with(Option::is_some)
    });
    let halted = kept(move || halted::is_halted(cluster));
    view! {
        <header class="tight">
            <div><h1>{tx("Monitor", "Surveillance")}</h1><p>{live(move || summary(cluster))}</p></div>
            <span class="sp"></span>
            {live(move || if halted.get() { None } else { stale(cluster) })}
            {live(move || (seen.get() && !halted.get()).then(|| deploy_button(false)))}
        </header>
        {live(move || {
            if halted.get() {
                view! { <section class="cols one"><div class="scroll">{halted::card()}{feed::feed(cluster)}</div></section> }.into_any()
            } else if seen.get() {
                watching(cluster)
            } else if cluster.run.get() == RunState::Idle {
                nothing()
            } else {
                waiting_page("The first machines are on their way…", "Les premières machines arrivent…")
            }
        })}
    }
    .into_any()
}

fn watching(cluster: Cluster) -> AnyView {
    // What stands in the way of several sections at once is told once.
    let distinct = kept(move || {
        let mut problems: Vec<Problem> = Vec::new();
        if halted::is_expected(cluster) {
            return problems;
        }
        for (_, problem) in troubles(cluster) {
            if problems.iter().all(|known| known.id != problem.id) {
                problems.push(problem);
            }
        }
        problems
    });
    view! {
        {tiles::tiles(cluster)}
        <section class="cols monitor">
            <div class="scroll">
                {live(move || distinct.get().into_iter().map(problem::of_cluster).collect_view())}
                {rooms::rooms(cluster)}
                {table::table(cluster)}
            </div>
            {feed::feed(cluster)}
        </section>
    }
    .into_any()
}

fn nothing() -> AnyView {
    let orders = expect_context::<Orders>();
    view! {
        <div class="lonely">
            <h2>{tx("Nothing is running yet", "Rien ne tourne encore")}</h2>
            <p>
                {tx(
                    "Run the steps, and every machine, leader and task appears here as it comes.",
                    "Exécutez les étapes : chaque machine, chaque chef, chaque tâche apparaît ici dès son arrivée.",
                )}
            </p>
            <button class="btn pri" data-test="run-all" on:click=heard(move |_| orders.run_all())>{tx("Run everything", "Tout exécuter")}</button>
        </div>
    }
    .into_any()
}

fn summary(cluster: Cluster) -> String {
    let machines = cluster.plan.with(|plan| plan.nodes.len());
    let applications = cluster.applications.with(|section| section.as_ref().map_or(0, |s| s.body.applications.len()));
    format!("{}, {}.", words_of::machines(machines), words_of::applications(applications))
}

/// Each section's age and trouble, for those whose last look failed.
fn troubles(cluster: Cluster) -> Vec<(u64, Problem)> {
    fn of<T: Send + Sync + 'static>(section: Held<Option<protocol::Section<T>>>) -> Option<(u64, Problem)> {
        section.with(|section| section.as_ref().and_then(|s| s.trouble.clone().map(|problem| (s.as_of_ms, problem))))
    }
    let sections = [of(cluster.machines), of(cluster.ensemble), of(cluster.mesos), of(cluster.applications)];
    sections.into_iter().flatten().collect()
}

/// How old what is shown is, if anything of it is old.
fn stale(cluster: Cluster) -> Option<AnyView> {
    let oldest = troubles(cluster).into_iter().map(|(as_of, _)| as_of).min()?;
    let age = move || format::span(clock::seconds().saturating_sub(oldest) / 1000);
    let text = move || {
        let age = age();
        match crate::i18n::lang() {
            words::Lang::En => format!("as of {age} ago"),
            words::Lang::Fr => format!("état d’il y a {age}"),
        }
    };
    Some(view! { <span class="chip warn" data-test="stale">{live(text)}</span> }.into_any())
}

/// What a tile says while its section was never seen.
fn unseen() -> String {
    t("not seen yet", "pas encore vu").to_owned()
}
