//! `/state-summary`.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, Write},
};

use serde::Serialize;

use super::{agent::AgentHead, census::Census, framework::FrameworkHead};
use crate::{
    master::state::State,
    wire::{Id, TaskState, recordio},
};

#[derive(Serialize)]
struct AgentSummary<'a> {
    #[serde(flatten)]
    head: AgentHead<'a>,
    #[serde(flatten)]
    census: Census,
    framework_ids: BTreeSet<&'a str>,
}

#[derive(Serialize)]
struct FrameworkSummary<'a> {
    #[serde(flatten)]
    head: FrameworkHead<'a>,
    #[serde(flatten)]
    census: Census,
    slave_ids: BTreeSet<&'a str>,
}

/// Writes it.
pub fn state_summary(core: &State, out: impl Write) -> io::Result<()> {
    #[derive(Serialize)]
    struct Whole<'a> {
        hostname: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        cluster: Option<&'a str>,
        slaves: Vec<AgentSummary<'a>>,
        frameworks: Vec<FrameworkSummary<'a>>,
    }
    let mut on: BTreeMap<&Id, (BTreeMap<TaskState, u64>, BTreeSet<&str>)> = BTreeMap::new();
    for framework in core.frameworks.values() {
        for task in framework.tasks.values().chain(framework.completed_tasks.iter()) {
            let entry = on.entry(&task.agent).or_default();
            *entry.0.entry(task.state).or_default() += 1;
            entry.1.insert(framework.id.as_str());
        }
    }
    let slaves = core.agents.iter().map(|(id, agent)| {
        let (census, framework_ids) = on.remove(id).unwrap_or_default();
        AgentSummary { head: AgentHead::of(core, id, agent), census: Census(census), framework_ids }
    });
    let slaves = slaves.collect();
    let frameworks = core.frameworks.values().map(|framework| {
        let tasks =
            || framework.tasks.values().chain(framework.unreachable_tasks.values()).chain(&framework.completed_tasks);
        let slave_ids = tasks().map(|task| task.agent.as_str()).collect();
        FrameworkSummary { head: FrameworkHead::of(framework), census: Census::count(tasks()), slave_ids }
    });
    let (hostname, cluster) = (core.me.hostname.as_str(), core.flags.cluster.as_deref());
    recordio::json_into(out, &Whole { hostname, cluster, slaves, frameworks: frameworks.collect() })
}
