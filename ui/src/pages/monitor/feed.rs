//! What happened, newest first.

use leptos::prelude::*;
use protocol::{Feed, Tone};

use crate::{
    clock, format,
    i18n::{say, tx},
    live::live,
    store::Cluster,
};

/// Older entries are kept but not drawn.
const DRAWN: usize = 80;

pub(super) fn feed(cluster: Cluster) -> AnyView {
    let entries =
        move || cluster.feed.with(|feed| feed.iter().rev().take(DRAWN).cloned().map(entry).collect::<Vec<_>>());
    let empty = move || cluster.feed.with(Vec::is_empty);
    view! {
        <div class="card tl" data-test="feed" tabindex="0" role="region" aria-label=tx("Events", "Évènements")>
            <div class="lab">{tx("Events", "Fil des évènements")}</div>
            {live(move || empty().then(|| view! { <p class="hint">{tx("All quiet so far.", "Tout est calme pour l’instant.")}</p> }.into_any()))}
            {entries}
        </div>
    }
    .into_any()
}

fn entry(feed: Feed) -> AnyView {
    let colour = match feed.tone {
        Tone::Info => "var(--info)",
        Tone::Good => "var(--ok)",
        Tone::Move => "var(--accent)",
        Tone::Warn => "var(--warn)",
        Tone::Bad => "var(--bad)",
    };
    let detail = say(&feed.detail);
    view! {
        <div class="ev">
            <time>{format::clock(feed.at_ms, clock::offset_minutes())}</time>
            <span class="b" style=("--c", colour)></span>
            <div>{say(&feed.title)}{(!detail.is_empty()).then(|| view! { <small>{detail}</small> }.into_any())}</div>
        </div>
    }
    .into_any()
}
