//! Three plans to begin with.

use std::{collections::BTreeMap, net::Ipv4Addr};

use ipnet::Ipv4Net;
use marathon::{AppDefinition, HealthCheck, HealthProtocol, PortDefinition};
use serde::{Deserialize, Serialize};
use words::Lang;

use crate::{AgentRole, ClusterPlan, Network, Node, Provider, Roles, ZooKeeperRole};

/// A plan to begin with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Preset {
    /// One machine does everything.
    Solo,
    /// One machine with ZooKeeper, master and scheduler; two agents.
    #[default]
    Classroom,
    /// Three machines with ZooKeeper, master and scheduler; three agents. Any machine may fail.
    Ha,
}

/// The host part of `node1`'s address; `agent1` is ten further on.
const FIRST_NODE: u32 = 11;
const FIRST_AGENT: u32 = 21;

impl Preset {
    /// The plan of that name, on machines of that kind, in that network (at least a /27).
    pub fn plan(self, name: &str, provider: Provider, network: Ipv4Net) -> ClusterPlan {
        ClusterPlan {
            name: name.into(),
            language: Lang::default(),
            provider,
            image: Default::default(),
            network: Network { cidr: network.trunc() },
            zookeeper: Default::default(),
            mesos: Default::default(),
            scheduler: Default::default(),
            sources: Default::default(),
            nodes: self.nodes(network.trunc()),
            applications: vec![hello(if self == Self::Ha { 2 } else { 1 })],
        }
    }

    fn nodes(self, network: Ipv4Net) -> Vec<Node> {
        let (heads, agents) = match self {
            Self::Solo => return vec![solo(network)],
            Self::Classroom => (1, 2),
            Self::Ha => (3, 3),
        };
        let heads = (1..=heads).map(|n| head(network, n));
        let agents = (1..=agents).map(|n| agent(network, n));
        heads.chain(agents).collect()
    }
}

fn solo(network: Ipv4Net) -> Node {
    let mut node = head(network, 1);
    node.cpus = 2;
    node.memory_mb = 2048;
    node.roles.agent = Some(in_rack(1));
    node
}

fn head(network: Ipv4Net, n: u16) -> Node {
    Node {
        name: format!("node{n}"),
        address: address(network, FIRST_NODE + u32::from(n) - 1),
        cpus: 1,
        memory_mb: 1024,
        roles: Roles { zookeeper: Some(ZooKeeperRole { myid: n }), master: true, agent: None, marathon: true },
    }
}

fn agent(network: Ipv4Net, n: u16) -> Node {
    Node {
        name: format!("agent{n}"),
        address: address(network, FIRST_AGENT + u32::from(n) - 1),
        cpus: 1,
        memory_mb: 1024,
        roles: Roles { agent: Some(in_rack(n)), ..Roles::default() },
    }
}

fn in_rack(n: u16) -> AgentRole {
    let mut attributes = BTreeMap::new();
    attributes.insert("rack".into(), format!("r{n}"));
    AgentRole { attributes, resources: None }
}

fn address(network: Ipv4Net, host: u32) -> Ipv4Addr {
    Ipv4Addr::from_bits(network.network().to_bits().wrapping_add(host))
}

/// The first application: Python's web server on a port of Marathon's choice.
fn hello(instances: u32) -> AppDefinition {
    AppDefinition {
        cmd: Some("python3 -m http.server $PORT0".into()),
        cpus: Some(0.1),
        mem: Some(32.0),
        instances: Some(instances),
        port_definitions: Some(vec![PortDefinition { port: Some(0), ..PortDefinition::default() }]),
        health_checks: Some(vec![HealthCheck {
            protocol: Some(HealthProtocol::Http),
            path: Some("/".into()),
            port_index: Some(0),
            grace_period_seconds: Some(60),
            interval_seconds: Some(2),
            timeout_seconds: Some(5),
            max_consecutive_failures: Some(3),
            ..HealthCheck::default()
        }]),
        ..AppDefinition::new("/hello")
    }
}

/// A network for practice machines: a /24 between 127.16.0.0 and 127.250.255.0, the same for the same seed.
pub fn practice_network(seed: u64) -> Ipv4Net {
    // Neighbouring seeds shall not give neighbouring networks: SplitMix64's finalizer stirs the bits.
    let mut bits = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    let [second, third, ..] = (bits ^ (bits >> 31)).to_be_bytes();
    let second = 16 + (u32::from(second) * 235 / 256) as u8;
    Ipv4Net::new_assert(Ipv4Addr::new(127, second, third, 0), 24)
}

/// The network for real machines: 192.168.56.0/24, which VirtualBox allows without settings.
pub fn real_network() -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(192, 168, 56, 0), 24)
}
