//! Leadership: who wants it, who has it.

use std::time::Duration;

use hardware::Relays;
use tokio::{sync::watch, time};
use zookeeper_client::{Acls, Client, CreateMode, Error};

use crate::{flags::ZkAddress, wire::MasterInfo};

/// How long to wait before the next try while no ZooKeeper answers.
const RETRY: Duration = Duration::from_millis(50);
/// How long one try may take: a server that accepts and says nothing must not hold us.
const PATIENCE: Duration = Duration::from_secs(3);
const PREFIX: &str = "json.info_";

/// A session; tries until there is one. It is left to expire when its owner dies, as a real process's session is.
pub async fn connect(servers: &str, timeout: Duration) -> Client {
    loop {
        let connecting = Client::connector()
            .with_session_timeout(timeout)
            .with_connection_timeout(Duration::from_secs(1))
            .with_detached()
            .with_fail_eagerly()
            .connect(servers);
        match time::timeout(PATIENCE, connecting).await {
            Ok(Ok(client)) => return client,
            Ok(Err(_)) | Err(_) => time::sleep(RETRY).await,
        }
    }
}

/// Makes the folder of the masters.
pub async fn make_folder(client: &Client, path: &str) -> Result<(), Error> {
    client.mkdir(path, &CreateMode::Persistent.with_acls(Acls::anyone_all())).await
}

/// Contends: from now on, until the session ends, this master stands in the line. The result is its sequence number.
pub async fn contend(client: &Client, address: &ZkAddress, me: &MasterInfo) -> Result<String, Error> {
    make_folder(client, &address.path).await?;
    let prefix = format!("{}/{PREFIX}", address.path);
    let options = CreateMode::EphemeralSequential.with_acls(Acls::anyone_all());
    let (_, sequence) = client.create(&prefix, &me.znode(), &options).await?;
    Ok(format!("{PREFIX}{sequence}"))
}

/// Joins the replicas of the registry, where operators look for the other masters' addresses.
pub async fn join_replicas(client: &Client, address: &ZkAddress, me: &MasterInfo) -> Result<(), Error> {
    let folder = format!("{}/log_replicas", address.path);
    make_folder(client, &folder).await?;
    let pid = format!("log-replica(1)@{}:{}", me.address.ip, me.address.port);
    let options = CreateMode::EphemeralSequential.with_acls(Acls::anyone_all());
    client.create(&format!("{folder}/"), pid.as_bytes(), &options).await.map(|_| ())
}

/// Follows the leader, the first in the line, until the session ends.
pub async fn follow(client: &Client, path: &str, leader: &watch::Sender<Option<MasterInfo>>) -> Error {
    loop {
        if let Err(error) = look(client, path, leader).await {
            return error;
        }
    }
}

/// Tells the leader, then waits for a change.
async fn look(client: &Client, path: &str, leader: &watch::Sender<Option<MasterInfo>>) -> Result<(), Error> {
    let (children, change) = match client.list_and_watch_children(path).await {
        Ok(found) => found,
        Err(Error::NoNode) => return wait_for_folder(client, path).await,
        Err(error) => return Err(error),
    };
    let first = children.iter().filter(|name| name.starts_with(PREFIX)).min();
    let info = match first {
        None => None,
        Some(name) => match client.get_data(&format!("{path}/{name}")).await {
            Ok((data, _)) => serde_json::from_slice(&data).ok(),
            // It went away between the two questions; the watch tells of it.
            Err(Error::NoNode) => None,
            Err(error) => return Err(error),
        },
    };
    leader.send_if_modified(|known| {
        let changed = *known != info;
        *known = info;
        changed
    });
    change.changed().await;
    Ok(())
}

async fn wait_for_folder(client: &Client, path: &str) -> Result<(), Error> {
    if let (None, change) = client.check_and_watch_stat(path).await? {
        change.changed().await;
    }
    Ok(())
}

/// Follows the leader for ever, through sessions that end and servers that come and go.
pub async fn detect(address: ZkAddress, relays: Relays, timeout: Duration, leader: watch::Sender<Option<MasterInfo>>) {
    loop {
        let client = connect(relays.hosts(), timeout).await;
        follow(&client, &address.path, &leader).await;
        leader.send_replace(None);
        time::sleep(RETRY).await;
    }
}
