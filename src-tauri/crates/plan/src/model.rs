//! The plan's types, as they lie in `plan.toml`.
//!
//! Units are in the names of the fields: `_mb` is MiB, `_ms` milliseconds. An unknown key is an error, so that a typing
//! mistake is never silently without effect.

use std::{collections::BTreeMap, net::Ipv4Addr};

use ipnet::Ipv4Net;
use marathon::AppDefinition;
use serde::{Deserialize, Serialize};
use words::Lang;

/// A cluster, as the student wants it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ClusterPlan {
    /// The cluster's name; also its folder's. Lower-case letters, digits and hyphens, 1 to 40, first a letter.
    pub name: String,
    /// The language of the exported guide.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub language: Lang,
    /// What the machines are made of.
    #[serde(default)]
    pub provider: Provider,
    /// The image that Vagrant makes machines from; without meaning for practice machines.
    #[serde(default, rename = "box")]
    pub image: BoxImage,
    /// The private network that the machines share.
    pub network: Network,
    /// ZooKeeper's settings, the same on every server.
    #[serde(default)]
    pub zookeeper: ZooKeeper,
    /// Mesos's settings.
    #[serde(default)]
    pub mesos: Mesos,
    /// What starts applications and keeps them running.
    #[serde(default)]
    pub scheduler: Scheduler,
    /// Where the machines get their software from.
    #[serde(default)]
    pub sources: Sources,
    /// The machines.
    pub nodes: Vec<Node>,
    /// The applications that are deployed at the end, in Marathon's own form.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub applications: Vec<AppDefinition>,
}

/// What the machines are made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    /// Simulated machines on loopback addresses: real protocols, nothing to install.
    #[default]
    Practice,
    /// VirtualBox, through Vagrant.
    VirtualBox,
    /// libvirt (KVM, or QEMU's emulation), through Vagrant.
    Libvirt,
    /// Docker containers with sshd, through Vagrant.
    Docker,
}

/// A Vagrant box. The public registry is closing, so all of it can be set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct BoxImage {
    /// The box's name, such as `debian/bookworm64`.
    pub name: String,
    /// Where it is fetched from, or a local `.box` file; the registry when missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// SHA-256 of the box file, 64 hexadecimal digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checksum: Option<String>,
    /// The exact version; the newest when missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

impl Default for BoxImage {
    fn default() -> Self {
        Self { name: "debian/bookworm64".into(), url: None, checksum: None, version: None }
    }
}

/// The private network that the machines share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Network {
    /// Its range. Practice machines live in loopback (`127.x.y.0/24`); VirtualBox allows `192.168.56.0/21` only.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub cidr: Ipv4Net,
}

/// A machine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Node {
    /// The machine's host name: a DNS label (RFC 1123), 1 to 63 characters.
    pub name: String,
    /// Its address in the plan's network.
    pub address: Ipv4Addr,
    /// Processors.
    #[serde(default = "default_cpus")]
    pub cpus: u32,
    /// Memory, MiB.
    #[serde(default = "default_memory")]
    pub memory_mb: u32,
    /// What the machine does.
    pub roles: Roles,
}

fn default_cpus() -> u32 {
    1
}

fn default_memory() -> u32 {
    1024
}

/// What a machine does; a role that is missing is not installed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Roles {
    /// A server of the ZooKeeper ensemble.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zookeeper: Option<ZooKeeperRole>,
    /// A Mesos master.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub master: bool,
    /// A Mesos agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<AgentRole>,
    /// The scheduler: Pacer or Marathon, as the plan says.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub marathon: bool,
}

/// A server of the ensemble.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ZooKeeperRole {
    /// The server's number, 1 to 255, its own in the ensemble.
    pub myid: u16,
}

/// A Mesos agent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct AgentRole {
    /// Attributes that constraints can ask for, such as `rack = "r1"`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, String>,
    /// What it offers, where that differs from the plan's `mesos.agent`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resources: Option<AgentResources>,
}

/// ZooKeeper's settings. Defaults are ZooKeeper's own where it has one.
/// Source: ZooKeeper Administrator's Guide 3.8, "Configuration Parameters".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct ZooKeeper {
    /// Where clients connect (2181).
    pub client_port: u16,
    /// Where followers connect to the leader (2888).
    pub peer_port: u16,
    /// Where the leader is elected (3888).
    pub election_port: u16,
    /// One tick, ms (2000): the unit of the limits and of session timeouts (2 to 20 ticks).
    pub tick_ms: u32,
    /// Ticks that a follower may take to connect and catch up (10).
    pub init_limit: u32,
    /// Ticks that a follower may lag behind (5).
    pub sync_limit: u32,
    /// Connections from one address (60); 0 is without limit.
    pub max_client_connections: u32,
    /// Java heap, MiB (256; the package's default of 1000 does not fit on small machines).
    pub heap_mb: u32,
    /// The AdminServer's port, if it is to run: it is off by default, because its 8080 is Marathon's too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub admin_port: Option<u16>,
}

