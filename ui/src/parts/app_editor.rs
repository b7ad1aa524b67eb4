//! An application as JSON, judged as one types with the code that the backend trusts.

use leptos::prelude::*;
use marathon::AppDefinition;

use crate::{
    format,
    i18n::{lang, t},
    live::live,
};

/// What a text is worth as an application.
#[derive(Clone, Debug, PartialEq)]
pub enum Judgement {
    /// Marathon would take it.
    Fine(Box<AppDefinition>),
    /// It is not JSON, or not an application: where, and the parser's words.
    Broken {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// The parser's words.
        message: String,
    },
    /// Marathon would refuse it: each reason with its place.
    Refused(Vec<(String, String)>),
}

impl Judgement {
    /// Judges.
    pub fn of(text: &str) -> Self {
        let application: AppDefinition = match serde_json::from_str(text) {
            Ok(application) => application,
            Err(e) => {
                let whole = e.to_string();
                let message = whole.split(" at line ").next().unwrap_or_default().to_owned();
                return Self::Broken { line: e.line(), column: e.column(), message };
            }
        };
        let violations = application.validate();
        if violations.is_empty() {
            return Self::Fine(Box::new(application));
        }
        Self::Refused(violations.into_iter().map(|v| (v.path, v.message)).collect())
    }

    /// Marathon would take it.
    pub fn is_fine(&self) -> bool {
        matches!(self, Self::Fine(_))
    }
}

/// The text area, with the judgement under it.
pub fn app_editor(text: RwSignal<String>, judgement: Signal<Judgement>, test: &'static str) -> impl IntoView {
    view! {
        <div class="app-editor">
            <textarea
                class="mono"
                data-test=test
                spellcheck="false"
                autocomplete="off"
                aria-label=move || t("The application as JSON", "L’application en JSON")
                aria-invalid=move || (!judgement.get().is_fine()).to_string()
                prop:value=text
                on:input:target=move |event| text.set(event.target().value())
            ></textarea>
            <div class="judgement" role="status">{live(move || words(judgement.get()))}</div>
        </div>
    }
}

fn words(judgement: Judgement) -> AnyView {
    match judgement {
        Judgement::Fine(application) => {
            let (cpus, memory) =
                (format::number(application.cpus(), 2, lang()), format::memory(application.mem(), lang()));
            let says =
                format!("{} · {} × {cpus}\u{a0}CPU, {memory}", application.absolute_id(), application.instances());
            view! { <span class="finding good">{says}</span> }.into_any()
        }
        Judgement::Broken { line, column, message } => {
            let place = format!("{} {line}, {} {column}", t("Line", "Ligne"), t("column", "colonne"));
            view! { <span class="finding error"><b>{place}</b>" · "{message}</span> }.into_any()
        }
        Judgement::Refused(violations) => violations
            .into_iter()
            .map(|(path, message)| view! { <span class="finding error"><code>{path}</code>" "{message}</span> })
            .collect_view()
            .into_any(),
    }
}

#[cfg(test)]
mod tests {
    use super::Judgement;

    #[test]
    fn a_good_application_is_fine() {
        assert!(Judgement::of(r#"{"id": "/hello", "cmd": "sleep 100"}"#).is_fine());
    }

    #[test]
    fn broken_json_is_placed() {
        let Judgement::Broken { line, message, .. } = Judgement::of("{\n  \"id\": ,\n}") else { panic!("not broken") };
        assert_eq!(line, 2);
        assert!(!message.contains("line"), "{message}");
    }
}
