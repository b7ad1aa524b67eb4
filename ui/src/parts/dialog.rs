//! A dialog over the page. The browser's own: it holds the focus, and Escape closes it.

use leptos::{html, prelude::*};

use crate::{
    i18n::tx,
    icons::{Icon, icon},
    kept::{Kept, kept},
    live::{Live, follow, heard, live},
};

/// Opens and closes a dialog.
#[derive(Clone, Copy)]
pub struct Dialog {
    open: RwSignal<bool>,
}

impl Dialog {
    /// A closed one.
    pub fn new() -> Self {
        Self { open: RwSignal::new(false) }
    }

    /// Opens it.
    pub fn open(self) {
        self.open.set(true);
    }

    /// Closes it.
    pub fn close(self) {
        self.open.try_set(false);
    }
}

/// The dialog's place in the page. Its content lives only while it is open, and so begins anew each time.
pub fn dialog(
    dialog: Dialog,
    title: impl Fn() -> String + Send + Sync + 'static,
    test: &'static str,
    content: impl Fn() -> AnyView + Send + Sync + 'static,
) -> Live {
    let title = kept(title);
    let content = Callback::from(content);
    live(move || dialog.open.get().then(|| opened(dialog, title, test, content)))
}

fn opened(dialog: Dialog, title: Kept<String>, test: &'static str, content: Callback<(), AnyView>) -> AnyView {
    let node = NodeRef::<html::Dialog>::new();
    Effect::new(move || {
        if let Some(node) = node.get()
            && !node.open()
        {
            // It cannot be open already, which is the one thing that this fails on.
            let _ = node.show_modal();
        }
    });
    view! {
        <dialog node_ref=node data-test=test aria-label=follow(move || title.get()) on:close=heard(move |_| dialog.close())>
            <div class="dialog-head">
                <h2>{live(move || title.get())}</h2>
                <button class="icon-btn" on:click=heard(move |_| dialog.close()) aria-label=tx("Close", "Fermer")>
                    {icon(Icon::Cross)}
                </button>
            </div>
            {content.run(())}
        </dialog>
    }
    .into_any()
}
