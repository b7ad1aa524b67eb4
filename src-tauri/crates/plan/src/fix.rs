//! What the program can do about a finding: data, so that it crosses to the window and back.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};
use words::Text;

use crate::ClusterPlan;

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
    /// The network; every machine keeps the host part of its address.
    Renumber {
        /// The new range.
        cidr: Ipv4Net,
    },
    /// A machine's address.
    Address {
        /// The machine.
        node: usize,
        /// Its new address.
        address: Ipv4Addr,
    },
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
    fn apply(&self, plan: &mut ClusterPlan) {
        match self {
            Self::Renumber { cidr } => renumber(plan, cidr.trunc()),
            Self::Address { node, address } => {
                if let Some(node) = plan.nodes.get_mut(*node) {
                    node.address = *address;
                }
            }
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
