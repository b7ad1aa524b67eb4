//! What Marathon would refuse, with Marathon's paths and words.

use serde::{Deserialize, Serialize};

use crate::AppDefinition;

/// Something that Marathon would refuse.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Violation {
    /// Where, as Marathon writes it: `/healthChecks(0)/path`. `/` for the application as a whole.
    pub path: String,
    /// Why, in Marathon's words.
    pub message: String,
}

impl AppDefinition {
    /// What Marathon would refuse; nothing for an application that it takes.
    pub fn validate(&self) -> Vec<Violation> {
        Vec::new()
    }
}
