//! The registry: which agents belong to the cluster, whoever leads it.
//!
//! The real masters keep it in a log that they replicate among themselves. Here the masters of one process share it, and
//! each writes it into its own work directory, so that it is there again after all of them have been stopped.

mod agent;
mod deactivation;
mod maintenance;
mod quota;

pub use agent::AgentRecord;
pub use deactivation::{Deactivation, Drain};
pub use maintenance::{Answer, Machine, Maintenance, machine_of};
pub use quota::Quota;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use hardware::Disk;
use serde::{Deserialize, Serialize};
use tokio::sync::{Notify, watch};

use crate::{
    files,
    lock::lock,
    wire::{AgentInfo, Id},
};

const FILE: &str = "registry.json";

/// What is written.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Content {
    version: u64,
    /// By agent id.
    agents: BTreeMap<String, AgentRecord>,
    #[serde(flatten)]
    kept: Kept,
}

/// What a new leader has to know beside the agents.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Kept {
    /// When agents went out of reach, by agent id.
    pub unreachable: BTreeMap<String, f64>,
    /// When operators gave agents up for good, by agent id.
    pub gone: BTreeMap<String, f64>,
    /// Agents that operators put out of service, by agent id.
    pub out_of_service: BTreeMap<String, Deactivation>,
    /// By role.
    pub quotas: BTreeMap<String, Quota>,
    /// By role.
    pub weights: BTreeMap<String, f64>,
    /// What operators plan.
    pub maintenance: Maintenance,
}

/// The registry of one cluster.
#[derive(Debug, Default)]
pub struct Registry {
    content: Mutex<Content>,
    changed: Notify,
    urgent: Notify,
    /// The version in which operators last changed something.
    decided: AtomicU64,
    /// The newest version that lies in a work directory.
    written: watch::Sender<u64>,
}

impl Registry {
    /// Takes over what lies in a master's work directory, if it is newer than what is known.
    pub fn load(&self, folder: &Path) {
        let Ok(text) = std::fs::read(folder.join(FILE)) else { return };
        let Ok(found) = serde_json::from_slice::<Content>(&text) else { return };
        let mut content = lock(&self.content);
        if found.version > content.version {
            *content = found;
        }
    }

    /// All agents.
    pub fn agents(&self) -> Vec<AgentInfo> {
        let content = lock(&self.content);
        content.agents.iter().filter_map(|(id, record)| record.info(Id::from(id.as_str()))).collect()
    }

    /// What a new leader has to know beside the agents.
    pub fn kept(&self) -> Kept {
        lock(&self.content).kept.clone()
    }

    /// Changes it.
    pub fn keep(&self, change: impl FnOnce(&mut Kept)) {
        self.change(|content| {
            change(&mut content.kept);
            self.decided.store(content.version + 1, Ordering::Relaxed);
        });
        self.urgent.notify_waiters();
    }

    /// The version in which operators last changed something.
    pub fn decided(&self) -> u64 {
        self.decided.load(Ordering::Relaxed)
    }

    /// Waits until a version lies in a master's work directory: then it outlives the process.
    pub async fn is_written(&self, version: u64) {
        // The sender is our own.
        let _ = self.written.subscribe().wait_for(|written| *written >= version).await;
    }

    /// An agent belongs to the cluster.
    pub fn admit(&self, id: &Id, info: &AgentInfo) {
        self.change(|content| {
            content.kept.unreachable.remove(id.as_str());
            content.agents.insert(id.to_string(), AgentRecord::of(info));
        });
    }

    /// An agent is out of reach.
    pub fn mark_unreachable(&self, id: &Id, since: f64) {
        self.change(|content| {
            content.agents.remove(id.as_str());
            content.kept.unreachable.insert(id.to_string(), since);
        });
    }

    /// An agent belongs to the cluster no more.
    pub fn remove(&self, id: &Id) {
        self.change(|content| {
            content.agents.remove(id.as_str());
            content.kept.unreachable.remove(id.as_str());
        });
    }

    fn change(&self, change: impl FnOnce(&mut Content)) {
        let mut content = lock(&self.content);
        change(&mut content);
        content.version += 1;
        self.changed.notify_waiters();
    }

    /// Keeps a copy in a folder, for ever. Writes at most a few times a second, however much changes.
    pub async fn replicate(&self, folder: PathBuf, disk: Disk) {
        const PAUSE: std::time::Duration = std::time::Duration::from_millis(100);
        let mut written = 0;
        loop {
            let changed = self.changed.notified();
            let content = lock(&self.content).clone();
            if content.version == written {
                changed.await;
                continue;
            }
            let text = crate::wire::recordio::json(&content);
            let (folder, disk) = (folder.clone(), disk.clone());
            // A full disk costs the copy, not the master: others have theirs. It is made when there is room again.
            if let Ok(Ok(())) =
                tokio::task::spawn_blocking(move || files::replace(&disk, &folder.join(FILE), &text)).await
            {
                written = content.version;
                self.written.send_if_modified(|newest| written > std::mem::replace(newest, written.max(*newest)));
            }
            tokio::select! {
                () = tokio::time::sleep(PAUSE) => {}
                // Somebody waits for what operators decide.
                () = self.urgent.notified() => {}
            }
        }
    }
}
