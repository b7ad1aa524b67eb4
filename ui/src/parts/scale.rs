//! − n +: how many instances of an application shall run.

use leptos::prelude::*;

use crate::{
    i18n::{t, tx},
    icons::{Icon, icon},
    orders::Orders,
};

/// The control. `instances` is how many are wanted now.
pub fn scale(application: String, instances: impl Fn() -> u32 + Copy + Send + Sync + 'static) -> impl IntoView {
    let orders = expect_context::<Orders>();
    let busy = orders.applications.busy;
    let application = StoredValue::new(application);
    let ask = move |wanted: u32| orders.scale(application.get_value(), wanted);
    let name = move || format!("{} {}", t("Instances of", "Instances de"), application.get_value());
    view! {
        <span class="scale" role="group" aria-label=name>
            <button
                data-test="scale-down"
                disabled=move || busy.get() || instances() == 0
                aria-label=tx("One less", "Une de moins")
                on:click=move |_| ask(instances().saturating_sub(1))
            >
                {icon(Icon::Minus)}
            </button>
            <output data-test="instances">{move || instances().to_string()}</output>
            <button
                data-test="scale-up"
                disabled=busy
                aria-label=tx("One more", "Une de plus")
                on:click=move |_| ask(instances().saturating_add(1))
            >
                {icon(Icon::Plus)}
            </button>
        </span>
    }
}
