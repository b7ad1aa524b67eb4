//! Reading a cluster: `/state` and the v1 operator API, and its stream of events.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tls::Tls;
use tokio::time::sleep;

use crate::http::{Http, Request};
use crate::state::{State, Summary};
use crate::v1::cluster::{Maintenance, Quotas, Schedule, Weight};
use crate::v1::operator::{Agents, Event, Frameworks, Tasks};
use crate::{Credentials, Endpoint, Error, Events};

/// From a lost stream to the next try; doubled up to [`SLOWEST`] while it does not help.
const QUICKEST: Duration = Duration::from_millis(100);
/// The longest time between two tries.
const SLOWEST: Duration = Duration::from_secs(5);

/// Reads a cluster through any of its masters; remembers which one leads. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Client {
    http: Http,
    masters: Arc<[Endpoint]>,
    leader: Arc<Mutex<Option<Endpoint>>>,
}

impl Client {
    /// A client that knows these masters (`host:port` or URLs); one that answers is enough.
    pub fn new<S: AsRef<str>>(masters: impl IntoIterator<Item = S>) -> Result<Self, Error> {
        let masters = masters.into_iter().map(|master| master.as_ref().parse()).collect::<Result<_, _>>()?;
        Ok(Self { http: Http::new(None)?, masters, leader: Arc::default() })
    }

    /// The same, for masters that ask who we are.
    pub fn with_credentials(self, credentials: Option<Credentials>) -> Self {
        Self { http: self.http.with(credentials), ..self }
    }

    /// The same, for masters that speak TLS.
    pub fn with_tls(self, tls: Option<&Tls>) -> Result<Self, Error> {
        Ok(Self { http: self.http.over(tls)?, ..self })
    }

    /// Everything the leader knows (`/state`). Seconds of the master's work on clusters of ten thousands of tasks.
    pub async fn state(&self) -> Result<State, Error> {
        self.json(&Request::get("/state")).await
    }

    /// Agents and frameworks with counts (`/state-summary`).
    pub async fn summary(&self) -> Result<Summary, Error> {
        self.json(&Request::get("/state-summary")).await
    }

    /// The leader's counters and gauges (`/metrics/snapshot`).
    pub async fn metrics(&self) -> Result<BTreeMap<String, f64>, Error> {
        // Every master answers this one for itself, so the leader is asked by name.
        let leader = self.leader().await?;
        Ok(self.http.json(&leader, &Request::get("/metrics/snapshot")).await?.1)
    }

    /// Whether this master answers at all (`/health`), leading or not.
    pub async fn health(&self, master: &str) -> Result<(), Error> {
        self.http.send(&master.parse()?, &Request::get("/health")).await.map(drop)
    }

    /// Where the leader listens.
    pub async fn leader(&self) -> Result<Endpoint, Error> {
        let call = json!({ "type": "GET_HEALTH" });
        let probe = Request::post("/api/v1", &call);
        let probe = &probe;
        let answer = self.first(|at| async move { self.http.send(&at, probe).await }).await?;
        Ok(answer.0)
    }

    /// The agents (`GET_AGENTS`).
    pub async fn agents(&self) -> Result<Agents, Error> {
        self.call("GET_AGENTS", "get_agents").await
    }

    /// The frameworks (`GET_FRAMEWORKS`).
    pub async fn frameworks(&self) -> Result<Frameworks, Error> {
        self.call("GET_FRAMEWORKS", "get_frameworks").await
    }

    /// The tasks (`GET_TASKS`).
    pub async fn tasks(&self) -> Result<Tasks, Error> {
        self.call("GET_TASKS", "get_tasks").await
    }

    /// When machines go down for maintenance (`GET_MAINTENANCE_SCHEDULE`).
    pub async fn maintenance_schedule(&self) -> Result<Schedule, Error> {
        #[derive(Deserialize)]
        struct Answer {
            schedule: Schedule,
        }
        Ok(self.call::<Answer>("GET_MAINTENANCE_SCHEDULE", "get_maintenance_schedule").await?.schedule)
    }

    /// Machines that are about to go down, or are (`GET_MAINTENANCE_STATUS`).
    pub async fn maintenance(&self) -> Result<Maintenance, Error> {
        #[derive(Deserialize)]
        struct Answer {
            status: Maintenance,
        }
        Ok(self.call::<Answer>("GET_MAINTENANCE_STATUS", "get_maintenance_status").await?.status)
    }

    /// What roles are guaranteed or held to (`GET_QUOTA`).
    pub async fn quotas(&self) -> Result<Quotas, Error> {
        #[derive(Deserialize)]
        struct Answer {
            status: Quotas,
        }
        Ok(self.call::<Answer>("GET_QUOTA", "get_quota").await?.status)
    }

