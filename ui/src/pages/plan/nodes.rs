//! The machines of the plan.

use std::collections::BTreeMap;

use leptos::prelude::*;
use plan::{AgentRole, ClusterPlan, Node, ZooKeeperRole};

use super::{
    draft::{Draft, another_node, free_myid},
    field::{Field, notes},
};
use crate::{
    i18n::{t, tx},
    icons::{Icon, icon},
    kept::{Kept, kept},
    live::{Live, follow, heard, live},
    parts::rows::{places, rows},
    words_of,
};

/// The table of machines.
pub fn nodes(draft: Draft) -> AnyView {
    let count = kept(move || draft.plan.with(|plan| plan.nodes.len()));
    view! {
        <section class="card plan-part" aria-label=tx("Machines", "Machines")>
            <div class="plan-head">
                <h2>{tx("Machines", "Machines")}</h2>
                <span class="sp"></span>
                <button
                    class="btn small"
                    data-test="add-node"
                    on:click=heard(move |_| draft.change(|plan| plan.nodes.push(another_node(plan))))
                >
                    {icon(Icon::Plus)}
                    {tx("Add a machine", "Ajouter une machine")}
                </button>
            </div>
            {notes_of_list(draft)}
            <div class="node-heads" aria-hidden="true">
                <span>{tx("Name", "Nom")}</span>
                <span>{tx("Address", "Adresse")}</span>
                <span>{tx("CPUs", "CPU")}</span>
                <span>{tx("Memory, MiB", "Mémoire, Mio")}</span>
            </div>
            <div class="node-list">{rows(move || places(count.get()), move |n| n.parse().map_or_else(|_| ().into_any(), |n| row(draft, n)))}</div>
        </section>
    }
    .into_any()
}

/// Findings of the list as a whole; those of a machine stand with the machine.
fn notes_of_list(draft: Draft) -> Live {
    live(move || {
        let of_list =
            draft.findings.with(|findings| findings.iter().filter(|f| f.path == "nodes").cloned().collect::<Vec<_>>());
        (!of_list.is_empty()).then(|| {
            let notes = of_list.into_iter().map(|finding| super::field::note(draft, finding)).collect::<Vec<_>>();
            view! { <div class="notes" data-path="nodes" tabindex="-1">{notes}</div> }.into_any()
        })
    })
}

fn part<T: super::entry::Entry + 'static>(
    n: usize,
    name: &str,
    label: (&'static str, &'static str),
    get: fn(&Node) -> Option<&T>,
    at: fn(&mut Node) -> Option<&mut T>,
) -> Field {
    Field::new(
        format!("nodes[{n}].{name}"),
        label,
        move |plan| plan.nodes.get(n).and_then(get),
        move |plan| plan.nodes.get_mut(n).and_then(at),
    )
}

fn row(draft: Draft, n: usize) -> AnyView {
    let name = move || draft.plan.with(|plan| plan.nodes.get(n).map(|node| node.name.clone()).unwrap_or_default());
    view! {
        <div class="node" role="group" aria-label=name data-test="node">
            {part(n, "name", ("Name", "Nom"), |node| Some(&node.name), |node| Some(&mut node.name)).bare().show(draft)}
            {part(n, "address", ("Address", "Adresse"), |node| Some(&node.address), |node| Some(&mut node.address)).bare().show(draft)}
            {part(n, "cpus", ("CPUs", "CPU"), |node| Some(&node.cpus), |node| Some(&mut node.cpus)).bare().show(draft)}
            {part(n, "memory_mb", ("Memory, MiB", "Mémoire, Mio"), |node| Some(&node.memory_mb), |node| Some(&mut node.memory_mb))
                .bare()
                .show(draft)}
            <button
                class="icon-btn"
                data-test="remove-node"
                aria-label=follow(move || format!("{} {}", t("Remove", "Retirer"), name()))
                title=tx("Remove", "Retirer")
                on:click=heard(move |_| draft.change(|plan| {
                    if n < plan.nodes.len() {
                        plan.nodes.remove(n);
                    }
                }))
            >
                {icon(Icon::Trash)}
            </button>
            <div class="node-roles">{roles(draft, n)}</div>
            {notes(draft, format!("nodes[{n}].roles"))}
        </div>
    }
    .into_any()
}

fn roles(draft: Draft, n: usize) -> AnyView {
    let has =
        move |role: fn(&Node) -> bool| Memo::new(move |_| draft.plan.with(|plan| plan.nodes.get(n).is_some_and(role)));
    let zookeeper = has(|node| node.roles.zookeeper.is_some());
    let master = has(|node| node.roles.master);
    let marathon = has(|node| node.roles.marathon);
    let agent = has(|node| node.roles.agent.is_some());
    let scheduler = move || words_of::scheduler(draft.plan.with(|plan| plan.scheduler.kind)).to_owned();
    view! {
        {toggle(draft, n, kept(|| "ZooKeeper".to_owned()), "zookeeper", zookeeper, |node, free| {
            node.roles.zookeeper = if node.roles.zookeeper.is_some() { None } else { Some(free) };
        })}
        {live(move || zookeeper.get().then(|| view! { <span class="myid">{myid(n).quiet().show(draft)}</span> }.into_any()))}
        {toggle(draft, n, kept(|| t("Mesos master", "Maître Mesos").to_owned()), "master", master, |node, _| {
            node.roles.master = !node.roles.master;
        })}
        {toggle(draft, n, kept(scheduler), "marathon", marathon, |node, _| node.roles.marathon = !node.roles.marathon)}
        {toggle(draft, n, kept(|| t("Mesos agent", "Agent Mesos").to_owned()), "agent", agent, |node, _| {
            node.roles.agent = if node.roles.agent.is_some() { None } else { Some(AgentRole::default()) };
        })}
        {live(move || agent.get().then(|| view! { <span class="attributes">{attributes(n).quiet().show(draft)}</span> }.into_any()))}
    }
    .into_any()
}

fn myid(n: usize) -> Field {
    part::<u16>(
        n,
        "roles.zookeeper.myid",
        ("myid", "myid"),
        |node| node.roles.zookeeper.as_ref().map(|role| &role.myid),
        |node| node.roles.zookeeper.as_mut().map(|role| &mut role.myid),
    )
}

fn attributes(n: usize) -> Field {
    part::<BTreeMap<String, String>>(
        n,
        "roles.agent.attributes",
        ("Attributes", "Attributs"),
        |node| node.roles.agent.as_ref().map(|role| &role.attributes),
        |node| node.roles.agent.as_mut().map(|role| &mut role.attributes),
    )
    .placeholder("rack=r1")
}

/// A role as a button that is pressed while the machine has it. `flip` is given the number for one more server.
fn toggle(
    draft: Draft,
    n: usize,
    label: Kept<String>,
    name: &'static str,
    on: Memo<bool>,
    flip: fn(&mut Node, ZooKeeperRole),
) -> AnyView {
    let flip = move |plan: &mut ClusterPlan| {
        let free = free_myid(plan);
        if let Some(node) = plan.nodes.get_mut(n) {
            flip(node, free);
        }
    };
    view! {
        <button
            class="role"
            class:on=on
            data-test=format!("role-{name}")
            aria-pressed=follow(move || on.get().to_string())
            on:click=heard(move |_| draft.change(flip))
        >
            {live(move || label.get())}
        </button>
    }
    .into_any()
}
