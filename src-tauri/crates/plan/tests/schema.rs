//! The JSON schema of plans, for editors.

use plan::{ClusterPlan, Preset, Provider, practice_network};
use serde_json::Value;

fn as_json(file: &str) -> Value {
    serde_json::to_value(file.parse::<toml::Table>().unwrap()).unwrap()
}

#[test]
fn it_takes_the_presets() {
    let schema = jsonschema::validator_for(&plan::schema()).unwrap();
    for (preset, name) in Preset::ALL {
        let file = preset.plan(name, Provider::Practice, practice_network(1)).to_toml();
        let errors: Vec<String> =
            schema.iter_errors(&as_json(&file)).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert_eq!(errors, Vec::<String>::new());
    }
}

#[test]
fn it_refuses_what_the_reader_refuses() {
    let schema = jsonschema::validator_for(&plan::schema()).unwrap();
    let good = Preset::Solo.plan("demo", Provider::Practice, practice_network(1)).to_toml();
    for (old, new) in [
        ("client_port = 2181", "cleint_port = 2181"),
        ("\"practice\"", "\"vmware\""),
        ("cpus = 2", "cpus = \"two\""),
        ("client_port = 2181", "client_port = 70000"),
        ("name = \"demo\"\n", ""),
        ("instances = 1", "instances = \"many\""),
    ] {
        let bad = good.replacen(old, new, 1);
        assert!(ClusterPlan::from_toml(&bad).is_err(), "{new}");
        assert!(!schema.is_valid(&as_json(&bad)), "{new}");
    }
}

#[test]
fn it_explains_every_field_of_the_plan() {
    let schema = plan::schema();
    let fields = schema["properties"].as_object().unwrap();
    assert_eq!(fields.len(), 11);
    assert!(fields.values().all(|f| f["description"].is_string()), "{fields:?}");
}
