//! The guide: all of it by hand, in the plan's language.

use minijinja::{Value, context};
use plan::{ClusterPlan, MesosSource, Node, SchedulerKind};
use words::{Lang, Text};

use super::{mesos, vagrant};
use crate::{quote, template::fill};

pub fn readme(plan: &ClusterPlan) -> String {
    let template = match plan.language {
        Lang::En => "guide/README.en.md.j2",
        Lang::Fr => "guide/README.fr.md.j2",
    };
    fill(template, values(plan))
}

fn values(plan: &ClusterPlan) -> Value {
    let pacer = plan.scheduler.kind == SchedulerKind::Pacer;
    let servers: Vec<_> = plan.ensemble().map(|(myid, node)| server(plan, myid, node)).collect();
    context! {
        name => plan.name.as_str(),
        practice => plan.provider.is_practice(),
        docker => plan.provider == plan::Provider::Docker,
        provider => vagrant::provider(plan.provider),
        majority => servers.len() / 2 + 1,
        servers,
        first => plan.nodes.first().map_or_else(no_machine, |n| machine(plan, n)),
        first_master => plan.masters().next().map(|n| machine(plan, n)),
        first_scheduler => plan.schedulers().next().map(|n| machine(plan, n)),
        last_agent => plan.agents().last().map(|(n, _)| machine(plan, n)),
        nodes => plan.nodes.iter().map(|n| machine(plan, n)).collect::<Vec<_>>(),
        masters => plan.masters().map(|n| machine(plan, n)).collect::<Vec<_>>(),
        agents => plan.agents().map(|(n, _)| machine(plan, n)).collect::<Vec<_>>(),
        schedulers => plan.schedulers().map(|n| machine(plan, n)).collect::<Vec<_>>(),
        client_port => plan.zookeeper.client_port,
        master_port => plan.mesos.master_port,
        scheduler_port => plan.scheduler.port,
        quorum => plan.mesos_quorum(),
        meeting_point => mesos::meeting_point(plan),
        pypi => plan.sources.mesos == MesosSource::Pypi,
        pacer,
        scheduler => if pacer { "Pacer" } else { "Marathon" },
        unit => if pacer { "pacer" } else { "marathon" },
        applications => applications(plan),
    }
}

fn machine(plan: &ClusterPlan, node: &Node) -> Value {
    context! {
        name => node.name.as_str(),
        folder => quote::segment(&node.name),
        address => node.address.to_string(),
        cpus => node.cpus,
        memory_mb => node.memory_mb,
        does => roles(plan, node),
    }
}

/// What the guide says of the first machine of a plan that has none: nothing.
fn no_machine() -> Value {
    context! { name => "", folder => "", address => "" }
}

fn server(plan: &ClusterPlan, myid: u16, node: &Node) -> Value {
    context! { myid, ..machine(plan, node) }
}

fn roles(plan: &ClusterPlan, node: &Node) -> Vec<String> {
    let mut roles = Vec::new();
    if let Some(role) = node.roles.zookeeper {
        roles.push(Text::same(format!("ZooKeeper {}", role.myid)));
    }
    if node.roles.master {
        roles.push(Text::new("Mesos master", "master Mesos"));
    }
    if node.roles.agent.is_some() {
        roles.push(Text::new("Mesos agent", "agent Mesos"));
    }
    if node.roles.marathon {
        let name = if plan.scheduler.kind == SchedulerKind::Pacer { "Pacer" } else { "Marathon" };
        roles.push(Text::same(name));
    }
    roles.iter().map(|text| text.get(plan.language).into()).collect()
}

fn applications(plan: &ClusterPlan) -> Vec<Value> {
    let each = |id: &str| context! { id => format!("/{}", id.trim_matches('/')), file => super::application_path(id) };
    plan.applications.iter().map(|app| each(&app.id)).collect()
}
