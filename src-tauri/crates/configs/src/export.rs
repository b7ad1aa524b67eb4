//! A bundle on disk: as a folder, or as one `.zip`.

mod folder;
mod zipped;

use std::{
    io,
    path::{Path, PathBuf},
};

use words::{Action, Problem, text};

pub use self::{
    folder::{export_folder, write_folder},
    zipped::export_zip,
};

/// Why a bundle could not be exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// Something that is not a former export lies there.
    #[error("{} exists and is not an export of Startline", .path.display())]
    DestinationExists {
        /// Where.
        path: PathBuf,
    },
    /// The disk refused.
    #[error("{}: {source}", .path.display())]
    CannotWrite {
        /// Where.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl ExportError {
    /// How a person meets it.
    pub fn problem(&self) -> Problem {
        match self {
            Self::DestinationExists { path } => {
                let path = path.display();
                Problem::new(
                    "export-destination-exists",
                    text!(
                        "There is something else at {path}, so nothing was exported.",
                        "Il y a déjà autre chose à l’emplacement {path} : rien n’a été exporté."
                    ),
                    text!("Choose another destination.", "Choisissez une autre destination."),
                )
            }
            Self::CannotWrite { path, source } => {
                let path = path.display();
                Problem::new(
                    "export-cannot-write",
                    text!("The export could not be written to {path}.", "L’export n’a pas pu être écrit dans {path}."),
                    text!(
                        "Make room or choose another destination, then try again.",
                        "Faites de la place ou choisissez une autre destination, puis réessayez."
                    ),
                )
                .with_evidence(source.to_string())
                .with_action(Action::Retry)
            }
        }
    }
}

/// Says where a system error happened.
fn at(path: &Path) -> impl FnOnce(io::Error) -> ExportError {
    let path = path.to_owned();
    move |source| ExportError::CannotWrite { path, source }
}

fn taken(path: &Path) -> ExportError {
    ExportError::DestinationExists { path: path.to_owned() }
}

/// The folder that something lies in.
fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}
