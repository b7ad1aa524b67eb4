//! Changes that the API asks for.

use std::collections::{BTreeMap, BTreeSet};

use marathon::{AppDefinition, DeploymentResult, Task, VersionInfo, Violation};
use serde_json::Value;

use super::app::config_version_of;
use super::complete::{Surroundings, complete, overlay, service_ports, without_answers};
use super::deployment::{Affected, Deployment, has_circle};
use super::{App, AppId, Core, InstanceId, Kind, Refusal, Time};

/// A change that the API asks for. `force` lets it replace deployments that are under way.
#[derive(Clone, Debug)]
pub enum Change {
    /// `POST /v2/apps`.
    Create {
        /// The application.
        body: Value,
        /// Replace deployments.
        force: bool,
    },
    /// `PUT /v2/apps/{id}`: also of one that is not there yet.
    Update {
        /// Which.
        id: AppId,
        /// The fields.
        body: Value,
        /// Keep the fields that `body` does not have.
        partial: bool,
        /// Replace deployments.
        force: bool,
    },
    /// `PATCH /v2/apps/{id}`: it must be there.
    Patch {
        /// Which.
        id: AppId,
        /// The fields.
        body: Value,
        /// Replace deployments.
        force: bool,
    },
    /// `PUT` and `PATCH /v2/apps`.
    UpdateMany {
        /// The list of applications.
        body: Value,
        /// Keep the fields that they do not have.
        partial: bool,
        /// They must be there.
        must_exist: bool,
        /// Replace deployments.
        force: bool,
    },
    /// `DELETE /v2/apps/{id}`.
    Delete {
        /// Which.
        id: AppId,
        /// Replace deployments.
        force: bool,
    },
    /// `POST /v2/apps/{id}/restart`.
    Restart {
        /// Which.
        id: AppId,
        /// Replace deployments.
        force: bool,
    },
    /// Kill tasks.
    Kill {
        /// Which.
        victims: Victims,
        /// Want so many fewer.
        scale: bool,
        /// Drop their volumes, which there are none of.
        wipe: bool,
        /// Replace deployments.
        force: bool,
    },
    /// `DELETE /v2/deployments/{id}`: undo it, or with `force` only stop it.
    CancelDeployment {
        /// Which.
        id: String,
        /// Only stop it.
        force: bool,
    },
    /// `DELETE /v2/queue/{id}/delay`.
    ResetDelay {
        /// Of which application.
        id: AppId,
    },
}

/// Which tasks to kill.
#[derive(Clone, Debug)]
pub enum Victims {
    /// These, of any applications; all must be there.
    Tasks(Vec<String>),
    /// All of an application, or those on one host.
    OfApp(AppId, Option<String>),
    /// One of an application.
    One(AppId, String),
}

/// What a change has come to.
#[derive(Clone, Debug, PartialEq)]
pub enum Done {
    /// An application was created; its deployment.
    Created(AppId, DeploymentResult),
    /// A deployment was begun.
    Deploying(DeploymentResult),
    /// A deployment was begun for an application that was not there.
    DeployingNew(DeploymentResult),
    /// These tasks are being killed.
    Killed(Vec<Task>),
    /// This task is being killed.
    KilledOne(Box<Task>),
    /// Nothing more is to come.
    Stopped,
    /// It is done.
    Reset,
}

impl Core {
    /// Carries a change out, or refuses it without any effect.
    pub fn change(&mut self, now: Time, change: Change) -> Result<Done, Refusal> {
        let done = match change {
            Change::Create { body, force } => self.create(now, body, force),
            Change::Update { id, body, partial, force } => {
                let is_new = !self.apps.contains_key(&id);
                let deployment = self.update_many(now, vec![(id, body)], partial, force)?;
                Ok(if is_new { Done::DeployingNew(deployment) } else { Done::Deploying(deployment) })
            }
            Change::Patch { id, body, force } => {
                self.app(&id)?;
                self.update_many(now, vec![(id, body)], true, force).map(Done::Deploying)
            }
            Change::UpdateMany { body, partial, must_exist, force } => {
                let bodies = with_ids(body)?;
                if must_exist {
                    bodies.iter().try_for_each(|(id, _)| self.app(id).map(drop))?;
                }
                self.update_many(now, bodies, partial, force).map(Done::Deploying)
            }
            Change::Delete { id, force } => {
                self.app(&id)?;
                self.deploy(now, vec![(id, None)], force).map(Done::Deploying)
            }
            Change::Restart { id, force } => self.restart(now, &id, force),
            Change::Kill { victims, scale, wipe, force } => self.kill(now, victims, scale, wipe, force),
            Change::CancelDeployment { id, force } => self.cancel(now, &id, force),
            Change::ResetDelay { id } => self.reset_delay(&id),
        };
        self.settle(now);
        done
    }

