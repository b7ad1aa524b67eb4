//! The sidebar: the cluster and what can be done with it as a whole, the way through the set-up, the pages for use.

use leptos::{html, prelude::*};
use protocol::{Page, RunState, Step};

use crate::{
    format,
    i18n::{lang, t, tx},
    icons::{Icon, icon, mark},
    kept::{Kept, kept},
    live::{follow, heard, live},
    orders::Orders,
    pages::frame::{language_switch, theme_switch, version},
    parts::{Dialog, dialog},
    progress::{self, Stand, Tally},
    route::{Route, Screen},
    store::Cluster,
    words_of,
};

/// The pages of the set-up, in their order.
const TRACK: [Page; 5] = [Page::Plan, Page::Machines, Page::ZooKeeper, Page::Mesos, Page::Application];

/// The sidebar.
pub fn sidebar(now: Kept<Screen>) -> AnyView {
    view! {
        <aside class="side">
            <a class="brand" href="#/" data-test="home">{mark()}"Startline"<span class="version">{version()}</span></a>
            {cluster_menu()}
            <nav class="nav track" aria-label=tx("Set up", "Mise en place")>
                <h4>{tx("Set up", "Mise en place")}</h4>
                {TRACK.map(|page| track_link(page, now)).into_iter().collect_view()}
            </nav>
            <nav class="nav" aria-label=tx("Use", "Utiliser")>
                <h4>{tx("Use", "Utiliser")}</h4>
                {use_link(Screen::Monitor, Icon::Grid, now)}
                {use_link(Screen::Files, Icon::Box, now)}
            </nav>
            <div class="foot">{language_switch()}{theme_switch()}</div>
        </aside>
    }
    .into_any()
}

/// All steps of a page, as they are now. Tracked.
pub fn steps_of(cluster: Cluster, page: Page) -> Vec<Step> {
    cluster.steps.with(|cells| cells.iter().filter(|cell| cell.page == page).map(|cell| cell.now.get()).collect())
}

fn track_link(page: Page, now: Kept<Screen>) -> AnyView {
    let cluster = expect_context::<Cluster>();
    let orders = expect_context::<Orders>();
    let screen = words_of::screen_of(page);
    let stand = kept(move || {
        let steps = steps_of(cluster, page);
        let tally = Tally::of(steps.iter().map(|step| &step.state));
        (tally.stand(), tally.done, tally.of, progress::longest_ms(&steps))
    });
    let class = move || {
        let stand = match stand.get().0 {
            Stand::Done => "done",
            Stand::Running => "run",
            Stand::Stuck => "stuck",
            Stand::Partly => "partly",
            Stand::Todo => "todo",
        };
        format!("{stand}{}", if now.get() == screen { " on" } else { "" })
    };
    let dot = move || match stand.get().0 {
        Stand::Done => icon(Icon::Check).into_any(),
        Stand::Running | Stand::Partly => view! { <i></i> }.into_any(),
        Stand::Stuck => icon(Icon::Cross).into_any(),
        Stand::Todo => ().into_any(),
    };
    let count = move || {
        let (stand, done, of, longest) = stand.get();
        match stand {
            Stand::Done if longest >= 1000 => format::duration(longest, lang()),
            Stand::Running | Stand::Partly | Stand::Stuck => format!("{done}/{of}"),
            Stand::Done | Stand::Todo => String::new(),
        }
    };
    view! {
        <a
            class=class
            href=Route::Cluster(orders.name(), screen).hash()
            data-test=format!("nav-{}", screen.name())
            data-state=follow(move || if stand.get().0 == Stand::Done { "done" } else { "open" })
            aria-current=follow(move || (now.get() == screen).then_some("page"))
        >
            <span class="dot">{live(dot)}</span>
            {live(move || words_of::screen(screen))}
            <span class="t">{live(count)}</span>
        </a>
    }
    .into_any()
}

fn use_link(screen: Screen, face: Icon, now: Kept<Screen>) -> AnyView {
    let orders = expect_context::<Orders>();
    view! {
        <a
            class:on=follow(move || now.get() == screen)
            href=Route::Cluster(orders.name(), screen).hash()
            data-test=format!("nav-{}", screen.name())
            aria-current=follow(move || (now.get() == screen).then_some("page"))
        >
            {icon(face)}
            {live(move || words_of::screen(screen))}
        </a>
    }
    .into_any()
}

