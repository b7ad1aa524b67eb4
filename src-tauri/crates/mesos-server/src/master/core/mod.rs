//! What a leading master knows and decides. No I/O here: messages come in as calls, go out through channels, and time is
//! an argument.

pub mod accept;
pub mod agents;
pub mod allocate;
pub mod calls;
pub mod events;
pub mod frameworks;
pub mod model;
pub mod reconcile;
pub mod updates;

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
    time::{Duration, Instant},
};

use events::Subscriber;
use model::{Agent, Framework, Offer};

use super::registry::Registry;
use crate::{
    Log, MasterFlags,
    resources::Resources,
    wire::{AgentInfo, Id, MasterInfo, TaskState},
};

/// Between two heartbeats on a stream.
pub const HEARTBEAT: Duration = Duration::from_secs(15);

/// A master's state.
#[derive(Debug)]
pub struct Core {
    pub flags: MasterFlags,
    pub me: MasterInfo,
    pub log: Log,
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
    pub completed: VecDeque<Framework>,
    pub offers: BTreeMap<Id, Offer>,
    pub subscribers: Vec<Subscriber>,
    subscriber_heartbeat: Option<Instant>,
    /// What the frameworks of each role have, offers included.
    pub allocated: BTreeMap<String, Resources>,
    pub total: Resources,
    /// Agents whose free resources may have grown, or whose filters ran out.
    dirty: BTreeSet<Id>,
    next_agent: u64,
    next_framework: u64,
    next_offer: u64,
    pub counts: Counts,
}

/// What has been counted since the start, for the metrics.
#[derive(Debug, Default)]
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
            flags,
            me,
            log,
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
            subscribers: Vec::new(),
            subscriber_heartbeat: None,
            allocated: BTreeMap::new(),
            total: Resources::default(),
            dirty: BTreeSet::new(),
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
        self.unreachable = self.registry.unreachable().into_iter().collect();
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
        self.ping_agents(now);
        self.time_out_offers(now);
        self.expire_filters(now);
        self.expire_frameworks(now);
        self.heartbeat(now);
        self.allocate(now);
        let waits = [self.next_ping(), self.next_filter(), self.next_failover(), self.next_offer_timeout()];
        waits.into_iter().flatten().fold(now + AT_MOST, Instant::min)
    }

    fn new_id(&self, suffix: &str) -> Id {
        Id::from(format!("{}{suffix}", self.me.id))
    }
}
