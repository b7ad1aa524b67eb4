//! The check of an application that only reports: as it is described to Mesos, and as what it found is shown.

use marathon::AppDefinition;
use mesos::v1::{CheckCommand, CheckInfo, CheckPort, CheckStatus, CommandInfo, HealthCheckType};
use serde_json::{Map, Value, json};

use super::Instance;

/// The field, as the application has it: valid, as all of it is.
fn field(app: &AppDefinition) -> Option<&Map<String, Value>> {
    app.other.get("check")?.as_object()
}

/// It asks over HTTPS, for which Mesos has no word in such checks.
pub fn is_secret(app: &AppDefinition) -> bool {
    field(app).is_some_and(|check| check.get("http").is_some_and(|http| http["scheme"] == "HTTPS"))
}

/// The check that the executor makes, if the application has one.
pub fn describe(instance: &Instance) -> Option<CheckInfo> {
    let check = field(&instance.spec)?;
    let seconds = |name: &str, default: f64| Some(check.get(name).and_then(Value::as_f64).unwrap_or(default));
    let there = |name: &str| check.get(name).filter(|value| !value.is_null());
    let (kind, command, http, tcp) = match (there("exec"), there("http"), there("tcp")) {
        (Some(exec), _, _) => (HealthCheckType::Command, Some(command(&exec["command"])), None, None),
        (_, Some(http), _) => {
            let path = Some(http["path"].as_str().unwrap_or("/").to_owned());
            (HealthCheckType::Http, None, Some(CheckPort { port: port(http, instance)?, path }), None)
        }
        (_, _, tcp) => (HealthCheckType::Tcp, None, None, Some(CheckPort { port: port(tcp?, instance)?, path: None })),
    };
    Some(CheckInfo {
        kind,
        delay_seconds: seconds("delaySeconds", 15.0),
        interval_seconds: seconds("intervalSeconds", 60.0),
        timeout_seconds: seconds("timeoutSeconds", 20.0),
        command,
        http,
        tcp,
    })
}

fn command(given: &Value) -> CheckCommand {
    let texts = given["argv"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let arguments: Vec<_> = texts.map(str::to_owned).collect();
    let shell = given["shell"].as_str().map(str::to_owned);
    let command = CommandInfo {
        shell: Some(shell.is_some()),
        value: shell.or_else(|| arguments.first().cloned()),
        arguments,
        ..CommandInfo::default()
    };
    CheckCommand { command }
}

fn port(asked: &Value, instance: &Instance) -> Option<u32> {
    let own = asked["port"].as_u64().and_then(|port| u32::try_from(port).ok());
    let index = usize::try_from(asked["portIndex"].as_u64().unwrap_or(0)).ok()?;
    own.or_else(|| instance.ports.get(index).copied().map(u32::from))
}

/// What a check found, in the API's words.
pub fn shown(found: &CheckStatus) -> Value {
    let mut shown = Map::new();
    let mut put = |name: &str, inner: &str, value: Option<Value>| {
        let inner: Map<_, _> = value.into_iter().map(|value| (inner.to_owned(), value)).collect();
        shown.insert(name.to_owned(), inner.into());
    };
    if let Some(command) = found.command {
        put("command", "exitCode", command.exit_code.map(|code| json!(code)));
    }
    if let Some(http) = found.http {
        put("http", "statusCode", http.status_code.map(|code| json!(code)));
    }
    if let Some(tcp) = found.tcp {
        put("tcp", "succeeded", tcp.succeeded.map(|succeeded| json!(succeeded)));
    }
    shown.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_found_is_shown_in_the_apis_words() {
        for (found, expected) in [
            (json!({ "type": "COMMAND", "command": { "exit_code": 3 } }), json!({ "command": { "exitCode": 3 } })),
            (json!({ "type": "HTTP", "http": { "status_code": 503 } }), json!({ "http": { "statusCode": 503 } })),
            (json!({ "type": "TCP", "tcp": { "succeeded": false } }), json!({ "tcp": { "succeeded": false } })),
            // Nothing is known yet.
            (json!({ "type": "HTTP", "http": {} }), json!({ "http": {} })),
        ] {
            assert_eq!(shown(&serde_json::from_value(found).unwrap()), expected);
        }
    }

    #[test]
    fn a_command_is_for_a_shell_or_a_list_of_words() {
        let shell = command(&json!({ "shell": "test -e x" })).command;
        assert_eq!((shell.shell, shell.value.as_deref()), (Some(true), Some("test -e x")));
        let words = command(&json!({ "argv": ["/bin/test", "-e", "x"] })).command;
        assert_eq!((words.shell, words.value.as_deref(), words.arguments.len()), (Some(false), Some("/bin/test"), 3));
    }
}
