//! What clients ask: frames become requests. Decoding allocates no more than the frame holds, and never panics.

use super::{Acl, Malformed, Reader, op};

/// The first frame of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connect {
    /// The last transaction that the client has seen anywhere.
    pub last_zxid: i64,
    /// The timeout that it would like, ms.
    pub timeout: i32,
    /// The session that it had; 0 for a new one.
    pub session: i64,
    /// That session's password.
    pub password: Vec<u8>,
    /// Whether it does with a read-only server; `None` from clients older than 3.4, which get an answer without that field.
    pub read_only: Option<bool>,
}

impl Connect {
    /// Reads the frame.
    pub fn read(frame: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(frame);
        let _protocol = reader.i32()?;
        let last_zxid = reader.i64()?;
        let timeout = reader.i32()?;
        let session = reader.i64()?;
        let password = reader.buffer()?.unwrap_or_default().to_vec();
        let read_only = reader.bool().ok();
        Ok(Self { last_zxid, timeout, session, password, read_only })
    }
}

/// What stands before every request after the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// The client's number of the request.
    pub xid: i32,
    /// One of [`op`].
    pub kind: i32,
}

impl Header {
    /// Reads the header; the request follows.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self { xid: reader.i32()?, kind: reader.i32()? })
    }
}

/// What kind of znode a create makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Stays until it is removed.
    Persistent,
    /// Goes with its session.
    Ephemeral,
    /// Goes when its last child went.
    Container,
    /// Goes when it has no children and was not touched for a while.
    Ttl,
}

/// Which operation a create came as: their answers differ, and container and TTL have one of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CreateForm {
    /// Answers with the path.
    Plain,
    /// Answers with path and stat.
    WithStat,
    /// Makes a container.
    Container,
    /// Has a TTL.
    Ttl,
    /// A part of a multi whose flags ask for a TTL and that has none: the real server trips over it when it comes to it.
    Broken,
}

/// A create.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Create {
    /// Where; the beginning of it for sequential znodes.
    pub path: String,
    /// What it holds; null is kept apart from empty.
    pub data: Option<Vec<u8>>,
    /// Who may do what.
    pub acl: Vec<Acl>,
    /// The flags as they came.
    pub flags: i32,
    /// ms; -1 where the form has none.
    pub ttl: i64,
    /// Which operation it came as.
    pub form: CreateForm,
}

impl Create {
    /// Kind and whether a number is appended; `None` for flags that mean nothing.
    pub fn mode(&self) -> Option<(Kind, bool)> {
        Some(match self.flags {
            0 => (Kind::Persistent, false),
            1 => (Kind::Ephemeral, false),
            2 => (Kind::Persistent, true),
            3 => (Kind::Ephemeral, true),
            4 => (Kind::Container, false),
            5 => (Kind::Ttl, false),
            6 => (Kind::Ttl, true),
            _ => return None,
        })
    }

    /// In a multi, the real server goes by the flags and forgets which operation it was; so no answer there has a stat, but for
    /// containers and TTL.
    fn in_multi(mut self) -> Self {
        self.form = match (self.mode(), self.form) {
            (Some((Kind::Ttl, _)), CreateForm::Ttl) => CreateForm::Ttl,
            (Some((Kind::Ttl, _)), _) => CreateForm::Broken,
            (Some((Kind::Container, _)), _) => CreateForm::Container,
            _ => CreateForm::Plain,
        };
        self
    }

    fn read(reader: &mut Reader<'_>, form: CreateForm) -> Result<Self, Malformed> {
        let path = reader.text()?;
        let data = reader.buffer()?.map(<[u8]>::to_vec);
        let acl = reader.list(Acl::read)?;
        let flags = reader.i32()?;
        let ttl = if form == CreateForm::Ttl { reader.i64()? } else { -1 };
        Ok(Self { path, data, acl, flags, ttl, form })
    }
}

/// A request that changes the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Write {
    /// Makes a znode.
    Create(Create),
    /// Removes a znode.
    Delete {
        /// Which.
        path: String,
        /// The version it must have; -1 for any.
        version: i32,
    },
    /// Removes a container that is empty, or a TTL znode that is over; the leader asks this of itself.
    DeleteContainer {
        /// Which.
        path: String,
    },
    /// Sets the data.
    SetData {
        /// Of which.
        path: String,
        /// To what.
        data: Option<Vec<u8>>,
        /// The version it must have; -1 for any.
        version: i32,
    },
    /// Sets the access list.
    SetAcl {
        /// Of which.
        path: String,
        /// To what.
        acl: Vec<Acl>,
        /// The access list's version it must have; -1 for any.
        version: i32,
    },
    /// Checks a version.
    Check {
        /// Of which.
        path: String,
        /// The version it must have; -1 for any.
        version: i32,
    },
    /// All or none.
    Multi(Vec<Write>),
    /// Opens the session.
    CreateSession {
        /// ms.
        timeout: i32,
    },
    /// Ends the session.
    CloseSession,
    /// Changes the ensemble, which is disabled.
    Reconfig(Reconfig),
}

