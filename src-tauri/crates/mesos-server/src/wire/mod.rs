//! The messages of Mesos's v1 API as this crate needs them, in the JSON form of their protobufs: the same names, the order
//! in which the .proto files declare them, absent where unset. Fields that nobody here uses are not read.

pub mod agent;
pub mod call;
pub mod event;
pub mod framework;
pub mod maintenance;
pub mod recordio;
pub mod schema;
pub mod status;
pub mod task;

use std::{borrow::Borrow, fmt, sync::Arc, time::SystemTime};

use serde::{Deserialize, Deserializer, Serialize, Serializer, ser::SerializeStruct};

pub use agent::{AgentInfo, Attribute, MasterInfo};
pub use framework::FrameworkInfo;
pub use status::{ContainerStatus, TaskState, TaskStatus, Uuid};
pub use task::{CommandInfo, HealthCheck, Labels, TaskInfo};

/// The version that all of this is.
pub const VERSION: &str = "1.11.0";

/// An id: `{"value":"…"}`. Cheap to copy.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(Arc<str>);

impl Id {
    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<T: Into<Arc<str>>> From<T> for Id {
    fn from(text: T) -> Self {
        Self(text.into())
    }
}

impl Borrow<str> for Id {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut id = serializer.serialize_struct("Id", 1)?;
        id.serialize_field("value", &*self.0)?;
        id.end()
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Wire {
            value: String,
        }
        Wire::deserialize(deserializer).map(|wire| Self(wire.value.into()))
    }
}

/// A time on the wire of the v1 API.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Nanoseconds {
    /// Since 1970, or for a duration, of it.
    pub nanoseconds: i64,
}

impl Nanoseconds {
    /// From seconds since 1970.
    pub fn at(seconds: f64) -> Self {
        Self { nanoseconds: (seconds * 1e9) as i64 }
    }
}

/// Seconds since 1970, now.
pub fn now() -> f64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
}
