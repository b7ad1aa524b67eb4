//! Marks in a znode's ephemeral owner. Source: ZooKeeper 3.8's `EphemeralType`.

/// The owner of containers.
pub const CONTAINER: i64 = i64::MIN;

const TTL_MASK: i64 = 0xff_i64 << 56;
const LONGEST_TTL: i64 = 0xff_ffff_ffff;

/// What an ephemeral owner means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// A persistent znode.
    Nobody,
    /// A container.
    Container,
    /// A znode with a time to live, ms.
    Ttl(i64),
    /// An ephemeral znode of this session.
    Session(i64),
}

impl Owner {
    /// Reads the mark. TTL marks mean something only where `extendedTypesEnabled` is set, as on the real server.
    pub fn of(owner: i64, ttl_enabled: bool) -> Self {
        match owner {
            0 => Self::Nobody,
            CONTAINER => Self::Container,
            _ if ttl_enabled && owner & TTL_MASK == TTL_MASK => Self::Ttl(owner & LONGEST_TTL),
            session => Self::Session(session),
        }
    }

    /// The mark of a time to live; `None` if it is none.
    pub fn ttl(ttl: i64) -> Option<i64> {
        (1..=LONGEST_TTL).contains(&ttl).then_some(TTL_MASK | ttl)
    }
}
