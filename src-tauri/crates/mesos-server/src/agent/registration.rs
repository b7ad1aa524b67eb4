//! An agent's life with its masters.

use std::{
    net::SocketAddrV4,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::time;

use super::{Shared, launch};
use crate::{
    links::{Connected, ToAgent, ToMaster},
    lock::lock,
    wire::MasterInfo,
};

/// Between two tries to reach a master that should be there.
const RETRY: Duration = Duration::from_millis(50);

/// Stays registered with whoever leads, for ever.
pub async fn run(shared: Arc<Shared>) {
    let mut leader = shared.leader.clone();
    let mut told = None;
    loop {
        let found = leader.borrow_and_update().clone();
        let Some(found) = found else {
            if leader.changed().await.is_err() {
                return;
            }
            continue;
        };
        if told.as_ref() != Some(&found) {
            lock(&shared.core).log.info("slave.cpp:1102", &format!("New master detected at {}", found.pid()));
            told = Some(found.clone());
        }
        let served = serve(&shared, &found);
        tokio::select! {
            over = served => if over { return },
            changed = leader.changed() => if changed.is_err() { return },
        }
        lock(&shared.core).master = None;
        time::sleep(RETRY).await;
    }
}

/// Registers with a master and obeys it until the connection breaks. True: the agent has to end.
async fn serve(shared: &Arc<Shared>, master: &MasterInfo) -> bool {
    let address = SocketAddrV4::new(master.address.ip, master.address.port);
    let Some(Connected { tx, mut rx }) = shared.links.connect(&shared.hardware.network, shared.ip, address) else {
        return false;
    };
    {
        let mut core = lock(&shared.core);
        let (frameworks, tasks) = core.held();
        let (info, total) = (core.info.clone(), core.total.clone());
        tx.send(ToMaster::Register { info, total, frameworks, tasks });
        core.master = Some(tx);
    }
    let mut silence = Duration::from_secs(75);
    let mut heard = Instant::now();
    loop {
        let pause = time::sleep(Duration::from_secs(1));
        tokio::select! {
            message = rx.recv() => {
                heard = Instant::now();
                match message {
                    None => return false,
                    Some(ToAgent::Registered { id, silence: allowed }) => {
                        silence = allowed;
                        let mut core = lock(&shared.core);
                        core.named(id);
                        core.resend(true, heard);
                    }
                    Some(ToAgent::Ping { connected }) => {
                        if !connected {
                            return false;
                        }
                        if let Some(master) = &lock(&shared.core).master {
                            master.send(ToMaster::Pong);
                        }
                    }
                    Some(ToAgent::Shutdown(why)) => {
                        lock(&shared.core).log.info("slave.cpp:924", &format!("Agent asked to shut down by {}: {why}", master.pid()));
                        shared.over.send_replace(true);
                        return true;
                    }
                    Some(order) => launch::obey(shared, order),
                }
            }
            () = pause => {
                // A master that does not ping has given this agent up, or can't be reached.
                if heard.elapsed() > silence {
                    return false;
                }
                lock(&shared.core).resend(false, Instant::now());
            }
        }
    }
}
