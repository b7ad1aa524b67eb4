//! What keeps one unit running: it owns the server, waits for its end or for orders, and starts it again if the unit's
//! file wants that.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{sync::mpsc, task::JoinHandle, time::sleep};

use super::{
    launch::launch,
    log::UnitLog,
    service::{Exited, Service},
    unit_file::{Restart, UnitFile},
    units::{Cell, Phase},
};
use crate::host::Host;

/// How long systemd waits before it starts a program again, in our units' files and here.
const RESTART: Duration = Duration::from_secs(1);
/// As systemd: so many starts in so much time are too many.
const START_LIMIT: usize = 5;
const START_LIMIT_INTERVAL: Duration = Duration::from_secs(10);
/// How long a server may take to end in an orderly way.
const STOP: Duration = Duration::from_secs(10);

/// What a keeper is told.
pub(super) enum Order {
    /// `systemctl stop`, or the machine is shut down.
    Stop,
    /// `kill`: the number of the signal.
    Signal(i32),
}

/// The handle of a keeper.
pub(super) struct Keeper {
    pub orders: mpsc::UnboundedSender<Order>,
    pub task: JoinHandle<()>,
}

/// How a run of the server ended.
enum Ending {
    Stopped,
    ByItself,
    Signal(i32),
}

/// One unit's life from a successful start to its stop.
struct Life {
    host: Arc<Host>,
    cell: Arc<Cell>,
    orders: mpsc::UnboundedReceiver<Order>,
    starts: Vec<Instant>,
    restarts: u32,
}

/// Takes over a server that has just been started.
pub(super) fn keep(host: Arc<Host>, cell: Arc<Cell>, service: Box<dyn Service>, log: UnitLog) -> Keeper {
    let (sender, orders) = mpsc::unbounded_channel();
    let life = Life { host, cell, orders, starts: vec![Instant::now()], restarts: 0 };
    Keeper { orders: sender, task: tokio::spawn(life.live(service, log)) }
}

impl Life {
    async fn live(mut self, mut service: Box<dyn Service>, mut log: UnitLog) {
        loop {
            let ending = self.watch(service).await;
            let Some(restart) = self.after(&ending, &log) else { return };
            let mut next = restart;
            service = loop {
                if !next || !self.pause(&log).await {
                    return;
                }
                match self.again().await {
                    (Ok(service), new_log) => {
                        log = new_log;
                        break service;
                    }
                    (Err(exited), new_log) => {
                        log = new_log;
                        self.cell.failed(&log, exited);
                        next = true;
                    }
                }
            };
        }
    }

    /// Waits until the server ends, by itself or by an order.
    async fn watch(&mut self, service: Box<dyn Service>) -> Ending {
        let order = tokio::select! {
            () = service.ended() => return Ending::ByItself,
            order = self.orders.recv() => order,
        };
        match order {
            // Nobody holds the other end any more: the machine is gone.
            None | Some(Order::Signal(9)) => {
                service.kill().await;
                Ending::Signal(9)
            }
            Some(Order::Stop) => {
                let _ = tokio::time::timeout(STOP, service.stop()).await;
                Ending::Stopped
            }
            Some(Order::Signal(signal)) => {
                let _ = tokio::time::timeout(STOP, service.stop()).await;
                Ending::Signal(signal)
            }
        }
    }

    /// Notes the end; tells whether the server is to be started again, or `None` if it was stopped.
    fn after(&self, ending: &Ending, log: &UnitLog) -> Option<bool> {
        let unit = self.cell.kind.unit();
        let restart = UnitFile::find(&self.host, self.cell.kind).map_or(Restart::No, |file| file.restart);
        match ending {
            Ending::Stopped => {
                self.cell.set(Phase::Inactive);
                None
            }
            Ending::ByItself => {
                self.cell.failed(log, Exited(1));
                Some(restart != Restart::No)
            }
            Ending::Signal(9) => {
                log.systemd(&format!("{unit}.service: Main process exited, code=killed, status=9/KILL"));
                log.systemd(&format!("{unit}.service: Failed with result 'signal'."));
                self.cell.set(Phase::Failed { result: "signal", status: "9/KILL".into() });
                Some(restart != Restart::No)
            }
            Ending::Signal(_) => {
                // An orderly end on somebody's wish is a success.
                log.systemd(&format!("{unit}.service: Deactivated successfully."));
                self.cell.set(Phase::Inactive);
                Some(restart == Restart::Always)
            }
        }
    }

    /// Waits before the next start; false if the unit was stopped meanwhile, or has started too often.
    async fn pause(&mut self, log: &UnitLog) -> bool {
        self.starts.retain(|at| at.elapsed() < START_LIMIT_INTERVAL);
        let unit = self.cell.kind.unit();
        if self.starts.len() >= START_LIMIT {
            log.systemd(&format!("{unit}.service: Start request repeated too quickly."));
            log.systemd(&format!("Failed to start {unit}.service."));
            return false;
        }
        self.cell.set(Phase::Restarting);
        tokio::select! {
            () = sleep(RESTART) => {}
            _ = self.orders.recv() => {
                self.cell.set(Phase::Inactive);
                return false;
            }
        }
        self.restarts += 1;
        self.starts.push(Instant::now());
        log.systemd(&format!("{unit}.service: Scheduled restart job, restart counter is at {}.", self.restarts));
        true
    }

    async fn again(&self) -> (Result<Box<dyn Service>, Exited>, UnitLog) {
        let pid = self.host.pids.next();
        let log = UnitLog::open(&self.host, self.cell.kind, pid);
        let started = launch(&self.host, self.cell.kind, &log).await;
        if let Ok(service) = &started {
            self.cell.started(&self.host, &log, pid, service.ports());
        }
        (started, log)
    }
}
