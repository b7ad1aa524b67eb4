//! Who leads the masters.
//!
//! Each master writes its description into ZooKeeper as `json.info_NNNNNNNNNN` (ephemeral, sequential) beside the
//! others; the smallest number leads. A leader that was killed is named until its session ends.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::json;
use tls::Tls;
use tls::ensemble::{self, NoSession};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use zookeeper_client as zk;

use crate::http::{Http, Request};
use crate::{Endpoint, Error};

/// How the masters' nodes are called.
const PREFIX: &str = "json.info_";
/// How long ZooKeeper may take for one look.
const LOOK: Duration = Duration::from_secs(8);
/// The session of a follower.
const SESSION: Duration = Duration::from_secs(6);
/// From a failed look to the next one.
const AGAIN: Duration = Duration::from_millis(500);

/// A master, as it describes itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MasterInfo {
    /// Its id, new each time it starts.
    pub id: String,
    /// The host name that it gives out.
    pub hostname: String,
    /// The port that it listens on.
    pub port: u16,
    /// Its version; empty if it does not say.
    #[serde(default)]
    pub version: String,
    /// The address, as four bytes in the order of the master's processor: little-endian on all that Mesos runs on.
    #[serde(rename = "ip", default)]
    packed_ip: u32,
    /// The address, in the newer form.
    #[serde(default)]
    address: Option<Address>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Address {
    #[serde(default)]
    hostname: Option<String>,
    #[serde(default)]
    ip: Option<IpAddr>,
    #[serde(default)]
    port: Option<u16>,
}

impl MasterInfo {
    /// The address that it listens on.
    pub fn ip(&self) -> IpAddr {
        let newer = self.address.as_ref().and_then(|address| address.ip);
        newer.unwrap_or_else(|| IpAddr::V4(Ipv4Addr::from(self.packed_ip.to_le_bytes())))
    }

    /// Where to reach it: by address, since its host name may mean nothing to us.
    pub fn endpoint(&self) -> Endpoint {
        Endpoint::new(self.ip(), self.port)
    }
}

/// What is known of the leader now.
#[derive(Clone, Debug, Default)]
pub enum Leader {
    /// We have not looked yet.
    #[default]
    Unseen,
    /// Nobody leads.
    Nobody,
    /// This master leads.
    Is(MasterInfo),
    /// We cannot tell any more.
    Lost(Error),
}

impl Leader {
    /// The leading master, if there is one and we know it.
    pub fn master(&self) -> Option<&MasterInfo> {
        match self {
            Self::Is(master) => Some(master),
            Self::Unseen | Self::Nobody | Self::Lost(_) => None,
        }
    }
}

impl PartialEq for Leader {
    /// Whether there is any news: two troubles are the same whatever their words.
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Is(one), Self::Is(another)) => one == another,
            _ => std::mem::discriminant(self) == std::mem::discriminant(other),
        }
    }
}

/// The ZooKeeper ensemble that knows who leads.
#[derive(Clone, Debug)]
pub struct Ensemble {
    hosts: String,
    path: String,
    tls: Option<Tls>,
}

impl Ensemble {
    /// Its servers (`host:port`, joined by commas), and the masters' path there, such as `/mesos`.
    pub fn new(hosts: impl Into<String>, path: impl Into<String>) -> Self {
        Self { hosts: hosts.into(), path: path.into(), tls: None }
    }

    /// The same, where it speaks TLS.
    #[must_use]
    pub fn with_tls(self, tls: Option<Tls>) -> Self {
        Self { tls, ..self }
    }

    /// Looks once: the leader, or none. A missing path is none as well: no master has come yet.
    pub async fn find(&self) -> Result<Option<MasterInfo>, Error> {
        match timeout(LOOK, self.look()).await {
            Ok(found) => found,
            Err(_) => Err(self.trouble(&zk::Error::Timeout)),
        }
    }

    /// Follows the leader for as long as the [`Follower`] lives.
    pub fn follow(self) -> Follower {
        let (sender, receiver) = watch::channel(Leader::Unseen);
        let task = tokio::spawn(async move {
            while !sender.is_closed() {
                let error = self.follow_session(&sender).await;
                announce(&sender, Leader::Lost(error));
                sleep(AGAIN).await;
            }
        });
        Follower { receiver, task }
    }

    async fn look(&self) -> Result<Option<MasterInfo>, Error> {
        let client = self.connect().await?;
        loop {
            let Some(node) = self.smallest(client.list_children(&self.path).await)? else { return Ok(None) };
            if let Some((data, _)) = present(client.get_data(&node).await).map_err(|error| self.trouble(&error))? {
                return parse(&node, &data).map(Some);
            }
        }
    }

    async fn connect(&self) -> Result<zk::Client, Error> {
        let connector = zk::Client::connector().with_session_timeout(SESSION).with_fail_eagerly();
        ensemble::connect(connector, &self.hosts, self.tls.as_ref()).await.map_err(|error| match error {
            NoSession::Untrusted { address, fault } => Error::Untrusted { address, fault },
            NoSession::Unready(error) => Error::Tls(error),
            NoSession::Client(error) => self.trouble(&error),
        })
    }

