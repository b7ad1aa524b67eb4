//! Machines: made, and told each other's names.

use plan::{Node, Provider};
use protocol::Page;
use words::text;

use super::{Planned, Record, Site, deadline, project};
use crate::act::Act;

pub fn up_id(node: &Node) -> String {
    format!("machine.up.{}", node.name)
}

pub fn base_id(node: &Node) -> String {
    format!("machine.base.{}", node.name)
}

pub fn steps(site: &Site) -> Vec<Planned> {
    site.plan.nodes.iter().flat_map(|node| [up(site, node), base(site, node)]).collect()
}

fn up(site: &Site, node: &Node) -> Planned {
    let Node { name, address, cpus, memory_mb, .. } = node;
    let practice = site.plan.provider == Provider::Practice;
    let why = if practice {
        text!(
            "A practice machine is a small simulated computer with a disk, a shell and services of its own, at {address}. \
             The same step makes a real one with `vagrant up {name}` when the plan says so.",
            "Une machine d’entraînement est un petit ordinateur simulé, avec son disque, son shell et ses services, à \
             l’adresse {address}. La même étape en crée une vraie avec « vagrant up {name} » si le plan le demande."
        )
    } else {
        text!(
            "Vagrant reads the Vagrantfile, copies the box, and starts a machine with {cpus} CPU and {memory_mb} MiB at \
             {address}.",
            "Vagrant lit le Vagrantfile, copie la box et démarre une machine avec {cpus} processeur(s) et {memory_mb} Mio à \
             l’adresse {address}."
        )
    };
    let record = Record {
        id: up_id(node),
        page: Page::Machines,
        node: Some(name.clone()),
        title: text!("Start the machine", "Démarrer la machine"),
        why,
        expected: text!("The machine runs and takes commands.", "La machine tourne et accepte des commandes."),
        after: vec![project::WRITE.into()],
        deadline_s: deadline(site.plan, 20, 900),
    };
    let command = if practice { format!("startline up {}", site.plan.name) } else { format!("vagrant up {name}") };
    record.planned(command, Act::Machine(name.clone()))
}

fn base(site: &Site, node: &Node) -> Planned {
    let record = Record {
        id: base_id(node),
        page: Page::Machines,
        node: Some(node.name.clone()),
        title: text!("Names and tools", "Noms et outils"),
        why: text!(
            "Every machine must know the others by name, and itself by its address in the cluster: Debian writes the \
             machine’s own name beside 127.0.1.1, and a master that binds there is found by nobody. The scripts that the \
             next steps use are put there too.",
            "Chaque machine doit connaître les autres par leur nom, et elle-même par son adresse dans le cluster : Debian \
             écrit son propre nom à côté de 127.0.1.1, et un maître lié à cette adresse n’est trouvé par personne. Les \
             scripts des étapes suivantes y sont posés aussi."
        ),
        expected: text!(
            "/etc/hosts lists every machine of the plan, once.",
            "/etc/hosts liste chaque machine du plan, une seule fois."
        ),
        after: vec![up_id(node)],
        deadline_s: deadline(site.plan, 20, 120),
    };
    let files = site.uploads(node, &["/etc/hosts", "/opt/startline/", "/usr/local/"]);
    record.files(node, files, vec![])
}
