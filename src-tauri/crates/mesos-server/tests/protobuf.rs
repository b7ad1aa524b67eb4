//! The same API in protobuf, as libraries in other languages speak it: written and read here by hand, byte by byte, so
//! that the crate's own coding is not its own proof. Against the real Mesos too, where one is there.

mod common;

use common::{
    Cluster, client,
    real::{Real, lab},
};

const PROTOBUF: &str = "application/x-protobuf";

/// A field with bytes.
fn bytes(number: u8, content: &[u8]) -> Vec<u8> {
    assert!(content.len() < 128);
    [&[number << 3 | 2, content.len() as u8], content].concat()
}

/// The content of a field with bytes, at the top of a message.
fn field(message: &[u8], wanted: u64) -> Option<Vec<u8>> {
    let mut rest = message;
    let varint = |rest: &mut &[u8]| -> Option<u64> {
        let mut value = 0;
        for shift in (0..).step_by(7) {
            let (&byte, after) = rest.split_first()?;
            *rest = after;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                break;
            }
        }
        Some(value)
    };
    while !rest.is_empty() {
        let tag = varint(&mut rest)?;
        let length = match tag & 7 {
            0 => {
                let value = varint(&mut rest)?;
                if tag >> 3 == wanted {
                    return Some(value.to_le_bytes().to_vec());
                }
                continue;
            }
            1 => 8,
            2 => varint(&mut rest)? as usize,
            _ => return None,
        };
        let (content, after) = rest.split_at_checked(length)?;
        if tag >> 3 == wanted {
            return Some(content.to_vec());
        }
        rest = after;
    }
    None
}

async fn post(url: &str, accept: &str, body: Vec<u8>) -> reqwest::Response {
    let request = client().post(url).header("content-type", PROTOBUF).header("accept", accept);
    request.body(body).send().await.unwrap()
}

/// The next record of a stream.
async fn record(response: &mut reqwest::Response, buffer: &mut Vec<u8>) -> Vec<u8> {
    loop {
        if let Some(end) = buffer.iter().position(|b| *b == b'\n') {
            let length: usize = std::str::from_utf8(&buffer[..end]).unwrap().parse().unwrap();
            if buffer.len() > end + length {
                let record = buffer[end + 1..end + 1 + length].to_vec();
                buffer.drain(..end + 1 + length);
                return record;
            }
        }
        buffer.extend_from_slice(&response.chunk().await.unwrap().expect("the stream is open"));
    }
}

/// What both must do.
async fn converse(master: &str) {
    // GET_VERSION is 3, `type` is field 1; the answer's type is 3 too, its content field 4.
    let operator = format!("{master}/api/v1");
    let answer = post(&operator, PROTOBUF, vec![0x08, 3]).await;
    assert_eq!(answer.headers()["content-type"], PROTOBUF);
    let version = answer.bytes().await.unwrap();
    assert_eq!(field(&version, 1).unwrap()[0], 3);
    let info = field(&field(&version, 4).unwrap(), 1).unwrap();
    assert_eq!(field(&info, 1).unwrap(), b"1.11.0");
    // JSON back, if that is wanted.
    let answer = post(&operator, "application/json", vec![0x08, 3]).await;
    assert_eq!(answer.headers()["content-type"], "application/json");
    assert!(answer.text().await.unwrap().contains("\"1.11.0\""));
    // What is no protobuf, or no call.
    let spoilt = post(&operator, PROTOBUF, vec![0xff, 0xff]).await;
    assert_eq!(
        (spoilt.status().as_u16(), spoilt.text().await.unwrap()),
        (400, "Failed to parse body into Call protobuf".into())
    );
    let empty = post(&operator, PROTOBUF, Vec::new()).await;
    let words = "Failed to validate master::Call: Expecting 'type' to be present";
    assert_eq!((empty.status().as_u16(), empty.text().await.unwrap()), (400, words.into()));
    // A scheduler: SUBSCRIBE is 1 in field 2, its content field 3; the framework's info field 1 with user 1 and name 2.
    let scheduler = format!("{operator}/scheduler");
    let info = [bytes(1, b"root"), bytes(2, b"pb")].concat();
    let call = [vec![0x10, 1], bytes(3, &bytes(1, &info))].concat();
    let mut stream = post(&scheduler, PROTOBUF, call).await;
    assert_eq!((stream.status().as_u16(), &stream.headers()["content-type"]), (200, &PROTOBUF.parse().unwrap()));
    let stream_id = stream.headers()["mesos-stream-id"].clone();
    let mut buffer = Vec::new();
    let subscribed = record(&mut stream, &mut buffer).await;
    assert_eq!(field(&subscribed, 1).unwrap()[0], 1, "SUBSCRIBED");
    let framework = field(&field(&subscribed, 2).unwrap(), 1).unwrap();
    let offers = loop {
        let event = record(&mut stream, &mut buffer).await;
        if field(&event, 1).unwrap()[0] == 2 {
            break field(&event, 3).unwrap();
        }
    };
    let offer = field(&offers, 1).unwrap();
    assert_eq!(field(&offer, 4).unwrap(), b"agent0.example");
    // DECLINE is 4, its content field 5.
    let decline = [bytes(1, &framework), vec![0x10, 4], bytes(5, &bytes(1, &field(&offer, 1).unwrap()))].concat();
    let request = client().post(&scheduler).header("content-type", PROTOBUF).header("mesos-stream-id", stream_id);
    assert_eq!(request.body(decline).send().await.unwrap().status(), 202);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_conversation_in_protobuf() {
    let cluster = Cluster::start(1, 1).await;
    converse(&cluster.master_url(0)).await;
    // GET_HEALTH of an agent.
    let agent = post(&format!("{}/api/v1", cluster.agent_url(0)), PROTOBUF, vec![0x08, 1]).await;
    assert_eq!(agent.bytes().await.unwrap()[..2], [0x08, 1]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_with_the_real_one() {
    let Some(lab) = lab() else { return };
    let folder = tempfile::tempdir().unwrap();
    let real = Real::start(&lab, folder.path()).await;
    converse(&real.master).await;
}
