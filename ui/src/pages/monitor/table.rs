//! The applications as a table, with their scale.

use leptos::prelude::*;
use protocol::Application;

use crate::{
    colours::Colours,
    format,
    i18n::{lang, t, tx},
    icons::{Icon, icon},
    kept::kept,
    live::{heard, live},
    pages::deploy::{find, reasons, remove_form, state_chip},
    parts::{Dialog, Look, chip, dialog, rows::rows, scale::scale},
    store::Cluster,
};

pub(super) fn table(cluster: Cluster) -> AnyView {
    let ids = kept(move || {
        cluster.applications.with(|section| {
            let applications = section.as_ref().map(|section| section.body.applications.as_slice()).unwrap_or_default();
            applications.iter().map(|application| application.id.clone()).collect::<Vec<_>>()
        })
    });
    view! {
        <div class="card table-card">
            <table>
                <thead>
                    <tr>
                        <th>{tx("Application", "Application")}</th>
                        <th>{tx("Instances", "Instances")}</th>
                        <th>{tx("Health", "Santé")}</th>
                        <th>{tx("Each asks for", "Chacune demande")}</th>
                        <th>{tx("State", "État")}</th>
                        <th><span class="unseen">{tx("Remove", "Retirer")}</span></th>
                    </tr>
                </thead>
                <tbody>
                    {rows(move || ids.get(), move |id| row(cluster, id))}
                </tbody>
            </table>
            {live(move || ids.with(Vec::is_empty).then(|| {
                let says = match cluster.applications.with(Option::is_some) {
                    true => t("No application is deployed.", "Aucune application n’est déployée."),
                    false => t("The scheduler was not heard yet.", "L’ordonnanceur ne s’est pas encore manifesté."),
                };
                view! { <p class="hint pad">{says}</p> }.into_any()
            }))}
        </div>
    }
    .into_any()
}

fn row(cluster: Cluster, id: String) -> AnyView {
    let colour = expect_context::<Colours>().of(&id);
    let key = id.clone();
    let now = kept(move || find(cluster, &key));
    let wanted = move || now.with(|now| now.as_ref().map_or(0, |now| now.instances));
    let running = move || now.with(|now| now.as_ref().map(|now| now.running));
    let asks = move || {
        now.with(|now| {
            let now = now.as_ref()?;
            Some(format!("{}\u{a0}CPU · {}", format::number(now.cpus, 2, lang()), format::memory(now.mem_mb, lang())))
        })
    };
    let sure = Dialog::new();
    let test = format!("application-{id}");
    let title = StoredValue::new(id.clone());
    let gone = id.clone();
    view! {
        <tr data-test=test>
            <td class="cut" title=id.clone()><span class="sw" style=("--c", colour)></span>{id.clone()}</td>
            <td><span class="running" data-test="running">{live(running)}</span>{scale(id, wanted)}</td>
            <td>{live(move || now.get().map(|now| health(&now)))}</td>
            <td>{live(asks)}</td>
            <td>{live(move || now.get().map(|now| state_chip(&now)))}</td>
            <td class="end">
                <button class="icon-btn" data-test="remove" aria-label=tx("Remove", "Retirer") title=tx("Remove", "Retirer") on:click=heard(move |_| sure.open())>
                    {icon(Icon::Trash)}
                </button>
                {dialog(
                    sure,
                    move || format!("{} {}\u{a0}?", t("Remove", "Retirer"), title.get_value()),
                    "remove-dialog",
                    move || remove_form(sure, gone.clone()),
                )}
            </td>
        </tr>
        {live(move || now.get().and_then(|now| why(&now)))}
    }
    .into_any()
}

/// What stands in an application's way, in a row of its own below it. Tracked.
fn why(application: &Application) -> Option<AnyView> {
    let reasons = reasons(application);
    let line = |says: String| view! { <small class="reason">{says}</small> }.into_any();
    (!reasons.is_empty()).then(|| {
        view! { <tr class="why"><td colspan="6">{reasons.into_iter().map(line).collect_view()}</td></tr> }.into_any()
    })
}

fn health(application: &Application) -> AnyView {
    if !application.checked {
        return chip(Look::Quiet, t("not checked", "pas vérifiée").to_owned());
    }
    if application.unhealthy > 0 {
        return chip(Look::Bad, format!("{} {}", application.unhealthy, t("unhealthy", "malade(s)")));
    }
    let word = if application.healthy == 1 { t("healthy", "saine") } else { t("healthy", "saines") };
    let look = if application.healthy > 0 { Look::Good } else { Look::Quiet };
    chip(look, format!("{} {word}", application.healthy))
}
