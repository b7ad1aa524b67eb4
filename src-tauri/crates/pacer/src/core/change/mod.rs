//! Changes that the API asks for.

mod apps;
mod cancel;
mod deploy;
mod groups;
mod kill;
mod stamp;

use marathon::{AppDefinition, DeploymentResult, DeploymentStep, Task, Violation};
use serde_json::Value;

use super::{App, AppId, Core, Refusal, Time};

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
    /// `POST /v2/groups`.
    CreateGroup {
        /// Where it was sent to.
        path: AppId,
        /// The group.
        body: Value,
        /// Replace deployments.
        force: bool,
    },
    /// `PUT /v2/groups`: also of one that is not there yet.
    UpdateGroup {
        /// Where it was sent to.
        path: AppId,
        /// The group.
        body: Value,
        /// Replace deployments.
        force: bool,
        /// Only say what would be done.
        dry_run: bool,
    },
    /// `PATCH /v2/groups`.
    PatchGroup {
        /// Which.
        path: AppId,
        /// The fields.
        body: Value,
    },
    /// `DELETE /v2/groups`: with everything in it.
    DeleteGroup {
        /// Which.
        path: AppId,
        /// Replace deployments.
        force: bool,
    },
    /// `DELETE /v2/queue/{id}/delay`.
    ResetDelay {
        /// Of which application.
        id: AppId,
    },
}

impl Change {
    /// The one application whose definition it is about.
    pub fn app(&self) -> Option<AppId> {
        match self {
            Self::Create { body, .. } => body.get("id")?.as_str().map(|id| AppId::within(&AppId::root(), id)),
            Self::Update { id, .. } | Self::Patch { id, .. } | Self::Restart { id, .. } => Some(id.clone()),
            _ => None,
        }
    }
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
    /// A group was created; its deployment.
    CreatedGroup(AppId, DeploymentResult),
    /// What would be done; nothing was.
    Rehearsed(Vec<DeploymentStep>),
    /// It was taken note of.
    Patched,
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
            Change::Update { id, body, partial, force } => self.update_one(now, id, body, partial, force),
            Change::Patch { id, body, force } => {
                self.app(&id)?;
                self.update_many(now, vec![(id, body)], true, force).map(Done::Deploying)
            }
            Change::UpdateMany { body, partial, must_exist, force } => {
                let bodies = apps::with_ids(body)?;
                if must_exist {
                    bodies.iter().try_for_each(|(id, _)| self.app(id).map(drop))?;
                }
                self.update_many(now, bodies, partial, force).map(Done::Deploying)
            }
            Change::Delete { id, force } => self.delete(now, &id, force),
            Change::Restart { id, force } => self.restart(now, &id, force),
            Change::Kill { victims, scale, wipe, force } => self.kill(now, victims, scale, wipe, force),
            Change::CancelDeployment { id, force } => self.cancel(now, &id, force),
            Change::CreateGroup { path, body, force } => self.create_group(now, &path, body, force),
            Change::UpdateGroup { path, body, force, dry_run } => self.update_group(now, &path, body, force, dry_run),
            Change::PatchGroup { path, body } => self.patch_group(&path, body),
            Change::DeleteGroup { path, force } => self.delete_group(now, &path, force),
            Change::ResetDelay { id } => self.reset_delay(&id),
        };
        self.settle(now);
        done
    }

    pub(super) fn app(&self, id: &AppId) -> Result<&App, Refusal> {
        self.apps.get(id).ok_or_else(|| Refusal::NoApp(id.clone()))
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

fn not_valid(path: &str, message: &str) -> Refusal {
    Refusal::NotValid(vec![Violation { path: path.to_owned(), message: message.to_owned() }])
}
