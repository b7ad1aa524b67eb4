//! How client and practice process find each other.

use std::{io, path::Path, time::Duration};

use tokio::{
    io::{AsyncWriteExt, BufReader},
    net::TcpStream,
    time::timeout,
};

use crate::{
    atomic::{self, Durability},
    layout::Layout,
    wire::{self, Answer, Call, Contact, Request},
};

/// How long a living process may take to say hello. It does nothing else before that.
const HELLO: Duration = Duration::from_secs(2);

/// Why no answer came.
#[derive(Debug)]
pub(crate) enum Unanswered {
    /// No process has left word in the folder.
    NoContact,
    /// The one that left word is gone.
    Gone,
    /// It is there and says nothing sensible.
    Failed(io::Error),
}

impl Contact {
    /// Reads what the process has left; `None` if there is none, or not one that can be read.
    pub fn read(layout: &Layout) -> Option<Self> {
        let text = fs_err::read(layout.contact()).ok()?;
        serde_json::from_slice(&text).ok()
    }

    /// Leaves it for clients.
    pub fn write(&self, layout: &Layout) -> io::Result<()> {
        atomic::write(&layout.contact(), &serde_json::to_vec(self)?, 0o600, Durability::Synced)
    }
}

/// Asks the process that holds the folder and waits for its answer, without a deadline.
pub(crate) async fn ask(layout: &Layout, request: Request, body: &[u8]) -> Result<Answer, Unanswered> {
    Conversation::begin(layout, request, body).await?.answer().await
}

/// A request that was made, and its answers.
pub(crate) struct Conversation(BufReader<TcpStream>);

impl Conversation {
    /// Asks the process that holds the folder. Dropping it takes the request back.
    pub async fn begin(layout: &Layout, request: Request, body: &[u8]) -> Result<Self, Unanswered> {
        let contact = Contact::read(layout).ok_or(Unanswered::NoContact)?;
        let stream = TcpStream::connect(("127.0.0.1", contact.port)).await.map_err(lost)?;
        stream.set_nodelay(true).map_err(Unanswered::Failed)?;
        let call = Call { token: contact.token, request };
        let mut line = serde_json::to_vec(&call).map_err(|e| Unanswered::Failed(e.into()))?;
        line.push(b'\n');
        let mut stream = BufReader::new(stream);
        stream.write_all(&line).await.map_err(lost)?;
        stream.write_all(body).await.map_err(lost)?;
        Ok(Self(stream))
    }

    /// The next answer.
    pub async fn answer(&mut self) -> Result<Answer, Unanswered> {
        let line = wire::read_line(&mut self.0, wire::LONGEST_ANSWER).await.map_err(lost)?.ok_or(Unanswered::Gone)?;
        serde_json::from_str(&line).map_err(|e| Unanswered::Failed(e.into()))
    }
}

/// A process that is gone, or goes while it is spoken to, looks like this.
fn lost(error: io::Error) -> Unanswered {
    match error.kind() {
        io::ErrorKind::ConnectionRefused
        | io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::NotConnected
        | io::ErrorKind::BrokenPipe
        | io::ErrorKind::UnexpectedEof => Unanswered::Gone,
        _ => Unanswered::Failed(error),
    }
}

/// Whether a practice process holds the cluster in `folder`, and answers.
pub async fn daemon_alive(folder: &Path) -> bool {
    says_hello(&Layout::new(folder)).await
}

/// Whether a practice process holds the cluster in `folder`, as its lock tells: at once, and without asking it.
pub fn daemon_holds(folder: &Path) -> bool {
    let Ok(file) = std::fs::File::open(Layout::new(folder).lock()) else { return false };
    matches!(file.try_lock_shared(), Err(std::fs::TryLockError::WouldBlock))
}

pub(crate) async fn says_hello(layout: &Layout) -> bool {
    matches!(timeout(HELLO, ask(layout, Request::Hello, &[])).await, Ok(Ok(Answer::Done)))
}
