//! Messages of Mesos's v1 HTTP APIs, in JSON. Source: Mesos 1.11's protobufs under `include/mesos/v1`.
//!
//! Only what Startline uses is typed; other fields are ignored when read. Names that this program does not know
//! (a newer task state, say) are read as `Unknown`, never an error.

pub mod cluster;
mod framework;
mod ids;
mod offer;
pub mod operator;
mod resource;
pub mod scheduler;
mod task;

pub use framework::{Capability, FrameworkInfo};
pub use ids::{AgentId, ExecutorId, FrameworkId, OfferId, TaskId};
pub use offer::{Attribute, Offer};
pub use resource::{AllocationInfo, Range, Ranges, Resource, Scalar, Set};
pub use task::{
    CheckCommand, CheckInfo, CheckPort, CheckStatus, CommandFound, CommandInfo, ContainerStatus, DurationInfo,
    Environment, HealthCheck, HealthCheckType, HttpFound, HttpHealth, IpAddress, KillPolicy, Label, Labels,
    NetworkInfo, TaskInfo, TaskState, TaskStatus, TcpFound, TcpHealth, Uri, Variable,
};
