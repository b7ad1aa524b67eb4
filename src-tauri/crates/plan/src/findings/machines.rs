//! Machines: that there are some, that they do something, that their memory is enough for it.

use words::text;

use super::{Finding, shown};
use crate::{ClusterPlan, Edit, Node, Provider, SchedulerKind};

/// What parts of a machine take, MiB; measured on Debian 12, rounded up.
const DEBIAN: u32 = 256;
const CONTAINER: u32 = 64;
const MASTER: u32 = 96;
const AGENT: u32 = 96;
const PACER: u32 = 32;
const MARATHON: u32 = 640;

pub(super) fn check(plan: &ClusterPlan) -> Vec<Finding> {
    if plan.nodes.is_empty() {
        let text = text!("The plan has no machines.", "Le plan n’a pas de machines.");
        return vec![Finding::error("nodes", "no-machines", text)];
    }
    let mut found = Vec::new();
    for (n, node) in plan.nodes.iter().enumerate() {
        found.extend(idle(n, node));
        found.extend(without_cpus(n, node));
        found.extend(memory(plan, n, node));
    }
    found
}

fn idle(n: usize, node: &Node) -> Option<Finding> {
    let name = shown(&node.name);
    let busy = node.roles.zookeeper.is_some() || node.roles.master || node.roles.agent.is_some() || node.roles.marathon;
    (!busy).then(|| {
        let text = text!(
            "{name} has no role: it would only take memory.",
            "{name} n’a aucun rôle : elle ne ferait que prendre de la mémoire."
        );
        let label = text!("Make it an agent", "En faire un agent");
        Finding::warning(format!("nodes[{n}].roles"), "machine-without-role", text)
            .fix(label, [Edit::Agent { node: n, on: true }])
    })
}

fn without_cpus(n: usize, node: &Node) -> Option<Finding> {
    let name = shown(&node.name);
    (node.cpus == 0).then(|| {
        let text = text!("{name} has no processor.", "{name} n’a pas de processeur.");
        Finding::error(format!("nodes[{n}].cpus"), "machine-without-cpus", text)
            .fix(text!("Give it one", "Lui en donner un"), [Edit::Cpus { node: n, cpus: 1 }])
    })
}

fn memory(plan: &ClusterPlan, n: usize, node: &Node) -> Option<Finding> {
    let needed = needed_memory(plan, node);
    if node.memory_mb >= needed {
        return None;
    }
    let (name, has) = (shown(&node.name), node.memory_mb);
    let memory_mb = needed.div_ceil(256).saturating_mul(256);
    let finding = Finding::error(
        format!("nodes[{n}].memory_mb"),
        "machine-memory-too-small",
        text!(
            "{name} has {has} MiB of memory; what it does takes about {needed} MiB.",
            "{name} a {has} Mio de mémoire ; ce qu’elle fait en prend environ {needed} Mio."
        ),
    );
    let label = text!("Give it {memory_mb} MiB", "Lui donner {memory_mb} Mio");
    Some(finding.fix(label, [Edit::Memory { node: n, memory_mb }]))
}

/// What the machine's system and roles take, MiB. Practice machines only pretend: any memory will do.
fn needed_memory(plan: &ClusterPlan, node: &Node) -> u32 {
    let system = match plan.provider {
        Provider::Practice => return 1,
        Provider::Docker => CONTAINER,
        Provider::VirtualBox | Provider::Libvirt => DEBIAN,
    };
    // A Java process takes about a quarter more than its heap.
    let heap = plan.zookeeper.heap_mb;
    let zookeeper = if node.roles.zookeeper.is_some() { heap.saturating_add(heap / 4) } else { 0 };
    let scheduler = match plan.scheduler.kind {
        _ if !node.roles.marathon => 0,
        SchedulerKind::Pacer => PACER,
        SchedulerKind::Marathon => MARATHON,
    };
    let master = if node.roles.master { MASTER } else { 0 };
    let agent = if node.roles.agent.is_some() { AGENT } else { 0 };
    // A memory that no number holds is refused by the heap's own rule; it must only not wrap around here.
    let sum = [zookeeper, scheduler, master, agent].into_iter().fold(system, u32::saturating_add);
    sum.min(u32::MAX / 256 * 256)
}
