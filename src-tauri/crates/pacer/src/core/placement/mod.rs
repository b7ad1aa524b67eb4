//! Whether an instance fits an offer, and why not.

mod constraints;
mod ports;
mod resources;

use std::collections::BTreeMap;

use marathon::AppDefinition;
use mesos::v1::{Offer, Resource};

pub use constraints::Place;
pub use resources::Pool;

/// Why an offer cannot be used: for the first that applies. What no offer could help with comes first; the other words,
/// and their order, are Marathon's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// It asks for a container image, which no agent here can run.
    UnsupportedContainer,
    /// It asks for a volume.
    UnsupportedVolume,
    /// It asks for a network of its own.
    UnsupportedNetwork,
    /// It asks for files to be fetched first, which no agent here can do.
    UnsupportedFetch,
    /// It asks for secrets.
    UnsupportedSecret,
    /// It asks for a terminal.
    UnsupportedTerminal,
    /// It asks for an executor of its own.
    UnsupportedExecutor,
    /// It asks for more resources in a pinch than it is given.
    UnsupportedLimits,
    /// It asks for a check that Mesos has no word for.
    UnsupportedCheck,
    /// It asks for its processes to be kept apart in a way of its own (`linuxInfo`).
    UnsupportedIsolation,
    /// No resources for a role that the application accepts.
    UnfulfilledRole,
    /// A constraint says no.
    UnfulfilledConstraint,
    /// The agent goes into maintenance.
    AgentMaintenance,
    /// Too few processors.
    InsufficientCpus,
    /// Too little memory.
    InsufficientMemory,
    /// Too little disk.
    InsufficientDisk,
    /// Too few graphics processors.
    InsufficientGpus,
    /// The ports are not there.
    InsufficientPorts,
}

impl Reason {
    /// All, in order.
    pub const ALL: [Self; 18] = [
        Self::UnsupportedContainer,
        Self::UnsupportedVolume,
        Self::UnsupportedNetwork,
        Self::UnsupportedFetch,
        Self::UnsupportedSecret,
        Self::UnsupportedTerminal,
        Self::UnsupportedExecutor,
        Self::UnsupportedLimits,
        Self::UnsupportedCheck,
        Self::UnsupportedIsolation,
        Self::UnfulfilledRole,
        Self::UnfulfilledConstraint,
        Self::AgentMaintenance,
        Self::InsufficientCpus,
        Self::InsufficientMemory,
        Self::InsufficientDisk,
        Self::InsufficientGpus,
        Self::InsufficientPorts,
    ];

    /// No offer could help.
    pub fn is_hopeless(self) -> bool {
        self < Self::UnfulfilledRole
    }

    /// Marathon's word, or one of ours of the same form.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UnsupportedContainer => "UnsupportedContainer",
            Self::UnsupportedVolume => "UnsupportedVolume",
            Self::UnsupportedNetwork => "UnsupportedNetwork",
            Self::UnsupportedFetch => "UnsupportedFetch",
            Self::UnsupportedSecret => "UnsupportedSecret",
            Self::UnsupportedTerminal => "UnsupportedTerminal",
            Self::UnsupportedExecutor => "UnsupportedExecutor",
            Self::UnsupportedLimits => "UnsupportedLimits",
            Self::UnsupportedCheck => "UnsupportedCheck",
            Self::UnsupportedIsolation => "UnsupportedIsolation",
            Self::UnfulfilledRole => "UnfulfilledRole",
            Self::UnfulfilledConstraint => "UnfulfilledConstraint",
            Self::AgentMaintenance => "AgentMaintenance",
            Self::InsufficientCpus => "InsufficientCpus",
            Self::InsufficientMemory => "InsufficientMemory",
            Self::InsufficientDisk => "InsufficientDisk",
            Self::InsufficientGpus => "InsufficientGpus",
            Self::InsufficientPorts => "InsufficientPorts",
        }
    }
}

/// An offer while it is being used up.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The offer as it came.
    pub offer: Offer,
    /// What is left of it.
    pub pool: Pool,
    /// The agent, for constraints.
    pub place: Place,
}

