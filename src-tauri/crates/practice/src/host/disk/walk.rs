//! From a path as it is written to the place it means.
//!
//! Every component is looked at by itself and every link is read and followed here, within the machine's root: the
//! system never follows one for us. So neither `..` nor a link can lead outside.

use std::{fs::Metadata, io, path::PathBuf};

use super::{
    Disk,
    fault::{Fault, Result},
    owners::Owners,
    path::Place,
};
use crate::host::users::User;

/// As many links as Linux follows.
const MOST_LINKS: usize = 40;
/// As Linux has it.
const LONGEST_NAME: usize = 255;
/// As Linux has it.
const LONGEST_PATH: usize = 4096;

/// What is at the end of a path.
#[derive(Debug)]
pub(super) struct Found {
    pub place: Place,
    /// `None`: nothing is there, but the folder that it would be in is.
    pub metadata: Option<Metadata>,
}

/// What to do with a link at the very end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Last {
    /// Go where it points to.
    Follow,
    /// Mean the link itself.
    Keep,
}

impl Disk {
    /// Where `place` lies on the real disk.
    pub(super) fn real(&self, place: &Place) -> PathBuf {
        place.parts().iter().fold(self.root.clone(), |path, part| path.join(part))
    }

    pub(super) fn walk(&self, owners: &Owners, who: &User, path: &str, last: Last) -> Result<Found> {
        if path.len() > LONGEST_PATH {
            return Err(Fault::TooLong);
        }
        if path.is_empty() {
            return Err(Fault::NotFound);
        }
        let mut ahead = Ahead::new(path);
        let mut here = Place::default();
        let mut links = 0;
        while let Some(part) = ahead.next()? {
            match part.as_str() {
                "" | "." => continue,
                ".." => {
                    here.ascend();
                    continue;
                }
                _ => {}
            }
            who.may_search(&owners.of(&here, true))?;
            let next = here.child(&part);
            match fs_err::symlink_metadata(self.real(&next)) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    return if ahead.is_over() {
                        Ok(Found { place: next, metadata: None })
                    } else {
                        Err(Fault::NotFound)
                    };
                }
                Err(error) => return Err(error.into()),
                Ok(metadata) if metadata.is_symlink() && (last == Last::Follow || !ahead.is_empty()) => {
                    links += 1;
                    if links > MOST_LINKS {
                        return Err(Fault::Loop);
                    }
                    let target = self.link_target(&next)?;
                    if target.starts_with('/') {
                        here.restart();
                    }
                    ahead.insert(&target);
                }
                Ok(metadata) if metadata.is_dir() => here.descend(part),
                Ok(_) if !ahead.is_empty() => return Err(Fault::NotDirectory),
                Ok(metadata) => return Ok(Found { place: next, metadata: Some(metadata) }),
            }
        }
        let metadata = fs_err::symlink_metadata(self.real(&here))?;
        Ok(Found { place: here, metadata: Some(metadata) })
    }

    pub(super) fn link_target(&self, place: &Place) -> Result<String> {
        let target = fs_err::read_link(self.real(place))?;
        target.into_os_string().into_string().map_err(|_| Fault::Invalid)
    }
}

/// The names that are still to be walked, last first.
struct Ahead(Vec<String>);

impl Ahead {
    fn new(path: &str) -> Self {
        let mut ahead = Self(Vec::new());
        ahead.insert(path);
        ahead
    }

    fn insert(&mut self, path: &str) {
        self.0.extend(path.split('/').rev().map(str::to_owned));
    }

    fn next(&mut self) -> Result<Option<String>> {
        match self.0.pop() {
            Some(part) if part.len() > LONGEST_NAME => Err(Fault::TooLong),
            Some(part) if part.contains('\0') => Err(Fault::Invalid),
            part => Ok(part),
        }
    }

    /// Nothing at all follows.
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Nothing follows but slashes.
    fn is_over(&self) -> bool {
        self.0.iter().all(String::is_empty)
    }
}
