//! The plan at a glance: how large it is, and everything that was found.

use leptos::{html, prelude::*};
use plan::Severity;

use super::{draft::Draft, field::note};
use crate::{
    app::Home,
    format,
    i18n::{lang, t, tx},
    icons::{Icon, icon_as},
    live::{heard, live},
    parts::bar,
    words_of,
};

/// The panel.
pub fn summary(draft: Draft, form: NodeRef<html::Div>) -> AnyView {
    let counts = move || {
        draft.plan.with(|plan| {
            let count = |n: usize, one: &'static str, more: &'static str| {
                format!("{n}\u{a0}{}", if n == 1 { one } else { more })
            };
            [
                words_of::machines(plan.nodes.len()),
                count(
                    plan.ensemble().count(),
                    t("ZooKeeper server", "serveur ZooKeeper"),
                    t("ZooKeeper servers", "serveurs ZooKeeper"),
                ),
                count(plan.masters().count(), t("master", "maître"), t("masters", "maîtres")),
                count(plan.agents().count(), t("agent", "agent"), t("agents", "agents")),
                words_of::applications(plan.applications.len()),
            ]
            .join(" · ")
        })
    };
    view! {
        <div class="card lesson" data-test="plan-summary" tabindex="0" role="region" aria-label=tx("Summary", "Résumé")>
            <div><h3>{tx("At a glance", "En bref")}</h3><p class="more">{live(counts)}</p></div>
            {live(move || host(draft))}
            <div>
                <div class="lab">{tx("Findings", "Constats")}</div>
                {live(move || findings(draft, form))}
            </div>
        </div>
    }
    .into_any()
}

/// What real machines would take of this computer; practice machines take next to nothing.
fn host(draft: Draft) -> Option<AnyView> {
    let home = expect_context::<Home>();
    let host = home.view.with(|view| view.as_ref().map(|view| view.host))?;
    let (practice, cpus, memory) = draft.plan.with(|plan| {
        let sum = |of: fn(&plan::Node) -> u32| plan.nodes.iter().map(|node| f64::from(of(node))).sum::<f64>();
        (plan.provider.is_practice(), sum(|node| node.cpus), sum(|node| node.memory_mb))
    });
    if practice {
        let says = t(
            "Practice machines take next to nothing of this computer, whatever the plan says.",
            "Les machines d’entraînement ne prennent presque rien à cet ordinateur, quoi que dise le plan.",
        );
        return Some(view! { <p class="hint">{says}</p> }.into_any());
    }
    let (all_cpus, all_memory) = (f64::from(host.cpus), f64::from(host.memory_mb));
    let cpu_text = format!("{} / {}", format::number(cpus, 0, lang()), format::number(all_cpus, 0, lang()));
    Some(
        view! {
            <div>
                <div class="lab">{t("Of this computer", "De cet ordinateur")}</div>
                <div class="use">
                    <span>"CPU"</span>
                    {bar(move || (cpus, all_cpus), || t("Processors", "Processeurs").to_owned(), false)}
                    <span>{cpu_text}</span>
                </div>
                <div class="use">
                    <span>{t("Mem", "Mém")}</span>
                    {bar(move || (memory, all_memory), || t("Memory", "Mémoire").to_owned(), false)}
                    <span>{format::memory_of(memory, all_memory, lang())}</span>
                </div>
            </div>
        }
        .into_any(),
    )
}

fn findings(draft: Draft, form: NodeRef<html::Div>) -> AnyView {
    let broken = draft.typed.with(|typed| {
        let broken = typed.iter().filter_map(|(path, typed)| typed.broken.clone().map(|text| (path.clone(), text)));
        broken.collect::<Vec<_>>()
    });
    let findings = draft.findings.get();
    if findings.is_empty() && broken.is_empty() {
        return view! {
            <p class="all-well">{icon_as(Icon::Check, "ic ok")}{t("Nothing to object to.", "Rien à redire.")}</p>
        }
        .into_any();
    }
    let broken = broken.into_iter().map(|(path, text)| {
        let says = text.get(lang()).to_owned();
        entry(form, path, view! { <small class="finding error">{says}</small> }.into_any())
    });
    let found = findings.into_iter().map(|finding| {
        let (path, severity) = (finding.path.clone(), finding.severity);
        let name = if path.is_empty() { severity_word(severity).to_owned() } else { path };
        entry(form, name, note(draft, finding))
    });
    broken.chain(found).collect_view().into_any()
}

fn severity_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => t("error", "erreur"),
        Severity::Warning => t("warning", "avertissement"),
        Severity::Hint => t("hint", "conseil"),
    }
}

fn entry(form: NodeRef<html::Div>, path: String, note: AnyView) -> AnyView {
    let to = path.clone();
    view! {
        <div class="found">
            <button class="found-path" on:click=heard(move |_| go_to(form, &to))>{path}</button>
            {note}
        </div>
    }
    .into_any()
}

/// Brings the field at `path`, or the nearest one around it, into sight, and gives it the focus.
pub fn go_to(form: NodeRef<html::Div>, path: &str) {
    let Some(form) = form.get_untracked() else { return };
    let mut path = path.to_owned();
    loop {
        if let Ok(Some(field)) = form.query_selector(&format!("[data-path=\"{path}\"]")) {
            field.scroll_into_view();
            if let Ok(field) = wasm_bindgen::JsCast::dyn_into::<web_sys::HtmlElement>(field) {
                // A field that takes no focus is in sight all the same.
                let _ = field.focus();
            }
            return;
        }
        match path.rfind(['.', '[']) {
            Some(end) => path.truncate(end),
            None => return,
        }
    }
}
