//! Whatever a client sends, it gets an answer in the real one's words, and the servers live on.

mod common;

use common::{Cluster, client, get};
use proptest::prelude::*;
use serde_json::json;

/// Where to, headers, body; status and words of the answer.
type Case<'a> = (&'a str, Vec<(&'a str, &'a str)>, &'a str, u16, &'a str);

async fn post(url: &str, headers: &[(&str, &str)], body: &str) -> (u16, String) {
    let mut request = client().post(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = request.body(body.to_owned()).send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refusals_are_the_real_ones() {
    let cluster = Cluster::start(1, 0).await;
    let operator = format!("{}/api/v1", cluster.master_url(0));
    let scheduler = format!("{operator}/scheduler");
    let json = ("content-type", "application/json");
    let subscribe = r#"{"type":"SUBSCRIBE","subscribe":{"framework_info":{"user":"u","name":"n"}}}"#;
    let cases: Vec<Case<'_>> = vec![
        (&operator, vec![], "", 400, "Expecting 'Content-Type' to be present"),
        (&operator, vec![json], "", 400, "Failed to parse body into JSON: syntax error at line 1 near: "),
        (&operator, vec![json], "xx", 400, "Failed to parse body into JSON: syntax error at line 1 near: xx"),
        (&operator, vec![json], "{}", 400, "Failed to validate master::Call: Expecting 'type' to be present"),
        (&operator, vec![json], "[]", 400, "Failed to convert JSON into Call protobuf: Expecting a JSON object"),
        (
            &operator,
            vec![json],
            r#"{"type":"NOPE"}"#,
            400,
            "Failed to validate master::Call: Expecting 'type' to be present",
        ),
        (
            &operator,
            vec![json],
            r#"{"type":"GET_METRICS"}"#,
            400,
            "Failed to validate master::Call: Expecting 'get_metrics' to be present",
        ),
        (&operator, vec![json], r#"{"type":"UNKNOWN"}"#, 501, "501 Not Implemented."),
        (
            &operator,
            vec![json],
            r#"{"type":"GET_HEALTH"} trailing"#,
            400,
            "Failed to parse body into JSON: Parsed JSON included non-whitespace trailing characters:  trailing",
        ),
        (
            &operator,
            vec![("content-type", "text/plain")],
            "{}",
            415,
            "Expecting 'Content-Type' of application/json or application/x-protobuf",
        ),
        (
            &operator,
            vec![json, ("accept", "application/recordio")],
            r#"{"type":"SUBSCRIBE"}"#,
            406,
            "Expecting 'Accept' to allow 'application/x-protobuf' or 'application/json'",
        ),
        (
            &scheduler,
            vec![json],
            r#"{"type":"SUBSCRIBE"}"#,
            400,
            "Failed to validate scheduler::Call: Expecting 'subscribe' to be present",
        ),
        (
            &scheduler,
            vec![json],
            r#"{"type":"SUBSCRIBE","subscribe":{"framework_info":{}}}"#,
            400,
            "Failed to convert JSON into Call protobuf: Missing required fields: subscribe.framework_info.user, subscribe.framework_info.name",
        ),
        (
            &scheduler,
            vec![json, ("mesos-stream-id", "abc")],
            subscribe,
            400,
            "Subscribe calls should not include the 'Mesos-Stream-Id' header",
        ),
        (
            &scheduler,
            vec![json],
            r#"{"type":"DECLINE","framework_id":{"value":"zz"},"decline":{"offer_ids":[]}}"#,
            400,
            "Framework cannot be found",
        ),
        (
            &scheduler,
            vec![json],
            r#"{"type":"ACKNOWLEDGE","framework_id":{"value":"f"},"acknowledge":{"task_id":{"value":"t"},"agent_id":{"value":"a"},"uuid":"abc"}}"#,
            400,
            "Failed to validate scheduler::Call: Not a valid UUID",
        ),
    ];
    for (url, headers, body, status, text) in cases {
        assert_eq!(post(url, &headers, body).await, (status, text.to_owned()), "{body}");
    }
    let get_call = client().get(&operator).send().await.unwrap();
    assert_eq!((get_call.status().as_u16(), get_call.headers()["allow"].to_str().unwrap()), (405, "POST"));
    assert_eq!(
        get_call.text().await.unwrap(),
        "405 Method Not Allowed. Expecting one of { 'POST' }, but received 'GET'."
    );
    for path in ["state.json", "nope", "", "master"] {
        let missing = client().get(format!("{}/{path}", cluster.master_url(0))).send().await.unwrap();
        assert_eq!(
            (missing.status().as_u16(), missing.text().await.unwrap()),
            (404, "404 Not Found.".to_owned()),
            "{path}"
        );
    }
    let wrapped =
        client().get(format!("{}/version?jsonp=cb", cluster.master_url(0))).send().await.unwrap().text().await.unwrap();
    assert!(wrapped.starts_with("cb({") && wrapped.ends_with("})"));
}

#[test]
fn garbage_leaves_the_servers_alive() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let cluster = runtime.block_on(Cluster::start(1, 1));
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 60,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let kinds = prop::sample::select(vec![
        "SUBSCRIBE",
        "ACCEPT",
        "DECLINE",
        "KILL",
        "RECONCILE",
        "ACKNOWLEDGE",
        "GET_STATE",
        "READ_FILE",
    ]);
    let values = prop::sample::select(vec![
        json!(null),
        json!(1e300),
        json!(-1),
        json!([]),
        json!({}),
        json!("\u{0}é"),
        json!({"value": "x"}),
        json!([{"value": ""}]),
        json!({"offer_ids": [{"value": "x"}], "filters": {"refuse_seconds": -1e300}, "operations": [{"type": "LAUNCH", "launch": {}}]}),
    ]);
    let strategy = (kinds, values, "[a-z_]{1,12}", 0..3usize);
    runner
        .run(&strategy, |(kind, value, field, target)| {
            let call =
                json!({"type": kind, "framework_id": {"value": "f"}, kind.to_lowercase(): value.clone(), field: value});
            let url = [
                format!("{}/api/v1", cluster.master_url(0)),
                format!("{}/api/v1/scheduler", cluster.master_url(0)),
                format!("{}/api/v1", cluster.agent_url(0)),
            ];
            runtime.block_on(async {
                let request =
                    client().post(&url[target]).header("content-type", "application/json").body(call.to_string());
                // A SUBSCRIBE to the operators' stream goes on: its head is enough.
                let status = request.send().await.map(|r| r.status().as_u16());
                prop_assert!(status.is_ok_and(|status| status < 600));
                Ok(())
            })
        })
        .unwrap();
    assert!(runtime.block_on(get(&format!("{}/state", cluster.master_url(0)))).is_some());
    assert!(runtime.block_on(get(&format!("{}/state", cluster.agent_url(0)))).is_some());
}
