//! TLS: whom we trust, and who we are.
//!
//! One [`Tls`] is made of PEM files, and then serves every client of the house: HTTP ([`http`]), ZooKeeper ([`ensemble`]) and bare
//! connections ([`Tls::connect`]). [`Served`] is the other end. All by rustls with aws-lc-rs; nothing of the system's own libraries.
//!
//! What is wrong with another's certificate is a [`Fault`], found in whatever error a library wrapped it into. There is no
//! fall-back: neither to no encryption, nor to no questions.

#[cfg(feature = "authority")]
pub mod authority;
mod client;
pub mod ensemble;
mod error;
mod fault;
mod files;
mod server;
mod settings;
mod system;

pub use client::{Tls, http};
pub use error::Error;
pub use fault::Fault;
pub use files::{Identity, Trust};
pub use server::Served;
pub use settings::Files;
