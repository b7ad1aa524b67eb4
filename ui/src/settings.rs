//! What the window remembers between two times: language and theme, in the webview's local storage.

use leptos::prelude::*;
use web_sys::Storage;
use words::Lang;

const LANG: &str = "startline.lang";
const THEME: &str = "startline.theme";

/// Light or dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the system is.
    #[default]
    Auto,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// Its name in storage and in `<html data-theme>`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    fn of_name(name: &str) -> Self {
        [Self::Light, Self::Dark].into_iter().find(|theme| theme.name() == name).unwrap_or_default()
    }
}

/// The language that the person chose, if one was.
pub fn lang() -> Option<Lang> {
    match read(LANG)?.as_str() {
        "fr" => Some(Lang::Fr),
        "en" => Some(Lang::En),
        _ => None,
    }
}

/// Remembers the language.
pub fn keep_lang(lang: Lang) {
    write(LANG, if lang == Lang::Fr { "fr" } else { "en" });
}

/// The theme that the person chose.
pub fn theme() -> Theme {
    read(THEME).map(|name| Theme::of_name(&name)).unwrap_or_default()
}

/// Shows the theme, and remembers it. `theme.js` shows it at the next start, before anything is painted.
pub fn choose_theme(theme: Theme) {
    write(THEME, theme.name());
    if let Some(page) = document().document_element() {
        // Without the attribute the page follows the system, which is the default anyway.
        let _ = page.set_attribute("data-theme", theme.name());
    }
}

/// None where the webview keeps nothing: then every start is the first one.
fn storage() -> Option<Storage> {
    if cfg!(not(target_arch = "wasm32")) {
        return None;
    }
    window().local_storage().ok().flatten()
}

fn read(key: &str) -> Option<String> {
    storage()?.get_item(key).ok().flatten()
}

fn write(key: &str, value: &str) {
    if let Some(storage) = storage() {
        // A full or forbidden storage forgets; the window works all the same.
        let _ = storage.set_item(key, value);
    }
}
