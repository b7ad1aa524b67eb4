//! Marathon's own JSON schema as the judge: what it refuses, `from_json` must not accept.

use jsonschema::{Draft, Validator};
use marathon::{AppDefinition, GroupUpdate};
use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::{Map, Value, json};

/// The schema of Marathon 1.11, with what its RAML has and the schema, which is older, has not.
fn judge() -> Validator {
    let mut schema: Value = serde_json::from_str(include_str!("fixtures/AppDefinition.schema.json")).unwrap();
    let properties = &mut schema["properties"];
    properties["role"] = json!({"type": "string"});
    properties["tty"] = json!({"type": "boolean"});
    properties["check"] = json!({"type": "object"});
    properties["resourceLimits"] = json!({"type": "object"});
    properties["container"]["properties"]["linuxInfo"] = json!({"type": "object"});
    let volume = &mut properties["container"]["properties"]["volumes"]["items"]["properties"];
    volume["secret"] = json!({"type": "string"});
    volume["external"]["properties"]["shared"] = json!({"type": "boolean"});
    properties["constraints"]["items"]["items"][1]["enum"].as_array_mut().unwrap().push("IS".into());
    let port = &mut properties["portDefinitions"]["items"]["properties"]["protocol"]["enum"];
    port.as_array_mut().unwrap().push("udp,tcp".into());
    jsonschema::options().with_draft(Draft::Draft4).should_validate_formats(true).build(&schema).unwrap()
}

/// To Marathon, a field that is `null` is missing.
fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            map.iter().filter(|(_, v)| !v.is_null()).map(|(k, v)| (k.clone(), without_nulls(v))).collect()
        }
        Value::Array(items) => items.iter().map(without_nulls).collect(),
        other => other.clone(),
    }
}

