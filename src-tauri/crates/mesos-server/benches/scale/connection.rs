//! HTTP by hand: the client must not be what is measured.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

pub type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// So long anything may take.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// A connection that is kept, and reads answers whole.
pub struct Connection {
    pub stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    pub async fn open(to: SocketAddr) -> Outcome<Self> {
        let stream = TcpStream::connect(to).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::new() })
    }

    pub async fn send(&mut self, head: &str, body: &str) -> Outcome<()> {
        let text = format!(
            "{head} HTTP/1.1\r\nHost: m\r\nContent-Type: application/json\r\nContent-Length: {}\r\n",
            body.len()
        );
        self.stream.write_all(text.as_bytes()).await?;
        Ok(())
    }

    pub async fn call(&mut self, path: &str, stream_id: &str, body: &Value) -> Outcome<u16> {
        let body = body.to_string();
        self.send(&format!("POST {path}"), &body).await?;
        self.stream.write_all(format!("Mesos-Stream-Id: {stream_id}\r\n\r\n{body}").as_bytes()).await?;
        let head = self.head().await?;
        Ok(head.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or_default())
    }

    pub async fn fill(&mut self) -> Outcome<()> {
        let read = timeout(PATIENCE, self.stream.read_buf(&mut self.buffer)).await??;
        if read == 0 { Err("the connection ended".into()) } else { Ok(()) }
    }

    /// The head of an answer without a body, or with one that follows.
    pub async fn head(&mut self) -> Outcome<String> {
        loop {
            if let Some(end) = self.buffer.windows(4).position(|w| w == b"\r\n\r\n") {
                let head = String::from_utf8_lossy(&self.buffer[..end]).into_owned();
                self.buffer.drain(..end + 4);
                return Ok(head);
            }
            self.fill().await?;
        }
    }

    /// The next chunk of a chunked body.
    pub async fn chunk(&mut self) -> Outcome<Vec<u8>> {
        loop {
            if let Some(end) = self.buffer.windows(2).position(|w| w == b"\r\n") {
                let length = usize::from_str_radix(std::str::from_utf8(&self.buffer[..end])?.trim(), 16)?;
                if self.buffer.len() >= end + 2 + length + 2 {
                    let chunk = self.buffer[end + 2..end + 2 + length].to_vec();
                    self.buffer.drain(..end + 2 + length + 2);
                    // The room for a whole state is not kept: this process's memory is what is measured.
                    self.buffer.shrink_to(1 << 20);
                    return Ok(chunk);
                }
                self.buffer.reserve(length);
            }
            self.fill().await?;
        }
    }
}

/// RecordIO out of chunks.
#[derive(Default)]
pub struct Records(pub Vec<u8>);

impl Records {
    pub fn next(&mut self) -> Option<Vec<u8>> {
        let end = self.0.iter().position(|b| *b == b'\n')?;
        let length: usize = std::str::from_utf8(&self.0[..end]).ok()?.parse().ok()?;
        if self.0.len() < end + 1 + length {
            return None;
        }
        let record = self.0[end + 1..end + 1 + length].to_vec();
        self.0.drain(..end + 1 + length);
        Some(record)
    }
}

/// A GET: how many bytes came, in what time, and when the first of them.
pub async fn get(to: SocketAddr, path: &str) -> Outcome<(usize, Duration, Duration)> {
    let mut stream = TcpStream::connect(to).await?;
    let begin = Instant::now();
    stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: m\r\nConnection: close\r\n\r\n").as_bytes()).await?;
    let mut buffer = vec![0; 1 << 20];
    let (mut bytes, mut first) = (0, None);
    loop {
        let read = timeout(PATIENCE, stream.read(&mut buffer)).await??;
        first.get_or_insert(begin.elapsed());
        if read == 0 {
            return Ok((bytes, begin.elapsed(), first.unwrap_or_default()));
        }
        bytes += read;
    }
}
