//! Why a plan file could not be read.

use words::{Problem, text};

use crate::ClusterPlan;

/// Why a plan file could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// It is not TOML.
    #[error("line {line}, column {column}: {message}")]
    NotToml {
        /// Line, from 1.
        line: usize,
        /// Column, from 1, in characters.
        column: usize,
        /// The parser's words.
        message: String,
    },
}

impl PlanError {
    /// As a person meets it.
    pub fn problem(&self) -> Problem {
        match self {
            Self::NotToml { line, message, .. } => Problem::new(
                "plan-not-toml",
                text!("The plan can’t be read: line {line} is not TOML.", "Le plan est illisible : la ligne {line} n’est pas du TOML."),
                text!("Correct line {line}.", "Corrigez la ligne {line}."),
            )
            .with_evidence(message.clone()),
        }
    }
}

impl ClusterPlan {
    /// Reads a plan file.
    pub fn from_toml(file: &str) -> Result<Self, PlanError> {
        toml::from_str(file).map_err(|e| PlanError::NotToml { line: 1, column: 1, message: e.message().into() })
    }

    /// The plan as a file.
    pub fn to_toml(&self) -> String {
        toml::to_string(self).unwrap_or_default()
    }
}
