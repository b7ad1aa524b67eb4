//! The connection to Mesos: finds the leading master, subscribes, hands its events on and makes the core's calls.

use std::sync::Arc;
use std::time::Duration;

use hardware::Relays;
use mesos::leader::{Ensemble, Follower, Leader};
use mesos::scheduler::{Caller, Client, Subscription};
use mesos::v1::scheduler::{Call, Event, Subscribe};
use mesos::v1::{Capability, FrameworkId, FrameworkInfo};
use mesos::{Endpoint, Error};
use tokio::sync::Semaphore;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::sleep;

use crate::config::{Config, MasterUrl};
use crate::leading::Input;
use crate::log::Log;
use crate::shared::Shared;

/// From a lost or refused subscription to the next try; doubled up to [`SLOWEST`].
const QUICKEST: Duration = Duration::from_millis(50);
/// The longest time between two tries.
const SLOWEST: Duration = Duration::from_secs(1);
/// Acknowledgements that are under way at the same time. They need no order.
const ACKNOWLEDGING: usize = 8;

/// The connection.
#[derive(Debug)]
pub struct Framework {
    /// How we introduce ourselves.
    pub info: FrameworkInfo,
    /// Where the masters are.
    pub masters: Masters,
    /// Where events go.
    pub inputs: UnboundedSender<Input>,
    /// Where calls come from.
    pub calls: UnboundedReceiver<Call>,
    /// Where log lines go.
    pub log: Log,
}

/// Where the masters are.
#[derive(Debug)]
pub enum Masters {
    /// ZooKeeper says who leads.
    Follow(Follower, #[expect(dead_code, reason = "its doors are open while it lives")] Relays),
    /// Any of these; the next one to ask.
    Ask(Vec<Endpoint>, usize),
}

impl Masters {
    /// As the configuration says.
    pub fn new(shared: &Shared) -> Self {
        match &shared.config.master {
            MasterUrl::ZooKeeper(url) => {
                let zookeepers = shared.reach.zookeepers(url);
                let ensemble = Ensemble::new(zookeepers.hosts(), &*url.path).with_tls(shared.tls_for(url).cloned());
                Self::Follow(ensemble.follow(), zookeepers)
            }
            MasterUrl::Addresses(addresses) => Self::Ask(addresses.iter().filter_map(|a| a.parse().ok()).collect(), 0),
        }
    }

    /// Whom to ask next. Waits until there is a leader.
    async fn next(&mut self) -> Endpoint {
        match self {
            Self::Follow(follower, _) => {
                let mut leader = follower.now();
                loop {
                    if let Some(master) = leader.master() {
                        return master.endpoint();
                    }
                    leader = follower.changed().await;
                }
            }
            Self::Ask(endpoints, turn) => {
                *turn += 1;
                match endpoints.get(*turn % endpoints.len().max(1)) {
                    Some(endpoint) => endpoint.clone(),
                    None => std::future::pending().await,
                }
            }
        }
    }

    /// Waits until another master than `endpoint` leads.
    async fn moved(&mut self, endpoint: &Endpoint) {
        match self {
            Self::Follow(follower, _) => loop {
                if let Leader::Is(master) = follower.changed().await
                    && master.endpoint() != *endpoint
                {
                    return;
                }
            },
            Self::Ask(..) => std::future::pending().await,
        }
    }
}

/// How Pacer introduces itself, as `config` says; `id` from before, `page` for people.
pub fn introduce(config: &Config, id: Option<&str>, hostname: &str, page: String) -> FrameworkInfo {
    let capabilities = ["MULTI_ROLE", "PARTITION_AWARE", "TASK_KILLING_STATE", "REGION_AWARE"];
    FrameworkInfo {
        user: config.mesos_user.clone().unwrap_or_else(|| "root".to_owned()),
        name: config.framework_name.clone(),
        id: id.map(FrameworkId::new),
        failover_timeout: Some(config.failover_timeout.as_secs_f64()),
        checkpoint: Some(true),
        roles: vec![config.mesos_role.clone()],
        hostname: Some(hostname.to_owned()),
        principal: config.principal.clone(),
        webui_url: Some(config.webui_url.clone().unwrap_or(page)),
        capabilities: capabilities.into_iter().map(Capability::new).collect(),
    }
}

impl Framework {
    /// Subscribes, and does so again whenever the stream ends; until nobody takes its events any more.
    pub async fn run(mut self, client: Client) {
        let mut pause = QUICKEST;
        while !self.inputs.is_closed() {
            let endpoint = self.masters.next().await;
            let subscribe = Subscribe { framework_info: self.info.clone(), suppressed_roles: Vec::new() };
            match client.subscribe(&endpoint, &subscribe).await {
                Ok(subscription) => {
                    pause = QUICKEST;
                    let why = self.serve(subscription).await;
                    self.log.warn(format_args!("Disconnected from the master: {why}"));
                    self.hand_on(Input::Disconnected);
                }
                Err(Error::Refused { body, .. }) if is_final(&body) => {
                    self.log.warn(format_args!("The master does not know our framework any more: {body}"));
                    self.info.id = None;
                    self.hand_on(Input::FrameworkRemoved);
                }
                Err(error) => self.log.warn(format_args!("Cannot register with the master at {endpoint}: {error}")),
            }
            sleep(pause).await;
            pause = (pause * 2).min(SLOWEST);
        }
    }

