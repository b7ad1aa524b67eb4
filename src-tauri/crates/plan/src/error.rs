//! Why a plan file could not be read.

use words::{Problem, Text, text};

use crate::Place;

/// Why a plan file could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// It is not TOML.
    #[error("line {}, column {}: {message}", place.line, place.column)]
    NotToml {
        /// Where.
        place: Place,
        /// The parser's words.
        message: String,
    },
    /// It has a key that means nothing.
    #[error("line {}, column {}: unknown key {path}", place.line, place.column)]
    UnknownKey {
        /// Where.
        place: Place,
        /// The key, with its parents: `nodes[1].adress`.
        path: String,
        /// The key that was probably meant.
        meant: Option<String>,
        /// The keys that there are.
        known: Box<[String]>,
    },
    /// It has a word where another is expected: `provider = "vmware"`.
    #[error("line {}, column {}: {path} can’t be “{word}”", place.line, place.column)]
    UnknownWord {
        /// Where.
        place: Place,
        /// The key.
        path: String,
        /// The word.
        word: String,
        /// The word that was probably meant.
        meant: Option<String>,
        /// The words that there are.
        known: Box<[String]>,
    },
    /// A key that is needed is missing.
    #[error("line {}, column {}: {path} is missing", place.line, place.column)]
    MissingKey {
        /// Where it should be.
        place: Place,
        /// The key.
        path: String,
    },
    /// A value is of the wrong kind, or no value of that kind.
    #[error("line {}, column {}: {path}: {reason}", place.line, place.column)]
    WrongType {
        /// Where.
        place: Place,
        /// The key.
        path: String,
        /// What was expected.
        reason: String,
    },
}

impl PlanError {
    /// Where in the file.
    pub fn place(&self) -> &Place {
        match self {
            Self::NotToml { place, .. }
            | Self::UnknownKey { place, .. }
            | Self::UnknownWord { place, .. }
            | Self::MissingKey { place, .. }
            | Self::WrongType { place, .. } => place,
        }
    }

    /// The key that is meant, with its parents; nothing where it could not be told.
    pub fn key(&self) -> &str {
        match self {
            Self::NotToml { .. } => "",
            Self::UnknownKey { path, .. }
            | Self::UnknownWord { path, .. }
            | Self::MissingKey { path, .. }
            | Self::WrongType { path, .. } => path,
        }
    }

    /// The stable id.
    pub fn id(&self) -> &'static str {
        match self {
            Self::NotToml { .. } => "plan-not-toml",
            Self::UnknownKey { .. } => "plan-unknown-key",
            Self::UnknownWord { .. } => "plan-unknown-word",
            Self::MissingKey { .. } => "plan-missing-key",
            Self::WrongType { .. } => "plan-wrong-type",
        }
    }

    /// As a person meets it.
    pub fn problem(&self) -> Problem {
        let Place { line, column, text: source } = self.place();
        let problem =
            Problem::new(self.id(), self.what(), self.next()).with_evidence(format!("{line}:{column}: {source}"));
        match self {
            Self::NotToml { message: reason, .. } | Self::WrongType { reason, .. } => problem.with_evidence(reason),
            _ => problem,
        }
    }

    fn what(&self) -> Text {
        let line = self.place().line;
        match self {
            Self::NotToml { .. } => text!(
                "The plan can’t be read: line {line} is not TOML.",
                "Le plan est illisible : la ligne {line} n’est pas du TOML."
            ),
            Self::UnknownKey { path, .. } => text!(
                "The plan has an unknown key, “{path}”, on line {line}.",
                "Le plan contient une clé inconnue, « {path} », à la ligne {line}."
            ),
            Self::UnknownWord { path, word, .. } => text!(
                "“{word}” is no value for “{path}” (line {line}).",
                "« {word} » n’est pas une valeur pour « {path} » (ligne {line})."
            ),
            Self::MissingKey { path, .. } => {
                text!("The plan lacks “{path}” (line {line}).", "Il manque « {path} » au plan (ligne {line}).")
            }
            Self::WrongType { path, .. } if path.is_empty() => text!(
                "A value of the plan is not what it should be (line {line}).",
                "Une valeur du plan n’est pas ce qu’elle devrait être (ligne {line})."
            ),
            Self::WrongType { path, .. } => text!(
                "“{path}” is not what it should be (line {line}).",
                "« {path} » n’est pas ce qu’il devrait être (ligne {line})."
            ),
        }
    }

    fn next(&self) -> Text {
        let line = self.place().line;
        match self {
            Self::UnknownKey { meant: Some(meant), .. } | Self::UnknownWord { meant: Some(meant), .. } => text!(
                "Probably “{meant}” was meant: correct line {line}.",
                "C’est sans doute « {meant} » : corrigez la ligne {line}."
            ),
            Self::UnknownKey { known, .. } if known.is_empty() => {
                text!("Remove it from line {line}.", "Retirez-la de la ligne {line}.")
            }
            Self::UnknownKey { known, .. } => {
                let known = known.join(", ");
                text!(
                    "Remove it from line {line}, or use one of: {known}.",
                    "Retirez-la de la ligne {line}, ou utilisez l’une de celles-ci : {known}."
                )
            }
            Self::UnknownWord { known, .. } => {
                let known = known.join(", ");
                text!("Use one of: {known}.", "Choisissez parmi : {known}.")
            }
            Self::MissingKey { path, .. } => text!("Add “{path}”.", "Ajoutez « {path} »."),
            Self::NotToml { .. } | Self::WrongType { .. } => {
                text!("Correct line {line}.", "Corrigez la ligne {line}.")
            }
        }
    }
}
