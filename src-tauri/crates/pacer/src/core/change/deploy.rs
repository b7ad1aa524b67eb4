//! From what is wanted to a deployment: checked together, planned, begun.

use std::collections::{BTreeMap, BTreeSet};

use marathon::{AppDefinition, DeploymentResult, DeploymentStep};

use super::not_valid;
use crate::core::complete::{Surroundings, complete, service_ports};
use crate::core::deployment::{Affected, Deployment, GroupsChange, plan};
use crate::core::graph::Ranks;
use crate::core::groups::Groups;
use crate::core::past::Past;
use crate::core::{App, AppId, Core, Kind, Refusal, Time};

use super::stamp::stamped;

/// The most that the applications of one change may be, bytes: it is written at once, and ZooKeeper takes a little less
/// than 1 MiB at once. Each is written with what it replaces, in up to three places.
const LARGEST_CHANGE: usize = 256 * 1024;

/// What is wanted of applications and groups; all else stays as it is.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    /// The group that the change was asked for.
    pub about: AppId,
    /// The applications; none for those that shall be gone.
    pub apps: BTreeMap<AppId, Option<AppDefinition>>,
    /// All groups.
    pub groups: Groups,
}

impl Core {
    /// Nothing is wanted yet but what there is.
    pub(super) fn wanting(&self, about: AppId) -> Wanted {
        Wanted { about, apps: BTreeMap::new(), groups: self.groups.clone() }
    }

    /// Fills in what is missing in applications, and what only Pacer writes.
    pub(super) fn finish(
        &self,
        definitions: BTreeMap<AppId, AppDefinition>,
        version: &str,
    ) -> Result<BTreeMap<AppId, Option<AppDefinition>>, Refusal> {
        let others = self.apps.iter().filter(|(id, _)| !definitions.contains_key(*id)).map(|(_, app)| &*app.definition);
        let claimed: BTreeSet<u16> = others.chain(definitions.values()).flat_map(service_ports).collect();
        let ports_before = |id: &AppId| self.apps.get(id).map(|app| service_ports(&app.definition)).unwrap_or_default();
        let taken = claimed.iter().copied().chain(definitions.keys().flat_map(ports_before)).collect();
        let role = &self.settings.role;
        let mut around = Surroundings { role, service_ports: self.settings.service_ports, taken, before: Vec::new() };
        let mut finished = BTreeMap::new();
        for (id, mut definition) in definitions {
            if definition.role.as_ref().is_some_and(|other| other != role) {
                return Err(not_valid("/role", &format!("It is not possible to use a role other than {role}.")));
            }
            let before = self.apps.get(&id).map(|app| &*app.definition);
            let keeps = |port: u16| if claimed.contains(&port) { 0 } else { port };
            around.before = ports_before(&id).into_iter().map(keeps).collect();
            definition.id = id.to_string();
            complete(&mut definition, &mut around);
            finished.insert(id, Some(stamped(definition, before, version)));
        }
        Ok(finished)
    }

    /// The steps that would bring this about.
    pub(super) fn rehearse(&self, version: String, wanted: Wanted) -> Result<Vec<DeploymentStep>, Refusal> {
        Ok(self.plan(String::new(), version, wanted)?.shown().steps)
    }

    /// Begins the deployment that brings this about.
    pub(super) fn deploy(
        &mut self,
        now: Time,
        version: String,
        wanted: Wanted,
        force: bool,
    ) -> Result<DeploymentResult, Refusal> {
        let about = wanted.about.clone();
        let id = self.new_uuid();
        let planned = self.plan(id, version.clone(), wanted).and_then(|deployment| {
            let locks = self.locks(&deployment, force)?;
            Ok((deployment, locks))
        });
        match planned {
            Ok((deployment, locks)) => {
                self.drop_deployments(now, |other| locks.contains(&other.id));
                self.tell_group_change(now, &about, &version, None);
                Ok(self.begin(now, deployment))
            }
            Err(refusal) => {
                self.tell_group_change(now, &about, &version, Some(&refusal));
                Err(refusal)
            }
        }
    }

