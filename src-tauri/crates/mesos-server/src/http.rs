//! HTTP as libprocess does it: one function answers everything, and the answers to what is wrong are its own.

use std::{future::Future, net::SocketAddr, sync::Arc};

use axum::{
    body::{Body, Bytes},
    extract::Request,
    http::{HeaderValue, Method, StatusCode, header},
    response::Response,
};
use futures::{Stream, StreamExt};
use hardware::{Listener, Network};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::{net::TcpListener, sync::mpsc::Receiver, task::JoinSet};
use tokio_stream::wrappers::ReceiverStream;

use crate::{
    StartError,
    log::LogLevel,
    wire::{event::Event, schema::MessageType},
};

/// After a connection that could not be taken.
const PAUSE: std::time::Duration = std::time::Duration::from_millis(10);

/// Takes an address.
pub async fn bind(network: &Network, address: SocketAddr) -> Result<Listener, StartError> {
    let listener = TcpListener::bind(address).await.map_err(|source| StartError::Bind { address, source })?;
    Ok(network.listen(listener))
}

/// Answers requests until dropped; then every connection breaks.
pub async fn serve<A, F, Fut>(listener: Listener, answering: Arc<A>, answer: F)
where
    A: Send + Sync + 'static,
    F: Fn(Arc<A>, Request) -> Fut + Copy + Send + 'static,
    Fut: Future<Output = Response> + Send + 'static,
{
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                // Out of file descriptors, or a peer that left: the next one may do better.
                let Ok((stream, _)) = accepted else { tokio::time::sleep(PAUSE).await; continue };
                let answering = Arc::clone(&answering);
                connections.spawn(async move {
                    let service = hyper::service::service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
                        let answered = answer(Arc::clone(&answering), request.map(Body::new));
                        async move { Ok::<_, std::convert::Infallible>(answered.await) }
                    });
                    // How a connection ended is the client's affair.
                    let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
                });
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

/// The endpoint that a path without its first `/` names: the longest beginning of it that is one, as libprocess looks for
/// it. The path itself if none is.
pub fn endpoint<'a>(path: &'a str, known: &[&str]) -> &'a str {
    let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
    let beginnings: Vec<&str> = ends.map(|end| &path[..end]).collect();
    beginnings.into_iter().rev().find(|name| known.contains(name)).unwrap_or(path)
}

/// An answer that ends the work on a request early.
#[derive(Debug)]
pub struct Refusal(Box<Response>);

impl From<Response> for Refusal {
    fn from(response: Response) -> Self {
        Self(Box::new(response))
    }
}

/// Either way it is an answer.
pub fn settled(answer: Result<Response, Refusal>) -> Response {
    answer.unwrap_or_else(|refusal| *refusal.0)
}

/// The largest body that is read.
const LARGEST: usize = 16 << 20;

/// The whole body of a request.
pub async fn body_of(request: Request) -> Result<Bytes, Refusal> {
    axum::body::to_bytes(request.into_body(), LARGEST).await.map_err(|e| bad_request(e.to_string()).into())
}

