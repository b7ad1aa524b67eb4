//! From plan to text. Written by hand rather than by serde: the order, the comments and the one-line roles are what makes
//! the file good to read. A property test sees to it that nothing is forgotten.

use std::fmt::Display;

use marathon::AppDefinition;
use serde_json::{Map, Value};

use crate::{
    AgentResources, AgentRole, BoxImage, ClusterPlan, Mesos, MesosSource, Node, Roles, Scheduler, SchedulerKind,
    Sources, ZooKeeper, ZooKeeperSource,
};

/// The fields of an application and its parts that come first, in this order; the others follow by name.
const FIRST_FIELDS: [&str; 14] = [
    "id",
    "cmd",
    "args",
    "cpus",
    "mem",
    "disk",
    "gpus",
    "instances",
    "constraints",
    "dependencies",
    "protocol",
    "path",
    "portIndex",
    "port",
];

/// Fields that are numbers with or without a fraction: `32` reads better than `32.0` and means the same.
const AMOUNTS: [&str; 4] = ["cpus", "mem", "disk", "backoffFactor"];

pub(super) fn plan(plan: &ClusterPlan) -> String {
    let mut out = String::from(
        "# A Startline cluster: `startline plan check` says what is wrong with it, `startline up` makes it.\n\n",
    );
    line(&mut out, "name", text(&plan.name));
    line(&mut out, "language", if plan.language == words::Lang::Fr { "\"fr\"" } else { "\"en\"" });
    line(&mut out, "provider", text(plan.provider.name()));
    if plan.nodes.is_empty() {
        // A list without items can't be written as tables, and must stand before the first of them.
        line(&mut out, "nodes", "[]");
    }
    image(&mut out, &plan.image);
    section(&mut out, "network", "");
    line(&mut out, "cidr", text(&plan.network.cidr.to_string()));
    zookeeper(&mut out, &plan.zookeeper);
    mesos(&mut out, &plan.mesos);
    scheduler(&mut out, &plan.scheduler);
    sources(&mut out, plan.sources);
    plan.nodes.iter().for_each(|n| node(&mut out, n));
    out + &applications(&plan.applications)
}

fn line(out: &mut String, key: &str, value: impl Display) {
    out.push_str(&format!("{key} = {value}\n"));
}

fn option(out: &mut String, key: &str, value: Option<impl Display>) {
    if let Some(value) = value {
        line(out, key, value);
    }
}

fn section(out: &mut String, name: &str, comment: &str) {
    let comment = if comment.is_empty() { String::new() } else { format!("# {comment}\n") };
    out.push_str(&format!("\n{comment}[{name}]\n"));
}

/// A text in quotes, in one line, with everything invisible spelled out.
fn text(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            _ if is_invisible(c) => out.push_str(&format!("\\U{:08X}", u32::from(c))),
            _ => out.push(c),
        }
    }
    out + "\""
}

/// Control characters, and those that change the direction or the look of what stands around them.
fn is_invisible(c: char) -> bool {
    let formats = matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    c.is_control() || formats
}

fn image(out: &mut String, image: &BoxImage) {
    section(out, "box", "");
    line(out, "name", text(&image.name));
    option(out, "url", image.url.as_deref().map(text));
    option(out, "checksum", image.checksum.as_deref().map(text));
    option(out, "version", image.version.as_deref().map(text));
}

fn zookeeper(out: &mut String, zookeeper: &ZooKeeper) {
    section(out, "zookeeper", "Limits are in ticks, the heap in MiB.");
    line(out, "client_port", zookeeper.client_port);
    line(out, "peer_port", zookeeper.peer_port);
    line(out, "election_port", zookeeper.election_port);
    line(out, "tick_ms", zookeeper.tick_ms);
    line(out, "init_limit", zookeeper.init_limit);
    line(out, "sync_limit", zookeeper.sync_limit);
    line(out, "max_client_connections", zookeeper.max_client_connections);
    line(out, "heap_mb", zookeeper.heap_mb);
    option(out, "admin_port", zookeeper.admin_port);
}

fn mesos(out: &mut String, mesos: &Mesos) {
    section(out, "mesos", "");
    option(out, "cluster", mesos.cluster.as_deref().map(text));
    line(out, "master_port", mesos.master_port);
    line(out, "agent_port", mesos.agent_port);
    option(out, "quorum", mesos.quorum);
    option(out, "agent", mesos.agent.map(resources));
    let (first, last) = mesos.task_ports;
    line(out, "task_ports", format!("[{first}, {last}]"));
}

fn resources(r: AgentResources) -> String {
    let cpus = toml::Value::from(r.cpus);
    format!("{{ cpus = {cpus}, mem_mb = {}, disk_mb = {} }}", r.mem_mb, r.disk_mb)
}

