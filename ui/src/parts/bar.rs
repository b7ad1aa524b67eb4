//! A bar that tells how much of something is done or used.

use leptos::prelude::*;

use crate::format;
use crate::kept::{Kept, kept};
use crate::live::follow;

/// A bar of `part` of `whole`, with a name for those who do not see it. Green when full, where `fills` says that full is good.
pub fn bar(
    part: impl Fn() -> (f64, f64) + Send + Sync + 'static,
    name: impl Fn() -> String + Send + Sync + 'static,
    fills: bool,
) -> AnyView {
    drawn(kept(part), kept(name), fills)
}

fn drawn(part: Kept<(f64, f64)>, name: Kept<String>, fills: bool) -> AnyView {
    let percent = move || {
        let (part, whole) = part.get();
        format::percent(part, whole)
    };
    let full = move || fills && percent() >= 100.0;
    view! {
        <div
            class="bar"
            class:full=follow(full)
            role="progressbar"
            aria-label=follow(move || name.get())
            aria-valuemin="0"
            aria-valuemax="100"
            aria-valuenow=follow(move || (percent() as u32).to_string())
        >
            <i style:width=follow(move || format!("{}%", format::place(percent())))></i>
        </div>
    }
    .into_any()
}