/// An answer in words.
pub fn text(status: StatusCode, words: impl Into<String>) -> Response {
    let mut response = Response::new(Body::from(words.into()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}

/// 400, with the reason.
pub fn bad_request(why: impl Into<String>) -> Response {
    text(StatusCode::BAD_REQUEST, why)
}

/// 501 as libprocess words it.
pub fn not_implemented() -> Response {
    text(StatusCode::NOT_IMPLEMENTED, "501 Not Implemented.")
}

/// `/logging/toggle`.
pub fn toggle_logging(level: &mut LogLevel, query: &Query) -> Response {
    let (wanted, duration) = match (query.get("level"), query.get("duration")) {
        (None, None) => return text(StatusCode::OK, format!("{}\n", level.now())),
        (Some(_), None) => return bad_request("Expecting 'duration=value' in query.\n"),
        (None, Some(_)) => return bad_request("Expecting 'level=value' in query.\n"),
        (Some(wanted), Some(duration)) => (wanted, duration),
    };
    let Ok(number) = wanted.parse::<i64>() else {
        return bad_request(format!("Failed to convert '{wanted}' to number.\n"));
    };
    let Ok(number) = u64::try_from(number) else { return bad_request(format!("Invalid level '{number}'.\n")) };
    match crate::flags::parse_duration(duration) {
        Some(duration) => {
            level.set(number, duration);
            ok()
        }
        None => bad_request(format!("Invalid duration '{duration}'.\n")),
    }
}

/// 404 as libprocess words it.
pub fn not_found() -> Response {
    text(StatusCode::NOT_FOUND, "404 Not Found.")
}

/// 405 as libprocess words it.
pub fn method_not_allowed(allowed: &[&str], method: &Method) -> Response {
    let quoted: Vec<_> = allowed.iter().map(|m| format!("'{m}'")).collect();
    let words =
        format!("405 Method Not Allowed. Expecting one of {{ {} }}, but received '{method}'.", quoted.join(", "));
    let mut response = text(StatusCode::METHOD_NOT_ALLOWED, words);
    if let Ok(value) = HeaderValue::from_str(&allowed.join(", ")) {
        response.headers_mut().insert(header::ALLOW, value);
    }
    response
}

/// 200 without a body.
pub fn ok() -> Response {
    Response::new(Body::empty())
}

/// A status without a body.
pub fn empty(status: StatusCode) -> Response {
    let mut response = ok();
    *response.status_mut() = status;
    response
}

/// JSON, wrapped in a call if the query has `jsonp`.
pub fn json(body: Vec<u8>, query: &Query) -> Response {
    let (body, kind) = match query.get("jsonp") {
        Some(callback) => ([callback.as_bytes(), b"(", &body, b")"].concat(), "text/javascript"),
        None => (body, "application/json"),
    };
    let mut response = Response::new(Body::from(body));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

/// A stream of events that goes on until its sender is dropped. What is beside it is dropped with it, also when the
/// client leaves.
pub fn stream(events: Receiver<Event>, beside: impl Send + 'static, media: Media, message: MessageType) -> Response {
    let records = records(events, media, message).map(move |records| {
        let _kept = &beside;
        Ok::<_, std::convert::Infallible>(records)
    });
    let mut response = Response::new(Body::from_stream(records));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media.name()));
    response
}

/// The records of events. Each goes out as a chunk of its own, as from the real servers: there are clients that take a
/// chunk for a record.
pub fn records(events: Receiver<Event>, media: Media, message: MessageType) -> impl Stream<Item = Bytes> {
    ReceiverStream::new(events).map(move |event| media.record(&event, message))
}

/// The parameters of a query or of a form, decoded.
#[derive(Debug, Default)]
pub struct Query(Vec<(String, String)>);

impl Query {
    /// Reads `a=b&c=d`.
    pub fn parse(text: &str) -> Self {
        let pairs = text.split('&').filter(|pair| !pair.is_empty());
        Self(
            pairs.map(|pair| pair.split_once('=').unwrap_or((pair, ""))).map(|(k, v)| (decode(k), decode(v))).collect(),
        )
    }

    /// Of a request.
    pub fn of(request: &Request) -> Self {
        Self::parse(request.uri().query().unwrap_or_default())
    }

    /// A parameter.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// Undoes percent signs and pluses; what is no UTF-8 is replaced.
pub fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let hex = after.get(..2).and_then(|h| std::str::from_utf8(h).ok()).and_then(|h| u8::from_str_radix(h, 16).ok());
        (bytes, rest) = match (byte, hex) {
            (b'%', Some(decoded)) => (push(bytes, decoded), &after[2..]),
            (b'+', _) => (push(bytes, b' '), after),
            _ => (push(bytes, byte), after),
        };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn push(mut bytes: Vec<u8>, byte: u8) -> Vec<u8> {
    bytes.push(byte);
    bytes
}

/// How a message of a v1 API is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Media {
    /// As JSON.
    Json,
    /// As protobuf.
    Protobuf,
}

impl Media {
    /// Its name in headers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Protobuf => "application/x-protobuf",
        }
    }

    /// JSON of a message in this form.
    pub fn render(self, message: MessageType, json: Vec<u8>) -> Vec<u8> {
        match self {
            Self::Json => json,
            Self::Protobuf => message.transcode(&json),
        }
    }

    /// An event's record in this form.
    pub fn record(self, event: &Event, message: MessageType) -> Bytes {
        match self {
            Self::Json => event.json(),
            Self::Protobuf => event.protobuf(message),
        }
    }
}

