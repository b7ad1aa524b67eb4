//! How an ensemble is: all its servers asked side by side.

use std::time::Duration;

use tls::Tls;
use tokio::task::JoinSet;

use crate::{Error, Mode, Srvr};

/// How long a server may take to answer before it counts as down.
const ANSWER: Duration = Duration::from_secs(2);

/// A server of the ensemble and what it said.
#[derive(Debug)]
pub struct ServerStatus {
    /// Its number.
    pub myid: u16,
    /// `host:port`.
    pub address: String,
    /// What it does.
    pub role: Role,
    /// What it said, if it serves.
    pub srvr: Option<Srvr>,
}

/// What a server does.
#[derive(Debug)]
pub enum Role {
    /// It leads.
    Leader,
    /// It follows.
    Follower,
    /// It follows without a vote.
    Observer,
    /// It is alone, and serves.
    Standalone,
    /// It runs and serves nobody: it looks for a leader.
    Looking,
    /// It can't be asked, for this reason.
    Down(Error),
}

impl Role {
    /// It serves clients.
    pub fn serves(&self) -> bool {
        !matches!(self, Self::Looking | Self::Down(_))
    }
}

/// Asks all servers (number and `host:port`) at once, over TLS if it is given; the answer is in their order, and never later than
/// the slowest may be.
pub async fn status(servers: &[(u16, String)], tls: Option<&Tls>) -> Vec<ServerStatus> {
    let mut asked = JoinSet::new();
    for (index, (myid, address)) in servers.iter().cloned().enumerate() {
        let tls = tls.cloned();
        asked.spawn(async move { (index, one(myid, address, tls.as_ref()).await) });
    }
    let mut answers = asked.join_all().await;
    answers.sort_by_key(|(index, _)| *index);
    answers.into_iter().map(|(_, status)| status).collect()
}

async fn one(myid: u16, address: String, tls: Option<&Tls>) -> ServerStatus {
    match Srvr::ask(&address, tls, ANSWER).await {
        Ok(srvr) => {
            let role = match srvr.mode {
                Mode::Leader => Role::Leader,
                Mode::Follower => Role::Follower,
                Mode::Observer => Role::Observer,
                Mode::Standalone => Role::Standalone,
            };
            ServerStatus { myid, address, role, srvr: Some(srvr) }
        }
        Err(Error::NotServing { .. }) => ServerStatus { myid, address, role: Role::Looking, srvr: None },
        Err(error) => ServerStatus { myid, address, role: Role::Down(error), srvr: None },
    }
}