impl Candidate {
    /// A whole offer.
    pub fn new(offer: Offer) -> Self {
        let (pool, place) = (Pool::new(&offer.resources), Place::of_offer(&offer));
        Self { offer, pool, place }
    }
}

/// What an instance gets of an offer.
#[derive(Clone, Debug, PartialEq)]
pub struct Share {
    /// The resources, with the reservations that they have in the offer.
    pub resources: Vec<Resource>,
    /// Its ports, in the order of the application's.
    pub ports: Vec<u16>,
}

/// Takes what an instance of `app` needs out of the offer, or says why that cannot be; nothing is taken then.
/// `others` are the places of the application's instances; `choice` picks among free ports.
pub fn take(
    app: &AppDefinition,
    candidate: &mut Candidate,
    others: &[Place],
    choice: u64,
) -> Result<Share, Vec<Reason>> {
    let mut pool = candidate.pool.for_roles(app.accepted_resource_roles.as_deref());
    let mut reasons = Vec::new();
    if pool.is_empty() {
        reasons.push(Reason::UnfulfilledRole);
    }
    if !app.constraints().iter().all(|constraint| constraints::allows(constraint, &candidate.place, others)) {
        reasons.push(Reason::UnfulfilledConstraint);
    }
    if candidate.offer.unavailability.is_some() {
        reasons.push(Reason::AgentMaintenance);
    }
    let mut taken = Vec::new();
    let scalars = [
        ("cpus", app.cpus(), Reason::InsufficientCpus),
        ("mem", app.mem(), Reason::InsufficientMemory),
        ("disk", app.disk(), Reason::InsufficientDisk),
        ("gpus", f64::from(app.gpus()), Reason::InsufficientGpus),
    ];
    for (name, amount, reason) in scalars {
        match pool.take_scalar(name, amount) {
            Some(resources) => taken.extend(resources),
            None => reasons.push(reason),
        }
    }
    let ports = ports::wishes(app).and_then(|wishes| pool.take_ports(&wishes, choice));
    match ports {
        Some((ports, resources)) if reasons.is_empty() => {
            taken.extend(resources);
            candidate.pool.subtract(&taken);
            Ok(Share { resources: taken, ports })
        }
        Some(_) => Err(reasons),
        None => {
            reasons.push(Reason::InsufficientPorts);
            Err(reasons)
        }
    }
}

/// What became of the offers that an application was tried on.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Offers that were looked at.
    pub processed: u64,
    /// Offers that could not be used.
    pub unused: u64,
    /// When the last one could not be used.
    pub last_unused: Option<super::Time>,
    /// When the last one was used.
    pub last_used: Option<super::Time>,
    /// All refusals since the launch began, by their first reason.
    pub attempt: BTreeMap<Reason, u64>,
    /// The last offer of each agent that could not be used.
    pub last_by_agent: BTreeMap<String, Unused>,
}

/// An offer that could not be used.
#[derive(Clone, Debug)]
pub struct Unused {
    /// The offer.
    pub offer: Offer,
    /// Why.
    pub reasons: Vec<Reason>,
    /// When.
    pub at: super::Time,
}

/// How many agents' last offers are kept.
const KEPT_AGENTS: usize = 200;

impl Tally {
    /// An offer was used.
    pub fn used(&mut self, now: super::Time, agent: &str) {
        self.processed += 1;
        self.last_used = Some(now);
        self.last_by_agent.remove(agent);
    }

    /// An offer could not be used.
    pub fn refused(&mut self, now: super::Time, offer: &Offer, reasons: Vec<Reason>) {
        self.processed += 1;
        self.unused += 1;
        self.last_unused = Some(now);
        if let Some(first) = reasons.iter().min() {
            *self.attempt.entry(*first).or_default() += 1;
        }
        let agent = offer.agent_id.as_str();
        if self.last_by_agent.len() < KEPT_AGENTS || self.last_by_agent.contains_key(agent) {
            let unused = Unused { offer: offer.clone(), reasons, at: now };
            self.last_by_agent.insert(agent.to_owned(), unused);
        }
    }
}
