//! The path between agents and masters, and what else the processes of a cluster share without HTTP.
//!
//! The real Mesos speaks libprocess there: messages over TCP that nobody else sees. Here it is a pair of channels inside
//! the process. It breaks as a connection breaks when either end dies, and it can be cut as a network is cut: then messages
//! vanish and nobody is told.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    net::{Ipv4Addr, SocketAddrV4},
    sync::{Arc, Mutex},
};

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

/// A sending end. Messages sent while the two machines are cut off from each other vanish.
#[derive(Debug)]
pub struct Sender<T> {
    channel: mpsc::UnboundedSender<T>,
    links: Arc<Links>,
    ends: (Ipv4Addr, Ipv4Addr),
}

impl<T> Sender<T> {
    /// Sends. Whether it arrives nobody knows, as with a real network.
    pub fn send(&self, message: T) {
        if !self.links.is_cut(self.ends.0, self.ends.1) {
            // The other end may have died; its death is noticed by the receiving side.
            let _ = self.channel.send(message);
        }
    }
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

/// Who can reach whom inside this process, by `ip:port`. One for a whole practice cluster.
#[derive(Debug, Default)]
pub struct Links {
    masters: Mutex<HashMap<SocketAddrV4, mpsc::UnboundedSender<Accepted>>>,
    cut: Mutex<HashSet<(Ipv4Addr, Ipv4Addr)>>,
    registries: Mutex<BTreeMap<String, Arc<Registry>>>,
    parked: Mutex<HashMap<Ipv4Addr, Vec<Parked>>>,
}

impl Links {
    /// A network without anyone on it.
    pub fn new() -> Self {
        Self::default()
    }

    /// Cuts two machines off from each other: what either sends the other vanishes, until [`Self::heal`].
    pub fn cut(&self, a: Ipv4Addr, b: Ipv4Addr) {
        lock(&self.cut).insert(ordered(a, b));
    }

    /// Undoes [`Self::cut`].
    pub fn heal(&self, a: Ipv4Addr, b: Ipv4Addr) {
        lock(&self.cut).remove(&ordered(a, b));
    }

    pub(crate) fn is_cut(&self, a: Ipv4Addr, b: Ipv4Addr) -> bool {
        lock(&self.cut).contains(&ordered(a, b))
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
    pub(crate) fn connect(self: &Arc<Self>, from: Ipv4Addr, to: SocketAddrV4) -> Option<Connected> {
        if self.is_cut(from, *to.ip()) {
            return None;
        }
        let ends = (from, *to.ip());
        let (to_agent, from_master) = mpsc::unbounded_channel();
        let (to_master, from_agent) = mpsc::unbounded_channel();
        let accepted = Accepted { tx: Sender { channel: to_agent, links: Arc::clone(self), ends }, rx: from_agent };
        lock(&self.masters).get(&to)?.send(accepted).ok()?;
        Some(Connected { tx: Sender { channel: to_master, links: Arc::clone(self), ends }, rx: from_master })
    }

    /// The replicated registry of the masters that contend under this name.
    pub(crate) fn registry(&self, name: &str) -> Arc<Registry> {
        Arc::clone(lock(&self.registries).entry(name.to_owned()).or_default())
    }
}

fn ordered(a: Ipv4Addr, b: Ipv4Addr) -> (Ipv4Addr, Ipv4Addr) {
    (a.min(b), a.max(b))
}
