//! The scheduler: Pacer or Marathon, several of which elect a leader.

use plan::{Node, Provider, SchedulerKind};
use protocol::Page;
use words::text;

use super::{Planned, Record, Site, deadline, install, machines, mesos, start, take_notice};
use crate::act::Act;

pub const LEADS: &str = "scheduler.leads";

fn id(what: &str, node: &Node) -> String {
    format!("scheduler.{what}.{}", node.name)
}

fn unit(site: &Site) -> &'static str {
    match site.plan.scheduler.kind {
        SchedulerKind::Pacer => "pacer",
        SchedulerKind::Marathon => "marathon",
    }
}

fn name(site: &Site) -> &'static str {
    match site.plan.scheduler.kind {
        SchedulerKind::Pacer => "Pacer",
        SchedulerKind::Marathon => "Marathon",
    }
}

pub fn steps(site: &Site) -> Vec<Planned> {
    let mut steps: Vec<_> =
        site.plan.schedulers().flat_map(|n| [installed(site, n), configured(site, n), started(site, n)]).collect();
    steps.push(leads(site));
    steps
}

fn installed(site: &Site, node: &Node) -> Planned {
    let name = name(site);
    let note = match (site.plan.scheduler.kind, site.plan.provider) {
        (SchedulerKind::Marathon, Provider::Practice) => text!(
            " On a practice machine Pacer answers in Marathon’s place, with the same API.",
            " Sur une machine d’entraînement, Pacer répond à la place de Marathon, avec la même API."
        ),
        _ => text!("", ""),
    };
    let (en, fr) = (note.en, note.fr);
    let record = Record {
        id: id("install", node),
        page: Page::Application,
        node: Some(node.name.clone()),
        title: text!("Install {name}", "Installer {name}"),
        why: text!(
            "Mesos only offers resources. A scheduler takes the offers, starts your application on them, and starts it again \
             elsewhere when a machine is lost: that is what makes it self-healing.{en}",
            "Mesos ne fait qu’offrir des ressources. Un ordonnanceur prend les offres, y démarre votre application, et la \
             redémarre ailleurs quand une machine est perdue : c’est ce qui la rend autoréparante.{fr}"
        ),
        expected: text!("{name} is there.", "{name} est là."),
        after: vec![machines::base_id(node)],
        deadline_s: deadline(site.plan, 20, 900),
    };
    record.command(install(node, unit(site), text!("{name} is not installed", "{name} n’est pas installé")))
}

fn configured(site: &Site, node: &Node) -> Planned {
    let name = name(site);
    let record = Record {
        id: id("configure", node),
        page: Page::Application,
        node: Some(node.name.clone()),
        title: text!("Write its settings", "Écrire ses réglages"),
        why: text!(
            "{name} reads variables MARATHON_… from /etc/default/marathon: where it finds Mesos’s leader, where it keeps its \
             own state (both in ZooKeeper), and which address it announces.",
            "{name} lit les variables MARATHON_… de /etc/default/marathon : où trouver le chef de Mesos, où garder son propre \
             état (les deux dans ZooKeeper), et quelle adresse annoncer."
        ),
        expected: text!(
            "/etc/default/marathon with this machine’s address.",
            "/etc/default/marathon avec l’adresse de cette machine."
        ),
        after: vec![id("install", node)],
        deadline_s: deadline(site.plan, 20, 120),
    };
    let unit_file = format!("/etc/systemd/system/{}.service", unit(site));
    let files = site.uploads(node, &["/etc/default/marathon", &unit_file]);
    record.files(node, files, take_notice(unit(site)))
}

fn started(site: &Site, node: &Node) -> Planned {
    let name = name(site);
    let record = Record {
        id: id("start", node),
        page: Page::Application,
        node: Some(node.name.clone()),
        title: text!("Start {name}", "Démarrer {name}"),
        why: text!(
            "It subscribes to the leading master as a framework; from then on it gets offers.",
            "Il s’abonne au maître dirigeant comme framework ; dès lors il reçoit des offres."
        ),
        expected: text!("The unit is enabled and active.", "L’unité est « enabled » et « active »."),
        after: vec![id("configure", node), mesos::LEADER.into()],
        deadline_s: deadline(site.plan, 20, 180),
    };
    record.command(start(node, unit(site)))
}

fn leads(site: &Site) -> Planned {
    let name = name(site);
    let record = Record {
        id: LEADS.into(),
        page: Page::Application,
        node: None,
        title: text!("{name} leads and is registered", "{name} dirige et est enregistré"),
        why: text!(
            "Several may run; one leads and the others pass requests on to it. It is ready when Mesos lists it as a framework.",
            "Il peut y en avoir plusieurs ; l’un dirige et les autres lui passent les requêtes. Il est prêt quand Mesos le \
             liste comme framework."
        ),
        expected: text!(
            "/v2/info names a leader and a framework id.",
            "/v2/info nomme un chef et un identifiant de framework."
        ),
        after: site.plan.schedulers().map(|n| id("start", n)).collect(),
        deadline_s: deadline(site.plan, 20, 180),
    };
    let port = site.plan.scheduler.port;
    let lines: Vec<_> =
        site.plan.schedulers().map(|n| format!("curl -s http://{}:{port}/v2/info", n.address)).collect();
    record.planned(lines.join("\n"), Act::Scheduler)
}
