//! The network and the machines' addresses in it.

use std::{collections::BTreeSet, net::Ipv4Addr};

use ipnet::Ipv4Net;
use words::{Text, text};

use super::{Finding, Severity, set, shown};
use crate::{ClusterPlan, Edit, Provider, practice_network, real_network};

const fn net(a: u8, b: u8, c: u8, prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, 0), prefix)
}

const LOOPBACK: Ipv4Net = net(127, 0, 0, 8);
/// Where this computer's own services live (127.0.0.1, systemd-resolved's 127.0.0.53, Debian's 127.0.1.1).
const OWN_SERVICES: Ipv4Net = net(127, 0, 0, 16);
/// What VirtualBox 6.1.28 and later allow for host-only networks.
const VIRTUALBOX: Ipv4Net = net(192, 168, 56, 21);
const PRIVATE: [Ipv4Net; 3] = [net(10, 0, 0, 8), net(172, 16, 0, 12), net(192, 168, 0, 16)];
/// Ranges that no machine's address can lie in: this network, link-local, multicast and above.
const UNUSABLE: [Ipv4Net; 3] = [net(0, 0, 0, 8), net(169, 254, 0, 16), net(224, 0, 0, 3)];

/// The network that the provider itself uses between host and machine.
fn providers_own(provider: Provider) -> Option<Ipv4Net> {
    match provider {
        Provider::Practice => None,
        Provider::VirtualBox => Some(net(10, 0, 2, 24)),
        Provider::Libvirt => Some(net(192, 168, 121, 24)),
        Provider::Docker => Some(net(172, 17, 0, 16)),
    }
}

pub(super) fn check(plan: &ClusterPlan) -> Vec<Finding> {
    let mut found: Vec<Finding> = range(plan).into_iter().collect();
    match elsewhere(plan) {
        // The range's own fix moves all machines.
        Some(_) if found.iter().any(|f| f.severity == Severity::Error) => {}
        Some(finding) => found.push(finding),
        None => found.extend(addresses(plan)),
    }
    found.extend(duplicates(plan));
    found
}

/// The range was changed and the machines stayed where they were: one finding, not one a machine.
fn elsewhere(plan: &ClusterPlan) -> Option<Finding> {
    let cidr = plan.network.cidr.trunc();
    if plan.nodes.is_empty() || plan.nodes.iter().any(|n| cidr.contains(&n.address)) {
        return None;
    }
    let text = text!("No machine has an address in {cidr}.", "Aucune machine n’a d’adresse dans {cidr}.");
    let label = text!("Move all machines to {cidr}", "Déplacer toutes les machines dans {cidr}");
    Some(Finding::error("network.cidr", "machines-outside-network", text).fix(label, [Edit::Renumber { cidr }]))
}

fn overlap(a: &Ipv4Net, b: &Ipv4Net) -> bool {
    a.contains(b) || b.contains(a)
}

/// The first thing that is wrong with the range; the others would only repeat it.
fn range(plan: &ClusterPlan) -> Option<Finding> {
    let cidr = plan.network.cidr;
    let provider = plan.provider.name();
    let (id, text) = match plan.provider {
        _ if cidr.trunc() != cidr => {
            let right = cidr.trunc();
            let text = text!(
                "{cidr} is an address in a network; the network is {right}.",
                "{cidr} est une adresse dans un réseau ; le réseau est {right}."
            );
            let label = text!("Use {right}", "Utiliser {right}");
            let finding = Finding::error("network.cidr", "network-host-bits", text);
            return Some(finding.fix(label, [Edit::Renumber { cidr: right }]));
        }
        _ if cidr.prefix_len() > 29 => (
            "network-too-small",
            text!("{cidr} has no room for machines.", "{cidr} n’a pas de place pour des machines."),
        ),
        Provider::Practice if !LOOPBACK.contains(&cidr) => (
            "practice-network-not-loopback",
            text!(
                "Practice machines live on this computer’s loopback addresses (127.0.0.0/8); {cidr} is outside.",
                "Les machines simulées vivent sur les adresses de bouclage de cet ordinateur (127.0.0.0/8) ; {cidr} est en dehors."
            ),
        ),
        Provider::Practice if overlap(&OWN_SERVICES, &cidr) => (
            "practice-network-in-use",
            text!(
                "{cidr} holds addresses that this computer uses itself, such as 127.0.0.1.",
                "{cidr} contient des adresses que cet ordinateur utilise lui-même, comme 127.0.0.1."
            ),
        ),
        Provider::Practice => return None,
        _ if overlap(&LOOPBACK, &cidr) => (
            "network-is-loopback",
            text!(
                "{cidr} is loopback: real machines could not reach each other. Only practice machines live there.",
                "{cidr} est un réseau de bouclage : de vraies machines ne pourraient pas se joindre. Seules les machines simulées y vivent."
            ),
        ),
        _ if UNUSABLE.iter().any(|n| overlap(n, &cidr)) => (
            "network-not-usable",
            text!("No machine can have an address in {cidr}.", "Aucune machine ne peut avoir d’adresse dans {cidr}."),
        ),
        Provider::VirtualBox if !VIRTUALBOX.contains(&cidr) => (
            "network-outside-virtualbox",
            text!(
                "VirtualBox allows only addresses in {VIRTUALBOX} between host and machines; {cidr} is outside.",
                "VirtualBox n’autorise que les adresses de {VIRTUALBOX} entre l’hôte et les machines ; {cidr} est en dehors."
            ),
        ),
        real if providers_own(real).is_some_and(|own| overlap(&own, &cidr)) => (
            "network-used-by-provider",
            text!(
                "{cidr} overlaps the network that {provider} uses itself to reach the machines.",
                "{cidr} recouvre le réseau que {provider} utilise lui-même pour joindre les machines."
            ),
        ),
        _ if !PRIVATE.iter().any(|n| n.contains(&cidr)) => {
            let text = text!(
                "{cidr} is no private network: addresses on the Internet would be hidden by it.",
                "{cidr} n’est pas un réseau privé : il cacherait des adresses d’Internet."
            );
            return Some(Finding::warning("network.cidr", "network-not-private", text).fix_if(renumbered(plan)));
        }
        _ => return None,
    };
    Some(Finding::error("network.cidr", id, text).fix_if(renumbered(plan)))
}

