//! A bundle on disk: as a folder, or as one `.zip`.

use std::{
    io,
    path::{Path, PathBuf},
};

use words::{Action, Problem, text};

use crate::Bundle;

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

/// Exports as a folder. The folder appears whole or not at all; a former export is brought up to date, and files in it
/// that are not Startline's stay as they are.
pub fn export_folder(bundle: &Bundle, dest: &Path) -> Result<(), ExportError> {
    let _ = (bundle, dest);
    todo!("within the hour")
}

/// Exports as one `.zip`, the same bytes for the same bundle. It appears whole or not at all; a former export is replaced.
pub fn export_zip(bundle: &Bundle, dest: &Path) -> Result<(), ExportError> {
    let _ = (bundle, dest);
    todo!("within the hour")
}
