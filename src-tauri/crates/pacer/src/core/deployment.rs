//! Deployments: what changes, in which order, and how far it has come. They order and watch; the doing is in
//! [`control`](super::control).

use std::collections::{BTreeMap, BTreeSet};

use marathon::{AppDefinition, DeploymentAction, DeploymentStep};
use serde::{Deserialize, Serialize};

use super::AppId;
use super::app::config_version_of;

/// A change that is under way.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Deployment {
    /// Its id.
    pub id: String,
    /// When it was made.
    pub version: String,
    /// What it changes.
    pub affected: Vec<Affected>,
    /// The steps, one after the other; the actions of one together.
    pub steps: Vec<Vec<Action>>,
    /// The step that is being done, counted from 0.
    pub current: usize,
}

/// An application that a deployment changes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Affected {
    /// Which.
    pub app: AppId,
    /// As it was; none if it is new.
    pub before: Option<AppDefinition>,
    /// As it shall be; none if it shall be gone.
    pub after: Option<AppDefinition>,
}

/// One action on one application.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Action {
    /// What is done.
    pub kind: ActionKind,
    /// To which.
    pub app: AppId,
}

/// What is done to an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ActionKind {
    /// It is new.
    Start,
    /// It is stopped for good.
    Stop,
    /// Another number of instances is wanted.
    Scale,
    /// Its instances are replaced.
    Restart,
}

impl ActionKind {
    /// Marathon's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Start => "StartApplication",
            Self::Stop => "StopApplication",
            Self::Scale => "ScaleApplication",
            Self::Restart => "RestartApplication",
        }
    }
}

impl Deployment {
    /// The plan of a change.
    pub fn new(id: String, version: String, affected: Vec<Affected>) -> Self {
        let steps = plan(&affected);
        Self { id, version, affected, steps, current: 0 }
    }

    /// It changes this application.
    pub fn affects(&self, app: &AppId) -> bool {
        self.affected.iter().any(|affected| affected.app == *app)
    }

    /// It has something to do to this application, but not yet: what it depends on comes first.
    pub fn holds(&self, app: &AppId) -> bool {
        let acts =
            |step: &Vec<Action>| step.iter().any(|action| action.app == *app && action.kind != ActionKind::Start);
        self.steps.iter().position(acts).is_some_and(|turn| turn > self.current)
    }

    /// The actions of now.
    pub fn current_actions(&self) -> &[Action] {
        self.steps.get(self.current).map(Vec::as_slice).unwrap_or_default()
    }

    /// As the API shows it.
    pub fn shown(&self) -> marathon::Deployment {
        let actions = |actions: &[Action]| actions.iter().map(Action::shown).collect::<Vec<_>>();
        marathon::Deployment {
            id: self.id.clone(),
            version: self.version.clone(),
            affected_apps: self.affected.iter().map(|affected| affected.app.to_string()).collect(),
            affected_pods: Vec::new(),
            steps: self.steps.iter().map(|step| DeploymentStep { actions: actions(step) }).collect(),
            current_actions: actions(self.current_actions()),
            current_step: u32::try_from(self.current + 1).unwrap_or(u32::MAX),
            total_steps: u32::try_from(self.steps.len()).unwrap_or(u32::MAX),
        }
    }
}

impl Action {
    /// As the API shows it.
    pub fn shown(&self) -> DeploymentAction {
        DeploymentAction { action: self.kind.as_str().to_owned(), app: Some(self.app.to_string()), pod: None }
    }
}

/// The steps: what shall be gone, then what is new, then what changes, in the order of dependencies.
fn plan(affected: &[Affected]) -> Vec<Vec<Action>> {
    let of_kind = |kind: ActionKind, pick: fn(&Affected) -> bool| {
        affected.iter().filter(|one| pick(one)).map(|one| Action { kind, app: one.app.clone() }).collect::<Vec<_>>()
    };
    let stops = of_kind(ActionKind::Stop, |one| one.after.is_none());
    let starts = of_kind(ActionKind::Start, |one| one.before.is_none() && one.after.is_some());
    let mut steps = vec![stops, starts];
    steps.extend(by_dependency(affected));
    steps.retain(|step| !step.is_empty());
    steps
}

fn by_dependency(affected: &[Affected]) -> Vec<Vec<Action>> {
    let changing: BTreeMap<&AppId, &AppDefinition> =
        affected.iter().filter_map(|one| Some((&one.app, one.after.as_ref()?))).collect();
    let mut levels: Vec<Vec<Action>> = Vec::new();
    let mut done: BTreeSet<&AppId> = BTreeSet::new();
    while done.len() < changing.len() {
        let is_next = |app: &AppId, definition: &AppDefinition| {
            !changing.keys().any(|other| *other != app && !done.contains(*other) && depends_on(definition, other))
        };
        let mut level: Vec<&AppId> = changing
            .iter()
            .filter(|(app, definition)| !done.contains(*app) && is_next(app, definition))
            .map(|(app, _)| *app)
            .collect();
        if level.is_empty() {
            // A circle, which the API refuses; should one ever be here, it is changed all at once.
            level = changing.keys().copied().filter(|app| !done.contains(*app)).collect();
        }
        done.extend(&level);
        let actions = affected.iter().filter(|one| level.contains(&&one.app)).filter_map(action_for);
        levels.push(actions.collect());
    }
    levels
}

/// What a change of one application is; none if it does not change.
fn action_for(affected: &Affected) -> Option<Action> {
    let after = affected.after.as_ref()?;
    let kind = match &affected.before {
        None => ActionKind::Scale,
        Some(before) if config_version_of(before) != config_version_of(after) => ActionKind::Restart,
        Some(before) if before.instances() != after.instances() => ActionKind::Scale,
        Some(_) => return None,
    };
    Some(Action { kind, app: affected.app.clone() })
}

/// Whether an application depends on another, by name or by a group that holds it.
pub fn depends_on(definition: &AppDefinition, other: &AppId) -> bool {
    let dependencies = definition.dependencies.as_deref().unwrap_or_default();
    dependencies.iter().any(|dependency| other.is_within(AppId::new(dependency).as_str()))
}

/// Whether these applications depend on each other in a circle.
pub fn has_circle(apps: &BTreeMap<AppId, &AppDefinition>) -> bool {
    let mut left: BTreeMap<&AppId, &&AppDefinition> = apps.iter().collect();
    loop {
        let free: Vec<&AppId> = left
            .iter()
            .filter(|(_, definition)| !left.keys().any(|other| depends_on(definition, other)))
            .map(|(app, _)| *app)
            .collect();
        if free.is_empty() {
            return !left.is_empty();
        }
        left.retain(|app, _| !free.contains(app));
    }
}
