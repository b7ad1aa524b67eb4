//! The thread that writes to disk. What waits while it syncs is written together by the next sync (group commit).

use std::{
    fs::{self, File, OpenOptions},
    io::Write,
    sync::{Arc, mpsc},
    thread::JoinHandle,
    time::Instant,
};

use super::{
    Folder, StoreError, files,
    recover::{LOG_MAGIC, SNAPSHOT_MAGIC, frame},
};
use crate::tree::Frozen;

/// What the thread tells.
#[derive(Debug)]
pub enum Report {
    /// Everything up to this zxid is on disk.
    Durable {
        /// Which.
        zxid: i64,
        /// How long the last writing took, ms.
        ms: u64,
    },
    /// A snapshot is on disk.
    Snapshot {
        /// How long that took, ms.
        ms: u64,
    },
    /// The disk failed; nothing more will be written.
    Failed(StoreError),
}

enum Order {
    Append { zxid: i64, record: Vec<u8> },
    Snapshot(Frozen),
    Install { zxid: i64, tree: Vec<u8>, done: tokio::sync::oneshot::Sender<()> },
    Flush(tokio::sync::oneshot::Sender<()>),
    Purge { keep: usize },
}

/// The handle on the thread. Dropping it ends the thread once what was ordered is written.
#[derive(Debug)]
pub struct LogWriter {
    orders: Option<mpsc::Sender<Order>>,
    thread: Option<JoinHandle<()>>,
}

impl LogWriter {
    /// Starts the thread; `report` is called from it.
    pub fn start(folder: Folder, report: impl Fn(Report) + Send + Sync + 'static) -> std::io::Result<Self> {
        let (orders, inbox) = mpsc::channel();
        let report: Arc<dyn Fn(Report) + Send + Sync> = Arc::new(report);
        let thread = std::thread::Builder::new().name("zk-log".into()).spawn(move || {
            let mut disk = Disk { folder, log: None, snapshot: None, report };
            if let Err(error) = disk.run(&inbox) {
                (disk.report)(Report::Failed(error));
            }
            disk.finish_snapshot();
        })?;
        Ok(Self { orders: Some(orders), thread: Some(thread) })
    }

    fn order(&self, order: Order) {
        // A thread that ended has reported its failure; the server is about to end.
        let _ = self.orders.as_ref().map(|orders| orders.send(order));
    }

    /// Appends a record; [`Report::Durable`] tells when it is on disk.
    pub fn append(&self, zxid: i64, record: Vec<u8>) {
        self.order(Order::Append { zxid, record });
    }

    /// Begins a new log and writes a snapshot beside it: what is appended meanwhile does not wait.
    pub fn snapshot(&self, tree: Frozen) {
        self.order(Order::Snapshot(tree));
    }

    /// Replaces everything by a snapshot: this server's history was another one.
    pub async fn install(&self, zxid: i64, tree: Vec<u8>) {
        let (done, wait) = tokio::sync::oneshot::channel();
        self.order(Order::Install { zxid, tree, done });
        let _ = wait.await;
    }

    /// Waits until everything ordered so far is on disk.
    pub async fn flush(&self) {
        let (done, wait) = tokio::sync::oneshot::channel();
        self.order(Order::Flush(done));
        let _ = wait.await;
    }

    /// Removes all but the newest `keep` snapshots, and the logs before them.
    pub fn purge(&self, keep: usize) {
        self.order(Order::Purge { keep });
    }
}

impl Drop for LogWriter {
    fn drop(&mut self) {
        self.orders = None;
        if let Some(thread) = self.thread.take() {
            // A panic there has been printed by the runtime; there is nobody to tell.
            let _ = thread.join();
        }
    }
}

/// Most records of one write.
const LARGEST_GROUP: usize = 4096;

struct Disk {
    folder: Folder,
    log: Option<File>,
    /// The thread that writes a snapshot.
    snapshot: Option<JoinHandle<()>>,
    report: Arc<dyn Fn(Report) + Send + Sync>,
}

impl Disk {
    fn run(&mut self, inbox: &mpsc::Receiver<Order>) -> Result<(), StoreError> {
        let mut group = Vec::new();
        while let Ok(first) = inbox.recv() {
            group.push(first);
            while group.len() < LARGEST_GROUP
                && let Ok(next) = inbox.try_recv()
            {
                group.push(next);
            }
            self.work(group.drain(..))?;
        }
        Ok(())
    }

    fn work(&mut self, orders: impl Iterator<Item = Order>) -> Result<(), StoreError> {
        let mut batch = Batch::default();
        for order in orders {
            match order {
                Order::Append { zxid, record } => batch.add(zxid, &record),
                Order::Flush(done) => {
                    self.write(&mut batch)?;
                    let _ = done.send(());
                }
                Order::Purge { keep } => self.purge(keep)?,
                Order::Snapshot(tree) => {
                    self.write(&mut batch)?;
                    self.begin_snapshot(tree)?;
                }
                Order::Install { zxid, tree, done } => {
                    self.write(&mut batch)?;
                    self.install(zxid, &tree)?;
                    let _ = done.send(());
                }
            }
        }
        self.write(&mut batch)
    }

