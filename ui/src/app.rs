//! The window as a whole: which place it shows, and what happens when the program in it breaks.

use leptos::prelude::*;
use protocol::HomeView;

use crate::{
    backend,
    doing::Doing,
    held::Held,
    i18n,
    kept::kept,
    pages,
    route::{Route, route},
};

/// What the backend last said of this computer and its clusters.
#[derive(Clone, Copy)]
pub struct Home {
    /// The start page, once fetched.
    pub view: Held<Option<HomeView>>,
    /// The call that fetches it.
    pub doing: Doing,
}

impl Home {
    fn new() -> Self {
        Self { view: Held::new(None), doing: Doing::new() }
    }

    /// Fetches it again; what is shown stays until then.
    pub fn fetch(self) {
        self.doing.start(backend::home(), move |view| {
            i18n::suggest(view.lang);
            // What is the same is not drawn again, so that nobody loses their place in it.
            let news = self.view.with_untracked(|before| before.as_ref() != Some(&view));
            if news {
                self.view.set(Some(view));
            }
        });
    }
}

/// A place that is built up once and stays while the address changes within it.
#[derive(Clone, PartialEq)]
enum Place {
    Start,
    New,
    Cluster(String),
}

/// The window.
pub fn app() -> impl IntoView {
    let home = Home::new();
    provide_context(home);
    home.fetch();
    let place = kept(|| match route() {
        Route::Start => Place::Start,
        Route::New => Place::New,
        Route::Cluster(name, _) => Place::Cluster(name),
    });
    move || match place.get() {
        Place::Start => pages::start::page(),
        Place::New => pages::new::page(),
        Place::Cluster(name) => pages::cluster::page(name),
    }
}

/// Tells on the console what broke, and shows the part of index.html that offers to load the window anew.
pub fn crashed(info: &std::panic::PanicHookInfo<'_>) {
    web_sys::console::error_1(&info.to_string().into());
    if let Some(page) = document().document_element() {
        // There is nobody left to tell if even this fails.
        let _ = page.set_attribute("data-crashed", "");
    }
}
