//! Any sequence of API calls ends, after quiet, in the wanted state: on the practice servers, over their real protocols. (On the
//! core alone, thousands of sequences with failures and crashes are tried in `core/properties.rs`.)

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use reqwest::Method;
use serde_json::{Value, json};

use crate::api::Api;
use crate::cluster::Cluster;

/// The applications that calls are about; one lies in a group.
const IDS: [&str; 3] = ["/a", "/shop/b", "/shop/c"];

/// A call, about one of the applications.
#[derive(Clone, Debug)]
enum Call {
    /// It shall be so, new or not.
    Put {
        app: usize,
        instances: u32,
        word: u8,
        force: bool,
    },
    Scale {
        app: usize,
        instances: u32,
        force: bool,
    },
    Restart {
        app: usize,
    },
    Delete {
        app: usize,
        force: bool,
    },
    /// One of its tasks is killed; another takes its place.
    Kill {
        app: usize,
    },
    /// Several at once, or none of them.
    Group {
        instances: u32,
    },
    /// The oldest deployment is undone.
    Undo,
}

fn call() -> impl Strategy<Value = Call> {
    let (app, instances) = (0..IDS.len(), 0..4_u32);
    prop_oneof![
        4 => (app.clone(), instances.clone(), 0..3_u8, any::<bool>())
            .prop_map(|(app, instances, word, force)| Call::Put { app, instances, word, force }),
        3 => (app.clone(), instances.clone(), any::<bool>())
            .prop_map(|(app, instances, force)| Call::Scale { app, instances, force }),
        1 => app.clone().prop_map(|app| Call::Restart { app }),
        1 => (app.clone(), any::<bool>()).prop_map(|(app, force)| Call::Delete { app, force }),
        2 => app.prop_map(|app| Call::Kill { app }),
        1 => instances.prop_map(|instances| Call::Group { instances }),
        1 => Just(Call::Undo),
    ]
}

fn definition(id: &str, instances: u32, word: u8) -> Value {
    json!({ "id": id, "cmd": format!("sleep {}", 1000 + u32::from(word)), "cpus": 0.1, "mem": 16, "instances": instances })
}

/// What is wanted: instances and command by application.
type Wanted = BTreeMap<String, (u64, String)>;

/// What the API says is wanted.
async fn wanted(api: &Api) -> Wanted {
    let apps = api.get("/v2/apps").await["apps"].as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    apps.iter().map(|app| (text(&app["id"]), (app["instances"].as_u64().unwrap_or(0), text(&app["cmd"])))).collect()
}

/// Makes a call, and keeps in mind what it makes wanted if it is accepted.
async fn make(api: &Api, call: &Call, wanted_now: &mut Wanted) -> Result<(), TestCaseError> {
    let path = |app: usize| format!("/v2/apps/{}", IDS[app]);
    let (status, id) = match call {
        Call::Put { app, instances, word, force } => {
            let body = definition(IDS[*app], *instances, *word);
            let command = body["cmd"].as_str().unwrap_or_default().to_owned();
            let (status, _) = api.send(Method::PUT, &format!("{}?force={force}", path(*app)), body).await;
            if status < 300 {
                wanted_now.insert(IDS[*app].to_owned(), (u64::from(*instances), command));
            }
            (status, None)
        }
        Call::Scale { app, instances, force } => {
            let there = wanted_now.get_mut(IDS[*app]);
            // Of an application that is not there, this would be an incomplete new one.
            let Some(there) = there else { return Ok(()) };
            let uri = format!("{}?force={force}", path(*app));
            let (status, _) = api.send(Method::PUT, &uri, json!({ "instances": instances })).await;
            if status < 300 {
                there.0 = u64::from(*instances);
            }
            (status, None)
        }
        Call::Restart { app } => (api.send(Method::POST, &format!("{}/restart", path(*app)), json!({})).await.0, None),
        Call::Delete { app, force } => {
            let (status, _) = api.send(Method::DELETE, &format!("{}?force={force}", path(*app)), json!({})).await;
            if status < 300 {
                wanted_now.remove(IDS[*app]);
            }
            (status, None)
        }
        Call::Kill { app } => {
            let tasks = api.get(&format!("{}/tasks", path(*app))).await;
            let Some(task) = tasks["tasks"][0]["id"].as_str() else { return Ok(()) };
            (api.send(Method::DELETE, &format!("{}/tasks/{task}", path(*app)), json!({})).await.0, None)
        }
        Call::Group { instances } => {
            let apps: Vec<_> = IDS[1..].iter().map(|id| definition(id, *instances, 0)).collect();
            let body = json!({ "id": "/shop", "apps": apps });
            let (status, _) = api.send(Method::PUT, "/v2/groups//shop", body).await;
            if status < 300 {
                let same = |id: &&str| ((*id).to_owned(), (u64::from(*instances), "sleep 1000".to_owned()));
                wanted_now.extend(IDS[1..].iter().map(same));
            }
            (status, None)
        }
        Call::Undo => {
            let deployments = api.get("/v2/deployments").await;
            let id = deployments[0]["id"].as_str().map(str::to_owned);
            let Some(id) = id else { return Ok(()) };
            (api.send(Method::DELETE, &format!("/v2/deployments/{id}"), json!({})).await.0, Some(id))
        }
    };
    // 404: it is not there (any more); 409: a deployment has locked it.
    prop_assert!(matches!(status, 200 | 201 | 404 | 409), "{call:?}: {status}");
    if id.is_some() {
        // What undoing leads to depends on what had come meanwhile; the API says it.
        *wanted_now = wanted(api).await;
    }
    prop_assert_eq!(&wanted(api).await, wanted_now, "after {:?}", call);
    Ok(())
}

