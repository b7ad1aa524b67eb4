//! An exported bundle, read back. Nothing is unpacked: the plan is all that is read, everything else follows from it.

mod zipped;

use std::{
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
};

use plan::{ClusterPlan, PlanError};
use words::{Problem, text};

/// The plan's name in a bundle.
const PLAN: &str = "plan.toml";

/// The largest plan that is read, bytes: a plan of 10,000 machines is half of it.
const LARGEST_PLAN: u64 = 4 << 20;

/// Why a bundle could not be imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// It is no bundle of Startline.
    #[error("{}: {why}", .path.display())]
    NotOne {
        /// What was to be imported.
        path: PathBuf,
        /// What is missing or wrong.
        why: String,
    },
    /// It is larger than any bundle.
    #[error("{}: {what} is larger than {limit} bytes", .path.display())]
    TooLarge {
        /// What was to be imported.
        path: PathBuf,
        /// What of it is too large.
        what: String,
        /// The limit, bytes.
        limit: u64,
    },
    /// It has names that would leave its own folder if it were unpacked: nobody makes such a bundle by accident.
    #[error("{}: {entry}", .path.display())]
    Unsafe {
        /// What was to be imported.
        path: PathBuf,
        /// The name in it.
        entry: String,
    },
    /// The disk refused.
    #[error("{}: {source}", .path.display())]
    CannotRead {
        /// Where.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Its plan can't be read.
    #[error("{}: {source}", .path.display())]
    PlanBroken {
        /// What was to be imported.
        path: PathBuf,
        /// Why.
        source: Box<PlanError>,
    },
}

impl ImportError {
    /// How a person meets it.
    pub fn problem(&self) -> Problem {
        match self {
            Self::NotOne { path, why } => not_one(path, why),
            Self::TooLarge { path, what, limit } => too_large(path, what, *limit),
            Self::Unsafe { path, entry } => not_safe(path, entry),
            Self::CannotRead { path, source } => cannot_read(path, source),
            Self::PlanBroken { path, source } => plan_broken(path, source),
        }
    }
}

fn not_one(path: &Path, why: &str) -> Problem {
    let path = path.display();
    Problem::new(
        "bundle-not-one",
        text!("{path} is not a bundle that Startline exported.", "{path} n’est pas un export de Startline."),
        text!(
            "Choose a folder with a {PLAN} in it, or a .zip that Startline exported.",
            "Choisissez un dossier qui contient un {PLAN}, ou un .zip exporté par Startline."
        ),
    )
    .with_evidence(why)
}

fn too_large(path: &Path, what: &str, limit: u64) -> Problem {
    let path = path.display();
    Problem::new(
        "bundle-too-large",
        text!("{path} is larger than any bundle of Startline.", "{path} est plus gros que tout export de Startline."),
        text!(
            "Check that it is the right file, and ask whoever sent it to export it again.",
            "Vérifiez que c’est le bon fichier, et demandez à qui l’a envoyé de l’exporter de nouveau."
        ),
    )
    .with_evidence(format!("{what} > {} MiB", limit >> 20))
}

fn not_safe(path: &Path, entry: &str) -> Problem {
    let path = path.display();
    Problem::new(
        "bundle-unsafe",
        text!(
            "{path} holds a name that would write outside of its own folder, so nothing was read from it.",
            "{path} contient un nom qui écrirait hors de son propre dossier : rien n’en a été lu."
        ),
        text!(
            "Do not unpack it with another program. Ask whoever sent it where it comes from.",
            "Ne le décompressez pas avec un autre programme. Demandez à qui l’a envoyé d’où il vient."
        ),
    )
    .with_evidence(entry.escape_default().to_string())
}

fn cannot_read(path: &Path, source: &io::Error) -> Problem {
    let path = path.display();
    Problem::new(
        "bundle-cannot-read",
        text!("{path} could not be read.", "{path} n’a pas pu être lu."),
        text!("Check that it is there and that you may read it.", "Vérifiez qu’il existe et que vous pouvez le lire."),
    )
    .with_evidence(source.to_string())
}

fn plan_broken(path: &Path, source: &PlanError) -> Problem {
    let inner = source.problem();
    let path = path.display();
    let mut problem = Problem::new(
        "bundle-plan-broken",
        text!("The plan in {path} can’t be read.", "Le plan dans {path} est illisible."),
        inner.next,
    )
    .with_evidence(inner.what.en);
    problem.evidence.extend(inner.evidence);
    problem
}

/// The plan of an exported bundle: a folder (a cluster's own will do) or a `.zip`.
pub fn import(path: &Path) -> Result<ClusterPlan, ImportError> {
    let text = if fs::metadata(path).map_err(cannot(path))?.is_dir() { in_folder(path)? } else { zipped::plan(path)? };
    ClusterPlan::from_toml(&text).map_err(|source| ImportError::PlanBroken { path: path.into(), source: source.into() })
}

fn in_folder(folder: &Path) -> Result<String, ImportError> {
    let path = folder.join(PLAN);
    match fs::symlink_metadata(&path) {
        Ok(there) if there.is_file() => {}
        Ok(_) => return Err(no_bundle(folder, format!("{PLAN} is not a file"))),
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Err(no_bundle(folder, format!("no {PLAN}"))),
        Err(e) => return Err(cannot(&path)(e)),
    }
    let file = fs::File::open(&path).map_err(cannot(&path))?;
    read_plan(folder, file)
}

/// Reads a plan's text, whatever size it claims to have.
fn read_plan(bundle: &Path, from: impl Read) -> Result<String, ImportError> {
    let mut bytes = Vec::new();
    from.take(LARGEST_PLAN + 1).read_to_end(&mut bytes).map_err(cannot(bundle))?;
    if bytes.len() as u64 > LARGEST_PLAN {
        return Err(ImportError::TooLarge { path: bundle.into(), what: PLAN.into(), limit: LARGEST_PLAN });
    }
    String::from_utf8(bytes).map_err(|e| no_bundle(bundle, format!("{PLAN}: {e}")))
}

fn no_bundle(path: &Path, why: impl Into<String>) -> ImportError {
    ImportError::NotOne { path: path.into(), why: why.into() }
}

fn cannot(path: &Path) -> impl FnOnce(io::Error) -> ImportError {
    let path = path.to_owned();
    move |source| ImportError::CannotRead { path, source }
}
