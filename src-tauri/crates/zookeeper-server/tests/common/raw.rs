//! The protocol by hand: what a client library would hide is seen here.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// Writes jute.
#[derive(Clone, Debug, Default)]
pub struct Body(pub Vec<u8>);

impl Body {
    pub fn int(mut self, n: i32) -> Self {
        self.0.extend_from_slice(&n.to_be_bytes());
        self
    }

    pub fn long(mut self, n: i64) -> Self {
        self.0.extend_from_slice(&n.to_be_bytes());
        self
    }

    pub fn bool(mut self, b: bool) -> Self {
        self.0.push(u8::from(b));
        self
    }

    pub fn bytes(self, bytes: &[u8]) -> Self {
        let mut body = self.int(bytes.len() as i32);
        body.0.extend_from_slice(bytes);
        body
    }

    pub fn text(self, text: &str) -> Self {
        self.bytes(text.as_bytes())
    }

    pub fn texts(self, texts: &[String]) -> Self {
        texts.iter().fold(self.int(texts.len() as i32), |body, text| body.text(text))
    }

    pub fn acl(self, list: &[(i32, &str, &str)]) -> Self {
        let body = self.int(list.len() as i32);
        list.iter().fold(body, |body, (perms, scheme, id)| body.int(*perms).text(scheme).text(id))
    }

    pub fn raw(mut self, other: &Self) -> Self {
        self.0.extend_from_slice(&other.0);
        self
    }
}

/// Reads jute. Tests may panic.
pub struct Scan<'a>(pub &'a [u8]);

impl<'a> Scan<'a> {
    fn take(&mut self, n: usize) -> &'a [u8] {
        let (head, tail) = self.0.split_at(n);
        self.0 = tail;
        head
    }

    pub fn int(&mut self) -> i32 {
        i32::from_be_bytes(self.take(4).try_into().unwrap())
    }

    pub fn long(&mut self) -> i64 {
        i64::from_be_bytes(self.take(8).try_into().unwrap())
    }

    pub fn bool(&mut self) -> bool {
        self.take(1)[0] != 0
    }

    pub fn bytes(&mut self) -> Option<&'a [u8]> {
        match self.int() {
            -1 => None,
            n => Some(self.take(n as usize)),
        }
    }

    pub fn text(&mut self) -> String {
        String::from_utf8(self.bytes().unwrap_or(b"(null)").to_vec()).unwrap()
    }
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Answer {
    pub xid: i32,
    pub zxid: i64,
    pub error: i32,
    pub body: Vec<u8>,
}

/// A connection.
pub struct Raw {
    pub stream: TcpStream,
    pub session: i64,
    pub password: Vec<u8>,
    pub timeout: i32,
    /// Watch events that came before an answer.
    pub events: Vec<(i32, String)>,
    xid: i32,
}

impl Raw {
    /// A new session.
    pub async fn connect(address: &str, timeout: i32) -> Self {
        Self::join(address, timeout, 0, &[0; 16], 0).await.unwrap_or_else(|| panic!("{address} gives no session"))
    }

    /// With a session of before; `None` if the server closes the connection without an answer.
    pub async fn join(address: &str, timeout: i32, session: i64, password: &[u8], zxid: i64) -> Option<Self> {
        let (raw, read_only) = Self::begin(address, (timeout, session, password, zxid), false).await?;
        assert!(!read_only);
        Some(raw)
    }

    /// As a client that can do with a read-only server; says whether it is one.
    pub async fn join_any(address: &str, session: i64, password: &[u8]) -> Option<(Self, bool)> {
        Self::begin(address, (10_000, session, password, 0), true).await
    }

    async fn begin(
        address: &str,
        (timeout, session, password, zxid): (i32, i64, &[u8], i64),
        read_only: bool,
    ) -> Option<(Self, bool)> {
        let mut stream = TcpStream::connect(address).await.ok()?;
        stream.set_nodelay(true).unwrap();
        let connect = Body::default().int(0).long(zxid).int(timeout).long(session).bytes(password).bool(read_only);
        let frame = Body::default().bytes(&connect.0);
        stream.write_all(&frame.0).await.ok()?;
        let answer = read_frame(&mut stream).await?;
        let mut scan = Scan(&answer);
        assert_eq!(scan.int(), 0);
        let (timeout, session, password) = (scan.int(), scan.long(), scan.bytes().unwrap().to_vec());
        let read_only = scan.bool();
        assert!(scan.0.is_empty());
        Some((Self { stream, session, password, timeout, events: Vec::new(), xid: 0 }, read_only))
    }

    pub async fn send(&mut self, xid: i32, kind: i32, body: &Body) {
        let frame = Body::default().bytes(&Body::default().int(xid).int(kind).raw(body).0);
        self.stream.write_all(&frame.0).await.unwrap();
    }

    /// The next answer, events put aside; `None` if the connection ended.
    pub async fn receive(&mut self) -> Option<Answer> {
        loop {
            let frame = read_frame(&mut self.stream).await?;
            let mut scan = Scan(&frame);
            let (xid, zxid, error) = (scan.int(), scan.long(), scan.int());
            if xid == -1 {
                let (kind, state, path) = (scan.int(), scan.int(), scan.text());
                assert_eq!((zxid, error, state), (-1, 0, 3));
                self.events.push((kind, path));
                continue;
            }
            return Some(Answer { xid, zxid, error, body: scan.0.to_vec() });
        }
    }

    /// Asks and waits.
    pub async fn ask(&mut self, kind: i32, body: &Body) -> Option<Answer> {
        let xid = match kind {
            11 => -2,
            100 => -4,
            101 | 105 => -8,
            _ => {
                self.xid += 1;
                self.xid
            }
        };
        self.send(xid, kind, body).await;
        let answer = self.receive().await?;
        assert_eq!(answer.xid, xid);
        Some(answer)
    }
}

async fn read_frame(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let read = async {
        let length = stream.read_u32().await.ok()?;
        let mut frame = vec![0; length as usize];
        stream.read_exact(&mut frame).await.ok()?;
        Some(frame)
    };
    timeout(Duration::from_secs(10), read).await.expect("an answer in time")
}