    pub(super) fn app(&self, id: &AppId) -> Result<&App, Refusal> {
        self.apps.get(id).ok_or_else(|| Refusal::NoApp(id.clone()))
    }

    fn create(&mut self, now: Time, mut body: Value, force: bool) -> Result<Done, Refusal> {
        without_answers(&mut body);
        let definition = read(body)?;
        let id = AppId::new(&definition.id);
        if self.apps.contains_key(&id) {
            return Err(Refusal::Exists(id));
        }
        let version = self.fresh_version(now);
        let definition = self.finish(&id, definition, &version)?;
        let deployment = self.deploy_at(now, version, vec![(id.clone(), Some(definition))], force)?;
        Ok(Done::Created(id, deployment))
    }

    fn update_many(
        &mut self,
        now: Time,
        bodies: Vec<(AppId, Value)>,
        partial: bool,
        force: bool,
    ) -> Result<DeploymentResult, Refusal> {
        let version = self.fresh_version(now);
        let mut wanted = Vec::new();
        for (id, body) in bodies {
            let definition = self.updated(&id, body, partial)?;
            wanted.push((id.clone(), Some(self.finish(&id, definition, &version)?)));
        }
        self.deploy_at(now, version, wanted, force)
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
                read(merged)
            }
            _ => read(body),
        }
    }

    /// Fills in what is missing, and what only Pacer writes; checks what concerns other applications.
    fn finish(&mut self, id: &AppId, mut definition: AppDefinition, version: &str) -> Result<AppDefinition, Refusal> {
        let others = self.apps.iter().filter(|(other, _)| *other != id);
        let clash = |other: &AppId| other.is_within(id.as_str()) || id.is_within(other.as_str());
        if others.clone().any(|(other, _)| clash(other)) {
            return Err(not_valid("/id", "Groups and Applications may not have the same identifier."));
        }
        if definition.role.as_ref().is_some_and(|role| *role != self.settings.role) {
            return Err(not_valid(
                "/role",
                &format!("It is not possible to use a role other than {}.", self.settings.role),
            ));
        }
        let taken: BTreeSet<u16> = others.flat_map(|(_, app)| service_ports(&app.definition)).collect();
        let mut around = Surroundings { role: &self.settings.role, service_ports: self.settings.service_ports, taken };
        definition.id = id.to_string();
        complete(&mut definition, &mut around);
        Ok(stamped(definition, self.apps.get(id).map(|app| &*app.definition), version))
    }

    fn restart(&mut self, now: Time, id: &AppId, force: bool) -> Result<Done, Refusal> {
        let version = self.fresh_version(now);
        let mut definition = (*self.app(id)?.definition).clone();
        definition.version = Some(version.clone());
        definition.version_info = Some(both(&version));
        self.deploy_at(now, version, vec![(id.clone(), Some(definition))], force).map(Done::Deploying)
    }

    fn kill(&mut self, now: Time, victims: Victims, scale: bool, wipe: bool, force: bool) -> Result<Done, Refusal> {
        if scale && wipe {
            return Err(Refusal::BadRequest("You cannot use scale and wipe at the same time.".to_owned()));
        }
        let ids = self.find_victims(&victims)?;
        let tasks: Vec<Task> = ids.iter().filter_map(|id| Some(self.shown_task(self.instances.get(id)?))).collect();
        let deployment = if scale { Some(self.scale_down(now, &ids, force)?) } else { None };
        for id in &ids {
            self.stop(now, id);
        }
        Ok(match (deployment, victims) {
            (Some(deployment), _) => Done::Deploying(deployment),
            (None, Victims::One(..)) if tasks.len() == 1 => {
                Done::KilledOne(Box::new(tasks.into_iter().next().unwrap_or_default()))
            }
            (None, _) => Done::Killed(tasks),
        })
    }

    fn find_victims(&self, victims: &Victims) -> Result<Vec<InstanceId>, Refusal> {
        match victims {
            Victims::Tasks(tasks) => {
                let find = |task: &String| {
                    let id = InstanceId::parse(task);
                    let there = self.instances.contains_key(&id);
                    if there { Ok(id) } else { Err(Refusal::BadRequest(format!("Invalid task id {task}"))) }
                };
                tasks.iter().map(find).collect()
            }
            Victims::OfApp(app, host) => {
                self.app(app)?;
                let on_host = |hostname: &str| host.as_deref().is_none_or(|host| host == hostname || host == "*");
                let those = self.instances_of(app).filter(|instance| on_host(&instance.agent.hostname));
                Ok(those.map(|instance| instance.id.clone()).collect())
            }
            Victims::One(app, task) => {
                self.app(app)?;
                let id = InstanceId::parse(task);
                let is_its = self.instances.get(&id).is_some_and(|instance| instance.app == *app);
                if is_its { Ok(vec![id]) } else { Err(Refusal::NoTask(task.clone())) }
            }
        }
    }

    /// Wants as many fewer instances of each application as these are.
    fn scale_down(&mut self, now: Time, ids: &[InstanceId], force: bool) -> Result<DeploymentResult, Refusal> {
        let mut fewer: BTreeMap<AppId, u32> = BTreeMap::new();
        for instance in ids.iter().filter_map(|id| self.instances.get(id)).filter(|instance| instance.is_wanted()) {
            *fewer.entry(instance.app.clone()).or_default() += 1;
        }
        let version = self.fresh_version(now);
        let mut wanted = Vec::new();
        for (id, fewer) in fewer {
            if let Some(app) = self.apps.get(&id) {
                let mut definition = (*app.definition).clone();
                definition.instances = Some(definition.instances().saturating_sub(fewer));
                wanted.push((id, Some(stamped(definition, Some(&app.definition), &version))));
            }
        }
        self.deploy_at(now, version, wanted, force)
    }

    fn reset_delay(&mut self, id: &AppId) -> Result<Done, Refusal> {
        if !self.waiting.contains_key(id) {
            return Err(Refusal::NotQueued(id.clone()));
        }
        self.backoffs.remove(id);
        self.hungry = true;
        self.dirty.insert(id.clone());
        Ok(Done::Reset)
    }

    fn cancel(&mut self, now: Time, id: &str, force: bool) -> Result<Done, Refusal> {
        let found = self.deployments.iter().find(|deployment| deployment.id == id);
        let deployment = found.cloned().ok_or_else(|| Refusal::NoDeployment(id.to_owned()))?;
        if force {
            self.drop_deployments(now, |other| other.id == id);
            return Ok(Done::Stopped);
        }
        let version = self.fresh_version(now);
        let back = |affected: Affected| {
            let current = self.apps.get(&affected.app).map(|app| &*app.definition);
            let before = affected.before.map(|before| stamped(before, current, &version));
            (affected.app, before)
        };
        let wanted = deployment.affected.into_iter().map(back).collect();
        self.deploy_at(now, version, wanted, true).map(Done::Deploying)
    }

    fn deploy(
        &mut self,
        now: Time,
        wanted: Vec<(AppId, Option<AppDefinition>)>,
        force: bool,
    ) -> Result<DeploymentResult, Refusal> {
        let version = self.fresh_version(now);
        self.deploy_at(now, version, wanted, force)
    }

    /// Begins the deployment that brings these applications about.
    fn deploy_at(
        &mut self,
        now: Time,
        version: String,
        wanted: Vec<(AppId, Option<AppDefinition>)>,
        force: bool,
    ) -> Result<DeploymentResult, Refusal> {
        let touches = |deployment: &Deployment| wanted.iter().any(|(id, _)| deployment.affects(id));
        let locks: Vec<_> =
            self.deployments.iter().filter(|deployment| touches(deployment)).map(|d| d.id.clone()).collect();
        if !force && !locks.is_empty() {
            return Err(Refusal::Locked(locks));
        }
        self.check_together(&wanted)?;
        self.drop_deployments(now, |deployment| locks.contains(&deployment.id));
        let affected = wanted.into_iter().map(|(id, after)| self.want(id, after)).collect();
        let deployment = Deployment::new(self.new_uuid(), version, affected);
        let result = DeploymentResult { deployment_id: deployment.id.clone(), version: deployment.version.clone() };
        self.tell_deployment(now, Kind::DeploymentInfo, &deployment);
        self.deployments.push(deployment);
        self.save_deployment(&result.deployment_id);
        Ok(result)
    }

    /// What only all applications together can be wrong with.
    fn check_together(&self, wanted: &[(AppId, Option<AppDefinition>)]) -> Result<(), Refusal> {
        let mut all: BTreeMap<AppId, &AppDefinition> =
            self.apps.iter().map(|(id, app)| (id.clone(), &*app.definition)).collect();
        for (id, definition) in wanted {
            match definition {
                Some(definition) => all.insert(id.clone(), definition),
                None => all.remove(id),
            };
        }
        if let Some(most) = self.settings.max_apps.filter(|most| all.len() > *most && all.len() > self.apps.len()) {
            return Err(Refusal::TooManyApps(most));
        }
        if has_circle(&all) {
            return Err(not_valid("/dependencies", "Dependency graph has cyclic dependencies."));
        }
        Ok(())
    }

    fn want(&mut self, id: AppId, after: Option<AppDefinition>) -> Affected {
        let before = self.apps.get(&id).map(|app| (*app.definition).clone());
        match &after {
            Some(definition) if before.as_ref() == Some(definition) => {}
            Some(definition) => {
                let keep = self.settings.max_versions;
                let app = self.apps.entry(id.clone()).and_modify(|app| app.replace(definition.clone(), keep));
                app.or_insert_with(|| App::new(definition.clone()));
                self.save_app(&id);
            }
            None => {
                self.apps.remove(&id);
                self.failures.remove(&id);
                self.backoffs.remove(&id);
                self.save_app(&id);
            }
        }
        self.dirty.insert(id.clone());
        Affected { app: id, before, after }
    }

    /// Ends deployments before their time.
    fn drop_deployments(&mut self, now: Time, which: impl Fn(&Deployment) -> bool) {
        let (dropped, kept) = std::mem::take(&mut self.deployments).into_iter().partition(which);
        self.deployments = kept;
        for deployment in dropped {
            self.dirty.extend(deployment.affected.iter().map(|affected| affected.app.clone()));
            self.save_deployment(&deployment.id);
            self.tell_deployment(now, Kind::DeploymentFailed, &deployment);
        }
    }
}

