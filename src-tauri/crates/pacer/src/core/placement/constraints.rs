//! Constraints. Source: Marathon's documentation, "Constraints".

use std::collections::BTreeMap;

use marathon::{Constraint, Operator};
use mesos::v1::Offer;
use regex::Regex;

use crate::core::instance::Agent;

/// What constraints see of an agent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Place {
    hostname: String,
    region: Option<String>,
    zone: Option<String>,
    attributes: BTreeMap<String, String>,
}

impl Place {
    /// The agent that an offer is of.
    pub fn of_offer(offer: &Offer) -> Self {
        let name = |what: &str| Some(offer.domain.as_ref()?["fault_domain"][what]["name"].as_str()?.to_owned());
        Self {
            hostname: offer.hostname.clone(),
            region: name("region"),
            zone: name("zone"),
            attributes: offer
                .attributes
                .iter()
                .map(|attribute| (attribute.name.clone(), attribute.rendered()))
                .collect(),
        }
    }

    /// The agent that an instance is on.
    pub fn of_agent(agent: &Agent) -> Self {
        Self {
            hostname: agent.hostname.clone(),
            region: agent.region.clone(),
            zone: agent.zone.clone(),
            attributes: agent.attributes.clone(),
        }
    }

    /// The agent's attributes.
    pub fn attributes(&self) -> &BTreeMap<String, String> {
        &self.attributes
    }

    /// The agent's region and zone.
    pub fn domain(&self) -> (Option<&str>, Option<&str>) {
        (self.region.as_deref(), self.zone.as_deref())
    }

    fn value(&self, field: &str) -> Option<&str> {
        match field {
            "hostname" | "@hostname" => Some(&self.hostname),
            "@region" => self.region.as_deref(),
            "@zone" => self.zone.as_deref(),
            attribute => self.attributes.get(attribute).map(String::as_str),
        }
    }
}

/// Whether an instance may be put on `place` while its siblings are on `others`.
pub fn allows(constraint: &Constraint, place: &Place, others: &[Place]) -> bool {
    let (field, wanted) = (constraint.attribute(), constraint.value());
    let (Some(operator), here) = (constraint.operator(), place.value(field)) else {
        return false;
    };
    let Some(here) = here else {
        // An agent without the attribute is as unlike as can be, and never like.
        return operator == Operator::Unlike;
    };
    let siblings = || others.iter().filter_map(|other| other.value(field));
    let here_already = || siblings().filter(|value| *value == here).count();
    match operator {
        Operator::Unique => here_already() == 0,
        Operator::Cluster => match wanted {
            Some(wanted) => wanted == here,
            None => siblings().all(|value| value == here),
        },
        Operator::GroupBy => is_least_used(wanted, here, siblings()),
        Operator::Like => matches(wanted, here),
        Operator::Unlike => !matches(wanted, here),
        Operator::MaxPer => wanted.and_then(|most| most.parse().ok()).is_some_and(|most: usize| here_already() < most),
        Operator::Is => wanted.is_some_and(|wanted| is_same(wanted, here)),
    }
}

/// No other value has fewer instances, counting those values as empty that are expected and not seen yet.
fn is_least_used<'a>(expected: Option<&str>, here: &str, siblings: impl Iterator<Item = &'a str>) -> bool {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for value in siblings {
        *counts.entry(value).or_default() += 1;
    }
    let expected: usize = expected.and_then(|number| number.parse().ok()).unwrap_or(0);
    let least = if counts.len() < expected { 0 } else { counts.values().min().copied().unwrap_or(0) };
    counts.get(here).is_none_or(|count| *count <= least)
}

/// The whole value matches the expression.
fn matches(expression: Option<&str>, value: &str) -> bool {
    let whole = expression.map(|expression| Regex::new(&format!("^(?:{expression})$")));
    matches!(whole, Some(Ok(regex)) if regex.is_match(value))
}

/// The same text, or the same number.
fn is_same(wanted: &str, here: &str) -> bool {
    let numbers = || Some(wanted.parse::<f64>().ok()? == here.parse::<f64>().ok()?);
    wanted == here || numbers().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(hostname: &str, rack: Option<&str>) -> Place {
        let attributes = rack.map(|rack| ("rack".to_owned(), rack.to_owned())).into_iter().collect();
        Place { hostname: hostname.to_owned(), attributes, ..Place::default() }
    }

    fn rule(words: &[&str]) -> Constraint {
        Constraint(words.iter().map(|word| (*word).to_owned()).collect())
    }

    #[test]
    fn every_operator_says_yes_and_no() {
        let others = [place("a", Some("r1")), place("b", Some("r2")), place("c", Some("r1"))];
        for (words, here, expected) in [
            (&["hostname", "UNIQUE"][..], place("d", None), true),
            (&["hostname", "UNIQUE"], place("a", None), false),
            (&["rack", "CLUSTER", "r1"], place("d", Some("r1")), true),
            (&["rack", "CLUSTER", "r1"], place("d", Some("r2")), false),
            (&["rack", "CLUSTER"], place("d", Some("r1")), false),
            (&["rack", "GROUP_BY"], place("d", Some("r2")), true),
            (&["rack", "GROUP_BY"], place("d", Some("r1")), false),
            (&["rack", "GROUP_BY", "3"], place("d", Some("r2")), false),
            (&["rack", "GROUP_BY", "3"], place("d", Some("r3")), true),
            (&["rack", "LIKE", "r[12]"], place("d", Some("r2")), true),
            (&["rack", "LIKE", "r"], place("d", Some("r2")), false),
            (&["rack", "LIKE", "r.*"], place("d", None), false),
            (&["rack", "UNLIKE", "r[12]"], place("d", Some("r3")), true),
            (&["rack", "UNLIKE", "r[12]"], place("d", Some("r1")), false),
            (&["rack", "UNLIKE", "r[12]"], place("d", None), true),
            (&["rack", "MAX_PER", "2"], place("d", Some("r2")), true),
            (&["rack", "MAX_PER", "2"], place("d", Some("r1")), false),
            (&["rack", "IS", "r1"], place("d", Some("r1")), true),
            (&["rack", "IS", "2.0"], place("d", Some("2")), true),
            (&["rack", "IS", "r1"], place("d", Some("r2")), false),
            (&["rack", "LIKES", "r1"], place("d", Some("r1")), false),
        ] {
            assert_eq!(allows(&rule(words), &here, &others), expected, "{words:?} {here:?}");
        }
    }

    #[test]
    fn the_first_instance_chooses_the_cluster() {
        assert!(allows(&rule(&["rack", "CLUSTER"]), &place("d", Some("r9")), &[]));
    }
}
