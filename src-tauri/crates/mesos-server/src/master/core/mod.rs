//! What a leading master knows and decides. No I/O here: messages come in as calls, go out through channels, and time is
//! an argument.

pub mod accept;
pub mod agents;
pub mod allocate;
pub mod calls;
pub mod drain;
pub mod ends;
pub mod events;
pub mod filters;
pub mod frameworks;
pub mod maintenance;
pub mod operations;
pub mod quota;
pub mod reconcile;
pub mod shares;
mod timers;
pub mod updates;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::{Duration, Instant},
};

use ends::{Link, Ping, Stream};
use events::Subscriber;
use filters::Filters;

use super::state::{Live, State};
use crate::{
    Log, MasterFlags,
    registry::Registry,
    wire::{Id, MasterInfo},
};

/// Between two heartbeats on a stream.
pub const HEARTBEAT: Duration = Duration::from_secs(15);

/// A master at work: its state, and what it needs to go on from there.
#[derive(Debug)]
pub struct Core {
    pub state: Live,
    pub log: Log,
    pub registry: Arc<Registry>,
    /// Until when agents of the registry may come back.
    recovery_ends: Option<Instant>,
    /// The agents' connections.
    links: BTreeMap<Id, Link>,
    pings: BTreeMap<Id, Ping>,
    /// The schedulers' streams.
    streams: BTreeMap<Id, Stream>,
    subscribers: Vec<Subscriber>,
    subscriber_heartbeat: Option<Instant>,
    /// What frameworks don't want, by framework.
    filters: BTreeMap<Id, Filters>,
    /// When offers were made last.
    offered: Option<Instant>,
    /// Agents whose free resources may have grown, or whose filters ran out.
    dirty: BTreeSet<Id>,
    timers: timers::Timers,
    next_agent: u64,
    next_framework: u64,
    next_offer: u64,
}

impl Core {
    /// A master that does not lead yet.
    pub fn new(flags: MasterFlags, me: MasterInfo, log: Log, registry: Arc<Registry>) -> Self {
        Self {
            state: State::new(flags, me).into(),
            log,
            registry,
            recovery_ends: None,
            links: BTreeMap::new(),
            pings: BTreeMap::new(),
            streams: BTreeMap::new(),
            subscribers: Vec::new(),
            subscriber_heartbeat: None,
            filters: BTreeMap::new(),
            offered: None,
            dirty: BTreeSet::new(),
            timers: timers::Timers::default(),
            next_agent: 0,
            next_framework: 0,
            next_offer: 0,
        }
    }

    /// It leads from now on, and waits for the agents of the registry to come back.
    pub fn elect(&mut self, now: Instant) {
        self.state.elected = Some(crate::wire::now());
        self.state.recovered =
            self.registry.agents().into_iter().filter_map(|info| Some((info.id.clone()?, info))).collect();
        let kept = self.registry.kept();
        let ids = |map: BTreeMap<String, f64>| map.into_iter().map(|(id, since)| (Id::from(id), since)).collect();
        (self.state.unreachable, self.state.gone) = (ids(kept.unreachable), ids(kept.gone));
        self.state.out_of_service = kept.out_of_service.into_iter().map(|(id, how)| (Id::from(id), how)).collect();
        (self.state.quotas, self.state.weights, self.state.maintenance) = (kept.quotas, kept.weights, kept.maintenance);
        self.recovery_ends = Some(now + self.state.flags.reregister_timeout);
        self.log.info("master.cpp:2176", "Elected as the leading master!");
        let (agents, timeout) = (self.state.recovered.len(), &self.state.flags.shown["agent_reregister_timeout"]);
        let text = format!("Recovered {agents} agents from the registry; allowing {timeout} for agents to reregister");
        self.log.info("master.cpp:1825", &text);
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
        let waits = [self.timers.next(), self.next_failover(), self.next_offer_timeout(), self.next_allocation()];
        waits.into_iter().flatten().fold(now + AT_MOST, Instant::min)
    }

    /// Writes into the registry what operators have decided.
    fn keep(&self) {
        self.registry.keep(|kept| {
            let ids = |map: &BTreeMap<Id, f64>| map.iter().map(|(id, since)| (id.to_string(), *since)).collect();
            (kept.unreachable, kept.gone) = (ids(&self.state.unreachable), ids(&self.state.gone));
            kept.out_of_service =
                self.state.out_of_service.iter().map(|(id, how)| (id.to_string(), how.clone())).collect();
            (kept.quotas, kept.weights) = (self.state.quotas.clone(), self.state.weights.clone());
            kept.maintenance = self.state.maintenance.clone();
        });
    }

    fn new_id(&self, suffix: &str) -> Id {
        Id::from(format!("{}{suffix}", self.state.me.id))
    }
}

#[cfg(test)]
pub mod tests {
    use std::net::Ipv4Addr;

    use super::*;
    use crate::wire::agent::Address;

    /// A master without anyone.
    pub fn core() -> Core {
        let flags = BTreeMap::from([("work_dir".to_owned(), "/m".to_owned())]);
        let address = Address { hostname: "m".into(), ip: Ipv4Addr::LOCALHOST, port: 5050 };
        let me = MasterInfo { id: "m".into(), address, hostname: "m".into() };
        Core::new(MasterFlags::parse(&flags).unwrap(), me, Log::none(), Arc::default())
    }
}
