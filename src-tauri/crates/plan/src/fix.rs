//! What the program can do about a finding: data, so that it crosses to the window and back.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};
use words::Text;

use crate::{AgentResources, AgentRole, ClusterPlan, Node, Provider, SchedulerKind, ZooKeeperRole};

/// What the program can do about a finding.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fix {
    /// What the button says.
    pub label: Text,
    /// What it changes, in this order.
    pub edits: Vec<Edit>,
}

/// One change of a plan. Nodes and applications are numbered from 0, as in findings' paths.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "set")]
pub enum Edit {
    /// The cluster's name.
    Name {
        /// The new name.
        name: String,
    },
    /// What the machines are made of.
    Provider {
        /// The new provider.
        provider: Provider,
    },
    /// The network; every machine keeps the host part of its address.
    Renumber {
        /// The new range.
        cidr: Ipv4Net,
    },
    /// A setting that is a port.
    Port {
        /// Which.
        port: PortSetting,
        /// The new number; `None` only for the AdminServer: off.
        to: Option<u16>,
    },
    /// The ports that agents offer.
    TaskPorts {
        /// The first.
        first: u16,
        /// The last.
        last: u16,
    },
    /// ZooKeeper's tick, ms.
    Tick {
        /// The new tick.
        tick_ms: u32,
    },
    /// ZooKeeper's limits, in ticks.
    Limits {
        /// Ticks to connect and catch up.
        init_limit: u32,
        /// Ticks to lag behind.
        sync_limit: u32,
    },
    /// Connections to ZooKeeper from one address.
    MaxClientConnections {
        /// The new number.
        to: u32,
    },
    /// ZooKeeper's heap, MiB.
    Heap {
        /// The new heap.
        heap_mb: u32,
    },
    /// The name that masters show.
    MesosCluster {
        /// The new name; `None` for the cluster's own.
        name: Option<String>,
    },
    /// Masters that must agree.
    Quorum {
        /// The new number; `None` to derive it.
        quorum: Option<u32>,
    },
    /// Which program schedules.
    SchedulerKind {
        /// The new one.
        kind: SchedulerKind,
    },
    /// What every agent offers.
    DefaultResources {
        /// The new resources; `None` to detect them.
        resources: Option<AgentResources>,
    },
    /// A machine's name.
    NodeName {
        /// The machine.
        node: usize,
        /// Its new name.
        name: String,
    },
    /// A machine's address.
    Address {
        /// The machine.
        node: usize,
        /// Its new address.
        address: Ipv4Addr,
    },
    /// A machine's processors.
    Cpus {
        /// The machine.
        node: usize,
        /// Their new number.
        cpus: u32,
    },
    /// A machine's memory.
    Memory {
        /// The machine.
        node: usize,
        /// MiB.
        memory_mb: u32,
    },
    /// Whether a machine runs a ZooKeeper server, and its number.
    ZooKeeper {
        /// The machine.
        node: usize,
        /// The number; `None` for no server.
        myid: Option<u16>,
    },
    /// Whether a machine runs a Mesos master.
    Master {
        /// The machine.
        node: usize,
        /// It does.
        on: bool,
    },
    /// Whether a machine runs a Mesos agent; one that is there keeps its settings.
    Agent {
        /// The machine.
        node: usize,
        /// It does.
        on: bool,
    },
    /// Whether a machine runs the scheduler.
    Scheduler {
        /// The machine.
        node: usize,
        /// It does.
        on: bool,
    },
    /// What one agent offers.
    Resources {
        /// The machine.
        node: usize,
        /// The new resources; `None` for the plan's.
        resources: Option<AgentResources>,
    },
    /// An agent's attribute.
    Attribute {
        /// The machine.
        node: usize,
        /// The attribute.
        name: String,
        /// Its new value; `None` to remove it.
        value: Option<String>,
    },
    /// An application's instances.
    Instances {
        /// The application.
        application: usize,
        /// Their new number.
        instances: u32,
    },
    /// An application's id.
    ApplicationId {
        /// The application.
        application: usize,
        /// Its new id.
        id: String,
    },
}

/// A setting that is a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PortSetting {
    /// `zookeeper.client_port`
    ZooKeeperClient,
    /// `zookeeper.peer_port`
    ZooKeeperPeer,
    /// `zookeeper.election_port`
    ZooKeeperElection,
    /// `zookeeper.admin_port`
    ZooKeeperAdmin,
    /// `mesos.master_port`
    Master,
    /// `mesos.agent_port`
    Agent,
    /// `scheduler.port`
    Scheduler,
}

impl Fix {
    /// Applies it. An edit of a node or application that is no longer there changes nothing.
    pub fn apply(&self, plan: &mut ClusterPlan) {
        for edit in &self.edits {
            edit.apply(plan);
        }
    }
}

