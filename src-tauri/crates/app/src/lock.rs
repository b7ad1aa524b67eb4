//! One worker a cluster: whoever runs, halts, destroys or saves holds the lock of its folder. Looking needs none.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{Read, Seek, Write},
    path::Path,
};

use crate::Error;

/// The lock of a cluster's folder, held until it is dropped. The system frees it when the process ends, however it ends.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock.
    ///
    /// # Errors
    /// [`Error::Busy`] with the process that holds it; [`Error::Read`] if the folder can't be used.
    pub fn take(folder: &Path, name: &str) -> Result<Self, Error> {
        let path = folder.join(".lock");
        let unusable = |source| Error::Read { path: path.clone(), source };
        let mut file =
            OpenOptions::new().create(true).truncate(false).read(true).write(true).open(&path).map_err(unusable)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut pid = String::new();
                // Who holds it is a courtesy: without it the message is still right.
                let _ = file.read_to_string(&mut pid);
                return Err(Error::Busy { name: name.into(), pid: pid.trim().into() });
            }
            Err(TryLockError::Error(source)) => return Err(unusable(source)),
        }
        let _ = file.set_len(0).and_then(|()| file.rewind()).and_then(|()| writeln!(file, "{}", std::process::id()));
        Ok(Self { _file: file })
    }
}
