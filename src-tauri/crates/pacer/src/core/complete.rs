//! Filling in what an application does not say, as Marathon's answers show it.

use std::collections::{BTreeMap, BTreeSet};

use marathon::{
    AppDefinition, HealthCheck, HealthProtocol, Network, PortDefinition, UnreachableStrategy, UnreachableTimes,
    UpgradeStrategy,
};
use serde_json::Value;

/// What is filled in depends on.
#[derive(Debug)]
pub struct Surroundings<'a> {
    /// The framework's role.
    pub role: &'a str,
    /// Service ports are given out from this range.
    pub service_ports: (u16, u16),
    /// Service ports that are asked for or that other applications have.
    pub taken: BTreeSet<u16>,
    /// The service ports that the application has had so far and can keep; 0 where it cannot.
    pub before: Vec<u16>,
}

/// Fills in everything that is missing.
pub fn complete(app: &mut AppDefinition, around: &mut Surroundings<'_>) {
    app.id = app.absolute_id();
    app.cpus = Some(app.cpus());
    app.mem = Some(app.mem());
    app.disk = Some(app.disk());
    app.gpus = Some(app.gpus());
    app.instances = Some(app.instances());
    app.backoff_seconds = Some(app.backoff_seconds());
    app.backoff_factor = Some(app.backoff_factor());
    app.max_launch_delay_seconds = Some(app.max_launch_delay_seconds());
    app.require_ports = Some(app.require_ports());
    app.kill_selection = Some(app.kill_selection());
    app.executor.get_or_insert_default();
    app.env.get_or_insert_default();
    app.labels.get_or_insert_default();
    app.role.get_or_insert_with(|| around.role.to_owned());
    let (over, healthy) = match &app.upgrade_strategy {
        None if app.is_single_instance() => (0.0, 0.0),
        _ => (app.maximum_over_capacity(), app.minimum_health_capacity()),
    };
    let strategy = app.upgrade_strategy.get_or_insert_with(UpgradeStrategy::default);
    (strategy.maximum_over_capacity, strategy.minimum_health_capacity) = (Some(over), Some(healthy));
    let at_once =
        || UnreachableTimes { inactive_after_seconds: Some(0), expunge_after_seconds: Some(0), ..Default::default() };
    app.unreachable_strategy.get_or_insert_with(|| UnreachableStrategy::Replace(at_once()));
    ports(app, around);
    app.health_checks.iter_mut().flatten().for_each(health_check);
    drop_empty_lists(app);
}

/// The ports, in the newer form, with service ports for those that ask for any.
fn ports(app: &mut AppDefinition, around: &mut Surroundings<'_>) {
    let literal = app.require_ports();
    if let Some(container) = &mut app.container {
        let old = container.docker.as_mut().and_then(|docker| docker.port_mappings.take());
        if container.port_mappings.is_none() {
            container.port_mappings = old;
        }
        for (index, mapping) in container.port_mappings.iter_mut().flatten().enumerate() {
            let service = mapping.service_port.filter(|port| *port != 0).or_else(|| around.service_port(index));
            mapping.service_port = Some(service.unwrap_or(0));
            mapping.protocol.get_or_insert_with(|| "tcp".to_owned());
            mapping.labels.get_or_insert_default();
        }
    }
    if app.networks.is_none() {
        app.networks = Some(vec![Network { mode: Some("host".to_owned()), ..Network::default() }]);
    }
    let mapped = app.container.as_ref().is_some_and(|container| container.port_mappings.is_some());
    let on_host = app.networks.iter().flatten().all(|network| network.mode() == "host");
    let old = app.ports.take();
    if mapped || !on_host {
        return;
    }
    let by_number = |ports: Vec<u16>| {
        ports.into_iter().map(|port| PortDefinition { port: Some(port), ..Default::default() }).collect()
    };
    let one = || vec![PortDefinition { name: Some("default".to_owned()), ..PortDefinition::default() }];
    let definitions = app.port_definitions.get_or_insert_with(|| old.map_or_else(one, by_number));
    for (index, definition) in definitions.iter_mut().enumerate() {
        let port = if definition.port() == 0 && !literal { around.service_port(index) } else { None };
        definition.port = Some(port.unwrap_or(definition.port()));
        definition.protocol.get_or_insert_with(|| "tcp".to_owned());
        definition.labels.get_or_insert_default();
    }
}

