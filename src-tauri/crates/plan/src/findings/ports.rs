//! Ports: none may be taken twice on a machine.

use words::{Text, text};

use super::{Finding, listed};
use crate::{ClusterPlan, Edit, Mesos, Node, PortSetting, Scheduler, ZooKeeper};

/// Below this only root may listen.
const PRIVILEGED: u16 = 1024;
const SSH: u16 = 22;

/// A port of the plan: the setting, its number, and whether a machine uses it.
struct Port {
    setting: PortSetting,
    number: u16,
    used_by: fn(&Node) -> bool,
}

impl PortSetting {
    /// The path of the setting in the plan.
    pub fn path(self) -> &'static str {
        match self {
            Self::ZooKeeperClient => "zookeeper.client_port",
            Self::ZooKeeperPeer => "zookeeper.peer_port",
            Self::ZooKeeperElection => "zookeeper.election_port",
            Self::ZooKeeperAdmin => "zookeeper.admin_port",
            Self::Master => "mesos.master_port",
            Self::Agent => "mesos.agent_port",
            Self::Scheduler => "scheduler.port",
        }
    }

    /// The number that it has if the plan says nothing; the AdminServer's is the one after Marathon's.
    fn usual(self) -> u16 {
        let (zookeeper, mesos) = (ZooKeeper::default(), Mesos::default());
        match self {
            Self::ZooKeeperClient => zookeeper.client_port,
            Self::ZooKeeperPeer => zookeeper.peer_port,
            Self::ZooKeeperElection => zookeeper.election_port,
            Self::ZooKeeperAdmin => 8081,
            Self::Master => mesos.master_port,
            Self::Agent => mesos.agent_port,
            Self::Scheduler => Scheduler::default().port,
        }
    }
}

fn ports(plan: &ClusterPlan) -> Vec<Port> {
    let zookeeper = |n: &Node| n.roles.zookeeper.is_some();
    let z = &plan.zookeeper;
    let mut ports = vec![
        Port { setting: PortSetting::ZooKeeperClient, number: z.client_port, used_by: zookeeper },
        Port { setting: PortSetting::ZooKeeperPeer, number: z.peer_port, used_by: zookeeper },
        Port { setting: PortSetting::ZooKeeperElection, number: z.election_port, used_by: zookeeper },
        Port { setting: PortSetting::Master, number: plan.mesos.master_port, used_by: |n| n.roles.master },
        Port { setting: PortSetting::Agent, number: plan.mesos.agent_port, used_by: |n| n.roles.agent.is_some() },
        Port { setting: PortSetting::Scheduler, number: plan.scheduler.port, used_by: |n| n.roles.marathon },
    ];
    let admin = |number| Port { setting: PortSetting::ZooKeeperAdmin, number, used_by: zookeeper };
    ports.extend(z.admin_port.map(admin));
    ports
}

pub(super) fn check(plan: &ClusterPlan) -> Vec<Finding> {
    let ports = ports(plan);
    let mut found = Vec::new();
    found.extend(task_range(plan));
    found.extend(ports.iter().filter_map(|port| low(plan, port)));
    for (n, later) in ports.iter().enumerate() {
        let earlier = ports[..n].iter().find_map(|earlier| collision(plan, earlier, later));
        found.extend(earlier.or_else(|| among_tasks(plan, later)));
    }
    found
}

fn task_range(plan: &ClusterPlan) -> Option<Finding> {
    let (first, last) = plan.mesos.task_ports;
    let usual = Mesos::default().task_ports;
    let (id, text) = if first > last {
        (
            "task-ports-reversed",
            text!(
                "The ports for tasks end ({last}) before they begin ({first}).",
                "Les ports des tâches finissent ({last}) avant de commencer ({first})."
            ),
        )
    } else if first < PRIVILEGED {
        (
            "task-ports-privileged",
            text!(
                "The ports for tasks begin at {first}; those below 1024 are not for tasks.",
                "Les ports des tâches commencent à {first} ; ceux en dessous de 1024 ne sont pas pour les tâches."
            ),
        )
    } else {
        return None;
    };
    let (first, last) = if first > last && last >= PRIVILEGED { (last, first) } else { usual };
    let label = text!("Use {first} to {last}", "Utiliser {first} à {last}");
    Some(Finding::error("mesos.task_ports", id, text).fix(label, [Edit::TaskPorts { first, last }]))
}

