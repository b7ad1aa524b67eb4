//! Deploying an application, and its instances in a picture.

use leptos::prelude::*;
use protocol::{Application, ApplicationState, LastFailure};
use words::Lang;

use crate::{
    colours::Colours,
    i18n::{lang, say, t, tx},
    icons::{Icon, icon},
    kept::kept,
    live::{follow, heard, live},
    orders::Orders,
    pages::halted::is_halted,
    parts::{
        Dialog, Look,
        app_editor::{Judgement, app_editor},
        chip, dialog, order_notice,
        rows::rows,
        scale, trouble,
    },
    store::Cluster,
};

/// What the form begins with: a web server that anybody can look at.
const EXAMPLE: &str = r#"{
  "id": "/shop/web",
  "cmd": "python3 -m http.server $PORT0",
  "cpus": 0.1,
  "mem": 32,
  "instances": 2,
  "portDefinitions": [{ "port": 0, "name": "http" }],
  "healthChecks": [{
    "protocol": "HTTP", "path": "/", "portIndex": 0,
    "gracePeriodSeconds": 60, "intervalSeconds": 2, "timeoutSeconds": 5, "maxConsecutiveFailures": 3
  }]
}"#;

/// The button that opens the form, and the form.
pub fn deploy_button(primary: bool) -> AnyView {
    let form = Dialog::new();
    view! {
        <button class="btn" class:pri=primary data-test="deploy" on:click=heard(move |_| form.open())>
            {icon(Icon::Plus)}
            {tx("Deploy…", "Déployer…")}
        </button>
        {dialog(
            form,
            || t("Deploy an application", "Déployer une application").to_owned(),
            "deploy-dialog",
            move || deploy_form(form),
        )}
    }
    .into_any()
}

fn deploy_form(form: Dialog) -> AnyView {
    let orders = expect_context::<Orders>();
    let text = RwSignal::new(EXAMPLE.to_owned());
    let judgement = kept(move || text.with(|text| Judgement::of(text)));
    let fine = move || judgement.with(Judgement::is_fine);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        // The very text is sent, not what this window understood of it.
        if let (true, Ok(application)) = (fine(), serde_json::from_str(&text.get_untracked())) {
            orders.deploy(application, move || form.close());
        }
    };
    view! {
        <form class="stack wide" on:submit=submit>
            <p>{tx("In Marathon’s own form. It is checked as you type.", "Dans la forme même de Marathon, vérifiée pendant la saisie.")}</p>
            {app_editor(text, judgement, "deploy-json")}
            {order_notice(orders)}
            <div class="row end">
                <button class="btn" type="button" on:click=heard(move |_| form.close())>{tx("Cancel", "Annuler")}</button>
                <button class="btn pri" data-test="deploy-go" disabled=follow(move || !fine() || orders.applications.busy.get())>
                    {tx("Deploy", "Déployer")}
                </button>
            </div>
        </form>
    }
    .into_any()
}

/// The applications with their instances as blocks, for the page that sets them up.
pub fn instances(cluster: Cluster) -> AnyView {
    let ids = kept(move || {
        // What ran last is no news of machines that are halted.
        if is_halted(cluster) {
            return Vec::new();
        }
        cluster.applications.with(|section| {
            let applications = section.as_ref().map(|section| section.body.applications.as_slice());
            applications.unwrap_or_default().iter().map(|application| application.id.clone()).collect::<Vec<_>>()
        })
    });
    view! {
        <div class="card picture-list" data-test="applications">
            <div class="lab">{tx("Applications now", "Applications en ce moment")}<span class="sp"></span>{live(move || (!is_halted(cluster)).then(|| deploy_button(false)))}</div>
            {trouble(cluster.applications)}
            {live(move || (ids.get().is_empty() && !is_halted(cluster)).then(|| view! {
                <p class="hint">
                    {tx("None runs yet. Those of the plan are deployed by the last steps.", "Aucune ne tourne encore. Celles du plan sont déployées par les dernières étapes.")}
                </p>
            }.into_any()))}
            {rows(move || ids.get(), move |id| application_row(cluster, id))}
        </div>
    }
    .into_any()
}

