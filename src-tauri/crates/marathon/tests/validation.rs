//! What Marathon would refuse, with its paths and words.

use marathon::{AppDefinition, ErrorBody};
use serde_json::{Value, json};

/// The violations of an application with these fields beside a good id and command, as `path: message`.
fn violations(fields: Value) -> Vec<String> {
    let mut app = json!({"id": "/a", "cmd": "sleep 1"});
    for (name, value) in fields.as_object().unwrap() {
        app[name] = value.clone();
    }
    let found = AppDefinition::from_json(app).err().unwrap_or_default();
    found.into_iter().map(|v| format!("{}: {}", v.path, v.message)).collect()
}

#[track_caller]
fn refuses(fields: Value, expected: &str) {
    let found = violations(fields.clone());
    assert!(found.iter().any(|f| f.starts_with(expected)), "{fields}: {found:?} lacks {expected}");
}

#[test]
fn good_applications() {
    for fields in [
        json!({}),
        json!({"cpus": 0.1, "mem": 32, "instances": 0, "labels": {}, "env": {"A": "b"}}),
        json!({"healthChecks": [{}], "ports": [0]}),
        json!({"healthChecks": [{"protocol": "MESOS_TCP", "portIndex": 0}], "portDefinitions": [{"port": 0}]}),
        json!({"healthChecks": [{"protocol": "HTTP", "port": 80}], "portDefinitions": []}),
        json!({"container": {"type": "DOCKER", "docker": {"image": "nginx"}}, "networks": [{"mode": "container/bridge"}]}),
        json!({"readinessChecks": [{"portName": "http"}], "portDefinitions": [{"name": "http"}]}),
        json!({"version": null, "args": null, "container": null}),
        json!({"ports": [8080], "portDefinitions": [{"port": 8080}]}),
        json!({"unreachableStrategy": {"inactiveAfterSeconds": 5, "expungeAfterSeconds": 5}}),
    ] {
        assert_eq!(violations(fields.clone()), Vec::<String>::new(), "{fields}");
    }
}

#[test]
fn ids() {
    refuses(json!({"id": null}), "/id: error.path.missing");
    refuses(json!({"id": 5}), "/id: error.expected.jsstring");
    refuses(json!({"id": "/Shop"}), "/id: error.pattern");
    refuses(json!({"id": "/"}), "/id: Path must contain at least one path element");
    refuses(json!({"id": "/shop/restart"}), "/id: must not end with any of the following reserved keywords: restart, ");
    refuses(json!({"id": "/a/../b"}), "/id: error.pattern");
}

#[test]
fn commands() {
    let neither_nor = "/: AppDefinition must either contain one of 'cmd' or 'args', and/or a 'container'.";
    refuses(json!({"cmd": null}), neither_nor);
    refuses(json!({"args": ["true"]}), neither_nor);
    refuses(json!({"cmd": null, "args": []}), neither_nor);
    refuses(json!({"cmd": ""}), "/cmd: error.minLength");
    refuses(json!({"cmd": "x"}), "/cmd: must not be an empty string");
    assert_eq!(violations(json!({"cmd": null, "container": {"docker": {"image": "nginx"}}})), Vec::<String>::new());
    refuses(json!({"container": {"type": "DOCKER"}}), "/container/docker: not defined");
}

#[test]
fn numbers() {
    refuses(json!({"cpus": -1}), "/cpus: error.min");
    refuses(json!({"instances": -1}), "/instances: error.min");
    refuses(json!({"instances": 1.5}), "/instances: error.expected.int");
    refuses(json!({"instances": 3_000_000_000_u32}), "/instances: error.max");
    refuses(json!({"backoffFactor": 0.5}), "/backoffFactor: error.min");
    refuses(
        json!({"upgradeStrategy": {"minimumHealthCapacity": 2}}),
        "/upgradeStrategy/minimumHealthCapacity: error.max",
    );
    let times = json!({"inactiveAfterSeconds": 5, "expungeAfterSeconds": 4});
    refuses(json!({"unreachableStrategy": times}), "/unreachableStrategy: inactiveAfterSeconds");
    refuses(json!({"labels": {"MARATHON_SINGLE_INSTANCE_APP": "true"}, "instances": 2}), "/: Single instance app");
    let mut app = AppDefinition::new("/a");
    app.cpus = Some(f64::NAN);
    assert!(app.validate().iter().any(|v| v.path == "/cpus" && v.message == "error.expected.jsnumber"));
}

#[test]
fn unknown_fields() {
    refuses(json!({"memory": 32}), "/memory: error.unknown.field");
    refuses(json!({"healthChecks": [{"interval": 3}]}), "/healthChecks(0)/interval: error.unknown.field");
}

