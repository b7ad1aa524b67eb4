//! A machine's disk: a real folder, with owners and modes beside it, that answers as a Unix file system does.

mod fault;
mod owners;
mod path;
#[cfg(test)]
mod tests;
mod walk;

use std::{
    io::Write,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

pub(crate) use fault::{Fault, Result};
pub(crate) use owners::{Meta, Owners};
pub(crate) use path::{Place, absolute, base_name, tidy};
use walk::{Found, Last};

use super::users::User;
use crate::atomic::{self, Durability};

/// What something on the disk is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An ordinary file.
    File,
    /// A folder.
    Dir,
    /// A link, and where it points to.
    Link(String),
}

/// What `stat` tells.
#[derive(Clone, Debug)]
pub(crate) struct Stat {
    /// Where it is, without links.
    pub place: Place,
    /// What it is.
    pub kind: Kind,
    /// Whose it is.
    pub meta: Meta,
    /// Bytes.
    pub size: u64,
    /// When it was last written.
    pub modified: SystemTime,
}

impl Stat {
    /// It is a folder.
    pub fn is_dir(&self) -> bool {
        self.kind == Kind::Dir
    }
}

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Writing {
    /// Instead of what is there.
    Replace,
    /// After what is there.
    Append,
}

/// A machine's disk. Every call is one step: others see it done or not begun.
#[derive(Debug)]
pub(crate) struct Disk {
    root: PathBuf,
    owners: Mutex<Owners>,
    device: hardware::Disk,
}

/// The device that swallows everything.
const NULL: &str = "/dev/null";
/// The device that takes nothing.
const FULL: &str = "/dev/full";
/// What remains of 0666 and 0777 with the umask 022.
const NEW_FILE: u32 = 0o644;
const NEW_DIR: u32 = 0o755;

impl Disk {
    /// The disk in the folder `root`, which exists.
    pub fn new(root: PathBuf, owners: Owners, device: hardware::Disk) -> Self {
        Self { root, owners: Mutex::new(owners), device }
    }

    /// The folder that is the machine's `/`.
    pub fn root(&self) -> &Path {
        &self.root
    }

    fn owners(&self) -> MutexGuard<'_, Owners> {
        // The index is whole after every step, so a panic elsewhere has not broken it.
        self.owners.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is at `path`, links followed.
    pub fn stat(&self, who: &User, path: &str) -> Result<Stat> {
        self.look(who, path, Last::Follow)
    }

    /// What is at `path`, be it a link.
    pub fn lstat(&self, who: &User, path: &str) -> Result<Stat> {
        self.look(who, path, Last::Keep)
    }

    fn look(&self, who: &User, path: &str, last: Last) -> Result<Stat> {
        let owners = self.owners();
        let found = self.walk(&owners, who, path, last)?;
        self.describe(&owners, found)
    }

    fn describe(&self, owners: &Owners, found: Found) -> Result<Stat> {
        let metadata = found.metadata.ok_or(Fault::NotFound)?;
        let kind = if metadata.is_dir() {
            Kind::Dir
        } else if metadata.is_symlink() {
            Kind::Link(self.link_target(&found.place)?)
        } else {
            Kind::File
        };
        let meta = match kind {
            Kind::Link(_) => Meta { mode: 0o777, ..owners.of(&found.place, false) },
            _ => owners.of(&found.place, kind == Kind::Dir),
        };
        let modified = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
        Ok(Stat { place: found.place, kind, meta, size: metadata.len(), modified })
    }

    /// The content of the file at `path`.
    pub fn read(&self, who: &User, path: &str) -> Result<Vec<u8>> {
        if path == NULL {
            return Ok(Vec::new());
        }
        let stat = self.stat(who, path)?;
        if stat.is_dir() {
            return Err(Fault::IsDirectory);
        }
        who.may_read(&stat.meta)?;
        self.read_regular(&stat.place)
    }

    /// A device or a pipe that somebody made in the real folder would block the machine.
    fn read_regular(&self, place: &Place) -> Result<Vec<u8>> {
        let real = self.real(place);
        if !fs_err::symlink_metadata(&real)?.is_file() {
            return Err(Fault::Invalid);
        }
        Ok(fs_err::read(real)?)
    }

    /// The same as text; what is not UTF-8 becomes U+FFFD.
    pub fn read_text(&self, who: &User, path: &str) -> Result<String> {
        Ok(String::from_utf8_lossy(&self.read(who, path)?).into_owned())
    }