/// How the body of a v1 call is written, checked in the order in which Mesos checks it.
pub fn check_v1(request: &Request) -> Result<Media, Refusal> {
    if request.method() != Method::POST {
        return Err(method_not_allowed(&["POST"], request.method()).into());
    }
    let headers = request.headers();
    let Some(kind) = headers.get(header::CONTENT_TYPE) else {
        return Err(bad_request("Expecting 'Content-Type' to be present").into());
    };
    match kind.as_bytes() {
        b"application/json" => Ok(Media::Json),
        b"application/x-protobuf" => Ok(Media::Protobuf),
        _ => {
            let why = "Expecting 'Content-Type' of application/json or application/x-protobuf";
            Err(text(StatusCode::UNSUPPORTED_MEDIA_TYPE, why).into())
        }
    }
}

/// How the client wants to be answered; JSON if it does not mind.
pub fn check_accept(headers: &axum::http::HeaderMap) -> Result<Media, Refusal> {
    let Some(accept) = headers.get(header::ACCEPT).and_then(|a| a.to_str().ok()) else { return Ok(Media::Json) };
    let allows = |media: Media| {
        accept.split(',').any(|part| {
            let kind = part.split(';').next().unwrap_or_default().trim();
            matches!(kind, "*/*" | "application/*") || kind == media.name()
        })
    };
    match [Media::Json, Media::Protobuf].into_iter().find(|media| allows(*media)) {
        Some(media) => Ok(media),
        None => {
            let why = "Expecting 'Accept' to allow 'application/x-protobuf' or 'application/json'";
            Err(text(StatusCode::NOT_ACCEPTABLE, why).into())
        }
    }
}

/// JSON, whole; what is wrong with it is said in the words of the real one.
pub fn parse_json(body: &[u8]) -> Result<Value, String> {
    let syntax = |error: &serde_json::Error| {
        let line = body.split(|&b| b == b'\n').nth(error.line().saturating_sub(1)).unwrap_or_default();
        let rest = line.get(error.column().saturating_sub(1)..).filter(|_| !error.is_eof()).unwrap_or_default();
        format!("syntax error at line {} near: {}", error.line().max(1), String::from_utf8_lossy(rest))
    };
    let mut values = serde_json::Deserializer::from_slice(body).into_iter::<Value>();
    let value = match values.next() {
        None => return Err("syntax error at line 1 near: ".into()),
        Some(Err(error)) => return Err(syntax(&error)),
        Some(Ok(value)) => value,
    };
    let rest = &body[values.byte_offset().min(body.len())..];
    if !rest.trim_ascii().is_empty() {
        let rest = String::from_utf8_lossy(rest);
        return Err(format!("Parsed JSON included non-whitespace trailing characters: {rest}"));
    }
    Ok(value)
}

/// Reads a call of a v1 API.
pub fn read_call(media: Media, body: &[u8], call: MessageType) -> Result<Value, Refusal> {
    let read = match media {
        Media::Json => {
            parse_json(body).map_err(|why| format!("Failed to parse body into JSON: {why}")).and_then(|json| {
                call.read(&json).map_err(|why| format!("Failed to convert JSON into Call protobuf: {why}"))
            })
        }
        Media::Protobuf => call.decode(body).ok_or_else(|| "Failed to parse body into Call protobuf".into()),
    };
    read.map_err(|why| bad_request(why).into())
}

/// A part of a call that has been read, as this crate has it.
pub fn part<T: serde::de::DeserializeOwned>(value: Value) -> Result<T, Refusal> {
    serde_json::from_value(value).map_err(|error| bad_request(error.to_string()).into())
}

/// The answer to a v1 call.
pub fn answer(media: Media, message: MessageType, json: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(media.render(message, json)));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media.name()));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_beginning_of_a_path_is_the_endpoint() {
        let known = ["api/v1", "api/v1/scheduler", "state"];
        assert_eq!(endpoint("api/v1/operator", &known), "api/v1");
        assert_eq!(endpoint("api/v1/scheduler/x/y", &known), "api/v1/scheduler");
        assert_eq!(endpoint("state", &known), "state");
        assert_eq!(endpoint("states/state", &known), "states/state");
    }

    #[test]
    fn queries_are_decoded() {
        let query = Query::parse("path=/a%20b+c&x&y=%zz%4");
        assert_eq!(query.get("path"), Some("/a b c"));
        assert_eq!(query.get("x"), Some(""));
        assert_eq!(query.get("y"), Some("%zz%4"));
    }
}
