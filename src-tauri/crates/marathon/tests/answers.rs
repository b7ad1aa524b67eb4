//! Marathon's own examples, read.

use marathon::*;
use serde_json::{Value, json};

#[test]
fn an_application_keeps_every_field() {
    let json: Value = serde_json::from_str(include_str!("fixtures/app.json")).unwrap();
    let app: AppDefinition = serde_json::from_value(json.clone()).unwrap();
    assert_eq!((app.cpus(), app.mem(), app.instances()), (0.1, 16.0, 2));
    assert_eq!(app.constraints()[0].operator(), Some(Operator::Like));
    assert_eq!(
        app.env.as_ref().unwrap()["PASSWORD"],
        EnvValue::Secret { secret: "/db/password".into(), other: Other::new() }
    );
    assert_eq!(app.health_checks()[0].protocol(), HealthProtocol::Http);
    assert!(app.other.contains_key("ipAddress"));
    let back = serde_json::to_value(&app).unwrap();
    for (name, value) in json.as_object().unwrap() {
        let numbers = |v: &Value| v.as_f64().map_or(v.clone(), |n| json!(n));
        if name != "upgradeStrategy" {
            assert_eq!(numbers(&back[name]), numbers(value), "{name}");
        }
    }
    assert_eq!(back.as_object().unwrap().len(), json.as_object().unwrap().len());
}

#[test]
fn what_is_missing_has_marathons_defaults() {
    let app = AppDefinition::new("/a");
    assert_eq!((app.cpus(), app.mem(), app.disk(), app.gpus(), app.instances()), (1.0, 128.0, 0.0, 0, 1));
    assert_eq!((app.backoff_seconds(), app.backoff_factor(), app.max_launch_delay_seconds()), (1, 1.15, 300));
    assert_eq!((app.maximum_over_capacity(), app.minimum_health_capacity()), (1.0, 1.0));
    assert_eq!((app.kill_selection(), app.wanted_ports()), (KillSelection::YoungestFirst, vec![0]));
    let check = HealthCheck::default();
    let times =
        (check.grace_period_seconds(), check.interval_seconds(), check.timeout_seconds(), check.delay_seconds());
    assert_eq!((times, check.max_consecutive_failures()), ((300, 60, 20, 15), 3));
    assert_eq!(serde_json::to_value(&app).unwrap(), json!({"id": "/a"}));
    let check = ReadinessCheck::default();
    assert_eq!((check.name(), check.path(), check.port_name()), ("readinessCheck", "/", "http-api"));
    assert_eq!(
        (check.interval_seconds(), check.timeout_seconds(), check.http_status_codes_for_ready()),
        (30, 10, &[200][..])
    );
}

#[test]
fn lists_of_applications() {
    let list: AppList = serde_json::from_str(include_str!("fixtures/app_list.json")).unwrap();
    let app = &list.apps[0];
    assert_eq!((app.definition.id.as_str(), app.definition.instances()), ("/myapp", 3));
    assert_eq!(app.definition.ports, Some(vec![10013, 10015]));
    assert_eq!(app.definition.args, None, "null is missing");
    assert_eq!(app.definition.constraints()[0].value(), None, "Marathon answers an empty value");
    assert_eq!(app.deployments[0].id, "9538079c-3898-4e32-aa31-799bf9097f74");
    assert!(!app.definition.other.contains_key("tasksRunning"), "counts are no part of the definition");
}

#[test]
fn tasks_and_their_health() {
    let list: TaskList = serde_json::from_str(include_str!("fixtures/app_tasks.json")).unwrap();
    let mut task = list.tasks[0].clone();
    assert_eq!((task.state.as_str(), task.ports[0], task.healthy()), ("TASK_STAGING", 31756, None));
    task.health_check_results = vec![HealthResult { alive: true, ..Default::default() }];
    assert_eq!(task.healthy(), Some(true));
    task.health_check_results.push(HealthResult::default());
    assert_eq!(task.healthy(), Some(false));
}