impl Edit {
    /// Makes it. An edit of a node or application that is no longer there changes nothing.
    pub fn apply(&self, plan: &mut ClusterPlan) {
        match self.clone() {
            Self::Name { name } => plan.name = name,
            Self::Provider { provider } => plan.provider = provider,
            Self::Renumber { cidr } => renumber(plan, cidr.trunc()),
            Self::Port { port, to } => port.set(plan, to),
            Self::TaskPorts { first, last } => plan.mesos.task_ports = (first, last),
            Self::Tick { tick_ms } => plan.zookeeper.tick_ms = tick_ms,
            Self::Limits { init_limit, sync_limit } => {
                (plan.zookeeper.init_limit, plan.zookeeper.sync_limit) = (init_limit, sync_limit);
            }
            Self::MaxClientConnections { to } => plan.zookeeper.max_client_connections = to,
            Self::Heap { heap_mb } => plan.zookeeper.heap_mb = heap_mb,
            Self::MesosCluster { name } => plan.mesos.cluster = name,
            Self::Quorum { quorum } => plan.mesos.quorum = quorum,
            Self::SchedulerKind { kind } => plan.scheduler.kind = kind,
            Self::DefaultResources { resources } => plan.mesos.agent = resources,
            Self::Instances { application, instances } => {
                if let Some(app) = plan.applications.get_mut(application) {
                    app.instances = Some(instances);
                }
            }
            Self::ApplicationId { application, id } => {
                if let Some(app) = plan.applications.get_mut(application) {
                    app.id = id;
                }
            }
            edit => edit.apply_to_node(&mut plan.nodes),
        }
    }

    fn apply_to_node(self, nodes: &mut [Node]) {
        let Some(node) = self.node().and_then(|n| nodes.get_mut(n)) else { return };
        match self {
            Self::NodeName { name, .. } => node.name = name,
            Self::Address { address, .. } => node.address = address,
            Self::Cpus { cpus, .. } => node.cpus = cpus,
            Self::Memory { memory_mb, .. } => node.memory_mb = memory_mb,
            Self::ZooKeeper { myid, .. } => node.roles.zookeeper = myid.map(|myid| ZooKeeperRole { myid }),
            Self::Master { on, .. } => node.roles.master = on,
            Self::Agent { on: true, .. } => _ = node.roles.agent.get_or_insert_with(AgentRole::default),
            Self::Agent { on: false, .. } => node.roles.agent = None,
            Self::Scheduler { on, .. } => node.roles.marathon = on,
            Self::Resources { resources, .. } => {
                if let Some(agent) = &mut node.roles.agent {
                    agent.resources = resources;
                }
            }
            Self::Attribute { name, value, .. } => {
                if let Some(agent) = &mut node.roles.agent {
                    match value {
                        Some(value) => _ = agent.attributes.insert(name, value),
                        None => _ = agent.attributes.remove(&name),
                    }
                }
            }
            _ => {}
        }
    }

    /// The machine that it changes, if it changes one.
    fn node(&self) -> Option<usize> {
        match self {
            Self::NodeName { node, .. }
            | Self::Address { node, .. }
            | Self::Cpus { node, .. }
            | Self::Memory { node, .. }
            | Self::ZooKeeper { node, .. }
            | Self::Master { node, .. }
            | Self::Agent { node, .. }
            | Self::Scheduler { node, .. }
            | Self::Resources { node, .. }
            | Self::Attribute { node, .. } => Some(*node),
            _ => None,
        }
    }
}

impl PortSetting {
    fn set(self, plan: &mut ClusterPlan, to: Option<u16>) {
        if self == Self::ZooKeeperAdmin {
            plan.zookeeper.admin_port = to;
            return;
        }
        let Some(to) = to else { return };
        match self {
            Self::ZooKeeperClient => plan.zookeeper.client_port = to,
            Self::ZooKeeperPeer => plan.zookeeper.peer_port = to,
            Self::ZooKeeperElection => plan.zookeeper.election_port = to,
            Self::ZooKeeperAdmin => plan.zookeeper.admin_port = Some(to),
            Self::Master => plan.mesos.master_port = to,
            Self::Agent => plan.mesos.agent_port = to,
            Self::Scheduler => plan.scheduler.port = to,
        }
    }
}

fn renumber(plan: &mut ClusterPlan, cidr: Ipv4Net) {
    let host_part = cidr.hostmask().to_bits();
    for node in &mut plan.nodes {
        node.address = Ipv4Addr::from_bits(cidr.network().to_bits() | (node.address.to_bits() & host_part));
    }
    plan.network.cidr = cidr;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Preset, practice_network, real_network};

    #[test]
    fn renumbering_keeps_the_host_parts() {
        let mut plan = Preset::Ha.plan("demo", Provider::Practice, practice_network(1));
        renumber(&mut plan, real_network());
        let addresses: Vec<_> = plan.nodes.iter().map(|n| n.address.to_string()).collect();
        assert_eq!(addresses[0], "192.168.56.11");
        assert_eq!(addresses[5], "192.168.56.23");
    }

    #[test]
    fn an_edit_of_something_that_is_gone_changes_nothing() {
        let plan = Preset::Solo.plan("demo", Provider::Practice, practice_network(1));
        let edits = vec![
            Edit::NodeName { node: 9, name: "x".into() },
            Edit::Instances { application: 9, instances: 3 },
            Edit::Attribute { node: 9, name: "a".into(), value: None },
        ];
        let mut same = plan.clone();
        Fix { label: Text::same("x"), edits }.apply(&mut same);
        assert_eq!(same, plan);
    }

    #[test]
    fn a_fix_crosses_to_the_window_and_back() {
        let fix = Fix { label: Text::same("x"), edits: vec![Edit::Port { port: PortSetting::Scheduler, to: Some(1) }] };
        let json = serde_json::to_string(&fix).unwrap();
        assert_eq!(json, r#"{"label":{"en":"x","fr":"x"},"edits":[{"set":"port","port":"scheduler","to":1}]}"#);
        assert_eq!(serde_json::from_str::<Fix>(&json).unwrap(), fix);
    }
}