    /// How much roles weigh (`GET_WEIGHTS`); those that are not listed weigh 1.
    pub async fn weights(&self) -> Result<Vec<Weight>, Error> {
        #[derive(Deserialize, Default)]
        struct Answer {
            #[serde(default)]
            weight_infos: Vec<Weight>,
        }
        // Where no role has a weight, the answer has no list at all.
        let answer = self.call::<Option<Answer>>("GET_WEIGHTS", "get_weights").await?;
        Ok(answer.unwrap_or_default().weight_infos)
    }

    /// The cluster as it is, then its changes, for ever: a lost stream is told and opened again.
    pub fn subscribe(&self) -> Subscription {
        Subscription { client: self.clone(), events: None, pause: QUICKEST, failed: false }
    }

    async fn call<T: DeserializeOwned>(&self, kind: &str, field: &str) -> Result<T, Error> {
        let call = json!({ "type": kind });
        let mut answer: Value = self.json(&Request::post("/api/v1", &call)).await?;
        serde_json::from_value(answer[field].take())
            .map_err(|error| Error::NotUnderstood { address: kind.to_owned(), why: error.to_string() })
    }

    async fn json<T: DeserializeOwned>(&self, request: &Request<'_>) -> Result<T, Error> {
        Ok(self.first(|endpoint| async move { self.http.json(&endpoint, request).await }).await?.1)
    }

    async fn open(&self) -> Result<Events<Event>, Error> {
        let call = json!({ "type": "SUBSCRIBE" });
        let request = Request::post("/api/v1", &call);
        let request = &request;
        let (endpoint, response) = self.first(|at| async move { self.http.send(&at, request).await }).await?;
        Ok(Events::new(endpoint, response))
    }

    /// Tries the leader that we remember, then every master, until one gets it done.
    async fn first<T, F>(&self, ask: impl Fn(Endpoint) -> F) -> Result<(Endpoint, T), Error>
    where
        F: Future<Output = Result<(Endpoint, T), Error>>,
    {
        let mut worst = Error::Unreachable { address: self.addresses(), why: "no master is known".to_owned() };
        let remembered = self.remembered();
        let others = self.masters.iter().filter(|master| Some(*master) != remembered.as_ref()).cloned();
        let masters: Vec<_> = remembered.iter().cloned().chain(others).collect();
        for master in masters {
            match ask(master).await {
                Ok(answer) => {
                    self.remember(Some(answer.0.clone()));
                    return Ok(answer);
                }
                // That they answer and have no leader says more than that one of them is down.
                Err(error) if error.is_absence() && matches!(worst, Error::NoLeader) => {}
                Err(error) if error.is_absence() || matches!(error, Error::NoLeader) => worst = error,
                Err(error) => return Err(error),
            }
        }
        self.remember(None);
        Err(worst)
    }

    fn addresses(&self) -> String {
        self.masters.iter().map(Endpoint::as_str).collect::<Vec<_>>().join(",")
    }

    fn remembered(&self) -> Option<Endpoint> {
        self.leader.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn remember(&self, leader: Option<Endpoint>) {
        *self.leader.lock().unwrap_or_else(PoisonError::into_inner) = leader;
    }
}

/// What a [`Subscription`] gives.
#[derive(Debug)]
pub enum Turn {
    /// An event. After a loss, the first one is `Subscribed`, with the cluster as it is then.
    Event(Event),
    /// The stream is lost, or could not be opened; we go on trying.
    Lost(Error),
}

/// The stream of a cluster's events; made by [`Client::subscribe`]. Dropping it closes the stream.
#[derive(Debug)]
pub struct Subscription {
    client: Client,
    events: Option<Events<Event>>,
    pause: Duration,
    failed: bool,
}

impl Subscription {
    /// What comes next. May be dropped at any time without losing anything.
    pub async fn next(&mut self) -> Turn {
        if std::mem::take(&mut self.failed) {
            // A dropped wait only makes the next try come sooner.
            sleep(self.pause).await;
            self.pause = (self.pause * 2).min(SLOWEST);
        }
        match self.advance().await {
            Ok(event) => {
                self.pause = QUICKEST;
                Turn::Event(event)
            }
            Err(error) => {
                self.events = None;
                self.failed = true;
                Turn::Lost(error)
            }
        }
    }

    async fn advance(&mut self) -> Result<Event, Error> {
        let events = match &mut self.events {
            Some(events) => events,
            none => none.insert(self.client.open().await?),
        };
        match events.next().await? {
            Some(event) => {
                if let Event::Subscribed(subscribed) = &event
                    && let Some(seconds) = subscribed.heartbeat_interval_seconds
                {
                    events.expect_heartbeat_every(seconds);
                }
                Ok(event)
            }
            None => Err(Error::Unreachable { address: events.endpoint().to_string(), why: "stream closed".to_owned() }),
        }
    }
}
