//! ZooKeeper: its settings, its unit, and the commands that Debian's package lacks.

use minijinja::{Value, context};
use plan::{ClusterPlan, Node, ZooKeeperSource};

use super::{Machine, machine::name_and_address};
use crate::template::fill;

const DATA_DIR: &str = "/var/lib/zookeeper";

pub fn render(plan: &ClusterPlan, node: &Node, machine: &mut Machine) {
    let Some(role) = node.roles.zookeeper else { return };
    let bigtop = plan.sources.zookeeper == ZooKeeperSource::Bigtop;
    let values = context! {
        name => plan.name.as_str(),
        node => name_and_address(node),
        myid => role.myid,
        servers => servers(plan),
        zookeeper => settings(&plan.zookeeper),
        data_dir => DATA_DIR,
        bigtop,
    };
    machine.file("/etc/zookeeper/conf/zoo.cfg", fill("zookeeper/zoo.cfg.j2", values.clone()));
    machine.file("/etc/zookeeper/conf/java.env", fill("zookeeper/java.env.j2", values.clone()));
    machine.file("/etc/zookeeper/conf/logback.xml", include_str!("../../templates/zookeeper/logback.xml"));
    let unit = fill("zookeeper/zookeeper-server.service.j2", values.clone());
    machine.file("/etc/systemd/system/zookeeper-server.service", unit);
    machine.made_there(&format!("{DATA_DIR}/myid"), format!("{}\n", role.myid));
    if bigtop {
        let installer = include_str!("../../templates/zookeeper/install-zookeeper-bigtop.sh");
        machine.script("/opt/startline/install-zookeeper.sh", installer);
    } else {
        debian(values, machine);
    }
}

fn debian(values: Value, machine: &mut Machine) {
    let installer = include_str!("../../templates/zookeeper/install-zookeeper-debian.sh");
    let initialize = include_str!("../../templates/zookeeper/zookeeper-server-initialize");
    let cleanup = include_str!("../../templates/zookeeper/zookeeper-server-cleanup");
    machine.script("/opt/startline/install-zookeeper.sh", installer);
    machine.script("/usr/local/sbin/zookeeper-server-initialize", initialize);
    machine.script("/usr/local/sbin/zookeeper-server-cleanup", cleanup);
    machine.script("/usr/local/bin/zookeeper-client", fill("zookeeper/zookeeper-client.j2", values));
}

fn settings(of: &plan::ZooKeeper) -> Value {
    context! {
        client_port => of.client_port,
        peer_port => of.peer_port,
        election_port => of.election_port,
        tick_ms => of.tick_ms,
        init_limit => of.init_limit,
        sync_limit => of.sync_limit,
        max_client_connections => of.max_client_connections,
        heap_mb => of.heap_mb,
        admin_port => of.admin_port,
    }
}

fn servers(plan: &ClusterPlan) -> Vec<Value> {
    plan.ensemble().map(|(myid, node)| context! { myid, address => node.address.to_string() }).collect()
}
