//! What is written down: one record for each application, instance and deployment, and the framework's id.

use std::sync::Arc;

use marathon::AppDefinition;
use serde::{Deserialize, Serialize};

use super::app::version_of;
use super::deployment::Deployment;
use super::groups::Groups;
use super::past::Past;
use super::{App, AppId, CheckOrder, Core, Ids, Instance, InstanceId, Settings, Time};

/// What a record is of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// The framework's id.
    Framework,
    /// An application, as it is wanted.
    App(AppId),
    /// An application, as it was wanted in a version.
    Version(AppId, String),
    /// An instance.
    Instance(InstanceId),
    /// A deployment.
    Deployment(String),
    /// The groups, and the version of the whole.
    Root,
    /// A change of the past, by its version.
    Past(String),
}

/// A record to be written, or (without text) to be removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Of what.
    pub key: Key,
    /// Its new text.
    pub text: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct RootRecord {
    version: String,
    groups: Groups,
}

impl Core {
    /// A core that knows what its predecessor wrote down. A record that cannot be read is an error: better to stop than to
    /// forget an application.
    pub fn restore(
        settings: Settings,
        seed: [u64; 2],
        records: Vec<(Key, String)>,
    ) -> Result<Self, (Key, serde_json::Error)> {
        let mut core = Self::new(settings, seed);
        for (key, text) in records {
            core.recall(&key, &text).map_err(|error| (key, error))?;
        }
        core.apps.values_mut().for_each(|app| app.history.sort_by(|one, other| version_of(other).cmp(version_of(one))));
        core.past.sort_by(|one, other| one.version.cmp(&other.version));
        core.apps.keys().for_each(|id| core.groups.make_above(id));
        core.find_specs();
        core.dirty = core.apps.keys().chain(core.by_app.keys()).cloned().collect();
        let versions = core.apps.values().filter_map(|app| app.definition.version.as_deref());
        let newest =
            versions.chain([&*core.root_version]).filter_map(|version| version.parse::<jiff::Timestamp>().ok()).max();
        core.last_version =
            newest.map_or_else(Time::default, |moment| Time(u64::try_from(moment.as_millisecond()).unwrap_or(0)));
        Ok(core)
    }

    fn recall(&mut self, key: &Key, text: &str) -> Result<(), serde_json::Error> {
        match key {
            Key::Framework => self.framework_id = Some(text.to_owned()),
            Key::App(id) => {
                let definition = Arc::new(serde_json::from_str(text)?);
                let history = std::mem::take(&mut self.app_or_empty(id).history);
                self.apps.insert(id.clone(), App { definition, history });
            }
            Key::Version(id, _) => {
                let definition = Arc::new(serde_json::from_str(text)?);
                self.app_or_empty(id).history.push(definition);
            }
            Key::Instance(id) => {
                let instance: Instance = serde_json::from_str(text)?;
                self.by_app.entry(instance.app.clone()).or_default().insert(id.clone());
                self.instances.insert(id.clone(), instance);
            }
            Key::Deployment(_) => self.deployments.push(serde_json::from_str(text)?),
            Key::Root => {
                let record: RootRecord = serde_json::from_str(text)?;
                (self.root_version, self.groups) = (record.version, record.groups);
            }
            Key::Past(_) => self.past.push(serde_json::from_str(text)?),
        }
        Ok(())
    }

    /// Records come in any order, so an application's past may be there before itself is.
    fn app_or_empty(&mut self, id: &AppId) -> &mut App {
        self.apps.entry(id.clone()).or_insert_with(|| App::new(AppDefinition::new(id.as_str())))
    }

    /// Gives instances back what they run, and their health checks.
    fn find_specs(&mut self) {
        let mut checks: Vec<CheckOrder> = Vec::new();
        for instance in self.instances.values_mut() {
            if let Some(app) = self.apps.get(&instance.app) {
                let same = app.at_config_version(&instance.config_version);
                instance.spec = same.unwrap_or(&app.definition).clone();
                checks.extend(Self::begin_checks(instance));
            }
        }
        self.out.checks = checks;
        self.deployments.sort_by(|one, other| one.version.cmp(&other.version));
    }

    pub(super) fn save_app(&mut self, id: &AppId) {
        let text = self.apps.get(id).map(|app| as_json(&*app.definition));
        self.out.records.push(Record { key: Key::App(id.clone()), text });
    }

    /// Writes down what an application was in a version, or (`is_kept` is false) forgets it.
    pub(super) fn save_version(&mut self, id: &AppId, definition: &AppDefinition, is_kept: bool) {
        let key = Key::Version(id.clone(), version_of(definition).to_owned());
        self.out.records.push(Record { key, text: is_kept.then(|| as_json(definition)) });
    }

    pub(super) fn save_instance(&mut self, id: &InstanceId) {
        let text = self.instances.get(id).map(as_json);
        self.out.records.push(Record { key: Key::Instance(id.clone()), text });
    }

    pub(super) fn save_deployment(&mut self, id: &str) {
        let text = self.deployments.iter().find(|deployment| deployment.id == id).map(as_json::<Deployment>);
        self.out.records.push(Record { key: Key::Deployment(id.to_owned()), text });
    }

    pub(super) fn save_root(&mut self) {
        let text = as_json(&RootRecord { version: self.root_version.clone(), groups: self.groups.clone() });
        self.out.records.push(Record { key: Key::Root, text: Some(text) });
    }

    pub(super) fn save_past(&mut self, version: &str, past: Option<&Past>) {
        self.out.records.push(Record { key: Key::Past(version.to_owned()), text: past.map(as_json) });
    }

    pub(super) fn save_framework(&mut self) {
        self.out.records.push(Record { key: Key::Framework, text: self.framework_id.clone() });
    }

    pub(super) fn new_uuid(&mut self) -> String {
        Ids::uuid(&mut self.ids)
    }
}

/// Our own types, whose keys are texts and whose numbers are finite (validated), always become JSON.
fn as_json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
