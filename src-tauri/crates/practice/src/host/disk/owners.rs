//! Who owns what on the disk, and its mode: kept beside the files, because the files themselves all belong to the
//! person whose computer this is.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::path::Place;
use crate::atomic::{self, Durability};

/// Owner, group and mode.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Meta {
    /// User name.
    pub owner: String,
    /// Group name.
    pub group: String,
    /// Permission bits, with set-uid, set-gid and sticky.
    pub mode: u32,
}

impl Meta {
    /// From its parts.
    pub fn new(owner: &str, group: &str, mode: u32) -> Self {
        Self { owner: owner.to_owned(), group: group.to_owned(), mode }
    }
}

/// The index. What is not in it belongs to the owner of the folder above and has mode 644 (755 for a folder): so the
/// files that a service writes by itself are the service's.
#[derive(Debug)]
pub(crate) struct Owners {
    file: PathBuf,
    entries: BTreeMap<String, Meta>,
}

impl Owners {
    /// Reads the index; one that is missing or broken is empty, and then all is root's.
    pub fn read(file: &Path) -> Self {
        let text = fs_err::read(file).unwrap_or_default();
        Self { file: file.to_owned(), entries: serde_json::from_slice(&text).unwrap_or_default() }
    }

    /// An index of these entries, written.
    pub fn create(file: &Path, entries: BTreeMap<String, Meta>) -> io::Result<Self> {
        let owners = Self { file: file.to_owned(), entries };
        owners.save()?;
        Ok(owners)
    }

    /// What holds for `place`.
    pub fn of(&self, place: &Place, is_dir: bool) -> Meta {
        self.entries.get(&place.to_string()).cloned().unwrap_or_else(|| self.inherited(place, is_dir))
    }

    fn inherited(&self, place: &Place, is_dir: bool) -> Meta {
        let mode = if is_dir { 0o755 } else { 0o644 };
        let mut above = place.clone();
        while above.name().is_some() {
            above.ascend();
            if let Some(meta) = self.entries.get(&above.to_string()) {
                return Meta { mode, ..meta.clone() };
            }
        }
        Meta::new("root", "root", mode)
    }

    /// Makes `meta` hold for `place`.
    pub fn set(&mut self, place: &Place, is_dir: bool, meta: Meta) -> io::Result<()> {
        if self.of(place, is_dir) == meta {
            return Ok(());
        }
        if self.inherited(place, is_dir) == meta {
            self.entries.remove(&place.to_string());
        } else {
            self.entries.insert(place.to_string(), meta);
        }
        self.save()
    }

    /// Notes what holds for these places by inheritance, before what they inherit from changes.
    pub fn pin(&mut self, places: impl IntoIterator<Item = (Place, bool)>) {
        for (place, is_dir) in places {
            let meta = self.of(&place, is_dir);
            self.entries.insert(place.to_string(), meta);
        }
    }

    /// Forgets `place` and all below it.
    pub fn forget(&mut self, place: &Place) -> io::Result<()> {
        let before = self.entries.len();
        self.entries.retain(|path, _| !is_within(path, place));
        if self.entries.len() == before { Ok(()) } else { self.save() }
    }

    /// `from` is now called `to`, with all below it.
    pub fn rename(&mut self, from: &Place, is_dir: bool, to: &Place) -> io::Result<()> {
        self.pin([(from.clone(), is_dir)]);
        self.entries.retain(|path, _| !is_within(path, to));
        let moved: Vec<String> = self.entries.keys().filter(|path| is_within(path, from)).cloned().collect();
        for old in moved {
            if let Some(meta) = self.entries.remove(&old) {
                self.entries.insert(format!("{to}{}", &old[from.to_string().len()..]), meta);
            }
        }
        self.save()
    }

    fn save(&self) -> io::Result<()> {
        atomic::write(&self.file, &serde_json::to_vec(&self.entries)?, 0o644, Durability::Cached)
    }
}

fn is_within(path: &str, place: &Place) -> bool {
    let top = place.to_string();
    path.strip_prefix(top.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
