//! Resources as JSON, in the forms in which Mesos shows and takes them.

use serde::{Deserialize, Serialize, Serializer, ser::SerializeMap};
use serde_json::Value as Json;

use super::{Ranges, Reservation, Resource, Resources, Traits, Value, millis, number};

/// A resource as a client sends it.
#[derive(Deserialize)]
pub struct WireResource {
    name: String,
    scalar: Option<WireScalar>,
    ranges: Option<WireRanges>,
    set: Option<WireSet>,
    role: Option<String>,
    reservation: Option<WireReservation>,
    #[serde(default)]
    reservations: Vec<WireReservation>,
    disk: Option<Json>,
    shared: Option<Json>,
    revocable: Option<Json>,
    provider_id: Option<Json>,
}

#[derive(Deserialize)]
struct WireReservation {
    #[serde(rename = "type")]
    kind: Option<String>,
    role: Option<String>,
    principal: Option<String>,
    labels: Option<Json>,
}

impl WireReservation {
    fn of(self, dynamic: bool, role: Option<String>) -> Option<Reservation> {
        let role = self.role.or(role)?;
        Some(Reservation { dynamic, role: role.into(), principal: self.principal, labels: self.labels })
    }
}

#[derive(Deserialize, Serialize)]
struct WireScalar {
    value: f64,
}

#[derive(Deserialize, Serialize)]
struct WireRanges {
    #[serde(default)]
    range: Vec<WireRange>,
}

#[derive(Clone, Copy, Deserialize, Serialize)]
struct WireRange {
    begin: u64,
    end: u64,
}

#[derive(Deserialize, Serialize)]
struct WireSet {
    #[serde(default)]
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
        let reservations = if !wire.reservations.is_empty() {
            let dynamic = |r: &WireReservation| r.kind.as_deref() == Some("DYNAMIC");
            wire.reservations
                .into_iter()
                .filter_map(|r| {
                    let dynamic = dynamic(&r);
                    r.of(dynamic, None)
                })
                .collect()
        } else if let Some(reservation) = wire.reservation {
            reservation.of(true, wire.role).into_iter().collect()
        } else {
            wire.role.filter(|role| role != "*").map(Reservation::fixed).into_iter().collect()
        };
        let traits = Traits {
            reservations,
            disk: wire.disk,
            shared: wire.shared.is_some(),
            revocable: wire.revocable.is_some(),
            provider: wire.provider_id,
        };
        Ok(Self::with(wire.name, value, traits))
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
struct ReservationView<'a> {
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    principal: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    labels: Option<&'a Json>,
}

impl<'a> ReservationView<'a> {
    fn whole(reservation: &'a Reservation) -> Self {
        let old = Self::old(reservation);
        Self { kind: Some(reservation.kind()), role: Some(&reservation.role), ..old }
    }

    /// As it stands beside a role of the resource itself.
    fn old(reservation: &'a Reservation) -> Self {
        Self {
            kind: None,
            role: None,
            principal: reservation.principal.as_deref(),
            labels: reservation.labels.as_ref(),
        }
    }
}

#[derive(Serialize)]
struct Nothing {}

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
        let reservations = self.resource.reservations();
        if self.format.role && reservations.len() < 2 {
            map.serialize_entry("role", self.resource.role().unwrap_or("*"))?;
            if let Some(dynamic) = reservations.first().filter(|r| r.dynamic) {
                map.serialize_entry("reservation", &ReservationView::old(dynamic))?;
            }
        }
        if let Some(role) = self.format.allocated {
            map.serialize_entry("allocation_info", &AllocationInfo { role })?;
        }
        if self.format.reservations && !reservations.is_empty() {
            let all: Vec<_> = reservations.iter().map(ReservationView::whole).collect();
            map.serialize_entry("reservations", &all)?;
        }
        if let Some(traits) = self.resource.traits() {
            if let Some(provider) = &traits.provider {
                map.serialize_entry("provider_id", provider)?;
            }
            if let Some(disk) = &traits.disk {
                map.serialize_entry("disk", disk)?;
            }
            if traits.revocable {
                map.serialize_entry("revocable", &Nothing {})?;
            }
            if traits.shared {
                map.serialize_entry("shared", &Nothing {})?;
            }
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

/// Whether a framework that knows no refined reservations can be shown these resources.
pub fn downgraded(resources: &Resources) -> bool {
    resources.iter().all(|resource| resource.reservations().len() < 2)
}
