//! What clients and the server say to each other: jute's binary form, operation and error codes, requests and records.

pub mod codes;
pub mod jute;
pub mod records;
pub mod request;

pub use codes::{Code, EventKind, op};
pub use jute::{Malformed, Put, Reader};
pub use records::{Acl, Id, Stat};
