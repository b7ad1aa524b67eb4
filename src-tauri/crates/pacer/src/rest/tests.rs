//! The API over real HTTP, on a core that writes nothing and calls nobody.

mod slow;

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use hardware::Network;
use mesos::v1::{AgentId, FrameworkId, Offer, OfferId, Range, Resource};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::router;
use crate::core::Core;
use crate::leading::{Input, Reign, recall, take_in};
use crate::reach::Reach;
use crate::serving::serve;
use crate::shared::{Role, Shared};
use crate::{Config, Log};

/// A Pacer without ZooKeeper and Mesos.
struct Bench {
    shared: Arc<Shared>,
    reign: Arc<Reign>,
    http: reqwest::Client,
}

fn config(more: &[(&str, &str)]) -> Config {
    let all = [("MARATHON_MASTER", "127.0.0.1:5050")].iter().chain(more);
    let env: BTreeMap<_, _> = all.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Config::from_env(&env).expect("a configuration")
}

impl Bench {
    async fn new() -> Self {
        Self::with(&[]).await
    }

    /// With these settings.
    async fn with(settings: &[(&str, &str)]) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let reach = Reach::new(Network::default(), Ipv4Addr::LOCALHOST);
        let name = ("127.0.0.1".to_owned(), port);
        let shared = Arc::new(Shared::new(config(settings), Log::none(), name, reach).expect("clients"));
        let core: Core = recall(&shared.config, Vec::new()).expect("an empty core");
        let (reign, mut inputs) = Reign::new(core);
        let (events, ruler) = (shared.events.clone(), reign.clone());
        tokio::spawn(async move {
            while let Some(input) = inputs.recv().await {
                let (outboxes, replies) = take_in(&ruler, vec![input]);
                for event in outboxes.into_iter().flat_map(|outbox| outbox.events) {
                    events.send(Arc::new(event)).ok();
                }
                for (reply, answer) in replies {
                    reply.send(answer).ok();
                }
            }
        });
        tokio::spawn(serve(Network::default().listen(listener), None, router(shared.clone()), Log::none()));
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        Self { shared, reign, http }
    }

    async fn leading() -> Self {
        let bench = Self::new().await;
        bench.shared.set_role(Role::Leading(bench.reign.clone()));
        bench
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method, format!("http://{}{path}", self.shared.name))
    }

    async fn ask(&self, method: Method, path: &str, body: &str) -> (u16, Value) {
        let answer = self.request(method, path).body(body.to_owned()).send().await.expect("an answer");
        (answer.status().as_u16(), answer.json().await.unwrap_or_default())
    }

    async fn get(&self, path: &str) -> Value {
        let (status, body) = self.ask(Method::GET, path, "").await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    /// Gives the core something, and waits until it has taken it in.
    async fn give(&self, input: Input) {
        self.reign.inputs().send(input).expect("taken");
        self.ask(Method::DELETE, "/v2/deployments/none", "").await;
    }

    /// Mesos is there and offers one agent.
    async fn offer(&self, cpus: f64) {
        self.give(Input::Subscribed { framework_id: "f".to_owned(), master: "m".to_owned() }).await;
        let offer = Offer {
            id: OfferId::new("o"),
            framework_id: FrameworkId::new("f"),
            agent_id: AgentId::new("a"),
            hostname: "node1".to_owned(),
            resources: vec![
                Resource::scalar("cpus", cpus),
                Resource::scalar("mem", 1000.0),
                Resource::ranges("ports", [Range { begin: 31_000, end: 31_010 }]),
            ],
            attributes: Vec::new(),
            allocation_info: None,
            url: None,
            unavailability: None,
            domain: None,
        };
        self.give(Input::Offers(vec![offer])).await;
    }
}

const APP: &str =
    r#"{"id": "/shop/web", "cmd": "sleep 100", "cpus": 0.5, "instances": 2, "labels": {"tier": "front"}}"#;

