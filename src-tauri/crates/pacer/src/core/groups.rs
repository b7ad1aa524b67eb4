//! Groups: the tree that applications lie in.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::AppId;

/// A group. Which applications and groups lie in it, their ids say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Groups that its applications need.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub dependencies: BTreeSet<AppId>,
}

/// All groups, by path. The root is always there, and with a group all those above it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Groups(BTreeMap<AppId, Group>);

impl Default for Groups {
    fn default() -> Self {
        Self(BTreeMap::from([(AppId::root(), Group::default())]))
    }
}

impl Groups {
    /// The group at this path.
    pub fn get(&self, id: &AppId) -> Option<&Group> {
        self.0.get(id)
    }

    /// There is a group at this path.
    pub fn contains(&self, id: &AppId) -> bool {
        self.0.contains_key(id)
    }

    /// All, by path.
    pub fn iter(&self) -> impl Iterator<Item = (&AppId, &Group)> {
        self.0.iter()
    }

    /// The groups right below `parent`.
    pub fn children<'a>(&'a self, parent: &'a AppId) -> impl Iterator<Item = &'a AppId> {
        self.within(parent).filter(move |id| !id.is_root() && id.parent() == *parent)
    }

    /// The groups below `parent`, and it itself.
    pub fn within<'a>(&'a self, parent: &'a AppId) -> impl Iterator<Item = &'a AppId> {
        self.0.keys().filter(move |id| id.is_within(parent.as_str()))
    }

    /// Puts a group at a path, with all that are missing above it.
    pub fn put(&mut self, id: &AppId, group: Group) {
        self.make_above(id);
        self.0.insert(id.clone(), group);
    }

    /// Makes the groups that an application or a group lies in.
    pub fn make_above(&mut self, id: &AppId) {
        for above in id.ancestors() {
            self.0.entry(above).or_default();
        }
    }

    /// Removes a group with all groups in it; the root stays, empty.
    pub fn remove(&mut self, id: &AppId) {
        self.0.retain(|other, _| !other.is_within(id.as_str()));
        self.0.entry(AppId::root()).or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_never_hangs_in_the_air() {
        let mut groups = Groups::default();
        groups.put(&AppId::new("/a/b/c"), Group::default());
        let paths: Vec<_> = groups.iter().map(|(id, _)| id.as_str()).collect();
        assert_eq!(paths, ["/", "/a", "/a/b", "/a/b/c"]);
        assert_eq!(groups.children(&AppId::root()).map(AppId::as_str).collect::<Vec<_>>(), ["/a"]);
        groups.remove(&AppId::new("/a/b"));
        assert_eq!(groups.iter().count(), 2);
        groups.remove(&AppId::root());
        assert_eq!(groups, Groups::default());
    }
}