/// The cluster's name, and the menu under it: halt, bring up, destroy.
fn cluster_menu() -> AnyView {
    let cluster = expect_context::<Cluster>();
    let orders = expect_context::<Orders>();
    let open = RwSignal::new(false);
    let button = NodeRef::<html::Button>::new();
    let sure = Dialog::new();
    let busy = move || cluster.run.get() != RunState::Idle;
    let close_on_escape = move |event: leptos::ev::KeyboardEvent| {
        if event.key() == "Escape" && open.get_untracked() {
            open.set(false);
            if let Some(button) = button.get_untracked() {
                // A button that is gone needs no focus.
                let _ = button.focus();
            }
        }
    };
    let under = move || {
        let plan = cluster.plan.get();
        format!("{} · {}", words_of::machines(plan.nodes.len()), words_of::provider(plan.provider))
    };
    view! {
        <div class="cluster-menu" on:keydown=close_on_escape>
            <button
                node_ref=button
                class="cluster"
                data-test="cluster-menu"
                aria-haspopup="true"
                aria-expanded=follow(move || open.get().to_string())
                on:click=heard(move |_| open.update(|open| *open = !*open))
            >
                <span><b>{orders.name()}</b><small>{live(under)}</small></span>
                {live(move || if busy() { icon(Icon::Spinner).into_any() } else { icon(Icon::ChevronDown).into_any() })}
            </button>
            {live(move || open.get().then(|| view! {
                <div class="shade" on:click=heard(move |_| open.set(false))></div>
                <div class="menu" role="group" aria-label=tx("The cluster", "Le cluster") on:click=heard(move |_| open.set(false))>
                    <button data-test="menu-up" disabled=busy on:click=heard(move |_| orders.run_all())>
                        {icon(Icon::Power)}{tx("Bring up", "Démarrer")}
                    </button>
                    <button data-test="menu-halt" disabled=busy on:click=heard(move |_| orders.halt())>
                        {icon(Icon::Pause)}{tx("Halt the machines", "Arrêter les machines")}
                    </button>
                    <button class="danger" data-test="menu-destroy" disabled=busy on:click=heard(move |_| sure.open())>
                        {icon(Icon::Trash)}{tx("Destroy…", "Détruire…")}
                    </button>
                    <hr/>
                    <a href="#/" data-test="menu-home">{icon(Icon::Home)}{tx("All clusters", "Tous les clusters")}</a>
                </div>
            }.into_any()))}
            {dialog(
                sure,
                || t("Destroy this cluster?", "Détruire ce cluster ?").to_owned(),
                "destroy-dialog",
                move || destroy_form(sure),
            )}
        </div>
    }
    .into_any()
}

fn destroy_form(sure: Dialog) -> AnyView {
    let orders = expect_context::<Orders>();
    let cluster = expect_context::<Cluster>();
    let typed = RwSignal::new(String::new());
    let same = move || typed.with(|typed| *typed == orders.name());
    let destroy = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if same() {
            sure.close();
            orders.destroy();
        }
    };
    view! {
        <form class="stack" on:submit=destroy>
            <p>
                {tx(
                    "Its machines, everything on them and its folder will be gone. Export it first if you want to keep the files.",
                    "Ses machines, tout ce qu’elles contiennent et son dossier disparaîtront. Exportez-le d’abord si vous tenez aux fichiers.",
                )}
            </p>
            <p class="path">{cluster.folder.get_untracked()}</p>
            <label class="field">
                <span>{tx("Type its name to go on", "Tapez son nom pour continuer")}" · "<code>{orders.name()}</code></span>
                <input
                    class="mono"
                    data-test="destroy-name"
                    autofocus
                    autocomplete="off"
                    spellcheck="false"
                    on:input:target=move |event| typed.set(event.target().value())
                />
            </label>
            <div class="row end">
                <button class="btn" type="button" on:click=heard(move |_| sure.close())>{tx("Keep it", "Le garder")}</button>
                <button class="btn bad" data-test="destroy-go" disabled=follow(move || !same())>{tx("Destroy", "Détruire")}</button>
            </div>
        </form>
    }
    .into_any()
}
