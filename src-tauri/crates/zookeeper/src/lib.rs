//! ZooKeeper from the outside: what its servers say of themselves, how their ensemble is, and what lies in its tree.

pub mod ensemble;
mod error;
mod four_letter;
mod mntr;
mod srvr;
pub mod tree;

pub use error::Error;
pub use four_letter::four_letter_word;
pub use mntr::Mntr;
pub use srvr::{Mode, Srvr};
pub use tree::Tree;
