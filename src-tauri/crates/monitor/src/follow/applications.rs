//! (stub)
use std::sync::Arc;
use plan::ClusterPlan;
use protocol::Applications;
use tokio::sync::watch;
use crate::{board::Board, section::Reading, view::mesos::Health};
pub async fn follow(_plan: &ClusterPlan, _board: &Board, _health: &watch::Sender<Arc<Health>>) {}
pub async fn look(_plan: &ClusterPlan) -> (Reading<Applications>, Health) { (Reading::Whole(Applications{answering:vec![],leader:None,applications:vec![]}), Health::new()) }
