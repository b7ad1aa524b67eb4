//! A few choices in a row, of which one is on.

use leptos::prelude::*;

use crate::live::heard;

/// One choice: what stands on it, its name for screen readers, and for tests.
pub struct Choice<T> {
    /// What is chosen by it.
    pub value: T,
    /// What stands on it.
    pub face: AnyView,
    /// Its name.
    pub name: Signal<String>,
    /// Its name in tests.
    pub test: &'static str,
}

/// The row.
pub fn segmented<T: Copy + PartialEq + Send + Sync + 'static>(
    name: Signal<&'static str>,
    now: Signal<T>,
    choices: Vec<Choice<T>>,
    choose: Callback<T>,
) -> AnyView {
    let choices = choices
        .into_iter()
        .map(|Choice { value, face, name, test }| {
            let on = move || now.get() == value;
            view! {
                <button
                    class:on=on
                    data-test=test
                    aria-pressed=Signal::derive(move || on().to_string())
                    aria-label=name
                    title=name
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
