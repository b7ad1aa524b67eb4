//! An application with its past.

use std::sync::Arc;

use marathon::AppDefinition;

/// An application with its past versions.
#[derive(Clone, Debug)]
pub struct App {
    /// What is wanted, complete: every default is filled in.
    pub definition: Arc<AppDefinition>,
    /// What was wanted before, newest first.
    pub history: Vec<Arc<AppDefinition>>,
}

impl App {
    /// A new application.
    pub fn new(definition: AppDefinition) -> Self {
        Self { definition: Arc::new(definition), history: Vec::new() }
    }

    /// Wants something else from now on; keeps at most `keep` versions. Gives those that it forgets.
    pub fn replace(&mut self, definition: AppDefinition, keep: usize) -> Vec<Arc<AppDefinition>> {
        let before = std::mem::replace(&mut self.definition, Arc::new(definition));
        self.history.insert(0, before);
        self.history.split_off(keep.saturating_sub(1).min(self.history.len()))
    }

    /// The definition with this version.
    pub fn at_version(&self, version: &str) -> Option<&Arc<AppDefinition>> {
        self.all().find(|definition| version_of(definition) == version)
    }

    /// The newest definition that runs the same as `config_version`.
    pub fn at_config_version(&self, version: &str) -> Option<&Arc<AppDefinition>> {
        self.all().find(|definition| config_version_of(definition) == version)
    }

    /// All versions, newest first.
    pub fn all(&self) -> impl Iterator<Item = &Arc<AppDefinition>> {
        std::iter::once(&self.definition).chain(&self.history)
    }
}

/// A definition's version.
pub fn version_of(definition: &AppDefinition) -> &str {
    definition.version.as_deref().unwrap_or_default()
}

/// The version of its last change that was more than a scaling.
pub fn config_version_of(definition: &AppDefinition) -> &str {
    let info = definition.version_info.as_ref();
    info.and_then(|info| info.last_config_change_at.as_deref()).unwrap_or_else(|| version_of(definition))
}
