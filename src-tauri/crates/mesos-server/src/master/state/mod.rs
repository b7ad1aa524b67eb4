//! What a master knows: everything that clients may be shown. A copy shares its agents, frameworks, tasks and offers with
//! the living one, copy on write; what clients see is rendered from such a copy, while the master goes on.

mod agent;
mod framework;
mod live;
mod offer;
mod operation;
mod shown;
mod task;

pub use agent::{Agent, Executor};
pub use framework::Framework;
pub use live::Live;
pub use offer::{InverseOffer, Offer};
pub use operation::OperationRecord;
pub use shown::Shown;
pub use task::Task;

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

use crate::{
    MasterFlags,
    registry::{Deactivation, Maintenance, Quota, machine_of},
    resources::{Quantities, Resources, covers},
    wire::{AgentInfo, Id, MasterInfo, TaskState, maintenance::Unavailability},
};

/// A master's state.
#[derive(Clone, Debug)]
pub struct State {
    pub flags: Arc<MasterFlags>,
    pub me: MasterInfo,
    pub log_level: crate::log::LogLevel,
    /// Seconds since 1970.
    pub started: f64,
    /// Seconds since 1970; none while it does not lead.
    pub elected: Option<f64>,
    pub agents: BTreeMap<Id, Shown<Agent>>,
    /// Agents of the registry that have not come back yet.
    pub recovered: BTreeMap<Id, AgentInfo>,
    /// Agents out of reach, since when.
    pub unreachable: BTreeMap<Id, f64>,
    pub frameworks: BTreeMap<Id, Arc<Framework>>,
    pub completed: VecDeque<Arc<Framework>>,
    pub offers: BTreeMap<Id, Shown<Offer>>,
    pub inverse_offers: BTreeMap<Id, InverseOffer>,
    /// Agents that operators put out of service.
    pub out_of_service: BTreeMap<Id, Deactivation>,
    /// Agents that operators gave up for good, and when.
    pub gone: BTreeMap<Id, f64>,
    pub quotas: BTreeMap<String, Quota>,
    pub weights: BTreeMap<String, f64>,
    pub maintenance: Maintenance,
    /// What the frameworks of each role have, offers included.
    pub allocated: BTreeMap<String, Resources>,
    pub total: Resources,
    pub counts: Counts,
}

/// What has been counted since the start, for the metrics.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    /// By metric name, without the leading `master/`.
    pub named: BTreeMap<&'static str, u64>,
    /// Terminal states.
    pub terminal: BTreeMap<TaskState, u64>,
}

impl Counts {
    /// One more.
    pub fn more(&mut self, name: &'static str) {
        *self.named.entry(name).or_default() += 1;
    }
}

impl State {
    /// Of a master that does not lead yet.
    pub fn new(flags: MasterFlags, me: MasterInfo) -> Self {
        Self {
            flags: Arc::new(flags),
            me,
            log_level: crate::log::LogLevel::default(),
            started: crate::wire::now(),
            elected: None,
            agents: BTreeMap::new(),
            recovered: BTreeMap::new(),
            unreachable: BTreeMap::new(),
            frameworks: BTreeMap::new(),
            completed: VecDeque::new(),
            offers: BTreeMap::new(),
            inverse_offers: BTreeMap::new(),
            out_of_service: BTreeMap::new(),
            gone: BTreeMap::new(),
            quotas: BTreeMap::new(),
            weights: BTreeMap::new(),
            maintenance: Maintenance::default(),
            allocated: BTreeMap::new(),
            total: Resources::default(),
            counts: Counts::default(),
        }
    }

    /// Whether it leads.
    pub fn leads(&self) -> bool {
        self.elected.is_some()
    }

    /// An agent, to be changed.
    pub fn agent_mut(&mut self, id: &Id) -> Option<&mut Agent> {
        self.agents.get_mut(id).map(Shown::change)
    }

    /// The executors of a framework, with the agents that they are on.
    pub fn executors_of<'a>(&'a self, framework: &'a Framework) -> impl Iterator<Item = (&'a Id, &'a Executor)> {
        let agents: BTreeSet<&Id> =
            framework.tasks.values().filter(|t| t.executor.is_some()).map(|t| &t.agent).collect();
        agents.into_iter().filter_map(|id| self.agents.get_key_value(id)).flat_map(move |(id, agent)| {
            agent
                .executors
                .iter()
                .filter(move |((of, _), _)| *of == framework.id)
                .map(move |(_, executor)| (id, executor))
        })
    }

    /// What is offered of an agent, by role.
    pub fn offered_of(&self, agent: &Agent) -> BTreeMap<String, Resources> {
        let mut offered: BTreeMap<String, Resources> = BTreeMap::new();
        for offer in agent.offers.iter().filter_map(|id| self.offers.get(id)) {
            offered.entry(offer.role.to_string()).or_default().add(&offer.resources);
        }
        offered
    }

    /// A framework, to be changed.
    pub fn framework_mut(&mut self, id: &Id) -> Option<&mut Framework> {
        self.frameworks.get_mut(id).map(Arc::make_mut)
    }

    /// When the machine of an agent will be out of service, if it will.
    pub fn unavailability(&self, info: &AgentInfo) -> Option<&Unavailability> {
        if self.maintenance.machines.is_empty() {
            return None;
        }
        self.maintenance.machines.get(&machine_of(info)).map(|machine| &machine.unavailability)
    }

    /// With `--roles` only those may be used.
    pub fn is_whitelisted(&self, role: &str) -> bool {
        let Some(list) = self.flags.shown.get("roles") else { return true };
        role == "*" || list.split(',').any(|one| one == role)
    }

    /// What a role and those beneath it use or have reserved.
    pub fn consumed_quota(&self, role: &str) -> Quantities {
        let mut consumed = Quantities::default();
        for (other, allocated) in self.allocated.iter().filter(|(other, _)| covers(role, other)) {
            let mut used = allocated.clone();
            if let Some(offered) = self.offered_to(other) {
                used.subtract(&offered);
            }
            // What is reserved counts below, used or not.
            consumed.add(&used.unreserved().quantities());
        }
        for agent in self.agents.values() {
            let reserved = agent.total.iter().filter(|r| r.role().is_some_and(|of| covers(role, of)));
            consumed.add(&reserved.cloned().collect::<Resources>().quantities());
        }
        consumed
    }

    /// What is offered to a role, if anything is.
    pub fn offered_to(&self, role: &str) -> Option<Resources> {
        let mut offered = Resources::default();
        self.offers.values().filter(|o| &*o.role == role).for_each(|offer| offered.add(&offer.resources));
        (!offered.is_empty()).then_some(offered)
    }

    /// How much a role counts.
    pub fn weight(&self, role: &str) -> f64 {
        self.weights.get(role).copied().unwrap_or(1.0)
    }

    /// The largest part of any resource that an allocation makes up of the whole cluster.
    pub fn share(&self, allocated: Option<&Resources>) -> f64 {
        let Some(allocated) = allocated else { return 0.0 };
        let part = |name| match self.total.scalar(name) {
            0 => 0.0,
            total => allocated.scalar(name) as f64 / total as f64,
        };
        ["cpus", "mem", "disk", "gpus"].into_iter().map(part).fold(0.0, f64::max)
    }
}

/// A role's ancestors and the role itself: `a`, `a/b`, `a/b/c`.
pub fn path(role: &str) -> impl Iterator<Item = &str> {
    let ends = role.match_indices('/').map(|(at, _)| at).chain(Some(role.len()));
    ends.map(|end| &role[..end])
}