/// Every field with values that are right, wrong, or nearly right.
fn fields() -> Vec<(&'static str, Vec<Value>)> {
    vec![
        (
            "id",
            vec![
                json!("/a/b-1"),
                json!("a.b"),
                json!("../a"),
                json!("/"),
                json!(""),
                json!("/A"),
                json!("/a//b"),
                json!("/a/"),
                json!("/-a"),
                json!(3),
            ],
        ),
        ("cmd", vec![json!("sleep 1"), json!(""), json!(1), json!(["x"])]),
        ("args", vec![json!(["sleep", "1"]), json!([]), json!([1]), json!("sleep")]),
        ("cpus", vec![json!(0.5), json!(1), json!(0), json!(-1), json!("1")]),
        ("mem", vec![json!(32), json!(-0.1)]),
        ("disk", vec![json!(1.5), json!(-3)]),
        ("gpus", vec![json!(1), json!(1.5), json!(-1)]),
        ("instances", vec![json!(0), json!(3), json!(1.5), json!(-1), json!(u64::MAX)]),
        (
            "env",
            vec![
                json!({"A": "b", "B": {"secret": "s"}}),
                json!({"A": 1}),
                json!({"A": {"secret": ""}}),
                json!({"A": {"secret": "s", "x": 1}}),
                json!([]),
            ],
        ),
        ("labels", vec![json!({"a": "b"}), json!({"a": 1})]),
        (
            "constraints",
            vec![
                json!([["hostname", "UNIQUE"]]),
                json!([["rack", "IS", "r1"]]),
                json!([["rack", "is", "r1"]]),
                json!([["rack"]]),
                json!([["rack", "LIKE", "r.", "x"]]),
                json!(["rack"]),
            ],
        ),
        ("ports", vec![json!([0, 8080]), json!([70000]), json!([-1]), json!([1.5]), json!(["80"])]),
        (
            "portDefinitions",
            vec![
                json!([{"port": 0, "name": "http", "protocol": "tcp"}]),
                json!([{"port": -1}]),
                json!([{"name": "H"}]),
                json!([{"name": "1a"}]),
                json!([{"name": "a-"}]),
                json!([{"protocol": "sctp"}]),
                json!([{"odd": 1}]),
            ],
        ),
        ("requirePorts", vec![json!(true), json!("yes")]),
        (
            "healthChecks",
            vec![
                json!([{"protocol": "HTTP", "path": "/", "portIndex": 0}]),
                json!([{"protocol": "TCP", "port": 80}]),
                json!([{"protocol": "COMMAND", "command": {"value": "true"}}]),
                json!([{"protocol": "http"}]),
                json!([{"timeoutSeconds": -1}]),
                json!([{"portIndex": 1.5}]),
                json!([{"ipProtocol": "IPv5"}]),
                json!([{"odd": 1}]),
                json!([{"command": "x"}]),
            ],
        ),
        (
            "readinessChecks",
            vec![
                json!([{"name": "a", "portName": "http", "httpStatusCodesForReady": [200]}]),
                json!([{"httpStatusCodesForReady": [99]}]),
                json!([{"protocol": "TCP"}]),
                json!([{"odd": 1}]),
            ],
        ),
        (
            "upgradeStrategy",
            vec![
                json!({"maximumOverCapacity": 0.5}),
                json!({"minimumHealthCapacity": 1.1}),
                json!({"odd": 0}),
                json!(1),
            ],
        ),
        ("backoffSeconds", vec![json!(1), json!(-1), json!(0.5)]),
        ("backoffFactor", vec![json!(1.15), json!(0.9)]),
        ("maxLaunchDelaySeconds", vec![json!(300), json!(-300)]),
        ("killSelection", vec![json!("OLDEST_FIRST"), json!("oldest_first"), json!(1)]),
        (
            "unreachableStrategy",
            vec![
                json!("disabled"),
                json!("enabled"),
                json!({"inactiveAfterSeconds": 1, "expungeAfterSeconds": 2}),
                json!({"inactiveAfterSeconds": -1}),
                json!({"odd": 1}),
            ],
        ),
        ("taskKillGracePeriodSeconds", vec![json!(3), json!(-3)]),
        ("dependencies", vec![json!(["/b", "../c"]), json!(["/B"]), json!([1]), json!("/b")]),
        ("acceptedResourceRoles", vec![json!(["*"]), json!([1])]),
        (
            "container",
            vec![
                json!({"type": "DOCKER", "docker": {"image": "x"}}),
                json!({"type": "MESOS"}),
                json!({"type": "LXC"}),
                json!({"docker": {"image": ""}}),
                json!({"docker": {}}),
                json!({"docker": {"image": "x", "network": "VPN"}}),
                json!({"type": "MESOS", "volumes": [{"containerPath": "x", "persistent": {"size": 1}}]}),
                json!({"type": "MESOS", "volumes": [{"persistent": {"type": "x"}}]}),
                json!({"type": "MESOS", "portMappings": [{"containerPort": 80, "networkNames": ["a"]}]}),
                json!({"type": "MESOS", "portMappings": [{"hostPort": -1}]}),
                json!({"odd": 1}),
                json!({"appc": {"image": "x", "id": "short"}}),
            ],
        ),
        (
            "fetch",
            vec![
                json!([{"uri": "http://x/y"}]),
                json!([{}]),
                json!([{"uri": "x", "odd": 1}]),
                json!([{"uri": "x", "cache": 1}]),
            ],
        ),
        (
            "networks",
            vec![
                json!([{"mode": "host"}]),
                json!([{"mode": "container", "name": "a"}]),
                json!([{"mode": "overlay"}]),
                json!({}),
            ],
        ),
        (
            "ipAddress",
            vec![
                json!({"networkName": "a"}),
                json!({"discovery": {"ports": [{"number": 70000}]}}),
                json!({"groups": [1]}),
                json!(1),
            ],
        ),
        (
            "residency",
            vec![json!({"taskLostBehavior": "WAIT_FOREVER"}), json!({"taskLostBehavior": "x"}), json!({"odd": 1})],
        ),
        (
            "secrets",
            vec![json!({"s": {"source": "/s"}}), json!({"s": {}}), json!({"s": {"source": ""}}), json!({"s": "x"})],
        ),
        ("executor", vec![json!(""), json!("//cmd"), json!("/usr/x"), json!("///"), json!("a//b")]),
        ("uris", vec![json!(["http://x"]), json!([""]), json!([1])]),
        ("user", vec![json!("root"), json!(0)]),
        ("role", vec![json!("*"), json!(1)]),
        ("tty", vec![json!(true), json!(1)]),
        (
            "version",
            vec![json!("2015-09-25T15:13:48.343Z"), json!("2015-02-30T15:13:48Z"), json!("yesterday"), json!(1)],
        ),
        (
            "versionInfo",
            vec![
                json!({"lastScalingAt": "2015-09-25T15:13:48.343Z"}),
                json!({"lastScalingAt": "x"}),
                json!({"odd": 1}),
            ],
        ),
        ("executorResources", vec![json!({"cpus": 0.1}), json!([])]),
        ("odd", vec![json!(1), json!(null)]),
    ]
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-10.0..70_000.0_f64).prop_map(Value::from),
        "[a-zA-Z/0-9._ -]{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Value::from),
            vec(("[a-z]{1,5}", inner), 0..3).prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