#[tokio::test]
async fn refusals_have_marathons_status_and_words() {
    let bench = Bench::leading().await;
    assert_eq!(bench.ask(Method::POST, "/v2/apps", APP).await.0, 201);
    for (method, path, body, status, words) in [
        (Method::POST, "/v2/apps", "{", 400, "Invalid JSON"),
        (Method::POST, "/v2/apps", r#"{"id": 5, "cmd": "sleep 1"}"#, 400, "Invalid JSON"),
        (Method::POST, "/v2/apps", r#"{"id": "/a", "cmd": "x", "cpus": -1}"#, 422, "Object is not valid"),
        (Method::POST, "/v2/apps", r#"{"id": "/A", "cmd": "sleep 1"}"#, 422, "Object is not valid"),
        (Method::POST, "/v2/apps", r#"{"id": "/shop", "cmd": "sleep 1"}"#, 422, "Object is not valid"),
        (Method::POST, "/v2/apps", r#"{"id": "/shop/web/x", "cmd": "sleep 1"}"#, 422, "Object is not valid"),
        (Method::POST, "/v2/apps", APP, 409, "An app with id [/shop/web] already exists."),
        (Method::PUT, "/v2/apps", r#"{"id": "/a"}"#, 400, "Invalid JSON"),
        (Method::PUT, "/v2/apps//shop/web", r#"{"instances": 3}"#, 409, "App is locked by one or more deployments."),
        (Method::PUT, "/v2/apps/shop/web?force=true", r#"{"instances": "3"}"#, 400, "Invalid JSON"),
        (Method::PATCH, "/v2/apps//nope", r#"{"instances": 3}"#, 404, "App '/nope' does not exist"),
        (Method::PATCH, "/v2/apps", r#"[{"id": "/nope", "instances": 3}]"#, 404, "App '/nope' does not exist"),
        (Method::GET, "/v2/apps//nope", "", 404, "App '/nope' does not exist"),
        (Method::DELETE, "/v2/apps//nope", "", 404, "App '/nope' does not exist"),
        (Method::POST, "/v2/apps//nope/restart", "", 404, "App '/nope' does not exist"),
        (Method::GET, "/v2/apps//nope/tasks", "", 404, "App '/nope' does not exist"),
        (Method::DELETE, "/v2/apps//nope/tasks", "", 404, "App '/nope' does not exist"),
        (Method::DELETE, "/v2/apps//shop/web/tasks/t", "", 404, "Task 't' does not exist"),
        (
            Method::DELETE,
            "/v2/apps//shop/web/tasks?scale=true&wipe=true",
            "",
            400,
            "You cannot use scale and wipe at the same time.",
        ),
        (Method::GET, "/v2/apps//nope/versions", "", 404, "App '/nope' does not exist"),
        (Method::GET, "/v2/apps//shop/web/versions/x", "", 404, "App '/shop/web' does not exist"),
        (Method::GET, "/v2/apps?label=a%20in%20(b", "", 400, "Can not parse label selector"),
        (Method::POST, "/v2/tasks/delete", r#"{"ids": ["t"]}"#, 400, "Invalid task id t"),
        (Method::POST, "/v2/tasks/delete", "[]", 400, "No ids given"),
        (Method::DELETE, "/v2/deployments/d", "", 404, "DeploymentPlan d does not exist"),
        (Method::DELETE, "/v2/queue//nope/delay", "", 404, "Application /nope not found in tasks queue."),
        (Method::GET, "/v2/groups/nope", "", 404, "Group '/nope' does not exist"),
        (Method::POST, "/v2/pods", "{}", 501, "Pacer runs applications"),
        (Method::GET, "/v2/pods//a::status", "", 404, "Pod '/a' does not exist"),
        (Method::DELETE, "/v2/pods/a", "", 404, "Pod '/a' does not exist"),
        (Method::POST, "/v2/apps", " ", 400, "Please specify data in JSON format"),
        (Method::POST, "/v2/apps", "[]", 400, "Invalid JSON"),
        (Method::POST, "/v2/groups", "[]", 400, "Invalid JSON"),
        (Method::POST, "/v2/groups", r#"{"id": "/shop"}"#, 409, "Group /shop is already created."),
        (Method::POST, "/v2/groups", r#"{"id": "/shop/web"}"#, 409, "An app with the path /shop/web already exists."),
        (Method::PUT, "/v2/groups/shop", r#"{"scaleBy": 2}"#, 409, "App is locked by one or more deployments."),
        (Method::PUT, "/v2/groups/shop", r#"{"scaleBy": "2"}"#, 400, "Invalid JSON"),
        (Method::PUT, "/v2/groups/shop", r#"{"apps": [{"id": "/x", "cmd": "true"}]}"#, 422, "Object is not valid"),
        (Method::DELETE, "/v2/groups/nope", "", 404, "Group '/nope' does not exist"),
        (Method::PATCH, "/v2/groups/nope", r#"{"enforceRole": false}"#, 404, "Group '/nope' does not exist"),
        (Method::PATCH, "/v2/groups/shop/x", r#"{"enforceRole": false}"#, 422, "Object is not valid"),
        (Method::GET, "/v2/groups/nope/versions", "", 404, "Group '/nope' does not exist"),
        (Method::GET, "/v2/groups/shop/versions/x", "", 404, "Group '/shop' does not exist"),
        (Method::DELETE, "/v2/leader?backup=file:///b", "", 501, "Pacer makes no backups"),
        (Method::POST, "/logging", "{}", 501, "Pacer's log has one level"),
        (Method::GET, "/v2/events", "", 405, "HTTP method GET is not supported by this URL"),
        (Method::GET, "/v3", "", 500, "HTTP 404 Not Found"),
    ] {
        let (seen, answer) = bench.ask(method.clone(), path, body).await;
        let message = answer["message"].as_str().unwrap_or_default();
        assert!(seen == status && message.starts_with(words), "{method} {path} {body}: {seen} {answer}");
    }
    let locked = bench.ask(Method::DELETE, "/v2/apps/shop/web", "").await.1;
    assert_eq!(locked["deployments"][0]["id"], bench.get("/v2/deployments").await[0]["id"]);
    let details = bench.ask(Method::POST, "/v2/apps", r#"{"id": 5, "cmd": "sleep 1"}"#).await.1["details"].clone();
    assert_eq!(details[0]["path"], "/id");
    let broken = bench.ask(Method::POST, "/v2/apps", "{\n  \"id\": \"/a\"").await.1;
    assert_eq!(broken["details"], "Line 2, column 12: the text ends before the JSON does.");
    let large = format!("{{\"id\": \"{}\"}}", "x".repeat(9 * 1024 * 1024));
    assert_eq!(bench.ask(Method::POST, "/v2/apps", &large).await.0, 400);
}

#[tokio::test]
async fn an_application_is_shown_complete() {
    let bench = Bench::leading().await;
    let created = bench.request(Method::POST, "/v2/apps").body(APP).send().await.expect("an answer");
    let deployment = created.headers()["marathon-deployment-id"].to_str().expect("an id").to_owned();
    assert_eq!(
        (created.status().as_u16(), &created.headers()["location"]),
        (201, &"/v2/apps/shop/web".parse().expect("a value"))
    );
    let app = created.json::<Value>().await.expect("an application");
    assert_eq!((&app["mem"], &app["backoffFactor"], &app["ports"]), (&json!(128.0), &json!(1.15), &json!([10_000])));
    assert_eq!(app["deployments"], json!([{ "id": deployment }]));
    assert_eq!(app["version"], app["versionInfo"]["lastConfigChangeAt"]);

    assert_eq!(bench.get("/v2/apps?id=web&label=tier==front").await["apps"][0]["id"], "/shop/web");
    assert_eq!(bench.get("/v2/apps?cmd=java").await["apps"], json!([]));
    assert_eq!(bench.get("/v2/apps//shop/*").await["*"][0]["id"], "/shop/web");
    // Tasks are always shown where one is asked for, and in lists only on demand.
    let tasks = async |path: &str, part: &str| bench.get(path).await[part].clone();
    assert_eq!(tasks("/v2/apps/shop/web", "app").await["tasks"], json!([]));
    assert_eq!(tasks("/v2/apps//shop/*", "*").await[0]["tasks"], json!([]));
    assert_eq!(tasks("/v2/apps", "apps").await[0].get("tasks"), None);
    assert_eq!(bench.get("/v2/apps/shop/web/versions").await["versions"], json!([app["version"]]));
    let version = app["version"].as_str().expect("a version");
    assert_eq!(bench.get(&format!("/v2/apps/shop/web/versions/{version}")).await["cmd"], "sleep 100");
    let root = bench.get("/v2/groups").await;
    assert_eq!(root["groups"][0]["id"], "/shop");
    assert_eq!(root["groups"][0]["apps"][0]["id"], "/shop/web");
    assert_eq!(bench.get("/v2/groups?embed=group.groups").await["groups"][0]["apps"], Value::Null);
    assert_eq!(bench.get("/v2/groups/shop/versions").await, json!([root["version"]]));
    assert_eq!(bench.get("/v2/groups/versions").await, json!([root["version"]]));
    let version = root["version"].as_str().expect("a version");
    assert_eq!(bench.get(&format!("/v2/groups/shop/versions/{version}")).await["apps"][0]["id"], "/shop/web");
    assert_eq!(bench.get("/v2/groups/shop/apps").await["apps"][0]["id"], "/shop/web");
    assert_eq!(bench.get("/v2/apps?id=WEB&embed=readiness").await["apps"][0]["readinessCheckResults"], json!([]));
    assert_eq!((bench.get("/v2/pods").await, bench.get("/v2/pods/::status").await), (json!([]), json!([])));
    assert_eq!(bench.get("/logging").await, json!({ "ROOT": "INFO" }));
    assert_eq!(bench.get("/v2/plugins").await, json!({ "plugins": [] }));
    let pong = bench.request(Method::GET, "/ping").header("Accept", "application/json").send().await;
    assert_eq!(pong.expect("an answer").text().await.expect("a text"), "\"pong\"");
    assert_eq!(bench.request(Method::HEAD, "/v2/pods").send().await.expect("an answer").status(), 200);
    assert_eq!(bench.get("/v2/groups//shop").await["apps"][0]["tasksRunning"], 0);
    let plan = &bench.get("/v2/deployments").await[0];
    assert_eq!((&plan["id"], &plan["currentStep"], &plan["totalSteps"]), (&json!(deployment), &json!(2), &json!(2)));
    assert_eq!(plan["currentActions"], json!([{ "action": "ScaleApplication", "app": "/shop/web" }]));
}

#[tokio::test]
async fn what_waits_says_why_and_what_runs_is_listed() {
    let bench = Bench::leading().await;
    bench.ask(Method::POST, "/v2/apps", APP).await;
    bench.offer(0.7).await;
    let queue = bench.get("/v2/queue?embed=lastUnusedOffers").await["queue"][0].clone();
    assert_eq!((&queue["count"], &queue["delay"]["overdue"]), (&json!(1), &json!(true)));
    assert_eq!(queue["lastUnusedOffers"][0]["reason"], json!(["InsufficientCpus"]));
    assert_eq!(queue["processedOffersSummary"]["processedOffersCount"], 2);
    assert!(bench.get("/v2/queue").await["queue"][0]["lastUnusedOffers"].is_null());

    let task = bench.get("/v2/apps//shop/web/tasks").await["tasks"][0].clone();
    assert_eq!((&task["host"], &task["servicePorts"]), (&json!("node1"), &json!([10_000])));
    let id = task["id"].as_str().expect("an id");
    let status = json!({ "task_id": { "value": id }, "agent_id": { "value": "a" }, "state": "TASK_RUNNING" });
    bench.give(Input::Update(Box::new(serde_json::from_value(status).expect("a status")))).await;
    assert_eq!(bench.get("/v2/tasks?status=running").await["tasks"][0]["id"], id);
    assert_eq!(bench.get("/v2/tasks?status=staging").await["tasks"], json!([]));
    let text = bench.request(Method::GET, "/v2/tasks").header("Accept", "text/plain").send().await.expect("an answer");
    assert_eq!(text.text().await.expect("text"), format!("shop_web\t10000\tnode1:{}\n", task["ports"][0]));

    let (status, killed) = bench.ask(Method::DELETE, &format!("/v2/apps//shop/web/tasks/{id}"), "").await;
    assert_eq!((status, &killed["task"]["id"]), (200, &json!(id)));
    let (status, scaled) =
        bench.ask(Method::POST, "/v2/tasks/delete?scale=true&force=true", &json!({ "ids": [id] }).to_string()).await;
    assert_eq!((status, scaled["deploymentId"].is_string()), (200, true));
    assert_eq!(bench.ask(Method::DELETE, "/v2/queue//shop/web/delay", "").await.0, 204);
    let deployment = bench.get("/v2/deployments").await[0]["id"].as_str().expect("an id").to_owned();
    assert_eq!(bench.ask(Method::DELETE, &format!("/v2/deployments/{deployment}?force=true"), "").await.0, 202);
}

#[tokio::test]
async fn updates_are_partial_unless_told_otherwise() {
    let bench = Bench::leading().await;
    bench.ask(Method::POST, "/v2/apps", APP).await;
    let put = async |query: &str, body: &str, expected: u16| {
        let (status, answer) = bench.ask(Method::PUT, query, body).await;
        assert_eq!(status, expected, "{answer}");
    };
    put("/v2/apps/shop/web?force=True", r#"{"args": ["sleep", "1"]}"#, 200).await;
    let app = bench.get("/v2/apps/shop/web").await["app"].clone();
    assert_eq!((&app["cmd"], &app["args"], &app["cpus"]), (&Value::Null, &json!(["sleep", "1"]), &json!(0.5)));
    put("/v2/apps/shop/web?force=true&partialUpdate=False", r#"{"cmd": "sleep 2"}"#, 200).await;
    let app = bench.get("/v2/apps/shop/web").await["app"].clone();
    assert_eq!((&app["args"], &app["cpus"], &app["labels"]), (&Value::Null, &json!(1.0), &json!({})));
    put("/v2/apps/new", r#"{"cmd": "sleep 2"}"#, 201).await;
    put("/v2/apps?force=true", r#"[{"id": "/new", "instances": 4}, {"id": "/other", "cmd": "sleep 1"}]"#, 200).await;
    assert_eq!(bench.get("/v2/apps").await["apps"].as_array().map(Vec::len), Some(3));
}

#[tokio::test]
async fn events_are_told_to_who_asked_for_them() {
    let bench = Bench::leading().await;
    let query = "/v2/events?event_type=deployment_info&event_type=event_stream_attached&plan-format=light";
    let answer =
        bench.request(Method::GET, query).header("Accept", "text/event-stream").send().await.expect("a stream");
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    let mut stream = answer.bytes_stream();
    let mut text = String::new();
    let mut read_until = async |what: &str, text: &mut String| {
        while !text.contains(what) {
            let chunk =
                timeout(Duration::from_secs(5), stream.next()).await.expect("in time").expect("more").expect("bytes");
            text.push_str(&String::from_utf8_lossy(&chunk));
        }
    };
    read_until("event: event_stream_attached\r\n", &mut text).await;
    bench.ask(Method::POST, "/v2/apps", APP).await;
    read_until("event: deployment_info\r\n", &mut text).await;
    read_until("\r\n\r\n", &mut text).await;
    let data = text.lines().filter_map(|line| line.strip_prefix("data: ")).next_back().expect("data");
    let event: Value = serde_json::from_str(data).expect("JSON");
    assert_eq!((&event["eventType"], &event["plan"]["target"]), (&json!("deployment_info"), &Value::Null));
    assert!(!text.contains("api_post_event"));
    bench.shared.set_role(Role::Following(None));
    let end = timeout(Duration::from_secs(5), async { while stream.next().await.is_some() {} }).await;
    end.expect("who no longer leads tells nothing more");
}

#[tokio::test]
async fn those_who_do_not_lead_pass_on() {
    let (leader, follower) = (Bench::leading().await, Bench::new().await);
    assert_eq!(follower.ask(Method::GET, "/v2/apps", "").await.0, 503);
    assert_eq!(follower.ask(Method::GET, "/v2/leader", "").await, (404, json!({ "message": "There is no leader" })));
    follower.shared.set_role(Role::Following(Some(leader.shared.name.clone())));
    assert_eq!(follower.get("/v2/leader").await["leader"], leader.shared.name);
    assert_eq!(follower.get("/v2/info").await["elected"], false);
    assert_eq!(follower.ask(Method::POST, "/v2/apps", APP).await.0, 201);
    let answer = follower.request(Method::GET, "/v2/apps/shop/web").send().await.expect("an answer");
    assert_eq!(answer.headers()["x-marathon-leader"], format!("http://{}", leader.shared.name));
    assert_eq!(answer.headers()["via"], format!("1.1 {}", follower.shared.name));
    assert_eq!(answer.json::<Value>().await.expect("JSON")["app"]["id"], "/shop/web");
    assert_eq!(leader.get("/v2/info").await["elected"], true);
    assert_eq!(leader.get("/metrics").await["gauges"]["marathon.apps.active.gauge"]["value"], 1);
    // Two that each think the other leads do not pass a request on for ever.
    leader.shared.set_role(Role::Following(Some(follower.shared.name.clone())));
    assert_eq!(follower.ask(Method::GET, "/v2/apps", "").await.0, 502);
}

#[tokio::test]
async fn who_asks_must_say_who_they_are() {
    let bench = Bench::with(&[("MARATHON_HTTP_CREDENTIALS", "me:hush:hush")]).await;
    bench.shared.set_role(Role::Leading(bench.reign.clone()));
    let ask = |user: &'static str, password: &'static str| {
        let request = bench.request(Method::GET, "/v2/apps").basic_auth(user, Some(password));
        async move { request.send().await.expect("an answer").status().as_u16() }
    };
    assert_eq!((ask("me", "hush:hush").await, ask("me", "hush").await, ask("you", "hush:hush").await), (200, 401, 401));
    let answer = bench.request(Method::GET, "/ping").send().await.expect("an answer");
    assert_eq!(answer.headers()["www-authenticate"], "Basic realm=\"Mesosphere\"");
    assert_eq!(answer.json::<Value>().await.expect("JSON")["message"], "Invalid username or password.");
    let shown = bench.request(Method::GET, "/v2/info").basic_auth("me", Some("hush:hush")).send().await;
    assert!(!shown.expect("an answer").text().await.expect("a text").contains("hush"));
}

#[tokio::test]
async fn groups_over_http() {
    let bench = Bench::leading().await;
    let body = r#"{"id": "/lab", "apps": [{"id": "a", "cmd": "sleep 1", "instances": 0}], "groups": [{"id": "b"}]}"#;
    let created = bench.request(Method::POST, "/v2/groups").body(body).send().await.expect("an answer");
    assert_eq!(
        (created.status().as_u16(), &created.headers()["location"]),
        (201, &"/v2/groups/lab".parse().expect("a value"))
    );
    assert!(created.headers().contains_key("marathon-deployment-id"));
    assert_eq!(bench.get("/v2/groups/lab/b").await["groups"], json!([]));
    let (status, steps) = bench.ask(Method::PUT, "/v2/groups/lab?dryRun=true", r#"{"apps": []}"#).await;
    assert_eq!(
        (status, steps),
        (200, json!({ "steps": [{ "actions": [{ "action": "StopApplication", "app": "/lab/a" }] }] }))
    );
    assert_eq!(bench.ask(Method::PATCH, "/v2/groups/lab", r#"{"enforceRole": false}"#).await.0, 200);
    let (status, done) = bench.ask(Method::DELETE, "/v2/groups/lab?force=true", "").await;
    assert_eq!((status, done["deploymentId"].is_string()), (200, true));
    assert_eq!(bench.get("/v2/groups").await["groups"], json!([]));
    assert_eq!(bench.get("/v2/apps").await["apps"], json!([]));
}
