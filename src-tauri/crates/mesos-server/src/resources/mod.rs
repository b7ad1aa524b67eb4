//! Resources and their exact arithmetic.
//!
//! Scalars are counted in thousandths, as Mesos does, so that a thousand launches and ends of a task with 0.1 CPUs leave
//! not a trace.

mod one;
mod parse;
mod quantities;
mod ranges;
mod validate;
mod wire;

use std::{collections::BTreeSet, fmt};

pub use one::{Allocated, Reservation, Resource, Traits};
pub use parse::{ParseError, parse};
pub use quantities::{Limits, Quantities, QuantityMap};
pub use ranges::Ranges;
pub use validate::{fault, faults, gpus_fault};
pub use wire::{ByRole, Format, Listed, Summary, downgraded};

/// A scalar in thousandths.
pub type Millis = i64;

/// How much of a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// CPUs, MB: thousandths.
    Scalar(Millis),
    /// Ports.
    Ranges(Ranges),
    /// Named things.
    Set(BTreeSet<String>),
}

impl Value {
    fn is_empty(&self) -> bool {
        match self {
            Self::Scalar(millis) => *millis <= 0,
            Self::Ranges(ranges) => ranges.is_empty(),
            Self::Set(set) => set.is_empty(),
        }
    }

    fn same_kind(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }

    fn add(&mut self, other: &Self) {
        match (self, other) {
            (Self::Scalar(a), Self::Scalar(b)) => *a = a.saturating_add(*b),
            (Self::Ranges(a), Self::Ranges(b)) => a.add(b),
            (Self::Set(a), Self::Set(b)) => a.extend(b.iter().cloned()),
            _ => {}
        }
    }

    fn subtract(&mut self, other: &Self) {
        match (self, other) {
            (Self::Scalar(a), Self::Scalar(b)) => *a = a.saturating_sub(*b),
            (Self::Ranges(a), Self::Ranges(b)) => a.subtract(b),
            (Self::Set(a), Self::Set(b)) => a.retain(|x| !b.contains(x)),
            _ => {}
        }
    }

    fn contains(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Scalar(a), Self::Scalar(b)) => a >= b,
            (Self::Ranges(a), Self::Ranges(b)) => a.contains(b),
            (Self::Set(a), Self::Set(b)) => b.is_subset(a),
            _ => false,
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scalar(millis) => write!(f, "{}", number(*millis)),
            Self::Ranges(ranges) => ranges.fmt(f),
            Self::Set(set) => write!(f, "{{{}}}", set.iter().map(String::as_str).collect::<Vec<_>>().join(", ")),
        }
    }
}

/// A bag of resources: each name and reservation at most once, nothing empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resources(Vec<Resource>);

impl Resources {
    /// Nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Its parts.
    pub fn iter(&self) -> std::slice::Iter<'_, Resource> {
        self.0.iter()
    }

    /// Adds one part.
    pub fn push(&mut self, resource: Resource) {
        if resource.value.is_empty() {
            return;
        }
        match self.0.iter_mut().find(|r| r.same_kind(&resource)) {
            Some(mine) => mine.value.add(&resource.value),
            None => self.0.push(resource),
        }
    }

    /// Adds all of the other's parts.
    pub fn add(&mut self, other: &Self) {
        for resource in &other.0 {
            match self.0.iter_mut().find(|r| r.same_kind(resource)) {
                Some(mine) => mine.value.add(&resource.value),
                None => self.0.push(resource.clone()),
            }
        }
    }

    /// Takes the other's parts away; what isn't there can't be taken.
    pub fn subtract(&mut self, other: &Self) {
        for resource in &other.0 {
            if let Some(mine) = self.0.iter_mut().find(|r| r.same_kind(resource)) {
                mine.value.subtract(&resource.value);
            }
        }
        self.0.retain(|r| !r.value.is_empty());
    }

    /// Whether all of the other's parts are here.
    pub fn contains(&self, other: &Self) -> bool {
        other.0.iter().all(|r| self.0.iter().any(|mine| mine.same_kind(r) && mine.value.contains(&r.value)))
    }

    /// As `--resources` takes them.
    pub fn to_flag(&self) -> String {
        let part = |r: &Resource| {
            let role = r.role().map(|role| format!("({role})")).unwrap_or_default();
            format!("{}{role}:{}", r.name, r.value)
        };
        self.0.iter().map(part).collect::<Vec<_>>().join(";")
    }

    /// The parts that a framework of this role may be offered.
    pub fn for_role(&self, role: &str) -> Self {
        Self(self.0.iter().filter(|r| r.role().is_none_or(|mine| covers(mine, role))).cloned().collect())
    }

    /// The parts that are reserved for nobody.
    pub fn unreserved(&self) -> Self {
        Self(self.0.iter().filter(|r| r.role().is_none()).cloned().collect())
    }

    /// The parts that are reserved, by role.
    pub fn reserved(&self) -> std::collections::BTreeMap<&str, Self> {
        let mut roles = std::collections::BTreeMap::<&str, Self>::new();
        for resource in &self.0 {
            if let Some(role) = resource.role() {
                roles.entry(role).or_default().push(resource.clone());
            }
        }
        roles
    }

    /// What a master or an agent has to remember: dynamic reservations and volumes.
    pub fn checkpointed(&self) -> Self {
        Self(self.0.iter().filter(|r| r.is_dynamic() || r.persistence().is_some()).cloned().collect())
    }

    /// The same with the last reservation taken off each part.
    pub fn popped(&self) -> Self {
        self.0.iter().map(Resource::popped).collect()
    }

    /// How much there is of each name, whatever it is reserved for.
    pub fn quantities(&self) -> Quantities {
        Quantities::of(self)
    }

    /// Exchanges some parts for others; or why not, in the real one's words.
    pub fn converted(&self, consumed: &Self, converted: &Self, allocated: Option<&str>) -> Result<Self, String> {
        if !self.contains(consumed) {
            return Err(format!("{} does not contain {}", Allocated(self, allocated), Allocated(consumed, allocated)));
        }
        let mut result = self.clone();
        result.subtract(consumed);
        result.add(converted);
        Ok(result)
    }

    /// A scalar, of all reservations together, in thousandths; 0 if there is none.
    pub fn scalar(&self, name: &str) -> Millis {
        let of_name = self.0.iter().filter(|r| &*r.name == name);
        of_name.map(|r| if let Value::Scalar(millis) = r.value { millis } else { 0 }).sum()
    }

    /// Ports (or other ranges), of all reservations together.
    pub fn ranges(&self, name: &str) -> Ranges {
        let mut all = Ranges::default();
        for resource in self.0.iter().filter(|r| &*r.name == name) {
            if let Value::Ranges(ranges) = &resource.value {
                all.add(ranges);
            }
        }
        all
    }
}

