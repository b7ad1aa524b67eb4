//! The clients against small servers that answer as masters do, well and badly.

use std::net::SocketAddr;
use std::time::Duration;

use mesos::operator::{Client, Turn};
use mesos::v1::FrameworkInfo;
use mesos::v1::operator::Event;
use mesos::v1::scheduler::{Call, Event as SchedulerEvent, Subscribe};
use mesos::{Error, leader, recordio, scheduler};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

/// A request, as far as it matters.
struct Asked {
    line: String,
    headers: String,
    body: String,
}

/// A server that answers each request with the bytes that `answer` makes, and closes after it unless that is a stream.
async fn master(answer: impl Fn(Asked) -> Vec<u8> + Clone + Send + Sync + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let answer = answer.clone();
            tokio::spawn(async move {
                if let Some(asked) = read(&mut stream).await {
                    stream.write_all(&answer(asked)).await.ok();
                    stream.shutdown().await.ok();
                }
            });
        }
    });
    address
}

async fn read(stream: &mut TcpStream) -> Option<Asked> {
    let mut text = String::new();
    let mut buffer = [0; 4096];
    loop {
        let count = stream.read(&mut buffer).await.ok().filter(|count| *count > 0)?;
        text.push_str(&String::from_utf8_lossy(&buffer[..count]));
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let head = head.to_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
        if body.len() >= length {
            let line = text.lines().next()?.to_owned();
            return Some(Asked { line, headers: head, body: body.to_owned() });
        }
    }
}

fn answer(status: &str, headers: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n{headers}\r\n{body}", body.len())
        .into_bytes()
}

fn ok(body: &Value) -> Vec<u8> {
    answer("200 OK", "", &body.to_string())
}

/// A body without end, as far as its length is told: it ends when the connection is closed.
fn stream(headers: &str, events: &[Value]) -> Vec<u8> {
    let records = events.iter().flat_map(|event| recordio::encode(event.to_string().as_bytes()));
    let head = format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: application/json\r\n{headers}\r\n");
    head.into_bytes().into_iter().chain(records).collect()
}

/// A master that does not lead.
async fn follower(leader: SocketAddr) -> SocketAddr {
    master(move |asked| {
        let path = asked.line.split(' ').nth(1).unwrap_or_default().to_owned();
        answer("307 Temporary Redirect", &format!("Location: //{leader}/master{path}\r\n"), "")
    })
    .await
}

fn state() -> Vec<u8> {
    answer("200 OK", "", include_str!("fixtures/state.json"))
}

#[tokio::test]
async fn redirects_without_scheme_are_followed_for_posts_too() {
    let leading = master(|asked| {
        let is_call = asked.line.starts_with("POST /master/api/v1 ") && asked.body.contains("GET_AGENTS");
        if is_call { answer("200 OK", "", include_str!("fixtures/agents.json")) } else { state() }
    })
    .await;
    let client = Client::new([follower(leading).await.to_string()]).expect("a client");
    assert_eq!(client.agents().await.expect("agents").agents.len(), 2);
    assert_eq!(client.state().await.expect("a state").slaves.len(), 2);
}

#[tokio::test]
async fn a_circle_of_redirects_ends() {
    let circle = master(|_| answer("307 Temporary Redirect", "Location: //127.0.0.1:1/x\r\n", "")).await;
    let client = Client::new([circle.to_string()]).expect("a client");
    assert!(matches!(client.state().await, Err(Error::Unreachable { .. })));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let itself = follower(address).await;
    let around = follower(itself).await;
    assert!(Client::new([around.to_string()]).expect("a client").state().await.is_err());
}

#[tokio::test]
async fn any_master_that_answers_is_enough() {
    let leading = master(|_| state()).await;
    let client = Client::new(["127.0.0.1:1".to_owned(), leading.to_string()]).expect("a client");
    assert_eq!(client.state().await.expect("a state").version, "1.11.0");
}

#[tokio::test]
async fn no_leader_is_a_state_of_its_own() {
    let leaderless = master(|_| answer("503 Service Unavailable", "", "")).await.to_string();
    let client = Client::new([leaderless.clone(), "127.0.0.1:1".to_owned()]).expect("a client");
    let error = client.state().await.expect_err("no leader");
    assert!(matches!(error, Error::NoLeader), "{error}");
    assert_eq!(error.problem().id, "mesos-no-leader");
    assert_eq!(leader::ask(&leaderless, None).await.expect("an answer"), None);
}

