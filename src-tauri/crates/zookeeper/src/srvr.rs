//! What `srvr` says.

use std::time::Duration;

use tls::Tls;

use crate::{Error, four_letter_word};

/// What a server said of itself. A line that is missing, or has another form, is `None`.
#[derive(Clone, Debug, PartialEq)]
pub struct Srvr {
    /// Its mode.
    pub mode: Mode,
    /// Its version, `3.8.0`.
    pub version: Option<String>,
    /// Average latency of requests, ms.
    pub latency_ms: Option<f64>,
    /// Least and most latency of requests, ms.
    pub latency_range_ms: Option<(u64, u64)>,
    /// Open connections.
    pub connections: Option<u64>,
    /// Requests that wait.
    pub outstanding: Option<u64>,
    /// The last transaction, `0x100000004`.
    pub zxid: Option<String>,
    /// Znodes.
    pub znodes: Option<u64>,
}

/// What a serving server does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// It leads.
    Leader,
    /// It follows.
    Follower,
    /// It follows without a vote.
    Observer,
    /// It is alone.
    Standalone,
}

impl Srvr {
    /// Asks a server (`host:port`).
    ///
    /// # Errors
    /// [`Error::NotServing`] if it runs without a majority, and those of [`four_letter_word`].
    pub async fn ask(address: &str, tls: Option<&Tls>, deadline: Duration) -> Result<Self, Error> {
        let answer = four_letter_word(address, tls, "srvr", deadline).await?;
        if answer.contains("not currently serving requests") {
            return Err(Error::NotServing { address: address.into() });
        }
        Self::parse(&answer).ok_or(Error::NotUnderstood { address: address.into(), answer })
    }

    /// Reads an answer; `None` if it names no mode.
    ///
    /// ```
    /// use zookeeper::{Mode, Srvr};
    /// let said = Srvr::parse("Latency min/avg/max: 0/1.5/9\nZxid: 0x2\nMode: follower\nNode count: 5\n");
    /// let said = said.expect("a mode");
    /// assert_eq!((said.mode, said.latency_ms, said.znodes), (Mode::Follower, Some(1.5), Some(5)));
    /// ```
    pub fn parse(answer: &str) -> Option<Self> {
        let field = |name: &str| {
            let line = answer.lines().find_map(|l| l.strip_prefix(name)?.strip_prefix(':'));
            line.map(str::trim)
        };
        let mode = match field("Mode")? {
            "leader" => Mode::Leader,
            "follower" => Mode::Follower,
            "observer" => Mode::Observer,
            "standalone" => Mode::Standalone,
            _ => return None,
        };
        Some(Self {
            mode,
            version: field("Zookeeper version").map(|v| v.split(['-', ',']).next().unwrap_or(v).to_owned()),
            latency_ms: field("Latency min/avg/max").and_then(|l| l.split('/').nth(1)?.parse().ok()),
            latency_range_ms: field("Latency min/avg/max").and_then(|l| {
                let (least, rest) = l.split_once('/')?;
                Some((least.parse().ok()?, rest.rsplit('/').next()?.parse().ok()?))
            }),
            connections: field("Connections").and_then(|n| n.parse().ok()),
            outstanding: field("Outstanding").and_then(|n| n.parse().ok()),
            zxid: field("Zxid").map(str::to_owned),
            znodes: field("Node count").and_then(|n| n.parse().ok()),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const REAL: &str = "Zookeeper version: 3.8.0-11+deb12u2, built on 2025-01-07 15:05 UTC\n\
        Latency min/avg/max: 0/0.4138/12\nReceived: 30\nSent: 29\nConnections: 2\nOutstanding: 0\nZxid: 0x100000004\n\
        Mode: leader\nNode count: 7\nProposal sizes last/min/max: 48/48/92\n";

    #[test]
    fn a_real_answer_is_read_whole() {
        let said = Srvr::parse(REAL).expect("a mode");
        assert_eq!(said.mode, Mode::Leader);
        assert_eq!(said.version.as_deref(), Some("3.8.0"));
        assert_eq!(said.latency_ms, Some(0.4138));
        assert_eq!(said.latency_range_ms, Some((0, 12)));
        assert_eq!((said.connections, said.outstanding, said.znodes), (Some(2), Some(0), Some(7)));
        assert_eq!(said.zxid.as_deref(), Some("0x100000004"));
    }

    #[test]
    fn an_answer_without_a_mode_is_none() {
        assert_eq!(Srvr::parse("HTTP/1.1 400 Bad Request\n"), None);
        assert_eq!(Srvr::parse(""), None);
    }

    proptest! {
        #[test]
        fn no_answer_makes_it_panic(answer in "(Mode|Zxid|Latency min/avg/max|[a-z]{0,9}):? ?[ -~\n]{0,60}") {
            let _ = Srvr::parse(&answer);
        }
    }
}
