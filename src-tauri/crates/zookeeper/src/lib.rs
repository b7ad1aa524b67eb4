//! ZooKeeper from the outside: what its servers say of themselves, and how their ensemble is.

pub mod ensemble;
mod error;
mod four_letter;
mod srvr;

pub use error::Error;
pub use four_letter::four_letter_word;
pub use srvr::{Mode, Srvr};
