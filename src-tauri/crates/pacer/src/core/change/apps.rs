//! Changing applications: what `/v2/apps` and `/v2/queue` ask for.

use std::collections::BTreeMap;

use marathon::{AppDefinition, DeploymentResult, Violation};
use serde_json::Value;

use super::stamp::both;
use super::{Done, read};
use crate::core::complete::{overlay, without_answers};
use crate::core::{AppId, Core, Refusal, Time};

impl Core {
    pub(super) fn create(&mut self, now: Time, mut body: Value, force: bool) -> Result<Done, Refusal> {
        without_answers(&mut body);
        let path = body["id"].as_str().map(|id| AppId::within(&AppId::root(), id));
        if let Some(id) = path.filter(|id| !id.is_root()) {
            body["id"] = Value::from(id.as_str());
        }
        let definition = read(with_whole_paths(body))?;
        let id = AppId::new(&definition.id);
        if self.apps.contains_key(&id) {
            return Err(Refusal::Exists(id));
        }
        let version = self.fresh_version(now);
        let mut wanted = self.wanting(id.parent());
        wanted.apps = self.finish([(id.clone(), definition)].into(), &version)?;
        let deployment = self.deploy(now, version, wanted, force)?;
        Ok(Done::Created(id, deployment))
    }

    pub(super) fn update_one(
        &mut self,
        now: Time,
        id: AppId,
        body: Value,
        partial: bool,
        force: bool,
    ) -> Result<Done, Refusal> {
        let is_new = !self.apps.contains_key(&id);
        let deployment = self.update_many(now, vec![(id, body)], partial, force)?;
        Ok(if is_new { Done::DeployingNew(deployment) } else { Done::Deploying(deployment) })
    }

    pub(super) fn update_many(
        &mut self,
        now: Time,
        bodies: Vec<(AppId, Value)>,
        partial: bool,
        force: bool,
    ) -> Result<DeploymentResult, Refusal> {
        let version = self.fresh_version(now);
        let about = if let [(id, _)] = &*bodies { id.parent() } else { AppId::root() };
        let mut definitions = BTreeMap::new();
        for (id, body) in bodies {
            let definition = self.updated(&id, body, partial)?;
            definitions.insert(id, definition);
        }
        let mut wanted = self.wanting(about);
        wanted.apps = self.finish(definitions, &version)?;
        self.deploy(now, version, wanted, force)
    }

    pub(super) fn delete(&mut self, now: Time, id: &AppId, force: bool) -> Result<Done, Refusal> {
        self.app(id)?;
        let version = self.fresh_version(now);
        let mut wanted = self.wanting(id.parent());
        wanted.apps.insert(id.clone(), None);
        self.deploy(now, version, wanted, force).map(Done::Deploying)
    }

    /// The application as an update wants it.
    fn updated(&self, id: &AppId, mut body: Value, partial: bool) -> Result<AppDefinition, Refusal> {
        if !body.is_object() {
            let message = "error.expected.jsobject".to_owned();
            return Err(Refusal::WrongForm(vec![Violation { path: "/".to_owned(), message }]));
        }
        let existing = self.apps.get(id);
        if let (Some(app), Some(version)) = (existing, only_version(&body)) {
            let old = app.at_version(version).ok_or_else(|| Refusal::NoVersion(id.clone(), version.to_owned()))?;
            return Ok((**old).clone());
        }
        without_answers(&mut body);
        body["id"] = Value::from(id.as_str());
        match existing {
            Some(app) if partial => {
                let mut merged = overlay(&app.definition, &body);
                without_answers(&mut merged);
                read(with_whole_paths(merged))
            }
            _ => read(with_whole_paths(body)),
        }
    }

    pub(super) fn restart(&mut self, now: Time, id: &AppId, force: bool) -> Result<Done, Refusal> {
        let version = self.fresh_version(now);
        let mut definition = (*self.app(id)?.definition).clone();
        definition.version = Some(version.clone());
        definition.version_info = Some(both(&version));
        let mut wanted = self.wanting(id.parent());
        wanted.apps.insert(id.clone(), Some(definition));
        self.deploy(now, version, wanted, force).map(Done::Deploying)
    }

    pub(super) fn reset_delay(&mut self, id: &AppId) -> Result<Done, Refusal> {
        if !self.waiting.contains_key(id) {
            return Err(Refusal::NotQueued(id.clone()));
        }
        self.backoffs.remove(id);
        self.hungry = true;
        self.dirty.insert(id.clone());
        Ok(Done::Reset)
    }
}

/// With the whole paths of what the application needs: here they are relative to the root.
fn with_whole_paths(mut body: Value) -> Value {
    for path in body.get_mut("dependencies").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(text) = path.as_str() {
            *path = Value::from(AppId::within(&AppId::root(), text).as_str());
        }
    }
    body
}

/// A list of applications with their ids.
pub fn with_ids(body: Value) -> Result<Vec<(AppId, Value)>, Refusal> {
    let wrong = |path: String, message: &str| Refusal::WrongForm(vec![Violation { path, message: message.to_owned() }]);
    let Value::Array(bodies) = body else {
        return Err(wrong("/".to_owned(), "error.expected.jsarray"));
    };
    let with_id = |(index, body): (usize, Value)| match body["id"].as_str() {
        Some(id) => Ok((AppId::new(id), body)),
        None => Err(wrong(format!("({index})/id"), "error.path.missing")),
    };
    bodies.into_iter().enumerate().map(with_id).collect()
}

/// The version to go back to, if that is all that is asked for.
fn only_version(body: &Value) -> Option<&str> {
    let fields = body.as_object()?;
    let rest = fields.keys().any(|name| name != "version" && name != "id");
    if rest { None } else { fields.get("version")?.as_str() }
}
