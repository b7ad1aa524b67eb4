//! One practice process a folder.

use std::{
    fs::{File, TryLockError},
    os::unix::fs::MetadataExt,
    time::{Duration, Instant},
};

use super::is_served;
use crate::{Error, layout::Layout};

/// How long one that is ending may take to let go.
const PATIENCE: Duration = Duration::from_secs(5);

/// Held for the process's life. The system lets go of it however the process ends.
pub(super) struct Lock {
    file: File,
}

/// Takes the folder's lock; waits for a process that is just ending.
pub(super) async fn take(layout: &Layout) -> Result<Lock, Error> {
    let io = |error: std::io::Error| Error::io("lock the cluster's folder", &error);
    fs_err::create_dir_all(layout.practice()).map_err(io)?;
    let since = Instant::now();
    loop {
        let file = fs_err::OpenOptions::new().create(true).append(true).open(layout.lock()).map_err(io)?.into_file();
        match file.try_lock() {
            Ok(()) => {
                let lock = Lock { file };
                // The file may have been removed between opening and locking: then it guards nothing.
                if lock.is_in_place(layout) {
                    return Ok(lock);
                }
            }
            Err(TryLockError::Error(error)) => return Err(io(error)),
            Err(TryLockError::WouldBlock) => {
                if is_served(layout).await || since.elapsed() > PATIENCE {
                    return Err(Error::AlreadyServed);
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
    }
}

impl Lock {
    /// Whether the folder is still the one that was locked.
    pub fn is_in_place(&self, layout: &Layout) -> bool {
        let (Ok(own), Ok(there)) = (self.file.metadata(), std::fs::metadata(layout.lock())) else { return false };
        own.ino() == there.ino() && own.dev() == there.dev()
    }

    /// Lets go of it.
    pub fn release(self) {
        // Closing the file lets go as well; this does it before the runtime is torn down.
        let _ = self.file.unlock();
    }
}
