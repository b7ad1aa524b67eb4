//! The big buttons: run everything, run this step, cancel; and where to go when all is done.

use leptos::prelude::*;
use protocol::{Page, RunState};

use crate::{
    i18n::{t, tx},
    icons::{Icon, icon},
    kept::{Kept, kept},
    live::{Live, follow, heard, live},
    orders::Orders,
    pages::{sidebar::steps_of, work::Work},
    progress::{Stand, Tally},
    route::Screen,
    store::Cluster,
    words_of,
};

pub(super) fn buttons(work: Work) -> AnyView {
    let cluster = work.cluster;
    let idle = kept(move || cluster.run.get() == RunState::Idle);
    view! {
        <div class="row">
            {live(move || if idle.get() { at_rest(work).into_any() } else { under_way(work).into_any() })}
        </div>
    }
    .into_any()
}

fn under_way(work: Work) -> AnyView {
    let orders = expect_context::<Orders>();
    let run = work.cluster.run;
    let says = move || match run.get() {
        RunState::Cancelling => t("Ending what runs…", "Fin de ce qui tourne…"),
        RunState::Halting => t("Halting the machines…", "Arrêt des machines…"),
        RunState::Destroying => t("Destroying…", "Destruction…"),
        RunState::Running | RunState::Idle => t("Running", "En cours"),
    };
    view! {
        <span class="under-way" role="status">{icon(Icon::Spinner)}{live(says)}</span>
        <button class="btn" data-test="cancel" disabled=follow(move || run.get() != RunState::Running) on:click=heard(move |_| orders.cancel())>
            {tx("Cancel", "Annuler")}
        </button>
    }
    .into_any()
}

fn at_rest(work: Work) -> AnyView {
    let orders = expect_context::<Orders>();
    let step_open = kept(move || work.step().filter(|step| !step.state.is_done()).map(|step| step.id));
    let page_done = kept(move || {
        let steps = steps_of(work.cluster, work.page);
        Tally::of(steps.iter().map(|step| &step.state)).stand() == Stand::Done
    });
    let run_step = move || {
        step_open.get().map(|id| {
            view! {
                <button class="btn" data-test="run-step" on:click=heard(move |_| orders.run_step(id.clone()))>
                    {tx("Run this step", "Exécuter cette étape")}
                </button>
            }
            .into_any()
        })
    };
    let whole = whole(work.cluster);
    let onward =
        move || {
            let next = next_screen(work.page).filter(|_| page_done.get())?;
            let primary = whole.get() == Stand::Done && next == Screen::Monitor;
            Some(view! {
            <button class="btn" class:pri=primary data-test="next-page" on:click=heard(move |_| orders.go(next))>
                {live(move || words_of::screen(next))}
                {icon(Icon::ChevronRight)}
            </button>
        }.into_any())
        };
    view! { {live(run_step)} {live(onward)} {run_all(work.cluster)} }.into_any()
}

/// Runs whatever is not done; gone when all is.
pub(super) fn run_all(cluster: Cluster) -> Live {
    let orders = expect_context::<Orders>();
    let whole = whole(cluster);
    live(move || {
        let (en, fr) = match whole.get() {
            Stand::Done => return None,
            Stand::Stuck => ("Retry", "Réessayer"),
            Stand::Partly => ("Run the rest", "Exécuter la suite"),
            Stand::Todo | Stand::Running => ("Run everything", "Tout exécuter"),
        };
        Some(
            view! {
                <button
                    class="btn pri"
                    data-test="run-all"
                    disabled=follow(move || orders.run.busy.get() || cluster.run.get() != RunState::Idle)
                    on:click=heard(move |_| orders.run_all())
                >
                    {icon(Icon::Play)}
                    {tx(en, fr)}
                </button>
            }
            .into_any(),
        )
    })
}

/// Where all steps of the cluster stand together.
fn whole(cluster: Cluster) -> Kept<Stand> {
    kept(move || {
        cluster.steps.with(|cells| {
            let states: Vec<_> = cells.iter().map(|cell| cell.now.get().state).collect();
            Tally::of(&states).stand()
        })
    })
}

fn next_screen(page: Page) -> Option<Screen> {
    match page {
        Page::Plan => Some(Screen::Machines),
        Page::Machines => Some(Screen::ZooKeeper),
        Page::ZooKeeper => Some(Screen::Mesos),
        Page::Mesos => Some(Screen::Application),
        Page::Application => Some(Screen::Monitor),
    }
}