    /// Follows the leader with one session, until that ends.
    async fn follow_session(&self, sender: &watch::Sender<Leader>) -> Error {
        let client = match timeout(LOOK, self.connect()).await {
            Ok(Ok(client)) => client,
            Ok(Err(error)) => return error,
            Err(_) => return self.trouble(&zk::Error::Timeout),
        };
        loop {
            if let Err(error) = self.follow_once(&client, sender).await {
                return error;
            }
        }
    }

    /// Looks, tells, and waits until there is a reason to look again.
    async fn follow_once(&self, client: &zk::Client, sender: &watch::Sender<Leader>) -> Result<(), Error> {
        let failed = |error: zk::Error| self.trouble(&error);
        match client.list_and_watch_children(&self.path).await {
            Ok((children, watcher)) => {
                let leader = match self.smallest(Ok(children))? {
                    None => Leader::Nobody,
                    Some(node) => match present(client.get_data(&node).await).map_err(failed)? {
                        Some((data, _)) => Leader::Is(parse(&node, &data)?),
                        // It went away between the two looks: the watcher fires at once.
                        None => sender.borrow().clone(),
                    },
                };
                announce(sender, leader);
                self.ended(&watcher.changed().await)
            }
            Err(zk::Error::NoNode) => {
                let (stat, watcher) = client.check_and_watch_stat(&self.path).await.map_err(failed)?;
                if stat.is_some() {
                    return Ok(());
                }
                announce(sender, Leader::Nobody);
                self.ended(&watcher.changed().await)
            }
            Err(error) => Err(failed(error)),
        }
    }

    /// The leader's node among the children of the masters' path.
    fn smallest(&self, children: Result<Vec<String>, zk::Error>) -> Result<Option<String>, Error> {
        let children = present(children).map_err(|error| self.trouble(&error))?.unwrap_or_default();
        let smallest = children.into_iter().filter(|name| name.starts_with(PREFIX)).min();
        Ok(smallest.map(|name| format!("{}/{name}", self.path)))
    }

    /// An event of a node is a reason to look again, the end of the session an error.
    fn ended(&self, event: &zk::WatchedEvent) -> Result<(), Error> {
        if event.event_type == zk::EventType::Session && event.session_state.is_terminated() {
            return Err(self.trouble(&zk::Error::SessionExpired));
        }
        Ok(())
    }

    fn trouble(&self, error: &zk::Error) -> Error {
        Error::ZooKeeper { hosts: self.hosts.clone(), why: error.to_string() }
    }
}

/// Asks any master (`host:port` or a URL) who leads; over TLS if it is given.
pub async fn ask(master: &str, tls: Option<&Tls>) -> Result<Option<MasterInfo>, Error> {
    #[derive(Deserialize)]
    struct Answer {
        get_master: GetMaster,
    }
    #[derive(Deserialize)]
    struct GetMaster {
        master_info: MasterInfo,
    }
    let call = json!({ "type": "GET_MASTER" });
    match Http::new(tls)?.json::<Answer>(&master.parse()?, &Request::post("/api/v1", &call)).await {
        Ok((_, answer)) => Ok(Some(answer.get_master.master_info)),
        Err(Error::NoLeader) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Knows the leader at any time; made by [`Ensemble::follow`]. Dropping it ends the following.
#[derive(Debug)]
pub struct Follower {
    receiver: watch::Receiver<Leader>,
    task: tokio::task::JoinHandle<()>,
}

impl Follower {
    /// What is known now.
    pub fn now(&self) -> Leader {
        self.receiver.borrow().clone()
    }

    /// Waits for news. May be dropped at any time without losing them.
    pub async fn changed(&mut self) -> Leader {
        if self.receiver.changed().await.is_err() {
            // The following task lives as long as we do; should it have died, there will never be news.
            std::future::pending::<()>().await;
        }
        self.receiver.borrow_and_update().clone()
    }

    /// A second ear for the same news.
    pub fn watch(&self) -> watch::Receiver<Leader> {
        self.receiver.clone()
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn announce(sender: &watch::Sender<Leader>, leader: Leader) {
    sender.send_if_modified(|known| {
        let news = *known != leader;
        *known = leader;
        news
    });
}

/// None for a node that is not there.
fn present<T>(answer: Result<T, zk::Error>) -> Result<Option<T>, zk::Error> {
    match answer {
        Ok(there) => Ok(Some(there)),
        Err(zk::Error::NoNode) => Ok(None),
        Err(error) => Err(error),
    }
}

fn parse(path: &str, data: &[u8]) -> Result<MasterInfo, Error> {
    serde_json::from_slice(data)
        .map_err(|error| Error::NotUnderstood { address: path.to_owned(), why: error.to_string() })
}
