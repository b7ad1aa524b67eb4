//! Where a cluster's services are, by its plan.

use plan::ClusterPlan;
use protocol::{Endpoint, Service};

/// Every service of every machine, in the order of the plan.
pub fn of(plan: &ClusterPlan) -> Vec<Endpoint> {
    let mut endpoints = Vec::new();
    for node in &plan.nodes {
        let mut add = |service, port: u16| {
            let (node, host) = (node.name.clone(), node.address);
            let url = (service != Service::ZooKeeper).then(|| format!("http://{host}:{port}"));
            endpoints.push(Endpoint { node, service, address: format!("{host}:{port}"), url });
        };
        if node.roles.zookeeper.is_some() {
            add(Service::ZooKeeper, plan.zookeeper.client_port);
        }
        if node.roles.master {
            add(Service::Master, plan.mesos.master_port);
        }
        if node.roles.agent.is_some() {
            add(Service::Agent, plan.mesos.agent_port);
        }
        if node.roles.marathon {
            add(Service::Scheduler, plan.scheduler.port);
        }
    }
    endpoints
}
