//! The epochs that a server has accepted and is in: two small text files.

use std::{fs, io::ErrorKind, path::Path};

use super::{Folder, StoreError};

/// A server's epochs, as they are on disk.
#[derive(Clone, Debug)]
pub struct Epochs {
    folder: Folder,
    accepted: u32,
    current: u32,
}

impl Epochs {
    /// Reads them; `fallback` is the epoch of the last transaction, for a server that never was in an ensemble.
    pub fn open(folder: &Folder, fallback: u32) -> Result<Self, StoreError> {
        let accepted = read(&folder.data.join("acceptedEpoch"))?;
        let current = read(&folder.data.join("currentEpoch"))?;
        let mut epochs = Self { folder: folder.clone(), accepted: 0, current: 0 };
        match current {
            Some(current) => epochs.current = current,
            None => epochs.set_current(fallback)?,
        }
        match accepted {
            Some(accepted) => epochs.accepted = accepted,
            None => epochs.set_accepted(fallback)?,
        }
        Ok(epochs)
    }

    /// The newest epoch that this server promised to enter.
    pub fn accepted(&self) -> u32 {
        self.accepted
    }

    /// The epoch that this server's history belongs to.
    pub fn current(&self) -> u32 {
        self.current
    }

    /// Promises to enter an epoch.
    pub fn set_accepted(&mut self, epoch: u32) -> Result<(), StoreError> {
        self.write("acceptedEpoch", epoch)?;
        self.accepted = epoch;
        Ok(())
    }

    /// Enters an epoch.
    pub fn set_current(&mut self, epoch: u32) -> Result<(), StoreError> {
        self.write("currentEpoch", epoch)?;
        self.current = epoch;
        Ok(())
    }

    fn write(&self, name: &str, epoch: u32) -> Result<(), StoreError> {
        self.folder.replace(&self.folder.data.join(name), epoch.to_string().as_bytes())
    }
}

fn read(path: &Path) -> Result<Option<u32>, StoreError> {
    match fs::read_to_string(path) {
        Ok(text) => text.trim().parse().map(Some).map_err(|_| StoreError::Corrupt { path: path.display().to_string() }),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(StoreError::io(path, error)),
    }
}
