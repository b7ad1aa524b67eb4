//! The plan in a `.zip` that anybody may have made.

use std::{fs, path::Path};

use zip::{ZipArchive, result::ZipError};

use super::{ImportError, PLAN, cannot, no_bundle, read_plan};

/// The largest archive that is opened, bytes: a bundle of thousands of machines.
const LARGEST: u64 = 128 << 20;

/// The plan's text.
pub fn plan(path: &Path) -> Result<String, ImportError> {
    let file = fs::File::open(path).map_err(cannot(path))?;
    if file.metadata().map_err(cannot(path))?.len() > LARGEST {
        return Err(ImportError::TooLarge { path: path.into(), what: "zip".into(), limit: LARGEST });
    }
    let mut archive = ZipArchive::new(file).map_err(|e| broken(path, e))?;
    let name = find(path, &archive)?;
    let entry = archive.by_name(&name).map_err(|e| broken(path, e))?;
    if !entry.is_file() {
        return Err(no_bundle(path, format!("{name} is not a file")));
    }
    read_plan(path, entry)
}

/// The plan lies at the top, or in the one folder at the top.
fn find(path: &Path, archive: &ZipArchive<fs::File>) -> Result<String, ImportError> {
    let mut found = Vec::new();
    for name in archive.file_names() {
        let name = name.map_err(|e| broken(path, e))?;
        if leaves_its_folder(&name) {
            return Err(ImportError::Unsafe { path: path.into(), entry: name.into() });
        }
        if name == PLAN || name.split_once('/').is_some_and(|(_, file)| file == PLAN) {
            found.push(name);
        }
    }
    match (found.pop(), found.is_empty()) {
        (Some(one), true) => Ok(one.into_owned()),
        (Some(_), false) => Err(no_bundle(path, format!("more than one {PLAN}"))),
        (None, _) => Err(no_bundle(path, format!("no {PLAN}"))),
    }
}

/// Whether a name would be written outside of the folder that the archive is unpacked to, on any system.
fn leaves_its_folder(name: &str) -> bool {
    name.starts_with('/') || name.contains(['\\', ':', '\0']) || name.split('/').any(|part| part == "..")
}

fn broken(path: &Path, error: ZipError) -> ImportError {
    match error {
        ZipError::Io(source) if source.kind() != std::io::ErrorKind::UnexpectedEof => cannot(path)(source),
        other => no_bundle(path, other.to_string()),
    }
}