#[tokio::test]
async fn each_trouble_has_its_own_problem() {
    let nonsense = master(|_| answer("200 OK", "", "<html>")).await.to_string();
    let asking = master(|_| answer("401 Unauthorized", "", "who are you?")).await.to_string();
    let refusing = master(|_| answer("403 Forbidden", "", "not you")).await.to_string();
    for (address, id) in [
        ("127.0.0.1:1".to_owned(), "mesos-unreachable"),
        (nonsense, "mesos-answer-not-understood"),
        (asking, "mesos-unauthorized"),
        (refusing, "mesos-refused"),
    ] {
        let error = Client::new([&address]).expect("a client").state().await.expect_err("trouble");
        let problem = error.problem();
        assert_eq!(problem.id, id);
        assert!(
            !problem.what.fr.is_empty() && !problem.next.en.is_empty() && !problem.evidence.is_empty(),
            "{problem:?}"
        );
    }
    assert_eq!(Client::new(["nowhere"]).expect_err("no port").problem().id, "mesos-answer-not-understood");
}

#[tokio::test]
async fn asking_any_master_names_the_leader() {
    let info: Value = serde_json::from_str(include_str!("fixtures/json.info.json")).expect("JSON");
    let leading = master(move |_| ok(&json!({ "type": "GET_MASTER", "get_master": { "master_info": info } }))).await;
    let found = leader::ask(&format!("http://{}/", follower(leading).await), None).await.expect("an answer");
    assert_eq!(found.map(|master| master.port), Some(6051));
}

#[tokio::test]
async fn a_lost_operator_stream_is_opened_again() {
    let subscribed =
        json!({ "type": "SUBSCRIBED", "subscribed": { "get_state": {}, "heartbeat_interval_seconds": 15.0 } });
    let events = [subscribed, json!({ "type": "HEARTBEAT" })];
    let leading = master(move |_| stream("", &events)).await;
    let mut subscription = Client::new([leading.to_string()]).expect("a client").subscribe();
    let mut turns = String::new();
    for _ in 0..6 {
        turns.push(match timeout(Duration::from_secs(5), subscription.next()).await.expect("a turn") {
            Turn::Event(Event::Subscribed(_)) => 's',
            Turn::Event(Event::Heartbeat) => 'h',
            Turn::Event(other) => panic!("{other:?}"),
            Turn::Lost(_) => 'l',
        });
    }
    assert_eq!(turns, "shlshl");
}

fn subscribed(heartbeat: f64) -> Value {
    json!({ "type": "SUBSCRIBED", "subscribed": { "framework_id": { "value": "f1" }, "heartbeat_interval_seconds": heartbeat } })
}

fn subscribe() -> Subscribe {
    Subscribe {
        framework_info: FrameworkInfo { name: "f".to_owned(), ..FrameworkInfo::default() },
        suppressed_roles: Vec::new(),
    }
}

#[tokio::test]
async fn a_scheduler_subscribes_and_calls_on_its_stream() {
    let leading = master(|asked| {
        if asked.body.contains("SUBSCRIBE") {
            return stream("Mesos-Stream-Id: s1\r\n", &[subscribed(15.0), json!({ "type": "HEARTBEAT" })]);
        }
        let belongs =
            asked.headers.contains("mesos-stream-id: s1") && asked.body.contains(r#""framework_id":{"value":"f1"}"#);
        answer(if belongs { "202 Accepted" } else { "400 Bad Request" }, "", "")
    })
    .await;
    let through: mesos::Endpoint = follower(leading).await.to_string().parse().expect("an endpoint");
    let mut subscription =
        scheduler::Client::new().expect("a client").subscribe(&through, &subscribe()).await.expect("a stream");
    assert_eq!(subscription.subscribed().framework_id.as_str(), "f1");
    subscription.caller().call(&Call::Revive { roles: Vec::new() }).await.expect("called");
    assert_eq!(subscription.next().await.expect("an event"), Some(SchedulerEvent::Heartbeat));
    assert_eq!(subscription.next().await.expect("the end"), None);
}

#[tokio::test]
async fn a_framework_that_was_given_up_is_refused() {
    let events = [json!({ "type": "ERROR", "error": { "message": "Framework has been removed" } })];
    let leading = master(move |_| stream("", &events)).await.to_string().parse().expect("an endpoint");
    let refused =
        scheduler::Client::new().expect("a client").subscribe(&leading, &subscribe()).await.expect_err("refused");
    assert!(matches!(&refused, Error::Refused { body, .. } if body.contains("removed")), "{refused}");
}

#[tokio::test]
async fn silence_is_noticed() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let silent = listener.local_addr().expect("an address").to_string().parse().expect("an endpoint");
    tokio::spawn(async move {
        let (mut connection, _) = listener.accept().await.expect("a connection");
        read(&mut connection).await;
        connection.write_all(&stream("", &[subscribed(0.01)])).await.expect("written");
        std::future::pending::<()>().await;
    });
    let mut subscription =
        scheduler::Client::new().expect("a client").subscribe(&silent, &subscribe()).await.expect("a stream");
    let error = timeout(Duration::from_secs(5), subscription.next()).await.expect("in time").expect_err("silence");
    assert_eq!(error.problem().id, "mesos-silent");
}

