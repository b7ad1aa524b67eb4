//! What the leader does: feeds the core, writes what it decides, and only then calls, tells and answers.

use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use mesos::v1::scheduler::Call;
use mesos::v1::{Offer, TaskStatus};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{Notify, broadcast, oneshot};

use crate::checks::Checks;
use crate::config::Config;
use crate::core::{AppId, Change, Core, Done, Event, InstanceId, Outbox, Readiness, Refusal, Settings, Time};
use crate::store::Store;

/// How many inputs are taken in at once; their writes share a transaction.
const AT_ONCE: usize = 512;
/// How long ZooKeeper may take to write before we stop leading: it may have given our place to another.
const WRITE: Duration = Duration::from_secs(15);

/// Something that the core is to take in.
#[derive(Debug)]
pub enum Input {
    /// A change that the API asks for.
    Change {
        /// It.
        change: Change,
        /// For whom and by which request, for the event.
        origin: Origin,
        /// Who waits for the answer.
        reply: oneshot::Sender<Result<Done, Refusal>>,
    },
    /// The stream to the master is open.
    Subscribed {
        /// Our framework's id.
        framework_id: String,
        /// The master.
        master: String,
    },
    /// The stream is closed.
    Disconnected,
    /// The master has given us up.
    FrameworkRemoved,
    /// Offers.
    Offers(Vec<Offer>),
    /// News of a task.
    Update(Box<TaskStatus>),
    /// A health check's answer.
    Health {
        /// Of which instance.
        id: InstanceId,
        /// Which check.
        index: usize,
        /// It.
        result: Result<(), String>,
    },
    /// A readiness check's answer.
    Readiness {
        /// Of which instance.
        id: InstanceId,
        /// It.
        result: Readiness,
    },
}

/// Where a change came from.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The client's address.
    pub client: String,
    /// The path of the request.
    pub uri: String,
    /// The application that it is about, if one.
    pub app: Option<AppId>,
}

/// One term of leadership, as the API sees it.
#[derive(Debug)]
pub struct Reign {
    core: RwLock<Core>,
    inputs: UnboundedSender<Input>,
    /// Somebody asked us to step down.
    pub abdicate: Notify,
}

/// Why a term of leadership ended.
#[derive(Debug)]
pub struct Deposed(pub String);

impl Reign {
    /// A term that begins with what was written down.
    pub fn new(core: Core) -> (Arc<Self>, UnboundedReceiver<Input>) {
        let (inputs, receiver) = unbounded_channel();
        (Arc::new(Self { core: RwLock::new(core), inputs, abdicate: Notify::new() }), receiver)
    }

