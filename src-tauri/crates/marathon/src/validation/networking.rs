//! Ports and networks. Source: `AppValidation.scala` and `NetworkValidation.scala` of Marathon 1.11.

use std::collections::BTreeSet;

use super::Violation;
use crate::{AppDefinition, Container, Network};

pub(super) fn check(app: &AppDefinition) -> Vec<Violation> {
    let mut found = ports(app);
    found.extend(networks(app));
    found
}

fn ports(app: &AppDefinition) -> Vec<Violation> {
    let mut found = Vec::new();
    let old = app.ports.as_deref().unwrap_or_default();
    let definitions = app.port_definitions.as_deref().unwrap_or_default();
    let numbers: Vec<u16> = definitions.iter().map(|d| d.port()).collect();
    if !unique(old.iter().filter(|p| **p != 0)) {
        found.push(Violation::new("/", "ports must be unique"));
    }
    if !unique(numbers.iter().filter(|p| **p != 0)) {
        found.push(Violation::new("/portDefinitions", "Ports must be unique."));
    }
    if !unique(definitions.iter().filter_map(|d| d.name.as_ref())) {
        found.push(Violation::new("/portDefinitions", "Port names must be unique."));
    }
    if app.ports.is_some() && app.port_definitions.is_some() && old != numbers {
        found.push(Violation::new("/", "cannot specify both ports and port definitions"));
    }
    let mappings = app.container.as_ref().and_then(Container::mappings).unwrap_or_default();
    if !unique(mappings.iter().filter_map(|m| m.name.as_ref())) {
        found.push(Violation::new("/container/portMappings", "Port names must be unique."));
    }
    found
}

fn networks(app: &AppDefinition) -> Vec<Violation> {
    let networks = app.networks.as_deref().unwrap_or_default();
    let count = |mode: &str| networks.iter().filter(|n| n.mode() == mode).count();
    let (host, bridge, container) = (count("host"), count("container/bridge"), count("container"));
    let named = |mode: &str| networks.iter().any(|n| n.mode() == mode && n.name.is_some());
    let labelled = |n: &Network| n.labels.as_ref().is_some_and(|l| !l.is_empty());
    let mappings = app.container.as_ref().and_then(|c| c.port_mappings.as_deref()).unwrap_or_default();
    let definitions = app.port_definitions.as_deref().unwrap_or_default();
    let nameless = networks.iter().filter(|n| n.mode() == "container" && n.name.is_none()).count();
    let kinds = [host, bridge, container].iter().filter(|n| **n > 0).count();
    let old_network = app.container.as_ref().and_then(|c| c.docker.as_ref()).and_then(|d| d.network.as_ref());
    let rules = [
        (
            named("host") || networks.iter().any(|n| n.mode() == "host" && labelled(n)),
            "/networks",
            "Host networks may not have names or labels",
        ),
        (named("container/bridge"), "/networks", "Bridge networks may not have names"),
        (
            nameless > 1 || !unique(networks.iter().filter_map(|n| n.name.as_ref())),
            "/networks",
            "Duplicate networks are not allowed",
        ),
        (
            kinds > 1 || host > 1 || bridge > 1,
            "/networks",
            "May specify a single host network, single bridge network, or else 1-to-n container networks",
        ),
        (host > 0 && !mappings.is_empty(), "/", "portMappings are not allowed with host-networking"),
        (
            bridge + container > 0 && !definitions.is_empty(),
            "/",
            "portDefinitions are only allowed with host-networking",
        ),
        (
            old_network.is_some() && !networks.is_empty(),
            "/",
            "must not specify both container.docker.network and networks",
        ),
    ];
    let broken = rules.into_iter().filter(|(broken, ..)| *broken);
    broken.map(|(_, path, message)| Violation::new(path, message)).collect()
}

fn unique<T: Ord>(items: impl Iterator<Item = T>) -> bool {
    let mut seen = BTreeSet::new();
    items.into_iter().all(|item| seen.insert(item))
}
