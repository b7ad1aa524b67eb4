//! Mesos agents and what they offer.

use words::text;

use super::{Finding, amount, listed, shown};
use crate::{AgentResources, ClusterPlan, Edit, Node};

pub(super) fn check(plan: &ClusterPlan) -> Vec<Finding> {
    let mut found: Vec<Finding> = missing(plan).into_iter().collect();
    for (n, node) in plan.nodes.iter().enumerate() {
        let Some(resources) = node.roles.agent.as_ref().and_then(|a| a.resources) else { continue };
        let path = format!("nodes[{n}].roles.agent.resources");
        let edit = |resources| Edit::Resources { node: n, resources: Some(resources) };
        found.extend(offered(&path, resources, &[node], edit));
    }
    if let Some(resources) = plan.mesos.agent {
        let by_default = plan.agents().filter(|(_, a)| a.resources.is_none()).map(|(n, _)| n);
        let edit = |resources| Edit::DefaultResources { resources: Some(resources) };
        found.extend(offered("mesos.agent", resources, &by_default.collect::<Vec<_>>(), edit));
    }
    found
}

fn missing(plan: &ClusterPlan) -> Option<Finding> {
    if plan.nodes.is_empty() || plan.agents().next().is_some() {
        return None;
    }
    let node = plan.nodes.len() - 1;
    let name = plan.nodes.last().map_or_else(String::new, |n| shown(&n.name));
    let text = text!(
        "No machine runs a Mesos agent: applications would have nowhere to run.",
        "Aucune machine n’exécute d’agent Mesos : les applications n’auraient nulle part où tourner."
    );
    let label = text!("Make {name} an agent", "Faire de {name} un agent");
    Some(Finding::error("nodes", "no-agent", text).fix(label, [Edit::Agent { node, on: true }]))
}

fn offered(path: &str, has: AgentResources, nodes: &[&Node], edit: impl Fn(AgentResources) -> Edit) -> Vec<Finding> {
    let mut found = Vec::new();
    let cpus = nodes.iter().map(|n| n.cpus.clamp(1, u32::from(u16::MAX))).min().unwrap_or(1);
    let memory = nodes.iter().map(|n| n.memory_mb).min().unwrap_or(1024);
    let mem_mb = detected_mem(memory).max(1);
    if !(has.cpus.is_finite() && has.cpus > 0.0 && has.cpus <= f64::from(u16::MAX)) {
        let text = text!("An agent must offer some processors.", "Un agent doit offrir des processeurs.");
        let right = AgentResources { cpus: f64::from(cpus), ..has };
        let label = text!("Offer {cpus}", "En offrir {cpus}");
        found.push(Finding::error(format!("{path}.cpus"), "agent-without-cpus", text).fix(label, [edit(right)]));
    }
    if has.mem_mb == 0 {
        let text = text!("An agent must offer some memory.", "Un agent doit offrir de la mémoire.");
        let right = AgentResources { mem_mb, ..has };
        let label = text!("Offer {mem_mb} MiB", "Offrir {mem_mb} Mio");
        found.push(Finding::error(format!("{path}.mem_mb"), "agent-without-memory", text).fix(label, [edit(right)]));
    }
    let over: Vec<&str> = nodes.iter().filter(|n| has.cpus > f64::from(n.cpus)).map(|n| n.name.as_str()).collect();
    if !over.is_empty() && has.cpus.is_finite() && nodes.iter().all(|n| n.cpus > 0) {
        let ([offer, offer_fr], names) = (amount(has.cpus), listed(over));
        let text = text!(
            "Agents would offer {offer} processors, more than there are: {names}. Tasks would get less than they ask for.",
            "Des agents offriraient {offer_fr} processeurs, plus qu’il n’y en a : {names}. Les tâches auraient moins que demandé."
        );
        let right = AgentResources { cpus: f64::from(cpus), ..has };
        let label = text!("Offer {cpus}", "En offrir {cpus}");
        found.push(Finding::warning(format!("{path}.cpus"), "agent-beyond-cpus", text).fix(label, [edit(right)]));
    }
    let over: Vec<&str> = nodes.iter().filter(|n| has.mem_mb > n.memory_mb).map(|n| n.name.as_str()).collect();
    if !over.is_empty() {
        let (offer, names) = (has.mem_mb, listed(over));
        let text = text!(
            "Agents would offer {offer} MiB of memory, more than there is: {names}. Tasks would be killed.",
            "Des agents offriraient {offer} Mio de mémoire, plus qu’il n’y en a : {names}. Des tâches seraient tuées."
        );
        let finding = Finding::error(format!("{path}.mem_mb"), "agent-beyond-memory", text);
        let right = AgentResources { mem_mb, ..has };
        let fix = (mem_mb <= memory).then(|| (text!("Offer {mem_mb} MiB", "Offrir {mem_mb} Mio"), vec![edit(right)]));
        found.push(finding.fix_if(fix));
    }
    found
}

/// What an agent detects: all but 1 GB, or half of less than 2 GB. Source: Mesos, `slave/containerizer.cpp`.
fn detected_mem(memory_mb: u32) -> u32 {
    if memory_mb > 2048 { memory_mb - 1024 } else { memory_mb / 2 }
}

impl ClusterPlan {
    /// What an agent offers: what its own role says, what the plan says, or what it would detect on its machine. The disk
    /// is unknown (0) where it is detected.
    pub fn offer(&self, node: &Node) -> AgentResources {
        let own = node.roles.agent.as_ref().and_then(|a| a.resources);
        own.or(self.mesos.agent).unwrap_or(AgentResources {
            cpus: f64::from(node.cpus),
            mem_mb: detected_mem(node.memory_mb),
            disk_mb: 0,
        })
    }
}
