//! Watches a cluster: machines, ZooKeeper, Mesos, the scheduler. A snapshot, then changes.

use std::sync::Arc;

use machines::Machines;
use plan::ValidPlan;
use protocol::{Live, Sink};

/// A running watch; dropping it ends it.
#[derive(Debug)]
pub struct Monitor {}

impl Monitor {
    /// Begins to watch; what changes goes to the sink. Needs a tokio runtime.
    pub fn start(_plan: ValidPlan, _machines: Arc<dyn Machines>, _sink: Arc<dyn Sink>) -> Self {
        Self {}
    }
}

/// One look at everything, side by side, at most a few seconds.
pub async fn look(_plan: &ValidPlan, _machines: &dyn Machines) -> Live {
    Live::default()
}

mod feed;
mod section;
mod view;
mod wording;
