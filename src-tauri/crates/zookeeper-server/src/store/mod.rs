//! What lies on disk, under `dataDir/version-2` (and `dataLogDir/version-2`): logs, snapshots and epochs.
//!
//! The names are those that people expect (`log.100000001`, `snapshot.0`, `currentEpoch`, `acceptedEpoch`); the bytes inside logs
//! and snapshots are of a form of our own, every record with a checksum.

mod epochs;
mod files;
mod recover;
mod writer;

pub use epochs::Epochs;
pub use files::Folder;
pub use recover::{Recovered, recover};
pub use writer::{LogWriter, Report};

/// Why data cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The system said no.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// A file is damaged in a place where no crash can have damaged it.
    #[error("{path} is corrupt")]
    Corrupt {
        /// The file.
        path: String,
    },
}

impl StoreError {
    fn io(path: &std::path::Path, source: std::io::Error) -> Self {
        Self::Io { path: path.display().to_string(), source }
    }
}