    /// The plan, if what is wanted makes sense.
    fn plan(&self, id: String, version: String, wanted: Wanted) -> Result<Deployment, Refusal> {
        let Wanted { apps, mut groups, .. } = wanted;
        let mut target: BTreeMap<&AppId, &AppDefinition> =
            self.apps.iter().map(|(id, app)| (id, &*app.definition)).collect();
        for (id, definition) in &apps {
            match definition {
                Some(definition) => target.insert(id, definition),
                None => target.remove(id),
            };
        }
        for id in apps.iter().filter(|(_, definition)| definition.is_some()).map(|(id, _)| id) {
            groups.make_above(id);
            // An application takes the place of a group that has none.
            if groups.contains(id) && !target.keys().any(|other| *other != id && other.is_within(id.as_str())) {
                groups.remove(id);
            }
        }
        if groups.iter().any(|(id, _)| target.contains_key(id)) {
            return Err(not_valid("/id", "Groups and Applications may not have the same identifier."));
        }
        if let Some(most) = self.settings.max_apps.filter(|most| target.len() > *most && target.len() > self.apps.len())
        {
            return Err(Refusal::TooManyApps(most));
        }
        let ranks = Ranks::new(&target, &groups)
            .map_err(|_| not_valid("/dependencies", "Dependency graph has cyclic dependencies."))?;
        let affected: Vec<_> = apps.into_iter().filter_map(|(id, after)| self.affected(id, after)).collect();
        let size: usize = affected.iter().map(Affected::size).sum();
        if size > LARGEST_CHANGE {
            return Err(Refusal::TooLarge { size, most: LARGEST_CHANGE });
        }
        let steps = plan(&affected, &ranks);
        let groups = (groups != self.groups).then(|| GroupsChange { before: self.groups.clone(), after: groups });
        Ok(Deployment { id, version, affected, groups, steps, current: 0 })
    }

    /// The application, if anything changes about it.
    fn affected(&self, app: AppId, after: Option<AppDefinition>) -> Option<Affected> {
        let before = self.apps.get(&app).map(|app| (*app.definition).clone());
        (before != after).then_some(Affected { app, before, after })
    }

    /// The deployments that stand in the way and give way; it is refused if they may not, or are too many.
    fn locks(&self, deployment: &Deployment, force: bool) -> Result<Vec<String>, Refusal> {
        let touches = |other: &&Deployment| deployment.affected.iter().any(|affected| other.affects(&affected.app));
        let locks: Vec<_> = self.deployments.iter().filter(touches).map(|other| other.id.clone()).collect();
        let most = self.settings.max_deployments;
        if !force && !locks.is_empty() {
            Err(Refusal::Locked(locks))
        } else if self.deployments.len() - locks.len() >= most {
            Err(Refusal::TooManyDeployments(most))
        } else {
            Ok(locks)
        }
    }

    fn begin(&mut self, now: Time, deployment: Deployment) -> DeploymentResult {
        let result = DeploymentResult { deployment_id: deployment.id.clone(), version: deployment.version.clone() };
        if !deployment.affected.is_empty() || deployment.groups.is_some() {
            self.root_version.clone_from(&deployment.version);
            let apps = deployment.affected.iter().map(|affected| (affected.app.clone(), affected.before.clone()));
            let groups = deployment.groups.as_ref().map(|change| change.before.clone());
            self.note_past(Past { version: deployment.version.clone(), apps: apps.collect(), groups });
        }
        if let Some(change) = &deployment.groups {
            self.groups = change.after.clone();
        }
        self.save_root();
        for affected in &deployment.affected {
            self.want(now, affected);
        }
        self.tell_deployment(now, Kind::DeploymentInfo, &deployment);
        self.deployments.push(deployment);
        self.save_deployment(&result.deployment_id);
        result
    }

    fn want(&mut self, now: Time, affected: &Affected) {
        let id = &affected.app;
        self.tell_health_checks(now, affected);
        match &affected.after {
            Some(definition) => self.replace(id, definition),
            None => {
                for old in self.apps.remove(id).into_iter().flat_map(|app| app.history) {
                    self.save_version(id, &old, false);
                }
                self.failures.remove(id);
                self.backoffs.remove(id);
            }
        }
        self.save_app(id);
        self.dirty.insert(id.clone());
    }

    fn replace(&mut self, id: &AppId, definition: &AppDefinition) {
        let Some(app) = self.apps.get_mut(id) else {
            self.apps.insert(id.clone(), App::new(definition.clone()));
            return;
        };
        let before = app.definition.clone();
        let forgotten = app.replace(definition.clone(), self.settings.max_versions);
        self.save_version(id, &before, true);
        for old in forgotten {
            self.save_version(id, &old, false);
        }
    }

    /// Ends deployments before their time.
    pub(super) fn drop_deployments(&mut self, now: Time, which: impl Fn(&Deployment) -> bool) {
        let (dropped, kept) = std::mem::take(&mut self.deployments).into_iter().partition(which);
        self.deployments = kept;
        for deployment in dropped {
            self.dirty.extend(deployment.affected.iter().map(|affected| affected.app.clone()));
            self.save_deployment(&deployment.id);
            self.tell_deployment(now, Kind::DeploymentStepFailure, &deployment);
            self.tell_deployment(now, Kind::DeploymentFailed, &deployment);
        }
    }
}
