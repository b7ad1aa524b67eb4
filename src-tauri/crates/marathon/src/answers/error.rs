//! The body of an answer that says no.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Identifiable, Violation};

/// The body of an answer that says no. Source: `types/error.raml`, and what Marathon really answers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ErrorBody {
    /// What went wrong.
    #[serde(default)]
    pub message: String,
    /// Where and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<ErrorDetails>,
    /// The deployments that lock the application (409).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deployments: Vec<Identifiable>,
}

/// Where and why: mostly a list, sometimes a sentence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ErrorDetails {
    /// By path.
    Fields(Vec<ErrorDetail>),
    /// In one sentence.
    Sentence(String),
    /// In a form that nobody documented.
    Odd(Value),
}

/// What is wrong with one field.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorDetail {
    /// The field, such as `/upgradeStrategy/minimumHealthCapacity`.
    #[serde(default)]
    pub path: String,
    /// What is wrong with it.
    #[serde(default)]
    pub errors: Vec<String>,
}

impl ErrorBody {
    /// A refusal with its reasons by path, as Marathon answers with status 422.
    pub fn not_valid(violations: &[Violation]) -> Self {
        let mut details: Vec<ErrorDetail> = Vec::new();
        for v in violations {
            match details.iter_mut().find(|d| d.path == v.path) {
                Some(detail) => detail.errors.push(v.message.clone()),
                None => details.push(ErrorDetail { path: v.path.clone(), errors: vec![v.message.clone()] }),
            }
        }
        Self {
            message: "Object is not valid".into(),
            details: Some(ErrorDetails::Fields(details)),
            deployments: Vec::new(),
        }
    }

    /// The reasons, one a line.
    pub fn reasons(&self) -> Vec<String> {
        match &self.details {
            None => Vec::new(),
            Some(ErrorDetails::Sentence(sentence)) => vec![sentence.clone()],
            Some(ErrorDetails::Odd(value)) => vec![value.to_string()],
            Some(ErrorDetails::Fields(fields)) => {
                fields.iter().flat_map(|f| f.errors.iter().map(move |e| format!("{}: {e}", f.path))).collect()
            }
        }
    }
}
