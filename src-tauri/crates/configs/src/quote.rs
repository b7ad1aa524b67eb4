//! Text of a plan, made safe for where it is written.
//!
//! Validation refuses names and values that could mean more than themselves; whatever slips through is quoted here all
//! the same. Forms with a quoting of their own ([`ruby`], [`bash`]) keep every character; forms without one
//! ([`plain`], [`systemd`], [`mesos`]) replace what they could not hold.

mod bash;
mod mesos;
mod plain;
mod ruby;
mod systemd;

pub use bash::bash;
pub use mesos::attribute;
pub use plain::{code, host, one_line, segment};
pub use ruby::ruby;
pub use systemd::description;
