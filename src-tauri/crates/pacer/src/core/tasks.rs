//! Describing a task to Mesos, with the environment that Marathon gives its tasks.

use std::collections::BTreeMap;

use marathon::{AppDefinition, EnvValue, HealthCheck, HealthProtocol, PortDefinition};
use mesos::v1::{
    AgentId, CommandInfo, DurationInfo, Environment, HealthCheckType, HttpHealth, KillPolicy, Label, Labels, Resource,
    TaskId, TaskInfo, TcpHealth, Uri, Variable,
};
use serde_json::{Value, json};

use super::app::version_of;
use super::{Instance, Settings, check, container};

/// The task of an instance.
pub fn describe(instance: &Instance, resources: Vec<Resource>, settings: &Settings) -> TaskInfo {
    let app = &*instance.spec;
    let grace = app
        .task_kill_grace_period_seconds
        .map(|seconds| DurationInfo { nanoseconds: i64::from(seconds) * 1_000_000_000 });
    TaskInfo {
        name: instance.app.hostname(),
        task_id: TaskId::new(instance.id.task()),
        agent_id: AgentId::new(&*instance.agent.id),
        resources,
        command: Some(command(instance, settings)),
        executor: None,
        container: container::describe(instance),
        health_check: app.health_checks().iter().find_map(|check| health_check(check, instance)),
        check: check::describe(instance),
        kill_policy: grace.map(|grace| KillPolicy { grace_period: Some(grace) }),
        labels: labels(app),
        discovery: Some(discovery(instance)),
        data: None,
    }
}

fn command(instance: &Instance, settings: &Settings) -> CommandInfo {
    let app = &*instance.spec;
    let args = app.args.clone().unwrap_or_default();
    let variables = environment(instance, settings).into_iter();
    // A container without a command runs what its image says, with these arguments.
    let by_image = app.container.as_ref().is_some_and(|container| container.docker.is_some());
    let program = if by_image { None } else { args.first().cloned() };
    CommandInfo {
        shell: Some(app.cmd.is_some()),
        value: app.cmd.clone().or(program),
        arguments: args,
        environment: Some(Environment {
            variables: variables.map(|(name, value)| Variable { name, value: Some(value) }).collect(),
        }),
        user: app.user.clone().or_else(|| settings.user.clone()),
        uris: app.fetch.iter().flatten().map(uri).collect(),
    }
}

fn uri(fetch: &marathon::Fetch) -> Uri {
    Uri {
        value: fetch.uri.clone(),
        executable: fetch.executable,
        extract: fetch.extract,
        cache: fetch.cache,
        output_file: fetch.dest_path.clone(),
    }
}

/// Marathon's variables, then the application's own, which win.
fn environment(instance: &Instance, settings: &Settings) -> BTreeMap<String, String> {
    let app = &*instance.spec;
    let mut env = about(instance);
    let prefix = settings.env_prefix.as_deref().unwrap_or_default();
    env.extend(place(instance).into_iter().map(|(name, value)| (format!("{prefix}{name}"), value)));
    for (name, value) in app.env.iter().flatten() {
        if let EnvValue::Text(text) = value {
            env.insert(name.clone(), text.clone());
        }
    }
    env
}

