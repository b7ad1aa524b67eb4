//! Undoing a deployment.

use super::Done;
use super::stamp::stamped;
use crate::core::deployment::GroupsChange;
use crate::core::groups::{Group, Groups};
use crate::core::{AppId, Core, Refusal, Time};

impl Core {
    /// Begins the deployment that undoes another one; with `force` only stops that one.
    pub(super) fn cancel(&mut self, now: Time, id: &str, force: bool) -> Result<Done, Refusal> {
        let found = self.deployments.iter().find(|deployment| deployment.id == id);
        let deployment = found.cloned().ok_or_else(|| Refusal::NoDeployment(id.to_owned()))?;
        if force {
            self.drop_deployments(now, |other| other.id == id);
            return Ok(Done::Stopped);
        }
        let version = self.fresh_version(now);
        let mut wanted = self.wanting(AppId::root());
        for affected in deployment.affected {
            let current = self.apps.get(&affected.app).map(|app| &*app.definition);
            let before = affected.before.map(|before| stamped(before, current, &version));
            wanted.apps.insert(affected.app, before);
        }
        if let Some(change) = &deployment.groups {
            let is_kept = |id: &AppId| wanted.apps.get(id).map_or(self.apps.contains_key(id), Option::is_some);
            let kept: Vec<AppId> =
                self.apps.keys().chain(wanted.apps.keys()).filter(|id| is_kept(id)).cloned().collect();
            undo(change, &mut wanted.groups, &kept);
        }
        // Should nothing be left to undo, the deployment itself still has to end.
        self.drop_deployments(now, |other| other.id == id);
        self.deploy(now, version, wanted, true).map(Done::Deploying)
    }
}

/// Takes back what a deployment did to groups, and nothing that others did meanwhile: groups are not locked.
fn undo(change: &GroupsChange, groups: &mut Groups, apps: &[AppId]) {
    // Inner groups first: a group can go when nothing is in it.
    let added: Vec<_> = change.after.iter().filter(|(id, _)| !change.before.contains(id)).collect();
    for (id, group) in added.into_iter().rev() {
        let is_empty = groups.children(id).next().is_none() && !apps.iter().any(|app| app.is_within(id.as_str()));
        match groups.get(id).cloned() {
            Some(now) if is_empty && now == *group => groups.remove(id),
            Some(now) => groups.put(id, without(now, group)),
            None => {}
        }
    }
    for (id, before) in change.before.iter() {
        let mut group = groups.get(id).cloned().unwrap_or_default();
        if let Some(after) = change.after.get(id) {
            group = without(group, &Group { dependencies: &after.dependencies - &before.dependencies });
            group.dependencies.extend(&before.dependencies - &after.dependencies);
        } else {
            group.dependencies.extend(before.dependencies.iter().cloned());
        }
        groups.put(id, group);
    }
}

fn without(group: Group, other: &Group) -> Group {
    Group { dependencies: &group.dependencies - &other.dependencies }
}
