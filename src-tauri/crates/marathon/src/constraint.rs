//! Where instances may run.

use std::{fmt, str::FromStr};

use serde::Serialize;

/// A condition on the agent: an attribute (or `hostname`, `@region`, `@zone`), an operator, sometimes a value. Kept as the
/// list of words that Marathon takes, `["rack", "GROUP_BY", "2"]`, so that a wrong one is not lost but found by
/// [`crate::AppDefinition::validate`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Constraint(pub Vec<String>);

impl Constraint {
    /// A constraint from its parts.
    pub fn new(attribute: impl Into<String>, operator: Operator, value: Option<&str>) -> Self {
        let mut words = vec![attribute.into(), operator.to_string()];
        words.extend(value.map(str::to_owned));
        Self(words)
    }

    /// The attribute; empty if there is none.
    pub fn attribute(&self) -> &str {
        self.0.first().map_or("", String::as_str)
    }

    /// The operator, if it is one.
    pub fn operator(&self) -> Option<Operator> {
        self.0.get(1)?.parse().ok()
    }

    /// The value. Marathon answers an empty one where there is none.
    pub fn value(&self) -> Option<&str> {
        self.0.get(2).map(String::as_str).filter(|v| !v.is_empty())
    }
}

/// What a constraint asks of an attribute. Source: Marathon's "Constraints" page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operator {
    /// Every instance on another value.
    Unique,
    /// All instances on one value: the one given, or that of the first instance.
    Cluster,
    /// Instances evenly over the values; the number of values may be given.
    GroupBy,
    /// Values that match a regular expression.
    Like,
    /// Values that don't.
    Unlike,
    /// At most that many instances on one value.
    MaxPer,
    /// Exactly that value.
    Is,
}

impl Operator {
    /// All operators and how Marathon writes them.
    pub const ALL: [(Self, &'static str); 7] = [
        (Self::Unique, "UNIQUE"),
        (Self::Cluster, "CLUSTER"),
        (Self::GroupBy, "GROUP_BY"),
        (Self::Like, "LIKE"),
        (Self::Unlike, "UNLIKE"),
        (Self::MaxPer, "MAX_PER"),
        (Self::Is, "IS"),
    ];
}

/// A word that is no operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoOperator;

impl FromStr for Operator {
    type Err = NoOperator;

    fn from_str(word: &str) -> Result<Self, NoOperator> {
        Self::ALL.iter().find(|(_, name)| *name == word).map(|(operator, _)| *operator).ok_or(NoOperator)
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Self::ALL.iter().find(|(operator, _)| operator == self).map_or("", |(_, name)| *name);
        f.write_str(name)
    }
}
