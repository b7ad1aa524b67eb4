//! The applications as the scheduler last took them from the plan: so a change of the plan is told from one that was made
//! on the cluster, by scaling say, which stays.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use marathon::AppDefinition;

use crate::{Entry, Journal, WriteError};

/// By id. After a destruction there are none.
pub struct Deployed(Mutex<HashMap<String, AppDefinition>>);

impl Deployed {
    /// As a journal tells.
    pub fn of(entries: &[Entry]) -> Self {
        let mut deployed = HashMap::new();
        for entry in entries {
            match entry {
                Entry::Deployed { application } => {
                    deployed.insert(application.absolute_id(), AppDefinition::clone(application));
                }
                Entry::Destroyed => deployed.clear(),
                _ => {}
            }
        }
        Self(Mutex::new(deployed))
    }

    /// The application of that id, as it was last taken.
    pub fn get(&self, id: &str) -> Option<AppDefinition> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }

    /// Notes that the scheduler has it as it is here, unless that is known.
    ///
    /// # Errors
    /// [`WriteError`] if the journal could not be written.
    pub fn take(&self, application: &AppDefinition, journal: &Mutex<Journal>) -> Result<(), WriteError> {
        let id = application.absolute_id();
        if self.get(&id).as_ref() == Some(application) {
            return Ok(());
        }
        let entry = Entry::Deployed { application: Box::new(application.clone()) };
        journal.lock().unwrap_or_else(PoisonError::into_inner).append(entry)?;
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(id, application.clone());
        Ok(())
    }
}
