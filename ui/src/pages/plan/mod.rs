//! The plan: what the student wants, in a form that judges as one types.

mod applications;
pub mod draft;
mod entry;
mod field;
mod nodes;
mod services;
mod summary;

use leptos::{html, prelude::*};
use protocol::{Page, RunState};

use crate::{
    backend,
    doing::Doing,
    i18n::tx,
    icons::{Icon, icon},
    kept::kept,
    live::{Live, follow, heard, live},
    orders::Orders,
    pages::work,
    parts::notice,
    route::Screen,
    store::Cluster,
};
use draft::Draft;

/// The page.
pub fn page() -> AnyView {
    let orders = expect_context::<Orders>();
    let draft = expect_context::<Draft>();
    let saving = Doing::new();
    let form = NodeRef::<html::Div>::new();
    Effect::new(move || {
        if form.get().is_some()
            && let Some(path) = orders.look_at.get()
        {
            orders.look_at.set(None);
            summary::go_to(form, &path);
        }
    });
    view! {
        <header>
            <div>
                <h1>{tx("Plan", "Plan")}</h1>
                <p>{tx(
                    "What you want. Files, commands and machines all follow from it.",
                    "Ce que vous voulez. Fichiers, commandes et machines, tout en découle.",
                )}</p>
            </div>
            <span class="sp"></span>
            {buttons(draft, saving)}
        </header>
        <div class="notices">{notice(saving)}</div>
        <section class="cols plan">
            <div class="scroll" node_ref=form>
                {made_already()}
                {nodes::nodes(draft)}
                {services::ground(draft)}
                {services::zookeeper(draft)}
                {services::mesos(draft)}
                {applications::applications(draft)}
                {work::section(Page::Plan)}
            </div>
            {summary::summary(draft, form)}
        </section>
    }
    .into_any()
}

fn buttons(draft: Draft, saving: Doing) -> AnyView {
    let orders = expect_context::<Orders>();
    let cluster = expect_context::<Cluster>();
    let save = move |_| {
        saving.start(backend::plan_save(orders.name(), draft.plan.get_untracked()), drop);
    };
    let idle = move || cluster.run.get() == RunState::Idle;
    let changed = move || {
        view! {
            <button class="btn" data-test="plan-discard" on:click=heard(move |_| draft.discard())>{tx("Discard", "Abandonner")}</button>
            <button
                class="btn pri"
                data-test="plan-save"
                disabled=follow(move || saving.busy.get() || !draft.is_sound() || !idle())
                on:click=save
            >
                {tx("Save the plan", "Enregistrer le plan")}
            </button>
        }.into_any()
    };
    let unchanged = move || {
        view! {
            <button class="btn" data-test="next-page" on:click=heard(move |_| orders.go(Screen::Machines))>
                {tx("Machines", "Machines")}
                {icon(Icon::ChevronRight)}
            </button>
            {work::run_button()}
        }
        .into_any()
    };
    view! {
        <div class="row">
            {live(move || if draft.dirty.get() { changed().into_any() } else { unchanged().into_any() })}
        </div>
    }
    .into_any()
}

/// Says what a change means once there is something that was made from the plan.
fn made_already() -> Live {
    let cluster = expect_context::<Cluster>();
    let made = kept(move || {
        cluster.steps.with(|cells| {
            cells.iter().any(|cell| cell.page != Page::Plan && cell.now.with(|step| step.state.is_done()))
        })
    });
    live(move || {
        made.get().then(|| {
            view! {
                <p class="hint made">
                    {tx(
                        "Machines were made from this plan. Once saved, a change reaches them when the steps run again; what a running machine cannot take is refused with its reason.",
                        "Des machines ont été créées d’après ce plan. Une fois enregistré, un changement les atteint quand les étapes tournent à nouveau ; ce qu’une machine en marche ne peut pas accepter est refusé, avec la raison.",
                    )}
                </p>
            }.into_any()
        })
    })
}
