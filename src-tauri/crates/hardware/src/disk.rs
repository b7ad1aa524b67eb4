//! A disk that can be full.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

/// ENOSPC, on Linux and elsewhere.
const NO_SPACE: i32 = 28;

/// Whether a machine's disk has room. Clones are the same disk.
#[derive(Clone, Debug, Default)]
pub struct Disk(Arc<AtomicBool>);

impl Disk {
    /// From now on nothing more can be written to it.
    pub fn fill(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// There is room again.
    pub fn free(&self) {
        self.0.store(false, Ordering::Relaxed);
    }

    /// It has no room.
    pub fn is_full(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// To be asked before anything is written to it.
    ///
    /// # Errors
    /// "No space left on device" (ENOSPC) if it is full.
    pub fn room(&self) -> io::Result<()> {
        if self.is_full() { Err(io::Error::from_raw_os_error(NO_SPACE)) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_says_so_in_the_systems_words_until_it_is_freed() {
        let disk = Disk::default();
        assert!(disk.room().is_ok());
        disk.clone().fill();
        let error = disk.room().expect_err("it is full");
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        assert!(error.to_string().starts_with("No space left on device"), "{error}");
        disk.free();
        assert!(disk.room().is_ok());
    }
}