/// What the task is.
fn about(instance: &Instance) -> BTreeMap<String, String> {
    let app = &*instance.spec;
    let mut env: BTreeMap<String, String> = [
        ("MARATHON_APP_ID", instance.app.to_string()),
        ("MARATHON_APP_VERSION", version_of(app).to_owned()),
        ("MARATHON_APP_RESOURCE_CPUS", format!("{:?}", app.cpus())),
        ("MARATHON_APP_RESOURCE_MEM", format!("{:?}", app.mem())),
        ("MARATHON_APP_RESOURCE_DISK", format!("{:?}", app.disk())),
        ("MARATHON_APP_RESOURCE_GPUS", app.gpus().to_string()),
        ("MESOS_TASK_ID", instance.id.task().to_owned()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect();
    if let Some(docker) = app.container.as_ref().and_then(|container| container.docker.as_ref()) {
        env.insert("MARATHON_APP_DOCKER_IMAGE".to_owned(), docker.image.clone());
    }
    let mut names = Vec::new();
    for (name, value) in app.labels.iter().flatten() {
        let name = as_variable(name);
        env.insert(format!("MARATHON_APP_LABEL_{name}"), value.clone());
        names.push(name);
    }
    env.insert("MARATHON_APP_LABELS".to_owned(), names.join(" "));
    env
}

/// Where it is: host and ports.
fn place(instance: &Instance) -> BTreeMap<String, String> {
    let app = &*instance.spec;
    let mut env = BTreeMap::from([("HOST".to_owned(), instance.agent.hostname.clone())]);
    let mut set = |name: String, port: u16| env.insert(name, port.to_string());
    for (index, port) in instance.ports.iter().enumerate() {
        set(format!("PORT{index}"), *port);
    }
    if let Some(first) = instance.ports.first() {
        set("PORT".to_owned(), *first);
    }
    for ((name, number), port) in names(app).into_iter().zip(&instance.ports) {
        if number != 0 {
            set(format!("PORT_{number}"), *port);
        }
        if let Some(name) = name {
            set(format!("PORT_{}", as_variable(&name)), *port);
        }
    }
    if !instance.ports.is_empty() {
        let all: Vec<_> = instance.ports.iter().map(u16::to_string).collect();
        env.insert("PORTS".to_owned(), all.join(","));
    }
    env
}

/// The names and numbers that the application gives its ports.
fn names(app: &AppDefinition) -> Vec<(Option<String>, u16)> {
    match app.container.as_ref().and_then(|container| container.mappings()) {
        Some(mappings) => {
            mappings.iter().map(|mapping| (mapping.name.clone(), mapping.container_port.unwrap_or(0))).collect()
        }
        None => {
            app.port_definitions.iter().flatten().map(|port| (port.name.clone(), PortDefinition::port(port))).collect()
        }
    }
}

fn as_variable(name: &str) -> String {
    let upper = name.to_uppercase();
    upper.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect()
}

fn labels(app: &AppDefinition) -> Option<Labels> {
    let labels = app.labels.as_ref().filter(|labels| !labels.is_empty())?;
    let label = |(key, value): (&String, &String)| Label { key: key.clone(), value: Some(value.clone()) };
    Some(Labels { labels: labels.iter().map(label).collect() })
}

fn discovery(instance: &Instance) -> Value {
    let names = names(&instance.spec);
    let port = |(index, number): (usize, &u16)| match names.get(index).and_then(|(name, _)| name.clone()) {
        Some(name) => json!({ "number": number, "name": name, "protocol": "tcp" }),
        None => json!({ "number": number, "protocol": "tcp" }),
    };
    let ports: Vec<_> = instance.ports.iter().enumerate().map(port).collect();
    json!({ "visibility": "FRAMEWORK", "name": instance.app.hostname(), "ports": { "ports": ports } })
}

/// The port that has this name.
pub fn named_port(app: &AppDefinition, name: &str, ports: &[u16]) -> Option<u16> {
    let index = names(app).iter().position(|(its, _)| its.as_deref() == Some(name))?;
    ports.get(index).copied()
}

/// The port that a health check asks for.
pub fn checked_port(check: &HealthCheck, ports: &[u16]) -> Option<u16> {
    check.port.or_else(|| ports.get(usize::from(check.port_index.unwrap_or(0))).copied())
}

/// The check that the executor makes, if it is one of those.
fn health_check(check: &HealthCheck, instance: &Instance) -> Option<mesos::v1::HealthCheck> {
    let protocol = check.protocol();
    let port = || checked_port(check, &instance.ports).map(u32::from);
    let ip = || Some(check.ip_protocol.clone().unwrap_or_else(|| "IPv4".to_owned()));
    let (kind, command, http, tcp) = match protocol {
        HealthProtocol::Command => {
            let value = check.command.as_ref().and_then(|command| command.value.clone());
            (HealthCheckType::Command, Some(CommandInfo { value, ..CommandInfo::default() }), None, None)
        }
        HealthProtocol::MesosHttp | HealthProtocol::MesosHttps => {
            let scheme = if protocol == HealthProtocol::MesosHttps { "https" } else { "http" };
            let (path, scheme) = (Some(check.path().to_owned()), Some(scheme.to_owned()));
            (HealthCheckType::Http, None, Some(HttpHealth { port: port()?, path, scheme, protocol: ip() }), None)
        }
        HealthProtocol::MesosTcp => {
            (HealthCheckType::Tcp, None, None, Some(TcpHealth { port: port()?, protocol: ip() }))
        }
        HealthProtocol::Http | HealthProtocol::Https | HealthProtocol::Tcp | HealthProtocol::Unknown(_) => return None,
    };
    Some(mesos::v1::HealthCheck {
        kind,
        delay_seconds: Some(check.delay_seconds().into()),
        interval_seconds: Some(check.interval_seconds().into()),
        timeout_seconds: Some(check.timeout_seconds().into()),
        consecutive_failures: Some(check.max_consecutive_failures()),
        grace_period_seconds: Some(check.grace_period_seconds().into()),
        command,
        http,
        tcp,
    })
}