    /// Writes the file at `path`, which is made if it is missing. On a full disk it is made, or emptied, all the same:
    /// only what is in it needs room.
    pub fn write(&self, who: &User, path: &str, content: &[u8], writing: Writing) -> Result<()> {
        if path == NULL || path == FULL {
            return if path == NULL || content.is_empty() { Ok(()) } else { Err(Fault::Full) };
        }
        let mut owners = self.owners();
        let found = self.walk(&owners, who, path, Last::Follow)?;
        match &found.metadata {
            Some(metadata) if metadata.is_dir() => return Err(Fault::IsDirectory),
            Some(_) => who.may_write(&owners.of(&found.place, false))?,
            None if path.ends_with('/') => return Err(Fault::IsDirectory),
            None => {
                who.may_change(&owners.of(&found.place.parent(), true))?;
                owners.set(&found.place, false, who.meta(NEW_FILE))?;
            }
        }
        let real = self.real(&found.place);
        let room = if content.is_empty() { Ok(()) } else { self.device.room() };
        let content = if room.is_ok() { content } else { &[] };
        match writing {
            Writing::Replace => atomic::write(&real, content, 0o600, Durability::Cached)?,
            Writing::Append => {
                fs_err::OpenOptions::new().create(true).append(true).open(real)?.write_all(content)?;
            }
        }
        Ok(room?)
    }

    /// Puts a file as root: folders above it are made, and it is on the real disk when this returns.
    pub fn put(&self, path: &str, content: &[u8], meta: Meta) -> Result<()> {
        let root = User::root();
        if !path.starts_with('/') || path.ends_with('/') {
            return Err(Fault::Invalid);
        }
        self.device.room()?;
        let path = tidy(path);
        if let Some((above, _)) = path.rsplit_once('/')
            && !above.is_empty()
        {
            self.make_dirs(&root, above)?;
        }
        let mut owners = self.owners();
        let found = self.walk(&owners, &root, &path, Last::Follow)?;
        if found.metadata.is_some_and(|m| m.is_dir()) {
            return Err(Fault::IsDirectory);
        }
        // The owner first: a secret must not lie open for a moment.
        owners.set(&found.place, false, meta)?;
        atomic::write(&self.real(&found.place), content, 0o600, Durability::Synced)?;
        Ok(())
    }

    /// The names in the folder at `path`, sorted.
    pub fn list(&self, who: &User, path: &str) -> Result<Vec<String>> {
        let stat = self.stat(who, path)?;
        if !stat.is_dir() {
            return Err(Fault::NotDirectory);
        }
        who.may_read(&stat.meta)?;
        self.names(&stat.place)
    }

    fn names(&self, place: &Place) -> Result<Vec<String>> {
        let entries = fs_err::read_dir(self.real(place))?;
        let mut names: Vec<String> = entries.flatten().filter_map(|e| e.file_name().into_string().ok()).collect();
        names.sort();
        Ok(names)
    }

    /// Makes a folder.
    pub fn make_dir(&self, who: &User, path: &str) -> Result<()> {
        let mut owners = self.owners();
        let found = self.walk(&owners, who, path, Last::Follow)?;
        if found.metadata.is_some() {
            return Err(Fault::Exists);
        }
        who.may_change(&owners.of(&found.place.parent(), true))?;
        self.device.room()?;
        owners.set(&found.place, true, who.meta(NEW_DIR))?;
        Ok(fs_err::create_dir(self.real(&found.place))?)
    }

    /// Makes a folder and those above it; fine if it is there.
    pub fn make_dirs(&self, who: &User, path: &str) -> Result<()> {
        for (end, _) in path.match_indices('/').filter(|(at, _)| *at > 0) {
            self.make_dir_if_missing(who, &path[..end])?;
        }
        self.make_dir_if_missing(who, path)
    }

    fn make_dir_if_missing(&self, who: &User, path: &str) -> Result<()> {
        match self.stat(who, path) {
            Ok(stat) if stat.is_dir() => Ok(()),
            Ok(_) => Err(Fault::Exists),
            Err(Fault::NotFound) => self.make_dir(who, path),
            Err(fault) => Err(fault),
        }
    }

    /// Removes a file or a link.
    pub fn remove_file(&self, who: &User, path: &str) -> Result<()> {
        self.remove(who, path, |disk, found| {
            if found.metadata.as_ref().is_some_and(std::fs::Metadata::is_dir) {
                return Err(Fault::IsDirectory);
            }
            Ok(fs_err::remove_file(disk.real(&found.place))?)
        })
    }

    /// Removes a folder that is empty.
    pub fn remove_dir(&self, who: &User, path: &str) -> Result<()> {
        self.remove(who, path, |disk, found| {
            if !found.metadata.as_ref().is_some_and(std::fs::Metadata::is_dir) {
                return Err(Fault::NotDirectory);
            }
            Ok(fs_err::remove_dir(disk.real(&found.place))?)
        })
    }

