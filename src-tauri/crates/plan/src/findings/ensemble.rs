//! The ZooKeeper ensemble: how many, which numbers, which limits.

use std::collections::BTreeSet;

use words::{Text, text};

use super::{Finding, listed, set, shown};
use crate::{ClusterPlan, Edit, ZooKeeper};

/// ZooKeeper keeps its numbers in Java's `int`.
const JAVA_INT: u64 = i32::MAX as u64;
/// Below this the server's own caches don't fit.
const SMALLEST_HEAP: u32 = 32;

pub(super) fn check(plan: &ClusterPlan) -> Vec<Finding> {
    let mut found: Vec<Finding> = size(plan).into_iter().collect();
    found.extend(numbers(plan));
    found.extend(times(&plan.zookeeper));
    found.extend(connections(&plan.zookeeper));
    found.extend(heap(plan));
    found
}

fn size(plan: &ClusterPlan) -> Option<Finding> {
    let servers = plan.ensemble().count();
    let masters = plan.masters().count();
    match servers {
        _ if plan.nodes.is_empty() => None,
        0 => Some(
            Finding::error("nodes", "no-zookeeper", text!(
                "No machine runs ZooKeeper: masters could not elect a leader, agents could not find it.",
                "Aucune machine n’exécute ZooKeeper : les maîtres ne pourraient pas élire de meneur, ni les agents le trouver."
            ))
            .fix_if(added(plan)),
        ),
        1 if masters > 1 => Some(
            Finding::hint("nodes", "single-zookeeper", text!(
                "{masters} masters depend on one ZooKeeper server: if it stops, all of them do. Three servers survive the loss of one.",
                "{masters} maîtres dépendent d’un seul serveur ZooKeeper : s’il s’arrête, eux aussi. Trois serveurs survivent à la perte d’un."
            )),
        ),
        8.. => Some(
            Finding::warning("nodes", "ensemble-too-large", text!(
                "{servers} ZooKeeper servers: each write waits for more than half of them. More than 7 only make it slower.",
                "{servers} serveurs ZooKeeper : chaque écriture attend plus de la moitié d’entre eux. Au-delà de 7, c’est seulement plus lent."
            ))
            .fix_if(removed(plan, servers - 7)),
        ),
        n if n % 2 == 0 => Some(even(plan, n)),
        6.. => Some(Finding::hint("nodes", "ensemble-large", text!(
            "{servers} ZooKeeper servers are many: 5 already survive the loss of two, and write faster.",
            "{servers} serveurs ZooKeeper, c’est beaucoup : 5 survivent déjà à la perte de deux et écrivent plus vite."
        ))),
        _ => None,
    }
}

fn even(plan: &ClusterPlan, servers: usize) -> Finding {
    let (majority, fewer) = (servers / 2 + 1, servers - 1);
    let text = if servers == 2 {
        text!(
            "Two ZooKeeper servers are worse than one: both must run. Use 1 or 3.",
            "Deux serveurs ZooKeeper valent moins qu’un : il faut que les deux tournent. Prenez-en 1 ou 3."
        )
    } else {
        text!(
            "{servers} ZooKeeper servers survive no more losses than {fewer}: {majority} of them must run. Use an odd number.",
            "{servers} serveurs ZooKeeper ne survivent pas à plus de pertes que {fewer} : il en faut {majority}. Prenez un nombre impair."
        )
    };
    Finding::warning("nodes", "ensemble-even", text).fix_if(added(plan).or_else(|| removed(plan, 1)))
}

/// One more server: on a master if one has none, else on any machine.
fn added(plan: &ClusterPlan) -> Option<(Text, Vec<Edit>)> {
    let myid = free_myid(plan)?;
    let mut free = plan.nodes.iter().enumerate().filter(|(_, n)| n.roles.zookeeper.is_none());
    let (node, machine) = free.clone().find(|(_, n)| n.roles.master).or_else(|| free.next())?;
    let name = shown(&machine.name);
    Some((
        text!("Add a server on {name}", "Ajouter un serveur sur {name}"),
        vec![Edit::ZooKeeper { node, myid: Some(myid) }],
    ))
}

/// So many servers fewer, from the end.
fn removed(plan: &ClusterPlan, count: usize) -> Option<(Text, Vec<Edit>)> {
    let servers = plan.nodes.iter().enumerate().filter(|(_, n)| n.roles.zookeeper.is_some());
    let last: Vec<(usize, &str)> = servers.rev().take(count).map(|(n, node)| (n, node.name.as_str())).collect();
    let names = listed(last.iter().map(|(_, name)| *name));
    let edits = last.iter().map(|(node, _)| Edit::ZooKeeper { node: *node, myid: None }).collect();
    Some((text!("Remove the server on {names}", "Retirer le serveur de {names}"), edits))
}

fn free_myid(plan: &ClusterPlan) -> Option<u16> {
    let taken = set(plan.ensemble().map(|(myid, _)| myid));
    (1..=255).find(|id| !taken.contains(id))
}

