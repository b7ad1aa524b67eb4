//! Changing groups: what `POST`, `PUT`, `PATCH` and `DELETE /v2/groups` ask for.

use std::collections::BTreeMap;

use marathon::{AppDefinition, GroupUpdate, Violation};
use serde_json::Value;

use super::deploy::Wanted;
use super::{Done, not_valid, read};
use crate::core::complete::without_answers;
use crate::core::groups::{Group, Groups};
use crate::core::{AppId, Core, Refusal, Time};

impl Core {
    /// `POST /v2/groups{path}`.
    pub(super) fn create_group(&mut self, now: Time, path: &AppId, body: Value, force: bool) -> Result<Done, Refusal> {
        let update = read_update(body)?;
        let id = named(&update, path);
        if self.groups.contains(&id) {
            return Err(Refusal::GroupExists(id));
        }
        if self.apps.contains_key(&id) {
            return Err(Refusal::AppAtPath(id));
        }
        let version = self.fresh_version(now);
        let wanted = self.updated_group(&id, &update, &version)?;
        Ok(Done::CreatedGroup(id, self.deploy(now, version, wanted, force)?))
    }

    /// `PUT /v2/groups{path}`: also of one that is not there yet.
    pub(super) fn update_group(
        &mut self,
        now: Time,
        path: &AppId,
        body: Value,
        force: bool,
        dry_run: bool,
    ) -> Result<Done, Refusal> {
        let update = read_update(body)?;
        let version = self.fresh_version(now);
        let wanted = self.updated_group(&named(&update, path), &update, &version)?;
        if dry_run {
            return self.rehearse(version, wanted).map(Done::Rehearsed);
        }
        self.deploy(now, version, wanted, force).map(Done::Deploying)
    }

    /// `PATCH /v2/groups{path}`: of what can be patched, Pacer has nothing to change.
    pub(super) fn patch_group(&self, path: &AppId, body: Value) -> Result<Done, Refusal> {
        let update = read_update(body)?;
        if path.is_root() || !path.parent().is_root() {
            return Err(not_valid("/", "Path needs to be top-level"));
        }
        check_role(&update, &self.settings.role)?;
        if self.groups.contains(path) { Ok(Done::Patched) } else { Err(Refusal::NoGroup(path.to_string())) }
    }

    /// `DELETE /v2/groups{path}`: with everything in it.
    pub(super) fn delete_group(&mut self, now: Time, path: &AppId, force: bool) -> Result<Done, Refusal> {
        if !self.groups.contains(path) {
            return Err(Refusal::NoGroup(path.to_string()));
        }
        let version = self.fresh_version(now);
        let mut wanted = self.wanting(path.parent());
        wanted.groups.remove(path);
        wanted.apps = self.apps_within(path).map(|(id, _)| (id.clone(), None)).collect();
        self.deploy(now, version, wanted, force).map(Done::Deploying)
    }

