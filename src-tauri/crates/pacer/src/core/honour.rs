//! What an application asks for that Mesos could not do here: better that it waits and says so than that it starts as
//! something else.

use marathon::{AppDefinition, EnvValue, Network};
use serde_json::Value;

use super::check;
use super::placement::Reason;

/// What the agents can do beyond running commands in sandboxes. Offers do not say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Features {
    /// They run Docker containers: `--containerizers=docker,mesos`, and Mesos's Docker executor is there.
    pub docker: bool,
    /// They fetch URIs into sandboxes: Mesos's fetcher is there.
    pub fetch: bool,
}

/// Why the application cannot run, as far as that can be known without an offer.
pub fn unsupported(app: &AppDefinition, features: Features) -> Vec<Reason> {
    let container = app.container.as_ref();
    let is_docker = container.is_some_and(|container| container.kind.as_deref() != Some("MESOS"));
    let has_image =
        container.is_some_and(|container| container.docker.is_some() || container.other.contains_key("appc"));
    let volumes = container.and_then(|container| container.volumes.as_deref()).unwrap_or_default();
    let by_docker = is_docker && features.docker;
    let asks_for =
        |name: &str| app.other.get(name).is_some_and(|value| !value.is_null() && *value != Value::Bool(false));
    let secrets = app.secrets.as_ref().is_some_and(|secrets| !secrets.is_empty())
        || app.env.iter().flatten().any(|(_, value)| matches!(value, EnvValue::Secret { .. }));
    let fetches = app.fetch.as_ref().is_some_and(|fetch| !fetch.is_empty())
        || app.other.get("uris").and_then(Value::as_array).is_some_and(|uris| !uris.is_empty());
    let wants_isolation =
        container.and_then(|container| container.other.get("linuxInfo")).is_some_and(|info| !info.is_null());
    let is_hosted = |network: &Network| network.mode() == "host" || (by_docker && network.mode() == "container/bridge");
    let is_plain = |volume: &Value| by_docker && volume.get("hostPath").is_some();
    let rules = [
        ((is_docker || has_image) && !by_docker, Reason::UnsupportedContainer),
        (!volumes.iter().all(is_plain), Reason::UnsupportedVolume),
        (!app.networks.iter().flatten().all(is_hosted) || asks_for("ipAddress"), Reason::UnsupportedNetwork),
        (fetches && !features.fetch, Reason::UnsupportedFetch),
        (secrets, Reason::UnsupportedSecret),
        (app.tty == Some(true), Reason::UnsupportedTerminal),
        (!matches!(app.executor.as_deref(), None | Some("" | "//cmd")), Reason::UnsupportedExecutor),
        (asks_for("resourceLimits"), Reason::UnsupportedLimits),
        (check::is_secret(app), Reason::UnsupportedCheck),
        (wants_isolation, Reason::UnsupportedIsolation),
    ];
    rules.into_iter().filter(|(broken, _)| *broken).map(|(_, reason)| reason).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn reasons(fields: Value, features: Features) -> Vec<Reason> {
        let mut app = json!({ "id": "/a", "cmd": "sleep 1" });
        app.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        unsupported(&AppDefinition::from_json(app).unwrap(), features)
    }

    #[test]
    fn what_mesos_cannot_do_here_is_named() {
        let all = Features { docker: true, fetch: true };
        let docker = json!({ "container": { "type": "DOCKER", "docker": { "image": "nginx" } } });
        let bridged = json!({
            "container": {
                "docker": { "image": "nginx" },
                "volumes": [{ "containerPath": "/d", "hostPath": "/d", "mode": "RO" }],
            },
            "networks": [{ "mode": "container/bridge" }],
        });
        for (fields, without, with) in [
            (json!({}), vec![], vec![]),
            (docker, vec![Reason::UnsupportedContainer], vec![]),
            (
                bridged,
                vec![Reason::UnsupportedContainer, Reason::UnsupportedVolume, Reason::UnsupportedNetwork],
                vec![],
            ),
            (json!({ "container": { "type": "MESOS" } }), vec![], vec![]),
            (json!({ "fetch": [{ "uri": "http://x/y" }] }), vec![Reason::UnsupportedFetch], vec![]),
            (json!({ "uris": ["http://x/y"] }), vec![Reason::UnsupportedFetch], vec![]),
            (
                json!({ "env": { "A": { "secret": "s" } }, "secrets": { "s": { "source": "/s" } } }),
                vec![Reason::UnsupportedSecret],
                vec![Reason::UnsupportedSecret],
            ),
            (json!({ "tty": true }), vec![Reason::UnsupportedTerminal], vec![Reason::UnsupportedTerminal]),
            (json!({ "executor": "/bin/e" }), vec![Reason::UnsupportedExecutor], vec![Reason::UnsupportedExecutor]),
            (json!({ "executor": "//cmd", "tty": false }), vec![], vec![]),
            (
                json!({ "container": { "type": "MESOS", "linuxInfo": { "seccomp": { "unconfined": true } } } }),
                vec![Reason::UnsupportedIsolation],
                vec![Reason::UnsupportedIsolation],
            ),
            (json!({ "check": { "http": { "path": "/" } } }), vec![], vec![]),
            (
                json!({ "check": { "http": { "scheme": "HTTPS" } } }),
                vec![Reason::UnsupportedCheck],
                vec![Reason::UnsupportedCheck],
            ),
        ] {
            assert_eq!(reasons(fields.clone(), Features::default()), without, "{fields}");
            assert_eq!(reasons(fields.clone(), all), with, "{fields}");
        }
    }
}
