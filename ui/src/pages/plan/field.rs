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
use crate::kept::{Kept, kept};
use crate::live::{Live, follow, heard, live};

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

    /// A field over a value that is always there.
    pub fn of_plan<T: Entry + 'static>(
        path: &'static str,
        label: (&'static str, &'static str),
        get: fn(&ClusterPlan) -> &T,
        at: fn(&mut ClusterPlan) -> &mut T,
    ) -> Self {
        Self::new(path, label, move |plan| Some(get(plan)), move |plan| Some(at(plan)))
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
        let path = StoredValue::new(path);
        let text = Memo::new(move |_| {
            let typed = draft.typed_at(&path.read_value()).map(|typed| typed.text);
            typed.unwrap_or_else(|| draft.plan.with(|plan| get(plan)))
        });
        let type_in = move |text: String| {
            let mut plan = draft.plan.get_untracked();
            let broken = set(&mut plan, &text).err();
            if broken.is_none() {
                draft.plan.set(plan);
            }
            draft.set_typed(&path.read_value(), Some(Typed { text, broken }));
        };
        // What means something is shown as the plan says it; what does not stays, to be mended.
        let leave = move |_| {
            let typed = untrack(|| draft.typed_at(&path.read_value()));
            if typed.is_some_and(|typed| typed.broken.is_none()) {
                draft.set_typed(&path.read_value(), None);
            }
        };
        let ill = move || {
            let path = path.read_value();
            draft.typed_at(&path).is_some_and(|typed| typed.broken.is_some())
                || draft.findings_at(&path).iter().any(|finding| finding.severity == Severity::Error)
        };
        view! {
            <label class="field">
                <span class:unseen=bare>{tx(en, fr)}</span>
                <input
                    data-path=path.get_value()
                    data-test=format!("plan-{}", path.read_value())
                    autocomplete="off"
                    spellcheck="false"
                    placeholder=placeholder
                    aria-invalid=follow(move || ill().to_string())
                    prop:value=text
                    on:input:target=move |event| type_in(event.target().value())
                    on:blur=heard(leave)
                />
                {(!quiet).then(|| notes(draft, path.get_value()))}
            </label>
        }
        .into_any()
    }
}

/// What is wrong at `path`: with the text itself first, then with what it means.
pub fn notes(draft: Draft, path: String) -> Live {
    let all = kept(move || {
        let broken = draft.typed.with(|typed| {
            typed.iter().filter(|(at, _)| lies_in(at, &path)).find_map(|(_, typed)| typed.broken.clone())
        });
        (broken, draft.findings_at(&path))
    });
    live(move || {
        let (broken, findings) = all.get();
        let broken =
            broken.map(|text| view! { <small class="finding error" role="status">{say(&text)}</small> }.into_any());
        let notes = findings.into_iter().map(|finding| note(draft, finding)).collect::<Vec<_>>();
        (broken.is_some() || !notes.is_empty()).then(|| view! { <span class="notes">{broken}{notes}</span> }.into_any())
    })
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
        .into_any()
    });
    view! { <small class=class data-finding=finding.id>{say(&finding.text)}" "{button}</small> }.into_any()
}

/// A choice among a few values of the plan: each with its name in the file and the words for it.
pub fn choice<T: Copy + PartialEq + Send + Sync + 'static>(
    draft: Draft,
    path: &'static str,
    label: (&'static str, &'static str),
    options: Vec<(T, &'static str, (&'static str, &'static str))>,
    get: fn(&ClusterPlan) -> T,
    set: fn(&mut ClusterPlan, T),
) -> AnyView {
    let (values, names): (Vec<T>, Vec<_>) =
        options.into_iter().map(|(value, name, words)| (value, (name, words))).unzip();
    let known = values.clone();
    let chosen = kept(move || {
        let now = draft.plan.with(get);
        values.iter().position(|value| *value == now).unwrap_or_default()
    });
    let choose = Callback::new(move |n: usize| {
        if let Some(value) = known.get(n) {
            draft.change(|plan| set(plan, *value));
        }
    });
    select(draft, path, label, names, chosen, choose)
}

fn select(
    draft: Draft,
    path: &'static str,
    (en, fr): (&'static str, &'static str),
    names: Vec<(&'static str, (&'static str, &'static str))>,
    on: Kept<usize>,
    choose: Callback<usize>,
) -> AnyView {
    let option = |(n, (name, (en, fr))): (usize, &(&'static str, (&'static str, &'static str)))| {
        let on = follow(move || on.get() == n);
        view! { <option value=*name prop:selected=on>{tx(en, fr)}</option> }.into_any()
    };
    let options: Vec<AnyView> = names.iter().enumerate().map(option).collect();
    let chosen = move |name: String| {
        if let Some(n) = names.iter().position(|(known, _)| *known == name) {
            choose.run(n);
        }
    };
    view! {
        <label class="field">
            <span>{tx(en, fr)}</span>
            <select
                data-path=path
                data-test=format!("plan-{path}")
                on:change:target=move |event| chosen(event.target().value())
            >
                {options}
            </select>
            {notes(draft, path.to_owned())}
        </label>
    }
    .into_any()
}

/// A field over a place of the plan itself: `field!("zookeeper.tick_ms", "Tick, ms", "Tic, ms", zookeeper.tick_ms)`.
macro_rules! field {
    ($path:literal, $en:literal, $fr:literal, $($place:ident).+) => {
        $crate::pages::plan::field::Field::of_plan($path, ($en, $fr), |plan| &plan.$($place).+, |plan| &mut plan.$($place).+)
    };
}
pub(super) use field;
