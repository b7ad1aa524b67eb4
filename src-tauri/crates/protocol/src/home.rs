//! What the start page shows.

use plan::Provider;
use serde::{Deserialize, Serialize};
use words::{Lang, Problem, Text};

use crate::flat;

/// The start page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HomeView {
    /// The program's version.
    pub version: String,
    /// The data folder.
    pub home: String,
    /// The system's language.
    pub lang: Lang,
    /// Where an export goes if nothing else is said: a folder that exists.
    pub exports: String,
    /// This computer.
    pub host: Host,
    /// The providers, practice first.
    pub providers: Vec<ProviderView>,
    /// The clusters, last used first.
    pub clusters: Vec<ClusterCard>,
}

/// This computer, as far as a plan must fit on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Host {
    /// Processors.
    pub cpus: u32,
    /// Memory, MiB.
    pub memory_mb: u32,
}

/// A provider and whether it can be used here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderView {
    /// Which.
    pub provider: Provider,
    /// It can be used.
    pub usable: bool,
    /// What it is, or what is missing.
    pub note: Text,
}

/// A cluster on the start page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClusterCard {
    /// Its name.
    pub name: String,
    /// What its machines are made of; none if its plan can't be read.
    pub provider: Option<Provider>,
    /// How many machines it has.
    pub nodes: usize,
    /// Where it stands.
    pub state: ClusterState,
    /// Its folder.
    pub folder: String,
    /// Why its plan can't be read, if so.
    pub problem: Option<Problem>,
}

/// Where a cluster stands, as far as its folder tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "is", from = "flat::ClusterState")]
pub enum ClusterState {
    /// Planned; nothing was made.
    Planned,
    /// Some steps are done.
    Partial {
        /// Steps done.
        done: usize,
        /// Steps in all.
        of: usize,
    },
    /// All steps are done and the machines were up when last seen.
    Up,
    /// The machines were halted.
    Halted,
    /// Its plan can't be read.
    Unreadable,
}
