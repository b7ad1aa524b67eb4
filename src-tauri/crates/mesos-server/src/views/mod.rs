//! What masters and agents show in the same form.

mod build;
pub mod metrics;
mod resources;
mod task;

pub use build::{Build, BuildV0, VersionInfo};
pub use resources::{OwnedByRole, OwnedList, OwnedSummary, ReservedFull, ReservedSummary};
pub use task::{TaskV0, TaskV1};

use serde::{Serialize, Serializer, ser::SerializeMap};

use crate::wire::recordio::{self, Union};

/// A list that is written as it is walked.
pub struct Seq<F>(pub F);

impl<F, I, T> Serialize for Seq<F>
where
    F: Fn() -> I,
    I: Iterator<Item = T>,
    T: Serialize,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((self.0)())
    }
}

/// A message with one field.
pub struct One<T> {
    /// The field's name.
    pub name: &'static str,
    /// Its value.
    pub of: T,
}

impl<T: Serialize> Serialize for One<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry(self.name, &self.of)?;
        map.end()
    }
}

/// The answer to a GET_* call.
pub fn answer<T: Serialize>(kind: &str, content: &T) -> Vec<u8> {
    recordio::json(&Union(kind, &kind.to_ascii_lowercase(), content))
}

/// The same, written where it is wanted.
pub fn answer_into<T: Serialize>(out: impl std::io::Write, kind: &str, content: &T) -> std::io::Result<()> {
    recordio::json_into(out, &Union(kind, &kind.to_ascii_lowercase(), content))
}

/// Flags as the v1 API lists them.
pub fn flag_list<'a>(shown: &'a std::collections::BTreeMap<&'static str, String>) -> Vec<Flag<'a>> {
    shown.iter().map(|(name, value)| Flag { name, value }).collect()
}

/// A flag.
#[derive(Serialize)]
pub struct Flag<'a> {
    name: &'a str,
    value: &'a str,
}