    fn apps_within<'a>(&'a self, group: &'a AppId) -> impl Iterator<Item = (&'a AppId, &'a AppDefinition)> {
        let within = self.apps.iter().filter(move |(id, _)| id.is_within(group.as_str()));
        within.map(|(id, app)| (id, &*app.definition))
    }

    fn updated_group(&self, id: &AppId, update: &GroupUpdate, version: &str) -> Result<Wanted, Refusal> {
        check_role(update, &self.settings.role)?;
        let mut wanted = self.wanting(id.parent());
        let is_structural = update.apps.is_some() || update.groups.is_some() || update.dependencies.is_some();
        match (&update.version, update.scale_by) {
            (None, None) => self.restructured(id, update, version, &mut wanted)?,
            (Some(old), None) if !is_structural => self.rolled_back(id, old, version, &mut wanted)?,
            (None, Some(factor)) if !is_structural => self.scaled(id, factor, version, &mut wanted)?,
            (old, _) => {
                let path = if old.is_some() { "/version" } else { "/scaleBy" };
                return Err(not_valid(path, "not allowed in conjunction with other properties."));
            }
        }
        Ok(wanted)
    }

    /// Everything in the group as it was in a version.
    fn rolled_back(&self, id: &AppId, old: &str, version: &str, wanted: &mut Wanted) -> Result<(), Refusal> {
        let picture = self.picture_at(old).filter(|picture| picture.groups.contains(id));
        let picture = picture.ok_or_else(|| Refusal::NoGroupVersion(id.clone(), old.to_owned()))?;
        replace_within(&mut wanted.groups, id, &picture.groups);
        let was: BTreeMap<_, _> = picture.apps.into_iter().filter(|(app, _)| app.is_within(id.as_str())).collect();
        wanted.apps = self.apps_within(id).map(|(app, _)| (app.clone(), None)).collect();
        wanted.apps.extend(self.finish(was, version)?);
        Ok(())
    }

    /// Every application in the group with so many times the instances.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not negative, and held to what fits")]
    fn scaled(&self, id: &AppId, factor: f64, version: &str, wanted: &mut Wanted) -> Result<(), Refusal> {
        let times = |app: &AppDefinition| {
            let instances = (f64::from(app.instances()) * factor).ceil().min(f64::from(i32::MAX)) as u32;
            AppDefinition { instances: Some(instances), ..app.clone() }
        };
        if !self.groups.contains(id) {
            wanted.groups.put(id, Group::default());
        }
        let scaled = self.apps_within(id).map(|(app, definition)| (app.clone(), times(definition))).collect();
        wanted.apps = self.finish(scaled, version)?;
        Ok(())
    }

    /// Everything in the group as the update says.
    fn restructured(
        &self,
        id: &AppId,
        update: &GroupUpdate,
        version: &str,
        wanted: &mut Wanted,
    ) -> Result<(), Refusal> {
        let mut apps = BTreeMap::new();
        let mut violations = Vec::new();
        self.restructure(id, update, "", wanted, &mut apps, &mut violations);
        if !violations.is_empty() {
            return Err(Refusal::NotValid(violations));
        }
        wanted.apps.extend(self.finish(apps, version)?);
        Ok(())
    }

    /// Brings one group, and those in it, to what the update says; `at` is where that is in the body.
    fn restructure(
        &self,
        id: &AppId,
        update: &GroupUpdate,
        at: &str,
        wanted: &mut Wanted,
        apps: &mut BTreeMap<AppId, AppDefinition>,
        violations: &mut Vec<Violation>,
    ) {
        let mut group = wanted.groups.get(id).cloned().unwrap_or_default();
        if let Some(dependencies) = &update.dependencies {
            group.dependencies = dependencies.iter().map(|path| AppId::within(id, path)).collect();
        }
        wanted.groups.put(id, group);
        if let Some(list) = &update.apps {
            let right_in_it = self.apps_within(id).filter(|(app, _)| app.parent() == *id);
            wanted.apps.extend(right_in_it.map(|(app, _)| (app.clone(), None)));
            for (index, app) in list.iter().enumerate() {
                match read_within(id, app) {
                    Ok(definition) => drop(apps.insert(AppId::new(&definition.id), definition)),
                    Err(found) => {
                        violations.extend(found.into_iter().map(|v| beneath(&format!("{at}/apps({index})"), v)))
                    }
                }
            }
        }
        let Some(groups) = &update.groups else { return };
        let named: Vec<_> = groups.iter().map(|child| named(child, id)).collect();
        let gone: Vec<AppId> = wanted.groups.children(id).filter(|child| !named.contains(child)).cloned().collect();
        for child in gone {
            wanted.apps.extend(self.apps_within(&child).map(|(app, _)| (app.clone(), None)));
            wanted.groups.remove(&child);
        }
        for (index, (child, update)) in named.iter().zip(groups).enumerate() {
            let at = format!("{at}/groups({index})");
            if child.is_root() || child.parent() != *id {
                violations.push(Violation::new(format!("{at}/id"), not_child(id)));
                continue;
            }
            self.restructure(child, update, &at, wanted, apps, violations);
        }
    }
}

/// The group that an update is of, when it is sent to `path` or lies in that group.
fn named(update: &GroupUpdate, path: &AppId) -> AppId {
    update.id.as_deref().map_or_else(|| path.clone(), |id| AppId::within(path, id))
}

fn read_update(mut body: Value) -> Result<GroupUpdate, Refusal> {
    without_answers_in_apps(&mut body);
    GroupUpdate::from_json(body).map_err(Refusal::WrongForm)
}

/// Applications are sent back as they were got, with what only answers have.
fn without_answers_in_apps(group: &mut Value) {
    let mut each = |name: &str, clean: fn(&mut Value)| {
        group.get_mut(name).and_then(Value::as_array_mut).into_iter().flatten().for_each(clean);
    };
    each("apps", without_answers);
    each("groups", without_answers_in_apps);
}

fn check_role(update: &GroupUpdate, role: &str) -> Result<(), Refusal> {
    fn enforces(group: &GroupUpdate) -> bool {
        group.enforce_role == Some(true) || group.groups.iter().flatten().any(enforces)
    }
    if enforces(update) {
        let message = format!("enforceRole cannot be set: all applications run in the role {role}.");
        return Err(not_valid("/enforceRole", &message));
    }
    Ok(())
}

/// An application of a group, with its whole id and the whole paths of what it needs.
fn read_within(group: &AppId, app: &Value) -> Result<AppDefinition, Vec<Violation>> {
    let mut app = app.clone();
    let id = AppId::within(group, app["id"].as_str().unwrap_or_default());
    if id.is_root() || id.parent() != *group {
        return Err(vec![Violation::new("/id", not_child(group))]);
    }
    app["id"] = Value::from(id.as_str());
    for path in app.get_mut("dependencies").and_then(Value::as_array_mut).into_iter().flatten() {
        *path = Value::from(AppId::within(group, path.as_str().unwrap_or_default()).as_str());
    }
    read(app).map_err(|refusal| match refusal {
        Refusal::WrongForm(found) | Refusal::NotValid(found) => found,
        other => vec![Violation::new("/", other.to_string())],
    })
}

fn not_child(group: &AppId) -> String {
    format!("Identifier is not child of '{group}'. Hint: use relative paths.")
}

fn beneath(at: &str, violation: Violation) -> Violation {
    let path = if violation.path == "/" { at.to_owned() } else { format!("{at}{}", violation.path) };
    Violation::new(path, violation.message)
}

/// Replaces the groups at and below `id` by those of another time.
fn replace_within(groups: &mut Groups, id: &AppId, was: &Groups) {
    groups.remove(id);
    for (path, group) in was.iter().filter(|(path, _)| path.is_within(id.as_str())) {
        groups.put(path, group.clone());
    }
}
