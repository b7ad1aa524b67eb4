//! Mesos masters and their quorum; the scheduler.

use words::{Text, text};

use super::{Finding, shown};
use crate::{ClusterPlan, Edit, SchedulerKind};

pub(super) fn check(plan: &ClusterPlan) -> Vec<Finding> {
    if plan.nodes.is_empty() {
        return Vec::new();
    }
    [masters(plan), quorum(plan), scheduler(plan), kind(plan)].into_iter().flatten().collect()
}

fn masters(plan: &ClusterPlan) -> Option<Finding> {
    let masters = plan.masters().count();
    match masters {
        0 => {
            let (node, name) = first_head(plan);
            let text = text!(
                "No machine runs a Mesos master: nobody would hand out the agents’ resources.",
                "Aucune machine n’exécute de maître Mesos : personne ne distribuerait les ressources des agents."
            );
            let label = text!("Make {name} a master", "Faire de {name} un maître");
            Some(Finding::error("nodes", "no-master", text).fix(label, [Edit::Master { node, on: true }]))
        }
        n if n % 2 == 0 => {
            let fewer = n - 1;
            let text = text!(
                "{n} masters survive no more losses than {fewer}. Use an odd number.",
                "{n} maîtres ne survivent pas à plus de pertes que {fewer}. Prenez un nombre impair."
            );
            Some(Finding::warning("nodes", "masters-even", text).fix_if(one_fewer(plan)))
        }
        _ => None,
    }
}

/// The machine that a master or scheduler fits best: the first with ZooKeeper, else the first.
fn first_head(plan: &ClusterPlan) -> (usize, String) {
    let node = plan.nodes.iter().position(|n| n.roles.zookeeper.is_some()).unwrap_or(0);
    (node, plan.nodes.get(node).map_or_else(String::new, |n| shown(&n.name)))
}

fn one_fewer(plan: &ClusterPlan) -> Option<(Text, Vec<Edit>)> {
    let (node, machine) = plan.nodes.iter().enumerate().rfind(|(_, n)| n.roles.master)?;
    let name = shown(&machine.name);
    let label = text!("Remove the master on {name}", "Retirer le maître de {name}");
    Some((label, vec![Edit::Master { node, on: false }]))
}

fn quorum(plan: &ClusterPlan) -> Option<Finding> {
    let quorum = plan.mesos.quorum?;
    let masters = u32::try_from(plan.masters().count()).unwrap_or(u32::MAX);
    let right = masters / 2 + 1;
    let finding = if quorum == right {
        return None;
    } else if quorum > masters {
        Finding::error(
            "mesos.quorum",
            "quorum-out-of-reach",
            text!(
                "A quorum of {quorum} with {masters} masters is never reached: no leader would ever be elected.",
                "Un quorum de {quorum} avec {masters} maîtres n’est jamais atteint : aucun meneur ne serait jamais élu."
            ),
        )
    } else if quorum < right {
        Finding::error(
            "mesos.quorum",
            "quorum-loses-data",
            text!(
                "A quorum of {quorum} with {masters} masters loses data: two halves could both believe that they lead. It must be {right}.",
                "Un quorum de {quorum} avec {masters} maîtres perd des données : deux moitiés pourraient se croire meneuses. Il faut {right}."
            ),
        )
    } else {
        Finding::warning(
            "mesos.quorum",
            "quorum-too-strict",
            text!(
                "A quorum of {quorum} with {masters} masters survives fewer losses than {right} would.",
                "Un quorum de {quorum} avec {masters} maîtres survit à moins de pertes que {right}."
            ),
        )
    };
    let label = text!("Derive it from the masters", "Le déduire du nombre de maîtres");
    Some(finding.fix(label, [Edit::Quorum { quorum: None }]))
}

fn scheduler(plan: &ClusterPlan) -> Option<Finding> {
    if plan.schedulers().next().is_some() {
        return None;
    }
    let (node, name) = first_head(plan);
    let text = text!(
        "No machine runs the scheduler: nobody would start applications.",
        "Aucune machine n’exécute l’ordonnanceur : personne ne démarrerait d’applications."
    );
    let label = text!("Run it on {name}", "L’exécuter sur {name}");
    Some(Finding::error("nodes", "no-scheduler", text).fix(label, [Edit::Scheduler { node, on: true }]))
}

fn kind(plan: &ClusterPlan) -> Option<Finding> {
    let odd = plan.provider.is_practice() && plan.scheduler.kind == SchedulerKind::Marathon;
    odd.then(|| {
        let text = text!(
            "Practice machines run Pacer, which speaks Marathon’s API, in Marathon’s place.",
            "Les machines simulées exécutent Pacer, qui parle l’API de Marathon, à la place de Marathon."
        );
        let label = text!("Say Pacer in the plan", "Indiquer Pacer dans le plan");
        Finding::hint("scheduler.kind", "practice-runs-pacer", text)
            .fix(label, [Edit::SchedulerKind { kind: SchedulerKind::Pacer }])
    })
}
