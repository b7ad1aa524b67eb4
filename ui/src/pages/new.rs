//! The form for a new cluster: a name, a shape, and what the machines are made of.

use leptos::prelude::*;
use plan::{ClusterPlan, Preset, Provider, Severity};
use protocol::ProviderView;

use crate::{
    app::Home,
    backend::{self, Call},
    doing::Doing,
    format::place,
    held::Held,
    i18n::{say, t, tx},
    kept::kept,
    live::{follow, live},
    pages::frame::frame,
    parts::{
        Look, chip, failed_page, notice,
        picture::{line, picture, rect},
        waiting_page,
    },
    route::{Route, Screen, go},
    words_of,
};

/// The page.
pub fn page() -> AnyView {
    let home = expect_context::<Home>();
    // What was typed must outlive a home page that is fetched again: the form is drawn once, when there is one.
    let there = kept(move || home.view.with(Option::is_some));
    let problem = kept(move || if there.get() { None } else { home.doing.problem.get() });
    frame(
        (move || match (there.get(), problem.get()) {
            (true, _) => form(home),
            (false, Some(problem)) => failed_page(problem, Callback::new(move |()| home.fetch())),
            (false, None) => waiting_page("Looking at this computer…", "Examen de cet ordinateur…"),
        })
        .into_any(),
    )
}

fn form(home: Home) -> AnyView {
    let (providers, taken) = home.view.with_untracked(|view| {
        let view = view.as_ref();
        let names = view.map(|view| view.clusters.iter().map(|card| card.name.clone()).collect::<Vec<_>>());
        (view.map(|view| view.providers.clone()).unwrap_or_default(), names.unwrap_or_default())
    });
    let name = RwSignal::new(free_name(&taken));
    let preset = Held::new(Preset::Classroom);
    let provider = Held::new(Provider::Practice);
    let doing = Doing::new();
    let trouble = kept(move || name_trouble(&name.get(), &taken));
    let create = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let (name, preset, provider) = (name.get_untracked(), preset.get_untracked(), provider.get_untracked());
        let made: Call<String> = Box::pin(async move {
            let plan = backend::plan_draft(name, preset, provider).await?;
            backend::cluster_create(plan).await
        });
        doing.start(made, |name| go(&Route::Cluster(name, Screen::Plan)));
    };
    view! {
        <form class="new-form" on:submit=create>
            <header class="plain-head">
                <div>
                    <h1>{tx("New cluster", "Nouveau cluster")}</h1>
                    <p>{tx("A shape to begin with. Everything can be changed in the plan.", "Une forme pour commencer. Tout se change ensuite dans le plan.")}</p>
                </div>
            </header>
            <label class="field name-field">
                <span>{tx("Name", "Nom")}</span>
                <input
                    data-test="name"
                    autofocus
                    autocomplete="off"
                    spellcheck="false"
                    maxlength="40"
                    aria-invalid=follow(move || trouble.with(|t| t.is_some()).to_string())
                    prop:value=name
                    on:input:target=move |event| name.set(event.target().value())
                />
                <small class="finding error" role="status">{live(move || trouble.get().map(|text| say(&text)))}</small>
            </label>
            <fieldset>
                <legend>{tx("Shape", "Forme")}</legend>
                <div class="presets">{Preset::ALL.map(|(value, _)| preset_card(value, preset)).into_iter().collect_view()}</div>
            </fieldset>
            <fieldset>
                <legend>{tx("Machines", "Machines")}</legend>
                <div class="providers">{providers.into_iter().map(|view| provider_row(view, provider)).collect_view()}</div>
            </fieldset>
            {notice(doing)}
            <div class="row end">
                <a class="btn" href=Route::Start.hash()>{tx("Cancel", "Annuler")}</a>
                <button class="btn pri" data-test="create" disabled=follow(move || doing.busy.get() || trouble.with(|t| t.is_some()))>
                    {tx("Create", "Créer")}
                </button>
            </div>
        </form>
    }
    .into_any()
}

/// `cluster`, or the first `cluster-2`, `cluster-3`… that is not taken.
fn free_name(taken: &[String]) -> String {
    let is_free = |name: &String| !taken.contains(name);
    let numbered = (2..).map(|n| format!("cluster-{n}"));
    std::iter::once("cluster".to_owned()).chain(numbered).find(is_free).unwrap_or_default()
}

