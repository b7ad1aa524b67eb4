//! What Pacer decides, without any I/O: API calls, Mesos's events, health results and time go in; what to write down, to
//! call and to tell comes out ([`Outbox`]).
//!
//! It is level-triggered: after every input, [`Core::settle`](control) compares what is wanted with what is there and
//! decides the next launches and kills. Nothing depends on an event having been seen, so a change of leader, lost
//! updates and changes in the middle of a deployment all end in the same place.

mod answers;
mod app;
mod backoff;
mod change;
mod check;
mod complete;
mod container;
mod control;
mod deployment;
mod events;
mod graph;
mod groups;
mod health;
mod honour;
mod ids;
mod instance;
mod offers;
mod past;
mod placement;
mod readiness;
mod records;
mod refusal;
mod shown_groups;
mod tasks;
mod time;
mod updates;

#[cfg(test)]
mod group_tests;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use marathon::{AppDefinition, TaskFailure};
use mesos::v1::scheduler::Call;

pub use answers::{Embed, Filter, Selector};
pub use app::App;
use backoff::Backoff;
pub use change::{Change, Done, Victims};
use deployment::Deployment;
pub use events::{Event, Kind};
use groups::Groups;
pub use honour::Features;
pub use ids::{AppId, Ids, InstanceId};
pub use instance::Instance;
use past::Past;
use placement::Tally;
pub use readiness::{Readiness, Response};
pub use records::{Key, Record};
pub use refusal::Refusal;
pub use shown_groups::GroupEmbed;
pub use tasks::{checked_port, named_port};
pub use time::Time;

/// What the core must know of its configuration.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The framework's role.
    pub role: String,
    /// Whom tasks run as, where the application does not say.
    pub user: Option<String>,
    /// Put before the names of ports and host in tasks' environments.
    pub env_prefix: Option<String>,
    /// What agents can do.
    pub features: Features,
    /// For how long an offer is refused while nothing waits.
    pub decline_offer_duration: Duration,
    /// A task that did not die is killed again after this.
    pub kill_retry_timeout: Duration,
    /// Offers that flow already are asked for again at most this often.
    pub min_revive_offers_interval: Duration,
    /// Service ports are given out from this range, both ends in it.
    pub service_ports: (u16, u16),
    /// A task that is staging for longer is killed.
    pub task_launch_timeout: Duration,
    /// How often the master is asked how all tasks are.
    pub reconciliation_interval: Duration,
    /// More deployments at the same time are refused.
    pub max_deployments: usize,
    /// More applications are refused.
    pub max_apps: Option<usize>,
    /// How many versions of an application are kept.
    pub max_versions: usize,
}

/// An application that waits for instances to be launched.
#[derive(Clone, Debug)]
struct Waiting {
    /// How many.
    count: usize,
    /// Since when.
    since: Time,
    /// What became of the offers it was tried on.
    tally: Tally,
}

/// What shall happen, in this order: write, then call, then tell.
#[derive(Debug, Default)]
pub struct Outbox {
    /// To be written at once or not at all.
    pub records: Vec<Record>,
    /// To be called, in order.
    pub calls: Vec<Call>,
    /// Health checks to begin and to end.
    pub checks: Vec<CheckOrder>,
    /// To be told to whoever listens.
    pub events: Vec<Event>,
}

/// A health check to begin or to end.
#[derive(Clone, Debug)]
pub enum CheckOrder {
    /// Check this instance by all of Pacer's own checks of its application.
    Begin {
        /// The instance.
        id: InstanceId,
        /// What it runs.
        spec: Arc<AppDefinition>,
        /// Where it is, an address or a host name.
        host: String,
        /// Its ports there.
        ports: Vec<u16>,
        /// Check as well whether it is ready, until it is.
        readiness: bool,
    },
    /// Check it no more.
    End(InstanceId),
}

/// Something that the core wants to look at again at a certain time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Alarm {
    /// An application's wait after failures is over.
    Backoff(AppId),
    /// An instance: it should be dead by now, or running, or its agent be back.
    Instance(InstanceId),
    /// Time to ask again how those tasks are of which nothing was heard since the subscription.
    Confirm,
    /// Time to ask the master how all tasks are.
    Reconcile,
    /// Time to ask for offers again.
    Revive,
}

