//! What a leading master knows and decides. No I/O here: messages come in as calls, go out through channels, and time is
//! an argument.

pub mod accept;
pub mod agents;
pub mod allocate;
pub mod calls;
pub mod drain;
pub mod events;
pub mod frameworks;
pub mod maintenance;
pub mod model;
pub mod operations;
pub mod quota;
pub mod reconcile;
pub mod shares;
mod timers;
pub mod updates;

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
    time::{Duration, Instant},
};

use events::Subscriber;
use model::{Agent, Framework, InverseOffer, Offer};

use super::registry::Registry;
use crate::{
    Log, MasterFlags,
    resources::Resources,
    wire::{AgentInfo, Id, MasterInfo, TaskState},
};

/// Between two heartbeats on a stream.
pub const HEARTBEAT: Duration = Duration::from_secs(15);

/// A master's state. A copy shares most of it: what is shown to a client is rendered from one, while the master goes on.
#[derive(Clone, Debug)]
pub struct Core {
    pub flags: Arc<MasterFlags>,
    pub me: MasterInfo,
    pub log: Log,
    pub log_level: crate::log::LogLevel,
    /// Seconds since 1970.
    pub started: f64,
    /// Seconds since 1970; none while it does not lead.
    pub elected: Option<f64>,
    pub registry: Arc<Registry>,
    pub agents: BTreeMap<Id, Agent>,
    /// Agents of the registry that have not come back yet, and until when they may.
    pub recovered: BTreeMap<Id, AgentInfo>,
    recovery_ends: Option<Instant>,
    /// Agents out of reach, since when.
    pub unreachable: BTreeMap<Id, f64>,
    pub frameworks: BTreeMap<Id, Framework>,
    pub completed: VecDeque<Arc<Framework>>,
    pub offers: BTreeMap<Id, Arc<Offer>>,
    pub inverse_offers: BTreeMap<Id, InverseOffer>,
    /// Agents that operators put out of service.
    pub out_of_service: BTreeMap<Id, drain::Deactivation>,
    /// Agents that operators gave up for good, and when.
    pub gone: BTreeMap<Id, f64>,
    pub quotas: BTreeMap<String, quota::Quota>,
    pub weights: BTreeMap<String, f64>,
    pub maintenance: maintenance::Maintenance,
    pub subscribers: Vec<Subscriber>,
    subscriber_heartbeat: Option<Instant>,
    /// What the frameworks of each role have, offers included.
    pub allocated: BTreeMap<String, Resources>,
    pub total: Resources,
    /// Agents whose free resources may have grown, or whose filters ran out.
    dirty: BTreeSet<Id>,
    timers: timers::Timers,
    next_agent: u64,
    next_framework: u64,
    next_offer: u64,
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

impl Core {
    /// A master that does not lead yet.
    pub fn new(flags: MasterFlags, me: MasterInfo, log: Log, registry: Arc<Registry>) -> Self {
        Self {
            flags: Arc::new(flags),
            me,
            log,
            log_level: crate::log::LogLevel::default(),
            started: crate::wire::now(),
            elected: None,
            registry,
            agents: BTreeMap::new(),
            recovered: BTreeMap::new(),
            recovery_ends: None,
            unreachable: BTreeMap::new(),
            frameworks: BTreeMap::new(),
            completed: VecDeque::new(),
            offers: BTreeMap::new(),
            inverse_offers: BTreeMap::new(),
            out_of_service: BTreeMap::new(),
            gone: BTreeMap::new(),
            quotas: BTreeMap::new(),
            weights: BTreeMap::new(),
            maintenance: maintenance::Maintenance::default(),
            subscribers: Vec::new(),
            subscriber_heartbeat: None,
            allocated: BTreeMap::new(),
            total: Resources::default(),
            dirty: BTreeSet::new(),
            timers: timers::Timers::default(),
            next_agent: 0,
            next_framework: 0,
            next_offer: 0,
            counts: Counts::default(),
        }
    }

    /// It leads from now on, and waits for the agents of the registry to come back.
    pub fn elect(&mut self, now: Instant) {
        self.elected = Some(crate::wire::now());
        self.recovered = self.registry.agents().into_iter().filter_map(|info| Some((info.id.clone()?, info))).collect();
        let kept = self.registry.kept();
        let ids = |map: BTreeMap<String, f64>| map.into_iter().map(|(id, since)| (Id::from(id), since)).collect();
        (self.unreachable, self.gone) = (ids(kept.unreachable), ids(kept.gone));
        self.out_of_service = kept.out_of_service.into_iter().map(|(id, how)| (Id::from(id), how)).collect();
        (self.quotas, self.weights, self.maintenance) = (kept.quotas, kept.weights, kept.maintenance);
        self.recovery_ends = Some(now + self.flags.reregister_timeout);
        self.log.info("master.cpp:2176", "Elected as the leading master!");
        let (agents, timeout) = (self.recovered.len(), &self.flags.shown["agent_reregister_timeout"]);
        let text = format!("Recovered {agents} agents from the registry; allowing {timeout} for agents to reregister");
        self.log.info("master.cpp:1825", &text);
    }

    /// Whether it leads.
    pub fn leads(&self) -> bool {
        self.elected.is_some()
    }

    /// Does what is due, and says when to ask again.
    pub fn tick(&mut self, now: Instant) -> Instant {
        const AT_MOST: Duration = Duration::from_secs(1);
        self.end_recovery(now);
        self.run_timers(now);
        self.time_out_offers(now);
        self.expire_frameworks(now);
        self.heartbeat(now);
        self.allocate(now);
        let waits = [self.timers.next(), self.next_failover(), self.next_offer_timeout()];
        waits.into_iter().flatten().fold(now + AT_MOST, Instant::min)
    }

    /// Writes into the registry what operators have decided.
    fn keep(&self) {
        self.registry.keep(|kept| {
            let ids = |map: &BTreeMap<Id, f64>| map.iter().map(|(id, since)| (id.to_string(), *since)).collect();
            (kept.unreachable, kept.gone) = (ids(&self.unreachable), ids(&self.gone));
            kept.out_of_service = self.out_of_service.iter().map(|(id, how)| (id.to_string(), how.clone())).collect();
            (kept.quotas, kept.weights) = (self.quotas.clone(), self.weights.clone());
            kept.maintenance = self.maintenance.clone();
        });
    }

    fn new_id(&self, suffix: &str) -> Id {
        Id::from(format!("{}{suffix}", self.me.id))
    }
}