    fn remove(&self, who: &User, path: &str, act: impl FnOnce(&Self, &Found) -> Result<()>) -> Result<()> {
        let mut owners = self.owners();
        let found = self.walk(&owners, who, path, Last::Keep)?;
        if found.metadata.is_none() {
            return Err(Fault::NotFound);
        }
        self.may_unlink(&owners, who, &found)?;
        act(self, &found)?;
        Ok(owners.forget(&found.place)?)
    }

    /// Writing to the folder is what counts; in a sticky one (`/tmp`), the owner too.
    fn may_unlink(&self, owners: &Owners, who: &User, found: &Found) -> Result<()> {
        let above = owners.of(&found.place.parent(), true);
        who.may_change(&above)?;
        let is_dir = found.metadata.as_ref().is_some_and(std::fs::Metadata::is_dir);
        let own = owners.of(&found.place, is_dir).owner;
        if above.mode & 0o1000 != 0 && !who.is_root() && who.name != own && who.name != above.owner {
            return Err(Fault::NotPermitted);
        }
        Ok(())
    }

    /// Gives `from` the name `to`; what was there before, a file, is gone.
    pub fn rename(&self, who: &User, from: &str, to: &str) -> Result<()> {
        let mut owners = self.owners();
        let old = self.walk(&owners, who, from, Last::Keep)?;
        let new = self.walk(&owners, who, to, Last::Keep)?;
        let is_dir = old.metadata.as_ref().ok_or(Fault::NotFound)?.is_dir();
        self.may_unlink(&owners, who, &old)?;
        who.may_change(&owners.of(&new.place.parent(), true))?;
        if new.place.parts().starts_with(old.place.parts()) && new.place != old.place {
            return Err(Fault::Invalid);
        }
        fs_err::rename(self.real(&old.place), self.real(&new.place))?;
        if old.place != new.place {
            owners.rename(&old.place, is_dir, &new.place)?;
        }
        Ok(())
    }

    /// Makes a link at `path` that points to `target`, whatever that is.
    pub fn link(&self, who: &User, target: &str, path: &str) -> Result<()> {
        let mut owners = self.owners();
        let found = self.walk(&owners, who, path, Last::Keep)?;
        if found.metadata.is_some() {
            return Err(Fault::Exists);
        }
        who.may_change(&owners.of(&found.place.parent(), true))?;
        owners.set(&found.place, false, who.meta(0o777))?;
        Ok(std::os::unix::fs::symlink(target, self.real(&found.place))?)
    }

    /// Changes the mode of what is at `path`; its owner and root may.
    pub fn set_mode(&self, who: &User, path: &str, mode: impl FnOnce(&Stat) -> u32) -> Result<()> {
        let stat = self.stat(who, path)?;
        if !who.is_root() && who.name != stat.meta.owner {
            return Err(Fault::NotPermitted);
        }
        let meta = Meta { mode: mode(&stat) & 0o7777, ..stat.meta.clone() };
        Ok(self.owners().set(&stat.place, stat.is_dir(), meta)?)
    }

    /// Changes owner and group of what is at `path`, where they are given. Only root may.
    pub fn set_owner(&self, who: &User, path: &str, owner: Option<&str>, group: Option<&str>) -> Result<()> {
        let stat = self.lstat(who, path)?;
        if !who.is_root() {
            return Err(Fault::NotPermitted);
        }
        let meta = Meta {
            owner: owner.map_or(stat.meta.owner.clone(), str::to_owned),
            group: group.map_or(stat.meta.group.clone(), str::to_owned),
            mode: stat.meta.mode,
        };
        let mut owners = self.owners();
        if stat.is_dir() {
            owners.pin(self.children(&stat.place)?);
        }
        Ok(owners.set(&stat.place, stat.is_dir(), meta)?)
    }

    fn children(&self, place: &Place) -> Result<Vec<(Place, bool)>> {
        let child = |name: String| {
            let child = place.child(&name);
            let is_dir = self.real(&child).symlink_metadata().is_ok_and(|m| m.is_dir());
            (child, is_dir)
        };
        Ok(self.names(place)?.into_iter().map(child).collect())
    }

    /// A file to append to that stays open, as a service's log does. Made, and the folders above it, if missing.
    pub fn open_log(&self, path: &str, meta: Meta) -> Result<std::fs::File> {
        let root = User::root();
        let mut owners = self.owners();
        let found = self.walk(&owners, &root, path, Last::Follow)?;
        if found.metadata.is_none() {
            owners.set(&found.place, false, meta)?;
        }
        Ok(fs_err::OpenOptions::new().create(true).append(true).open(self.real(&found.place))?.into_file())
    }
}
