//! Groups, as the API shows them.

use serde_json::{Value, json};

use super::past::Picture;
use super::{AppId, Core, Embed, Refusal};

/// What is embedded in a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupEmbed {
    /// The groups in it.
    pub groups: bool,
    /// Its applications.
    pub apps: bool,
}

impl Core {
    /// A group, with what is embedded in it.
    pub fn shown_group(&self, path: &str, group: GroupEmbed, app: Embed) -> Result<Value, Refusal> {
        let id = AppId::new(path);
        if !self.groups.contains(&id) {
            return Err(Refusal::NoGroup(id.to_string()));
        }
        Ok(self.group(&id, group, app))
    }

    fn group(&self, id: &AppId, embed: GroupEmbed, app_embed: Embed) -> Value {
        let dependencies: Vec<_> = self.groups.get(id).into_iter().flat_map(|group| &group.dependencies).collect();
        let mut shown = json!({ "id": id, "dependencies": dependencies, "version": self.root_version, "pods": [] });
        if !id.is_root() {
            shown["enforceRole"] = json!(false);
        }
        if embed.apps {
            let first = id.first_within();
            let below = self.apps.range(&first..).take_while(|(app, _)| app.as_str().starts_with(first.as_str()));
            let right_in_it = below.filter(|(app, _)| app.parent() == *id);
            shown["apps"] = right_in_it.map(|(app, it)| json!(self.shown(app, &it.definition, app_embed))).collect();
        }
        if embed.groups {
            shown["groups"] = self.groups.children(id).map(|child| self.group(child, embed, app_embed)).collect();
        }
        shown
    }

    /// The versions of a group, newest first.
    pub fn shown_group_versions(&self, path: &str) -> Result<Vec<String>, Refusal> {
        let id = AppId::new(path);
        if !self.groups.contains(&id) {
            return Err(Refusal::NoGroup(id.to_string()));
        }
        let was_there = |version: &&str| self.picture_at(version).is_some_and(|picture| picture.groups.contains(&id));
        Ok(self.root_versions().filter(was_there).map(str::to_owned).collect())
    }

    /// A group as it was in a version.
    pub fn shown_group_version(&self, path: &str, version: &str) -> Result<Value, Refusal> {
        let id = AppId::new(path);
        let picture = self.picture_at(version).filter(|picture| picture.groups.contains(&id));
        let picture = picture.ok_or_else(|| Refusal::NoGroup(id.to_string()))?;
        Ok(pictured(&picture, &id, version))
    }
}

fn pictured(picture: &Picture, id: &AppId, version: &str) -> Value {
    let apps: Vec<_> = picture.apps.iter().filter(|(app, _)| app.parent() == *id).map(|(_, app)| app).collect();
    let groups: Vec<_> = picture.groups.children(id).map(|child| pictured(picture, child, version)).collect();
    let dependencies: Vec<_> = picture.groups.get(id).into_iter().flat_map(|group| &group.dependencies).collect();
    json!({ "id": id, "dependencies": dependencies, "version": version, "pods": [], "apps": apps, "groups": groups })
}
