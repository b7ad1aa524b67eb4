//! Commands and outputs, and the button that copies them.

use std::time::Duration;

use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;

use crate::{
    i18n::{t, tx},
    icons::{Icon, icon},
    live::live,
};

/// A command as a person would type it, one a line, each with its prompt.
pub fn command_block(command: &str) -> AnyView {
    let lines: Vec<_> = command
        .lines()
        .map(|line| {
            view! { <span class="cmd"><span class="p" aria-hidden="true">"$ "</span>{line.to_owned()}"\n"</span> }
                .into_any()
        })
        .collect();
    view! { <pre>{lines}</pre> }.into_any()
}

/// A button that copies `text`, and says so for a moment.
pub fn copy_button(text: String, test: &'static str) -> AnyView {
    let copied = RwSignal::new(false);
    let copy = move |_| {
        let text = text.clone();
        spawn_local(async move {
            copy_text(&text).await;
            copied.try_set(true);
            set_timeout(
                move || {
                    copied.try_set(false);
                },
                Duration::from_millis(1500),
            );
        });
    };
    view! {
        <button class="icon-btn" data-test=test on:click=copy title=tx("Copy", "Copier") aria-label=tx("Copy", "Copier")>
            {live(move || if copied.get() { icon(Icon::Check).into_any() } else { icon(Icon::Copy).into_any() })}
            <span class="unseen" role="status">{live(move || if copied.get() { t("Copied", "Copié") } else { "" })}</span>
        </button>
    }
    .into_any()
}

/// Copies by the clipboard, or where the webview refuses that, by an old way that works without permission.
async fn copy_text(text: &str) {
    let clipboard = window().navigator().clipboard();
    if !clipboard.is_undefined() && JsFuture::from(clipboard.write_text(text)).await.is_ok() {
        return;
    }
    let page = document();
    let Some(area) =
        page.create_element("textarea").ok().and_then(|e| e.dyn_into::<web_sys::HtmlTextAreaElement>().ok())
    else {
        return;
    };
    area.set_value(text);
    if let Some(body) = page.body()
        && body.append_child(&area).is_ok()
    {
        area.select();
        if let Ok(command) = js_sys::Reflect::get(&page, &"execCommand".into())
            && let Some(command) = command.dyn_ref::<js_sys::Function>()
        {
            // Nothing is left to try if this fails too.
            let _ = command.call1(&page, &"copy".into());
        }
        area.remove();
    }
}
