//! Mesos: where the masters meet, one file a flag, the wrapper that reads them, the units.

use minijinja::context;
use plan::{AgentResources, AgentRole, ClusterPlan, MesosSource, Node};

use super::Machine;
use crate::{quote, template::fill};

pub fn render(plan: &ClusterPlan, node: &Node, machine: &mut Machine) {
    if !node.roles.master && node.roles.agent.is_none() {
        return;
    }
    machine.file("/etc/mesos/zk", format!("{}\n", meeting_point(plan)));
    let wrapper = include_str!("../../templates/mesos/mesos-init-wrapper");
    machine.script("/usr/local/sbin/mesos-init-wrapper", wrapper);
    installer(plan.sources.mesos, machine);
    if node.roles.master {
        put_flags(machine, "master", master_flags(plan, node));
        unit(plan, machine, "master");
    }
    if let Some(role) = &node.roles.agent {
        put_flags(machine, "agent", agent_flags(plan, node, role));
        unit(plan, machine, "agent");
    }
}

/// Where masters elect their leader and agents look for it.
pub fn meeting_point(plan: &ClusterPlan) -> String {
    format!("zk://{}/mesos", plan.zookeeper_hosts())
}

fn installer(source: MesosSource, machine: &mut Machine) {
    let dest = "/opt/startline/install-mesos.sh";
    match source {
        MesosSource::Pypi => {
            machine.script(dest, include_str!("../../templates/mesos/install-mesos-pypi.sh"));
            machine.file("/opt/startline/mesosd.cpp", include_str!("../../assets/mesosd.cpp"));
        }
        MesosSource::Aventer => machine.script(dest, include_str!("../../templates/mesos/install-mesos-aventer.sh")),
    }
}

fn unit(plan: &ClusterPlan, machine: &mut Machine, role: &str) {
    let text = fill(&format!("mesos/mesos-{role}.service.j2"), context! { name => plan.name.as_str() });
    machine.file(&format!("/etc/systemd/system/mesos-{role}.service"), text);
}

/// A flag, by the name of its file, and its value; `?name` is a flag that takes none.
type Flag = (&'static str, Option<String>);

fn flag(name: &'static str, value: impl ToString) -> Flag {
    (name, Some(value.to_string()))
}

fn put_flags(machine: &mut Machine, role: &str, flags: Vec<Flag>) {
    for (name, value) in flags {
        let line = value.map(|v| quote::one_line(&v) + "\n").unwrap_or_default();
        machine.file(&format!("/etc/mesos-{role}/{name}"), line);
    }
}

/// What masters and agents have in common. The address is said three times over because the first network of a Vagrant
/// machine is its own, with the same address on every machine: left to itself, Mesos would take that one.
fn address_flags(plan: &ClusterPlan, node: &Node, port: u16) -> Vec<Flag> {
    vec![
        flag("ip", node.address),
        flag("port", port),
        flag("hostname", node.address),
        ("?no-hostname_lookup", None),
        flag("log_dir", "/var/log/mesos"),
        flag("zk_session_timeout", duration(session_timeout_ms(plan))),
    ]
}

/// How long a silent leader keeps its place. Mesos's and Marathon's default is 10 s; half of it makes a failover quick to
/// watch. ZooKeeper allows no less than two ticks.
pub fn session_timeout_ms(plan: &ClusterPlan) -> u64 {
    (2 * u64::from(plan.zookeeper.tick_ms)).max(5000)
}

/// A duration as Mesos's flags take it.
fn duration(ms: u64) -> String {
    if ms.is_multiple_of(1000) { format!("{}secs", ms / 1000) } else { format!("{ms}ms") }
}

fn master_flags(plan: &ClusterPlan, node: &Node) -> Vec<Flag> {
    let mut flags = address_flags(plan, node, plan.mesos.master_port);
    flags.extend([
        flag("quorum", plan.mesos_quorum()),
        flag("work_dir", "/var/lib/mesos/master"),
        flag("cluster", plan.mesos.cluster.as_ref().unwrap_or(&plan.name)),
    ]);
    flags
}

fn agent_flags(plan: &ClusterPlan, node: &Node, role: &AgentRole) -> Vec<Flag> {
    let mut flags = address_flags(plan, node, plan.mesos.agent_port);
    flags.extend([
        flag("work_dir", "/var/lib/mesos/agent"),
        flag("resources", resources(role.resources.or(plan.mesos.agent), plan.mesos.task_ports)),
        // Without it an agent whose attributes have changed would not start again.
        flag("reconfiguration_policy", "additive"),
        // An executor has this long to come back after its agent was started anew; Mesos's 2 s are short on a busy laptop.
        flag("executor_reregistration_timeout", "15secs"),
        flag("containerizers", "mesos"),
        // Mesos 1.11 knows the first version of cgroups only, which today's systems no longer have.
        flag("launcher", "posix"),
        flag("isolation", "posix/cpu,posix/mem"),
        ("?no-systemd_enable_support", None),
    ]);
    if plan.sources.mesos == MesosSource::Pypi {
        flags.push(flag("launcher_dir", "/opt/mesos/libexec"));
    }
    if !role.attributes.is_empty() {
        flags.push(flag("attributes", attributes(role)));
    }
    flags
}

/// What the agent offers. Without numbers in the plan only the ports are said, and Mesos measures the rest.
fn resources(offered: Option<AgentResources>, (first, last): (u16, u16)) -> String {
    let ports = format!("ports:[{first}-{last}]");
    match offered {
        Some(AgentResources { cpus, mem_mb, disk_mb }) => format!("cpus:{cpus};mem:{mem_mb};disk:{disk_mb};{ports}"),
        None => ports,
    }
}

fn attributes(role: &AgentRole) -> String {
    let each = |(name, value): (&String, &String)| format!("{}:{}", quote::attribute(name), quote::attribute(value));
    role.attributes.iter().map(each).collect::<Vec<_>>().join(";")
}
