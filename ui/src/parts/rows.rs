//! Rows that stay where their things stay.

use leptos::prelude::*;

use crate::kept::{Kept, kept};

/// A row for each key, in the order of the keys; the row of a key that stays, stays.
///
/// All lists of the window go through this one: `For` is compiled anew for every kind of item.
pub fn rows(
    keys: impl Fn() -> Vec<String> + Send + Sync + 'static,
    row: impl Fn(String) -> AnyView + Send + Sync + 'static,
) -> AnyView {
    drawn(kept(keys), Callback::new(row))
}

fn drawn(keys: Kept<Vec<String>>, row: Callback<String, AnyView>) -> AnyView {
    view! { <For each=move || keys.get() key=String::clone children=move |key| row.run(key)/> }.into_any()
}

/// The keys of a list in which only the place counts.
pub fn places(count: usize) -> Vec<String> {
    (0..count).map(|n| n.to_string()).collect()
}
