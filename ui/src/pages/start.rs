//! The start page: all clusters, and the ways to another one.

use leptos::prelude::*;
use protocol::{ClusterCard, ClusterState};

use crate::{
    app::Home,
    backend,
    doing::Doing,
    format::place,
    i18n::{t, tx},
    icons::{Icon, icon},
    live::{follow, heard, live},
    pages::frame::{frame, version},
    parts::{
        Dialog, Look, ProblemCard, bar, chip, dialog, failed_page, notice,
        picture::{line, picture, rect},
        waiting_page,
    },
    route::{Route, Screen, go},
    words_of,
};

/// The page.
pub fn page() -> AnyView {
    let home = expect_context::<Home>();
    home.fetch();
    let import = Dialog::new();
    let content = move || match (home.view.get(), home.doing.problem.get()) {
        (_, Some(problem)) => failed_page(problem, Callback::new(move |()| home.fetch())),
        (None, None) => waiting_page("Looking for your clusters…", "Recherche de vos clusters…"),
        (Some(view), None) if view.clusters.is_empty() => welcome(import),
        (Some(view), None) => clusters(view.clusters, import),
    };
    frame(
        view! {
            {live(content)}
            {dialog(import, || t("Import a bundle", "Importer un paquet").to_owned(), "import-dialog", move || import_form(import))}
            <p class="plain-foot">
                {version()}
                {live(move || home.view.with(|view| view.as_ref().map(|view| format!(" · {}", view.home))))}
            </p>
        }
        .into_any(),
    )
}

fn buttons(import: Dialog) -> AnyView {
    view! {
        <button class="btn" data-test="import" on:click=heard(move |_| import.open())>
            {icon(Icon::Import)}
            {tx("Import…", "Importer…")}
        </button>
        <a class="btn pri" data-test="new-cluster" href=Route::New.hash()>
            {icon(Icon::Plus)}
            {tx("New cluster", "Nouveau cluster")}
        </a>
    }
    .into_any()
}

fn welcome(import: Dialog) -> AnyView {
    view! {
        <section class="welcome" data-test="welcome">
            {track()}
            <h1>{tx("On your marks", "À vos marques")}</h1>
            <p>
                {tx(
                    "From this computer to an application that heals itself, on a cluster of your own: machines, ZooKeeper, Mesos, and a scheduler on top. Every command is shown, explained and proved.",
                    "De cet ordinateur à une application qui se répare toute seule, sur un cluster à vous : des machines, ZooKeeper, Mesos, et un ordonnanceur par-dessus. Chaque commande est montrée, expliquée et vérifiée.",
                )}
            </p>
            <div class="row">{buttons(import)}</div>
            <p class="hint">
                {tx(
                    "Nothing to install: practice machines are simulated on this computer, and speak the real protocols.",
                    "Rien à installer : les machines d’entraînement sont simulées sur cet ordinateur et parlent les vrais protocoles.",
                )}
            </p>
        </section>
    }
    .into_any()
}

