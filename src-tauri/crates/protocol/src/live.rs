//! What the cluster itself says: machines, ensemble, masters and agents, applications.
//!
//! Each section is replaced whole by its change, and says as of when it is and what stood in the way of a newer one.

use serde::{Deserialize, Serialize};
use words::{Problem, Text};

use crate::flat;

/// All sections. A section is `None` until it was seen for the first time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Live {
    /// The machines.
    pub machines: Option<Section<Vec<Machine>>>,
    /// The ZooKeeper ensemble.
    pub ensemble: Option<Section<Ensemble>>,
    /// Masters and agents.
    pub mesos: Option<Section<MesosView>>,
    /// Scheduler and applications.
    pub applications: Option<Section<Applications>>,
}

/// A section with its age.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Section<T> {
    /// When `body` was true, milliseconds since 1970.
    pub as_of_ms: u64,
    /// Why it is not newer, if the last look failed. The body is then what was last seen.
    pub trouble: Option<Problem>,
    /// The section.
    pub body: T,
}

/// One section, whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "section", content = "now")]
pub enum LiveChange {
    /// The machines.
    Machines(Section<Vec<Machine>>),
    /// The ensemble.
    Ensemble(Section<Ensemble>),
    /// Masters and agents.
    Mesos(Section<MesosView>),
    /// Scheduler and applications.
    Applications(Section<Applications>),
    /// The cluster is gone: nothing is known of it any more.
    Gone,
}

impl Live {
    /// Replaces one section.
    pub fn apply(&mut self, change: LiveChange) {
        match change {
            LiveChange::Machines(now) => self.machines = Some(now),
            LiveChange::Ensemble(now) => self.ensemble = Some(now),
            LiveChange::Mesos(now) => self.mesos = Some(now),
            LiveChange::Applications(now) => self.applications = Some(now),
            LiveChange::Gone => *self = Self::default(),
        }
    }
}

/// A machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Machine {
    /// Its name in the plan.
    pub node: String,
    /// Its address.
    pub address: String,
    /// Where it stands.
    pub state: MachineState,
}

/// Where a machine stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MachineState {
    /// It does not exist.
    Missing,
    /// It runs.
    Running,
    /// It exists and is off.
    Halted,
    /// It exists and sleeps.
    Paused,
    /// Nothing could be learnt.
    Unknown,
}

/// The ZooKeeper ensemble.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ensemble {
    /// How many servers must answer for writes to be served.
    pub majority: usize,
    /// The servers, in the order of the plan.
    pub servers: Vec<ZooKeeperServer>,
}

impl Ensemble {
    /// How many servers serve.
    pub fn serving(&self) -> usize {
        self.servers.iter().filter(|s| s.mode.serves()).count()
    }

    /// The leader, or the only server there is.
    pub fn leader(&self) -> Option<&ZooKeeperServer> {
        self.servers.iter().find(|s| matches!(s.mode, ZooKeeperMode::Leader | ZooKeeperMode::Standalone))
    }
}

/// A server of the ensemble.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ZooKeeperServer {
    /// Its machine.
    pub node: String,
    /// Its number.
    pub myid: u16,
    /// Where clients connect, `host:port`.
    pub address: String,
    /// What it does.
    pub mode: ZooKeeperMode,
    /// Average latency of requests, ms.
    pub latency_ms: Option<f64>,
    /// Open connections.
    pub connections: Option<u64>,
    /// Znodes that it holds.
    pub znodes: Option<u64>,
    /// The last transaction, `0x100000004`.
    pub zxid: Option<String>,
    /// Its version, `3.8.0`.
    pub version: Option<String>,
}

/// What a ZooKeeper server does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ZooKeeperMode {
    /// It leads.
    Leader,
    /// It follows.
    Follower,
    /// It is alone, as planned.
    Standalone,
    /// It runs, and looks for a leader: it serves nobody.
    Looking,
    /// It does not answer.
    Down,
}

impl ZooKeeperMode {
    /// It serves clients.
    pub fn serves(self) -> bool {
        matches!(self, Self::Leader | Self::Follower | Self::Standalone)
    }
}

/// Masters and agents.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MesosView {
    /// The masters, in the order of the plan.
    pub masters: Vec<Master>,
    /// The agents: those of the plan in its order, then any others that registered.
    pub agents: Vec<Agent>,
}

impl MesosView {
    /// The master that leads.
    pub fn leader(&self) -> Option<&Master> {
        self.masters.iter().find(|m| m.leading)
    }
}