fn application_row(cluster: Cluster, id: String) -> AnyView {
    let colour = expect_context::<Colours>().of(&id);
    let key = id.clone();
    let now = kept(move || find(cluster, &key));
    let wanted = move || now.with(|now| now.as_ref().map_or(0, |now| now.instances));
    let test = format!("application-{id}");
    let gone = id.clone();
    let sure = Dialog::new();
    let title = StoredValue::new(id.clone());
    view! {
        <div class="app-row" data-test=test style=("--c", colour)>
            <b><span class="sw"></span>{id.clone()}</b>
            {live(move || now.get().map(|now| state_chip(&now)))}
            <span class="sp"></span>
            {scale::scale(id, wanted)}
            <button class="icon-btn" data-test="remove" aria-label=tx("Remove", "Retirer") title=tx("Remove", "Retirer") on:click=heard(move |_| sure.open())>
                {icon(Icon::Trash)}
            </button>
            <div class="tasks" aria-hidden="true">{live(move || now.get().map(|now| blocks(&now)))}</div>
            <div class="addresses mono">
                {live(move || now.with(|now| now.as_ref().map(|now| now.addresses.join("  "))))}
            </div>
            {live(move || now.with(|now| now.as_ref().map(|now| view! {
                <div class="reasons">{reasons(now).into_iter().map(|says| view! { <p class="hint">{says}</p> }.into_any()).collect_view()}</div>
            }.into_any())))}
            {dialog(
                sure,
                move || format!("{} {}\u{a0}?", t("Remove", "Retirer"), title.get_value()),
                "remove-dialog",
                move || remove_form(sure, gone.clone()),
            )}
        </div>
    }
    .into_any()
}

/// Asks before an application goes.
pub fn remove_form(sure: Dialog, application: String) -> AnyView {
    let orders = expect_context::<Orders>();
    view! {
        <div class="stack">
            <p>{tx("All its instances are ended.", "Toutes ses instances sont arrêtées.")}</p>
            <div class="row end">
                <button class="btn" on:click=heard(move |_| sure.close())>{tx("Keep it", "La garder")}</button>
                <button
                    class="btn bad"
                    data-test="remove-go"
                    on:click=heard(move |_| {
                        sure.close();
                        orders.remove(application.clone());
                    })
                >
                    {tx("Remove", "Retirer")}
                </button>
            </div>
        </div>
    }
    .into_any()
}

/// An application, as it is now. Tracked.
pub fn find(cluster: Cluster, id: &str) -> Option<Application> {
    cluster.applications.with(|section| {
        let applications = &section.as_ref()?.body.applications;
        applications.iter().find(|application| application.id == id).cloned()
    })
}

/// Why it is not as it should be: what it waits for, and how its last instance failed. Tracked.
pub fn reasons(application: &Application) -> Vec<String> {
    let mut reasons = Vec::new();
    if let ApplicationState::Waiting { reason } = &application.state {
        reasons.push(say(reason));
    }
    // An old failure of what runs well by now is history, which the events tell.
    let well = application.state == ApplicationState::Stable;
    if let Some(LastFailure { node, message }) = application.last_failure.as_ref().filter(|_| !well) {
        reasons.push(match lang() {
            Lang::En => format!("Last failure, on {node}: {message}"),
            Lang::Fr => format!("Dernier échec, sur {node}\u{a0}: {message}"),
        });
    }
    reasons
}

/// Where an application stands. Tracked.
pub fn state_chip(application: &Application) -> AnyView {
    match &application.state {
        ApplicationState::Stable => chip(Look::Quiet, t("stable", "stable").to_owned()),
        ApplicationState::Suspended => chip(Look::Quiet, t("suspended", "suspendue").to_owned()),
        ApplicationState::Deploying => chip(Look::Accent, t("deploying", "en déploiement").to_owned()),
        ApplicationState::Waiting { .. } => chip(Look::Warn, t("waiting", "en attente").to_owned()),
    }
}

/// Instances as blocks: those that run, those that start, those that are missing.
fn blocks(application: &Application) -> AnyView {
    const DRAWN: u32 = 60;
    let of =
        |count: u32, class: &'static str| (0..count.min(DRAWN)).map(move |_| view! { <i class=class></i> }.into_any());
    let missing = application.instances.saturating_sub(application.running + application.staged);
    let blocks: Vec<_> =
        of(application.running, "").chain(of(application.staged, "new")).chain(of(missing, "missing")).collect();
    let more = (application.running > DRAWN).then(|| format!("+{}", application.running - DRAWN));
    view! { {blocks}{more} }.into_any()
}
