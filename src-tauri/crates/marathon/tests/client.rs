//! The client against a hand-made server: what it asks, what it makes of answers, and how it bears faults.

use std::{sync::Arc, time::Duration};

use futures::StreamExt;
use marathon::{AppDefinition, Client, Error, Signal};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Mutex,
    time::timeout,
};

/// A server that answers every request with what `answer` says (raw HTTP, head and body) and remembers what was asked.
struct Server {
    base: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    async fn new(answer: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let (answer, log) = (Arc::new(answer), asked.clone());
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (answer, log) = (answer.clone(), log.clone());
                tokio::spawn(async move {
                    let request = read_request(&mut stream).await;
                    log.lock().await.push(request.clone());
                    let _ = stream.write_all(answer(&request).as_bytes()).await;
                    let _ = stream.shutdown().await;
                });
            }
        });
        Self { base, asked }
    }

    fn client(&self) -> Client {
        Client::new([&self.base]).unwrap().with_deadline(Duration::from_millis(500))
    }

    /// The first line of the last request, and its body.
    async fn last(&self) -> (String, Value) {
        let asked = self.asked.lock().await;
        let (head, body) = asked.last().unwrap().split_once("\r\n\r\n").unwrap();
        let line = head.lines().next().unwrap().trim_end_matches(" HTTP/1.1");
        (line.to_owned(), serde_json::from_str(body).unwrap_or(Value::Null))
    }
}

async fn read_request(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let read = stream.read(&mut chunk).await.unwrap_or(0);
        bytes.extend_from_slice(&chunk[..read]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let length = text.to_lowercase().split("content-length: ").nth(1).and_then(|r| r.lines().next()?.parse().ok());
        let done = text.split_once("\r\n\r\n").is_some_and(|(_, body)| body.len() >= length.unwrap_or(0_usize));
        if done || read == 0 {
            return text;
        }
    }
}

fn answer(status: u16, body: &str) -> String {
    format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
}

/// An address where nobody listens.
async fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

async fn error_of(status: u16, body: &'static str) -> Error {
    let server = Server::new(move |_| answer(status, body)).await;
    server.client().create(&AppDefinition::new("/a")).await.unwrap_err()
}

#[tokio::test]
async fn it_asks_what_the_api_wants() {
    let deployment = r#"{"deploymentId": "d1", "version": "v"}"#;
    let server = Server::new(move |_| answer(200, deployment)).await;
    let client = server.client();
    assert_eq!(client.scale("/shop/web", 3).await.unwrap().deployment_id, "d1");
    assert_eq!(server.last().await, ("PUT /v2/apps/shop/web".into(), json!({"instances": 3})));
    client.forcing().delete("web").await.unwrap();
    assert_eq!(server.last().await.0, "DELETE /v2/apps/web?force=true");
    client.restart("/web").await.unwrap();
    assert_eq!(server.last().await.0, "POST /v2/apps/web/restart");
    let app = AppDefinition { version: Some("v".into()), cmd: Some("true".into()), ..AppDefinition::new("/web") };
    client.update(&app).await.unwrap();
    assert_eq!(
        server.last().await,
        ("PUT /v2/apps/web?partialUpdate=false".into(), json!({"id": "/web", "cmd": "true"}))
    );
    client.kill_task("/web", "web.1").await.unwrap();
    assert_eq!(server.last().await.0, "DELETE /v2/apps/web/tasks/web.1");
    client.reset_delay("/web").await.unwrap();
    assert_eq!(server.last().await.0, "DELETE /v2/queue/web/delay");
    client.cancel("d1").await.unwrap();
    assert_eq!(server.last().await.0, "DELETE /v2/deployments/d1");
    client.scale("/a?b/../c d", 1).await.unwrap();
    assert_eq!(server.last().await.0, "PUT /v2/apps/a%3Fb/c%20d");
    assert!(server.asked.lock().await.iter().all(|r| r.to_lowercase().contains("accept: application/json")));
}

