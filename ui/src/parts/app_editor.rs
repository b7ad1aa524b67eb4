//! An application as JSON, judged as one types with the code that the backend trusts.

use leptos::prelude::*;
use marathon::AppDefinition;
use words::{Text, text};

use crate::{
    format,
    i18n::{lang, t},
    json::{self, Broken},
    kept::Kept,
    live::{follow, live},
};

/// What a text is worth as an application.
#[derive(Clone, Debug, PartialEq)]
pub enum Judgement {
    /// Marathon would take it.
    Fine(Box<AppDefinition>),
    /// It is not JSON, or not an application.
    Broken(Broken),
    /// Marathon would refuse it: each reason with its place.
    Refused(Vec<(String, String)>),
}

impl Judgement {
    /// Judges.
    pub fn of(text: &str) -> Self {
        let application = match json::application(text) {
            Ok(application) => application,
            Err(broken) => return Self::Broken(broken),
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
pub fn app_editor(text: RwSignal<String>, judgement: Kept<Judgement>, test: &'static str) -> AnyView {
    view! {
        <div class="app-editor">
            <textarea
                class="mono"
                data-test=test
                spellcheck="false"
                autocomplete="off"
                aria-label=follow(move || t("The application as JSON", "L’application en JSON"))
                aria-invalid=follow(move || (!judgement.get().is_fine()).to_string())
                prop:value=text
                on:input:target=move |event| text.set(event.target().value())
            ></textarea>
            <div class="judgement" role="status">{live(move || words(judgement.get()))}</div>
        </div>
    }
    .into_any()
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
        Judgement::Broken(broken) => {
            view! { <span class="finding error">{why(&broken).get(lang()).to_owned()}</span> }.into_any()
        }
        Judgement::Refused(violations) => violations
            .into_iter()
            .map(|(path, message)| {
                view! { <span class="finding error"><code>{path}</code>" "{message}</span> }.into_any()
            })
            .collect_view()
            .into_any(),
    }
}

/// Why a text is broken, for people.
pub fn why(broken: &Broken) -> Text {
    let message = &broken.message;
    match broken.place {
        Some((line, column)) => {
            text!("Line {line}, column {column}: {message}", "Ligne {line}, colonne {column} : {message}")
        }
        None => Text::same(message.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::Judgement;

    #[test]
    fn a_good_application_is_fine() {
        assert!(Judgement::of(r#"{"id": "/hello", "cmd": "sleep 100"}"#).is_fine());
    }
}
