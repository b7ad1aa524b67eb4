//! How the use of processors and memory went while the window watched.

use std::{collections::VecDeque, time::Duration};

use leptos::prelude::*;
use protocol::{MesosView, Share};

use crate::held::Held;
use crate::{format, store::Cluster};

/// How many looks are kept: two minutes of them.
const KEPT: usize = 60;
const EVERY: Duration = Duration::from_secs(2);

/// The shares in use, between 0 and 1, oldest first.
#[derive(Clone, Copy)]
pub struct History {
    /// Of processors.
    pub cpus: Held<VecDeque<f64>>,
    /// Of memory.
    pub memory: Held<VecDeque<f64>>,
}

impl History {
    /// Begins now, and goes on for as long as the current owner lives.
    pub fn begin(cluster: Cluster) -> Self {
        let history = Self { cpus: Held::new(VecDeque::new()), memory: Held::new(VecDeque::new()) };
        // Two looks make a line.
        history.look(cluster);
        history.look(cluster);
        if let Ok(timer) = set_interval_with_handle(move || history.look(cluster), EVERY) {
            on_cleanup(move || timer.clear());
        }
        history
    }

    fn look(self, cluster: Cluster) {
        let shares = cluster.mesos.with_untracked(|section| section.as_ref().map(|section| sums(&section.body)));
        if let Some((cpus, memory)) = shares {
            self.cpus.update(|values| keep(values, cpus));
            self.memory.update(|values| keep(values, memory));
        }
    }
}

fn keep(values: &mut VecDeque<f64>, share: Share) {
    values.push_back(format::percent(share.used, share.total) / 100.0);
    if values.len() > KEPT {
        values.pop_front();
    }
}

/// Processors and memory of all agents together.
pub fn sums(mesos: &MesosView) -> (Share, Share) {
    let sum = |of: fn(&protocol::Agent) -> Share| {
        mesos
            .agents
            .iter()
            .map(of)
            .fold(Share::default(), |sum, share| Share { used: sum.used + share.used, total: sum.total + share.total })
    };
    (sum(|agent| agent.cpus), sum(|agent| agent.mem_mb))
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use protocol::Share;

    use super::{KEPT, keep, sums};
    use crate::scenes;

    #[test]
    fn only_the_newest_are_kept() {
        let mut values = VecDeque::new();
        for n in 0..KEPT + 5 {
            keep(&mut values, Share { used: n as f64, total: 100.0 });
        }
        assert_eq!((values.len(), values[0]), (KEPT, 0.05));
    }

    #[test]
    fn the_sums_are_those_of_all_agents() {
        let mesos = scenes::up().live.mesos.map(|section| section.body);
        let Some(mesos) = mesos else { panic!("the scene has agents") };
        let (cpus, _) = sums(&mesos);
        assert_eq!(cpus.total, mesos.agents.iter().map(|agent| agent.cpus.total).sum::<f64>());
    }
}
