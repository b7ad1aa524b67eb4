//! The path between agents and masters.

/// Who can reach whom inside this process, by `ip:port`. One for a whole practice cluster.
#[derive(Debug, Default)]
pub struct Links {}

impl Links {
    /// A network without anyone on it.
    pub fn new() -> Self {
        Self::default()
    }
}