fn numbers(plan: &ClusterPlan) -> Vec<Finding> {
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for (n, node) in plan.nodes.iter().enumerate() {
        let Some(myid) = node.roles.zookeeper.map(|z| z.myid) else { continue };
        let name = shown(&node.name);
        let path = format!("nodes[{n}].roles.zookeeper.myid");
        let fix = free_myid(plan)
            .map(|id| (text!("Use {id}", "Utiliser {id}"), vec![Edit::ZooKeeper { node: n, myid: Some(id) }]));
        if !(1..=255).contains(&myid) {
            let text = text!(
                "{name}’s number is {myid}; ZooKeeper takes 1 to 255.",
                "Le numéro de {name} est {myid} ; ZooKeeper accepte de 1 à 255."
            );
            found.push(Finding::error(path, "myid-out-of-range", text).fix_if(fix));
        } else if !seen.insert(myid) {
            let text = text!(
                "Two ZooKeeper servers have the number {myid}; {name} would be taken for the other.",
                "Deux serveurs ZooKeeper ont le numéro {myid} ; {name} serait prise pour l’autre."
            );
            found.push(Finding::error(path, "myid-twice", text).fix_if(fix));
        }
    }
    found
}

fn times(zookeeper: &ZooKeeper) -> Vec<Finding> {
    let ZooKeeper { tick_ms, init_limit, sync_limit, .. } = *zookeeper;
    let usual = ZooKeeper::default();
    let mut found = Vec::new();
    let ms = usual.tick_ms;
    let tick = |finding: Finding| {
        finding.fix(text!("Use {ms} ms", "Utiliser {ms} ms"), [Edit::Tick { tick_ms: usual.tick_ms }])
    };
    if tick_ms == 0 || u64::from(tick_ms) * 20 > JAVA_INT {
        let text = text!(
            "A tick of {tick_ms} ms: ZooKeeper could not measure time with it.",
            "Un tick de {tick_ms} ms : ZooKeeper ne pourrait pas mesurer le temps avec."
        );
        found.push(tick(Finding::error("zookeeper.tick_ms", "tick-not-usable", text)));
    } else if !(100..=60_000).contains(&tick_ms) {
        let text = text!(
            "A tick of {tick_ms} ms is unusual: sessions last 2 to 20 ticks. {ms} ms is the usual one.",
            "Un tick de {tick_ms} ms est inhabituel : les sessions durent de 2 à 20 ticks. L’usage est de {ms} ms."
        );
        found.push(tick(Finding::warning("zookeeper.tick_ms", "tick-unusual", text)));
    }
    for (key, limit) in [("init_limit", init_limit), ("sync_limit", sync_limit)] {
        if limit == 0 || u64::from(limit) * u64::from(tick_ms.max(1)) > JAVA_INT {
            let text = text!(
                "{limit} ticks for “{key}”: followers could not keep up with the leader.",
                "{limit} ticks pour « {key} » : les suiveurs ne pourraient pas suivre le meneur."
            );
            let label = text!("Use ZooKeeper’s own limits", "Utiliser les limites de ZooKeeper");
            let edits = [
                Edit::Limits { init_limit: usual.init_limit, sync_limit: usual.sync_limit },
                Edit::Tick { tick_ms: if (100..=60_000).contains(&tick_ms) { tick_ms } else { usual.tick_ms } },
            ];
            found.push(Finding::error(format!("zookeeper.{key}"), "limit-not-usable", text).fix(label, edits));
        }
    }
    found
}

fn connections(zookeeper: &ZooKeeper) -> Option<Finding> {
    let usual = ZooKeeper::default().max_client_connections;
    (u64::from(zookeeper.max_client_connections) > JAVA_INT).then(|| {
        let text = text!(
            "ZooKeeper can’t count that many connections; 0 is without limit.",
            "ZooKeeper ne peut pas compter autant de connexions ; 0 est sans limite."
        );
        Finding::error("zookeeper.max_client_connections", "connections-too-many", text)
            .fix(text!("Use {usual}", "Utiliser {usual}"), [Edit::MaxClientConnections { to: usual }])
    })
}

fn heap(plan: &ClusterPlan) -> Option<Finding> {
    let heap = plan.zookeeper.heap_mb;
    let smallest = plan.ensemble().map(|(_, n)| n).min_by_key(|n| n.memory_mb)?;
    let (name, memory) = (shown(&smallest.name), smallest.memory_mb);
    let (id, text) = if heap < SMALLEST_HEAP {
        (
            "heap-too-small",
            text!(
                "ZooKeeper does not start with a heap of {heap} MiB.",
                "ZooKeeper ne démarre pas avec un tas de {heap} Mio."
            ),
        )
    } else if heap >= memory {
        (
            "heap-beyond-memory",
            text!(
                "ZooKeeper’s heap is {heap} MiB, but {name} has only {memory} MiB of memory.",
                "Le tas de ZooKeeper fait {heap} Mio, mais {name} n’a que {memory} Mio de mémoire."
            ),
        )
    } else {
        return None;
    };
    let finding = Finding::error("zookeeper.heap_mb", id, text);
    let heap_mb = ZooKeeper::default().heap_mb.min(memory / 4).max(SMALLEST_HEAP);
    if heap_mb >= memory {
        return Some(finding);
    }
    Some(finding.fix(text!("Use {heap_mb} MiB", "Utiliser {heap_mb} Mio"), [Edit::Heap { heap_mb }]))
}