#[test]
fn the_queue_says_why_an_application_waits() {
    let queue: Queue = serde_json::from_str(include_str!("fixtures/queue.json")).unwrap();
    let item = &queue.queue[1];
    assert_eq!((item.count, item.app.as_ref().unwrap().id.as_str()), (2, "/foo"));
    let steps = &item.processed_offers_summary.reject_summary_last_offers;
    assert_eq!(steps[3], DeclinedOfferStep { reason: "InsufficientCpus".into(), declined: 75, processed: 123 });
    let unused = &item.last_unused_offers.as_ref().unwrap()[0];
    assert_eq!(
        (unused.reason.as_slice(), unused.offer.hostname.as_str()),
        (&["InsufficientMemory".to_owned()][..], "1.2.3.4")
    );
    assert_eq!(unused.offer.resources[0].scalar, Some(23.0));
}

#[test]
fn info_and_deployments() {
    let info: Info = serde_json::from_str(include_str!("fixtures/info.json")).unwrap();
    assert_eq!(
        (info.name.as_str(), info.elected, info.http_config["http_port"].as_u64()),
        ("marathon", true, Some(8080))
    );
    let deployments: Vec<Deployment> = serde_json::from_str(include_str!("fixtures/deployments.json")).unwrap();
    assert_eq!((deployments[0].affected_apps[0].as_str(), deployments[0].steps.len()), ("/foo", 2));
    assert_eq!(deployments[0].current_actions[0].action, "ScaleApplication");
    let result: DeploymentResult = serde_json::from_str(include_str!("fixtures/deployments_result.json")).unwrap();
    assert_eq!(result.deployment_id, "5ed4c0c5-9ff8-4a6f-a0cd-f57f59a34b43");
    let apps: Vec<AppDefinition> = serde_json::from_str(include_str!("fixtures/apps_create.json")).unwrap();
    assert!(apps.iter().all(|a| a.validate().is_empty()));
}

#[test]
fn errors_in_all_their_forms() {
    let reasons = |json| serde_json::from_value::<ErrorBody>(json).unwrap().reasons();
    let fields = json!({"message": "Object is not valid", "details": [{"path": "/id", "errors": ["a", "b"]}]});
    assert_eq!(reasons(fields), ["/id: a", "/id: b"]);
    assert_eq!(reasons(json!({"message": "Invalid JSON", "details": "Unexpected end"})), ["Unexpected end"]);
    assert_eq!(reasons(json!({"message": "x"})), Vec::<String>::new());
    assert_eq!(reasons(json!({"message": "x", "details": {"odd": 1}})), ["{\"odd\":1}"]);
    let locked: ErrorBody =
        serde_json::from_value(json!({"message": "App is locked", "deployments": [{"id": "d1"}]})).unwrap();
    assert_eq!(locked.deployments[0].id, "d1");
}

#[test]
fn words_that_nobody_knows_are_kept() {
    let json = json!({"id": "/a", "killSelection": "RANDOM", "healthChecks": [{"protocol": "SMTP"}], "unreachableStrategy": "x"});
    let app: AppDefinition = serde_json::from_value(json.clone()).unwrap();
    assert_eq!(app.kill_selection(), KillSelection::Unknown("RANDOM".into()));
    assert_eq!(serde_json::to_value(&app).unwrap(), json);
}

#[test]
fn ids_are_made_absolute() {
    assert_eq!(AppDefinition::new("a/b").absolute_id(), "/a/b");
    assert_eq!(AppDefinition::new("/a").absolute_id(), "/a");
}

#[test]
fn wanted_ports() {
    let app = |json| serde_json::from_value::<AppDefinition>(json).unwrap().wanted_ports();
    assert_eq!(app(json!({"id": "/a", "ports": [1, 2]})), [1, 2]);
    assert_eq!(app(json!({"id": "/a", "portDefinitions": [{}, {"port": 7}]})), [0, 7]);
    assert_eq!(app(json!({"id": "/a", "portDefinitions": []})), [0_u16; 0]);
    let mappings = json!([{"hostPort": 5}, {"containerPort": 80}]);
    assert_eq!(app(json!({"id": "/a", "container": {"portMappings": mappings}})), [5]);
}
