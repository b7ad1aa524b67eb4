//! A bar that tells how much of something is done or used.

use leptos::prelude::*;

use crate::format;

/// A bar of `part` of `whole`, with a name for those who do not see it. Green when full, where `fills` says that full is good.
pub fn bar(
    part: impl Fn() -> (f64, f64) + Send + Sync + 'static,
    name: impl Fn() -> String + Send + Sync + 'static,
    fills: bool,
) -> AnyView {
    drawn(Signal::derive(part), Signal::derive(name), fills)
}

fn drawn(part: Signal<(f64, f64)>, name: Signal<String>, fills: bool) -> AnyView {
    let percent = move || {
        let (part, whole) = part.get();
        format::percent(part, whole)
    };
    let full = move || fills && percent() >= 100.0;
    view! {
        <div
            class="bar"
            class:full=full
            role="progressbar"
            aria-label=name
            aria-valuemin="0"
            aria-valuemax="100"
            aria-valuenow=Signal::derive(move || (percent() as u32).to_string())
        >
            <i style:width=Signal::derive(move || format!("{}%", format::place(percent())))></i>
        </div>
    }
    .into_any()
}
