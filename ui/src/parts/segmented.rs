//! A few choices in a row, of which one is on.

use leptos::prelude::*;

use crate::kept::Kept;
use crate::live::{follow, heard};

/// One choice: what stands on it, its name for screen readers, and for tests.
pub struct Choice<T> {
    /// What is chosen by it.
    pub value: T,
    /// What stands on it.
    pub face: AnyView,
    /// Its name.
    pub name: Kept<String>,
    /// Its name in tests.
    pub test: &'static str,
}

/// The row.
pub fn segmented<T: Copy + PartialEq + Send + Sync + 'static>(
    name: impl Fn() -> &'static str + Send + Sync + 'static,
    chosen: Kept<T>,
    choices: Vec<Choice<T>>,
    choose: Callback<T>,
) -> AnyView {
    let choices = choices
        .into_iter()
        .map(|Choice { value, face, name, test }| {
            let on = move || chosen.get() == value;
            view! {
                <button
                    class:on=follow(on)
                    data-test=test
                    aria-pressed=follow(move || on().to_string())
                    aria-label=follow(move || name.get())
                    title=follow(move || name.get())
                    on:click=heard(move |_| choose.run(value))
                >
                    {face}
                </button>
            }
            .into_any()
        })
        .collect_view();
    view! { <div class="seg" role="group" aria-label=name>{choices}</div> }.into_any()
}
