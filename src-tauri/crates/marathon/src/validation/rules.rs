//! The sense of an application, in Marathon's sentences. Source: `AppValidation.scala` of Marathon 1.11.

use serde_json::Value;

use super::{Violation, constraints, health, networking, texts::is_path_part};
use crate::{AppDefinition, UnreachableStrategy};

/// Names that Marathon's API needs for itself, as the last part of an id.
const RESERVED: [&str; 5] = ["restart", "tasks", "versions", ".", ".."];

pub(super) fn all(app: &AppDefinition) -> Vec<Violation> {
    let rules: [fn(&AppDefinition) -> Vec<Violation>; 9] = [
        id,
        dependencies,
        command,
        containers,
        single_instance,
        unreachable,
        constraints::check,
        health::check,
        networking::check,
    ];
    rules.iter().flat_map(|rule| rule(app)).collect()
}

/// Numbers that JSON can't hold; they come from TOML or from a computation.
pub(super) fn numbers(app: &AppDefinition) -> Vec<Violation> {
    let upgrade = app.upgrade_strategy.as_ref();
    let numbers = [
        ("/cpus", app.cpus),
        ("/mem", app.mem),
        ("/disk", app.disk),
        ("/backoffFactor", app.backoff_factor),
        ("/upgradeStrategy/maximumOverCapacity", upgrade.and_then(|u| u.maximum_over_capacity)),
        ("/upgradeStrategy/minimumHealthCapacity", upgrade.and_then(|u| u.minimum_health_capacity)),
    ];
    let odd = numbers.iter().filter(|(_, n)| n.is_some_and(|n| !n.is_finite()));
    odd.map(|(path, _)| Violation::new(*path, "error.expected.jsnumber")).collect()
}

fn id(app: &AppDefinition) -> Vec<Violation> {
    let parts: Vec<&str> = app.id.split('/').filter(|p| !p.is_empty()).collect();
    let Some(last) = parts.last() else {
        return vec![Violation::new("/id", "Path must contain at least one path element")];
    };
    let mut found = Vec::new();
    if RESERVED.contains(last) {
        let words = RESERVED.join(", ");
        let message = format!("must not end with any of the following reserved keywords: {words}");
        found.push(Violation::new("/id", message));
    }
    if parts[..parts.len() - 1].iter().any(|p| !is_path_part(p)) {
        found.push(Violation::new("/id", "error.pattern"));
    }
    found
}

fn dependencies(app: &AppDefinition) -> Vec<Violation> {
    let own = app.absolute_id();
    let on_itself = app.dependencies.iter().flatten().any(|d| *d == own);
    let found = on_itself.then(|| Violation::new("/dependencies", "Dependency on itself"));
    found.into_iter().collect()
}

fn command(app: &AppDefinition) -> Vec<Violation> {
    let mut found = Vec::new();
    let image = app.container.as_ref().is_some_and(|c| c.docker.is_some() || c.kind.as_deref() == Some("MESOS"));
    let (cmd, args) = (app.cmd.is_some(), app.args.is_some());
    if (cmd && args) || !(cmd || app.args.as_ref().is_some_and(|a| !a.is_empty()) || image) {
        let message = "AppDefinition must either contain one of 'cmd' or 'args', and/or a 'container'.";
        found.push(Violation::new("/", message));
    }
    // Marathon takes one character for none: `AppValidation.scala` asks for more than one.
    if app.cmd.as_ref().is_some_and(|c| c.chars().count() == 1) {
        found.push(Violation::new("/cmd", "must not be an empty string"));
    }
    found
}

fn containers(app: &AppDefinition) -> Vec<Violation> {
    let Some(container) = &app.container else { return Vec::new() };
    let mut found = Vec::new();
    let by_docker = container.kind.as_deref() != Some("MESOS");
    if by_docker && container.docker.is_none() {
        found.push(Violation::new("/container/docker", "not defined"));
    }
    if by_docker && app.gpus() > 0 {
        found.push(Violation::new("/", "GPU resources only work with the Mesos containerizer"));
    }
    found
}

fn single_instance(app: &AppDefinition) -> Vec<Violation> {
    if !app.is_single_instance() {
        return Vec::new();
    }
    let mut found = Vec::new();
    if app.instances() > 1 {
        found.push(Violation::new("/", "Single instance app may only have one instance"));
    }
    let strategy = app.upgrade_strategy.as_ref();
    let shares = [
        ("maximumOverCapacity", strategy.map(|_| app.maximum_over_capacity())),
        ("minimumHealthCapacity", strategy.map(|_| app.minimum_health_capacity())),
    ];
    for (name, share) in shares {
        if let Some(share) = share.filter(|share| *share != 0.0) {
            // As JSON writes it: the standard library’s way to write numbers would be 7 KB more for the window.
            found.push(Violation::new(
                format!("/upgradeStrategy/{name}"),
                format!("got {}, expected 0.0", Value::from(share)),
            ));
        }
    }
    found
}

fn unreachable(app: &AppDefinition) -> Vec<Violation> {
    let Some(UnreachableStrategy::Replace(times)) = &app.unreachable_strategy else { return Vec::new() };
    let inactive = times.inactive_after_seconds.unwrap_or(0);
    let expunge = times.expunge_after_seconds.unwrap_or(0);
    let found = (inactive > expunge).then(|| {
        Violation::new("/unreachableStrategy", "inactiveAfterSeconds must be less than or equal to expungeAfterSeconds")
    });
    found.into_iter().collect()
}
