//! What all pages share: the switches of language and theme, and the frame of the pages without a cluster.

use leptos::prelude::*;
use words::Lang;

use crate::{
    app::Home,
    held::Held,
    i18n::{choose, lang, t, tx},
    icons::{Icon, icon, mark},
    kept::kept,
    live::{Live, live},
    parts::segmented::{self, Choice},
    settings::{self, Theme},
};

/// The frame of the pages without a cluster.
pub fn frame(content: AnyView) -> AnyView {
    view! {
        <div class="plain">
            <div class="plain-top">
                <a class="brand" href="#/">{mark()}"Startline"</a>
                <span class="sp"></span>
                {theme_switch()}
                {language_switch()}
            </div>
            <main class="plain-main">{content}</main>
        </div>
    }
    .into_any()
}

/// FR or EN.
pub fn language_switch() -> AnyView {
    let choice = |value, face: &'static str, name: &'static str, test| Choice {
        value,
        face: face.into_any(),
        name: kept(move || name.to_owned()),
        test,
    };
    segmented::segmented(
        tx("Language", "Langue"),
        kept(lang),
        vec![choice(Lang::Fr, "FR", "Français", "lang-fr"), choice(Lang::En, "EN", "English", "lang-en")],
        Callback::new(choose),
    )
}

/// Light, dark, or as the system is.
pub fn theme_switch() -> AnyView {
    let now = Held::new(settings::theme());
    let choice = |value, face, name: (&'static str, &'static str), test| Choice {
        value,
        face: icon(face).into_any(),
        name: kept(move || t(name.0, name.1).to_owned()),
        test,
    };
    segmented::segmented(
        tx("Theme", "Thème"),
        kept(move || now.get()),
        vec![
            choice(Theme::Light, Icon::Sun, ("Light", "Clair"), "theme-light"),
            choice(Theme::Dark, Icon::Moon, ("Dark", "Sombre"), "theme-dark"),
            choice(Theme::Auto, Icon::Auto, ("As the system", "Comme le système"), "theme-auto"),
        ],
        Callback::new(move |theme| {
            settings::choose_theme(theme);
            now.set(theme);
        }),
    )
}

/// The program's version, as the backend says it.
pub fn version() -> Live {
    let home = expect_context::<Home>();
    live(move || home.view.with(|view| view.as_ref().map(|view| format!("v{}", view.version))))
}