/// A master.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Master {
    /// Its machine.
    pub node: String,
    /// `host:port`.
    pub address: String,
    /// It answers.
    pub reachable: bool,
    /// It leads.
    pub leading: bool,
}

/// An agent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Agent {
    /// Its machine, or its host name if it is none of the plan's.
    pub node: String,
    /// Mesos's id of it; none if it never registered.
    pub id: Option<String>,
    /// Where it stands.
    pub state: AgentState,
    /// Processors.
    pub cpus: Share,
    /// Memory, MiB.
    pub mem_mb: Share,
    /// Disk, MiB.
    pub disk_mb: Share,
    /// Its attributes, by name.
    pub attributes: Vec<(String, String)>,
    /// What runs on it, in a stable order.
    pub tasks: Vec<Task>,
}

/// Where an agent stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AgentState {
    /// It is in the plan and has not registered.
    Absent,
    /// It is registered and gets offers out.
    Active,
    /// It is known from before a change of leader and has not come back yet.
    Recovering,
    /// It does not answer the master, or was deactivated.
    Inactive,
    /// The master has given it up.
    Unreachable,
}

/// How much of something is in use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Share {
    /// In use.
    pub used: f64,
    /// There is.
    pub total: f64,
}

/// A task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// Mesos's id of it.
    pub id: String,
    /// The application it belongs to (`/shop/web`), or its name for other frameworks' tasks.
    pub application: String,
    /// Mesos's state of it, such as `TASK_RUNNING`.
    pub state: String,
    /// What its health check says, if it has one.
    pub healthy: Option<bool>,
}

/// Scheduler and applications.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Applications {
    /// The machines whose scheduler answers.
    pub answering: Vec<String>,
    /// The machine whose scheduler leads.
    pub leader: Option<String>,
    /// The applications, by id.
    pub applications: Vec<Application>,
}

/// An application.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Application {
    /// Its id, such as `/shop/web`.
    pub id: String,
    /// Instances that are wanted.
    pub instances: u32,
    /// Instances that run.
    pub running: u32,
    /// Instances that are being started.
    pub staged: u32,
    /// Instances whose health checks pass. Equal to `running` in the picture's spirit only if `checked`.
    pub healthy: u32,
    /// Instances whose health checks fail.
    pub unhealthy: u32,
    /// It has health checks.
    pub checked: bool,
    /// Processors that an instance asks for.
    pub cpus: f64,
    /// Memory that an instance asks for, MiB.
    pub mem_mb: f64,
    /// Where it stands.
    pub state: ApplicationState,
    /// Where instances can be reached, `host:port`, if they have ports.
    pub addresses: Vec<String>,
    /// How the last instance that failed ended, if one did since the application was changed.
    pub last_failure: Option<LastFailure>,
}

/// How an instance ended that should have gone on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastFailure {
    /// The machine that it ran on; the host's name if that is none of the plan's.
    pub node: String,
    /// Why, in Mesos's or the command's words: `Command exited with status 1`.
    pub message: String,
}

/// Where an application stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "is", from = "flat::ApplicationState")]
pub enum ApplicationState {
    /// What is wanted runs.
    Stable,
    /// It is stopped: no instances are wanted.
    Suspended,
    /// A deployment is under way.
    Deploying,
    /// It waits, for this reason.
    Waiting {
        /// Why no offer fits, or how long it backs off.
        reason: Text,
    },
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feed {
    /// Milliseconds since 1970.
    pub at_ms: u64,
    /// How it is meant.
    pub tone: Tone,
    /// In a few words.
    pub title: Text,
    /// More of it; may be empty.
    pub detail: Text,
}

/// How something is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tone {
    /// News.
    Info,
    /// Good news.
    Good,
    /// Something moves.
    Move,
    /// Look at this.
    Warn,
    /// Something broke.
    Bad,
}

/// Where a service is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    /// Its machine.
    pub node: String,
    /// What it is.
    pub service: Service,
    /// `host:port`.
    pub address: String,
    /// The URL of its API, if it speaks HTTP.
    pub url: Option<String>,
}

/// What runs at an [`Endpoint`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Service {
    /// A ZooKeeper server's client port.
    #[serde(rename = "zookeeper")]
    ZooKeeper,
    /// A Mesos master.
    Master,
    /// A Mesos agent.
    Agent,
    /// The scheduler's API.
    Scheduler,
}