/// What is wrong with a name: the plan's own judgement, and that no other cluster has it.
fn name_trouble(name: &str, taken: &[String]) -> Option<words::Text> {
    if taken.iter().any(|other| other == name) {
        return Some(words::Text::new("There is a cluster of that name already.", "Il y a déjà un cluster de ce nom."));
    }
    let plan: ClusterPlan = Preset::Solo.plan(name, Provider::Practice, plan::practice_network(0));
    let findings = plan.findings(None);
    findings.into_iter().find(|f| f.path == "name" && f.severity == Severity::Error).map(|f| f.text)
}

fn preset_card(value: Preset, chosen: Held<Preset>) -> AnyView {
    let (en, fr) = match value {
        Preset::Solo => ("One machine does everything.", "Une machine fait tout."),
        Preset::Classroom => ("One machine leads, two work.", "Une machine dirige, deux travaillent."),
        Preset::Ha => (
            "Three lead, three work. Any one of them may fail.",
            "Trois dirigent, trois travaillent. Le cluster survit à la panne d’une machine.",
        ),
    };
    view! {
        <label class="card preset">
            <input
                type="radio"
                name="preset"
                data-test=format!("preset-{value}")
                prop:checked=follow(move || chosen.get() == value)
                on:change=move |_| chosen.set(value)
            />
            {drawing(value)}
            <b>{live(move || words_of::preset(value))}</b>
            <small>{tx(en, fr)}</small>
        </label>
    }
    .into_any()
}

/// The machines of a preset: those that lead above, with their crown-coloured line, those that work below.
fn drawing(preset: Preset) -> AnyView {
    let (heads, agents) = match preset {
        Preset::Solo => (1, 0),
        Preset::Classroom => (1, 2),
        Preset::Ha => (3, 3),
    };
    let at = |n: usize, of: usize| 90.0 + (n as f64 - (of as f64 - 1.0) / 2.0) * 48.0;
    let y = if agents == 0 { 32.0 } else { 12.0 };
    let head = |n: usize| {
        let x = at(n, heads) - 18.0;
        let works = if agents == 0 { tasks(x, y + 30.0) } else { String::new() };
        let body = r#"fill="var(--accent-soft)" stroke="var(--accent)" stroke-width="1.5""#;
        let mouth = format!("M{} {}h14", place(x + 11.0), place(y + 12.0));
        let stroke = r#"stroke="var(--accent)" stroke-width="2.4" stroke-linecap="round""#;
        rect((x, y), (36.0, 24.0), 6, body) + &line(&mouth, stroke) + &works
    };
    let agent = |n: usize| {
        let x = at(n, agents) - 18.0;
        let body = r#"fill="var(--info-soft)" stroke="var(--info)" stroke-width="1.5""#;
        rect((x, 56.0), (36.0, 24.0), 6, body) + &tasks(x, 64.0)
    };
    let network = (agents > 0).then(|| {
        // One network, to which every machine is joined.
        let up = (0..heads).map(|n| format!("M{} 36V46", place(at(n, heads))));
        let down = (0..agents).map(|n| format!("M{} 46V56", place(at(n, agents))));
        let widest = heads.max(agents);
        let along = format!("M{} 46H{}", place(at(0, widest)), place(at(widest - 1, widest)));
        line(&up.chain(down).chain([along]).collect::<String>(), r#"stroke="var(--line-strong)" stroke-width="1.5""#)
    });
    let drawn = network.into_iter().chain((0..heads).map(head)).chain((0..agents).map(agent)).collect();
    picture("", "0 0 180 92", drawn)
}

/// Two tasks on a machine.
fn tasks(x: f64, y: f64) -> String {
    rect((x + 8.0, y), (8.0, 8.0), 2, r#"fill="var(--info)""#)
        + &rect((x + 20.0, y), (8.0, 8.0), 2, r#"fill="var(--info)" fill-opacity=".45""#)
}

fn provider_row(row: ProviderView, chosen: Held<Provider>) -> AnyView {
    let ProviderView { provider, usable, note } = row;
    view! {
        <label class="provider" class:off=!usable>
            <input
                type="radio"
                name="provider"
                data-test=format!("provider-{provider}")
                disabled=!usable
                prop:checked=follow(move || chosen.get() == provider)
                on:change=move |_| chosen.set(provider)
            />
            <span>
                <b>{live(move || words_of::provider(provider))}</b>
                <small>{live(move || say(&note))}</small>
            </span>
            {live(move || (!usable).then(|| chip(Look::Quiet, t("not usable here", "inutilisable ici").to_owned())))}
        </label>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::free_name;

    #[test]
    fn the_name_proposed_is_free() {
        assert_eq!(free_name(&[]), "cluster");
        assert_eq!(free_name(&["cluster".into(), "cluster-2".into()]), "cluster-3");
    }
}