#[test]
fn health_checks() {
    let checks = |check: Value| json!({"healthChecks": [check], "portDefinitions": [{"port": 0}]});
    refuses(checks(json!({"protocol": "SMTP"})), "/healthChecks(0)/protocol: error.unknown.enum.literal");
    refuses(checks(json!({"timeoutSeconds": "5"})), "/healthChecks(0)/timeoutSeconds: error.expected.jsnumber");
    refuses(checks(json!({"portIndex": 1})), "/healthChecks(0): Health check port indices must address");
    refuses(
        checks(json!({"portIndex": 0, "port": 80})),
        "/healthChecks(0): HealthCheck must specify either a port or a portIndex",
    );
    refuses(checks(json!({"protocol": "COMMAND"})), "/healthChecks(0): HealthCheck must specify a command");
    refuses(checks(json!({"ipProtocol": "IPv6"})), "/healthChecks(0): IPv6 can only be used");
    let two = json!({"protocol": "MESOS_TCP"});
    refuses(json!({"healthChecks": [two, two]}), "/: AppDefinition can contain at most one Mesos health check");
    refuses(json!({"healthChecks": [{}], "portDefinitions": []}), "/healthChecks(0): Health check port indices");
}

#[test]
fn readiness_checks() {
    refuses(
        json!({"readinessChecks": [{"portName": "web"}]}),
        "/readinessChecks(0)/portName: No port definition reference for portName web",
    );
    refuses(
        json!({"readinessChecks": [{"timeoutSeconds": 30}]}),
        "/readinessChecks(0)/timeoutSeconds: got 30, expected less than 30",
    );
    refuses(json!({"readinessChecks": [{}, {}]}), "/readinessChecks: got 2, expected 1 or less");
}

#[test]
fn ports_and_networks() {
    refuses(json!({"ports": [70000]}), "/ports(0): error.max");
    refuses(json!({"ports": [80, 80]}), "/: ports must be unique");
    refuses(json!({"portDefinitions": [{"port": 80}, {"port": 80}]}), "/portDefinitions: Ports must be unique.");
    refuses(json!({"portDefinitions": [{"name": "a"}, {"name": "a"}]}), "/portDefinitions: Port names must be unique.");
    refuses(
        json!({"ports": [80], "portDefinitions": [{"port": 81}]}),
        "/: cannot specify both ports and port definitions",
    );
    refuses(
        json!({"networks": [{"mode": "host", "name": "x"}]}),
        "/networks: Host networks may not have names or labels",
    );
    refuses(
        json!({"networks": [{"mode": "container/bridge", "name": "x"}]}),
        "/networks: Bridge networks may not have names",
    );
    refuses(json!({"networks": [{}, {}]}), "/networks: Duplicate networks are not allowed");
    refuses(json!({"networks": [{"mode": "host"}, {"name": "x"}]}), "/networks: May specify a single host network");
    let definitions = json!({"networks": [{"name": "x"}], "portDefinitions": [{"port": 80}]});
    refuses(definitions, "/: portDefinitions are only allowed with host-networking");
    let mappings = json!({"type": "MESOS", "portMappings": [{"containerPort": 80}]});
    refuses(
        json!({"networks": [{"mode": "host"}], "container": mappings}),
        "/: portMappings are not allowed with host-networking",
    );
}

#[test]
fn a_refusal_is_answered_as_marathon_does() {
    let found = AppDefinition::from_json(json!({"id": "/a", "cpus": -1, "labels": {"a": 1}})).unwrap_err();
    let body = serde_json::to_value(ErrorBody::not_valid(&found)).unwrap();
    assert_eq!(body["message"], "Object is not valid");
    assert_eq!(body["details"][0], json!({"path": "/cpus", "errors": ["error.min"]}));
    assert_eq!(body["details"][1], json!({"path": "/labels/a", "errors": ["error.expected.jsstring"]}));
}

#[test]
fn checks_that_only_report() {
    for good in [
        json!({"check": {"http": {}}}),
        json!({"check": {"http": {"path": "/", "portIndex": 0, "scheme": "HTTPS"}, "intervalSeconds": 0}}),
        json!({"check": {"tcp": {"port": 80}}, "portDefinitions": []}),
        json!({"check": {"exec": {"command": {"shell": "true"}}}}),
        json!({"check": {"exec": {"command": {"argv": ["/bin/true"]}}, "http": null}}),
    ] {
        assert_eq!(violations(good.clone()), Vec::<String>::new(), "{good}");
    }
    let one = "/check: Must specify a single type of check, http, tcp, or exec";
    refuses(json!({"check": {}}), one);
    refuses(json!({"check": {"http": {}, "tcp": {}}}), one);
    refuses(json!({"check": {"http": {}, "unheardOf": 1}}), "/check/unheardOf: error.unknown.field");
    refuses(json!({"check": {"exec": {}}}), "/check/exec/command: error.path.missing");
    refuses(json!({"check": {"exec": {"command": {"shell": "a", "argv": ["b"]}}}}), "/check: specify either");
    refuses(json!({"check": {"exec": {"command": {"argv": []}}}}), "/check: specify either");
    refuses(json!({"check": {"tcp": {"portIndex": 1}}}), "/check: Check port indices must address");
    refuses(json!({"check": {"tcp": {"portIndex": 0, "port": 80}}}), "/check: Check must specify either");
    refuses(json!({"check": {"http": {"scheme": "FTP"}}}), "/check/http/scheme: error.unknown.enum.literal");
}
