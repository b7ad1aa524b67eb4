//! Numbers of the protocol. Source: ZooKeeper 3.8's `ZooDefs.OpCode` and `KeeperException.Code`.

/// Operation codes.
pub mod op {
    /// Makes a znode; the answer is its path.
    pub const CREATE: i32 = 1;
    /// Removes a znode.
    pub const DELETE: i32 = 2;
    /// Stat of a znode.
    pub const EXISTS: i32 = 3;
    /// Data and stat.
    pub const GET_DATA: i32 = 4;
    /// Replaces the data.
    pub const SET_DATA: i32 = 5;
    /// Access list and stat.
    pub const GET_ACL: i32 = 6;
    /// Replaces the access list.
    pub const SET_ACL: i32 = 7;
    /// Names of the children.
    pub const GET_CHILDREN: i32 = 8;
    /// Waits until this server has seen what the leader has.
    pub const SYNC: i32 = 9;
    /// Keeps the session alive.
    pub const PING: i32 = 11;
    /// Names of the children, and stat.
    pub const GET_CHILDREN2: i32 = 12;
    /// Checks a version.
    pub const CHECK: i32 = 13;
    /// Several writes, all or none.
    pub const MULTI: i32 = 14;
    /// Makes a znode; the answer is its path and stat.
    pub const CREATE2: i32 = 15;
    /// Changes the ensemble.
    pub const RECONFIG: i32 = 16;
    /// Whether a watch is set.
    pub const CHECK_WATCHES: i32 = 17;
    /// Takes watches back.
    pub const REMOVE_WATCHES: i32 = 18;
    /// Makes a container.
    pub const CREATE_CONTAINER: i32 = 19;
    /// Removes an empty container.
    pub const DELETE_CONTAINER: i32 = 20;
    /// Makes a znode that goes away when it is not used.
    pub const CREATE_TTL: i32 = 21;
    /// Several reads.
    pub const MULTI_READ: i32 = 22;
    /// Adds credentials to the connection.
    pub const AUTH: i32 = 100;
    /// Sets watches again after a reconnect.
    pub const SET_WATCHES: i32 = 101;
    /// A step of SASL.
    pub const SASL: i32 = 102;
    /// The session's ephemeral znodes.
    pub const GET_EPHEMERALS: i32 = 103;
    /// How many descendants there are.
    pub const GET_ALL_CHILDREN_NUMBER: i32 = 104;
    /// Sets watches again, persistent ones too.
    pub const SET_WATCHES2: i32 = 105;
    /// Sets a persistent watch.
    pub const ADD_WATCH: i32 = 106;
    /// Who the connection has proved to be.
    pub const WHO_AM_I: i32 = 107;
    /// Opens a session (between servers only).
    pub const CREATE_SESSION: i32 = -10;
    /// Ends the session.
    pub const CLOSE_SESSION: i32 = -11;
    /// In a multi's answer: this one failed.
    pub const ERROR: i32 = -1;
}

/// Error codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum Code {
    /// A part of a multi that was not tried, because one before it failed.
    RuntimeInconsistency = -2,
    /// The ensemble is being changed already.
    ReconfigInProgress = -14,
    /// The ensemble after the change could not decide anything.
    NewConfigNoQuorum = -13,
    /// The request could not be read.
    Marshalling = -5,
    /// The operation is not there.
    Unimplemented = -6,
    /// An argument makes no sense.
    BadArguments = -8,
    /// There is no such znode.
    NoNode = -101,
    /// The access list says no.
    NoAuth = -102,
    /// Another version than the expected one.
    BadVersion = -103,
    /// Ephemeral znodes have no children.
    NoChildrenForEphemerals = -108,
    /// It exists already.
    NodeExists = -110,
    /// It has children.
    NotEmpty = -111,
    /// The session is over.
    SessionExpired = -112,
    /// The access list is none.
    InvalidAcl = -114,
    /// The credentials are refused.
    AuthFailed = -115,
    /// The session lives on another server's connection now.
    SessionMoved = -118,
    /// This server only answers reads.
    NotReadOnly = -119,
    /// There is no such watch.
    NoWatcher = -121,
    /// A hard quota would be exceeded.
    QuotaExceeded = -125,
    /// The ensemble cannot be changed at run time.
    ReconfigDisabled = -123,
}

impl Code {
    /// The number on the wire.
    pub fn number(self) -> i32 {
        self as i32
    }
}

/// What happened to a watched znode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum EventKind {
    /// It was made.
    Created = 1,
    /// It was removed.
    Deleted = 2,
    /// Its data was set.
    DataChanged = 3,
    /// A child was made or removed.
    ChildrenChanged = 4,
}
