//! Looking at znodes, without ever fetching millions of them.
//!
//! ZooKeeper has no pages: it lists all children of a znode or none. So their number is asked first, and a znode with too many
//! is not listed at all.

use std::{future::Future, time::Duration};

use tls::{Tls, ensemble, ensemble::NoSession};
use tokio::time::timeout;
use zookeeper_client::{Client, Stat};

use crate::Error;

/// The most children that are listed: their names still fit in a few hundred kilobytes.
pub const MOST_CHILDREN: usize = 10_000;

/// A session with an ensemble, for looking only.
#[derive(Clone, Debug)]
pub struct Tree {
    client: Client,
    servers: String,
    deadline: Duration,
}

/// The children of a znode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Children {
    /// How many there are.
    pub total: usize,
    /// Names in order, at most as many as were asked for, after the one that was named. None if there are too many to list
    /// at all.
    pub names: Vec<String>,
    /// There are more than [`MOST_CHILDREN`], so they were not listed.
    pub too_many: bool,
}

/// A znode's data and stat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Znode {
    /// What it holds; ZooKeeper's own limit is 1 MiB.
    pub data: Vec<u8>,
    /// Its stat.
    pub stat: Stat,
}

impl Tree {
    /// Opens a session with one of the servers (`host:port`, joined by commas). Every question has the same deadline.
    ///
    /// # Errors
    /// [`Error::NoSession`].
    pub async fn connect(servers: &str, deadline: Duration) -> Result<Self, Error> {
        Self::connect_as(servers, None, None, deadline).await
    }

    /// The same, as somebody: `user:password` of the digest scheme, for znodes that are not for everybody. Over TLS if it is given.
    ///
    /// # Errors
    /// [`Error::NoSession`], [`Error::Untrusted`], [`Error::Tls`].
    pub async fn connect_as(
        servers: &str,
        who: Option<&str>,
        tls: Option<&Tls>,
        deadline: Duration,
    ) -> Result<Self, Error> {
        let no_session = |reason: String| Error::NoSession { servers: servers.into(), reason };
        let connector = match who {
            Some(who) => Client::connector().with_auth("digest", who.as_bytes()),
            None => Client::connector(),
        };
        // Without TLS a server that is not there yet is waited for; with it, what is wrong shall be told.
        let connector = if tls.is_some() { connector.with_fail_eagerly() } else { connector };
        let client = timeout(deadline, ensemble::connect(connector, servers, tls)).await;
        let client = client.map_err(|_| no_session(format!("not within {deadline:?}")))?;
        let client = client.map_err(|error| match error {
            NoSession::Untrusted { address, fault } => Error::Untrusted { address, fault },
            NoSession::Unready(error) => Error::Tls(error),
            NoSession::Client(error) => no_session(error.to_string()),
        })?;
        Ok(Self { client, servers: servers.into(), deadline })
    }

    /// The children of a znode: the `most` names that follow `after` in order, or the first ones.
    ///
    /// # Errors
    /// [`Error::NoZnode`], [`Error::Refused`], [`Error::NoSession`].
    pub async fn children(&self, path: &str, after: Option<&str>, most: usize) -> Result<Children, Error> {
        let total = usize::try_from(self.stat(path).await?.num_children).unwrap_or(0);
        if total > MOST_CHILDREN {
            return Ok(Children { total, names: Vec::new(), too_many: true });
        }
        let mut names = self.ask(path, self.client.list_children(path)).await?;
        let total = names.len();
        names.sort_unstable();
        names.retain(|name| after.is_none_or(|after| name.as_str() > after));
        names.truncate(most);
        Ok(Children { total, names, too_many: false })
    }

    /// A znode's data and stat.
    ///
    /// # Errors
    /// [`Error::NoZnode`], [`Error::Refused`], [`Error::NoSession`].
    pub async fn get(&self, path: &str) -> Result<Znode, Error> {
        let (data, stat) = self.ask(path, self.client.get_data(path)).await?;
        Ok(Znode { data, stat })
    }

    /// A znode's stat.
    ///
    /// # Errors
    /// [`Error::NoZnode`], [`Error::Refused`], [`Error::NoSession`].
    pub async fn stat(&self, path: &str) -> Result<Stat, Error> {
        self.ask(path, self.client.check_stat(path)).await?.ok_or_else(|| Error::NoZnode { path: path.into() })
    }

    async fn ask<T>(
        &self,
        path: &str,
        question: impl Future<Output = Result<T, zookeeper_client::Error>>,
    ) -> Result<T, Error> {
        use zookeeper_client::Error as E;
        let no_session = |reason: String| Error::NoSession { servers: self.servers.clone(), reason };
        match timeout(self.deadline, question).await {
            Err(_) => Err(no_session(format!("no answer within {:?}", self.deadline))),
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(E::NoNode)) => Err(Error::NoZnode { path: path.into() }),
            Ok(Err(error @ (E::NoAuth | E::BadArguments(_)))) => {
                Err(Error::Refused { path: path.into(), reason: error.to_string() })
            }
            Ok(Err(error)) => Err(no_session(error.to_string())),
        }
    }
}
