//! The settings of the network and of what runs on the machines.

use leptos::prelude::*;
use plan::{MesosSource, Provider, SchedulerKind, ZooKeeperSource};
use words::Lang;

use super::{
    draft::Draft,
    field::{choice, field},
};
use crate::i18n::tx;
use crate::kept::kept;
use crate::live::live;

/// Provider, network, box, language of the guide.
pub fn ground(draft: Draft) -> AnyView {
    let real = kept(move || draft.plan.with(|plan| !plan.provider.is_practice()));
    view! {
        <section class="card plan-part">
            <h2>{tx("Ground", "Terrain")}</h2>
            <div class="fields">
                {choice(
                    draft,
                    "provider",
                    ("Machines are", "Les machines sont"),
                    vec![
                        (Provider::Practice, "practice", ("practice machines", "d’entraînement")),
                        (Provider::VirtualBox, "virtualbox", ("VirtualBox", "VirtualBox")),
                        (Provider::Libvirt, "libvirt", ("libvirt", "libvirt")),
                        (Provider::Docker, "docker", ("Docker", "Docker")),
                    ],
                    |plan| plan.provider,
                    |plan, value| plan.provider = value,
                )}
                {field!("network.cidr", "Network", "Réseau", network).show(draft)}
                {choice(
                    draft,
                    "language",
                    ("The guide is in", "Le guide est en"),
                    vec![(Lang::En, "en", ("English", "anglais")), (Lang::Fr, "fr", ("French", "français"))],
                    |plan| plan.language,
                    |plan, value| plan.language = value,
                )}
            </div>
            {live(move || real.get().then(|| view! {
                <div class="fields">
                    {field!("box.name", "Box", "Box", image.name).show(draft)}
                    {field!("box.version", "Box version", "Version de la box", image.version).placeholder("12.20250126.1").show(draft)}
                    {field!("box.url", "Box address or file", "Adresse ou fichier de la box", image.url).placeholder("https://… / ~/debian.box").show(draft)}
                    {field!("box.checksum", "SHA-256 of the box", "SHA-256 de la box", image.checksum).show(draft)}
                </div>
            }.into_any()))}
        </section>
    }
    .into_any()
}

/// ZooKeeper's settings.
pub fn zookeeper(draft: Draft) -> AnyView {
    view! {
        <section class="card plan-part">
            <h2>"ZooKeeper"</h2>
            <div class="fields">
                {field!("zookeeper.client_port", "Client port", "Port des clients", zookeeper.client_port).show(draft)}
                {field!("zookeeper.peer_port", "Peer port", "Port des pairs", zookeeper.peer_port).show(draft)}
                {field!("zookeeper.election_port", "Election port", "Port d’élection", zookeeper.election_port).show(draft)}
                {field!("zookeeper.admin_port", "AdminServer port", "Port d’AdminServer", zookeeper.admin_port).placeholder("off").show(draft)}
                {field!("zookeeper.tick_ms", "Tick, ms", "Tic, ms", zookeeper.tick_ms).show(draft)}
                {field!("zookeeper.init_limit", "To join, ticks", "Pour rejoindre, tics", zookeeper.init_limit).show(draft)}
                {field!("zookeeper.sync_limit", "To lag behind, ticks", "Retard admis, tics", zookeeper.sync_limit).show(draft)}
                {field!("zookeeper.max_client_connections", "Connections per address", "Connexions par adresse", zookeeper.max_client_connections)
                    .show(draft)}
                {field!("zookeeper.heap_mb", "Java heap, MiB", "Tas Java, Mio", zookeeper.heap_mb).show(draft)}
                {choice(
                    draft,
                    "sources.zookeeper",
                    ("Installed from", "Installé depuis"),
                    vec![
                        (ZooKeeperSource::Debian, "debian", ("Debian", "Debian")),
                        (ZooKeeperSource::Bigtop, "bigtop", ("Apache Bigtop", "Apache Bigtop")),
                    ],
                    |plan| plan.sources.zookeeper,
                    |plan, value| plan.sources.zookeeper = value,
                )}
            </div>
        </section>
    }
    .into_any()
}

/// Mesos's settings, and the scheduler's.
pub fn mesos(draft: Draft) -> AnyView {
    view! {
        <section class="card plan-part">
            <h2>{tx("Mesos and scheduler", "Mesos et ordonnanceur")}</h2>
            <div class="fields">
                {field!("mesos.cluster", "Cluster name shown", "Nom affiché", mesos.cluster).placeholder("= name").show(draft)}
                {field!("mesos.master_port", "Masters’ port", "Port des maîtres", mesos.master_port).show(draft)}
                {field!("mesos.agent_port", "Agents’ port", "Port des agents", mesos.agent_port).show(draft)}
                {field!("mesos.quorum", "Quorum of masters", "Quorum des maîtres", mesos.quorum).placeholder("masters / 2 + 1").show(draft)}
                {field!("mesos.task_ports", "Ports for tasks", "Ports des tâches", mesos.task_ports).show(draft)}
                {field!("mesos.agent", "Agents offer: CPUs / MiB / disk MiB", "Offre : CPU / Mio / disque Mio", mesos.agent)
                    .placeholder("auto")
                    .show(draft)}
                {choice(
                    draft,
                    "sources.mesos",
                    ("Mesos installed from", "Mesos installé depuis"),
                    vec![
                        (MesosSource::Pypi, "pypi", ("PyPI’s libmesos", "libmesos de PyPI")),
                        (MesosSource::Aventer, "aventer", ("AVENTER’s packages", "paquets d’AVENTER")),
                    ],
                    |plan| plan.sources.mesos,
                    |plan, value| plan.sources.mesos = value,
                )}
                {choice(
                    draft,
                    "scheduler.kind",
                    ("Scheduler", "Ordonnanceur"),
                    vec![
                        (SchedulerKind::Pacer, "pacer", ("Pacer", "Pacer")),
                        (SchedulerKind::Marathon, "marathon", ("Marathon 1.11", "Marathon 1.11")),
                    ],
                    |plan| plan.scheduler.kind,
                    |plan, value| plan.scheduler.kind = value,
                )}
                {field!("scheduler.port", "Scheduler’s port", "Port de l’ordonnanceur", scheduler.port).show(draft)}
            </div>
        </section>
    }
    .into_any()
}
