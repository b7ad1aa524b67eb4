//! An application as JSON, judged as one types with the code that the backend trusts.

use leptos::prelude::*;
use marathon::AppDefinition;
use words::Text;

use crate::{
    format,
    i18n::{lang, say, t},
    json,
    kept::Kept,
    live::{follow, live},
};

/// What a text is worth as an application.
#[derive(Clone, Debug, PartialEq)]
pub enum Judgement {
    /// Marathon would take it.
    Fine(Box<AppDefinition>),
    /// It is not JSON, or Marathon would refuse it: why.
    Wrong(Vec<Text>),
}

impl Judgement {
    /// Judges.
    pub fn of(text: &str) -> Self {
        match json::typed_by_hand(text).and_then(json::application) {
            Ok(application) => Self::of_application(application),
            Err(why) => Self::Wrong(vec![why]),
        }
    }

    fn of_application(application: AppDefinition) -> Self {
        let violations = application.validate();
        if violations.is_empty() {
            return Self::Fine(Box::new(application));
        }
        Self::Wrong(violations.iter().map(|v| plan::refusal(&v.path, &v.message)).collect())
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
        Judgement::Wrong(reasons) => reasons
            .iter()
            .map(|reason| view! { <span class="finding error">{say(reason)}</span> }.into_any())
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
    fn what_is_wrong_is_told_in_plain_words_with_its_field() {
        let why = |text: &str| match Judgement::of(text) {
            Judgement::Wrong(reasons) => reasons[0].en.clone(),
            Judgement::Fine(_) => String::new(),
        };
        let instances = r#"{"id": "/a", "cmd": "x", "instances": "two"}"#;
        assert_eq!(why(instances), "“instances”: must be a number.");
        let path = r#"{"id": "/a", "cmd": "x", "healthChecks": [{"paht": "/"}]}"#;
        assert_eq!(why(path), "“healthChecks[0].paht”: is not a field that Marathon knows.");
        assert_eq!(why("[]"), "must be a table of keys and values.");
    }
}
