//! The path between agents and masters, and what else the processes of a cluster share without HTTP.
//!
//! The real Mesos speaks libprocess there: messages over TCP that nobody else sees. Here it is a pair of channels inside
//! the process. It breaks as a connection breaks when either end dies, and it obeys the practice cluster's network: while
//! two machines are cut off from each other messages wait, and nobody is told.

use std::{
    collections::{BTreeMap, HashMap},
    net::{Ipv4Addr, SocketAddrV4},
    sync::{Arc, Mutex},
};

use hardware::Network;
use tokio::sync::mpsc;

use crate::{
    held::{HeldTask, Parked},
    lock::lock,
    registry::Registry,
    resources::Resources,
    wire::{
        AgentInfo, FrameworkInfo, Id, Nanoseconds, TaskInfo, TaskStatus, Uuid, task::ExecutorInfo, task::KillPolicy,
    },
};

/// What an agent tells its master.
#[derive(Debug)]
pub enum ToMaster {
    /// It is here; with an id, it was here before.
    Register {
        /// The agent; an id in it makes this a re-registration.
        info: AgentInfo,
        /// What it has, with the reservations and volumes made on it.
        total: Resources,
        /// The frameworks whose tasks it has.
        frameworks: Vec<FrameworkInfo>,
        /// Those tasks.
        tasks: Vec<HeldTask>,
    },
    /// It is alive.
    Pong,
    /// A task's status, to be acknowledged if it has a uuid.
    Update {
        /// Whose task.
        framework: Id,
        /// The status.
        status: TaskStatus,
    },
    /// An executor's end.
    ExecutorEnded {
        /// Whose.
        framework: Id,
        /// Which.
        executor: Id,
        /// Its wait status.
        status: i32,
    },
}

/// What a master tells an agent.
#[derive(Debug)]
pub enum ToAgent {
    /// It belongs to this master now.
    Registered {
        /// Its id.
        id: Id,
        /// So long without a ping means that the master has given it up.
        silence: std::time::Duration,
    },
    /// The question whether it is alive; says whether the master counts it as connected.
    Ping {
        /// If not, the agent has to register again.
        connected: bool,
    },
    /// Tasks to run.
    Run {
        /// Whose.
        framework: Box<FrameworkInfo>,
        /// In which role.
        role: Arc<str>,
        /// Their executor, if that is not the command executor.
        executor: Option<Arc<ExecutorInfo>>,
        /// One, or the tasks of a group.
        tasks: Vec<TaskInfo>,
    },
    /// A task to kill.
    Kill {
        /// Whose.
        framework: Id,
        /// Which.
        task: Id,
        /// How, if not as the task itself says.
        policy: Option<KillPolicy>,
    },
    /// A status has arrived.
    Acknowledge {
        /// Whose task.
        framework: Id,
        /// Which task.
        task: Id,
        /// Which status.
        uuid: Uuid,
    },
    /// What its resources are from now on: to be remembered.
    Resources(Resources),
    /// Its tasks have to end, and new ones may not start.
    Drain {
        /// No task gets longer than this to end.
        max_grace: Option<Nanoseconds>,
        /// The agent will be gone for good: its tasks are to say so.
        mark_gone: bool,
    },
    /// Tasks may start again.
    Undrain,
    /// A framework has something to say to an executor.
    Message {
        /// Whose.
        framework: Id,
        /// Which.
        executor: Id,
    },
    /// An executor to end, with its tasks.
    ShutdownExecutor {
        /// Whose.
        framework: Id,
        /// Which.
        executor: Id,
    },
    /// A framework is gone: all of its tasks have to end.
    ShutdownFramework(Id),
    /// The agent has been removed and has to end.
    Shutdown(String),
}

/// A sending end.
#[derive(Debug)]
pub struct Sender<T>(mpsc::UnboundedSender<T>);

