//! The machines as they stand.

use leptos::prelude::*;
use protocol::MachineState;

use crate::{
    i18n::tx,
    live::live,
    parts::{Look, chip},
    store::Cluster,
    words_of,
};

pub(super) fn picture(cluster: Cluster) -> AnyView {
    let rows = move || {
        let seen = cluster.machines.get();
        let nodes = cluster.plan.with(|plan| plan.nodes.clone());
        nodes
            .into_iter()
            .map(|node| {
                let machine =
                    seen.as_ref().and_then(|section| section.body.iter().find(|machine| machine.node == node.name));
                let state = machine.map_or(MachineState::Missing, |machine| machine.state);
                let look = match state {
                    MachineState::Running => Look::Good,
                    MachineState::Halted | MachineState::Paused => Look::Warn,
                    MachineState::Missing | MachineState::Unknown => Look::Quiet,
                };
                view! {
                    <div class="state-row">
                        <b>{node.name}</b>
                        <span class="mono">{node.address.to_string()}</span>
                        {chip(look, words_of::machine_state(state).to_owned())}
                    </div>
                }
                .into_any()
            })
            .collect_view()
    };
    view! { <div class="card picture-list"><div class="lab">{tx("Machines now", "Machines en ce moment")}</div>{live(rows)}</div> }
    .into_any()
}
