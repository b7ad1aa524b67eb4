//! An application's parts from JSON and to JSON: each field by its name, and what is left kept as it came.
//!
//! By hand and not by serde's derive: with a field that keeps the rest, that is fifty kilobytes of WebAssembly for the
//! application alone, and its errors don't say which field they mean.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _, ser::SerializeMap};
use serde_json::{Map, Value};

use crate::{
    Constraint, Container, Docker, EnvValue, Fetch, HealthCheck, HealthCommand, HealthProtocol, KillSelection, Network,
    PortDefinition, PortMapping, ReadinessCheck, Residency, Secret, UnreachableStrategy, UnreachableTimes,
    UpgradeStrategy, VersionInfo, app::AppDefinition,
};

/// Why a value can't be read: where it lies, and what belongs there.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Misfit {
    path: String,
    wanted: &'static str,
}

impl Misfit {
    fn new(wanted: &'static str) -> Self {
        Self { path: String::new(), wanted }
    }

    fn within(mut self, part: &str) -> Self {
        let joint = if self.path.is_empty() || self.path.starts_with('[') { "" } else { "." };
        self.path.insert_str(0, joint);
        self.path.insert_str(0, part);
        self
    }
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)?;
        f.write_str(": ")?;
        f.write_str(self.wanted)
    }
}

/// What can be read from JSON.
trait Read: Sized {
    fn read(value: Value) -> Result<Self, Misfit>;

    /// What a field that is missing, or `null`, is worth; none if it must be there.
    fn missing() -> Option<Self> {
        None
    }

    /// It is not written.
    fn is_missing(&self) -> bool {
        false
    }
}

/// The fields of an object that were not taken yet.
struct Fields(Map<String, Value>);

impl Fields {
    fn of(value: Value) -> Result<Self, Misfit> {
        match value {
            Value::Object(map) => Ok(Self(map)),
            _ => Err(Misfit::new("expected an object")),
        }
    }

    /// Not inlined: forty fields are of a handful of types.
    #[inline(never)]
    fn take<T: Read>(&mut self, name: &str, place: &mut T) -> Result<(), Misfit> {
        let read = match self.0.remove(name) {
            None | Some(Value::Null) => T::missing().ok_or_else(|| Misfit::new("missing")),
            Some(value) => T::read(value),
        };
        *place = read.map_err(|misfit| misfit.within(name))?;
        Ok(())
    }
}

#[inline(never)]
fn put<M: SerializeMap, T: Read + Serialize>(map: &mut M, name: &'static str, value: &T) -> Result<(), M::Error> {
    if value.is_missing() { Ok(()) } else { map.serialize_entry(name, value) }
}

/// What a struct's fields are called in JSON; all others go to its `other`.
macro_rules! structs {
    ($($type:ident { $($field:ident: $name:literal),* $(,)? })*) => { $(
        impl Read for $type {
            fn read(value: Value) -> Result<Self, Misfit> {
                let mut fields = Fields::of(value)?;
                let mut whole = Self::default();
                $(fields.take($name, &mut whole.$field)?;)*
                whole.other = fields.0;
                Ok(whole)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
                Self::read(Value::Object(Map::deserialize(input)?)).map_err(D::Error::custom)
            }
        }

        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, output: S) -> Result<S::Ok, S::Error> {
                let mut map = output.serialize_map(None)?;
                $(put(&mut map, $name, &self.$field)?;)*
                for (name, value) in &self.other {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
        }
    )* };
}

