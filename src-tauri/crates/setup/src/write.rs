//! Writing files so that a crash leaves the old one or the new one, never half of one.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
};

use words::{Problem, text};

/// A file could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {}: {source}", path.display())]
pub struct WriteError {
    /// Which.
    pub path: PathBuf,
    /// The system's reason.
    pub source: io::Error,
}

impl WriteError {
    /// How a person meets it.
    pub fn problem(&self) -> Problem {
        let path = self.path.display();
        let (id, next) = match self.source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => (
                "disk-full",
                text!(
                    "Free some space on that disk, then try again.",
                    "Libérez de la place sur ce disque, puis réessayez."
                ),
            ),
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => (
                "folder-not-writable",
                text!(
                    "Give yourself the right to write there, or choose another data folder with STARTLINE_HOME.",
                    "Donnez-vous le droit d’y écrire, ou choisissez un autre dossier de données avec STARTLINE_HOME."
                ),
            ),
            _ => (
                "file-not-written",
                text!(
                    "Look at the folder and the disk, then try again.",
                    "Vérifiez le dossier et le disque, puis réessayez."
                ),
            ),
        };
        Problem::new(id, text!("{path} could not be written.", "{path} n’a pas pu être écrit."), next)
            .with_evidence(self.source.to_string())
    }
}

/// Writes a file: to a temporary name beside it, flushed to the disk, renamed. Makes the folders above it.
///
/// # Errors
/// [`WriteError`]; the old file, if there was one, is then untouched.
pub fn write_file(path: &Path, content: &[u8], mode: u32) -> Result<(), WriteError> {
    write(path, content, mode).map_err(|source| WriteError { path: path.to_owned(), source })
}

fn write(path: &Path, content: &[u8], mode: u32) -> io::Result<()> {
    let folder = path.parent().ok_or_else(|| io::Error::other("a file needs a folder"))?;
    fs_err::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(content)?;
    set_mode(file.as_file(), mode)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|e| e.error)?;
    Ok(())
}

#[cfg(unix)]
fn set_mode(file: &std::fs::File, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(std::fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn set_mode(_: &std::fs::File, _: u32) -> io::Result<()> {
    Ok(())
}
