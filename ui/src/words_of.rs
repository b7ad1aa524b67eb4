//! The words for what the protocol's enums mean.

use plan::{Preset, Provider, SchedulerKind};
use protocol::{AgentState, ClusterState, MachineState, Page, ZooKeeperMode};

use crate::{i18n::t, route::Screen};

/// A page of a cluster.
pub fn screen(screen: Screen) -> &'static str {
    match screen {
        Screen::Plan => t("Plan", "Plan"),
        Screen::Machines => t("Machines", "Machines"),
        Screen::ZooKeeper => "ZooKeeper",
        Screen::Mesos => "Mesos",
        Screen::Application => t("Application", "Application"),
        Screen::Monitor => t("Monitor", "Surveillance"),
        Screen::Files => t("Files & export", "Fichiers et export"),
    }
}

/// The screen that shows the steps of a page.
pub fn screen_of(page: Page) -> Screen {
    match page {
        Page::Plan => Screen::Plan,
        Page::Machines => Screen::Machines,
        Page::ZooKeeper => Screen::ZooKeeper,
        Page::Mesos => Screen::Mesos,
        Page::Application => Screen::Application,
    }
}

/// A provider.
pub fn provider(provider: Provider) -> &'static str {
    match provider {
        Provider::Practice => t("Practice", "Entraînement"),
        Provider::VirtualBox => "VirtualBox",
        Provider::Libvirt => "libvirt",
        Provider::Docker => "Docker",
    }
}

/// A preset.
pub fn preset(preset: Preset) -> &'static str {
    match preset {
        Preset::Solo => t("Solo", "Solo"),
        Preset::Classroom => t("Classroom", "Salle de classe"),
        Preset::Ha => t("High availability", "Haute disponibilité"),
    }
}

/// The scheduler that a plan runs.
pub fn scheduler(kind: SchedulerKind) -> &'static str {
    match kind {
        SchedulerKind::Pacer => "Pacer",
        SchedulerKind::Marathon => "Marathon",
    }
}

/// How many machines.
pub fn machines(count: usize) -> String {
    format!("{count}\u{a0}{}", if count == 1 { t("machine", "machine") } else { t("machines", "machines") })
}

/// How many applications. French counts 0 as one.
pub fn applications(count: usize) -> String {
    let word = match count {
        1 => t("application", "application"),
        0 => t("applications", "application"),
        _ => t("applications", "applications"),
    };
    format!("{count}\u{a0}{word}")
}

/// Where a cluster stands, as far as its folder tells.
pub fn cluster_state(state: ClusterState) -> String {
    match state {
        ClusterState::Planned => t("Planned", "Prévu").to_owned(),
        ClusterState::Partial { done, of } => {
            let word = t("steps done", "étapes faites");
            format!("{done} / {of} {word}")
        }
        ClusterState::Up => t("Up", "En marche").to_owned(),
        ClusterState::Halted => t("Halted", "Arrêté").to_owned(),
        ClusterState::Unreadable => t("Unreadable", "Illisible").to_owned(),
    }
}

/// Where a machine stands.
pub fn machine_state(state: MachineState) -> &'static str {
    match state {
        MachineState::Missing => t("not made yet", "pas encore créée"),
        MachineState::Running => t("running", "en marche"),
        MachineState::Halted => t("halted", "arrêtée"),
        MachineState::Paused => t("paused", "en pause"),
        MachineState::Unknown => t("unknown", "inconnu"),
    }
}

/// What a ZooKeeper server does.
pub fn zookeeper_mode(mode: ZooKeeperMode) -> &'static str {
    match mode {
        ZooKeeperMode::Leader => t("leads", "dirige"),
        ZooKeeperMode::Follower => t("follows", "suit"),
        ZooKeeperMode::Standalone => t("alone", "seul"),
        ZooKeeperMode::Looking => t("looking", "cherche"),
        ZooKeeperMode::Down => t("no answer", "sans réponse"),
    }
}

/// Where an agent stands.
pub fn agent_state(state: AgentState) -> &'static str {
    match state {
        AgentState::Absent => t("not registered", "pas inscrit"),
        AgentState::Active => t("active", "actif"),
        AgentState::Recovering => t("coming back", "de retour bientôt"),
        AgentState::Inactive => t("no answer", "sans réponse"),
        AgentState::Unreachable => t("unreachable", "injoignable"),
    }
}
