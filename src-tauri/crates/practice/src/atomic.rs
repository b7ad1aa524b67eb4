//! Writing a file whole or not at all.

use std::{
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

/// Whether the bytes must have reached the disk before the file has its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Durability {
    /// Flushed to the disk: survives a power cut.
    Synced,
    /// Left to the system: survives the end of this process.
    Cached,
}

/// Replaces the file at `path` by `content`, with Unix mode `mode`.
pub(crate) fn write(path: &Path, content: &[u8], mode: u32, durability: Durability) -> io::Result<()> {
    let temporary = temporary(path);
    let written = fill(&temporary, content, mode, durability).and_then(|()| fs_err::rename(&temporary, path));
    if written.is_err() {
        // The first error is the one that tells; a leftover is harmless.
        let _ = fs_err::remove_file(&temporary);
    }
    written
}

fn fill(temporary: &Path, content: &[u8], mode: u32, durability: Durability) -> io::Result<()> {
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(temporary)?;
    file.write_all(content)?;
    if durability == Durability::Synced {
        file.sync_all()?;
    }
    Ok(())
}

/// A name beside `path` that nobody else uses.
fn temporary(path: &Path) -> PathBuf {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    path.with_file_name(format!(".{name}.{}-{number}.part", std::process::id()))
}