structs! {
    AppDefinition {
        id: "id", cmd: "cmd", args: "args", cpus: "cpus", mem: "mem", disk: "disk", gpus: "gpus", instances: "instances",
        env: "env", labels: "labels", user: "user", constraints: "constraints", ports: "ports",
        port_definitions: "portDefinitions", require_ports: "requirePorts", health_checks: "healthChecks",
        readiness_checks: "readinessChecks", upgrade_strategy: "upgradeStrategy", backoff_seconds: "backoffSeconds",
        backoff_factor: "backoffFactor", max_launch_delay_seconds: "maxLaunchDelaySeconds",
        kill_selection: "killSelection", unreachable_strategy: "unreachableStrategy",
        task_kill_grace_period_seconds: "taskKillGracePeriodSeconds", dependencies: "dependencies",
        accepted_resource_roles: "acceptedResourceRoles", container: "container", fetch: "fetch", networks: "networks",
        residency: "residency", secrets: "secrets", executor: "executor", role: "role", tty: "tty", version: "version",
        version_info: "versionInfo",
    }
    UpgradeStrategy {
        maximum_over_capacity: "maximumOverCapacity", minimum_health_capacity: "minimumHealthCapacity",
    }
    UnreachableTimes {
        inactive_after_seconds: "inactiveAfterSeconds", expunge_after_seconds: "expungeAfterSeconds",
    }
    Fetch { uri: "uri", extract: "extract", executable: "executable", cache: "cache", dest_path: "destPath" }
    Residency {
        relaunch_escalation_timeout_seconds: "relaunchEscalationTimeoutSeconds",
        task_lost_behavior: "taskLostBehavior",
    }
    Secret { source: "source" }
    VersionInfo { last_scaling_at: "lastScalingAt", last_config_change_at: "lastConfigChangeAt" }
    Container { kind: "type", docker: "docker", port_mappings: "portMappings", volumes: "volumes" }
    Docker {
        image: "image", force_pull_image: "forcePullImage", privileged: "privileged", network: "network",
        port_mappings: "portMappings",
    }
    PortMapping {
        container_port: "containerPort", host_port: "hostPort", service_port: "servicePort", protocol: "protocol",
        name: "name", labels: "labels",
    }
    PortDefinition { port: "port", protocol: "protocol", name: "name", labels: "labels" }
    Network { mode: "mode", name: "name", labels: "labels" }
    HealthCheck {
        protocol: "protocol", path: "path", port_index: "portIndex", port: "port", command: "command",
        grace_period_seconds: "gracePeriodSeconds", interval_seconds: "intervalSeconds",
        timeout_seconds: "timeoutSeconds", delay_seconds: "delaySeconds",
        max_consecutive_failures: "maxConsecutiveFailures", ignore_http1xx: "ignoreHttp1xx", ip_protocol: "ipProtocol",
    }
    HealthCommand { value: "value" }
    ReadinessCheck {
        name: "name", protocol: "protocol", path: "path", port_name: "portName", interval_seconds: "intervalSeconds",
        timeout_seconds: "timeoutSeconds", http_status_codes_for_ready: "httpStatusCodesForReady",
        preserve_last_response: "preserveLastResponse",
    }
}

impl<T: Read> Read for Option<T> {
    fn read(value: Value) -> Result<Self, Misfit> {
        T::read(value).map(Some)
    }

    fn missing() -> Option<Self> {
        Some(None)
    }

    fn is_missing(&self) -> bool {
        self.is_none()
    }
}

impl<T: Read> Read for Vec<T> {
    fn read(value: Value) -> Result<Self, Misfit> {
        let Value::Array(items) = value else { return Err(Misfit::new("expected a list")) };
        let item = |(n, item)| T::read(item).map_err(|misfit| misfit.within(&format!("[{n}]")));
        items.into_iter().enumerate().map(item).collect()
    }
}

impl<T: Read> Read for BTreeMap<String, T> {
    fn read(value: Value) -> Result<Self, Misfit> {
        let mut map = Self::new();
        for (key, value) in Fields::of(value)?.0 {
            let value = T::read(value).map_err(|misfit| misfit.within(&key))?;
            map.insert(key, value);
        }
        Ok(map)
    }
}

impl Read for Value {
    fn read(value: Value) -> Result<Self, Misfit> {
        Ok(value)
    }
}

impl Read for String {
    fn read(value: Value) -> Result<Self, Misfit> {
        match value {
            Value::String(text) => Ok(text),
            _ => Err(Misfit::new("expected a text")),
        }
    }
}

