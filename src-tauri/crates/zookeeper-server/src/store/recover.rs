//! From what lies on disk to the tree: the newest good snapshot, then every logged transaction after it.

use std::{fs, path::Path};

use super::{Folder, StoreError};
use crate::{
    tree::Tree,
    txn::Record,
    wire::{Put, Reader},
};

/// The beginning of a log.
pub const LOG_MAGIC: &[u8; 8] = b"SLZKLOG1";
/// The beginning of a snapshot.
pub const SNAPSHOT_MAGIC: &[u8; 8] = b"SLZKSNP2";

/// What was on disk.
#[derive(Debug)]
pub struct Recovered {
    /// The tree, everything logged applied.
    pub tree: Tree,
    /// The zxid of the snapshot that it began with; none if the folder was empty.
    pub snapshot: Option<i64>,
    /// The last transactions, oldest first: a server that is only a little behind gets these.
    pub recent: Vec<Record>,
    /// Transactions that were read from logs.
    pub replayed: usize,
}

/// One logged record: length, checksum, bytes.
pub fn frame(out: &mut Vec<u8>, record: &[u8]) {
    out.put_len(record.len());
    out.put_raw(&crc32fast::hash(record).to_be_bytes());
    out.put_raw(record);
}

/// Reads snapshot and logs. A torn end of a log, which a crash leaves, is cut off on disk too.
pub fn recover(folder: &Folder, config: &str, ttl_enabled: bool, keep_recent: usize) -> Result<Recovered, StoreError> {
    let (mut tree, snapshot) = load_snapshot(folder, config, ttl_enabled)?;
    let logs = folder.log_files()?;
    let mut recent = std::collections::VecDeque::new();
    let mut replayed = 0;
    let mut events = Vec::new();
    for (at, (_, path)) in logs.iter().enumerate() {
        if logs.get(at + 1).is_some_and(|(next, _)| *next <= tree.last_zxid()) {
            continue;
        }
        for record in read_log(path)? {
            if record.zxid > tree.last_zxid() {
                tree.apply(&record, &mut events);
                events.clear();
                replayed += 1;
                recent.push_back(record);
                if recent.len() > keep_recent {
                    recent.pop_front();
                }
            }
        }
    }
    Ok(Recovered { tree, snapshot, recent: recent.into(), replayed })
}

fn load_snapshot(folder: &Folder, config: &str, ttl_enabled: bool) -> Result<(Tree, Option<i64>), StoreError> {
    let snapshots = folder.snapshots()?;
    for (zxid, path) in snapshots.iter().rev() {
        let bytes = fs::read(path).map_err(|source| StoreError::io(path, source))?;
        if let Some(tree) = decode_snapshot(&bytes, config, ttl_enabled) {
            return Ok((tree, Some(*zxid)));
        }
    }
    match snapshots.last() {
        // Snapshots appear whole or not at all: a bad one is a damaged disk, and history without it has a hole.
        Some((_, path)) => Err(StoreError::Corrupt { path: path.display().to_string() }),
        None => Ok((Tree::new(config, ttl_enabled), None)),
    }
}

fn decode_snapshot(bytes: &[u8], config: &str, ttl_enabled: bool) -> Option<Tree> {
    let body = bytes.strip_prefix(SNAPSHOT_MAGIC)?;
    let (body, checksum) = body.split_last_chunk::<4>()?;
    if crc32fast::hash(body) != u32::from_be_bytes(*checksum) {
        return None;
    }
    Tree::decode(body, config, ttl_enabled).ok()
}

/// The records of a log. Everything after the first bad one is cut off: it was never acknowledged, because a record is
/// acknowledged only when it and all before it are on disk.
fn read_log(path: &Path) -> Result<Vec<Record>, StoreError> {
    let error = |source| StoreError::io(path, source);
    let bytes = fs::read(path).map_err(error)?;
    let Some(body) = bytes.strip_prefix(LOG_MAGIC) else {
        if LOG_MAGIC.starts_with(&bytes) {
            // The crash came before even the beginning was written.
            fs::remove_file(path).map_err(error)?;
            return Ok(Vec::new());
        }
        return Err(StoreError::Corrupt { path: path.display().to_string() });
    };
    let mut reader = Reader::new(body);
    let mut records = Vec::new();
    let mut good = LOG_MAGIC.len();
    while !reader.rest().is_empty() {
        let Some(record) = read_record(&mut reader) else {
            truncate(path, good).map_err(error)?;
            break;
        };
        good = bytes.len() - reader.rest().len();
        records.push(record);
    }
    Ok(records)
}

fn read_record(reader: &mut Reader<'_>) -> Option<Record> {
    let length = usize::try_from(reader.i32().ok()?).ok()?;
    let checksum = reader.i32().ok()?;
    let bytes = reader.rest().get(..length)?;
    if crc32fast::hash(bytes) != checksum as u32 {
        return None;
    }
    let record = Record::decode(bytes).ok()?;
    *reader = Reader::new(&reader.rest()[length..]);
    Some(record)
}

fn truncate(path: &Path, len: usize) -> std::io::Result<()> {
    let file = fs::OpenOptions::new().write(true).open(path)?;
    file.set_len(len as u64)?;
    file.sync_data()
}
