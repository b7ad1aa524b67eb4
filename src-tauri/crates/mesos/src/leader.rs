//! Who leads the masters.
//!
//! Each master writes its description into ZooKeeper as `json.info_NNNNNNNNNN` (ephemeral, sequential) beside the
//! others; the smallest number leads. A leader that was killed is named until its session ends.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::json;
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

/// Looks once: the leader that the ZooKeeper ensemble `hosts` (`host:port,host:port`) names under `path` (`/mesos`),
/// or none. A missing path is none as well: no master has come yet.
pub async fn find(hosts: &str, path: &str) -> Result<Option<MasterInfo>, Error> {
    let look = async {
        let client = zk::Client::connector().with_session_timeout(SESSION).with_fail_eagerly().connect(hosts).await?;
        loop {
            match smallest(client.list_children(path).await)? {
                None => return Ok(None),
                Some(name) => {
                    if let Some(data) = present(client.get_data(&format!("{path}/{name}")).await)? {
                        return Ok(Some((name, data.0)));
                    }
                }
            }
        }
    };
    match timeout(LOOK, look).await {
        Ok(Ok(Some((name, data)))) => parse(&format!("{path}/{name}"), &data).map(Some),
        Ok(Ok(None)) => Ok(None),
        Ok(Err(error)) => Err(zookeeper(hosts, &error)),
        Err(_) => Err(zookeeper(hosts, &zk::Error::Timeout)),
    }
}

/// Follows the leader for as long as the [`Follower`] lives.
pub fn follow(hosts: impl Into<String>, path: impl Into<String>) -> Follower {
    let (sender, receiver) = watch::channel(Leader::Unseen);
    let (hosts, path) = (hosts.into(), path.into());
    let task = tokio::spawn(async move {
        while !sender.is_closed() {
            let error = follow_session(&hosts, &path, &sender).await;
            announce(&sender, Leader::Lost(error));
            sleep(AGAIN).await;
        }
    });
    Follower { receiver, task }
}

/// Asks any master (`host:port` or a URL) who leads.
pub async fn ask(master: &str) -> Result<Option<MasterInfo>, Error> {
    #[derive(Deserialize)]
    struct Answer {
        get_master: GetMaster,
    }
    #[derive(Deserialize)]
    struct GetMaster {
        master_info: MasterInfo,
    }
    let call = json!({ "type": "GET_MASTER" });
    match Http::new()?.json::<Answer>(&master.parse()?, &Request::post("/api/v1", &call)).await {
        Ok((_, answer)) => Ok(Some(answer.get_master.master_info)),
        Err(Error::NoLeader) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Knows the leader at any time; made by [`follow`]. Dropping it ends the following.
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

/// Follows the leader with one session, until that ends.
async fn follow_session(hosts: &str, path: &str, sender: &watch::Sender<Leader>) -> Error {
    let connecting = zk::Client::connector().with_session_timeout(SESSION).with_fail_eagerly().connect(hosts);
    let client = match timeout(LOOK, connecting).await {
        Ok(Ok(client)) => client,
        Ok(Err(error)) => return zookeeper(hosts, &error),
        Err(_) => return zookeeper(hosts, &zk::Error::Timeout),
    };
    loop {
        if let Err(error) = follow_once(&client, hosts, path, sender).await {
            return error;
        }
    }
}

/// Looks, tells, and waits until there is a reason to look again.
async fn follow_once(
    client: &zk::Client,
    hosts: &str,
    path: &str,
    sender: &watch::Sender<Leader>,
) -> Result<(), Error> {
    let failed = |error: zk::Error| zookeeper(hosts, &error);
    match client.list_and_watch_children(path).await {
        Ok((children, watcher)) => {
            let leader = match smallest(Ok(children)).map_err(failed)? {
                None => Leader::Nobody,
                Some(name) => match present(client.get_data(&format!("{path}/{name}")).await).map_err(failed)? {
                    Some((data, _)) => Leader::Is(parse(&format!("{path}/{name}"), &data)?),
                    // It went away between the two looks: the watcher fires at once.
                    None => sender.borrow().clone(),
                },
            };
            announce(sender, leader);
            ended(hosts, &watcher.changed().await)
        }
        Err(zk::Error::NoNode) => {
            let (stat, watcher) = client.check_and_watch_stat(path).await.map_err(failed)?;
            if stat.is_some() {
                return Ok(());
            }
            announce(sender, Leader::Nobody);
            ended(hosts, &watcher.changed().await)
        }
        Err(error) => Err(failed(error)),
    }
}

/// An event of a node is a reason to look again, the end of the session an error.
fn ended(hosts: &str, event: &zk::WatchedEvent) -> Result<(), Error> {
    if event.event_type == zk::EventType::Session && event.session_state.is_terminated() {
        return Err(zookeeper(hosts, &zk::Error::SessionExpired));
    }
    Ok(())
}

fn announce(sender: &watch::Sender<Leader>, leader: Leader) {
    sender.send_if_modified(|known| {
        let news = *known != leader;
        *known = leader;
        news
    });
}

/// The name of the leader's node among the children of the masters' path.
fn smallest(children: Result<Vec<String>, zk::Error>) -> Result<Option<String>, zk::Error> {
    let children = present(children)?.unwrap_or_default();
    Ok(children.into_iter().filter(|name| name.starts_with(PREFIX)).min())
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

fn zookeeper(hosts: &str, error: &zk::Error) -> Error {
    Error::ZooKeeper { hosts: hosts.to_owned(), why: error.to_string() }
}
