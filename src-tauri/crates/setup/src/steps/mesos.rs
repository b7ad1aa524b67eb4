//! Mesos: masters that elect a leader through ZooKeeper, agents that register with it.

use plan::Node;
use protocol::Page;
use words::text;

use super::{Planned, Record, Site, deadline, install, machines, start, take_notice, zookeeper};
use crate::act::Act;

pub const LEADER: &str = "mesos.leader";

fn id(what: &str, node: &Node) -> String {
    format!("mesos.{what}.{}", node.name)
}

pub fn registered_id(node: &Node) -> String {
    id("agent.registered", node)
}

pub fn steps(site: &Site) -> Vec<Planned> {
    let plan = site.plan;
    let either = |n: &&Node| n.roles.master || n.roles.agent.is_some();
    let mut steps: Vec<_> = plan.nodes.iter().filter(either).map(|n| installed(site, n)).collect();
    steps.extend(plan.masters().flat_map(|n| [master_configured(site, n), master_started(site, n)]));
    steps.push(leads(site));
    steps.extend(
        plan.agents().flat_map(|(n, _)| [agent_configured(site, n), agent_started(site, n), agent_registered(site, n)]),
    );
    steps
}

fn installed(site: &Site, node: &Node) -> Planned {
    let record = Record {
        id: id("install", node),
        page: Page::Mesos,
        node: Some(node.name.clone()),
        title: text!("Install Mesos", "Installer Mesos"),
        why: text!(
            "Masters and agents are the same software. The project is retired and its package repositories are gone; the \
             script takes the last official library and checks it before use.",
            "Maîtres et agents sont le même logiciel. Le projet est retiré et ses dépôts ont disparu ; le script prend la \
             dernière bibliothèque officielle et la vérifie avant usage."
        ),
        expected: text!("mesos-master and mesos-agent can be run.", "mesos-master et mesos-agent peuvent être lancés."),
        after: vec![machines::base_id(node)],
        deadline_s: deadline(site.plan, 20, 900),
    };
    record.command(install(node, "mesos", text!("Mesos is not installed", "Mesos n’est pas installé")))
}

fn master_configured(site: &Site, node: &Node) -> Planned {
    let quorum = site.plan.mesos_quorum();
    let record = Record {
        id: id("master.configure", node),
        page: Page::Mesos,
        node: Some(node.name.clone()),
        title: text!("Write the master’s flags", "Écrire les options du maître"),
        why: text!(
            "Each flag is a file under /etc/mesos-master. zk says where the ensemble is, ip which of the machine’s addresses \
             is meant, and quorum how many masters must agree: {quorum} here. Too small a quorum loses data.",
            "Chaque option est un fichier sous /etc/mesos-master. zk dit où est l’ensemble, ip laquelle des adresses de la \
             machine est la bonne, et quorum combien de maîtres doivent s’accorder : ici {quorum}. Un quorum trop petit perd \
             des données."
        ),
        expected: text!(
            "/etc/mesos/zk names every server of the ensemble.",
            "/etc/mesos/zk nomme chaque serveur de l’ensemble."
        ),
        after: vec![id("install", node)],
        deadline_s: deadline(site.plan, 20, 120),
    };
    let files = site.uploads(node, &["/etc/mesos/", "/etc/mesos-master/", "/etc/systemd/system/mesos-master.service"]);
    record.files(node, files, take_notice("mesos-master"))
}

fn master_started(site: &Site, node: &Node) -> Planned {
    let record = Record {
        id: id("master.start", node),
        page: Page::Mesos,
        node: Some(node.name.clone()),
        title: text!("Start the master", "Démarrer le maître"),
        why: text!(
            "The master writes a short-lived node into ZooKeeper. Whoever wrote the first one leads; the others stand by.",
            "Le maître écrit un nœud éphémère dans ZooKeeper. Celui qui a écrit le premier dirige ; les autres se tiennent prêts."
        ),
        expected: text!("The unit is enabled and active.", "L’unité est « enabled » et « active »."),
        after: vec![id("master.configure", node), zookeeper::QUORUM.into()],
        deadline_s: deadline(site.plan, 20, 120),
    };
    record.command(start(node, "mesos-master"))
}

