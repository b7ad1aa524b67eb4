//! Follows the ZooKeeper ensemble.

use std::time::Duration;

use plan::ClusterPlan;
use protocol::Ensemble;
use zookeeper::ensemble;

use super::while_present;
use crate::{
    board::Board,
    section::Reading,
    view::{endings::Endings, ensemble as view},
};

/// How often its servers are asked.
const EVERY: Duration = Duration::from_secs(1);

/// Follows the ensemble, for ever. Servers that do not answer are down: that is a look as good as any.
pub async fn follow(plan: &ClusterPlan, board: &Board) {
    while_present(board, || async {
        let mut ticks = super::ticks(EVERY);
        loop {
            ticks.tick().await;
            board.show(look(plan).await, &Endings::default());
        }
    })
    .await;
}

/// Looks once.
pub async fn look(plan: &ClusterPlan) -> Reading<Ensemble> {
    let port = plan.zookeeper.client_port;
    let servers: Vec<_> = plan.ensemble().map(|(myid, node)| (myid, format!("{}:{port}", node.address))).collect();
    Reading::Whole(view::ensemble(plan, ensemble::status(&servers, None).await))
}
