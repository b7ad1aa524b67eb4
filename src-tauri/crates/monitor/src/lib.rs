//! Watches a cluster: machines, ZooKeeper, Mesos, the scheduler. A snapshot, then changes.
//!
//! - `follow`: the loops that ask, one for each section of the picture, none waiting for another.
//! - `view`: what programs answer → what a person sees. Pure.
//! - `feed`: two pictures → what happened between them, in words. Pure.
//! - `board`: the picture that is shown; decides what is news.
//!
//! A section that cannot be read keeps what was seen last, with its age and the reason. As long as none of the machines
//! exists there is nothing to see, and nothing is asked of anybody but the machines.

mod board;
mod feed;
mod follow;
mod pace;
mod section;
mod view;
mod wording;

use std::{fmt, sync::Arc, time::Duration};

use machines::Machines;
use plan::ValidPlan;
use protocol::{Live, MachineState, Section, Sink};
use tokio::{sync::watch, task::JoinSet, time::timeout};

use crate::{board::Board, section::Reading, view::mesos::Health};

/// How long [`look`] looks at one section.
const LOOK: Duration = Duration::from_secs(5);

/// A running watch; dropping it ends it at once.
pub struct Monitor {
    board: Arc<Board>,
    /// Aborted when dropped.
    _loops: JoinSet<()>,
}

impl fmt::Debug for Monitor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Monitor").finish_non_exhaustive()
    }
}

impl Drop for Monitor {
    fn drop(&mut self) {
        self.board.end();
    }
}

impl Monitor {
    /// Begins to watch; what changes goes to the sink. Needs a tokio runtime.
    pub fn start(plan: ValidPlan, machines: Arc<dyn Machines>, sink: Arc<dyn Sink>) -> Self {
        let (plan, board) = (Arc::new(plan), Arc::new(Board::new(sink)));
        let (health, healthy) = watch::channel(Arc::new(Health::new()));
        let mut loops = JoinSet::new();
        let shared = || (Arc::clone(&plan), Arc::clone(&board));
        let (p, b) = shared();
        loops.spawn(async move { follow::machines::follow(&p, &*machines, &b).await });
        let (p, b) = shared();
        loops.spawn(async move { follow::ensemble::follow(&p, &b).await });
        let (p, b) = shared();
        loops.spawn(async move { follow::mesos::follow(&p, &b, healthy).await });
        let (p, b) = shared();
        loops.spawn(async move { follow::applications::follow(&p, &b, &health).await });
        Self { board, _loops: loops }
    }
}

/// One look at everything, side by side, at most a few seconds. What did not answer in that time is missing.
pub async fn look(plan: &ValidPlan, machines: &dyn Machines) -> Live {
    let machines = in_time(follow::machines::look(plan, machines, None)).await.map(as_of_now);
    if machines.as_ref().is_some_and(|m| m.body.iter().all(|m| m.state == MachineState::Missing)) {
        return Live::default();
    }
    let (ensemble, applications) =
        tokio::join!(in_time(follow::ensemble::look(plan)), in_time(follow::applications::look(plan)));
    let (applications, health) = applications.unzip();
    let mesos = in_time(follow::mesos::look(plan, &health.unwrap_or_default())).await;
    Live {
        machines,
        ensemble: ensemble.map(as_of_now),
        mesos: mesos.map(as_of_now),
        applications: applications.map(as_of_now),
    }
}

async fn in_time<T>(look: impl Future<Output = T>) -> Option<T> {
    timeout(LOOK, look).await.ok()
}

fn as_of_now<T>(reading: Reading<T>) -> Section<T> {
    section::after(None, reading, board::now_ms())
}
