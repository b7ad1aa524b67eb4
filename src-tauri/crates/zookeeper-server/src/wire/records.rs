//! The records that several answers share.

use super::{Malformed, Put, Reader};

/// An identity: a scheme and what that scheme calls someone.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Id {
    /// `world`, `ip`, `digest`, `auth`, `super`.
    pub scheme: String,
    /// Such as `anyone`, `127.0.0.1`, `user:base64(sha1)`.
    pub id: String,
}

impl Id {
    /// An identity.
    pub fn new(scheme: impl Into<String>, id: impl Into<String>) -> Self {
        Self { scheme: scheme.into(), id: id.into() }
    }
}

/// One entry of an access list.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Acl {
    /// Bits of [`perm`].
    pub perms: i32,
    /// Who.
    pub id: Id,
}

/// Permission bits.
pub mod perm {
    /// Data and children can be read.
    pub const READ: i32 = 1;
    /// Data can be set.
    pub const WRITE: i32 = 2;
    /// Children can be made.
    pub const CREATE: i32 = 4;
    /// Children can be removed.
    pub const DELETE: i32 = 8;
    /// The access list can be set.
    pub const ADMIN: i32 = 16;
    /// All of them.
    pub const ALL: i32 = 31;
}

impl Acl {
    /// Everybody, with these permissions.
    pub fn world(perms: i32) -> Self {
        Self { perms, id: Id::new("world", "anyone") }
    }

    /// Reads one. A null scheme or id becomes empty, which no scheme accepts.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let perms = reader.i32()?;
        let scheme = reader.text_or_null()?.unwrap_or_default().into_owned();
        let id = reader.text_or_null()?.unwrap_or_default().into_owned();
        Ok(Self { perms, id: Id { scheme, id } })
    }

    /// Writes a whole access list.
    pub fn put_list(out: &mut Vec<u8>, list: &[Self]) {
        out.put_len(list.len());
        for acl in list {
            out.put_i32(acl.perms);
            out.put_text(&acl.id.scheme);
            out.put_text(&acl.id.id);
        }
    }
}

/// A znode's stat, as clients get it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stat {
    /// The transaction that made it.
    pub czxid: i64,
    /// The transaction that last set its data.
    pub mzxid: i64,
    /// When it was made, milliseconds since 1970.
    pub ctime: i64,
    /// When its data was last set, milliseconds since 1970.
    pub mtime: i64,
    /// How often its data was set.
    pub version: i32,
    /// How often its children changed.
    pub cversion: i32,
    /// How often its access list was set.
    pub aversion: i32,
    /// The session that owns it, 0 for none.
    pub ephemeral_owner: i64,
    /// Bytes of its data.
    pub data_length: i32,
    /// Number of its children.
    pub num_children: i32,
    /// The transaction that last changed its children.
    pub pzxid: i64,
}

impl Stat {
    /// Writes it.
    pub fn put(&self, out: &mut Vec<u8>) {
        out.put_i64(self.czxid);
        out.put_i64(self.mzxid);
        out.put_i64(self.ctime);
        out.put_i64(self.mtime);
        out.put_i32(self.version);
        out.put_i32(self.cversion);
        out.put_i32(self.aversion);
        out.put_i64(self.ephemeral_owner);
        out.put_i32(self.data_length);
        out.put_i32(self.num_children);
        out.put_i64(self.pzxid);
    }
}
