//! How a master comes to lead, and stops.

use std::{sync::Arc, time::Instant};

use hardware::Relays;
use zookeeper_client::{Client, Error};

use super::Shared;
use crate::{lock::lock, zk};

/// Contends for ever; ends when a leader lost its leadership.
pub async fn run(shared: Arc<Shared>) {
    let (address, timeout, me) = {
        let core = lock(&shared.core);
        (core.state.flags.zk.clone(), core.state.flags.zk_session_timeout, core.state.me.clone())
    };
    let Some(address) = address else {
        // Alone, it leads from the start.
        lock(&shared.core).elect(Instant::now());
        shared.leader.send_replace(Some(me));
        shared.wake.notify_one();
        return std::future::pending().await;
    };
    let relays = Relays::open(&shared.hardware.network, me.address.ip, &address.servers);
    loop {
        let client = zk::connect(relays.hosts(), timeout).await;
        let error = contend(&shared, &client, &address).await;
        let mut core = lock(&shared.core);
        if core.state.leads() {
            core.log.error("master.cpp:2121", "Lost leadership... committing suicide!");
            core.state.elected = None;
            drop(core);
            shared.leader.send_replace(None);
            shared.end();
            return;
        }
        core.log.info("contender.cpp:200", &format!("Lost the session with ZooKeeper ({error}); contending again"));
        drop(core);
        shared.leader.send_replace(None);
    }
}

async fn contend(shared: &Arc<Shared>, client: &Client, address: &crate::flags::ZkAddress) -> Error {
    let me = lock(&shared.core).state.me.clone();
    if let Err(error) = zk::contend(client, address, &me).await {
        return error;
    }
    let text = format!("New candidate (id='{}') has entered the contest for leadership", me.id);
    lock(&shared.core).log.info("contender.cpp:265", &text);
    if let Err(error) = zk::join_replicas(client, address, &me).await {
        return error;
    }
    let watch_leader = async {
        let mut leader = shared.leader.subscribe();
        loop {
            let now_leads = leader.borrow_and_update().clone();
            take_note(shared, now_leads.as_ref(), &me);
            if leader.changed().await.is_err() {
                return std::future::pending().await;
            }
        }
    };
    tokio::select! {
        error = zk::follow(client, &address.path, &shared.leader) => error,
        () = watch_leader => Error::SessionExpired,
    }
}

fn take_note(shared: &Shared, leader: Option<&crate::wire::MasterInfo>, me: &crate::wire::MasterInfo) {
    let Some(leader) = leader else { return };
    let mut core = lock(&shared.core);
    core.log.info("zookeeper.cpp:262", &format!("A new leading master (UPID={}) is detected", leader.pid()));
    if leader.id == me.id && !core.state.leads() {
        core.elect(Instant::now());
        drop(core);
        shared.wake.notify_one();
    }
}
