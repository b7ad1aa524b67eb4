//! The messages of the v1 executor API (`/api/v1/executor` of an agent), in JSON. Source: Mesos 1.11's
//! `include/mesos/v1/executor/executor.proto`.

mod call;
mod event;
mod task;

pub use call::{Call, Identity, Uuid};
pub use event::{Event, Subscribed};
pub use task::{Check, Health, Probe, Schedule, Scheme, Task};
