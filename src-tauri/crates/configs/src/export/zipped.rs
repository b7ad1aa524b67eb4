//! A bundle as one `.zip`.

use std::{
    fs,
    io::{self, Cursor, Read, Write},
    path::Path,
};

use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter, write::SimpleFileOptions};

use super::{ExportError, at, parent, taken};
use crate::{Bundle, bundle::Content, manifest, quote};

/// Exports as one `.zip`, the same bytes for the same bundle, with everything in one folder of the cluster's name. It
/// appears whole or not at all; a former export is replaced.
pub fn export_zip(bundle: &Bundle, dest: &Path) -> Result<(), ExportError> {
    if fs::symlink_metadata(dest).is_ok() && !is_former(dest) {
        return Err(taken(dest));
    }
    let around = parent(dest);
    fs::create_dir_all(around).map_err(at(around))?;
    let mut file = temporary(around).map_err(at(around))?;
    let archive = pack(bundle).map_err(at(dest))?;
    file.write_all(&archive).map_err(at(dest))?;
    file.persist(dest).map_err(|e| at(dest)(e.error))?;
    Ok(())
}

#[cfg(unix)]
fn temporary(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    use std::os::unix::fs::PermissionsExt;
    // A bundle is made to be sent to others; a temporary file is otherwise its owner's alone.
    let mode = fs::Permissions::from_mode(0o644);
    tempfile::Builder::new().prefix(".startline-export-").permissions(mode).tempfile_in(folder)
}

#[cfg(not(unix))]
fn temporary(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    tempfile::Builder::new().prefix(".startline-export-").tempfile_in(folder)
}

/// The archive, in memory: a bundle of thousands of machines takes some tens of megabytes.
fn pack(bundle: &Bundle) -> io::Result<Vec<u8>> {
    let folder = quote::segment(&bundle.name);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for item in bundle.items() {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(DateTime::default())
            .unix_permissions(item.mode);
        zip.start_file(format!("{folder}/{}", item.path), options)?;
        match item.content {
            Content::Text(text) => zip.write_all(text.as_bytes())?,
            Content::CopyOf(file) => io::copy(&mut fs::File::open(file)?, &mut zip).map(drop)?,
        }
    }
    Ok(zip.finish()?.into_inner())
}

fn is_former(path: &Path) -> bool {
    let Ok(Ok(mut archive)) = fs::File::open(path).map(ZipArchive::new) else { return false };
    let in_one_folder = |name: &str| name.split_once('/').is_some_and(|(_, file)| file == manifest::PATH);
    let found = archive.file_names().flatten().find(|name| in_one_folder(name)).map(|name| name.into_owned());
    let Some(name) = found else { return false };
    let Ok(file) = archive.by_name(&name) else { return false };
    let mut start = String::new();
    file.take(manifest::MARK.len() as u64).read_to_string(&mut start).is_ok() && start == manifest::MARK
}