/// Lanes of a track, and machines on their marks.
fn track() -> AnyView {
    let lanes = (0..4).map(|n| line(&format!("M0 {}H420", 14 + n * 28), r#"stroke="var(--line-strong)""#));
    let starts = [(96.0, "var(--app1)"), (84.0, "var(--app2)"), (90.0, "var(--app3)")];
    let runners = starts.into_iter().zip(0_u8..).map(|((x, colour), n)| {
        let y = 18.0 + f64::from(n) * 28.0;
        let body = format!(r#"fill="{colour}" fill-opacity=".16" stroke="{colour}" stroke-width="1.5""#);
        let eye = format!(r#"<circle cx="{}" cy="{}" r="2.6" fill="{colour}"/>"#, place(x + 9.0), place(y + 10.0));
        let mouth = format!("M{} {}h10", place(x + 17.0), place(y + 10.0));
        let stroke = format!(r#"stroke="{colour}" stroke-width="2" stroke-linecap="round""#);
        rect((x, y), (34.0, 20.0), 5, &body) + &eye + &line(&mouth, &stroke)
    });
    let start = line("M150 6V106", r#"stroke="var(--accent)" stroke-width="6""#);
    picture("track-art", "0 0 420 112", lanes.chain([start]).chain(runners).collect())
}

fn clusters(cards: Vec<ClusterCard>, import: Dialog) -> AnyView {
    let count = cards.len();
    view! {
        <header class="plain-head">
            <div>
                <h1>{tx("Your clusters", "Vos clusters")}</h1>
                <p>
                    {live(move || {
                        if count == 1 { t("One, in a folder of its own.", "Un seul, dans un dossier à lui.") }
                        else { t("Each in a folder of its own, last used first.", "Chacun dans un dossier à lui, le dernier utilisé d’abord.") }
                    })}
                </p>
            </div>
            <span class="sp"></span>
            {buttons(import)}
        </header>
        <ul class="clusters">{cards.into_iter().map(card).collect_view()}</ul>
    }
    .into_any()
}

fn card(card: ClusterCard) -> AnyView {
    let ClusterCard { name, provider, nodes, state, folder, problem } = card;
    if let Some(problem) = problem {
        return view! {
            <li class="card cluster-card broken" data-test=format!("cluster-{name}")>
                <h2>{name.clone()}</h2>
                <p class="path" title=folder.clone()>{folder.clone()}</p>
                {ProblemCard::new(problem).show()}
            </li>
        }
        .into_any();
    }
    // A cluster that is up is opened to be watched; any other to go on with it.
    let screen = if state == ClusterState::Up { Screen::Monitor } else { Screen::Plan };
    let route = Route::Cluster(name.clone(), screen);
    let test = format!("cluster-{name}");
    let progress = match state {
        ClusterState::Partial { done, of } => {
            Some(bar(move || (done as f64, of as f64), move || words_of::cluster_state(state), true))
        }
        _ => None,
    };
    view! {
        <li>
            <a class="card cluster-card" data-test=test href=route.hash()>
                <span class="cluster-card-head"><h2>{name}</h2>{live(move || state_chip(state))}</span>
                <span class="sub">
                    {live(move || {
                        let machines = words_of::machines(nodes);
                        provider.map(|p| format!("{} · {machines}", words_of::provider(p)))
                    })}
                </span>
                {room_row(nodes)}
                <span class="path" title=folder.clone()>{folder.clone()}</span>
                {progress}
            </a>
        </li>
    }
    .into_any()
}

/// As many small rooms as there are machines, up to a dozen.
fn room_row(nodes: usize) -> AnyView {
    let rooms = (0..nodes.min(12)).map(|_| view! { <i></i> }.into_any()).collect_view();
    let more = (nodes > 12).then(|| format!("+{}", nodes - 12));
    view! { <span class="room-row" aria-hidden="true">{rooms}{more}</span> }.into_any()
}

fn state_chip(state: ClusterState) -> AnyView {
    let look = match state {
        ClusterState::Up => Look::Good,
        ClusterState::Partial { .. } => Look::Accent,
        ClusterState::Unreadable => Look::Bad,
        ClusterState::Planned | ClusterState::Halted => Look::Quiet,
    };
    chip(look, words_of::cluster_state(state))
}

fn import_form(import: Dialog) -> AnyView {
    let path = RwSignal::new(String::new());
    let rename = RwSignal::new(String::new());
    let doing = Doing::new();
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let rename = Some(rename.get_untracked().trim().to_owned()).filter(|name| !name.is_empty());
        doing.start(backend::import(path.get_untracked().trim().to_owned(), rename), move |name| {
            import.close();
            go(&Route::Cluster(name, Screen::Plan));
        });
    };
    view! {
        <form class="stack" on:submit=submit>
            <p>
                {tx(
                    "A folder or a .zip that Startline exported. The plan in it becomes a cluster here.",
                    "Un dossier ou un .zip que Startline a exporté. Le plan qu’il contient devient un cluster ici.",
                )}
            </p>
            <label class="field">
                <span>{tx("Path", "Chemin")}</span>
                <input
                    class="mono"
                    data-test="import-path"
                    autofocus
                    autocomplete="off"
                    spellcheck="false"
                    placeholder="~/tp-cloud.zip"
                    prop:value=path
                    on:input:target=move |event| path.set(event.target().value())
                />
            </label>
            <label class="field">
                <span>{tx("Its name here", "Son nom ici")}</span>
                <input
                    data-test="import-name"
                    autocomplete="off"
                    spellcheck="false"
                    maxlength="40"
                    prop:value=rename
                    on:input:target=move |event| rename.set(event.target().value())
                />
                <small class="hint">
                    {tx(
                        "Leave it empty to keep its own. With another name it becomes a twin beside the first.",
                        "Laissez vide pour garder le sien. Sous un autre nom, il devient un jumeau à côté du premier.",
                    )}
                </small>
            </label>
            {notice(doing)}
            <div class="row end">
                <button class="btn" type="button" on:click=heard(move |_| import.close())>{tx("Cancel", "Annuler")}</button>
                <button class="btn pri" data-test="import-go" disabled=follow(move || doing.busy.get() || path.with(|p| p.trim().is_empty()))>
                    {tx("Import", "Importer")}
                </button>
            </div>
        </form>
    }
    .into_any()
}
