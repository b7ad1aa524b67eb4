//! Health checks and readiness checks. Source: `AppValidation.scala` and `HealthCheck.scala` of Marathon 1.11.

use serde_json::{Map, Value};

use super::Violation;
use crate::{AppDefinition, Container, HealthCheck, HealthProtocol, ReadinessCheck};

pub(super) fn check(app: &AppDefinition) -> Vec<Violation> {
    let mut found = Vec::new();
    for (n, check) in app.health_checks().iter().enumerate() {
        let at = format!("/healthChecks({n})");
        found.extend(health(app, check).into_iter().map(|message| Violation::new(at.clone(), message)));
    }
    let by_agent = app.health_checks().iter().filter(|c| c.protocol().is_by_agent() && c.command.is_none());
    if by_agent.count() > 1 {
        found.push(Violation::new("/", "AppDefinition can contain at most one Mesos health check"));
    }
    let readiness = app.readiness_checks.as_deref().unwrap_or_default();
    if readiness.len() > 1 {
        let message = format!("got {}, expected 1 or less", readiness.len());
        found.push(Violation::new("/readinessChecks", message));
    }
    for (n, check) in readiness.iter().enumerate() {
        found.extend(ready(app, check, &format!("/readinessChecks({n})")));
    }
    if let Some(check) = app.other.get("check").and_then(Value::as_object) {
        found.extend(general(app, check).into_iter().map(|message| Violation::new("/check", message)));
    }
    found
}

/// The check that only reports.
fn general(app: &AppDefinition, check: &Map<String, Value>) -> Vec<&'static str> {
    let mut found = Vec::new();
    let there = |object: &Map<String, Value>, name: &str| object.get(name).is_some_and(|value| !value.is_null());
    if ["exec", "http", "tcp"].iter().filter(|kind| there(check, kind)).count() != 1 {
        found.push("Must specify a single type of check, http, tcp, or exec");
    }
    let command = check.get("exec").and_then(|exec| exec.get("command")?.as_object());
    let argv = |command: &Map<String, Value>| command.get("argv").is_some_and(|argv| *argv != Value::Array(Vec::new()));
    if command.is_some_and(|command| there(command, "shell") == argv(command)) {
        found.push("specify either `shell` or `argv`, never both");
    }
    for asked in ["http", "tcp"].iter().filter_map(|kind| check.get(*kind)?.as_object()) {
        let index = asked.get("portIndex").and_then(Value::as_u64);
        if there(asked, "port") && index.is_some() {
            found.push("Check must specify either a port or a portIndex");
        }
        let is_there = usize::try_from(index.unwrap_or(0)).is_ok_and(|index| index < port_count(app));
        if !there(asked, "port") && !is_there {
            found.push("Check port indices must address an element of the ports array or container port mappings.");
        }
    }
    found
}

fn health(app: &AppDefinition, check: &HealthCheck) -> Vec<&'static str> {
    let mut found = Vec::new();
    let protocol = check.protocol();
    if protocol == HealthProtocol::Command {
        let command = check.command.as_ref().and_then(|c| c.value.as_deref());
        if command.is_none_or(str::is_empty) {
            found.push("HealthCheck must specify a command");
        }
        return found;
    }
    if check.port.is_some() && check.port_index.is_some() {
        found.push("HealthCheck must specify either a port or a portIndex");
    }
    if check.command.is_none() && !port_is_there(app, check) {
        found.push("Health check port indices must address an element of the ports array or container port mappings.");
    }
    let in_docker = app.container.as_ref().is_some_and(|c| c.kind.as_deref() != Some("MESOS"));
    if check.ip_protocol.as_deref() == Some("IPv6") && !(protocol.is_by_agent() && in_docker) {
        found.push("IPv6 can only be used for container type DOCKER and Mesos http/https/tcp health checks");
    }
    found
}

/// Marathon's own checks need a port that the application has.
fn port_is_there(app: &AppDefinition, check: &HealthCheck) -> bool {
    let ports = port_count(app);
    match check.port_index {
        _ if check.protocol().is_by_agent() => true,
        Some(index) => usize::from(index) < ports,
        None => check.port.is_some() || ports == 1,
    }
}

fn port_count(app: &AppDefinition) -> usize {
    match app.container.as_ref().and_then(Container::mappings) {
        Some(mappings) if app.port_definitions.is_none() => mappings.len(),
        _ => app.wanted_ports().len(),
    }
}

fn ready(app: &AppDefinition, check: &ReadinessCheck, at: &str) -> Vec<Violation> {
    let mut found = Vec::new();
    let definitions = app.port_definitions.iter().flatten().filter_map(|d| d.name.as_deref());
    let mappings = app.container.as_ref().and_then(Container::mappings).unwrap_or_default();
    let mut names = definitions.chain(mappings.iter().filter_map(|m| m.name.as_deref()));
    let name = check.port_name();
    if !names.any(|n| n == name) {
        let message = format!("No port definition reference for portName {name}");
        found.push(Violation::new(format!("{at}/portName"), message));
    }
    if check.timeout_seconds() >= check.interval_seconds() {
        let message = format!("got {}, expected less than {}", check.timeout_seconds(), check.interval_seconds());
        found.push(Violation::new(format!("{at}/timeoutSeconds"), message));
    }
    found
}
