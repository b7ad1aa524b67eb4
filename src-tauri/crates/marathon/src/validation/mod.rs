//! What Marathon would refuse, with Marathon's paths and words.
//!
//! Two passes, as in Marathon: the form of the JSON (`form`, driven by the table in `fields`), with the words of the
//! JSON library (`error.expected.jsstring`, `error.min`, …), then the sense of the application (`rules`), with
//! Marathon's sentences. What Marathon 1.11's JSON schema refuses is refused here too.

mod constraints;
mod fields;
mod form;
mod health;
mod networking;
mod rules;
mod texts;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::AppDefinition;

/// Something that Marathon would refuse.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Violation {
    /// Where, as Marathon writes it: `/healthChecks(0)/path`. `/` for the application as a whole.
    pub path: String,
    /// Why, in Marathon's words.
    pub message: String,
}

impl Violation {
    /// A violation at a path.
    pub fn new(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { path: path.into(), message: message.into() }
    }
}

/// What is wrong with the form of a group's JSON.
pub(crate) fn of_group(json: &Value) -> Vec<Violation> {
    form::violations_of_group(json)
}

impl AppDefinition {
    /// What Marathon would refuse; nothing for an application that it takes.
    pub fn validate(&self) -> Vec<Violation> {
        let mut found = rules::numbers(self);
        match serde_json::to_value(self) {
            Ok(json) => found.extend(Self::form_violations(&json)),
            Err(error) => found.push(Violation::new("/", error.to_string())),
        }
        found.extend(rules::all(self));
        found
    }

    /// What is wrong with the form of an application's JSON: types, ranges, patterns, unknown fields. JSON without any
    /// such violation can be read as an [`AppDefinition`].
    pub fn form_violations(json: &Value) -> Vec<Violation> {
        form::violations(json)
    }

    /// Reads an application that Marathon would take, or says why it would not.
    pub fn from_json(json: Value) -> Result<Self, Vec<Violation>> {
        let found = Self::form_violations(&json);
        if !found.is_empty() {
            return Err(found);
        }
        let app: Self = serde_json::from_value(json).map_err(|e| vec![Violation::new("/", e.to_string())])?;
        let found = app.validate();
        if found.is_empty() { Ok(app) } else { Err(found) }
    }
}