impl FromIterator<Resource> for Resources {
    fn from_iter<I: IntoIterator<Item = Resource>>(parts: I) -> Self {
        let mut all = Self::default();
        parts.into_iter().for_each(|part| all.push(part));
        all
    }
}

/// A reservation for `eng` serves `eng` and its children such as `eng/web`.
pub fn covers(reserved: &str, role: &str) -> bool {
    role.strip_prefix(reserved).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A number as thousandths; what is not a number, or beyond all measure, is none.
pub fn millis(number: f64) -> Option<Millis> {
    const LARGEST: f64 = 9e15;
    let thousandths = (number * 1000.0).round();
    // The cast is exact: the number is whole and below 2^53.
    (number.is_finite() && thousandths.abs() <= LARGEST).then_some(thousandths as Millis)
}

/// Thousandths as a number.
pub fn number(millis: Millis) -> f64 {
    millis as f64 / 1000.0
}

impl fmt::Display for Resources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("{}");
        }
        for (i, resource) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str("; ")?;
            }
            resource.fmt(f)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn some(text: &str) -> Resources {
        parse(text, "*").unwrap()
    }

    #[test]
    fn tenths_do_not_drift() {
        let mut pool = some("cpus:2;ports:[31000-31009]");
        let whole = pool.clone();
        let task = some("cpus:0.1;ports:[31003-31004]");
        for _ in 0..20 {
            assert!(pool.contains(&task));
            pool.subtract(&task);
            pool.add(&task);
        }
        assert_eq!(pool, whole);
        pool.subtract(&task);
        assert!(!pool.contains(&task));
        assert_eq!(pool.to_string(), "cpus:1.9; ports:[31000-31002, 31005-31009]");
    }

    #[test]
    fn reserved_parts_go_to_their_role_only() {
        let pool = some("cpus:2;cpus(eng):1");
        assert_eq!(pool.for_role("web").scalar("cpus"), 2000);
        assert_eq!(pool.for_role("eng/web").scalar("cpus"), 3000);
        assert_eq!(pool.for_role("engine").scalar("cpus"), 2000);
    }

    proptest! {
        #[test]
        fn what_is_added_can_be_taken_back(a in 0i64..5000, b in 1i64..5000, low in 0u64..50, len in 0u64..50) {
            let base: Resources = [Resource::plain("cpus", Value::Scalar(a))].into_iter().collect();
            let ports = Value::Ranges(Ranges::from_pairs([(low, low + len)]));
            let more: Resources = [
                Resource::plain("cpus", Value::Scalar(b)),
                Resource::plain("ports", ports),
            ].into_iter().collect();
            let mut sum = base.clone();
            sum.add(&more);
            prop_assert!(sum.contains(&more) && sum.contains(&base));
            sum.subtract(&more);
            prop_assert_eq!(sum, base);
        }
    }
}
