//! Resources as JSON, in the forms in which Mesos shows and takes them.

use std::sync::Arc;

use serde::{Deserialize, Serialize, Serializer, ser::SerializeMap};

use super::{Ranges, Resource, Resources, Value, millis, number};

/// A resource as a framework sends it.
#[derive(Deserialize)]
pub struct WireResource {
    name: String,
    scalar: Option<WireScalar>,
    ranges: Option<WireRanges>,
    set: Option<WireSet>,
    role: Option<String>,
    #[serde(default)]
    reservations: Vec<WireReservation>,
}

#[derive(Deserialize)]
struct WireReservation {
    role: Option<String>,
}

#[derive(Deserialize, Serialize)]
struct WireScalar {
    value: f64,
}

#[derive(Deserialize, Serialize)]
struct WireRanges {
    range: Vec<WireRange>,
}

#[derive(Clone, Copy, Deserialize, Serialize)]
struct WireRange {
    begin: u64,
    end: u64,
}

#[derive(Deserialize, Serialize)]
struct WireSet {
    item: Vec<String>,
}

impl TryFrom<WireResource> for Resource {
    type Error = String;

    fn try_from(wire: WireResource) -> Result<Self, String> {
        let value = match (wire.scalar, wire.ranges, wire.set) {
            (Some(scalar), None, None) => {
                Value::Scalar(millis(scalar.value).ok_or("Invalid scalar resource: value is not a number in range")?)
            }
            (None, Some(ranges), None) => {
                Value::Ranges(Ranges::from_pairs(ranges.range.iter().map(|r| (r.begin, r.end))))
            }
            (None, None, Some(set)) => Value::Set(set.item.into_iter().collect()),
            _ => return Err(format!("Invalid resource '{}'", wire.name)),
        };
        if matches!(value, Value::Scalar(..0)) {
            return Err("Invalid scalar resource: value < 0".into());
        }
        let role = wire.reservations.into_iter().next_back().and_then(|r| r.role).or(wire.role);
        Ok(Self { name: wire.name.into(), value, reserved: role.filter(|r| r != "*").map(Arc::from) })
    }
}

impl<'de> Deserialize<'de> for Resources {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let listed = Vec::<WireResource>::deserialize(deserializer)?;
        listed.into_iter().map(|r| Resource::try_from(r).map_err(serde::de::Error::custom)).collect()
    }
}

/// How a list of resources is written.
#[derive(Clone, Copy)]
pub struct Format<'a> {
    /// Whether the role (`*` for unreserved ones) is written.
    pub role: bool,
    /// Whether reservations are written as a list of their own.
    pub reservations: bool,
    /// The role that they are allocated to, if they are.
    pub allocated: Option<&'a str>,
}

impl<'a> Format<'a> {
    /// As an agent gave them.
    pub const BARE: Self = Self { role: false, reservations: true, allocated: None };
    /// As endpoints show totals.
    pub const ENDPOINT: Self = Self { role: true, reservations: true, allocated: None };

    /// As a framework sees them in an offer; one that can't be of several roles learns of none.
    pub fn offered(role: &'a str, multi_role: bool) -> Self {
        Self { role: true, reservations: false, allocated: multi_role.then_some(role) }
    }

    /// As a task or an operator's offer shows them.
    pub fn used(role: &'a str) -> Self {
        Self { role: false, reservations: true, allocated: Some(role) }
    }

    /// As endpoints show what is allocated.
    pub fn allocated(role: &'a str) -> Self {
        Self { role: true, reservations: true, allocated: Some(role) }
    }
}

/// Resources as a list of protobuf messages.
pub struct Listed<'a>(pub &'a Resources, pub Format<'a>);

/// Resources by role, as one list.
pub struct ByRole<'a>(pub &'a std::collections::BTreeMap<String, Resources>);

impl Serialize for ByRole<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let all = self.0.iter().flat_map(|(role, resources)| resources.iter().map(move |r| (role.as_str(), r)));
        serializer.collect_seq(all.map(|(role, resource)| ListedOne { resource, format: Format::allocated(role) }))
    }
}

impl Serialize for Listed<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|resource| ListedOne { resource, format: self.1 }))
    }
}

struct ListedOne<'a> {
    resource: &'a Resource,
    format: Format<'a>,
}

#[derive(Serialize)]
struct AllocationInfo<'a> {
    role: &'a str,
}

#[derive(Serialize)]
struct Reservation<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    role: &'a str,
}

impl Serialize for ListedOne<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("name", &*self.resource.name)?;
        match &self.resource.value {
            Value::Scalar(millis) => {
                map.serialize_entry("type", "SCALAR")?;
                map.serialize_entry("scalar", &WireScalar { value: number(*millis) })?;
            }
            Value::Ranges(ranges) => {
                map.serialize_entry("type", "RANGES")?;
                let range = ranges.pairs().iter().map(|&(begin, end)| WireRange { begin, end }).collect();
                map.serialize_entry("ranges", &WireRanges { range })?;
            }
            Value::Set(set) => {
                map.serialize_entry("type", "SET")?;
                map.serialize_entry("set", &WireSet { item: set.iter().cloned().collect() })?;
            }
        }
        if self.format.role {
            map.serialize_entry("role", self.resource.reserved.as_deref().unwrap_or("*"))?;
        }
        if let Some(role) = self.format.allocated {
            map.serialize_entry("allocation_info", &AllocationInfo { role })?;
        }
        if let Some(role) = self.resource.reserved.as_deref().filter(|_| self.format.reservations) {
            map.serialize_entry("reservations", &[Reservation { kind: "STATIC", role }])?;
        }
        map.end()
    }
}

/// Resources as the v0 endpoints summarize them: the four well-known scalars always, then the rest by name.
pub struct Summary<'a>(pub &'a Resources);

impl Serialize for Summary<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        const ALWAYS: [&str; 4] = ["disk", "mem", "gpus", "cpus"];
        let mut map = serializer.serialize_map(None)?;
        for name in ALWAYS {
            map.serialize_entry(name, &number(self.0.scalar(name)))?;
        }
        let mut seen = Vec::new();
        for resource in self.0.iter().filter(|r| !ALWAYS.contains(&&*r.name)) {
            if seen.contains(&&*resource.name) {
                continue;
            }
            seen.push(&*resource.name);
            match &resource.value {
                Value::Scalar(_) => map.serialize_entry(&*resource.name, &number(self.0.scalar(&resource.name)))?,
                Value::Ranges(_) => map.serialize_entry(&*resource.name, &self.0.ranges(&resource.name).to_string())?,
                Value::Set(set) => {
                    let items: Vec<_> = set.iter().map(String::as_str).collect();
                    map.serialize_entry(&*resource.name, &format!("{{{}}}", items.join(", ")))?;
                }
            }
        }
        map.end()
    }
}
