//! What a practice machine is asked to be.

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

/// A machine, as the plan has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MachineSpec {
    /// Its host name, and the name of its folder.
    pub name: String,
    /// Its address, in `127.0.0.0/8`. Its servers bind it.
    pub address: Ipv4Addr,
    /// Processors that it shows.
    pub cpus: u32,
    /// Memory that it shows, MiB.
    pub memory_mb: u32,
}

impl MachineSpec {
    /// Whether the name can be a folder's and the address is this computer's own.
    /// Plans are validated long before; this is what keeps a stray request from reaching outside the cluster's folder.
    pub(crate) fn is_sound(&self) -> bool {
        is_label(&self.name) && self.address.is_loopback()
    }
}

/// A DNS label (RFC 1123).
pub(crate) fn is_label(name: &str) -> bool {
    (1..=63).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && !name.starts_with('-')
        && !name.ends_with('-')
}

/// A port that a machine's service listens on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    /// The machine.
    pub node: String,
    /// The unit that listens, such as `zookeeper-server`.
    pub unit: String,
    /// What the port is for, in a word: `client` (ZooKeeper's protocol) or `http`.
    pub purpose: String,
    /// `address:port`, reachable from this computer.
    pub address: String,
}

/// What happens to a machine from outside. [`PracticeMachines::trouble`](crate::PracticeMachines::trouble) does it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "what")]
pub enum Trouble {
    /// It stands still, with its connections open: as a virtual machine that is paused.
    Pause,
    /// It goes on, late for all that was due.
    Resume,
    /// Its processor leaves its programs this share of their time, in hundredths (1 to 100; 100 undoes it).
    Slow {
        /// The share.
        percent: u8,
    },
    /// Its disk is full: nothing more can be written to it.
    FillDisk,
    /// Its disk has room again.
    FreeDisk,
    /// It is off at once: nothing is shut down, tasks die with it. `up` starts it again, from its disk.
    PowerCut,
}

/// What happens to the network between the machines.
/// [`PracticeMachines::network`](crate::PracticeMachines::network) does it.
///
/// Whatever it is, all machines stay within reach of the computer that they are simulated on: a person sees every side
/// of a split.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NetworkTrouble {
    /// These machines and all others are cut off from each other; among themselves both sides go on.
    Split {
        /// Names of machines.
        these: Vec<String>,
    },
    /// These two are cut off from each other.
    Cut {
        /// Names of machines.
        between: [String; 2],
    },
    /// Whatever a machine sends or is sent takes so much longer.
    Delay {
        /// Name of the machine.
        node: String,
        /// Milliseconds each way; 0 undoes it.
        ms: u32,
    },
    /// Nothing is cut and nothing slow any more.
    Heal,
}
