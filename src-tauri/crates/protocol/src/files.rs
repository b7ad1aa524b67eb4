//! What was generated.

use serde::{Deserialize, Serialize};

/// A generated file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileView {
    /// Its path in the bundle, `/` between parts.
    pub path: String,
    /// The machine it is for, if for one.
    pub node: Option<String>,
    /// Its text.
    pub text: String,
    /// Unix mode, such as 0o644.
    pub mode: u32,
}
