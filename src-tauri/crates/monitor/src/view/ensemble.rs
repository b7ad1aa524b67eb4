//! The ZooKeeper ensemble.

use plan::ClusterPlan;
use protocol::{Ensemble, ZooKeeperMode, ZooKeeperServer};
use zookeeper::ensemble::{Role, ServerStatus};

/// The ensemble of the plan, from what its servers said, which is in the plan's order.
pub fn ensemble(plan: &ClusterPlan, said: Vec<ServerStatus>) -> Ensemble {
    let servers: Vec<_> = plan.ensemble().zip(said).map(|((_, node), said)| server(node, said)).collect();
    Ensemble { majority: servers.len() / 2 + 1, servers }
}

fn server(node: &plan::Node, said: ServerStatus) -> ZooKeeperServer {
    let srvr = said.srvr.as_ref();
    ZooKeeperServer {
        node: node.name.clone(),
        myid: said.myid,
        mode: mode(&said.role),
        latency_ms: srvr.and_then(|s| s.latency_ms),
        connections: srvr.and_then(|s| s.connections),
        znodes: srvr.and_then(|s| s.znodes),
        zxid: srvr.and_then(|s| s.zxid.clone()),
        version: srvr.and_then(|s| s.version.clone()),
        address: said.address,
    }
}

fn mode(role: &Role) -> ZooKeeperMode {
    match role {
        Role::Leader => ZooKeeperMode::Leader,
        // It has no vote, and plans make none: to a person it follows.
        Role::Follower | Role::Observer => ZooKeeperMode::Follower,
        Role::Standalone => ZooKeeperMode::Standalone,
        Role::Looking => ZooKeeperMode::Looking,
        Role::Down(_) => ZooKeeperMode::Down,
    }
}