/// A network that suits the provider, of the same size where that is possible.
fn renumbered(plan: &ClusterPlan) -> Option<(Text, Vec<Edit>)> {
    let prefix = plan.network.cidr.prefix_len();
    let cidr = suitable_network(plan.provider, &plan.name, prefix);
    Some((
        text!("Move all machines to {cidr}", "Déplacer toutes les machines dans {cidr}"),
        vec![Edit::Renumber { cidr }],
    ))
}

/// A network for the provider: the wanted prefix as far as it is possible there.
pub(super) fn suitable_network(provider: Provider, name: &str, prefix: u8) -> Ipv4Net {
    let prefix = if prefix > 29 { 24 } else { prefix };
    let (base, widest) = match provider {
        Provider::Practice => (practice_network(seed(name)), 16),
        _ => (real_network(), 21),
    };
    Ipv4Net::new_assert(base.network(), prefix.max(widest)).trunc()
}

/// A number from a name (FNV-1a): other clusters get other networks.
fn seed(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, b| (hash ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3))
}

fn addresses(plan: &ClusterPlan) -> Vec<Finding> {
    let cidr = plan.network.cidr.trunc();
    let mut found = Vec::new();
    for (n, node) in plan.nodes.iter().enumerate() {
        let (address, name) = (node.address, shown(&node.name));
        let gateway = Ipv4Addr::from_bits(cidr.network().to_bits().wrapping_add(1));
        let (id, text) = if !cidr.contains(&address) {
            (
                "address-outside-network",
                text!(
                    "{name}’s address {address} is outside the network {cidr}: the others would not find it.",
                    "L’adresse {address} de {name} est hors du réseau {cidr} : les autres ne la trouveraient pas."
                ),
            )
        } else if cidr.prefix_len() < 31 && (address == cidr.network() || address == cidr.broadcast()) {
            (
                "address-not-a-machines",
                text!(
                    "{address} stands for the network {cidr} itself, or for all machines in it; {name} can’t have it.",
                    "{address} désigne le réseau {cidr} lui-même, ou toutes ses machines ; {name} ne peut pas l’avoir."
                ),
            )
        } else if !plan.provider.is_practice() && address == gateway {
            (
                "address-is-the-hosts",
                text!(
                    "{address} is this computer’s own address in {cidr}; {name} can’t have it too.",
                    "{address} est l’adresse de cet ordinateur dans {cidr} ; {name} ne peut pas l’avoir aussi."
                ),
            )
        } else {
            continue;
        };
        found.push(Finding::error(format!("nodes[{n}].address"), id, text).fix_if(moved(plan, n)));
    }
    found
}

fn duplicates(plan: &ClusterPlan) -> Vec<Finding> {
    let mut seen = BTreeSet::new();
    let again = plan.nodes.iter().enumerate().filter(|(_, node)| !seen.insert(node.address));
    again
        .map(|(n, node)| {
            let address = node.address;
            let text = text!("Two machines have the address {address}.", "Deux machines ont l’adresse {address}.");
            Finding::error(format!("nodes[{n}].address"), "address-twice", text).fix_if(moved(plan, n))
        })
        .collect()
}

fn moved(plan: &ClusterPlan, node: usize) -> Option<(Text, Vec<Edit>)> {
    let address = same_place(plan, plan.nodes[node].address).or_else(|| free_address(plan))?;
    Some((text!("Use {address}", "Utiliser {address}"), vec![Edit::Address { node, address }]))
}

/// The address with the same last part in the plan's network, if no machine has it.
fn same_place(plan: &ClusterPlan, address: Ipv4Addr) -> Option<Ipv4Addr> {
    let cidr = plan.network.cidr.trunc();
    let moved = Ipv4Addr::from_bits(cidr.network().to_bits() | (address.to_bits() & cidr.hostmask().to_bits()));
    let first = Ipv4Addr::from_bits(cidr.network().to_bits().wrapping_add(1));
    let free = moved > first && moved < cidr.broadcast() && plan.nodes.iter().all(|n| n.address != moved);
    free.then_some(moved)
}

/// An address that no machine has, from .11 on as in the presets, or else from .2 on.
fn free_address(plan: &ClusterPlan) -> Option<Ipv4Addr> {
    let cidr = plan.network.cidr.trunc();
    let (first, last) = (cidr.network().to_bits(), cidr.broadcast().to_bits());
    let taken = set(plan.nodes.iter().map(|n| n.address.to_bits()));
    let from = |start: u32| first.saturating_add(start)..last;
    from(11).chain(from(2)).find(|bits| !taken.contains(bits)).map(Ipv4Addr::from_bits)
}