fn scheduler(out: &mut String, scheduler: &Scheduler) {
    section(out, "scheduler", "");
    let kind = match scheduler.kind {
        SchedulerKind::Pacer => "pacer",
        SchedulerKind::Marathon => "marathon",
    };
    line(out, "kind", text(kind));
    line(out, "port", scheduler.port);
}

fn sources(out: &mut String, sources: Sources) {
    section(out, "sources", "");
    let zookeeper = match sources.zookeeper {
        ZooKeeperSource::Debian => "debian",
        ZooKeeperSource::Bigtop => "bigtop",
    };
    let mesos = match sources.mesos {
        MesosSource::Pypi => "pypi",
        MesosSource::Aventer => "aventer",
    };
    line(out, "zookeeper", text(zookeeper));
    line(out, "mesos", text(mesos));
}

fn node(out: &mut String, node: &Node) {
    out.push_str("\n[[nodes]]\n");
    line(out, "name", text(&node.name));
    line(out, "address", text(&node.address.to_string()));
    line(out, "cpus", node.cpus);
    line(out, "memory_mb", node.memory_mb);
    line(out, "roles", roles(&node.roles));
}

fn roles(roles: &Roles) -> String {
    let mut parts = Vec::new();
    parts.extend(roles.zookeeper.map(|z| format!("zookeeper = {{ myid = {} }}", z.myid)));
    parts.extend(roles.master.then(|| "master = true".to_owned()));
    parts.extend(roles.agent.as_ref().map(|a| format!("agent = {}", agent(a))));
    parts.extend(roles.marathon.then(|| "marathon = true".to_owned()));
    inline(&parts)
}

fn agent(agent: &AgentRole) -> String {
    let attributes: Vec<String> =
        agent.attributes.iter().map(|(name, value)| format!("{} = {}", key(name), text(value))).collect();
    let mut parts = Vec::new();
    parts.extend((!attributes.is_empty()).then(|| format!("attributes = {}", inline(&attributes))));
    parts.extend(agent.resources.map(|r| format!("resources = {}", resources(r))));
    inline(&parts)
}

fn inline(parts: &[String]) -> String {
    if parts.is_empty() { "{}".into() } else { format!("{{ {} }}", parts.join(", ")) }
}

fn key(name: &str) -> String {
    let bare = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    if bare { name.into() } else { text(name) }
}

fn applications(applications: &[AppDefinition]) -> String {
    let json = applications.iter().filter_map(|app| match serde_json::to_value(app) {
        Ok(Value::Object(map)) => Some(map),
        _ => None,
    });
    json.map(|map| application(&map)).collect()
}

/// An application: single values first, then its tables.
fn application(map: &Map<String, Value>) -> String {
    let mut lines = String::from("\n[[applications]]\n");
    let mut tables = String::new();
    for (name, value) in in_order(map) {
        match value {
            Value::Null => {}
            Value::Object(map) if !map.is_empty() => {
                tables.push_str(&format!("\n[applications.{}]\n{}", key(name), fields(map)));
            }
            Value::Array(items) if !items.is_empty() && items.iter().all(Value::is_object) => {
                for map in items.iter().filter_map(Value::as_object) {
                    tables.push_str(&format!("\n[[applications.{}]]\n{}", key(name), fields(map)));
                }
            }
            Value::Number(n) if AMOUNTS.contains(&name) => line(&mut lines, name, amount(n.as_f64().unwrap_or(0.0))),
            value => line(&mut lines, &key(name), inline_json(value)),
        }
    }
    lines + &tables
}

fn in_order(map: &Map<String, Value>) -> Vec<(&str, &Value)> {
    let rank = |name: &str| FIRST_FIELDS.iter().position(|f| *f == name).unwrap_or(FIRST_FIELDS.len());
    let mut fields: Vec<(&str, &Value)> = map.iter().map(|(name, value)| (name.as_str(), value)).collect();
    fields.sort_by_key(|(name, _)| (rank(name), *name));
    fields
}

fn fields(map: &Map<String, Value>) -> String {
    let fields = in_order(map).into_iter().filter(|(_, value)| !value.is_null());
    fields.map(|(name, value)| format!("{} = {}\n", key(name), inline_json(value))).collect()
}

fn amount(number: f64) -> String {
    let whole = number.fract() == 0.0 && number.abs() < 1e15;
    if whole { format!("{number:.0}") } else { toml::Value::from(number).to_string() }
}

fn inline_json(value: &Value) -> String {
    match value {
        Value::Null => "[]".into(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => whole.to_string(),
            None => toml::Value::from(number.as_f64().unwrap_or(0.0)).to_string(),
        },
        Value::String(string) => text(string),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().filter(|v| !v.is_null()).map(inline_json).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(map) => {
            let fields = in_order(map).into_iter().filter(|(_, value)| !value.is_null());
            inline(&fields.map(|(name, value)| format!("{} = {}", key(name), inline_json(value))).collect::<Vec<_>>())
        }
    }
}
