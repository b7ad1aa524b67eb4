//! The ensemble: installed, configured, numbered, started, and in agreement.

use plan::Node;
use protocol::Page;
use words::text;

use super::{Planned, Record, Site, deadline, install, machines, start, take_notice};
use crate::act::{Act, Command, Expect};

pub const QUORUM: &str = "zookeeper.quorum";
const UNIT: &str = "zookeeper-server";

fn id(what: &str, node: &Node) -> String {
    format!("zookeeper.{what}.{}", node.name)
}

pub fn steps(site: &Site) -> Vec<Planned> {
    let mut steps: Vec<_> = site
        .plan
        .ensemble()
        .flat_map(|(myid, node)| {
            [installed(site, node), configured(site, node), initialised(site, myid, node), started(site, node)]
        })
        .collect();
    steps.push(quorum(site));
    steps
}

fn installed(site: &Site, node: &Node) -> Planned {
    let record = Record {
        id: id("install", node),
        page: Page::ZooKeeper,
        node: Some(node.name.clone()),
        title: text!("Install", "Installer"),
        why: text!(
            "ZooKeeper keeps the few facts that everyone must agree on: who leads, who is there. It is a Java program, so \
             Java comes with it.",
            "ZooKeeper garde les quelques faits sur lesquels tous doivent s’accorder : qui dirige, qui est là. C’est un \
             programme Java, donc Java vient avec."
        ),
        expected: text!("The package and its commands are there.", "Le paquet et ses commandes sont là."),
        after: vec![machines::base_id(node)],
        deadline_s: deadline(site.plan, 20, 900),
    };
    record.command(install(node, "zookeeper", text!("ZooKeeper is not installed", "ZooKeeper n’est pas installé")))
}

fn configured(site: &Site, node: &Node) -> Planned {
    let record = Record {
        id: id("configure", node),
        page: Page::ZooKeeper,
        node: Some(node.name.clone()),
        title: text!("Write zoo.cfg", "Écrire zoo.cfg"),
        why: text!(
            "All servers of an ensemble must have the same list of members: a line server.N for each, with the port for \
             followers and the port for elections. A server that is missing on one of them is a vote that is never counted.",
            "Tous les serveurs d’un ensemble doivent avoir la même liste de membres : une ligne server.N pour chacun, avec le \
             port des suiveurs et celui des élections. Un serveur oublié chez l’un d’eux, c’est une voix jamais comptée."
        ),
        expected: text!(
            "zoo.cfg, the Java settings and the log settings lie in /etc/zookeeper/conf.",
            "zoo.cfg, les réglages de Java et ceux du journal sont dans /etc/zookeeper/conf."
        ),
        after: vec![id("install", node)],
        deadline_s: deadline(site.plan, 20, 120),
    };
    let files = site.uploads(node, &["/etc/zookeeper/", "/etc/systemd/system/zookeeper-server.service"]);
    record.files(node, files, take_notice(UNIT))
}

fn initialised(site: &Site, myid: u16, node: &Node) -> Planned {
    let record = Record {
        id: id("initialise", node),
        page: Page::ZooKeeper,
        node: Some(node.name.clone()),
        title: text!("Initialise as {myid}", "Initialiser comme {myid}"),
        why: text!(
            "A server that joins an ensemble must know who it is. Its number goes into the file myid in the data folder and \
             must match the line server.{myid} in zoo.cfg.",
            "Un serveur qui rejoint un ensemble doit savoir qui il est. Son numéro va dans le fichier myid du dossier de \
             données et doit correspondre à la ligne server.{myid} de zoo.cfg."
        ),
        expected: text!(
            "An empty data folder with one file, myid, that holds {myid}.",
            "Un dossier de données vide avec un seul fichier, myid, qui contient {myid}."
        ),
        after: vec![id("configure", node)],
        deadline_s: deadline(site.plan, 20, 60),
    };
    let line = format!("sudo -u zookeeper zookeeper-server-initialize --myid={myid}");
    record.command(Command {
        node: node.name.clone(),
        // Only reached when the look saw no right myid: a data folder without one was cut off in the making and never served.
        or_else: Some(format!("test ! -e /var/lib/zookeeper/myid && {line} --force")),
        lines: vec![line],
        look: "sudo cat /var/lib/zookeeper/myid".into(),
        expect: Expect::Output(myid.to_string()),
        waiting_for: text!("myid does not hold {myid}", "myid ne contient pas {myid}"),
        evidence: None,
    })
}

fn started(site: &Site, node: &Node) -> Planned {
    let record = Record {
        id: id("start", node),
        page: Page::ZooKeeper,
        node: Some(node.name.clone()),
        title: text!("Start the server", "Démarrer le serveur"),
        why: text!(
            "`enable` makes the server come back by itself when the machine restarts, `start` starts it now. They are two \
             things: without the first, a reboot loses a vote.",
            "« enable » fait revenir le serveur tout seul quand la machine redémarre, « start » le démarre maintenant. Ce sont \
             deux choses : sans la première, un redémarrage perd une voix."
        ),
        expected: text!("The unit is enabled and active.", "L’unité est « enabled » et « active »."),
        after: vec![id("initialise", node)],
        deadline_s: deadline(site.plan, 20, 120),
    };
    record.command(start(node, UNIT))
}

fn quorum(site: &Site) -> Planned {
    let plan = site.plan;
    let servers = plan.ensemble().count();
    let majority = servers / 2 + 1;
    let why = if servers == 1 {
        text!(
            "One server alone serves at once, but it is a single point of failure: when it stops, nobody finds a leader.",
            "Un serveur seul sert tout de suite, mais c’est un point de défaillance unique : s’il s’arrête, plus personne ne \
             trouve de chef."
        )
    } else {
        let may_fail = servers - majority;
        text!(
            "With {servers} servers, {majority} must agree before anything is written. So {may_fail} may fail, and the others \
             still agree. They elect one leader, through which all writes go.",
            "Avec {servers} serveurs, {majority} doivent être d’accord avant toute écriture. Donc {may_fail} peut tomber, et les \
             autres s’accordent encore. Ils élisent un chef, par qui passent toutes les écritures."
        )
    };
    let record = Record {
        id: QUORUM.into(),
        page: Page::ZooKeeper,
        node: None,
        title: text!("The servers agree", "Les serveurs s’accordent"),
        why,
        expected: text!(
            "Every server answers `srvr`; one says leader (or standalone, if it is alone).",
            "Chaque serveur répond à « srvr » ; l’un dit leader (ou standalone, s’il est seul)."
        ),
        after: plan.ensemble().map(|(_, n)| id("start", n)).collect(),
        deadline_s: deadline(plan, 20, 180),
    };
    let port = plan.zookeeper.client_port;
    let lines: Vec<_> = plan.ensemble().map(|(_, n)| format!("echo srvr | nc -q 1 {} {port}", n.address)).collect();
    record.planned(lines.join("\n"), Act::Ensemble)
}