    fn write(&mut self, batch: &mut Batch) -> Result<(), StoreError> {
        let Some((first, last)) = batch.range.take() else { return Ok(()) };
        let path = self.folder.log(first);
        self.folder.room(&path)?;
        let error = |source| StoreError::io(&path, source);
        let mut begun = false;
        let log = match &mut self.log {
            Some(log) => log,
            none => {
                let mut log = OpenOptions::new().create(true).write(true).truncate(true).open(&path).map_err(error)?;
                log.write_all(LOG_MAGIC).map_err(error)?;
                begun = true;
                none.insert(log)
            }
        };
        let begin = Instant::now();
        log.write_all(&batch.bytes).map_err(error)?;
        log.sync_data().map_err(error)?;
        if begun {
            files::sync_parent(&path)?;
        }
        batch.bytes.clear();
        (self.report)(Report::Durable { zxid: last, ms: ms_since(begin) });
        Ok(())
    }

    /// Waits for the snapshot that is being written.
    fn finish_snapshot(&mut self) {
        if let Some(thread) = self.snapshot.take() {
            // A panic there has been printed by the runtime; there is nobody to tell.
            let _ = thread.join();
        }
    }

    fn begin_snapshot(&mut self, tree: Frozen) -> Result<(), StoreError> {
        self.finish_snapshot();
        self.log = None;
        let (folder, report) = (self.folder.clone(), self.report.clone());
        let spawned = std::thread::Builder::new().name("zk-snapshot".into()).spawn(move || {
            let begin = Instant::now();
            let path = folder.snapshot(tree.last_zxid());
            let written = folder.replace_with(&path, |file| write_snapshot(file, |out| tree.write_to(out)));
            report(written.map_or_else(Report::Failed, |()| Report::Snapshot { ms: ms_since(begin) }));
        });
        self.snapshot = Some(spawned.map_err(|source| StoreError::io(&self.folder.data, source))?);
        Ok(())
    }

    /// This server's history is replaced.
    fn install(&mut self, zxid: i64, tree: &[u8]) -> Result<(), StoreError> {
        // One of the old history must not appear afterwards.
        self.finish_snapshot();
        let path = self.folder.snapshot(zxid);
        self.folder.replace_with(&path, |file| write_snapshot(file, |out| out.write_all(tree)))?;
        self.log = None;
        // The snapshot is on disk first: a crash in between leaves the old history, which is found out and replaced again.
        let others = self.folder.snapshots()?.into_iter().filter(|(other, _)| *other != zxid);
        remove(others.chain(self.folder.log_files()?))?;
        files::sync_parent(&path)?;
        files::sync_parent(&self.folder.log(zxid))
    }

    fn purge(&self, keep: usize) -> Result<(), StoreError> {
        let snapshots = self.folder.snapshots()?;
        let Some(oldest) = snapshots.len().checked_sub(keep).and_then(|at| snapshots.get(at)).map(|(zxid, _)| *zxid)
        else {
            return Ok(());
        };
        let logs = self.folder.log_files()?;
        // The log that was being written when the oldest kept snapshot was taken is still needed.
        let needed = logs.iter().rev().find(|(zxid, _)| *zxid <= oldest).map_or(i64::MIN, |(zxid, _)| *zxid);
        let old_logs = logs.into_iter().filter(|(zxid, _)| *zxid < needed);
        remove(snapshots.into_iter().filter(|(zxid, _)| *zxid < oldest).chain(old_logs))
    }
}

fn ms_since(begin: Instant) -> u64 {
    u64::try_from(begin.elapsed().as_millis()).unwrap_or(u64::MAX)
}

fn remove(files: impl Iterator<Item = (i64, std::path::PathBuf)>) -> Result<(), StoreError> {
    for (_, path) in files {
        fs::remove_file(&path).map_err(|source| StoreError::io(&path, source))?;
    }
    Ok(())
}

/// Beginning, body and checksum.
fn write_snapshot(file: &mut File, body: impl FnOnce(&mut Checked<'_>) -> std::io::Result<()>) -> std::io::Result<()> {
    file.write_all(SNAPSHOT_MAGIC)?;
    let mut out = Checked { file, checksum: crc32fast::Hasher::new() };
    body(&mut out)?;
    let Checked { file, checksum } = out;
    file.write_all(&checksum.finalize().to_be_bytes())
}

/// Counts a checksum of what is written.
struct Checked<'f> {
    file: &'f mut File,
    checksum: crc32fast::Hasher,
}

impl Write for Checked<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.checksum.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}

#[derive(Default)]
struct Batch {
    bytes: Vec<u8>,
    range: Option<(i64, i64)>,
}

impl Batch {
    fn add(&mut self, zxid: i64, record: &[u8]) {
        frame(&mut self.bytes, record);
        self.range = Some((self.range.map_or(zxid, |(first, _)| first), zxid));
    }
}
