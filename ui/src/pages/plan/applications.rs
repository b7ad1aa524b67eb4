//! The applications of the plan, as Marathon's JSON.

use leptos::prelude::*;
use marathon::AppDefinition;

use super::{
    draft::{Draft, Typed},
    field::notes,
};
use crate::{
    i18n::{t, tx},
    icons::{Icon, icon},
    json,
    kept::kept,
    live::{follow, heard},
    parts::rows::{places, rows},
};

/// The list of applications.
pub fn applications(draft: Draft) -> AnyView {
    let count = kept(move || draft.plan.with(|plan| plan.applications.len()));
    let add = move |_| {
        draft.change(|plan| {
            let free = |id: &String| plan.applications.iter().all(|application| application.id != *id);
            let id = (1..).map(|n| format!("/app{n}")).find(free).unwrap_or_default();
            let command = Some("python3 -m http.server $PORT0".to_owned());
            plan.applications.push(AppDefinition {
                cmd: command,
                cpus: Some(0.1),
                mem: Some(32.0),
                ..AppDefinition::new(id)
            });
        });
    };
    view! {
        <section class="card plan-part">
            <div class="plan-head">
                <h2>{tx("Applications", "Applications")}</h2>
                <span class="sp"></span>
                <button class="btn small" data-test="add-application" on:click=add>
                    {icon(Icon::Plus)}
                    {tx("Add an application", "Ajouter une application")}
                </button>
            </div>
            <p class="hint">{tx("Deployed by the last steps, in Marathon’s own form.", "Déployées par les dernières étapes, dans la forme même de Marathon.")}</p>
            {rows(move || places(count.get()), move |n| n.parse().map_or_else(|_| ().into_any(), |n| application(draft, n)))}
        </section>
    }
    .into_any()
}

fn application(draft: Draft, n: usize) -> AnyView {
    let path = format!("applications[{n}]");
    let text = {
        let path = path.clone();
        Memo::new(move |_| {
            let typed = draft.typed_at(&path).map(|typed| typed.text);
            typed.unwrap_or_else(|| {
                draft.plan.with(|plan| plan.applications.get(n).map(json::pretty).unwrap_or_default())
            })
        })
    };
    let type_in = {
        let path = path.clone();
        move |text: String| {
            let broken = match json::typed_by_hand(&text).and_then(json::application) {
                Ok(application) => {
                    draft.plan.update(|plan| {
                        if let Some(place) = plan.applications.get_mut(n) {
                            *place = application;
                        }
                    });
                    None
                }
                Err(why) => Some(why),
            };
            draft.set_typed(&path, Some(Typed { text, broken }));
        }
    };
    let lines = move || (text.with(|text| text.lines().count()) + 1).clamp(4, 22).to_string();
    view! {
        <div class="plan-app" data-test="application">
            <textarea
                class="mono"
                data-path=path.clone()
                data-test="plan-application"
                rows=lines
                spellcheck="false"
                autocomplete="off"
                aria-label=follow(move || t("The application as JSON", "L’application en JSON"))
                prop:value=text
                on:input:target=move |event| type_in(event.target().value())
            ></textarea>
            <button
                class="icon-btn"
                data-test="remove-application"
                aria-label=tx("Remove", "Retirer")
                title=tx("Remove", "Retirer")
                on:click=heard(move |_| draft.change(|plan| {
                    if n < plan.applications.len() {
                        plan.applications.remove(n);
                    }
                }))
            >
                {icon(Icon::Trash)}
            </button>
            {notes(draft, path)}
        </div>
    }
    .into_any()
}