/// The connection to the master, as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Link {
    /// Not subscribed.
    Down,
    /// Subscribed; offers are suppressed.
    Quiet,
    /// Subscribed; offers come.
    Open,
}

/// How long to wait before asking again after a task that nothing was heard of, at first and at the most. Doubled in
/// between, as Mesos's guide to reconciliation asks for.
const CONFIRM: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(60));

/// The state machine.
#[derive(Debug)]
pub struct Core {
    settings: Settings,
    ids: Ids,
    framework_id: Option<String>,
    link: Link,
    last_revive: Time,
    apps: BTreeMap<AppId, App>,
    groups: Groups,
    /// The version of the whole: when anything was last changed.
    root_version: String,
    /// The last changes, oldest first.
    past: Vec<Past>,
    instances: BTreeMap<InstanceId, Instance>,
    by_app: BTreeMap<AppId, BTreeSet<InstanceId>>,
    /// Instances of which nothing was heard since the subscription: a master that has not heard from their agent yet
    /// says nothing of them.
    unconfirmed: BTreeSet<InstanceId>,
    /// From now to the next time that they are asked after.
    confirm_pause: Duration,
    deployments: Vec<Deployment>,
    waiting: BTreeMap<AppId, Waiting>,
    backoffs: BTreeMap<AppId, Backoff>,
    failures: BTreeMap<AppId, TaskFailure>,
    agenda: BTreeSet<(Time, Alarm)>,
    /// Applications that something happened to since the last settling.
    dirty: BTreeSet<AppId>,
    /// Offers would be of more use than they were.
    hungry: bool,
    last_version: Time,
    out: Outbox,
}

impl Core {
    /// A core that knows nothing yet.
    pub fn new(settings: Settings, seed: [u64; 2]) -> Self {
        Self {
            settings,
            ids: Ids::new(seed),
            framework_id: None,
            link: Link::Down,
            last_revive: Time::default(),
            apps: BTreeMap::new(),
            groups: Groups::default(),
            root_version: Time::default().iso(),
            past: Vec::new(),
            instances: BTreeMap::new(),
            by_app: BTreeMap::new(),
            unconfirmed: BTreeSet::new(),
            confirm_pause: CONFIRM.0,
            deployments: Vec::new(),
            waiting: BTreeMap::new(),
            backoffs: BTreeMap::new(),
            failures: BTreeMap::new(),
            agenda: BTreeSet::new(),
            dirty: BTreeSet::new(),
            hungry: false,
            last_version: Time::default(),
            out: Outbox::default(),
        }
    }

    /// The framework's id, once Mesos has given one.
    pub fn framework_id(&self) -> Option<&str> {
        self.framework_id.as_deref()
    }

    /// What the last inputs want done.
    pub fn take_outbox(&mut self) -> Outbox {
        std::mem::take(&mut self.out)
    }

    /// When [`Self::tick`] wants to be called next.
    pub fn next_wake(&self) -> Option<Time> {
        self.agenda.first().map(|(at, _)| *at)
    }

    /// Time has passed.
    pub fn tick(&mut self, now: Time) {
        while let Some((at, alarm)) = self.agenda.first().cloned() {
            if at > now {
                break;
            }
            self.agenda.pop_first();
            match alarm {
                Alarm::Backoff(app) => {
                    self.hungry = true;
                    self.dirty.insert(app);
                }
                Alarm::Instance(id) => self.look_at(now, &id),
                Alarm::Confirm => self.confirm(now),
                Alarm::Reconcile => self.reconcile(now),
                Alarm::Revive => self.hungry = true,
            }
        }
        self.settle(now);
    }

    fn remind(&mut self, at: Time, alarm: Alarm) {
        self.agenda.insert((at, alarm));
    }

    /// A version that no other change has: its time, or a little later.
    fn fresh_version(&mut self, now: Time) -> String {
        self.last_version = now.max(Time(self.last_version.0 + 1));
        self.last_version.iso()
    }

    fn instances_of<'a>(&'a self, app: &AppId) -> impl Iterator<Item = &'a Instance> + use<'a> {
        self.by_app.get(app).into_iter().flatten().filter_map(|id| self.instances.get(id))
    }
}