impl Surroundings<'_> {
    /// A service port that nobody else has, while there is one: the one from before, if it can be.
    fn service_port(&mut self, index: usize) -> Option<u16> {
        if let Some(before) = self.before.get(index).copied().filter(|port| *port != 0) {
            return Some(before);
        }
        let (first, last) = self.service_ports;
        let free = (first..=last).find(|port| !self.taken.contains(port))?;
        self.taken.insert(free);
        Some(free)
    }
}

/// The service ports of an application, in order.
pub fn service_ports(app: &AppDefinition) -> Vec<u16> {
    match app.container.as_ref().and_then(|container| container.mappings()) {
        Some(mappings) => mappings.iter().map(|mapping| mapping.service_port.unwrap_or(0)).collect(),
        None => {
            let old = app.ports.iter().flatten().copied();
            app.port_definitions.iter().flatten().map(PortDefinition::port).chain(old).collect()
        }
    }
}

fn health_check(check: &mut HealthCheck) {
    let protocol = check.protocol();
    if protocol.is_http() {
        check.path = Some(check.path().to_owned());
        check.ignore_http1xx.get_or_insert(false);
    }
    if protocol != HealthProtocol::Command {
        if check.port.is_none() {
            check.port_index.get_or_insert(0);
        }
        check.ip_protocol.get_or_insert_with(|| "IPv4".to_owned());
    }
    check.protocol = Some(protocol);
    check.grace_period_seconds = Some(check.grace_period_seconds());
    check.interval_seconds = Some(check.interval_seconds());
    check.timeout_seconds = Some(check.timeout_seconds());
    check.delay_seconds = Some(check.delay_seconds());
    check.max_consecutive_failures = Some(check.max_consecutive_failures());
}

/// Marathon leaves these out where they are empty.
fn drop_empty_lists(app: &mut AppDefinition) {
    fn drop_if_empty<T>(list: &mut Option<Vec<T>>) {
        if list.as_ref().is_some_and(Vec::is_empty) {
            *list = None;
        }
    }
    drop_if_empty(&mut app.args);
    drop_if_empty(&mut app.constraints);
    drop_if_empty(&mut app.dependencies);
    drop_if_empty(&mut app.fetch);
    drop_if_empty(&mut app.health_checks);
    drop_if_empty(&mut app.readiness_checks);
    if app.secrets.as_ref().is_some_and(BTreeMap::is_empty) {
        app.secrets = None;
    }
}

/// Fields that answers have and definitions do not: people send back what they got.
const ANSWERED: &[&str] = &[
    "version",
    "versionInfo",
    "tasks",
    "tasksStaged",
    "tasksRunning",
    "tasksHealthy",
    "tasksUnhealthy",
    "deployments",
    "lastTaskFailure",
    "taskStats",
    "readinessCheckResults",
];

/// What was sent, without what Pacer writes itself, and without `ports` where they only repeat the port definitions.
pub fn without_answers(body: &mut Value) {
    let Some(fields) = body.as_object_mut() else { return };
    for name in ANSWERED {
        fields.remove(*name);
    }
    let repeats = match (fields.get("ports"), fields.get("portDefinitions").and_then(Value::as_array)) {
        (Some(Value::Array(ports)), Some(definitions)) => {
            definitions.iter().map(|definition| definition.get("port")).eq(ports.iter().map(Some))
        }
        _ => false,
    };
    if repeats {
        fields.remove("ports");
    }
}

/// Puts the fields of `update` over those of a complete definition: what `PUT` does unless told otherwise.
pub fn overlay(base: &AppDefinition, update: &Value) -> Value {
    /// Fields that exclude each other: the one that is sent wins.
    const RIVALS: &[(&str, &[&str])] = &[
        ("cmd", &["args"]),
        ("args", &["cmd"]),
        ("ports", &["portDefinitions"]),
        ("uris", &["fetch"]),
        ("container", &["portDefinitions"]),
    ];
    let mut merged = serde_json::to_value(base).unwrap_or_default();
    let (Some(fields), Some(changes)) = (merged.as_object_mut(), update.as_object()) else {
        return update.clone();
    };
    for (name, value) in changes.iter().filter(|(_, value)| !value.is_null()) {
        let rivals = RIVALS.iter().find(|(field, _)| field == name).map(|(_, rivals)| *rivals);
        let maps_ports = name != "container" || !value["portMappings"].is_null();
        for rival in rivals.into_iter().flatten().filter(|_| maps_ports) {
            fields.remove(*rival);
        }
        fields.insert(name.clone(), value.clone());
    }
    for name in changes.iter().filter(|(_, value)| value.is_null()).map(|(name, _)| name) {
        fields.remove(name);
    }
    merged
}
