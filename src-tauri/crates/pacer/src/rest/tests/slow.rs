//! Clients that are slow, silent or endless: each is told so in time, and the others are served meanwhile.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::{APP, Bench, Method, Role};

/// What is answered to these bytes until the connection is closed, once time has run as far as anything waits for. Time stands
/// still while the bytes are on their way.
async fn answer_in_the_end(bench: &Bench, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(&bench.shared.name).await.expect("a connection");
    stream.write_all(bytes).await.expect("sent");
    // The server has them once it has answered somebody who came later.
    assert_eq!(bench.request(Method::GET, "/ping").send().await.expect("an answer").status(), 200);
    tokio::time::pause();
    let mut answer = Vec::new();
    let read = timeout(Duration::from_secs(120), stream.read_to_end(&mut answer)).await;
    tokio::time::resume();
    read.expect("it is answered, or hung up on").ok();
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let bench = Bench::leading().await;
    let head =
        |path: &str| format!("POST {path} HTTP/1.1\r\nhost: pacer\r\ncontent-length: 500\r\nconnection: close\r\n\r\n");
    let answer = answer_in_the_end(&bench, format!("{}{{\"id\": \"/slow\",", head("/v2/apps")).as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(answer.contains("30 s"), "{answer}");
    // Nor does it hold up those who do not lead.
    let follower = Bench::new().await;
    follower.shared.set_role(Role::Following(Some(bench.shared.name.clone())));
    let answer = answer_in_the_end(&follower, format!("{}{{", head("/v2/groups")).as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert_eq!(bench.get("/v2/apps").await["apps"], serde_json::json!([]));
}

#[tokio::test]
async fn a_head_that_does_not_end_is_not_waited_for_nor_read_whole() {
    let bench = Bench::leading().await;
    let answer = answer_in_the_end(&bench, b"GET /ping HTTP/1.1\r\nhost: pac").await;
    assert!(!answer.contains("200"), "{answer}");
    let silent = answer_in_the_end(&bench, b"").await;
    assert_eq!(silent, "");
    let mut stream = TcpStream::connect(&bench.shared.name).await.expect("a connection");
    stream.write_all(b"GET /ping HTTP/1.1\r\nx: ").await.expect("sent");
    let mut answer = [0; 12];
    let told = async {
        // The server stops reading, and says why: what is written then fails.
        while stream.write_all(&[b'x'; 4096]).await.is_ok() {
            if let Ok(Ok(_)) = timeout(Duration::from_millis(1), stream.peek(&mut answer)).await {
                break;
            }
        }
        stream.read_exact(&mut answer).await
    };
    timeout(Duration::from_secs(30), told).await.expect("it is told").expect("an answer");
    assert_eq!(String::from_utf8_lossy(&answer), "HTTP/1.1 431");
}

#[tokio::test]
async fn those_who_say_nothing_do_not_hold_up_others() {
    let bench = Bench::leading().await;
    let mut silent = Vec::new();
    // As many as a process may have open by default, with room for the other tests.
    for _ in 0..200 {
        silent.push(TcpStream::connect(&bench.shared.name).await.expect("a connection"));
    }
    assert_eq!(bench.ask(Method::POST, "/v2/apps", APP).await.0, 201);
    // They are let go in time.
    tokio::time::pause();
    for mut stream in silent {
        let gone = timeout(Duration::from_secs(120), stream.read_u8()).await;
        assert!(matches!(gone, Ok(Err(_))), "{gone:?}");
    }
    tokio::time::resume();
}
