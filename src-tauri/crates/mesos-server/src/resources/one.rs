//! One resource: how much of what, and what sets it apart.

use std::{fmt, sync::Arc};

use serde_json::Value as Json;

use super::{Resources, Value};

/// So much of a name, for everybody or reserved for a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// `cpus`, `mem`, `disk`, `gpus`, `ports`, or anything else.
    pub name: Arc<str>,
    /// How much.
    pub value: Value,
    /// What sets it apart from what everybody may use; most resources have none of it.
    traits: Option<Arc<Traits>>,
}

/// What sets a resource apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Traits {
    /// From the outermost role inwards.
    pub reservations: Vec<Reservation>,
    /// A kind of disk, or a volume on it: the message as it came.
    pub disk: Option<Json>,
    /// Whether several tasks may use it at a time.
    pub shared: bool,
    /// Whether it may be taken away from a task.
    pub revocable: bool,
    /// Who manages it, if not the agent.
    pub provider: Option<Json>,
}

/// A reservation for a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reservation {
    /// Made while the agent runs, not by its flags.
    pub dynamic: bool,
    /// For whom.
    pub role: Arc<str>,
    /// Who made it.
    pub principal: Option<String>,
    /// The message as it came.
    pub labels: Option<Json>,
}

impl Reservation {
    /// By an agent's flags.
    pub fn fixed(role: impl Into<Arc<str>>) -> Self {
        Self { dynamic: false, role: role.into(), principal: None, labels: None }
    }

    /// `STATIC` or `DYNAMIC`.
    pub fn kind(&self) -> &'static str {
        if self.dynamic { "DYNAMIC" } else { "STATIC" }
    }
}

impl fmt::Display for Reservation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{},{}", self.kind(), self.role)?;
        if let Some(principal) = &self.principal {
            write!(f, ",{principal}")?;
        }
        if let Some(labels) = &self.labels {
            let all = labels["labels"].as_array().map(Vec::as_slice).unwrap_or_default();
            let shown: Vec<_> = all.iter().map(shown_label).collect();
            write!(f, ",{{{}}}", shown.join(", "))?;
        }
        Ok(())
    }
}

fn shown_label(label: &Json) -> String {
    let key = label["key"].as_str().unwrap_or_default();
    label["value"].as_str().map_or_else(|| key.to_owned(), |value| format!("{key}: {value}"))
}

impl Resource {
    /// For everybody.
    pub fn plain(name: impl Into<Arc<str>>, value: Value) -> Self {
        Self { name: name.into(), value, traits: None }
    }

    /// For a role by an agent's flags, if there is one.
    pub fn reserved(name: impl Into<Arc<str>>, value: Value, role: Option<&str>) -> Self {
        let reservations = role.map(Reservation::fixed).into_iter().collect();
        Self::with(name, value, Traits { reservations, ..Traits::default() })
    }

    /// With whatever sets it apart.
    pub fn with(name: impl Into<Arc<str>>, value: Value, traits: Traits) -> Self {
        let traits = (traits != Traits::default()).then(|| Arc::new(traits));
        Self { name: name.into(), value, traits }
    }

    /// What sets it apart, if anything does.
    pub fn traits(&self) -> Option<&Traits> {
        self.traits.as_deref()
    }

    /// Its reservations, from the outermost role inwards.
    pub fn reservations(&self) -> &[Reservation] {
        self.traits().map(|t| t.reservations.as_slice()).unwrap_or_default()
    }

    /// The role that it is reserved for.
    pub fn role(&self) -> Option<&str> {
        self.reservations().last().map(|r| &*r.role)
    }

    /// Whether its reservation can be undone.
    pub fn is_dynamic(&self) -> bool {
        self.reservations().last().is_some_and(|r| r.dynamic)
    }

    /// The kind of its disk, or the volume on it.
    pub fn disk(&self) -> Option<&Json> {
        self.traits()?.disk.as_ref()
    }

    /// The id of a persistent volume.
    pub fn persistence(&self) -> Option<&str> {
        self.disk()?.get("persistence")?.get("id")?.as_str()
    }

    /// Whether several tasks may use it at a time.
    pub fn is_shared(&self) -> bool {
        self.traits().is_some_and(|t| t.shared)
    }

    /// So much of the same.
    pub fn sized(&self, value: Value) -> Self {
        Self { value, ..self.clone() }
    }

    fn changed(&self, change: impl FnOnce(&mut Traits)) -> Self {
        let mut traits = self.traits().cloned().unwrap_or_default();
        change(&mut traits);
        Self::with(Arc::clone(&self.name), self.value.clone(), traits)
    }

    /// Without its last reservation.
    pub fn popped(&self) -> Self {
        self.changed(|traits| drop(traits.reservations.pop()))
    }

    /// Without any reservation.
    pub fn unreserved(&self) -> Self {
        self.changed(|traits| traits.reservations.clear())
    }

    /// The disk that a volume lies on.
    pub fn without_volume(&self) -> Self {
        self.changed(|traits| {
            traits.shared = false;
            traits.disk = traits.disk.take().filter(|disk| disk.get("source").is_some()).map(|mut disk| {
                if let Some(disk) = disk.as_object_mut() {
                    disk.remove("persistence");
                    disk.remove("volume");
                }
                disk
            });
        })
    }

    /// Whether two of them can be added up.
    pub(super) fn same_kind(&self, other: &Self) -> bool {
        self.name == other.name && self.value.same_kind(&other.value) && self.traits == other.traits
    }

    fn show(&self, allocated: Option<&str>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        if let Some(role) = allocated {
            write!(f, "(allocated: {role})")?;
        }
        if !self.reservations().is_empty() {
            let shown: Vec<_> = self.reservations().iter().map(|r| format!("({r})")).collect();
            write!(f, "(reservations: [{}])", shown.join(","))?;
        }
        if let Some(disk) = self.disk() {
            write!(f, "[{}]", shown_disk(disk))?;
        }
        if self.traits().is_some_and(|t| t.revocable) {
            f.write_str("{REV}")?;
        }
        if self.is_shared() {
            f.write_str("<SHARED>")?;
        }
        write!(f, ":{}", self.value)
    }
}

fn shown_disk(disk: &Json) -> String {
    let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
    let mut shown = String::new();
    if let Some(source) = disk.get("source") {
        shown += &text(&source["type"]);
        let root = match source["type"].as_str() {
            Some("MOUNT") => source["mount"].get("root"),
            Some("PATH") => source["path"].get("root"),
            _ => None,
        };
        shown += &root.map(|root| format!(":{}", text(root))).unwrap_or_default();
    }
    if let Some(persistence) = disk.get("persistence") {
        shown += if shown.is_empty() { "" } else { "," };
        shown += &text(&persistence["id"]);
    }
    if let Some(volume) = disk.get("volume") {
        shown += ":";
        shown += &text(&volume["container_path"]);
    }
    shown
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.show(None, f)
    }
}

/// Resources in words, with the role that they are allocated to.
pub struct Allocated<'a>(pub &'a Resources, pub Option<&'a str>);

impl fmt::Display for Allocated<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("{}");
        }
        for (n, resource) in self.0.iter().enumerate() {
            f.write_str(if n > 0 { "; " } else { "" })?;
            resource.show(self.1, f)?;
        }
        Ok(())
    }
}
