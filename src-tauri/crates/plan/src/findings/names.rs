//! Names of the cluster and of its machines.

use std::collections::BTreeSet;

use words::text;

use super::{Finding, set, shown};
use crate::{ClusterPlan, Edit};

/// What nothing that has a name may be called: these mean something else on every machine.
const TAKEN: [&str; 5] = ["localhost", "localdomain", "broadcasthost", "ip6-localhost", "ip6-loopback"];

pub(super) fn check(plan: &ClusterPlan) -> Vec<Finding> {
    let mut found = Vec::new();
    found.extend(cluster(plan));
    found.extend(mesos_cluster(plan));
    found.extend(machines(plan));
    found.extend(duplicates(plan));
    found
}

fn is_cluster_name(name: &str) -> bool {
    let inside = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    inside && (1..=40).contains(&name.len()) && name.starts_with(|c: char| c.is_ascii_lowercase())
}

/// A DNS label (RFC 1123) that no resolver takes for a number.
fn is_host_name(name: &str) -> bool {
    let inside = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let letter = name.bytes().any(|b| b.is_ascii_alphabetic());
    let taken = TAKEN.contains(&name.to_ascii_lowercase().as_str());
    inside && letter && !taken && (1..=63).contains(&name.len()) && !name.starts_with('-') && !name.ends_with('-')
}

/// The nearest name of at most `length` letters: others become hyphens.
fn tidied(name: &str, length: usize) -> String {
    let letters = name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' });
    let mut tidy = String::new();
    for c in letters.take(200) {
        if c != '-' || !tidy.ends_with('-') {
            tidy.push(c);
        }
    }
    let tidy = tidy.trim_matches(|c: char| c == '-' || c.is_ascii_digit());
    tidy[..tidy.len().min(length)].trim_end_matches('-').into()
}

fn cluster(plan: &ClusterPlan) -> Option<Finding> {
    if is_cluster_name(&plan.name) {
        return None;
    }
    let name = shown(&plan.name);
    let tidy = tidied(&plan.name, 40);
    let tidy = if is_cluster_name(&tidy) { tidy } else { "cluster".into() };
    let finding = Finding::error(
        "name",
        "cluster-name",
        text!(
            "“{name}” can’t be a cluster’s name: it takes 1 to 40 lower-case letters, digits and hyphens, a letter first.",
            "« {name} » ne peut pas nommer un cluster : il faut 1 à 40 minuscules, chiffres et traits d’union, une lettre d’abord."
        ),
    );
    Some(finding.fix(text!("Call it “{tidy}”", "L’appeler « {tidy} »"), [Edit::Name { name: tidy }]))
}

fn mesos_cluster(plan: &ClusterPlan) -> Option<Finding> {
    let name = plan.mesos.cluster.as_deref()?;
    let inside = name.bytes().all(|b| b.is_ascii_alphanumeric() || b" ._-".contains(&b));
    if inside && (1..=64).contains(&name.len()) && name.trim() == name {
        return None;
    }
    let name = shown(name);
    let finding = Finding::error(
        "mesos.cluster",
        "mesos-cluster-name",
        text!(
            "“{name}” can’t be the name that masters show: it takes letters, digits, spaces, “.”, “_” and “-”.",
            "« {name} » ne peut pas être le nom affiché par les maîtres : il faut des lettres, chiffres, espaces, « . », « _ » et « - »."
        ),
    );
    let label = text!("Show the cluster’s own name", "Afficher le nom du cluster");
    Some(finding.fix(label, [Edit::MesosCluster { name: None }]))
}

fn machines(plan: &ClusterPlan) -> Vec<Finding> {
    let bad = plan.nodes.iter().enumerate().filter(|(_, n)| !is_host_name(&n.name));
    bad.map(|(n, node)| {
        let name = shown(&node.name);
        let free = free_name(plan, &node.name);
        Finding::error(
            format!("nodes[{n}].name"),
            "machine-name",
            text!(
                "“{name}” can’t be a machine’s name: it takes 1 to 63 letters, digits and hyphens, with a letter in it and no hyphen at either end.",
                "« {name} » ne peut pas nommer une machine : il faut 1 à 63 lettres, chiffres et traits d’union, dont une lettre, sans trait d’union au bord."
            ),
        )
        .fix(text!("Call it “{free}”", "L’appeler « {free} »"), [Edit::NodeName { node: n, name: free }])
    })
    .collect()
}

fn duplicates(plan: &ClusterPlan) -> Vec<Finding> {
    let mut seen = BTreeSet::new();
    let again = plan.nodes.iter().enumerate().filter(|(_, n)| !seen.insert(n.name.to_ascii_lowercase()));
    again
        .map(|(n, node)| {
            let name = shown(&node.name);
            let free = free_name(plan, &node.name);
            Finding::error(
                format!("nodes[{n}].name"),
                "machine-name-twice",
                text!(
                    "Two machines are called “{name}”; capitals make no difference.",
                    "Deux machines s’appellent « {name} » ; les majuscules ne comptent pas."
                ),
            )
            .fix(text!("Call it “{free}”", "L’appeler « {free} »"), [Edit::NodeName { node: n, name: free }])
        })
        .collect()
}

/// A name like `wish` that no machine has.
fn free_name(plan: &ClusterPlan, wish: &str) -> String {
    let taken = set(plan.nodes.iter().map(|n| n.name.to_ascii_lowercase()));
    let tidy = tidied(wish, 50);
    let stem = if is_host_name(&tidy) { tidy } else { "node".into() };
    let numbered = (1..=plan.nodes.len() + 1).map(|n| format!("{stem}{n}"));
    // A machine among numbered ones gets the next number.
    let bare = (!wish.ends_with(|c: char| c.is_ascii_digit())).then(|| stem.clone());
    let mut names = bare.into_iter().chain(numbered);
    names.find(|name| !taken.contains(name)).unwrap_or(stem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_names() {
        for good in ["node1", "a", "Web-01", &"a".repeat(63)] {
            assert!(is_host_name(good), "{good}");
        }
        for bad in ["", "-a", "a-", "a.b", "a b", "é", "12", "localhost", "a\n", "x\"", "#{x}", "$(x)", &"a".repeat(64)]
        {
            assert!(!is_host_name(bad), "{bad:?}");
        }
    }

    #[test]
    fn tidied_names() {
        assert_eq!(tidied("Ma Classe 2", 40), "ma-classe");
        assert_eq!(tidied("été", 40), "t");
        assert_eq!(tidied("#{system('x')}", 40), "system-x");
        assert_eq!(tidied("***", 40), "");
    }
}
