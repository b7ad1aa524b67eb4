//! The machines that the process holds.

use std::{
    collections::BTreeMap,
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use hardware::{Disk, Hardware, Network};
use mesos_server::Links;
use tokio::sync::Notify;

use crate::{
    Endpoint,
    host::{Host, Wish},
    layout::{Layout, MachineLayout},
    record::Record,
    spec::{MachineSpec, Trouble, is_label},
    wire::{NetworkChange, Standing},
};

/// The machines of the cluster.
pub(super) struct Fleet {
    layout: Layout,
    links: Arc<Links>,
    network: Network,
    /// By machine; each outlives its machine's being off.
    disks: Mutex<BTreeMap<String, Disk>>,
    state: Mutex<State>,
    emptied: Notify,
    /// One gate a machine: it is started, halted and removed one at a time.
    gates: Mutex<BTreeMap<String, Arc<tokio::sync::Mutex<()>>>>,
}

#[derive(Default)]
struct State {
    running: BTreeMap<String, Arc<Host>>,
    /// Machines that are being started: the process must not end meanwhile.
    starting: usize,
    /// A machine has been started in this process.
    used: bool,
    /// The process is about to end: nothing is started any more.
    closing: bool,
}

/// Why a machine was not started.
pub(super) enum NotUp {
    /// The process is about to end.
    Closing,
    /// Its name or address cannot be.
    Unsound,
    /// The system's own error.
    Failed(io::Error),
}

impl Fleet {
    /// None of the cluster's machines runs.
    pub fn new(layout: Layout) -> Self {
        Self {
            layout,
            links: Arc::new(Links::new()),
            network: Network::new(),
            disks: Mutex::default(),
            state: Mutex::default(),
            emptied: Notify::new(),
            gates: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn machine(&self, node: &str) -> MachineLayout {
        MachineLayout::new(self.layout.machine(node))
    }

    fn gate(&self, node: &str) -> Arc<tokio::sync::Mutex<()>> {
        self.gates.lock().unwrap_or_else(PoisonError::into_inner).entry(node.to_owned()).or_default().clone()
    }

    /// What an earlier process left running has lost its power: it is off.
    pub fn forget_running(&self) {
        for record in Record::read_all(&self.layout).into_iter().filter(|record| record.running) {
            let machine = self.machine(&record.machine.name);
            if let Err(error) = (Record { running: false, ..record }).write(&machine) {
                tracing::warn!(%error, "a machine's record was not written");
            }
        }
    }

    /// Every machine that exists: its name, and where it stands.
    pub fn states(&self) -> Vec<(String, Standing)> {
        let all = Record::read_all(&self.layout);
        let state = self.state();
        let standing = |node: &str| match state.running.get(node) {
            None => Standing::Halted,
            Some(host) if host.processor.is_paused() => Standing::Paused,
            Some(_) => Standing::Running,
        };
        all.into_iter().map(|r| (r.machine.name.clone(), standing(&r.machine.name))).collect()
    }

    /// Does something to a machine that runs, from outside; false if it does not run.
    pub async fn trouble(&self, node: &str, trouble: Trouble) -> bool {
        let Some(host) = self.running(node) else { return false };
        match trouble {
            Trouble::Pause => host.processor.pause(),
            Trouble::Resume => host.processor.resume(),
            Trouble::Slow { percent } => host.processor.slow(percent),
            Trouble::FillDisk => host.hardware.disk.fill(),
            Trouble::FreeDisk => host.hardware.disk.free(),
            Trouble::PowerCut => self.cut_power(&host).await,
        }
        true
    }

    /// Does something to the network between the machines.
    pub fn change_network(&self, change: &NetworkChange) {
        match change {
            NetworkChange::Split { these, those } => self.network.split(these, those),
            NetworkChange::Delay { machine, ms } => self.network.delay(*machine, Duration::from_millis((*ms).into())),
            NetworkChange::Heal => self.network.heal(),
        }
    }

    /// What a machine is made of.
    fn hardware(&self, node: &str) -> Hardware {
        let mut disks = self.disks.lock().unwrap_or_else(PoisonError::into_inner);
        Hardware { network: self.network.clone(), disk: disks.entry(node.to_owned()).or_default().clone() }
    }

    async fn cut_power(&self, host: &Arc<Host>) {
        let node = &host.machine.name;
        let gate = self.gate(node);
        let _one = gate.lock().await;
        host.cut_power().await;
        if let Err(error) = self.switched_off(node) {
            tracing::warn!(%error, "a machine's record was not written");
        }
        self.close_if_empty();
    }

    /// What listens where.
    pub fn endpoints(&self) -> Vec<Endpoint> {
        self.state().running.values().flat_map(|host| host.endpoints()).collect()
    }

    /// A machine that runs.
    pub fn running(&self, node: &str) -> Option<Arc<Host>> {
        self.state().running.get(node).cloned()
    }

    /// No machine was started yet.
    pub fn is_fresh(&self) -> bool {
        let state = self.state();
        !state.used && state.starting == 0
    }

    /// Waits until the last machine is off.
    pub async fn emptied(&self) {
        self.emptied.notified().await;
    }

    /// Makes a machine if it is missing and starts it if it is off.
    pub async fn up(self: &Arc<Self>, machine: MachineSpec) -> Result<(), NotUp> {
        if !machine.is_sound() {
            return Err(NotUp::Unsound);
        }
        {
            let mut state = self.state();
            if state.closing {
                return Err(NotUp::Closing);
            }
            state.starting += 1;
        }
        let gate = self.gate(&machine.name);
        let _one = gate.lock().await;
        let started = match self.running(&machine.name) {
            Some(host) => {
                host.processor.resume();
                Ok(None)
            }
            None => self.boot(machine).await.map(Some),
        };
        let told_to_end = {
            let mut state = self.state();
            state.starting -= 1;
            if let Ok(Some(host)) = &started {
                self.attend(host);
                state.used = true;
                state.running.insert(host.machine.name.clone(), host.clone());
            }
            state.closing
        };
        let host = started.map_err(NotUp::Failed)?;
        if let (true, Some(host)) = (told_to_end, host) {
            self.shut_down(&host.machine.name).await.map_err(NotUp::Failed)?;
            self.close_if_empty();
            return Err(NotUp::Closing);
        }
        Ok(())
    }

    async fn boot(self: &Arc<Self>, machine: MachineSpec) -> io::Result<Arc<Host>> {
        let (layout, links) = (self.machine(&machine.name), self.links.clone());
        let hardware = self.hardware(&machine.name);
        let boot = move || {
            fs_err::create_dir_all(layout.folder())?;
            let known = Record::read(&layout).is_some();
            let host = Host::boot(&layout, machine.clone(), known, (hardware, links))?;
            Record { machine, running: true }.write(&layout)?;
            Ok(host)
        };
        tokio::task::spawn_blocking(boot).await.map_err(io::Error::other)?
    }

    /// Does what is wanted on a machine of its own power.
    fn attend(self: &Arc<Self>, host: &Arc<Host>) {
        let (fleet, machine, mut wish) = (self.clone(), host.machine.clone(), host.wish.subscribe());
        tokio::spawn(async move {
            // A machine that goes off otherwise takes its wishes with it.
            let Ok(Some(wish)) = wish.wait_for(Option::is_some).await.map(|wish| *wish) else { return };
            fleet.state().starting += usize::from(wish == Wish::Reboot);
            let halted = fleet.halt(&machine.name).await;
            if let Err(error) = &halted {
                tracing::warn!(%error, node = machine.name, "a machine was not shut down well");
            }
            if wish == Wish::Reboot {
                let node = machine.name.clone();
                if fleet.up(machine).await.is_err() {
                    tracing::warn!(node, "a machine did not come back from its reboot");
                }
                fleet.state().starting -= 1;
                fleet.close_if_empty();
            }
        });
    }

    /// Shuts a machine down; nothing if it is off.
    pub async fn halt(&self, node: &str) -> io::Result<()> {
        let gate = self.gate(node);
        let _one = gate.lock().await;
        self.shut_down(node).await?;
        self.close_if_empty();
        Ok(())
    }

    async fn shut_down(&self, node: &str) -> io::Result<()> {
        let Some(host) = self.running(node) else { return Ok(()) };
        host.halt().await;
        self.switched_off(node)
    }

    /// Notes that a machine that ran is off.
    fn switched_off(&self, node: &str) -> io::Result<()> {
        self.state().running.remove(node);
        let machine = self.machine(node);
        match Record::read(&machine) {
            Some(record) => Record { running: false, ..record }.write(&machine),
            None => Ok(()),
        }
    }

    /// Removes a machine and all its data; nothing if it is missing.
    pub async fn destroy(&self, node: &str) -> io::Result<()> {
        if !is_label(node) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "no machine can have this name"));
        }
        let gate = self.gate(node);
        let _one = gate.lock().await;
        let stopped = self.shut_down(node).await;
        let machine = self.machine(node);
        self.disks.lock().unwrap_or_else(PoisonError::into_inner).remove(node);
        // The record first: what is cut off here is no machine any more, and a new one is made from nothing.
        let removed = remove(fs_err::remove_file(machine.record()))
            .and_then(|()| remove(fs_err::remove_dir_all(machine.folder())));
        self.close_if_empty();
        stopped.and(removed)
    }

    /// Shuts all machines down, side by side, and starts none any more.
    pub async fn halt_all(&self) {
        self.state().closing = true;
        let nodes: Vec<String> = self.state().running.keys().cloned().collect();
        let halts = nodes.iter().map(|node| async move {
            if let Err(error) = self.halt(node).await {
                tracing::warn!(%error, node, "a machine was not shut down well");
            }
        });
        futures::future::join_all(halts).await;
        self.close_if_empty();
    }

    fn close_if_empty(&self) {
        let mut state = self.state();
        if state.running.is_empty() && state.starting == 0 && (state.used || state.closing) {
            state.closing = true;
            self.emptied.notify_one();
        }
    }
}

/// What is not there is removed.
fn remove(done: io::Result<()>) -> io::Result<()> {
    match done {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}
