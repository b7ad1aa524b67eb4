//! What client and practice process say to each other: one request a connection.
//!
//! A line of JSON ([`Call`]) and, for [`Request::Put`], the file's bytes after it; back comes a line of JSON
//! ([`Answer`]). A client that hangs up has changed its mind: what it asked for is dropped.

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt};

use crate::spec::{Endpoint, MachineSpec, Trouble};

/// The form of what is said. Another number is another language.
pub(crate) const VERSION: u32 = 3;

/// The longest line that the practice process reads, bytes.
pub(crate) const LONGEST_CALL: u64 = 4 << 20;

/// The longest line that the client reads, bytes: a command's whole output, escaped.
pub(crate) const LONGEST_ANSWER: u64 = 256 << 20;

/// The largest file that can be put on a machine, bytes.
pub(crate) const LARGEST_FILE: u64 = 64 << 20;

/// How the practice process is reached, in `daemon.json`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Contact {
    /// Its process id.
    pub pid: u32,
    /// Its port on 127.0.0.1.
    pub port: u16,
    /// Who knows it may ask: 256 random bits in hexadecimal.
    pub token: String,
    /// [`VERSION`] of the process.
    pub version: u32,
}

/// A request with its proof.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Call {
    /// [`Contact::token`].
    pub token: String,
    /// What is asked.
    pub request: Request,
}

/// What can be asked of the practice process.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "do")]
pub(crate) enum Request {
    /// Is anybody there?
    Hello,
    /// Where every machine stands.
    States,
    /// What listens where.
    Endpoints,
    /// Make or start a machine.
    Up {
        /// What it is to be.
        machine: MachineSpec,
    },
    /// Shut a machine down.
    Halt {
        /// Which.
        node: String,
    },
    /// Remove a machine.
    Destroy {
        /// Which.
        node: String,
    },
    /// Make trouble for a machine, or end it.
    Trouble {
        /// Which.
        node: String,
        /// What.
        trouble: Trouble,
    },
    /// Make trouble on the network, or end it.
    Network {
        /// What.
        change: NetworkChange,
    },
    /// Run a line in a machine's shell.
    Run {
        /// Where.
        node: String,
        /// The line.
        command: String,
        /// When to give up, ms.
        deadline_ms: u64,
    },
    /// Run a line in a machine's shell and tell at once what it says: any number of [`Answer::Wrote`], then one more answer.
    Follow {
        /// Where.
        node: String,
        /// The line.
        command: String,
    },
    /// Put a file; its bytes follow the line.
    Put {
        /// Where.
        node: String,
        /// Absolute path.
        path: String,
        /// `user:group`.
        owner: String,
        /// Unix mode.
        mode: u32,
        /// How many bytes follow.
        length: u64,
    },
}

/// What happens to the network, by addresses.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "what")]
pub(crate) enum NetworkChange {
    /// These and those are cut off from each other.
    Split {
        /// One side.
        these: Vec<Ipv4Addr>,
        /// The other.
        those: Vec<Ipv4Addr>,
    },
    /// A machine is slow to reach.
    Delay {
        /// Which.
        machine: Ipv4Addr,
        /// How slow, each way.
        ms: u32,
    },
    /// All is well.
    Heal,
}

/// Where a machine that exists stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Standing {
    /// It is switched on.
    Running,
    /// It is frozen.
    Paused,
    /// It is off.
    Halted,
}

/// What comes back.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "is")]
pub(crate) enum Answer {
    /// Done, nothing to say.
    Done,
    /// To [`Request::States`].
    States {
        /// By name.
        machines: Vec<(String, Standing)>,
    },
    /// To [`Request::Endpoints`].
    Endpoints {
        /// In the order of machines and units.
        endpoints: Vec<Endpoint>,
    },
    /// To [`Request::Run`].
    Ran {
        /// Exit code.
        code: i32,
        /// Standard output.
        stdout: String,
        /// Standard error.
        stderr: String,
    },
    /// To [`Request::Follow`], while it goes on.
    Wrote {
        /// To standard output.
        stdout: String,
        /// To standard error.
        stderr: String,
    },
    /// The machine does not run.
    NotRunning,
    /// The command did not end in time.
    Deadline,
    /// The token is wrong, or the request is none.
    Refused {
        /// Why.
        why: String,
    },
    /// The process is about to end: ask a new one.
    Closing,
    /// It failed; the system's own words.
    Failed {
        /// What was being done, and why it did not work.
        why: String,
    },
}

/// Reads one line, without its end; `None` at the end of the stream.
///
/// # Errors
/// What the stream says; `InvalidData` for a line longer than `longest` bytes or one that is not UTF-8,
/// `UnexpectedEof` for one that breaks off.
pub(crate) async fn read_line(from: &mut (impl AsyncBufRead + Unpin), longest: u64) -> std::io::Result<Option<String>> {
    use std::io::{Error, ErrorKind};
    let mut line = Vec::new();
    from.take(longest + 1).read_until(b'\n', &mut line).await?;
    if line.is_empty() {
        return Ok(None);
    }
    if line.last() != Some(&b'\n') {
        return Err(if line.len() as u64 > longest {
            Error::new(ErrorKind::InvalidData, "the line is too long")
        } else {
            Error::new(ErrorKind::UnexpectedEof, "the line has no end")
        });
    }
    line.pop();
    String::from_utf8(line).map(Some).map_err(|_| Error::new(ErrorKind::InvalidData, "the line is not UTF-8"))
}
