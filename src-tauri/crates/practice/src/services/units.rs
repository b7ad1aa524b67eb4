//! The units of one machine: start, stop, and where each stands.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};

use super::{
    keeper::{Keeper, Order, keep},
    kind::Kind,
    launch::launch,
    log::UnitLog,
    service::{Exited, Port},
    unit_file::{UnitFile, is_enabled},
};
use crate::{Endpoint, host::Host, host::processes::Process};

/// Where a unit stands, as `systemctl` says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// It was not started, or was stopped.
    Inactive,
    /// Its program runs.
    Active,
    /// Its program ended and is about to be started again.
    Restarting,
    /// Its program ended badly.
    Failed {
        /// systemd's word for how: `exit-code` or `signal`.
        result: &'static str,
        /// The exit code or the signal: `1/FAILURE`, `9/KILL`.
        status: String,
    },
}

/// What is seen of a unit.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// Where it stands.
    pub phase: Phase,
    /// Since when.
    pub since: SystemTime,
    /// Its program's number, while that runs.
    pub pid: Option<u32>,
    ports: Vec<Port>,
}

/// One unit.
pub(super) struct Cell {
    pub kind: Kind,
    /// Held while the unit is started or stopped, so that this happens one at a time.
    keeper: tokio::sync::Mutex<Option<Keeper>>,
    /// A second way to the keeper, for `kill`, which does not wait.
    orders: Mutex<Option<tokio::sync::mpsc::UnboundedSender<Order>>>,
    seen: Mutex<Seen>,
}

/// The units of a machine.
pub(crate) struct Units {
    cells: BTreeMap<Kind, Arc<Cell>>,
}

/// A job of systemd's that failed; the journal has the reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct JobFailed;

impl Cell {
    fn new(kind: Kind) -> Self {
        let seen = Seen { phase: Phase::Inactive, since: SystemTime::now(), pid: None, ports: Vec::new() };
        Self { kind, keeper: tokio::sync::Mutex::new(None), orders: Mutex::new(None), seen: Mutex::new(seen) }
    }

    fn seen(&self) -> Seen {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn put(&self, seen: Seen) {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = seen;
    }

    /// Notes that the program no longer runs.
    pub fn set(&self, phase: Phase) {
        self.put(Seen { phase, since: SystemTime::now(), pid: None, ports: Vec::new() });
    }

    /// Notes that the program runs.
    pub fn started(&self, host: &Host, log: &UnitLog, pid: u32, ports: Vec<Port>) {
        log.systemd(&format!("Started {}.service - {}.", self.kind.unit(), description(host, self.kind)));
        self.put(Seen { phase: Phase::Active, since: SystemTime::now(), pid: Some(pid), ports });
    }

    /// Notes that the program ended with a code.
    pub fn failed(&self, log: &UnitLog, Exited(code): Exited) {
        let unit = self.kind.unit();
        let status = format!("{code}/{}", status_word(code));
        log.systemd(&format!("{unit}.service: Main process exited, code=exited, status={status}"));
        log.systemd(&format!("{unit}.service: Failed with result 'exit-code'."));
        self.set(Phase::Failed { result: "exit-code", status });
    }
}

/// systemd's word for an exit code.
fn status_word(code: i32) -> &'static str {
    match code {
        1 => "FAILURE",
        2 => "INVALIDARGUMENT",
        3 => "NOTIMPLEMENTED",
        203 => "EXEC",
        217 => "USER",
        _ => "n/a",
    }
}

fn description(host: &Host, kind: Kind) -> String {
    UnitFile::find(host, kind).map_or_else(|| kind.description().to_owned(), |file| file.description)
}

impl Units {
    /// None is running.
    pub fn new() -> Self {
        Self { cells: Kind::ALL.into_iter().map(|kind| (kind, Arc::new(Cell::new(kind)))).collect() }
    }

    fn cell(&self, kind: Kind) -> Arc<Cell> {
        // Every kind has its cell from the start.
        self.cells.get(&kind).cloned().unwrap_or_else(|| Arc::new(Cell::new(kind)))
    }

    /// Where a unit stands.
    pub fn seen(&self, kind: Kind) -> Seen {
        self.cell(kind).seen()
    }

    /// How many programs run.
    pub fn running(&self) -> usize {
        self.cells.values().filter(|cell| cell.seen().pid.is_some()).count()
    }

    /// The programs that run.
    pub fn processes(&self) -> Vec<Process> {
        let process = |cell: &Arc<Cell>| {
            let pid = cell.seen().pid?;
            let (_, command) = cell.kind.program();
            Some(Process { pid, user: cell.kind.user().to_owned(), command: command.to_owned() })
        };
        self.cells.values().filter_map(process).collect()
    }

