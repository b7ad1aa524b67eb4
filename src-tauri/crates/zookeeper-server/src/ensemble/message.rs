//! Messages between the leader and those who learn from it.

use crate::wire::{Id, Malformed, Put, Reader};

/// Where a write came from: the server that its client is connected to, and that server's number of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The server; `None` if the leader asks by itself.
    pub server: Option<u64>,
    /// Its number.
    pub request: u64,
}

impl Origin {
    /// The leader's own doing.
    pub const SELF: Self = Self { server: None, request: 0 };
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// A server reports to the leader.
    Hello {
        /// Its id.
        server: u64,
        /// The newest epoch it promised to enter.
        accepted: u32,
    },
    /// The leader announces the new epoch.
    Epoch {
        /// Which.
        epoch: u32,
    },
    /// A server promises to enter it, and tells its history.
    AckEpoch {
        /// The epoch its history belongs to.
        current: u32,
        /// Its last logged transaction.
        zxid: i64,
    },
    /// A transaction that is committed, for one who missed it.
    Missed {
        /// Its record.
        record: Vec<u8>,
    },
    /// A part of the whole tree, for one who missed too much.
    Snapshot {
        /// The bytes.
        part: Vec<u8>,
        /// Whether it is the last part.
        last: bool,
    },
    /// That is all of history.
    NewLeader {
        /// The epoch that begins.
        epoch: u32,
        /// Who the members are as soon as it has begun, as the config node says it.
        members: String,
    },
    /// History is on this server's disk.
    AckNewLeader,
    /// A majority has it: serve.
    UpToDate,
    /// A transaction to write down.
    Propose {
        /// Who asked for it.
        origin: Origin,
        /// Its record.
        record: Vec<u8>,
    },
    /// Everything up to here is on this server's disk.
    Ack {
        /// Up to where.
        zxid: i64,
    },
    /// Everything up to here is decided.
    Commit {
        /// Up to where.
        zxid: i64,
    },
    /// A client's write.
    Request {
        /// This server's number of it.
        request: u64,
        /// The client's session.
        session: i64,
        /// The operation.
        kind: i32,
        /// Who the client has proved to be.
        ids: Vec<Id>,
        /// The request, as the client sent it.
        body: Vec<u8>,
    },
    /// Tell me when I have seen everything.
    Sync {
        /// This server's number of it.
        request: u64,
    },
    /// You have.
    Synced {
        /// The number.
        request: u64,
    },
    /// A client came back with a session.
    Revalidate {
        /// This server's number of it.
        request: u64,
        /// Which.
        session: i64,
        /// Its timeout from now on, ms.
        timeout: i32,
    },
    /// Whether that session lives.
    Revalidated {
        /// The number.
        request: u64,
        /// It does.
        valid: bool,
    },
    /// The leader is there.
    Ping,
    /// So am I.
    Pong {
        /// Sessions that showed life since the last time.
        touched: Vec<i64>,
    },
}

