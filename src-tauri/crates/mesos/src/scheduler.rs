//! Being a framework: the v1 scheduler API.

use std::net::IpAddr;

use reqwest::StatusCode;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::json;
use tls::Tls;

use crate::http::{Http, Request};
use crate::v1::FrameworkId;
use crate::v1::scheduler::{Call, Event, Subscribe, Subscribed};
use crate::{Credentials, Endpoint, Error, Events};

/// The API's path.
const PATH: &str = "/api/v1/scheduler";
/// Names the stream that calls belong to.
const STREAM_ID: HeaderName = HeaderName::from_static("mesos-stream-id");

/// Opens subscriptions.
#[derive(Clone, Debug)]
pub struct Client(Http);

impl Client {
    /// A client.
    pub fn new() -> Result<Self, Error> {
        Http::new(None).map(Self)
    }

    /// A client that connects from an address of this computer's, if one is given.
    pub fn connecting_from(address: Option<IpAddr>) -> Result<Self, Error> {
        Http::connecting_from(address, None).map(Self)
    }

    /// The same, for masters that ask who we are.
    pub fn with_credentials(self, credentials: Option<Credentials>) -> Self {
        Self(self.0.with(credentials))
    }

    /// The same, for masters that speak TLS.
    pub fn with_tls(self, tls: Option<&Tls>) -> Result<Self, Error> {
        self.0.over(tls).map(Self)
    }

    /// Subscribes with the leader, starting from `master`, which may be any of them. Waits for `SUBSCRIBED`.
    ///
    /// A framework that the master has given up (failover timeout over, torn down) is [`Error::Refused`].
    pub async fn subscribe(&self, master: &Endpoint, subscribe: &Subscribe) -> Result<Subscription, Error> {
        let body = json!(subscribe);
        let (endpoint, response) = self.0.send(master, &Request::post(PATH, &body)).await?;
        let stream_id = response.headers().get(&STREAM_ID).cloned();
        let mut events = Events::new(endpoint.clone(), response);
        let subscribed = first(&mut events).await?;
        if let Some(seconds) = subscribed.heartbeat_interval_seconds {
            events.expect_heartbeat_every(seconds);
        }
        let framework_id = subscribed.framework_id.clone();
        let caller = Caller { http: self.0.clone(), endpoint, stream_id, framework_id };
        Ok(Subscription { subscribed, events, caller })
    }
}

/// The first event that says something.
async fn first(events: &mut Events<Event>) -> Result<Subscribed, Error> {
    loop {
        let address = events.endpoint().to_string();
        match events.next().await? {
            Some(Event::Subscribed(subscribed)) => return Ok(subscribed),
            Some(Event::Heartbeat) => {}
            Some(Event::Error(body)) => return Err(Error::Refused { address, status: StatusCode::OK.as_u16(), body }),
            Some(other) => return Err(Error::NotUnderstood { address, why: format!("{other:?} before SUBSCRIBED") }),
            None => return Err(Error::Unreachable { address, why: "the stream was closed".to_owned() }),
        }
    }
}

/// An open subscription. Dropping it disconnects the framework (which the master then waits for).
#[derive(Debug)]
pub struct Subscription {
    subscribed: Subscribed,
    events: Events<Event>,
    caller: Caller,
}

impl Subscription {
    /// What the master said first: our id, its heartbeat, who it is.
    pub fn subscribed(&self) -> &Subscribed {
        &self.subscribed
    }

    /// The next event; none when the master closed the stream. May be dropped at any time without losing an event.
    pub async fn next(&mut self) -> Result<Option<Event>, Error> {
        self.events.next().await
    }

    /// Makes calls on this subscription.
    pub fn caller(&self) -> Caller {
        self.caller.clone()
    }
}

/// Makes calls on a subscription.
#[derive(Clone, Debug)]
pub struct Caller {
    http: Http,
    endpoint: Endpoint,
    stream_id: Option<HeaderValue>,
    framework_id: FrameworkId,
}

impl Caller {
    /// The master that is called.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Calls. A success says that the call arrived, not that it has had its effect.
    pub async fn call(&self, call: &Call) -> Result<(), Error> {
        let body = call.on_behalf_of(&self.framework_id);
        let mut request = Request::post(PATH, &body);
        request.headers = self.stream_id.clone().map(|id| (STREAM_ID, id)).into_iter().collect::<HeaderMap>();
        let response = self.http.send_once(&self.endpoint, PATH, &request).await?;
        if response.status() == StatusCode::TEMPORARY_REDIRECT {
            return Err(Error::NoLeader);
        }
        self.http.accept(&self.endpoint, response).await.map(drop)
    }
}