/// A good application with some fields replaced by values of the table, some by anything.
fn application() -> impl Strategy<Value = Value> {
    let of_table = select(fields()).prop_flat_map(|(name, values)| (Just(name), select(values)));
    let names: Vec<&'static str> = fields().into_iter().map(|(name, _)| name).collect();
    let odd = (select(names), any_json());
    let base = select(vec![
        json!({"id": "/a", "cmd": "sleep 1"}),
        json!({"id": "/a"}),
        json!({"id": "/a", "args": ["x"]}),
        json!({}),
    ]);
    (base, vec(of_table, 0..4), vec(odd, 0..2)).prop_map(|(base, table, odd)| {
        let mut map: Map<String, Value> = base.as_object().cloned().unwrap_or_default();
        map.extend(table.into_iter().chain(odd).map(|(name, value)| (name.to_owned(), value)));
        Value::Object(map)
    })
}

/// 1 and 1.0 are the same number to JSON, but not to `Value`.
fn same_numbers(value: &Value) -> Value {
    match value {
        Value::Object(map) => map.iter().map(|(k, v)| (k.clone(), same_numbers(v))).collect(),
        Value::Array(items) => items.iter().map(same_numbers).collect(),
        Value::Number(n) => json!(n.as_f64()),
        other => other.clone(),
    }
}

/// Without the `null`s of the fields that are modelled; those that are not keep theirs.
fn comparable(value: &Value) -> Value {
    same_numbers(&without_nulls(value))
}

#[test]
fn every_value_of_the_table_is_judged_alike() {
    let judge = judge();
    let (mut accepted, mut refused) = (0, 0);
    for (name, values) in fields() {
        for value in values {
            let mut app = json!({"id": "/a", "cmd": "sleep 1"});
            app[name] = value;
            let ours = AppDefinition::from_json(app.clone());
            if ours.is_ok() {
                assert!(judge.is_valid(&without_nulls(&app)), "accepted {app}");
                accepted += 1;
            } else {
                refused += 1;
            }
        }
    }
    assert!(accepted > 35 && refused > 80, "{accepted} accepted, {refused} refused");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_the_schema_refuses_is_refused(json in application()) {
        thread_local! {
            static JUDGE: Validator = judge();
        }
        if let Ok(app) = AppDefinition::from_json(json.clone()) {
            prop_assert!(JUDGE.with(|j| j.is_valid(&without_nulls(&json))), "accepted {}", json);
            prop_assert_eq!(app.validate(), vec![]);
        }
    }

    #[test]
    fn what_is_read_is_written_unchanged(json in application()) {
        if let Ok(app) = serde_json::from_value::<AppDefinition>(json.clone()) {
            prop_assert_eq!(comparable(&serde_json::to_value(&app).unwrap()), comparable(&json));
            let _ = app.validate();
        }
    }

    #[test]
    fn json_of_the_right_form_can_be_read(json in application()) {
        if AppDefinition::form_violations(&json).is_empty() {
            let read = serde_json::from_value::<AppDefinition>(json.clone());
            prop_assert!(read.is_ok(), "{:?}: {}", read, json);
        }
    }

    #[test]
    fn nothing_makes_it_panic(json in any_json()) {
        let _ = AppDefinition::from_json(json);
    }
}