impl Read for bool {
    fn read(value: Value) -> Result<Self, Misfit> {
        value.as_bool().ok_or(Misfit::new("expected true or false"))
    }
}

impl Read for f64 {
    fn read(value: Value) -> Result<Self, Misfit> {
        value.as_f64().ok_or(Misfit::new("expected a number"))
    }
}

impl Read for u32 {
    fn read(value: Value) -> Result<Self, Misfit> {
        let number = value.as_u64().and_then(|number| number.try_into().ok());
        number.ok_or(Misfit::new("expected a whole number from 0 to 4294967295"))
    }
}

impl Read for u16 {
    fn read(value: Value) -> Result<Self, Misfit> {
        let number = value.as_u64().and_then(|number| number.try_into().ok());
        number.ok_or(Misfit::new("expected a whole number from 0 to 65535"))
    }
}

/// Parts that are more than one thing in JSON.
macro_rules! others {
    ($($type:ident: |$value:ident| $read:expr;)*) => { $(
        impl Read for $type {
            fn read($value: Value) -> Result<Self, Misfit> {
                $read
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
                Self::read(Value::deserialize(input)?).map_err(D::Error::custom)
            }
        }
    )* };
}

others! {
    Constraint: |value| Vec::read(value).map(Self);
    EnvValue: |value| match value {
        Value::String(text) => Ok(Self::Text(text)),
        value => {
            let mut fields = Fields::of(value).map_err(|_| Misfit::new("expected a text, or an object with a secret"))?;
            let mut secret = String::new();
            fields.take("secret", &mut secret)?;
            Ok(Self::Secret { secret, other: fields.0 })
        }
    };
    UnreachableStrategy: |value| match value {
        Value::String(word) => Ok(Self::Word(word)),
        value => UnreachableTimes::read(value).map(Self::Replace),
    };
    KillSelection: |value| String::read(value).map(|word| match word.as_str() {
        "YOUNGEST_FIRST" => Self::YoungestFirst,
        "OLDEST_FIRST" => Self::OldestFirst,
        _ => Self::Unknown(word),
    });
    HealthProtocol: |value| String::read(value).map(|word| match word.as_str() {
        "HTTP" => Self::Http,
        "HTTPS" => Self::Https,
        "TCP" => Self::Tcp,
        "COMMAND" => Self::Command,
        "MESOS_HTTP" => Self::MesosHttp,
        "MESOS_HTTPS" => Self::MesosHttps,
        "MESOS_TCP" => Self::MesosTcp,
        _ => Self::Unknown(word),
    });
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::{AppDefinition, HealthProtocol};

    fn comes_back(json: &Value) {
        let read: AppDefinition = serde_json::from_value(json.clone()).unwrap();
        assert_eq!(read.other.get("unheardOf"), json.get("unheardOf"), "{read:?}");
        assert_eq!(serde_json::to_value(&read).unwrap(), *json);
    }

    /// One that were read under another name than Marathon's would end in `other`.
    #[test]
    fn nothing_is_lost_and_every_field_has_its_place() {
        let part = json!({
            "protocol": "HTTP", "path": "/", "portIndex": 1, "port": 2, "command": { "value": "true", "x": 1 },
            "gracePeriodSeconds": 1, "intervalSeconds": 2, "timeoutSeconds": 3, "delaySeconds": 4,
            "maxConsecutiveFailures": 5, "ignoreHttp1xx": true, "ipProtocol": "IPv4", "x": []
        });
        let ready = json!({
            "name": "a", "protocol": "HTTP", "path": "/", "portName": "b", "intervalSeconds": 1, "timeoutSeconds": 2,
            "httpStatusCodesForReady": [200], "preserveLastResponse": true, "x": {}
        });
        let mapping = json!({
            "containerPort": 1, "hostPort": 2, "servicePort": 3, "protocol": "tcp", "name": "a",
            "labels": { "a": "b" }, "x": 1
        });
        let docker = json!({
            "image": "a", "forcePullImage": true, "privileged": true, "network": "HOST", "portMappings": [mapping], "x": 1
        });
        let json = json!({
            "id": "/a", "cmd": "b", "args": ["c"], "cpus": 0.5, "mem": 1.5, "disk": 2.0, "gpus": 1, "instances": 2,
            "env": { "A": "b", "S": { "secret": "s", "x": 1 } }, "labels": { "a": "b" }, "user": "u",
            "constraints": [["rack", "UNIQUE"]], "ports": [1], "requirePorts": true, "healthChecks": [part],
            "portDefinitions": [{ "port": 1, "protocol": "tcp", "name": "a", "labels": { "a": "b" }, "x": 1 }],
            "readinessChecks": [ready], "backoffSeconds": 1, "backoffFactor": 1.5, "maxLaunchDelaySeconds": 2,
            "upgradeStrategy": { "maximumOverCapacity": 0.5, "minimumHealthCapacity": 0.25, "x": 1 },
            "killSelection": "OLDEST_FIRST", "taskKillGracePeriodSeconds": 1, "dependencies": ["/b"],
            "unreachableStrategy": { "inactiveAfterSeconds": 1, "expungeAfterSeconds": 2, "x": 1 },
            "acceptedResourceRoles": ["*"], "secrets": { "s": { "source": "b", "x": 1 } },
            "container": { "type": "DOCKER", "docker": docker, "portMappings": [], "volumes": [{ "y": 1 }], "x": 1 },
            "fetch": [{ "uri": "u", "extract": true, "executable": true, "cache": true, "destPath": "d", "x": 1 }],
            "networks": [{ "mode": "host", "name": "n", "labels": { "a": 1 }, "x": 1 }],
            "residency": { "relaunchEscalationTimeoutSeconds": 1, "taskLostBehavior": "w", "x": 1 },
            "executor": "//cmd", "role": "r", "tty": true, "version": "v",
            "versionInfo": { "lastScalingAt": "a", "lastConfigChangeAt": "b", "x": 1 }, "unheardOf": [1]
        });
        comes_back(&json);
        let read: AppDefinition = serde_json::from_value(json).unwrap();
        let text = format!("{read:?}");
        assert_eq!(text.matches("\"unheardOf\"").count(), 1, "{text}");
        assert!(!text.contains(": None"), "a field went to the rest: {text}");
        assert_eq!(read.other.len(), 1, "{text}");
    }

    #[test]
    fn words_that_nobody_knows_are_kept() {
        let json = json!({ "id": "/a", "killSelection": "ANY", "unreachableStrategy": "disabled",
            "healthChecks": [{ "protocol": "SCTP" }] });
        comes_back(&json);
        for word in ["HTTP", "HTTPS", "TCP", "COMMAND", "MESOS_HTTP", "MESOS_HTTPS", "MESOS_TCP"] {
            let read: HealthProtocol = serde_json::from_value(json!(word)).unwrap();
            assert_eq!(serde_json::to_value(&read).unwrap(), json!(word));
            assert!(!matches!(read, HealthProtocol::Unknown(_)), "{word}");
        }
    }

    #[test]
    fn null_is_the_same_as_missing() {
        let read: AppDefinition =
            serde_json::from_value(json!({ "id": "/a", "cmd": null, "healthChecks": null })).unwrap();
        assert_eq!(read, AppDefinition::new("/a"));
    }

    #[test]
    fn what_does_not_fit_is_told_with_its_place() {
        let why = |json: Value| serde_json::from_value::<AppDefinition>(json).unwrap_err().to_string();
        assert_eq!(why(json!({ "id": "/a", "cpus": "x" })), "cpus: expected a number");
        assert_eq!(why(json!({ "cmd": "x" })), "id: missing");
        let port = why(json!({ "id": "/a", "portDefinitions": [{}, { "port": 70000 }] }));
        assert_eq!(port, "portDefinitions[1].port: expected a whole number from 0 to 65535");
    }
}
