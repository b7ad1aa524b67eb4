//! Plan files that can't be read: where, what, and what was meant.

use plan::{ClusterPlan, PlanError, Preset, Provider, real_network};
use words::Lang;

fn good() -> String {
    Preset::Classroom.plan("demo", Provider::VirtualBox, real_network()).to_toml()
}

/// The error of the good file with one text replaced by another.
fn error_with(old: &str, new: &str) -> PlanError {
    let file = good();
    assert!(file.contains(old), "the file has no {old}");
    ClusterPlan::from_toml(&file.replacen(old, new, 1)).unwrap_err()
}

fn line_of(file: &str, text: &str) -> usize {
    file.lines().position(|l| l.contains(text)).unwrap() + 1
}

#[test]
fn text_that_is_not_toml() {
    let error = error_with("name = \"demo\"", "name = \"demo");
    assert_eq!((error.id(), error.place().line), ("plan-not-toml", 3));
    for file in ["[", "a = 1\na = 2", "\u{0}", "name = 'é\u{7}'", "x = 1e", "= 1", "[[nodes]"] {
        assert_eq!(ClusterPlan::from_toml(file).unwrap_err().id(), "plan-not-toml", "{file:?}");
    }
}

#[test]
fn a_mistyped_key_is_named_and_the_right_one_too() {
    let error = error_with("client_port", "cleint_port");
    let problem = error.problem();
    assert_eq!((error.id(), error.key()), ("plan-unknown-key", "zookeeper.cleint_port"));
    assert_eq!((error.place().line, error.place().column), (line_of(&good(), "client_port"), 1));
    assert!(problem.what.en.contains("zookeeper.cleint_port"), "{problem:?}");
    assert!(problem.next.get(Lang::En).contains("“client_port”"), "{problem:?}");
    assert!(problem.next.get(Lang::Fr).contains("«\u{a0}client_port\u{a0}»"), "{problem:?}");
}

#[test]
fn an_unknown_key_deep_in_a_machine() {
    let error = error_with("master = true", "maister = true");
    assert_eq!(error.key(), "nodes[0].roles.maister");
    assert_eq!(error.place().line, line_of(&good(), "master = true"));
    assert!(error.place().text.starts_with("roles = {"), "{:?}", error.place());
}

#[test]
fn a_key_like_no_other_is_answered_with_those_that_there_are() {
    let error = error_with("kind = \"pacer\"", "colour = \"pacer\"");
    let PlanError::UnknownKey { meant: None, known, .. } = &error else { panic!("{error:?}") };
    assert_eq!(known.join(" "), "kind port");
    assert!(error.problem().next.en.contains("kind, port"));
}

#[test]
fn a_word_where_another_is_expected() {
    let error = error_with("\"virtualbox\"", "\"virtualbx\"");
    let PlanError::UnknownWord { path, word, meant, .. } = &error else { panic!("{error:?}") };
    assert_eq!((path.as_str(), word.as_str(), meant.as_deref()), ("provider", "virtualbx", Some("virtualbox")));
    assert_eq!(error.problem().id, "plan-unknown-word");
}

#[test]
fn values_of_the_wrong_kind() {
    for (old, new, key) in [
        ("cpus = 1", "cpus = \"one\"", "nodes[0].cpus"),
        ("cpus = 1", "cpus = -1", "nodes[0].cpus"),
        ("\"192.168.56.11\"", "\"192.168.56.999\"", "nodes[0].address"),
        ("\"192.168.56.0/24\"", "\"192.168.56\"", "network.cidr"),
        ("client_port = 2181", "client_port = 70000", "zookeeper.client_port"),
        ("task_ports = [31000, 32000]", "task_ports = 31000", "mesos.task_ports"),
        ("instances = 1", "instances = \"many\"", "applications[0].instances"),
        ("mem = 32", "mem = [32]", "applications[0].mem"),
        ("timeoutSeconds = 5", "timeoutSeconds = \"5\"", "applications[0].healthChecks[0].timeoutSeconds"),
        ("portIndex = 0", "portIndex = 70000", "applications[0].healthChecks[0].portIndex"),
    ] {
        let error = error_with(old, new);
        assert_eq!((error.id(), error.key()), ("plan-wrong-type", key), "{new}");
        assert_eq!(error.place().line, line_of(&good().replacen(old, new, 1), new), "{new}");
    }
}

#[test]
fn missing_keys() {
    assert_eq!(error_with("name = \"demo\"\n", "").key(), "name");
    let error = error_with("cidr = \"192.168.56.0/24\"\n", "");
    assert_eq!((error.id(), error.key()), ("plan-missing-key", "network.cidr"));
    assert_eq!(error_with("id = \"/hello\"\n", "").key(), "applications[0].id");
    assert_eq!(ClusterPlan::from_toml("").unwrap_err().id(), "plan-missing-key");
    assert_eq!(ClusterPlan::from_toml("name = \"x\"").unwrap_err().key(), "network");
}

#[test]
fn defaults_need_not_be_written() {
    let plan = ClusterPlan::from_toml(
        r#"
        name = "small"
        network = { cidr = "127.20.0.0/24" }
        [[nodes]]
        name = "node1"
        address = "127.20.0.11"
        roles = { zookeeper = { myid = 1 }, master = true, agent = {}, marathon = true }
        "#,
    )
    .unwrap();
    assert_eq!(plan.zookeeper.client_port, 2181);
    assert_eq!((plan.nodes[0].cpus, plan.nodes[0].memory_mb), (1, 1024));
    assert_eq!(plan.findings(None), []);
}

#[test]
fn errors_have_their_evidence() {
    let problem = error_with("cpus = 1", "cpus = \"one\"").problem();
    assert_eq!(problem.evidence[0].split(": ").nth(1), Some("cpus = \"one\""));
    assert!(problem.evidence[1].contains("invalid type"), "{problem:?}");
}

#[test]
fn numbers_that_json_can_not_hold_are_not_taken_for_missing() {
    let file = good();
    assert!(file.contains("[[applications]]"), "{file}");
    for number in ["nan", "inf", "-inf"] {
        let error = ClusterPlan::from_toml(&file.replacen("cpus = 0.1", &format!("cpus = {number}"), 1)).unwrap_err();
        assert_eq!((error.id(), error.key()), ("plan-wrong-type", "applications[0]"), "{number}");
    }
}
