//! Resources that were worked out to be shown.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer, ser::SerializeMap};

use crate::resources::{ByRole, Format, Listed, Resources, Summary};

/// A summary of resources that were worked out for it.
pub struct OwnedSummary(pub Resources);

impl Serialize for OwnedSummary {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Summary(&self.0).serialize(serializer)
    }
}

/// Summaries of what is reserved, by role.
pub struct ReservedSummary<'a>(pub &'a Resources);

impl Serialize for ReservedSummary<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.reserved().into_iter().map(|(role, resources)| (role, OwnedSummary(resources))))
    }
}

/// Lists of what is reserved, by role.
pub struct ReservedFull<'a>(pub &'a Resources);

impl Serialize for ReservedFull<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (role, resources) in self.0.reserved() {
            map.serialize_entry(role, &Listed(&resources, Format::ENDPOINT))?;
        }
        map.end()
    }
}

/// A list of resources that were worked out for it.
pub struct OwnedList(pub Resources);

impl Serialize for OwnedList {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Listed(&self.0, Format::ENDPOINT).serialize(serializer)
    }
}

/// A list of resources by role that were worked out for it.
pub struct OwnedByRole(pub BTreeMap<String, Resources>);

impl Serialize for OwnedByRole {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        ByRole(&self.0).serialize(serializer)
    }
}