    /// The core, to read.
    pub fn read(&self) -> RwLockReadGuard<'_, Core> {
        self.core.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Core> {
        self.core.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where inputs go.
    pub fn inputs(&self) -> UnboundedSender<Input> {
        self.inputs.clone()
    }

    /// Has a change carried out and written; none if this term ended before it was.
    pub async fn change(&self, change: Change, origin: Origin) -> Option<Result<Done, Refusal>> {
        let (reply, answer) = oneshot::channel();
        self.inputs.send(Input::Change { change, origin, reply }).ok()?;
        answer.await.ok()
    }
}

/// A core as the configuration wants it, with what was written down.
pub fn recall(config: &Config, records: Vec<(crate::core::Key, String)>) -> Result<Core, Deposed> {
    let settings = Settings {
        role: config.mesos_role.clone(),
        user: config.mesos_user.clone(),
        env_prefix: config.env_vars_prefix.clone(),
        features: config.features,
        decline_offer_duration: config.decline_offer_duration,
        kill_retry_timeout: config.kill_retry_timeout,
        min_revive_offers_interval: config.min_revive_offers_interval,
        service_ports: config.service_ports,
        task_launch_timeout: config.task_launch_timeout,
        reconciliation_interval: config.reconciliation_interval,
        max_deployments: config.max_deployments,
        max_apps: config.max_apps,
        max_versions: config.max_versions,
    };
    // The standard library's hash keys are random and different for each process: names made of them are ours alone.
    let random = || RandomState::new().hash_one(Time::now());
    Core::restore(settings, [random(), random()], records)
        .map_err(|(key, error)| Deposed(format!("the record of {key:?} cannot be read: {error}")))
}

/// The hands of the core.
#[derive(Debug)]
pub struct Hands {
    /// Writes.
    pub store: Store,
    /// Calls go to the master here.
    pub calls: UnboundedSender<Call>,
    /// Health checks.
    pub checks: Checks,
    /// Events are told here.
    pub events: broadcast::Sender<Arc<Event>>,
}

/// Leads until writing fails.
pub async fn lead(reign: &Reign, mut inputs: UnboundedReceiver<Input>, mut hands: Hands) -> Deposed {
    loop {
        let mut batch = Vec::new();
        let wake = reign.read().next_wake();
        tokio::select! {
            count = inputs.recv_many(&mut batch, AT_ONCE) => if count == 0 {
                return Deposed("nobody asks any more".to_owned());
            },
            () = wait_until(wake) => {}
        }
        let (outboxes, replies) = take_in(reign, batch);
        if let Err(deposed) = hands.act(outboxes).await {
            return deposed;
        }
        for (reply, answer) in replies {
            // Whoever asked may have gone away since.
            reply.send(answer).ok();
        }
    }
}

/// Who waits, and for which answer.
pub type Replies = Vec<(oneshot::Sender<Result<Done, Refusal>>, Result<Done, Refusal>)>;

/// Lets the core take inputs in, and time.
pub fn take_in(reign: &Reign, batch: Vec<Input>) -> (Vec<Outbox>, Replies) {
    let now = Time::now();
    let mut core = reign.write();
    let (mut outboxes, mut replies) = (Vec::with_capacity(batch.len() + 1), Vec::new());
    if core.next_wake().is_some_and(|wake| wake <= now) {
        core.tick(now);
        outboxes.push(core.take_outbox());
    }
    for input in batch {
        match input {
            Input::Change { change, origin, reply } => {
                let answer = core.change(now, change);
                if let (Ok(_), Some(app)) = (&answer, &origin.app) {
                    core.tell_post(now, &origin.client, &origin.uri, app);
                }
                replies.push((reply, answer));
            }
            Input::Subscribed { framework_id, master } => core.subscribed(now, &framework_id, &master),
            Input::Disconnected => core.disconnected(now),
            Input::FrameworkRemoved => core.framework_removed(now),
            Input::Offers(offers) => core.offers(now, offers),
            Input::Update(status) => core.update(now, &status),
            Input::Readiness { id, result } => core.readiness_result(now, &id, result),
            Input::Health { id, index, result } => core.health_result(now, &id, index, result),
        }
        outboxes.push(core.take_outbox());
    }
    core.settle(now);
    outboxes.push(core.take_outbox());
    (outboxes, replies)
}

impl Hands {
    /// Writes all, then does all.
    async fn act(&mut self, outboxes: Vec<Outbox>) -> Result<(), Deposed> {
        let mut groups = Vec::new();
        let mut rest = Vec::new();
        for mut outbox in outboxes {
            groups.push(std::mem::take(&mut outbox.records));
            rest.push(outbox);
        }
        groups.retain(|group| !group.is_empty());
        if !groups.is_empty() {
            match tokio::time::timeout(WRITE, self.store.commit(groups)).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => return Err(Deposed(format!("ZooKeeper does not write: {error}"))),
                Err(_) => return Err(Deposed("ZooKeeper does not write in time".to_owned())),
            }
        }
        for outbox in rest {
            for call in outbox.calls {
                // The connection to the master lives as long as this term.
                self.calls.send(call).ok();
            }
            outbox.checks.into_iter().for_each(|order| self.checks.obey(order));
            for event in outbox.events {
                // Often nobody listens.
                self.events.send(Arc::new(event)).ok();
            }
        }
        Ok(())
    }
}

/// Waits until the core wants to look at something again.
async fn wait_until(wake: Option<Time>) {
    match wake {
        Some(wake) => tokio::time::sleep(Time::now().until(wake)).await,
        None => std::future::pending().await,
    }
}