/// Reads a whole application.
fn read(body: Value) -> Result<AppDefinition, Refusal> {
    AppDefinition::from_json(body).map_err(|violations| {
        let of_form = |violation: &Violation| {
            violation.message.starts_with("error.expected") || violation.message.starts_with("error.path")
        };
        if violations.iter().any(of_form) { Refusal::WrongForm(violations) } else { Refusal::NotValid(violations) }
    })
}

/// A list of applications with their ids.
fn with_ids(body: Value) -> Result<Vec<(AppId, Value)>, Refusal> {
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

/// With its version, if it is different from what was before.
fn stamped(mut definition: AppDefinition, before: Option<&AppDefinition>, version: &str) -> AppDefinition {
    let info = match before {
        None => both(version),
        Some(before) if !runs_the_same(before, &definition) => both(version),
        Some(before) if before.instances() != definition.instances() => VersionInfo {
            last_scaling_at: Some(version.to_owned()),
            last_config_change_at: Some(config_version_of(before).to_owned()),
            ..VersionInfo::default()
        },
        Some(before) => {
            definition.version = before.version.clone();
            definition.version_info = before.version_info.clone();
            return definition;
        }
    };
    definition.version = Some(version.to_owned());
    definition.version_info = Some(info);
    definition
}

/// Nothing but the number of instances differs.
fn runs_the_same(one: &AppDefinition, other: &AppDefinition) -> bool {
    let bare = |definition: &AppDefinition| AppDefinition {
        instances: None,
        version: None,
        version_info: None,
        ..definition.clone()
    };
    bare(one) == bare(other)
}

fn both(version: &str) -> VersionInfo {
    let version = Some(version.to_owned());
    VersionInfo { last_scaling_at: version.clone(), last_config_change_at: version, ..VersionInfo::default() }
}

fn not_valid(path: &str, message: &str) -> Refusal {
    Refusal::NotValid(vec![Violation { path: path.to_owned(), message: message.to_owned() }])
}
