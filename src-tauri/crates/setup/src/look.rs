//! What a step sees when it looks whether its effect is there.

use protocol::Observed;
use words::Text;

/// What was seen, and what it means.
#[derive(Debug)]
pub enum Look {
    /// The effect is there: this proves it.
    There(Observed),
    /// Not yet; this was seen instead, and this is what is being waited for.
    NotYet {
        /// What was seen.
        seen: Observed,
        /// What is being waited for, in a few words.
        waiting_for: Text,
    },
}

impl Look {
    /// [`Look::There`] if `proved`, else [`Look::NotYet`].
    pub fn new(proved: bool, command: impl Into<String>, output: impl Into<String>, waiting_for: Text) -> Self {
        let seen = Observed { command: command.into(), output: output.into() };
        if proved { Self::There(seen) } else { Self::NotYet { seen, waiting_for } }
    }
}
