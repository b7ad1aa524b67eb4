//! Deployments: what changes, in which order, and how far it has come. They order and watch; the doing is in
//! [`control`](super::control).

use std::collections::BTreeMap;

use marathon::{AppDefinition, DeploymentAction, DeploymentStep};
use serde::{Deserialize, Serialize};

use super::AppId;
use super::app::config_version_of;
use super::graph::Ranks;
use super::groups::Groups;

/// A change that is under way.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Deployment {
    /// Its id.
    pub id: String,
    /// When it was made.
    pub version: String,
    /// What it changes.
    pub affected: Vec<Affected>,
    /// What it changed about groups, when it began.
    #[serde(default)]
    pub groups: Option<GroupsChange>,
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

impl Affected {
    /// How much there is to write about it, bytes.
    pub fn size(&self) -> usize {
        let size = |definition: &AppDefinition| serde_json::to_vec(definition).map_or(0, |json| json.len());
        self.before.iter().chain(&self.after).map(size).sum()
    }
}

/// All groups, before and after a change.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct GroupsChange {
    /// As they were.
    pub before: Groups,
    /// As they are since.
    pub after: Groups,
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
        DeploymentAction {
            action: self.kind.as_str().to_owned(),
            app: Some(self.app.to_string()),
            ..DeploymentAction::default()
        }
    }
}

/// The steps: what shall be gone, then what is new, then what changes, in the order of dependencies.
pub fn plan(affected: &[Affected], ranks: &Ranks) -> Vec<Vec<Action>> {
    let of_kind = |kind: ActionKind, pick: fn(&Affected) -> bool| {
        affected.iter().filter(|one| pick(one)).map(|one| Action { kind, app: one.app.clone() }).collect::<Vec<_>>()
    };
    let stops = of_kind(ActionKind::Stop, |one| one.after.is_none());
    let starts = of_kind(ActionKind::Start, |one| one.before.is_none() && one.after.is_some());
    let mut steps = vec![stops, starts];
    steps.extend(by_dependency(affected, ranks));
    steps.retain(|step| !step.is_empty());
    steps
}

/// What changes, in the order of dependencies.
fn by_dependency(affected: &[Affected], ranks: &Ranks) -> impl Iterator<Item = Vec<Action>> {
    let mut levels: BTreeMap<usize, Vec<Action>> = BTreeMap::new();
    for (one, action) in affected.iter().filter_map(|one| Some((one, action_for(one)?))) {
        levels.entry(ranks.of(&one.app)).or_default().push(action);
    }
    levels.into_values()
}

/// What a change of one application is; none if it does not change.
fn action_for(affected: &Affected) -> Option<Action> {
    let after = affected.after.as_ref()?;
    let kind = match &affected.before {
        None => ActionKind::Scale,
        Some(before) if before != after && after.instances() == 0 => ActionKind::Scale,
        Some(before) if config_version_of(before) != config_version_of(after) => ActionKind::Restart,
        Some(before) if before.instances() != after.instances() => ActionKind::Scale,
        Some(_) => return None,
    };
    Some(Action { kind, app: affected.app.clone() })
}