/// After quiet, exactly what is wanted runs: in Pacer's eyes and in the master's.
async fn ends_as_wanted(calls: Vec<Call>) -> Result<(), TestCaseError> {
    let cluster = Cluster::new(1, 2).await;
    let pacer = cluster.start_pacer(10).await;
    let api = Api::of(&pacer);
    api.until_ready().await;
    let mut wanted_now = Wanted::new();
    for call in &calls {
        make(&api, call, &mut wanted_now).await?;
    }
    api.until("/v2/deployments", |deployments| *deployments == json!([])).await;
    let running = |seen: &Value| -> BTreeMap<String, u64> {
        let tasks = seen["tasks"].as_array().cloned().unwrap_or_default();
        let mut counts = BTreeMap::new();
        for task in tasks.iter().filter(|task| task["state"] == "TASK_RUNNING") {
            *counts.entry(task["appId"].as_str().unwrap_or_default().to_owned()).or_insert(0) += 1;
        }
        counts
    };
    let expected = wanted_now.iter().filter(|(_, (instances, _))| *instances > 0);
    let expected: BTreeMap<_, _> = expected.map(|(id, (instances, _))| (id.clone(), *instances)).collect();
    let all = |seen: &Value| seen["tasks"].as_array().map_or(0, Vec::len);
    let wanted_tasks = expected.values().sum::<u64>();
    let as_wanted = |seen: &Value| running(seen) == expected && all(seen) as u64 == wanted_tasks;
    let tasks = api.until("/v2/tasks", as_wanted).await;
    prop_assert_eq!(wanted(&api).await, wanted_now);

    let master = mesos::operator::Client::new([cluster.masters[0].address().to_string()]).expect("a client");
    let state = master.state().await.expect("its state");
    let mut known: Vec<_> = state.frameworks.iter().flat_map(|framework| &framework.tasks).collect();
    known.retain(|task| !task.state.is_terminal());
    let mut known: Vec<_> = known.iter().map(|task| task.id.clone()).collect();
    let ids = tasks["tasks"].as_array().into_iter().flatten().filter_map(|task| task["id"].as_str());
    let mut ids: Vec<_> = ids.map(str::to_owned).collect();
    known.sort();
    ids.sort();
    prop_assert_eq!(known, ids, "the master knows of the same tasks");
    pacer.stop().await;
    Ok(())
}

#[test]
fn any_sequence_of_calls_ends_in_the_wanted_state() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let config = Config { cases: 16, max_shrink_iters: 20, failure_persistence: None, ..Config::default() };
    let sequences = prop::collection::vec(call(), 5..25);
    TestRunner::new(config)
        .run(&sequences, |calls| runtime.block_on(ends_as_wanted(calls)))
        .unwrap_or_else(|error| panic!("{error}"));
}
