//! Whether real machines fit on the computer.

use words::text;

use super::{Finding, HostLimits, Severity, network::suitable_network, shown};
use crate::{ClusterPlan, Edit, Provider};

pub(super) fn check(plan: &ClusterPlan, host: HostLimits) -> Vec<Finding> {
    if plan.provider.is_practice() {
        return Vec::new();
    }
    let mut found: Vec<Finding> = memory(plan, host).into_iter().collect();
    found.extend(cpus(plan, host));
    found
}

fn memory(plan: &ClusterPlan, host: HostLimits) -> Option<Finding> {
    let has = u64::from(host.memory_mb);
    let sum: u64 = plan.nodes.iter().map(|n| u64::from(n.memory_mb)).sum();
    // Containers take what they need, not what they may; virtual machines take all of it.
    let beyond = if plan.provider == Provider::Docker { Severity::Warning } else { Severity::Error };
    let finding = if sum > has {
        Finding::new(
            beyond,
            "nodes",
            "host-memory-exceeded",
            text!(
                "The machines take {sum} MiB of memory; this computer has {has} MiB.",
                "Les machines prennent {sum} Mio de mémoire ; cet ordinateur a {has} Mio."
            ),
        )
    } else if sum > has * 3 / 4 {
        Finding::warning(
            "nodes",
            "host-memory-tight",
            text!(
                "The machines take {sum} MiB of this computer’s {has} MiB of memory; little is left for anything else.",
                "Les machines prennent {sum} Mio sur les {has} Mio de mémoire de cet ordinateur ; il reste peu pour autre chose."
            ),
        )
    } else {
        return None;
    };
    let cidr = suitable_network(Provider::Practice, &plan.name, plan.network.cidr.prefix_len());
    let label = text!("Simulate the machines instead", "Simuler plutôt les machines");
    Some(finding.fix(label, [Edit::Provider { provider: Provider::Practice }, Edit::Renumber { cidr }]))
}

fn cpus(plan: &ClusterPlan, host: HostLimits) -> Vec<Finding> {
    let has = host.cpus.max(1);
    let over = plan.nodes.iter().enumerate().filter(|(_, n)| n.cpus > has);
    let mut found: Vec<Finding> = over
        .map(|(n, node)| {
            let (name, wants) = (shown(&node.name), node.cpus);
            let text = text!(
                "{name} has {wants} processors, more than this computer’s {has}.",
                "{name} a {wants} processeurs, plus que les {has} de cet ordinateur."
            );
            Finding::error(format!("nodes[{n}].cpus"), "host-cpus-exceeded", text)
                .fix(text!("Give it {has}", "Lui en donner {has}"), [Edit::Cpus { node: n, cpus: has }])
        })
        .collect();
    let sum: u64 = plan.nodes.iter().map(|n| u64::from(n.cpus)).sum();
    if found.is_empty() && sum > u64::from(has) * 4 {
        found.push(Finding::warning(
            "nodes",
            "host-cpus-tight",
            text!(
                "The machines have {sum} processors together, this computer {has}: everything will be slow.",
                "Les machines ont {sum} processeurs en tout, cet ordinateur {has} : tout sera lent."
            ),
        ));
    }
    found
}
