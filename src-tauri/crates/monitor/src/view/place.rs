//! Which of the plan's machines a host name or an address means.

use std::{collections::HashMap, net::Ipv4Addr};

use plan::{ClusterPlan, Node};

/// The plan's machines by name and by address: plans can have thousands.
#[derive(Debug)]
pub struct Places<'a> {
    by_name: HashMap<&'a str, &'a Node>,
    by_address: HashMap<Ipv4Addr, &'a Node>,
}

impl<'a> Places<'a> {
    /// Those of this plan.
    pub fn of(plan: &'a ClusterPlan) -> Self {
        let by_name = plan.nodes.iter().map(|n| (n.name.as_str(), n)).collect();
        let by_address = plan.nodes.iter().map(|n| (n.address, n)).collect();
        Self { by_name, by_address }
    }

    /// The machine of that name or address.
    pub fn node(&self, host: &str) -> Option<&'a Node> {
        let by_name = self.by_name.get(host);
        by_name.or_else(|| self.by_address.get(&host.parse().ok()?)).copied()
    }
}

/// The host of `host:port`, or of a libprocess pid (`slave(1)@host:port`).
pub fn host(endpoint: &str) -> &str {
    let after = endpoint.rsplit_once('@').map_or(endpoint, |(_, after)| after);
    after.rsplit_once(':').map_or(after, |(host, _)| host)
}

#[cfg(test)]
mod tests {
    use plan::{Preset, Provider, practice_network};

    #[test]
    fn machines_are_found_by_name_and_by_address() {
        let plan = Preset::Classroom.plan("lab", Provider::Practice, practice_network(1));
        let places = super::Places::of(&plan);
        let name = |host: &str| places.node(host).map(|n| n.name.as_str());
        assert_eq!(name(&plan.nodes[1].address.to_string()), Some("agent1"));
        assert_eq!(name("agent2"), Some("agent2"));
        assert_eq!(name("elsewhere"), None);
    }

    #[test]
    fn hosts_of_endpoints_and_pids() {
        assert_eq!(super::host("master@127.0.0.1:5050"), "127.0.0.1");
        assert_eq!(super::host("node1:8080"), "node1");
        assert_eq!(super::host("node1"), "node1");
    }
}
