//! One request and its answer, over a connection of its own.

use std::{io, net::Ipv4Addr};

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};

use super::{Failed, url::Url};
use crate::host::Host;

/// The longest line of an answer's head, and the most of its body, bytes.
const LONGEST_LINE: u64 = 64 << 10;
const MOST: u64 = 16 << 20;
/// The most lines that a head may have.
const MOST_LINES: usize = 200;

/// What is sent.
pub(super) struct Request {
    method: String,
    headers: Vec<(String, String)>,
    body: Option<Vec<u8>>,
}

/// What came back.
pub(super) struct Response {
    pub status: u16,
    /// The head as it came, with the empty line.
    pub head: Vec<u8>,
    pub body: Vec<u8>,
    /// Where it leads, if it leads somewhere that was not followed.
    pub redirect: String,
    headers: Vec<(String, String)>,
}

impl Request {
    pub fn new(method: String, headers: Vec<(String, String)>, body: Option<Vec<u8>>) -> Self {
        Self { method, headers, body }
    }

    /// After a redirect that asks for it.
    pub fn become_get(&mut self) {
        if self.method != "HEAD" {
            self.method = "GET".into();
        }
        self.body = None;
    }

    fn head(&self, url: &Url) -> String {
        let mut head = format!("{} {} HTTP/1.1\r\nHost: {}:{}\r\n", self.method, url.target, url.host, url.port);
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if let Some(body) = &self.body {
            head.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        head.push_str("Connection: close\r\n\r\n");
        head
    }
}

impl Response {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }
}

fn broken(error: &io::Error) -> Failed {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => Failed::new(52, "Empty reply from server"),
        _ => Failed::new(56, format!("Recv failure: {error}")),
    }
}

pub(super) async fn exchange(host: &Host, url: &Url, address: Ipv4Addr, request: &Request) -> Result<Response, Failed> {
    let refused = |_| {
        Failed::new(
            7,
            format!("Failed to connect to {} port {} after 0 ms: Couldn't connect to server", url.host, url.port),
        )
    };
    let mut stream = BufReader::new(host.connect(address, url.port).await.map_err(refused)?);
    let mut bytes = request.head(url).into_bytes();
    bytes.extend(request.body.iter().flatten());
    stream.write_all(&bytes).await.map_err(|error| Failed::new(55, format!("Send failure: {error}")))?;
    let mut response = read_head(&mut stream).await?;
    if request.method != "HEAD" && !matches!(response.status, 204 | 304) {
        read_body(&mut stream, &mut response).await.map_err(|error| broken(&error))?;
    }
    Ok(response)
}

async fn line(stream: &mut BufReader<TcpStream>) -> Result<Vec<u8>, Failed> {
    let mut line = Vec::new();
    stream.take(LONGEST_LINE).read_until(b'\n', &mut line).await.map_err(|error| broken(&error))?;
    if line.last() == Some(&b'\n') { Ok(line) } else { Err(broken(&io::ErrorKind::UnexpectedEof.into())) }
}

async fn read_head(stream: &mut BufReader<TcpStream>) -> Result<Response, Failed> {
    let first = line(stream).await?;
    let text = String::from_utf8_lossy(&first);
    let mut words = text.split_whitespace();
    let (protocol, status) = (words.next().unwrap_or_default(), words.next().and_then(|s| s.parse().ok()));
    let Some(status) = status.filter(|_| protocol.starts_with("HTTP/1")) else {
        return Err(Failed::new(1, "Received HTTP/0.9 when not allowed"));
    };
    let mut response =
        Response { status, head: first.clone(), body: Vec::new(), redirect: String::new(), headers: Vec::new() };
    for _ in 0..MOST_LINES {
        let line = line(stream).await?;
        response.head.extend_from_slice(&line);
        let text = String::from_utf8_lossy(&line);
        match text.trim_end().split_once(':') {
            _ if text.trim_end().is_empty() => return Ok(response),
            Some((name, value)) => response.headers.push((name.to_owned(), value.trim().to_owned())),
            None => {}
        }
    }
    Err(Failed::new(56, "Too many response headers"))
}

async fn read_body(stream: &mut BufReader<TcpStream>, response: &mut Response) -> io::Result<()> {
    if response.header("transfer-encoding").is_some_and(|v| v.eq_ignore_ascii_case("chunked")) {
        return read_chunks(stream, &mut response.body).await;
    }
    let length = response.header("content-length").and_then(|l| l.parse::<u64>().ok());
    stream.take(length.unwrap_or(MOST).min(MOST)).read_to_end(&mut response.body).await?;
    Ok(())
}

async fn read_chunks(stream: &mut BufReader<TcpStream>, body: &mut Vec<u8>) -> io::Result<()> {
    loop {
        let mut size = String::new();
        stream.take(LONGEST_LINE).read_line(&mut size).await?;
        let digits = size.split(';').next().unwrap_or_default().trim();
        let size = u64::from_str_radix(digits, 16).map_err(|_| io::ErrorKind::InvalidData)?;
        if size == 0 || body.len() as u64 >= MOST {
            return Ok(());
        }
        stream.take(size.min(MOST)).read_to_end(body).await?;
        let mut end = [0; 2];
        stream.read_exact(&mut end).await?;
    }
}
