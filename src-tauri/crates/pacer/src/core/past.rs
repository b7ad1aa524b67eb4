//! What was wanted before: each change with what it replaced, so that the whole can be had back as it was after any of
//! the last ones.

use std::collections::BTreeMap;

use marathon::AppDefinition;
use serde::{Deserialize, Serialize};

use super::groups::Groups;
use super::{AppId, Core};

/// A change, with what it replaced.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Past {
    /// The version that the change made.
    pub version: String,
    /// What it changed, as that was before; none if it was not there.
    pub apps: BTreeMap<AppId, Option<AppDefinition>>,
    /// The groups as they were before, if it changed them.
    pub groups: Option<Groups>,
}

/// All applications and groups at one time.
#[derive(Clone, Debug)]
pub struct Picture {
    /// The applications.
    pub apps: BTreeMap<AppId, AppDefinition>,
    /// The groups.
    pub groups: Groups,
}

impl Core {
    /// Notes a change, and forgets the oldest.
    pub(super) fn note_past(&mut self, past: Past) {
        let keep = self.settings.max_versions.max(1);
        self.save_past(&past.version, Some(&past));
        self.past.push(past);
        while self.past.len() > keep {
            let oldest = self.past.remove(0);
            self.save_past(&oldest.version, None);
        }
    }

    /// The versions of the whole, newest first.
    pub(super) fn root_versions(&self) -> impl Iterator<Item = &str> {
        self.past.iter().rev().map(|past| past.version.as_str())
    }

    /// Everything as it was in a version of the whole.
    pub(super) fn picture_at(&self, version: &str) -> Option<Picture> {
        let known = self.past.iter().position(|past| past.version == version)?;
        let apps = self.apps.iter().map(|(id, app)| (id.clone(), (*app.definition).clone())).collect();
        let mut picture = Picture { apps, groups: self.groups.clone() };
        for past in self.past.iter().skip(known + 1).rev() {
            for (id, before) in &past.apps {
                match before {
                    Some(definition) => picture.apps.insert(id.clone(), definition.clone()),
                    None => picture.apps.remove(id),
                };
            }
            if let Some(groups) = &past.groups {
                picture.groups = groups.clone();
            }
        }
        Some(picture)
    }
}
