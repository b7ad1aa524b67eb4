//! The folder, and files that are replaced whole or not at all.

use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
};

use hardware::Disk;

use super::StoreError;

/// A server's two folders; mostly the same one.
#[derive(Clone, Debug)]
pub struct Folder {
    /// Snapshots and epochs.
    pub data: PathBuf,
    /// Logs.
    pub logs: PathBuf,
    /// The disk that both are on.
    pub disk: Disk,
}

impl Folder {
    /// Makes both.
    pub fn open(data: &Path, logs: &Path, disk: Disk) -> Result<Self, StoreError> {
        let folder = Self { data: data.join("version-2"), logs: logs.join("version-2"), disk };
        for path in [&folder.data, &folder.logs].into_iter().filter(|path| !path.is_dir()) {
            folder.room(path)?;
            fs::create_dir_all(path).map_err(|source| StoreError::io(path, source))?;
        }
        Ok(folder)
    }

    /// Whether the disk has room for more in `path`.
    pub fn room(&self, path: &Path) -> Result<(), StoreError> {
        self.disk.room().map_err(|source| StoreError::io(path, source))
    }

    /// Writes a file whole or not at all, and does not return before it is on disk.
    pub fn replace(&self, path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
        self.replace_with(path, |file| file.write_all(bytes))
    }

    /// The same; `write` writes what shall stand there.
    pub fn replace_with(
        &self,
        path: &Path,
        write: impl FnOnce(&mut File) -> std::io::Result<()>,
    ) -> Result<(), StoreError> {
        self.room(path)?;
        let error = |source| StoreError::io(path, source);
        let draft = path.with_extension("tmp");
        let mut file = File::create(&draft).map_err(error)?;
        write(&mut file).map_err(error)?;
        file.sync_data().map_err(error)?;
        fs::rename(&draft, path).map_err(error)?;
        sync_parent(path)
    }

    /// The snapshot of a zxid.
    pub fn snapshot(&self, zxid: i64) -> PathBuf {
        self.data.join(format!("snapshot.{zxid:x}"))
    }

    /// The log that begins with a zxid.
    pub fn log(&self, zxid: i64) -> PathBuf {
        self.logs.join(format!("log.{zxid:x}"))
    }

    /// Snapshots by zxid, oldest first.
    pub fn snapshots(&self) -> Result<Vec<(i64, PathBuf)>, StoreError> {
        numbered(&self.data, "snapshot.")
    }

    /// Logs by the zxid of their beginning, oldest first.
    pub fn log_files(&self) -> Result<Vec<(i64, PathBuf)>, StoreError> {
        numbered(&self.logs, "log.")
    }

    /// Bytes of the files of both folders.
    pub fn sizes(&self) -> (u64, u64) {
        (size(&self.data), size(&self.logs))
    }
}

fn size(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.metadata().ok()).filter(fs::Metadata::is_file).map(|meta| meta.len()).sum()
}

fn numbered(folder: &Path, prefix: &str) -> Result<Vec<(i64, PathBuf)>, StoreError> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(|source| StoreError::io(folder, source))? {
        let entry = entry.map_err(|source| StoreError::io(folder, source))?;
        let name = entry.file_name();
        let number = name.to_str().and_then(|name| name.strip_prefix(prefix));
        if let Some(zxid) = number.and_then(|hex| i64::from_str_radix(hex, 16).ok()) {
            found.push((zxid, entry.path()));
        }
    }
    found.sort_unstable();
    Ok(found)
}

/// Makes names in the file's folder last.
pub fn sync_parent(path: &Path) -> Result<(), StoreError> {
    let Some(folder) = path.parent() else { return Ok(()) };
    File::open(folder).and_then(|folder| folder.sync_data()).map_err(|source| StoreError::io(folder, source))
}