impl Message {
    /// Its bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(32);
        match self {
            Self::Hello { server, accepted } => {
                out.put_u8(1);
                out.put_u64(*server);
                out.put_u64(u64::from(*accepted));
            }
            Self::Epoch { epoch } => {
                out.put_u8(2);
                out.put_u64(u64::from(*epoch));
            }
            Self::AckEpoch { current, zxid } => {
                out.put_u8(3);
                out.put_u64(u64::from(*current));
                out.put_i64(*zxid);
            }
            Self::Missed { record } => {
                out.put_u8(4);
                out.put_raw(record);
            }
            Self::Snapshot { part, last } => {
                out.put_u8(5);
                out.put_bool(*last);
                out.put_raw(part);
            }
            Self::NewLeader { epoch, members } => {
                out.put_u8(6);
                out.put_u64(u64::from(*epoch));
                out.put_text(members);
            }
            Self::AckNewLeader => out.put_u8(7),
            Self::UpToDate => out.put_u8(8),
            Self::Propose { origin, record } => {
                out.put_u8(9);
                out.put_bool(origin.server.is_some());
                out.put_u64(origin.server.unwrap_or(0));
                out.put_u64(origin.request);
                out.put_raw(record);
            }
            Self::Ack { zxid } => {
                out.put_u8(10);
                out.put_i64(*zxid);
            }
            Self::Commit { zxid } => {
                out.put_u8(11);
                out.put_i64(*zxid);
            }
            Self::Request { request, session, kind, ids, body } => {
                out.put_u8(12);
                out.put_u64(*request);
                out.put_i64(*session);
                out.put_i32(*kind);
                out.put_len(ids.len());
                for id in ids {
                    out.put_text(&id.scheme);
                    out.put_text(&id.id);
                }
                out.put_raw(body);
            }
            Self::Sync { request } => {
                out.put_u8(13);
                out.put_u64(*request);
            }
            Self::Synced { request } => {
                out.put_u8(14);
                out.put_u64(*request);
            }
            Self::Revalidate { request, session, timeout } => {
                out.put_u8(15);
                out.put_u64(*request);
                out.put_i64(*session);
                out.put_i32(*timeout);
            }
            Self::Revalidated { request, valid } => {
                out.put_u8(16);
                out.put_u64(*request);
                out.put_bool(*valid);
            }
            Self::Ping => out.put_u8(17),
            Self::Pong { touched } => {
                out.put_u8(18);
                out.put_len(touched.len());
                for session in touched {
                    out.put_i64(*session);
                }
            }
        }
        out
    }

    /// Reads it.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let reader = &mut Reader::new(bytes);
        let epoch = |reader: &mut Reader<'_>| u32::try_from(reader.u64()?).map_err(|_| Malformed);
        Ok(match reader.u8()? {
            1 => Self::Hello { server: reader.u64()?, accepted: epoch(reader)? },
            2 => Self::Epoch { epoch: epoch(reader)? },
            3 => Self::AckEpoch { current: epoch(reader)?, zxid: reader.i64()? },
            4 => Self::Missed { record: reader.rest().to_vec() },
            5 => Self::Snapshot { last: reader.bool()?, part: reader.rest().to_vec() },
            6 => Self::NewLeader { epoch: epoch(reader)?, members: reader.text()? },
            7 => Self::AckNewLeader,
            8 => Self::UpToDate,
            9 => {
                let is_server = reader.bool()?;
                let server = reader.u64()?;
                let origin = Origin { server: is_server.then_some(server), request: reader.u64()? };
                Self::Propose { origin, record: reader.rest().to_vec() }
            }
            10 => Self::Ack { zxid: reader.i64()? },
            11 => Self::Commit { zxid: reader.i64()? },
            12 => Self::Request {
                request: reader.u64()?,
                session: reader.i64()?,
                kind: reader.i32()?,
                ids: reader.list(|reader| Ok(Id { scheme: reader.text()?, id: reader.text()? }))?,
                body: reader.rest().to_vec(),
            },
            13 => Self::Sync { request: reader.u64()? },
            14 => Self::Synced { request: reader.u64()? },
            15 => Self::Revalidate { request: reader.u64()?, session: reader.i64()?, timeout: reader.i32()? },
            16 => Self::Revalidated { request: reader.u64()?, valid: reader.bool()? },
            17 => Self::Ping,
            18 => Self::Pong { touched: reader.list(Reader::i64)? },
            _ => return Err(Malformed),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip() {
        let all = [
            Message::Hello { server: 3, accepted: 7 },
            Message::NewLeader { epoch: 2, members: "server.1=a:1:2".to_owned() },
            Message::Snapshot { part: vec![1, 2], last: true },
            Message::Propose { origin: Origin { server: Some(2), request: 9 }, record: vec![5] },
            Message::Request { request: 1, session: -2, kind: 5, ids: vec![Id::new("ip", "::1")], body: vec![1] },
            Message::Pong { touched: vec![1, -1] },
        ];
        for message in all {
            assert_eq!(Message::decode(&message.encode()), Ok(message));
        }
    }

    proptest::proptest! {
        #[test]
        fn decoding_never_panics(bytes: Vec<u8>) {
            let _ = Message::decode(&bytes);
        }
    }
}