impl Write {
    /// Reads the body of a write; `Ok(None)` if `kind` is none.
    pub fn decode(kind: i32, body: &[u8]) -> Result<Option<Self>, Malformed> {
        let mut reader = Reader::new(body);
        Ok(Some(match kind {
            op::MULTI => Self::Multi(read_multi(&mut reader)?),
            op::CREATE_SESSION => Self::CreateSession { timeout: reader.i32()? },
            op::CLOSE_SESSION => Self::CloseSession,
            op::RECONFIG => Self::Reconfig(Reconfig::read(&mut reader)?),
            _ => return Self::read_single(kind, &mut reader),
        }))
    }

    /// Whether `kind` changes the tree, and so goes through the leader.
    pub fn is(kind: i32) -> bool {
        matches!(
            kind,
            op::CREATE
                | op::CREATE2
                | op::CREATE_CONTAINER
                | op::CREATE_TTL
                | op::DELETE
                | op::DELETE_CONTAINER
                | op::SET_DATA
                | op::SET_ACL
                | op::CHECK
                | op::MULTI
                | op::CREATE_SESSION
                | op::CLOSE_SESSION
                | op::RECONFIG
        )
    }

    fn read_single(kind: i32, reader: &mut Reader<'_>) -> Result<Option<Self>, Malformed> {
        Ok(Some(match kind {
            op::CREATE => Self::Create(Create::read(reader, CreateForm::Plain)?),
            op::CREATE2 => Self::Create(Create::read(reader, CreateForm::WithStat)?),
            op::CREATE_CONTAINER => Self::Create(Create::read(reader, CreateForm::Container)?),
            op::CREATE_TTL => Self::Create(Create::read(reader, CreateForm::Ttl)?),
            op::DELETE => Self::Delete { path: reader.text()?, version: reader.i32()? },
            // The real server takes the whole body as the path.
            op::DELETE_CONTAINER => Self::DeleteContainer { path: String::from_utf8_lossy(reader.rest()).into_owned() },
            op::SET_DATA => Self::SetData {
                path: reader.text()?,
                data: reader.buffer()?.map(<[u8]>::to_vec),
                version: reader.i32()?,
            },
            op::SET_ACL => Self::SetAcl { path: reader.text()?, acl: reader.list(Acl::read)?, version: reader.i32()? },
            op::CHECK => Self::Check { path: reader.text()?, version: reader.i32()? },
            _ => return Ok(None),
        }))
    }
}

fn read_multi(reader: &mut Reader<'_>) -> Result<Vec<Write>, Malformed> {
    let mut writes = Vec::new();
    while let Some(kind) = read_multi_header(reader)? {
        writes.push(match Write::read_single(kind, reader)?.ok_or(Malformed)? {
            Write::Create(create) => Write::Create(create.in_multi()),
            other => other,
        });
    }
    Ok(writes)
}

/// The kind of the next part; `None` at the end.
fn read_multi_header(reader: &mut Reader<'_>) -> Result<Option<i32>, Malformed> {
    let kind = reader.i32()?;
    let done = reader.bool()?;
    let _error = reader.i32()?;
    Ok((!done).then_some(kind))
}

/// A change of the ensemble.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reconfig {
    /// `server.N=…` of those that join, divided by commas.
    pub joining: Option<String>,
    /// Ids of those that leave, divided by commas.
    pub leaving: Option<String>,
    /// All members, in place of the other two.
    pub members: Option<String>,
    /// The version that is changed; -1 for any.
    pub from: i64,
}

impl Reconfig {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let mut text = || Ok(reader.text_or_null()?.map(std::borrow::Cow::into_owned));
        let (joining, leaving, members) = (text()?, text()?, text()?);
        Ok(Self { joining, leaving, members, from: reader.i64()? })
    }
}

/// Which watches a client means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WatchType {
    /// Those on children.
    Children,
    /// Those on data and existence.
    Data,
    /// Both.
    Any,
}

/// A request that is answered from this server's own tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Read {
    /// Keeps the session alive.
    Ping,
    /// Stat.
    Exists {
        /// Of which.
        path: String,
        /// Leaves a watch.
        watch: bool,
    },
    /// Data and stat.
    GetData {
        /// Of which.
        path: String,
        /// Leaves a watch.
        watch: bool,
    },
    /// Access list and stat.
    GetAcl {
        /// Of which.
        path: String,
    },
    /// Children.
    GetChildren {
        /// Of which.
        path: String,
        /// Leaves a watch.
        watch: bool,
        /// The answer has the stat too.
        stat: bool,
    },
    /// Number of descendants.
    GetAllChildrenNumber {
        /// Of which.
        path: String,
    },
    /// The session's ephemeral znodes.
    GetEphemerals {
        /// Only below here.
        prefix: String,
    },
    /// Several reads.
    Multi(Vec<Read>),
    /// Watches again after a reconnect.
    SetWatches(SetWatches),
    /// A persistent watch.
    AddWatch {
        /// Where.
        path: String,
        /// Below it too.
        recursive: bool,
    },
    /// Whether there is such a watch.
    CheckWatches {
        /// Where.
        path: String,
        /// Of which type.
        kind: WatchType,
    },
    /// Takes watches back.
    RemoveWatches {
        /// Where.
        path: String,
        /// Of which type.
        kind: WatchType,
    },
    /// Who the connection has proved to be.
    WhoAmI,
}

