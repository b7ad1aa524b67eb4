//! The flags of `mesos-master` and `mesos-agent`.

use std::collections::BTreeMap;

/// Why flags were refused; the text is the real program's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FlagError {
    /// No flag has this name.
    #[error("Failed to load unknown flag '{0}'")]
    Unknown(String),
}

/// What `mesos-master` was started with.
#[derive(Clone, Debug)]
pub struct MasterFlags {}

impl MasterFlags {
    /// Reads flags, given as `name` → `value` without the dashes; a boolean may be given as `name` or `no-name` with an
    /// empty value.
    pub fn parse(_flags: &BTreeMap<String, String>) -> Result<Self, FlagError> {
        Ok(Self {})
    }
}

/// What `mesos-agent` was started with.
#[derive(Clone, Debug)]
pub struct AgentFlags {}

impl AgentFlags {
    /// Reads flags, given as `name` → `value` without the dashes; a boolean may be given as `name` or `no-name` with an
    /// empty value.
    pub fn parse(_flags: &BTreeMap<String, String>) -> Result<Self, FlagError> {
        Ok(Self {})
    }
}