fn low(plan: &ClusterPlan, port: &Port) -> Option<Finding> {
    let (path, number) = (port.setting.path(), port.number);
    let used = plan.nodes.iter().any(port.used_by);
    let finding = match number {
        0 => Finding::error(
            path,
            "port-zero",
            text!(
                "Port 0 means “any”: the others would not know where to connect.",
                "Le port 0 veut dire « n’importe lequel » : les autres ne sauraient pas où se connecter."
            ),
        ),
        _ if number >= PRIVILEGED || !used => return None,
        SSH if !plan.provider.is_practice() => Finding::error(
            path,
            "port-is-sshs",
            text!(
                "Port 22 is ssh’s: the machine could not be reached any more.",
                "Le port 22 est celui de ssh : la machine ne serait plus joignable."
            ),
        ),
        _ if plan.provider.is_practice() => Finding::error(
            path,
            "port-privileged",
            text!(
                "Port {number} is below 1024: only root may listen there, and practice machines run as you.",
                "Le port {number} est en dessous de 1024 : seul root peut y écouter, et les machines simulées tournent sous votre nom."
            ),
        ),
        _ => Finding::warning(
            path,
            "port-privileged",
            text!(
                "Port {number} is below 1024: only root may listen there.",
                "Le port {number} est en dessous de 1024 : seul root peut y écouter."
            ),
        ),
    };
    Some(finding.fix_if(moved(plan, port.setting)))
}

fn collision(plan: &ClusterPlan, earlier: &Port, later: &Port) -> Option<Finding> {
    if earlier.number != later.number {
        return None;
    }
    let both = plan.nodes.iter().filter(|n| (earlier.used_by)(n) && (later.used_by)(n));
    let names: Vec<&str> = both.map(|n| n.name.as_str()).collect();
    if names.is_empty() {
        return None;
    }
    let (number, names) = (later.number, listed(names));
    let (a, b) = (earlier.setting.path(), later.setting.path());
    if (earlier.setting, later.setting) == (PortSetting::Scheduler, PortSetting::ZooKeeperAdmin) {
        let text = text!(
            "ZooKeeper’s AdminServer and the scheduler both want port {number} on {names}; whichever starts last fails.",
            "L’AdminServer de ZooKeeper et l’ordonnanceur veulent tous deux le port {number} sur {names} ; le dernier à démarrer échoue."
        );
        let label = text!("Leave the AdminServer off", "Laisser l’AdminServer éteint");
        let off = Edit::Port { port: PortSetting::ZooKeeperAdmin, to: None };
        return Some(Finding::error(b, "admin-server-on-schedulers-port", text).fix(label, [off]));
    }
    let text = text!(
        "“{a}” and “{b}” are both {number} on {names}; whichever starts last fails.",
        "« {a} » et « {b} » valent tous deux {number} sur {names} ; le dernier à démarrer échoue."
    );
    Some(Finding::error(b, "port-twice", text).fix_if(moved(plan, later.setting)))
}

fn among_tasks(plan: &ClusterPlan, port: &Port) -> Option<Finding> {
    let (first, last) = plan.mesos.task_ports;
    if !(first..=last).contains(&port.number) {
        return None;
    }
    let both = plan.nodes.iter().filter(|n| (port.used_by)(n) && n.roles.agent.is_some());
    let names: Vec<&str> = both.map(|n| n.name.as_str()).collect();
    if names.is_empty() {
        return None;
    }
    let (path, number, names) = (port.setting.path(), port.number, listed(names));
    let text = text!(
        "“{path}” is {number}, which {names} would also give to tasks ({first} to {last}).",
        "« {path} » vaut {number}, que {names} donnerait aussi à des tâches ({first} à {last})."
    );
    Some(Finding::error(path, "port-among-task-ports", text).fix_if(moved(plan, port.setting)))
}

/// The setting's usual port, or the next that nothing in the plan uses.
fn moved(plan: &ClusterPlan, setting: PortSetting) -> Option<(Text, Vec<Edit>)> {
    let (first, last) = plan.mesos.task_ports;
    let others: Vec<u16> = ports(plan).iter().filter(|p| p.setting != setting).map(|p| p.number).collect();
    let mut candidates = (setting.usual()..=u16::MAX).chain(PRIVILEGED..setting.usual());
    let to = candidates.find(|p| !others.contains(p) && !(first..=last).contains(p))?;
    let label = text!("Use port {to}", "Utiliser le port {to}");
    Some((label, vec![Edit::Port { port: setting, to: Some(to) }]))
}
