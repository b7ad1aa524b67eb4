//! The scheduler: its environment, its unit, its installer.

use minijinja::context;
use plan::{ClusterPlan, MesosSource, Node, SchedulerKind};

use super::{
    Machine,
    machine::name_and_address,
    mesos::{meeting_point, session_timeout_ms},
};
use crate::template::fill;

pub fn render(plan: &ClusterPlan, node: &Node, machine: &mut Machine) {
    if !node.roles.marathon {
        return;
    }
    let kind = plan.scheduler.kind;
    machine.file("/etc/default/marathon", environment(plan, node));
    let values = context! { name => plan.name.as_str() };
    match kind {
        SchedulerKind::Pacer => {
            machine.file("/etc/systemd/system/pacer.service", fill("scheduler/pacer.service.j2", values));
            let installer = include_str!("../../templates/scheduler/install-pacer.sh");
            machine.script("/opt/startline/install-pacer.sh", installer);
        }
        SchedulerKind::Marathon => {
            machine.file("/etc/systemd/system/marathon.service", fill("scheduler/marathon.service.j2", values));
            let installer = include_str!("../../templates/scheduler/install-marathon.sh");
            machine.script("/opt/startline/install-marathon.sh", installer);
        }
    }
}

fn environment(plan: &ClusterPlan, node: &Node) -> String {
    let marathon = plan.scheduler.kind == SchedulerKind::Marathon;
    // Offers don't say what agents can do, so Pacer is told; the library from PyPI has no fetcher.
    let fetches = !marathon && plan.sources.mesos == MesosSource::Aventer;
    let values = context! {
        node => name_and_address(node),
        program => if marathon { "Marathon" } else { "Pacer" },
        masters => meeting_point(plan),
        state => format!("zk://{}/marathon", plan.zookeeper_hosts()),
        session_timeout_ms => session_timeout_ms(plan),
        port => plan.scheduler.port,
        marathon,
        fetches,
    };
    fill("scheduler/marathon.env.j2", values)
}
