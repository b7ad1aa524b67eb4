//! Where things lie in a cluster's folder.

use std::path::{Path, PathBuf};

/// The folder of a cluster, as the practice process sees it.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    folder: PathBuf,
}

impl Layout {
    /// Of the cluster's folder.
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// The cluster's folder itself.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// All that is the practice process's.
    pub fn practice(&self) -> PathBuf {
        self.folder.join("practice")
    }

    /// How the practice process is reached. Mode 600: it holds the token.
    pub fn contact(&self) -> PathBuf {
        self.practice().join("daemon.json")
    }

    /// Locked by the practice process for as long as it lives.
    pub fn lock(&self) -> PathBuf {
        self.practice().join("daemon.lock")
    }

    /// What the practice process writes about itself.
    pub fn log(&self) -> PathBuf {
        self.folder.join("logs").join("practice.log")
    }

    /// A machine's folder.
    pub fn machine(&self, node: &str) -> PathBuf {
        self.practice().join(node)
    }
}

/// Where things lie in a machine's folder.
#[derive(Clone, Debug)]
pub(crate) struct MachineLayout {
    folder: PathBuf,
}

impl MachineLayout {
    /// Of a machine's folder.
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What the machine is, and whether it is meant to run.
    pub fn record(&self) -> PathBuf {
        self.folder.join("machine.json")
    }

    /// Its disk.
    pub fn root(&self) -> PathBuf {
        self.folder.join("root")
    }

    /// Owners and modes of what lies on the disk.
    pub fn owners(&self) -> PathBuf {
        self.folder.join("owners.json")
    }

    /// Its journal.
    pub fn journal(&self) -> PathBuf {
        self.folder.join("journal.jsonl")
    }
}