    /// Serves one subscription to its end; says why it ended.
    async fn serve(&mut self, mut subscription: Subscription) -> String {
        // Calls from before were meant for another stream: its offers are void, and all else is asked for anew.
        while self.calls.try_recv().is_ok() {}
        let caller = subscription.caller();
        let id = subscription.subscribed().framework_id.clone();
        self.log.info(format_args!("Registered as {id} with the master at {}", caller.endpoint()));
        self.info.id = Some(id.clone());
        self.hand_on(Input::Subscribed { framework_id: id.value, master: caller.endpoint().to_string() });
        let lanes = Lanes::open(&caller, &self.log);
        loop {
            tokio::select! {
                event = subscription.next() => match event {
                    Ok(Some(Event::Offers(offers))) => self.hand_on(Input::Offers(offers)),
                    Ok(Some(Event::Update(status))) => self.hand_on(Input::Update(status)),
                    Ok(Some(Event::Error(message))) => return message,
                    Ok(Some(_)) => {}
                    Ok(None) => return "it closed the stream".to_owned(),
                    Err(error) => return error.to_string(),
                },
                call = self.calls.recv() => match call {
                    Some(call) => lanes.send(call),
                    None => return "we stop leading".to_owned(),
                },
                () = self.masters.moved(caller.endpoint()) => return "another master leads".to_owned(),
            }
        }
    }

    fn hand_on(&self, input: Input) {
        // Nobody listens any more only when leadership has ended; so will we.
        self.inputs.send(input).ok();
    }
}

/// A framework that was removed, or whose failover timeout is over, can never come back under its id.
fn is_final(message: &str) -> bool {
    message.contains("removed") || message.contains("ompleted framework")
}

/// Calls on their way: acknowledgements side by side, all others one after the other. Dropping it drops them.
struct Lanes {
    ordered: UnboundedSender<Call>,
    acknowledging: Arc<Semaphore>,
    caller: Caller,
    log: Log,
    task: tokio::task::JoinHandle<()>,
}

impl Lanes {
    fn open(caller: &Caller, log: &Log) -> Self {
        let (ordered, mut calls) = unbounded_channel::<Call>();
        let (one, words) = (caller.clone(), log.clone());
        let task = tokio::spawn(async move {
            while let Some(call) = calls.recv().await {
                make(&one, &call, &words).await;
            }
        });
        let acknowledging = Arc::new(Semaphore::new(ACKNOWLEDGING));
        Self { ordered, acknowledging, caller: caller.clone(), log: log.clone(), task }
    }

    fn send(&self, call: Call) {
        if !matches!(call, Call::Acknowledge { .. }) {
            // Its task lives as long as we do.
            self.ordered.send(call).ok();
            return;
        }
        let (caller, log, permits) = (self.caller.clone(), self.log.clone(), self.acknowledging.clone());
        tokio::spawn(async move {
            let _permit = permits.acquire_owned().await;
            make(&caller, &call, &log).await;
        });
    }
}

impl Drop for Lanes {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn make(caller: &Caller, call: &Call, log: &Log) {
    // A call that is lost does no lasting harm: kills and reconciliations are repeated, updates sent again by the agent,
    // and an instance whose launch was lost is found missing by reconciliation.
    if let Err(error) = caller.call(call).await {
        log.warn(format_args!("{} failed: {error}", call.kind()));
    }
}
