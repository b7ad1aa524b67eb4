//! Amounts by name, without any reservation: what quotas are made of.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Millis, Resources, Value, millis, number};

/// How much of each name; ports and sets are counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Quantities(pub BTreeMap<String, Millis>);

/// The most of each name; what is not named has no limit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Limits(pub BTreeMap<String, Millis>);

impl Quantities {
    /// Of resources.
    pub fn of(resources: &Resources) -> Self {
        let mut all = Self::default();
        for resource in resources.iter() {
            let amount = match &resource.value {
                Value::Scalar(millis) => *millis,
                Value::Ranges(ranges) => ranges.count().saturating_mul(1000),
                Value::Set(set) => i64::try_from(set.len()).unwrap_or(i64::MAX / 1000).saturating_mul(1000),
            };
            let sum = all.0.entry(resource.name.to_string()).or_default();
            *sum = sum.saturating_add(amount);
        }
        all
    }

    /// Of the scalars among resources.
    pub fn of_scalars(resources: &Resources) -> Self {
        let scalars = resources.iter().filter(|r| matches!(r.value, Value::Scalar(_)));
        Self::of(&scalars.cloned().collect())
    }

    /// Adds the other's amounts.
    pub fn add(&mut self, other: &Self) {
        for (name, amount) in &other.0 {
            let sum = self.0.entry(name.clone()).or_default();
            *sum = sum.saturating_add(*amount);
        }
    }

    /// Takes the other's amounts away, to nothing at the least.
    pub fn subtract(&mut self, other: &Self) {
        for (name, amount) in &other.0 {
            if let Some(sum) = self.0.get_mut(name) {
                *sum = sum.saturating_sub(*amount);
            }
        }
        self.0.retain(|_, amount| *amount > 0);
    }

    /// Whether there is at least as much of everything as in the other.
    pub fn contains(&self, other: &Self) -> bool {
        other.0.iter().all(|(name, amount)| *amount <= self.0.get(name).copied().unwrap_or_default())
    }

    /// Nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.0.values().all(|amount| *amount == 0)
    }
}

impl Limits {
    /// Whether amounts stay within.
    pub fn contains(&self, amounts: &Quantities) -> bool {
        amounts.0.iter().all(|(name, amount)| self.0.get(name).is_none_or(|limit| amount <= limit))
    }
}

fn show(amounts: &BTreeMap<String, Millis>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if amounts.is_empty() {
        return f.write_str("{}");
    }
    let shown: Vec<_> = amounts.iter().map(|(name, amount)| format!("{name}:{}", number(*amount))).collect();
    f.write_str(&shown.join("; "))
}

impl fmt::Display for Quantities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show(&self.0, f)
    }
}

impl fmt::Display for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show(&self.0, f)
    }
}

impl Serialize for Quantities {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, amount)| (name, number(*amount))))
    }
}

impl Serialize for Limits {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, amount)| (name, number(*amount))))
    }
}

/// Amounts as a protobuf map writes them: `{"cpus":{"value":1.0}}`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QuantityMap(pub BTreeMap<String, Millis>);

#[derive(Serialize, Deserialize)]
struct Scalar {
    value: f64,
}

impl fmt::Display for QuantityMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown: Vec<_> = self.0.iter().map(|(name, amount)| format!("{name}: {}", number(*amount))).collect();
        write!(f, "{{ {} }}", shown.join(", "))
    }
}

impl Serialize for QuantityMap {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, amount)| (name, Scalar { value: number(*amount) })))
    }
}

impl<'de> Deserialize<'de> for QuantityMap {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let map = BTreeMap::<String, Scalar>::deserialize(deserializer)?;
        Ok(Self(map.into_iter().map(|(name, scalar)| (name, millis(scalar.value).unwrap_or(i64::MAX))).collect()))
    }
}
