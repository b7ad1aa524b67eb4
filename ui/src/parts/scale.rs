//! − n +: how many instances of an application shall run.

use leptos::prelude::*;

use crate::{
    i18n::{t, tx},
    icons::{Icon, icon},
    kept::{Kept, kept},
    live::{follow, heard, live},
    orders::Orders,
};

/// The control. `instances` is how many are wanted now.
pub fn scale(application: String, instances: impl Fn() -> u32 + Send + Sync + 'static) -> AnyView {
    drawn(application, kept(instances))
}

fn drawn(application: String, instances: Kept<u32>) -> AnyView {
    let orders = expect_context::<Orders>();
    let busy = orders.applications.busy;
    let application = StoredValue::new(application);
    let ask = move |wanted: u32| orders.scale(application.get_value(), wanted);
    let name = move || format!("{} {}", t("Instances of", "Instances de"), application.get_value());
    view! {
        <span class="scale" role="group" aria-label=follow(name)>
            <button
                data-test="scale-down"
                disabled=follow(move || busy.get() || instances.get() == 0)
                aria-label=tx("One less", "Une de moins")
                on:click=heard(move |_| ask(instances.with_untracked(|n| *n).saturating_sub(1)))
            >
                {icon(Icon::Minus)}
            </button>
            <output data-test=format!("instances-{}", application.get_value())>{live(move || instances.get().to_string())}</output>
            <button
                data-test="scale-up"
                disabled=follow(move || busy.get())
                aria-label=tx("One more", "Une de plus")
                on:click=heard(move |_| ask(instances.with_untracked(|n| *n).saturating_add(1)))
            >
                {icon(Icon::Plus)}
            </button>
        </span>
    }
    .into_any()
}
