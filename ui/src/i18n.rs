//! The language of the window. Every sentence stands in both languages where it is used.

use leptos::prelude::*;
use words::{Lang, Text};

use crate::settings;

thread_local! {
    static LANG: ArcRwSignal<Lang> = ArcRwSignal::new(settings::lang().unwrap_or_default());
}

/// The language that is shown now. Tracked: what reads it is drawn again when it changes.
pub fn lang() -> Lang {
    LANG.with(|lang| lang.get())
}

/// Shows everything in `lang`, for this time only: the system's language, as long as the person chose none.
pub fn suggest(lang: Lang) {
    if settings::lang().is_none() {
        show(lang);
    }
}

/// Shows everything in `lang`, and remembers it.
pub fn choose(lang: Lang) {
    settings::keep_lang(lang);
    show(lang);
}

fn show(lang: Lang) {
    if let Some(page) = document().document_element() {
        // An attribute that cannot be set changes only how the page is read aloud.
        let _ = page.set_attribute("lang", if lang == Lang::Fr { "fr" } else { "en" });
    }
    LANG.with(|now| now.set(lang));
}

/// The sentence in the language shown. Tracked.
pub fn t(en: &'static str, fr: &'static str) -> &'static str {
    match lang() {
        Lang::En => en,
        Lang::Fr => fr,
    }
}

/// The sentence, following the language: for texts and attributes of elements.
pub fn tx(en: &'static str, fr: &'static str) -> impl Fn() -> &'static str + Copy + Send + Sync + 'static {
    move || t(en, fr)
}

/// A text of the backend in the language shown. Tracked.
pub fn say(text: &Text) -> String {
    text.get(lang()).to_owned()
}

/// A text of the backend, following the language.
pub fn saying(text: Text) -> impl Fn() -> String + Send + Sync + 'static {
    move || say(&text)
}
