//! Why the disk refuses, in the words of Unix.

use std::io;

/// What a system call on the machine's disk fails with. Its text is that of `strerror`.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    /// ENOENT.
    #[error("No such file or directory")]
    NotFound,
    /// EACCES.
    #[error("Permission denied")]
    Denied,
    /// EPERM.
    #[error("Operation not permitted")]
    NotPermitted,
    /// ENOTDIR.
    #[error("Not a directory")]
    NotDirectory,
    /// EISDIR.
    #[error("Is a directory")]
    IsDirectory,
    /// EEXIST.
    #[error("File exists")]
    Exists,
    /// ENOTEMPTY.
    #[error("Directory not empty")]
    NotEmpty,
    /// ELOOP.
    #[error("Too many levels of symbolic links")]
    Loop,
    /// ENAMETOOLONG.
    #[error("File name too long")]
    TooLong,
    /// EINVAL.
    #[error("Invalid argument")]
    Invalid,
    /// ENOSPC.
    #[error("No space left on device")]
    Full,
    /// Anything else, in the real system's words.
    #[error("Input/output error ({0})")]
    Io(io::Error),
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::NotFound,
            io::ErrorKind::PermissionDenied => Self::Denied,
            io::ErrorKind::NotADirectory => Self::NotDirectory,
            io::ErrorKind::IsADirectory => Self::IsDirectory,
            io::ErrorKind::AlreadyExists => Self::Exists,
            io::ErrorKind::DirectoryNotEmpty => Self::NotEmpty,
            io::ErrorKind::InvalidFilename => Self::TooLong,
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full,
            _ => Self::Io(error),
        }
    }
}

/// What the disk gives back.
pub(crate) type Result<T> = std::result::Result<T, Fault>;
