//! Transactions: what a write became once the leader had checked it. They hold results (versions, owners), not wishes, so
//! applying one twice does no harm and every server comes to the same tree.

use crate::wire::{Acl, Malformed, Put, Reader};

/// A transaction with its place in history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Epoch in the high 32 bits, a counter in the low ones.
    pub zxid: i64,
    /// The leader's clock, milliseconds since 1970.
    pub time: i64,
    /// The session that asked for it.
    pub session: i64,
    /// What it does.
    pub txn: Txn,
}

/// What a transaction does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Txn {
    /// Makes a znode.
    Create {
        /// Where, number included.
        path: String,
        /// What it holds.
        data: Option<Vec<u8>>,
        /// Who may do what.
        acl: Vec<Acl>,
        /// Its ephemeral owner.
        owner: i64,
        /// The parent's count of creates afterwards.
        parent_creates: i32,
    },
    /// Removes a znode.
    Delete {
        /// Which.
        path: String,
    },
    /// Sets the data.
    SetData {
        /// Of which.
        path: String,
        /// To what.
        data: Option<Vec<u8>>,
        /// The version afterwards.
        version: i32,
    },
    /// Sets the access list.
    SetAcl {
        /// Of which.
        path: String,
        /// To what.
        acl: Vec<Acl>,
        /// Its version afterwards.
        version: i32,
    },
    /// Changes nothing.
    Check {
        /// What was checked.
        path: String,
    },
    /// All of them.
    Multi(Vec<Txn>),
    /// Opens the session.
    CreateSession {
        /// ms.
        timeout: i32,
    },
    /// Ends the session.
    CloseSession {
        /// Its ephemeral znodes, which go with it.
        paths: Vec<String>,
    },
    /// The write was refused. It has its place in history nonetheless, as in the real one.
    Error {
        /// The error's number.
        code: i32,
    },
    /// A multi was refused: the code of each part.
    MultiError {
        /// 0 before the one that failed.
        codes: Vec<i32>,
    },
}

/// How deep transactions nest: a multi holds no multi.
const MOST_NESTED: u8 = 1;

impl Record {
    /// Its bytes, as they lie in the log and travel between servers.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(64);
        out.put_i64(self.zxid);
        out.put_i64(self.time);
        out.put_i64(self.session);
        self.txn.put(&mut out);
        out
    }

    /// Reads it.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let reader = &mut Reader::new(bytes);
        let record =
            Self { zxid: reader.i64()?, time: reader.i64()?, session: reader.i64()?, txn: Txn::read(reader, 0)? };
        if reader.rest().is_empty() { Ok(record) } else { Err(Malformed) }
    }
}

impl Txn {
    fn put(&self, out: &mut Vec<u8>) {
        match self {
            Self::Create { path, data, acl, owner, parent_creates } => {
                out.put_u8(1);
                out.put_text(path);
                out.put_buffer(data.as_deref());
                Acl::put_list(out, acl);
                out.put_i64(*owner);
                out.put_i32(*parent_creates);
            }
            Self::Delete { path } => {
                out.put_u8(2);
                out.put_text(path);
            }
            Self::SetData { path, data, version } => {
                out.put_u8(3);
                out.put_text(path);
                out.put_buffer(data.as_deref());
                out.put_i32(*version);
            }
            Self::SetAcl { path, acl, version } => {
                out.put_u8(4);
                out.put_text(path);
                Acl::put_list(out, acl);
                out.put_i32(*version);
            }
            Self::Check { path } => {
                out.put_u8(5);
                out.put_text(path);
            }
            Self::Multi(txns) => {
                out.put_u8(6);
                out.put_len(txns.len());
                for txn in txns {
                    txn.put(out);
                }
            }
            Self::CreateSession { timeout } => {
                out.put_u8(7);
                out.put_i32(*timeout);
            }
            Self::CloseSession { paths } => {
                out.put_u8(8);
                out.put_texts(paths);
            }
            Self::Error { code } => {
                out.put_u8(9);
                out.put_i32(*code);
            }
            Self::MultiError { codes } => {
                out.put_u8(10);
                out.put_len(codes.len());
                for code in codes {
                    out.put_i32(*code);
                }
            }
        }
    }

    fn read(reader: &mut Reader<'_>, depth: u8) -> Result<Self, Malformed> {
        Ok(match reader.u8()? {
            1 => Self::Create {
                path: reader.text()?,
                data: reader.buffer()?.map(<[u8]>::to_vec),
                acl: reader.list(Acl::read)?,
                owner: reader.i64()?,
                parent_creates: reader.i32()?,
            },
            2 => Self::Delete { path: reader.text()? },
            3 => Self::SetData {
                path: reader.text()?,
                data: reader.buffer()?.map(<[u8]>::to_vec),
                version: reader.i32()?,
            },
            4 => Self::SetAcl { path: reader.text()?, acl: reader.list(Acl::read)?, version: reader.i32()? },
            5 => Self::Check { path: reader.text()? },
            6 if depth < MOST_NESTED => Self::Multi(reader.list(|reader| Self::read(reader, depth + 1))?),
            7 => Self::CreateSession { timeout: reader.i32()? },
            8 => Self::CloseSession { paths: reader.list(Reader::text)? },
            9 => Self::Error { code: reader.i32()? },
            10 => Self::MultiError { codes: reader.list(Reader::i32)? },
            _ => return Err(Malformed),
        })
    }
}
