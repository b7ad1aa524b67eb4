//! What every machine has: `/etc/hosts`.

use minijinja::{Value, context};
use plan::{ClusterPlan, Node};

use super::Machine;
use crate::template::fill;

/// Up to this many machines, each knows all the others by name. In a larger cluster an agent knows the servers only:
/// otherwise the files would grow with the square of the cluster.
const ALL_KNOW_ALL: usize = 50;

pub fn render(plan: &ClusterPlan, node: &Node, machine: &mut Machine) {
    let values = context! { node => name_and_address(node), known => known(plan, node) };
    machine.file("/etc/hosts", fill("machine/hosts.j2", values));
}

/// What templates say of a machine.
pub fn name_and_address(node: &Node) -> Value {
    context! { name => node.name.as_str(), address => node.address.to_string() }
}

fn known(plan: &ClusterPlan, node: &Node) -> Vec<Value> {
    let all = plan.nodes.len() <= ALL_KNOW_ALL || is_server(node);
    let nodes = plan.nodes.iter().filter(|n| all || is_server(n) || n.name == node.name);
    nodes.map(name_and_address).collect()
}

fn is_server(node: &Node) -> bool {
    node.roles.zookeeper.is_some() || node.roles.master || node.roles.marathon
}