#[tokio::test]
async fn it_reads_what_the_api_answers() {
    let server = Server::new(|request| {
        let path = request.split([' ', '?']).nth(1).unwrap();
        let body = match path {
            "/v2/apps" => include_str!("fixtures/app_list.json").to_owned(),
            "/v2/apps/web" => r#"{"app": {"id": "/web", "tasksRunning": 2, "cpus": 1}}"#.into(),
            "/v2/tasks" | "/v2/apps/web/tasks" => include_str!("fixtures/app_tasks.json").to_owned(),
            "/v2/deployments" => include_str!("fixtures/deployments.json").to_owned(),
            "/v2/queue" => include_str!("fixtures/queue.json").to_owned(),
            "/v2/info" => include_str!("fixtures/info.json").to_owned(),
            "/v2/leader" => r#"{"leader": "127.0.0.1:8080"}"#.into(),
            "/ping" => "pong".into(),
            _ => return answer(404, r#"{"message": "no"}"#),
        };
        answer(200, &body)
    })
    .await;
    let client = server.client();
    assert_eq!(client.apps().await.unwrap()[0].definition.id, "/myapp");
    let asked = server.last().await.0;
    assert!(asked.contains("embed=apps.tasks") && asked.contains("embed=apps.deployments"), "{asked}");
    let app = client.app("/web").await.unwrap();
    assert_eq!((app.tasks_running, app.definition.cpus()), (2, 1.0));
    assert_eq!(client.tasks().await.unwrap().len(), 1);
    assert_eq!(client.app_tasks("/web").await.unwrap().len(), 1);
    assert_eq!(client.deployments().await.unwrap()[0].total_steps, 1);
    assert_eq!(client.queue().await.unwrap().len(), 2);
    assert_eq!(server.last().await.0, "GET /v2/queue?embed=lastUnusedOffers");
    assert!(client.info().await.unwrap().elected);
    assert_eq!(client.leader().await.unwrap().as_deref(), Some("127.0.0.1:8080"));
    client.ping().await.unwrap();
    assert!(matches!(client.app("/other").await, Err(Error::NotFound { .. })));
}

#[tokio::test]
async fn a_missing_leader_is_no_error() {
    let server = Server::new(|_| answer(404, r#"{"message": "There is no leader"}"#)).await;
    assert_eq!(server.client().leader().await, Ok(None));
}

#[tokio::test]
async fn a_cancelled_deployment_without_a_body() {
    let server = Server::new(|_| answer(202, "")).await;
    assert_eq!(server.client().forcing().cancel("d1").await, Ok(None));
}

#[tokio::test]
async fn refusals_carry_their_reasons() {
    let body = r#"{"message": "Object is not valid", "details": [{"path": "/cpus", "errors": ["error.min"]}]}"#;
    let problem = error_of(422, body).await.problem();
    assert_eq!(
        (problem.id.as_str(), problem.evidence),
        ("marathon-refused", vec!["Object is not valid".into(), "/cpus: error.min".into()])
    );
    let error = error_of(400, r#"{"message": "Invalid JSON", "details": "Unexpected end-of-input"}"#).await;
    assert_eq!(error.problem().evidence, ["Invalid JSON", "Unexpected end-of-input"]);
}

#[tokio::test]
async fn a_lock_names_its_deployment() {
    let error = error_of(409, r#"{"message": "App is locked", "deployments": [{"id": "d7"}]}"#).await;
    assert_eq!(error, Error::Locked { message: "App is locked".into(), deployments: vec!["d7".into()] });
    let problem = error.problem();
    assert!(problem.what.en.contains("d7") && problem.what.fr.contains("d7"), "{problem:?}");
    let error = error_of(409, r#"{"message": "An app with id [/a] already exists."}"#).await;
    assert_eq!(error.id(), "marathon-conflict");
}

#[tokio::test]
async fn other_refusals() {
    assert_eq!(error_of(401, "").await.id(), "marathon-forbidden");
    assert_eq!(error_of(403, r#"{"message": "Not Authorized"}"#).await.id(), "marathon-forbidden");
    let many = r#"{"message": "Max number (100) of running deployments is achieved."}"#;
    assert_eq!(error_of(403, many).await.id(), "marathon-too-many-deployments");
    let error = error_of(500, "<html>\n<h1>Error</h1>").await;
    let Error::Failed { status: 500, message, .. } = &error else { panic!("{error:?}") };
    assert_eq!(message, "<html> <h1>Error</h1>");
}

#[tokio::test]
async fn answers_that_nobody_can_read() {
    for body in ["", "<html>", "{\"id\": 5}", "[", "\u{0}"] {
        let error = error_of(200, body).await;
        assert_eq!(error.id(), "marathon-unreadable-answer", "{body:?}");
    }
}

#[tokio::test]
async fn the_next_address_is_asked_when_one_does_not_answer_and_first_afterwards() {
    let server = Server::new(|_| answer(200, r#"{"apps": []}"#)).await;
    let client = Client::new([nobody().await, server.base.clone()]).unwrap();
    assert_eq!(client.apps().await.unwrap(), []);
    assert_eq!(client.clone().apps().await.unwrap(), []);
    assert_eq!(server.asked.lock().await.len(), 2);
}

#[tokio::test]
async fn a_scheduler_without_a_leader_is_passed_over() {
    let standby = Server::new(|_| answer(503, "")).await;
    let leader = Server::new(|_| answer(200, r#"{"deploymentId": "d1"}"#)).await;
    let client = Client::new([&standby.base, &leader.base]).unwrap();
    assert_eq!(client.scale("/a", 2).await.unwrap().deployment_id, "d1");
    let error = standby.client().apps().await.unwrap_err();
    assert_eq!((error.id(), error.is_transient()), ("marathon-no-leader", true));
}

#[tokio::test]
async fn nobody_answers() {
    let (one, two) = (nobody().await, nobody().await);
    let error = Client::new([&one, &two]).unwrap().apps().await.unwrap_err();
    let problem = error.problem();
    assert_eq!((problem.id.as_str(), problem.evidence.len()), ("marathon-unreachable", 2));
    assert!(problem.evidence[0].contains("refused"), "{:?}", problem.evidence);
    assert_eq!(problem.action, Some(words::Action::Retry));
}

#[tokio::test]
async fn a_scheduler_that_never_answers_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent = format!("http://{}", listener.local_addr().unwrap());
    let other = Server::new(|_| answer(200, r#"{"apps": []}"#)).await;
    let client = Client::new([&silent, &other.base]).unwrap().with_deadline(Duration::from_millis(100));
    assert!(client.apps().await.is_ok(), "reading may be tried elsewhere");

    let client = Client::new([&silent, &other.base]).unwrap().with_deadline(Duration::from_millis(100));
    let before = other.asked.lock().await.len();
    let error = timeout(Duration::from_secs(5), client.scale("/a", 1)).await.unwrap().unwrap_err();
    assert_eq!(error.id(), "marathon-unreachable");
    assert!(error.problem().evidence[0].contains("100 ms"), "{error}");
    assert_eq!(other.asked.lock().await.len(), before, "a change that may have arrived is not sent again");
}

#[tokio::test]
async fn answers_that_break_off() {
    let cut = Server::new(|_| "HTTP/1.1 200 X\r\nContent-Length: 100\r\n\r\n{\"apps\"".into()).await;
    assert_eq!(cut.client().apps().await.unwrap_err().id(), "marathon-unreachable");
    let garbage = Server::new(|_| "220 smtp ready\r\n".into()).await;
    assert_eq!(garbage.client().apps().await.unwrap_err().id(), "marathon-unreachable");
    let closes = Server::new(|_| String::new()).await;
    assert_eq!(closes.client().apps().await.unwrap_err().id(), "marathon-unreachable");
}

#[test]
fn addresses_that_are_none() {
    for base in ["", "localhost:8080", "ftp://x", "http://"] {
        assert_eq!(Client::new([base]).unwrap_err().id(), "marathon-bad-address", "{base}");
    }
    assert_eq!(Client::new(Vec::<String>::new()).unwrap_err().id(), "marathon-bad-address");
}

#[test]
fn every_error_is_told_in_both_languages() {
    let message = String::from("x");
    let errors = [
        Error::Conflict { message: message.clone() },
        Error::NotFound { message: message.clone() },
        Error::TooManyDeployments { message: message.clone() },
        Error::Forbidden { message: message.clone() },
        Error::Failed { status: 500, url: "u".into(), message: message.clone() },
        Error::Unreadable { url: "u".into(), reason: message },
    ];
    for problem in errors.map(|e| e.problem()) {
        assert!(problem.id.starts_with("marathon-") && problem.evidence.len() == 1, "{problem:?}");
        assert!(problem.what.en != problem.what.fr && problem.next.en != problem.next.fr, "{problem:?}");
    }
}

const STREAM: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n";

async fn next(stream: &mut (impl futures::Stream<Item = Signal> + Unpin)) -> Signal {
    timeout(Duration::from_secs(5), stream.next()).await.expect("no signal in time").unwrap()
}

#[tokio::test]
async fn events_arrive_and_a_lost_connection_is_made_again() {
    let events = include_str!("fixtures/events.txt");
    let server = Server::new(move |request| {
        if !request.to_lowercase().contains("accept: text/event-stream") {
            return answer(405, "");
        }
        format!("{STREAM}\r\n\r\n{events}\n")
    })
    .await;
    let mut stream = Box::pin(server.client().events());
    for _ in 0..2 {
        assert!(matches!(next(&mut stream).await, Signal::Connected { .. }));
        let mut kinds = Vec::new();
        for _ in 0..3 {
            let Signal::Event(event) = next(&mut stream).await else { panic!("no event") };
            assert_eq!(event.data["eventType"], event.kind.as_str());
            kinds.push(event.kind);
        }
        assert_eq!(kinds, ["event_stream_attached", "status_update_event", "status_update_event"]);
    }
    assert!(server.last().await.0.starts_with("GET /v2/events"));
}

#[tokio::test]
async fn events_are_taken_from_whoever_answers() {
    let server = Server::new(|_| format!("{STREAM}event: a\ndata: no json\n\n")).await;
    let client = Client::new([nobody().await, server.base.clone()]).unwrap();
    let mut stream = Box::pin(client.events());
    assert!(matches!(next(&mut stream).await, Signal::Connected { base } if base.starts_with(&server.base)));
    let Signal::Event(event) = next(&mut stream).await else { panic!("no event") };
    assert_eq!((event.kind.as_str(), event.data), ("a", json!("no json")));
}

#[tokio::test]
async fn a_stream_that_nobody_gives_is_tried_again() {
    let server = Server::new(|_| answer(405, "<html>")).await;
    let mut stream = Box::pin(server.client().events());
    for _ in 0..2 {
        let Signal::Lost(error) = next(&mut stream).await else { panic!("not lost") };
        assert_eq!(error.id(), "marathon-unreachable");
    }
}

#[tokio::test]
async fn who_we_are_is_said_and_never_shown() {
    let server = Server::new(|_| "HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\n{}".to_owned()).await;
    let client = server.client().with_credentials("me", "hush");
    let refused = client.apps().await.unwrap_err();
    let asked = server.asked.lock().await.join("");
    assert!(asked.to_lowercase().contains("authorization: basic bwu6ahvzaa=="), "{asked}");
    assert!(!format!("{refused} {refused:?} {client:?}").contains("hush"));
    let address = Client::new(["http://me:hush@127.0.0.1:8080"]).unwrap_err();
    assert!(!format!("{address} {address:?} {:?}", address.problem()).contains("hush"));
}