    /// What listens where.
    pub fn endpoints(&self, node: &str) -> Vec<Endpoint> {
        let of = |cell: &Arc<Cell>| {
            let unit = cell.kind.unit();
            let endpoint = move |(purpose, address): Port| Endpoint {
                node: node.to_owned(),
                unit: unit.to_owned(),
                purpose: purpose.to_owned(),
                address: address.to_string(),
            };
            cell.seen().ports.into_iter().map(endpoint).collect::<Vec<_>>()
        };
        self.cells.values().flat_map(of).collect()
    }

    /// Sends a signal to the program with that number, if it is a unit's.
    pub fn signal(&self, pid: u32, signal: i32) {
        let Some(cell) = self.cells.values().find(|cell| cell.seen().pid == Some(pid)) else { return };
        let orders = cell.orders.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(orders) = &*orders {
            // A keeper that has ended has no program to signal.
            let _ = orders.send(Order::Signal(signal));
        }
    }
}

impl Host {
    /// `systemctl start`: returns when the program serves, or has failed to. The job goes on if nobody waits for it.
    pub async fn start_unit(self: &Arc<Self>, kind: Kind) -> Result<(), JobFailed> {
        let host = self.clone();
        self.processor.spawn(async move { host.start_job(kind).await }).await.unwrap_or(Err(JobFailed))
    }

    /// `systemctl stop`: returns when the program has ended. The job goes on if nobody waits for it.
    pub async fn stop_unit(self: &Arc<Self>, kind: Kind) {
        let host = self.clone();
        // A job that panicked has said so itself.
        let _ = self.processor.spawn(async move { host.stop_job(kind).await }).await;
    }

    async fn start_job(self: &Arc<Self>, kind: Kind) -> Result<(), JobFailed> {
        let cell = self.units.cell(kind);
        let mut keeper = cell.keeper.lock().await;
        if cell.seen().phase == Phase::Active {
            return Ok(());
        }
        end(&cell, keeper.take()).await;
        let pid = self.pids.next();
        let log = UnitLog::open(self, kind, pid);
        match launch(self, kind, &log).await {
            Ok(service) => {
                cell.started(self, &log, pid, service.ports());
                let new = keep(self.clone(), cell.clone(), service, log);
                *cell.orders.lock().unwrap_or_else(PoisonError::into_inner) = Some(new.orders.clone());
                *keeper = Some(new);
                Ok(())
            }
            Err(exited) => {
                cell.failed(&log, exited);
                log.systemd(&format!("Failed to start {}.service - {}.", kind.unit(), description(self, kind)));
                Err(JobFailed)
            }
        }
    }

    async fn stop_job(self: &Arc<Self>, kind: Kind) {
        let cell = self.units.cell(kind);
        let mut keeper = cell.keeper.lock().await;
        let was_active = cell.seen().phase == Phase::Active;
        let say = |what: &str| self.journal.note(Some(kind.unit()), "systemd", 1, what);
        let name = format!("{}.service", kind.unit());
        if was_active {
            say(&format!("Stopping {name} - {}...", description(self, kind)));
        }
        end(&cell, keeper.take()).await;
        if was_active {
            say(&format!("{name}: Deactivated successfully."));
            say(&format!("Stopped {name} - {}.", description(self, kind)));
        }
    }

    /// Starts what is enabled, as a boot does, each on its own.
    pub(crate) fn start_enabled_units(self: &Arc<Self>) {
        for kind in Kind::ALL.into_iter().filter(|kind| is_enabled(self, *kind)) {
            let host = self.clone();
            self.processor.spawn(async move {
                // What fails is in the journal, as after a real boot.
                let _ = host.start_unit(kind).await;
            });
        }
    }

    /// Stops all, side by side, those that others stand on last.
    pub(crate) async fn stop_all_units(self: &Arc<Self>) {
        let (last, first): (Vec<Kind>, Vec<Kind>) = Kind::ALL.into_iter().partition(|kind| *kind == Kind::ZooKeeper);
        for kinds in [first, last] {
            futures::future::join_all(kinds.into_iter().map(|kind| self.stop_unit(kind))).await;
        }
    }
}

/// Ends a keeper with its program.
async fn end(cell: &Cell, keeper: Option<Keeper>) {
    if let Some(keeper) = keeper {
        // One that has ended by itself needs no order.
        let _ = keeper.orders.send(Order::Stop);
        let _ = keeper.task.await;
    }
    *cell.orders.lock().unwrap_or_else(PoisonError::into_inner) = None;
    cell.set(Phase::Inactive);
}
