//! A bundle as a folder.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Component, Path, PathBuf},
};

use tempfile::TempDir;

use super::{ExportError, at, parent, taken};
use crate::{
    Bundle,
    bundle::{Content, Item},
    manifest,
};

/// Where [`write_folder`] gathers the files.
const WRITING: &str = ".startline-writing";

/// Exports as a folder. A new folder appears whole or not at all. A former export is brought up to date, as
/// [`write_folder`] does it; any other folder that holds something is refused.
pub fn export_folder(bundle: &Bundle, dest: &Path) -> Result<(), ExportError> {
    let there = look(dest)?;
    let around = parent(dest);
    fs::create_dir_all(around).map_err(at(around))?;
    let (_stage, fresh) = stage(bundle, around, tempfile::Builder::new().prefix(".startline-export-"))?;
    match there {
        There::Nothing => fs::rename(&fresh, dest).map_err(at(dest)),
        There::EmptyFolder => fs::remove_dir(dest).and_then(|()| fs::rename(&fresh, dest)).map_err(at(dest)),
        There::Former(paths) => renew(bundle, &fresh, dest, &paths),
    }
}

/// Writes into a folder that is the program's own, such as a cluster's: every file of the bundle is replaced whole, those
/// that an earlier bundle had and this one has not are removed, and whatever else lies there stays as it is.
pub fn write_folder(bundle: &Bundle, folder: &Path) -> Result<(), ExportError> {
    fs::create_dir_all(folder).map_err(at(folder))?;
    // The program may have been killed while it wrote. The folder is its own, so what it left there then goes now.
    match fs::remove_dir_all(folder.join(WRITING)) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(at(folder)(e)),
        _ => {}
    }
    let (_stage, fresh) = stage(bundle, folder, tempfile::Builder::new().prefix(WRITING).rand_bytes(0))?;
    let former = former(folder).unwrap_or_default();
    renew(bundle, &fresh, folder, &former)
}

/// Writes everything into a folder of its own within `around` first: a disk that is full is found out before anything is
/// touched. That folder goes when its guard is dropped.
fn stage(bundle: &Bundle, around: &Path, named: &tempfile::Builder) -> Result<(TempDir, PathBuf), ExportError> {
    let guard = named.tempdir_in(around).map_err(at(around))?;
    let fresh = guard.path().join("bundle");
    write_all(bundle, &fresh).map_err(at(around))?;
    Ok((guard, fresh))
}

enum There {
    Nothing,
    EmptyFolder,
    /// A former export, with the paths that it consists of.
    Former(BTreeSet<String>),
}

fn look(dest: &Path) -> Result<There, ExportError> {
    let mut entries = match fs::read_dir(dest) {
        Ok(entries) => entries,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(There::Nothing),
        Err(e) if e.kind() == io::ErrorKind::NotADirectory && dest.exists() => return Err(taken(dest)),
        Err(e) => return Err(at(dest)(e)),
    };
    if entries.next().is_none() {
        return Ok(There::EmptyFolder);
    }
    former(dest).map(There::Former).ok_or_else(|| taken(dest))
}

/// The paths that a former export consists of; none if this is none.
fn former(folder: &Path) -> Option<BTreeSet<String>> {
    let list = fs::read_to_string(folder.join(manifest::PATH)).ok()?;
    Some(manifest::paths(&list)?.filter(|p| is_inside(p)).map(Into::into).collect())
}

/// Whether a path from a list that anybody may have written stays within its folder.
fn is_inside(path: &str) -> bool {
    !path.is_empty() && Path::new(path).components().all(|c| matches!(c, Component::Normal(_)))
}

fn write_all(bundle: &Bundle, folder: &Path) -> io::Result<()> {
    for item in bundle.items() {
        let path = folder.join(item.path);
        fs::create_dir_all(parent(&path))?;
        match item.content {
            Content::Text(text) => fs::write(&path, text)?,
            Content::CopyOf(file) => fs::copy(file, &path).map(drop)?,
        }
        set_mode(&path, item.mode)?;
    }
    Ok(())
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn set_mode(_: &Path, _: u32) -> io::Result<()> {
    Ok(())
}

fn renew(bundle: &Bundle, fresh: &Path, dest: &Path, former: &BTreeSet<String>) -> Result<(), ExportError> {
    if bundle.items().any(|item| leads_elsewhere(dest, item.path)) {
        return Err(taken(dest));
    }
    // The list comes last: until all files are there, the old one says what may be removed.
    let (list, others): (Vec<Item>, Vec<Item>) = bundle.items().partition(|item| item.path == manifest::PATH);
    for item in others.into_iter().chain(list) {
        let path = dest.join(item.path);
        fs::create_dir_all(parent(&path)).map_err(at(&path))?;
        fs::rename(fresh.join(item.path), &path).map_err(at(&path))?;
    }
    for path in former {
        if bundle.at(path).is_none() && !leads_elsewhere(dest, path) {
            remove(dest, path).map_err(at(&dest.join(path)))?;
        }
    }
    Ok(())
}

/// Whether a folder on the way to `path` is a link, so that what is written there would land somewhere else.
fn leads_elsewhere(dest: &Path, path: &str) -> bool {
    let folders = Path::new(path).ancestors().skip(1).filter(|p| !p.as_os_str().is_empty());
    folders.into_iter().any(|folder| fs::symlink_metadata(dest.join(folder)).is_ok_and(|m| !m.is_dir()))
}

/// Removes a file, and the folders that are empty without it.
fn remove(dest: &Path, path: &str) -> io::Result<()> {
    match fs::remove_file(dest.join(path)) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
        _ => {}
    }
    let folders = Path::new(path).ancestors().skip(1).filter(|p| !p.as_os_str().is_empty());
    for folder in folders {
        // A folder that still holds something stays.
        if fs::remove_dir(dest.join(folder)).is_err() {
            break;
        }
    }
    Ok(())
}