/// Marathon's schema of groups, with what its RAML has and the schema, which is older, has not: `scaleBy`, `enforceRole`,
/// `pods`, and that the outermost group is named by where it is sent to. Applications have their own judge.
fn judge_of_groups() -> Validator {
    let path = json!({ "type": "string", "minLength": 1, "pattern": "^(\\/?((\\.{2})|([a-z0-9][a-z0-9\\-.]*[a-z0-9]+)|([a-z0-9]*))($|\\/))+$" });
    let group = || {
        json!({
            "type": "object",
            "additionalProperties": false,
            "properties": {
                "id": path,
                "apps": { "type": "array", "items": { "type": "object" } },
                "groups": { "type": "array", "items": { "$ref": "#/definitions/child" } },
                "dependencies": { "type": "array", "items": path },
                "version": { "type": "string", "format": "date-time" },
                "scaleBy": { "type": "number", "minimum": 0 },
                "enforceRole": { "type": "boolean" },
                "pods": { "type": "array", "maxItems": 0 },
            },
        })
    };
    let (mut schema, mut child) = (group(), group());
    child["required"] = json!(["id"]);
    schema["definitions"] = json!({ "child": child });
    jsonschema::options().with_draft(Draft::Draft4).should_validate_formats(true).build(&schema).unwrap()
}

fn group() -> impl Strategy<Value = Value> {
    let values = |list: Vec<Value>| select(list);
    let id = values(vec![
        json!("/a/b-1"),
        json!("a.b"),
        json!(".."),
        json!(""),
        json!("/A"),
        json!("-a"),
        json!(3),
        Value::Null,
    ]);
    let apps = values(vec![json!([]), json!([{ "id": "x", "cmd": "sleep 1" }]), json!({}), json!(["x"]), Value::Null]);
    let dependencies = values(vec![json!(["../a"]), json!(["/A"]), json!([1]), json!("a"), Value::Null]);
    let odd = values(vec![
        json!({ "scaleBy": 1.5 }),
        json!({ "scaleBy": -1 }),
        json!({ "scaleBy": "2" }),
        json!({ "version": "2015-09-25T15:13:48.343Z" }),
        json!({ "version": "yesterday" }),
        json!({ "enforceRole": true }),
        json!({ "enforceRole": "true" }),
        json!({ "pods": [] }),
        json!({ "pods": [{ "id": "p" }] }),
        json!({ "color": "blue" }),
        json!({}),
        json!({}),
    ]);
    let leaf = (id, apps, dependencies, odd).prop_map(|(id, apps, dependencies, odd)| {
        let mut group = json!({ "id": id, "apps": apps, "dependencies": dependencies });
        group.as_object_mut().unwrap().extend(odd.as_object().unwrap().clone());
        group
    });
    leaf.prop_recursive(3, 12, 3, |inner| {
        (inner.clone(), vec(inner, 0..3)).prop_map(|(mut group, children)| {
            group["groups"] = json!(children);
            group
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn groups_that_the_schema_refuses_are_refused(json in group()) {
        thread_local! {
            static JUDGE: Validator = judge_of_groups();
        }
        if GroupUpdate::from_json(json.clone()).is_ok() {
            prop_assert!(JUDGE.with(|judge| judge.is_valid(&without_nulls(&json))), "accepted {}", json);
        }
    }

    #[test]
    fn no_group_makes_it_panic(json in any_json()) {
        let _ = GroupUpdate::from_json(json);
    }
}

#[test]
fn a_group_that_marathon_takes_is_taken() {
    let group = json!({ "id": "/shop", "dependencies": [], "groups": [{ "id": "back", "apps": [{ "id": "db", "cmd": "sleep 1" }] }] });
    assert!(judge_of_groups().is_valid(&group) && GroupUpdate::from_json(group).is_ok());
}
