//! Fields of the form, each with its findings beside it.

use std::sync::Arc;

use leptos::prelude::*;
use plan::{ClusterPlan, Finding, Severity};
use words::Text;

use super::{
    draft::{Draft, Typed, lies_in},
    entry::Entry,
};
use crate::i18n::{say, tx};

type Reader = Arc<dyn Fn(&ClusterPlan) -> String + Send + Sync>;
type Writer = Arc<dyn Fn(&mut ClusterPlan, &str) -> Result<(), Text> + Send + Sync>;

/// A field of the form over one value of the plan.
pub struct Field {
    path: String,
    label: (&'static str, &'static str),
    placeholder: &'static str,
    bare: bool,
    quiet: bool,
    get: Reader,
    set: Writer,
}

impl Field {
    /// A field over the value that `get` and `at` find; none where the value is not there any more.
    pub fn new<T: Entry>(
        path: impl Into<String>,
        label: (&'static str, &'static str),
        get: impl Fn(&ClusterPlan) -> Option<&T> + Send + Sync + 'static,
        at: impl Fn(&mut ClusterPlan) -> Option<&mut T> + Send + Sync + 'static,
    ) -> Self {
        Self {
            path: path.into(),
            label,
            placeholder: "",
            bare: false,
            quiet: false,
            get: Arc::new(move |plan| get(plan).map(T::show).unwrap_or_default()),
            set: Arc::new(move |plan, text| {
                let value = T::read(text)?;
                if let Some(place) = at(plan) {
                    *place = value;
                }
                Ok(())
            }),
        }
    }

    /// What stands there while the field is empty.
    pub fn placeholder(self, placeholder: &'static str) -> Self {
        Self { placeholder, ..self }
    }

    /// Without a label in sight: a column's head says it.
    pub fn bare(self) -> Self {
        Self { bare: true, ..self }
    }

    /// Without its findings: whoever holds it shows them.
    pub fn quiet(self) -> Self {
        Self { quiet: true, ..self }
    }

    /// The field.
    pub fn show(self, draft: Draft) -> AnyView {
        let Self { path, label, placeholder, bare, quiet, get, set } = self;
        let (en, fr) = label;
        let text = {
            let path = path.clone();
            Memo::new(move |_| {
                let typed = draft.typed.with(|typed| typed.get(&path).map(|typed| typed.text.clone()));
                typed.unwrap_or_else(|| draft.plan.with(|plan| get(plan)))
            })
        };
        let type_in = {
            let path = path.clone();
            move |text: String| {
                let mut plan = draft.plan.get_untracked();
                let broken = set(&mut plan, &text).err();
                if broken.is_none() {
                    draft.plan.set(plan);
                }
                draft.typed.update(|typed| {
                    typed.insert(path.clone(), Typed { text, broken });
                });
            }
        };
        let leave = {
            let path = path.clone();
            // What means something is shown as the plan says it; what does not stays, to be mended.
            move |_| {
                let known =
                    draft.typed.with_untracked(|typed| typed.get(&path).is_some_and(|typed| typed.broken.is_none()));
                if known {
                    draft.typed.update(|typed| drop(typed.remove(&path)));
                }
            }
        };
        let ill = {
            let path = path.clone();
            move || {
                let broken = draft.typed.with(|typed| typed.get(&path).is_some_and(|typed| typed.broken.is_some()));
                broken || draft.findings_at(&path).iter().any(|finding| finding.severity == Severity::Error)
            }
        };
        view! {
            <label class="field">
                <span class:unseen=bare>{tx(en, fr)}</span>
                <input
                    data-path=path.clone()
                    data-test=format!("plan-{path}")
                    autocomplete="off"
                    spellcheck="false"
                    placeholder=placeholder
                    aria-invalid=move || ill().to_string()
                    prop:value=text
                    on:input:target=move |event| type_in(event.target().value())
                    on:blur=leave
                />
                {(!quiet).then(|| notes(draft, path))}
            </label>
        }
        .into_any()
    }
}

/// What is wrong at `path`: with the text itself first, then with what it means.
pub fn notes(draft: Draft, path: String) -> impl IntoView {
    let all = Memo::new(move |_| {
        let broken = draft.typed.with(|typed| {
            typed.iter().filter(|(at, _)| lies_in(at, &path)).find_map(|(_, typed)| typed.broken.clone())
        });
        (broken, draft.findings_at(&path))
    });
    move || {
        let (broken, findings) = all.get();
        let broken = broken.map(|text| view! { <small class="finding error" role="status">{say(&text)}</small> });
        let notes = findings.into_iter().map(|finding| note(draft, finding)).collect::<Vec<_>>();
        (broken.is_some() || !notes.is_empty()).then(|| view! { <span class="notes">{broken}{notes}</span> })
    }
}

/// A finding, with its button where the program can mend it. Drawn anew when the language changes.
pub fn note(draft: Draft, finding: Finding) -> AnyView {
    let class = match finding.severity {
        Severity::Error => "finding error",
        Severity::Warning => "finding warning",
        Severity::Hint => "finding",
    };
    let button = finding.fix.map(|fix| {
        let label = say(&fix.label);
        view! {
            <button
                type="button"
                class="fix"
                data-test="apply-fix"
                on:click=move |event| {
                    // The button may lie in a label, which would move the focus.
                    event.prevent_default();
                    draft.fix(&fix);
                }
            >
                {label}
            </button>
        }
    });
    view! { <small class=class data-finding=finding.id>{say(&finding.text)}" "{button}</small> }.into_any()
}

/// A choice among a few values of the plan.
pub fn choice<T: Copy + PartialEq + Send + Sync + 'static>(
    draft: Draft,
    path: &'static str,
    label: (&'static str, &'static str),
    options: Vec<(T, &'static str, (&'static str, &'static str))>,
    get: fn(&ClusterPlan) -> T,
    set: fn(&mut ClusterPlan, T),
) -> AnyView {
    let (en, fr) = label;
    let values: Vec<(T, &'static str)> = options.iter().map(|(value, name, _)| (*value, *name)).collect();
    let now = move || draft.plan.with(get);
    let shown = options
        .into_iter()
        .map(|(value, name, (en, fr))| {
            view! { <option value=name prop:selected=move || now() == value>{tx(en, fr)}</option> }
        })
        .collect_view();
    let choose = move |name: String| {
        if let Some((value, _)) = values.iter().find(|(_, known)| *known == name) {
            draft.change(|plan| set(plan, *value));
        }
    };
    view! {
        <label class="field">
            <span>{tx(en, fr)}</span>
            <select data-path=path data-test=format!("plan-{path}") on:change:target=move |event| choose(event.target().value())>
                {shown}
            </select>
            {notes(draft, path.to_owned())}
        </label>
    }
    .into_any()
}

/// A field over a place of the plan itself: `field!("zookeeper.tick_ms", "Tick, ms", "Tic, ms", zookeeper.tick_ms)`.
macro_rules! field {
    ($path:literal, $en:literal, $fr:literal, $($place:ident).+) => {
        $crate::pages::plan::field::Field::new($path, ($en, $fr), |plan| Some(&plan.$($place).+), |plan| Some(&mut plan.$($place).+))
    };
}
pub(super) use field;