impl Default for ZooKeeper {
    fn default() -> Self {
        Self {
            client_port: 2181,
            peer_port: 2888,
            election_port: 3888,
            tick_ms: 2000,
            init_limit: 10,
            sync_limit: 5,
            max_client_connections: 60,
            heap_mb: 256,
            admin_port: None,
        }
    }
}

/// Mesos's settings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Mesos {
    /// The name that masters show. The cluster's own name when missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster: Option<String>,
    /// The masters' port (5050).
    pub master_port: u16,
    /// The agents' port (5051).
    pub agent_port: u16,
    /// Masters that must agree; derived (masters/2+1) when missing, which is what one wants.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quorum: Option<u32>,
    /// What every agent offers; detected on the machine when missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<AgentResources>,
    /// The ports that agents offer to tasks: first and last (31000, 32000).
    pub task_ports: (u16, u16),
}

impl Default for Mesos {
    fn default() -> Self {
        Self {
            cluster: None,
            master_port: 5050,
            agent_port: 5051,
            quorum: None,
            agent: None,
            task_ports: (31000, 32000),
        }
    }
}

/// What an agent offers.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AgentResources {
    /// Processors, in parts too.
    pub cpus: f64,
    /// Memory, MiB.
    pub mem_mb: u32,
    /// Disk, MiB.
    pub disk_mb: u32,
}

/// What starts applications and keeps them running.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Scheduler {
    /// Which program.
    pub kind: SchedulerKind,
    /// The port of its API (8080).
    pub port: u16,
}

impl Default for Scheduler {
    fn default() -> Self {
        Self { kind: SchedulerKind::Pacer, port: 8080 }
    }
}

/// Which program schedules.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum SchedulerKind {
    /// Startline's own, with Marathon's API.
    #[default]
    Pacer,
    /// Marathon 1.11.24, from its container image.
    Marathon,
}

/// Where the machines get their software from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Sources {
    /// ZooKeeper's packages.
    pub zookeeper: ZooKeeperSource,
    /// Mesos's binaries.
    pub mesos: MesosSource,
}

/// ZooKeeper's packages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum ZooKeeperSource {
    /// Debian's `zookeeper`.
    #[default]
    Debian,
    /// Apache Bigtop's `zookeeper-server`.
    Bigtop,
}

/// Mesos's binaries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum MesosSource {
    /// The official 1.11.0 library inside PyPI's `mesos.scheduler`.
    #[default]
    Pypi,
    /// AVENTER's `aventer-mesos` packages.
    Aventer,
}

impl ClusterPlan {
    /// The servers of the ensemble, by the order of the plan: each with its number.
    pub fn ensemble(&self) -> impl Iterator<Item = (u16, &Node)> {
        self.nodes.iter().filter_map(|n| n.roles.zookeeper.map(|z| (z.myid, n)))
    }

    /// The machines that run a Mesos master.
    pub fn masters(&self) -> impl Iterator<Item = &Node> {
        self.nodes.iter().filter(|n| n.roles.master)
    }

    /// The machines that run a Mesos agent.
    pub fn agents(&self) -> impl Iterator<Item = (&Node, &AgentRole)> {
        self.nodes.iter().filter_map(|n| n.roles.agent.as_ref().map(|a| (n, a)))
    }

    /// The machines that run the scheduler.
    pub fn schedulers(&self) -> impl Iterator<Item = &Node> {
        self.nodes.iter().filter(|n| n.roles.marathon)
    }

    /// The node of that name.
    pub fn node(&self, name: &str) -> Option<&Node> {
        self.nodes.iter().find(|n| n.name == name)
    }

    /// How many masters must agree: what the plan says, or masters/2+1.
    pub fn mesos_quorum(&self) -> u32 {
        self.mesos.quorum.unwrap_or(self.masters().count() as u32 / 2 + 1)
    }

    /// `host:port,host:port…` of the ensemble, as ZooKeeper clients take it.
    pub fn zookeeper_hosts(&self) -> String {
        let port = self.zookeeper.client_port;
        let hosts: Vec<_> = self.ensemble().map(|(_, n)| format!("{}:{port}", n.address)).collect();
        hosts.join(",")
    }
}