#[tokio::test]
async fn what_an_operator_has_arranged_is_read() {
    let at = master(|asked| {
        let kind = serde_json::from_str::<Value>(&asked.body).unwrap_or_default()["type"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        let machine = json!({ "hostname": "a", "ip": "10.0.0.1" });
        ok(&match &*kind {
            "GET_WEIGHTS" => json!({ "type": "GET_WEIGHTS" }),
            "GET_QUOTA" => json!({ "get_quota": { "status": {
                "configs": [{ "role": "lab", "guarantees": { "cpus": { "value": 2.0 } }, "limits": {} }],
            } } }),
            "GET_MAINTENANCE_STATUS" => json!({ "get_maintenance_status": { "status": {
                "draining_machines": [{ "id": machine }],
            } } }),
            "GET_MAINTENANCE_SCHEDULE" => json!({ "get_maintenance_schedule": { "schedule": {
                "windows": [{ "machine_ids": [machine], "unavailability": { "start": { "nanoseconds": 1 } } }],
            } } }),
            other => panic!("{other}"),
        })
    })
    .await;
    let client = Client::new([at.to_string()]).expect("a client");
    assert_eq!(client.weights().await.expect("weights"), []);
    assert_eq!(client.quotas().await.expect("quotas").configs[0].guarantees["cpus"].value, 2.0);
    assert_eq!(client.maintenance().await.expect("a status").draining_machines[0].id.hostname, "a");
    assert_eq!(client.maintenance_schedule().await.expect("a schedule").windows[0].machine_ids[0].ip, "10.0.0.1");
}

#[tokio::test]
async fn who_is_asked_for_a_password_gives_it() {
    let at = master(|asked| {
        // `me:hush`, as the basic scheme writes it.
        let known = asked.headers.contains("authorization: basic bwu6ahvzaa==");
        if known { ok(&json!({ "type": "GET_WEIGHTS" })) } else { answer("401 Unauthorized", "", "") }
    })
    .await;
    let client = Client::new([at.to_string()]).expect("a client");
    assert!(matches!(client.weights().await, Err(Error::Unauthorized { .. })));
    let known = client.with_credentials(Some(mesos::Credentials::new("me", "hush")));
    assert_eq!(known.weights().await.expect("weights"), []);
}

#[tokio::test]
async fn a_log_is_followed_while_it_grows_and_after_it_shrank() {
    use std::sync::{Arc, Mutex};
    let log = Arc::new(Mutex::new("one\ntwo\n".to_owned()));
    let served = log.clone();
    let at = master(move |asked| {
        let text = served.lock().expect("a log").clone();
        let offset = asked
            .line
            .split("offset=")
            .nth(1)
            .and_then(|rest| rest.split(['&', ' ']).next())
            .unwrap_or_default()
            .to_owned();
        match offset.parse::<usize>() {
            Ok(offset) => ok(&json!({ "offset": offset, "data": &text[offset.min(text.len())..] })),
            Err(_) => ok(&json!({ "offset": text.len(), "data": "" })),
        }
    })
    .await;
    let client = mesos::agent::Client::new(&at.to_string()).expect("a client");
    let mut tail = client.tail("/sandbox/stdout", 4).await.expect("a log");
    assert_eq!(tail.more().await.expect("text"), "two\n");
    assert_eq!(tail.more().await.expect("nothing"), "");
    log.lock().expect("a log").push_str("three\n");
    assert_eq!(tail.more().await.expect("text"), "three\n");
    "new\n".clone_into(&mut log.lock().expect("a log"));
    assert_eq!(tail.more().await.expect("text"), "new\n");
}
