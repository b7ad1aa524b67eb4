//! How a task is doing.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Id, Labels, Nanoseconds};

/// The states of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[allow(missing_docs, clippy::enum_variant_names)]
pub enum TaskState {
    TaskStaging,
    TaskStarting,
    TaskRunning,
    TaskKilling,
    TaskFinished,
    TaskKilled,
    TaskFailed,
    TaskLost,
    TaskError,
    TaskUnreachable,
    TaskDropped,
    TaskGone,
    TaskGoneByOperator,
    TaskUnknown,
}

impl TaskState {
    /// The ten that summaries count, in their order.
    pub const COUNTED: [Self; 10] = [
        Self::TaskStaging,
        Self::TaskStarting,
        Self::TaskRunning,
        Self::TaskKilling,
        Self::TaskFinished,
        Self::TaskKilled,
        Self::TaskFailed,
        Self::TaskLost,
        Self::TaskError,
        Self::TaskUnreachable,
    ];

    /// Its name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::TaskStaging => "TASK_STAGING",
            Self::TaskStarting => "TASK_STARTING",
            Self::TaskRunning => "TASK_RUNNING",
            Self::TaskKilling => "TASK_KILLING",
            Self::TaskFinished => "TASK_FINISHED",
            Self::TaskKilled => "TASK_KILLED",
            Self::TaskFailed => "TASK_FAILED",
            Self::TaskLost => "TASK_LOST",
            Self::TaskError => "TASK_ERROR",
            Self::TaskUnreachable => "TASK_UNREACHABLE",
            Self::TaskDropped => "TASK_DROPPED",
            Self::TaskGone => "TASK_GONE",
            Self::TaskGoneByOperator => "TASK_GONE_BY_OPERATOR",
            Self::TaskUnknown => "TASK_UNKNOWN",
        }
    }

    /// Whether nothing can follow it.
    pub fn is_terminal(self) -> bool {
        !matches!(
            self,
            Self::TaskStaging
                | Self::TaskStarting
                | Self::TaskRunning
                | Self::TaskKilling
                | Self::TaskUnreachable
                | Self::TaskUnknown
        )
    }
}

/// Names one status update; base64 of its 16 bytes on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Uuid(uuid::Uuid);

impl Uuid {
    /// A new one.
    pub fn random() -> Self {
        Self(uuid::Uuid::new_v4())
    }

    /// Reads the wire's form.
    pub fn parse(base64: &str) -> Option<Self> {
        let bytes = BASE64_STANDARD.decode(base64).ok()?;
        // Sixteen bytes that no generator makes are none.
        uuid::Uuid::from_slice(&bytes).ok().filter(|uuid| (1..=5).contains(&uuid.get_version_num())).map(Self)
    }
}

impl Serialize for Uuid {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64_STANDARD.encode(self.0.as_bytes()))
    }
}

impl<'de> Deserialize<'de> for Uuid {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("Not a valid UUID"))
    }
}

/// A status of a task, as an executor, an agent or a master sent it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TaskStatus {
    /// Whose.
    pub task_id: Id,
    /// The state.
    pub state: TaskState,
    /// In words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Who says so.
    pub source: Source,
    /// Why, as a constant's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<std::borrow::Cow<'static, str>>,
    /// Where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_id: Option<Id>,
    /// Under which executor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub executor_id: Option<Id>,
    /// When, in seconds since 1970.
    pub timestamp: f64,
    /// To be acknowledged with this, if at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uuid: Option<Uuid>,
    /// What the health check says, if there is one and it has spoken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub healthy: Option<bool>,
    /// What the check found last, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check_status: Option<Box<CheckStatus>>,
    /// Free labels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labels: Option<Labels>,
    /// Its container.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub container_status: Option<Box<ContainerStatus>>,
    /// Since when its agent is out of reach.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unreachable_time: Option<Nanoseconds>,
}

/// Who sent a status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[allow(missing_docs, clippy::enum_variant_names)]
pub enum Source {
    SourceMaster,
    #[serde(rename = "SOURCE_AGENT", alias = "SOURCE_SLAVE")]
    SourceAgent,
    SourceExecutor,
}

/// What a check found: of the three, the one that goes with its type; empty while nothing has been found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckStatus {
    /// `COMMAND`, `HTTP` or `TCP`.
    #[serde(rename = "type")]
    pub kind: String,
    /// How the command exited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<Exited>,
    /// How the task answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http: Option<Response>,
    /// Whether the task took the connection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tcp: Option<Connection>,
}

impl CheckStatus {
    /// While nothing has been found.
    pub fn empty(kind: &str) -> Self {
        Self {
            kind: kind.to_owned(),
            command: (kind == "COMMAND").then(Exited::default),
            http: (kind == "HTTP").then(Response::default),
            tcp: (kind == "TCP").then(Connection::default),
        }
    }
}

/// How a command exited.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exited {
    /// Its exit code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
}

/// How a task answered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Response {
    /// With which status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_code: Option<u16>,
}

/// Whether a task took a connection.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    /// It did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub succeeded: Option<bool>,
}

/// Where a task's container is on the network.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ContainerStatus {
    /// The container.
    pub container_id: Id,
    /// Its networks.
    pub network_infos: Vec<NetworkInfo>,
    /// The executor's process.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub executor_pid: Option<u32>,
}

/// A container on a network.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NetworkInfo {
    /// Its addresses there.
    pub ip_addresses: Vec<IpAddress>,
}

/// An address.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct IpAddress {
    /// `IPv4`.
    pub protocol: std::borrow::Cow<'static, str>,
    /// The address.
    pub ip_address: std::net::Ipv4Addr,
}

/// A status as the v0 endpoints show it.
#[derive(Serialize)]
pub struct StatusV0<'a> {
    state: TaskState,
    timestamp: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    labels: Option<&'a [super::task::Label]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    container_status: Option<ContainerV0<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    healthy: Option<bool>,
}

#[derive(Serialize)]
struct ContainerV0<'a> {
    container_id: &'a Id,
    network_infos: &'a [NetworkInfo],
}

impl<'a> From<&'a TaskStatus> for StatusV0<'a> {
    fn from(status: &'a TaskStatus) -> Self {
        let container = status.container_status.as_deref();
        Self {
            state: status.state,
            timestamp: status.timestamp,
            labels: status.labels.as_ref().map(|l| l.labels.as_slice()),
            container_status: container
                .map(|c| ContainerV0 { container_id: &c.container_id, network_infos: &c.network_infos }),
            healthy: status.healthy,
        }
    }
}
