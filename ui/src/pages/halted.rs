//! A halted cluster: nothing is wrong with it, it sleeps, and one button wakes it.

use leptos::prelude::*;
use protocol::{MachineState, RunState};

use crate::{
    i18n::tx,
    icons::{Icon, icon},
    live::{follow, heard},
    orders::Orders,
    store::Cluster,
};

/// The machines were made, none runs, and nothing is being done about it. Tracked.
pub fn is_halted(cluster: Cluster) -> bool {
    cluster.run.get() == RunState::Idle && sleeps(cluster)
}

/// What does not answer need not be told as a trouble: the machines are halted, or something is being done to them, and
/// the steps tell of that. Tracked.
pub fn is_expected(cluster: Cluster) -> bool {
    cluster.run.get() != RunState::Idle || sleeps(cluster)
}

fn sleeps(cluster: Cluster) -> bool {
    cluster.machines.with(|section| {
        let machines = section.as_ref().map(|section| section.body.as_slice()).unwrap_or_default();
        let halted = |state| state == MachineState::Halted;
        machines.iter().any(|machine| halted(machine.state))
            && machines.iter().all(|machine| halted(machine.state) || machine.state == MachineState::Missing)
    })
}

/// Says so, with the button.
pub fn card() -> AnyView {
    let orders = expect_context::<Orders>();
    let cluster = expect_context::<Cluster>();
    let busy = move || orders.run.busy.get() || cluster.run.get() != RunState::Idle;
    view! {
        <div class="card halted" data-test="halted">
            {icon(Icon::Pause)}
            <div>
                <h2>{tx("The machines are halted", "Les machines sont arrêtées")}</h2>
                <p>
                    {tx(
                        "Nothing is lost: their disks stay, and what ran comes back with them.",
                        "Rien n’est perdu : leurs disques restent, et ce qui tournait revient avec elles.",
                    )}
                </p>
            </div>
            <button class="btn pri" data-test="bring-up" disabled=follow(busy) on:click=heard(move |_| orders.run_all())>
                {icon(Icon::Power)}
                {tx("Bring up", "Démarrer")}
            </button>
        </div>
    }
    .into_any()
}