fn leads(site: &Site) -> Planned {
    let plan = site.plan;
    let port = plan.mesos.master_port;
    let masters = plan.masters().count();
    let record = Record {
        id: LEADER.into(),
        page: Page::Mesos,
        node: None,
        title: text!("One master leads", "Un maître dirige"),
        why: text!(
            "Of {masters} master(s), exactly one may decide. The others answer with a redirect to it, and take over when its \
             node in ZooKeeper vanishes.",
            "Sur {masters} maître(s), un seul doit décider. Les autres renvoient vers lui, et prennent la suite quand son \
             nœud disparaît de ZooKeeper."
        ),
        expected: text!("Every master names the same leader.", "Chaque maître nomme le même chef."),
        after: plan.masters().map(|n| id("master.start", n)).collect(),
        deadline_s: deadline(plan, 20, 120),
    };
    let lines: Vec<_> = plan
        .masters()
        .map(|n| format!("curl -s -o /dev/null -w '%{{redirect_url}}\\n' http://{}:{port}/redirect", n.address))
        .collect();
    record.planned(lines.join("\n"), Act::Master)
}

fn agent_configured(site: &Site, node: &Node) -> Planned {
    let record = Record {
        id: id("agent.configure", node),
        page: Page::Mesos,
        node: Some(node.name.clone()),
        title: text!("Write the agent’s flags", "Écrire les options de l’agent"),
        why: text!(
            "An agent is told where ZooKeeper is, never which master to use: it asks ZooKeeper who leads, and follows when \
             that changes. Its resources and attributes are what it offers.",
            "On dit à un agent où est ZooKeeper, jamais quel maître utiliser : il demande à ZooKeeper qui dirige, et suit \
             quand cela change. Ses ressources et attributs sont ce qu’il offre."
        ),
        expected: text!("One file a flag under /etc/mesos-agent.", "Un fichier par option sous /etc/mesos-agent."),
        after: vec![id("install", node)],
        deadline_s: deadline(site.plan, 20, 120),
    };
    let files = site.uploads(node, &["/etc/mesos/", "/etc/mesos-agent/", "/etc/systemd/system/mesos-agent.service"]);
    record.files(node, files, take_notice("mesos-agent"))
}

fn agent_started(site: &Site, node: &Node) -> Planned {
    let record = Record {
        id: id("agent.start", node),
        page: Page::Mesos,
        node: Some(node.name.clone()),
        title: text!("Start the agent", "Démarrer l’agent"),
        why: text!(
            "The agent runs the tasks and reports on them. Enabled, it comes back with the machine and keeps its identity.",
            "L’agent exécute les tâches et rend compte. Activé, il revient avec la machine et garde son identité."
        ),
        expected: text!("The unit is enabled and active.", "L’unité est « enabled » et « active »."),
        after: vec![id("agent.configure", node), LEADER.into()],
        deadline_s: deadline(site.plan, 20, 120),
    };
    record.command(start(node, "mesos-agent"))
}

fn agent_registered(site: &Site, node: &Node) -> Planned {
    let port = site.plan.mesos.master_port;
    let name = &node.name;
    let record = Record {
        id: registered_id(node),
        page: Page::Mesos,
        node: Some(name.clone()),
        title: text!("It is registered", "Il est enregistré"),
        why: text!(
            "Only an agent that the leading master knows gets its resources offered. One that runs and is unknown most often \
             looks at another ZooKeeper, or announces an address that the master can’t reach.",
            "Seul un agent connu du maître dirigeant voit ses ressources offertes. S’il tourne sans être connu, c’est le plus \
             souvent qu’il regarde un autre ZooKeeper, ou annonce une adresse que le maître ne joint pas."
        ),
        expected: text!(
            "The leader’s list of agents has {name}, active.",
            "La liste des agents du chef contient {name}, actif."
        ),
        after: vec![id("agent.start", node)],
        deadline_s: deadline(site.plan, 20, 120),
    };
    let master = site.plan.masters().next().map_or_else(String::new, |n| n.address.to_string());
    record.planned(format!("curl -sL http://{master}:{port}/slaves"), Act::Agent(name.clone()))
}