/// Watches that a client had on another connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SetWatches {
    /// What the client has seen: what changed after it is told at once.
    pub zxid: i64,
    /// Watches on data.
    pub data: Vec<String>,
    /// Watches for existence.
    pub exist: Vec<String>,
    /// Watches on children.
    pub child: Vec<String>,
    /// Persistent watches.
    pub persistent: Vec<String>,
    /// Persistent recursive watches.
    pub recursive: Vec<String>,
}

impl Read {
    /// Reads the body of a read; `Ok(None)` if `kind` is none.
    pub fn decode(kind: i32, body: &[u8]) -> Result<Option<Self>, Malformed> {
        let reader = &mut Reader::new(body);
        Ok(Some(match kind {
            op::PING => Self::Ping,
            op::EXISTS => Self::Exists { path: reader.text()?, watch: reader.bool()? },
            op::GET_DATA => Self::GetData { path: reader.text()?, watch: reader.bool()? },
            op::GET_ACL => Self::GetAcl { path: reader.text()? },
            op::GET_CHILDREN | op::GET_CHILDREN2 => {
                Self::GetChildren { path: reader.text()?, watch: reader.bool()?, stat: kind == op::GET_CHILDREN2 }
            }
            op::GET_ALL_CHILDREN_NUMBER => Self::GetAllChildrenNumber { path: reader.text()? },
            op::GET_EPHEMERALS => {
                Self::GetEphemerals { prefix: reader.text_or_null()?.unwrap_or_default().into_owned() }
            }
            op::MULTI_READ => Self::Multi(read_multi_read(reader)?),
            op::SET_WATCHES => Self::SetWatches(read_set_watches(reader, false)?),
            op::SET_WATCHES2 => Self::SetWatches(read_set_watches(reader, true)?),
            op::ADD_WATCH => Self::AddWatch { path: reader.text()?, recursive: read_add_mode(reader)? },
            op::CHECK_WATCHES => Self::CheckWatches { path: reader.text()?, kind: read_watch_type(reader)? },
            op::REMOVE_WATCHES => Self::RemoveWatches { path: reader.text()?, kind: read_watch_type(reader)? },
            op::WHO_AM_I => Self::WhoAmI,
            _ => return Ok(None),
        }))
    }
}

fn read_multi_read(reader: &mut Reader<'_>) -> Result<Vec<Read>, Malformed> {
    let mut reads = Vec::new();
    while let Some(kind) = read_multi_header(reader)? {
        reads.push(match kind {
            op::GET_CHILDREN => Read::GetChildren { path: reader.text()?, watch: reader.bool()?, stat: false },
            op::GET_DATA => Read::GetData { path: reader.text()?, watch: reader.bool()? },
            _ => return Err(Malformed),
        });
    }
    Ok(reads)
}

fn read_set_watches(reader: &mut Reader<'_>, with_persistent: bool) -> Result<SetWatches, Malformed> {
    let mut watches = SetWatches {
        zxid: reader.i64()?,
        data: reader.list(Reader::text)?,
        exist: reader.list(Reader::text)?,
        child: reader.list(Reader::text)?,
        ..SetWatches::default()
    };
    if with_persistent {
        watches.persistent = reader.list(Reader::text)?;
        watches.recursive = reader.list(Reader::text)?;
    }
    Ok(watches)
}

fn read_add_mode(reader: &mut Reader<'_>) -> Result<bool, Malformed> {
    match reader.i32()? {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(Malformed),
    }
}

fn read_watch_type(reader: &mut Reader<'_>) -> Result<WatchType, Malformed> {
    match reader.i32()? {
        1 => Ok(WatchType::Children),
        2 => Ok(WatchType::Data),
        3 => Ok(WatchType::Any),
        _ => Err(Malformed),
    }
}

/// Credentials that a client adds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Auth {
    /// `digest`, `ip`.
    pub scheme: String,
    /// Such as `user:password`.
    pub token: Vec<u8>,
}

impl Auth {
    /// Reads the body.
    pub fn read(body: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(body);
        let _kind = reader.i32()?;
        let scheme = reader.text_or_null()?.unwrap_or_default().into_owned();
        Ok(Self { scheme, token: reader.buffer()?.unwrap_or_default().to_vec() })
    }
}