impl<T> Sender<T> {
    /// Sends. Whether it arrives nobody knows, as with a real network.
    pub fn send(&self, message: T) {
        // The other end may have died; its death is noticed by the receiving side.
        let _ = self.0.send(message);
    }
}

/// One direction of a connection between two machines. What is sent while they are cut off from each other arrives when
/// that is healed.
fn wire<T: Send + 'static>(
    network: &Network,
    one: Ipv4Addr,
    other: Ipv4Addr,
) -> (Sender<T>, mpsc::UnboundedReceiver<T>) {
    let (sender, mut sent) = mpsc::unbounded_channel();
    if !network.is_practice() {
        return (Sender(sender), sent);
    }
    let (arriving, receiver) = mpsc::unbounded_channel();
    let network = network.clone();
    tokio::spawn(async move {
        let mut packet = Vec::new();
        while sent.recv_many(&mut packet, PACKET).await > 0 {
            network.pass(one, other).await;
            if packet.drain(..).any(|message| arriving.send(message).is_err()) {
                return;
            }
        }
        // The end of a connection takes its time, too.
        network.pass(one, other).await;
    });
    (Sender(sender), receiver)
}

/// A connection as a master sees it.
#[derive(Debug)]
pub struct Accepted {
    /// To the agent.
    pub tx: Sender<ToAgent>,
    /// From the agent; ends when the agent dies.
    pub rx: mpsc::UnboundedReceiver<ToMaster>,
}

/// A connection as an agent sees it.
#[derive(Debug)]
pub struct Connected {
    /// To the master.
    pub tx: Sender<ToMaster>,
    /// From the master; ends when the master dies.
    pub rx: mpsc::UnboundedReceiver<ToAgent>,
}

/// The most messages that travel together.
const PACKET: usize = 64;

/// Who can reach whom inside this process, by `ip:port`. One for a whole practice cluster.
#[derive(Debug, Default)]
pub struct Links {
    masters: Mutex<HashMap<SocketAddrV4, mpsc::UnboundedSender<Accepted>>>,
    registries: Mutex<BTreeMap<String, Arc<Registry>>>,
    parked: Mutex<HashMap<Ipv4Addr, Vec<Parked>>>,
}

impl Links {
    /// A network without anyone on it.
    pub fn new() -> Self {
        Self::default()
    }

    /// A machine goes off: the tasks that outlived its agent end, too.
    pub fn power_off(&self, host: Ipv4Addr) {
        lock(&self.parked).remove(&host);
    }

    /// Keeps the tasks that outlive an agent.
    pub(crate) fn park(&self, host: Ipv4Addr, tasks: Vec<Parked>) {
        lock(&self.parked).insert(host, tasks);
    }

    /// Gives them to the next one.
    pub(crate) fn unpark(&self, host: Ipv4Addr) -> Vec<Parked> {
        lock(&self.parked).remove(&host).unwrap_or_default()
    }

    /// A master takes agents at this address until the receiver is dropped.
    pub(crate) fn listen(&self, address: SocketAddrV4) -> mpsc::UnboundedReceiver<Accepted> {
        let (tx, rx) = mpsc::unbounded_channel();
        lock(&self.masters).insert(address, tx);
        rx
    }

    /// Reaches a master from a machine; nobody there, or cut off, is none.
    pub(crate) fn connect(&self, network: &Network, from: Ipv4Addr, to: SocketAddrV4) -> Option<Connected> {
        if network.is_cut(from, *to.ip()) {
            return None;
        }
        let (to_agent, from_master) = wire(network, *to.ip(), from);
        let (to_master, from_agent) = wire(network, from, *to.ip());
        lock(&self.masters).get(&to)?.send(Accepted { tx: to_agent, rx: from_agent }).ok()?;
        Some(Connected { tx: to_master, rx: from_master })
    }

    /// The replicated registry of the masters that contend under this name.
    pub(crate) fn registry(&self, name: &str) -> Arc<Registry> {
        Arc::clone(lock(&self.registries).entry(name.to_owned()).or_default())
    }
}
