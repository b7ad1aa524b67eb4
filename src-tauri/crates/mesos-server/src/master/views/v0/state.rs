//! `/state`.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use super::{
    agent::{AgentV0, RecoveredAgent},
    framework::FrameworkView,
};
use crate::{
    master::state::State as Master,
    views::{BuildV0, Seq},
    wire::{MasterInfo, agent::MASTER_CAPABILITIES},
};

#[derive(Serialize)]
struct LeaderInfo<'a> {
    id: &'a str,
    pid: String,
    port: u16,
    hostname: &'a str,
}

/// `/state`.
pub struct State<'a> {
    pub core: &'a Master,
    pub leader: &'a MasterInfo,
}

impl Serialize for State<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { core, leader } = *self;
        let active = core.agents.values().filter(|agent| agent.is_active()).count();
        #[derive(Serialize)]
        struct Head<'a> {
            #[serde(flatten)]
            build: BuildV0,
            start_time: f64,
            #[serde(skip_serializing_if = "Option::is_none")]
            elected_time: Option<f64>,
            id: &'a str,
            pid: String,
            hostname: &'a str,
            capabilities: [&'static str; 3],
            activated_slaves: f64,
            deactivated_slaves: f64,
            unreachable_slaves: f64,
            leader: String,
            leader_info: LeaderInfo<'a>,
            #[serde(skip_serializing_if = "Option::is_none")]
            cluster: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            log_dir: Option<&'a str>,
            flags: &'a BTreeMap<&'static str, String>,
        }
        #[derive(Serialize)]
        struct Whole<'a, A: Serialize, R: Serialize, F: Serialize, C: Serialize> {
            #[serde(flatten)]
            head: Head<'a>,
            slaves: A,
            recovered_slaves: R,
            frameworks: F,
            completed_frameworks: C,
            orphan_tasks: [(); 0],
            unregistered_frameworks: [(); 0],
        }
        let head = Head {
            build: BuildV0::THIS,
            start_time: core.started,
            elected_time: core.elected,
            id: &core.me.id,
            pid: core.me.pid(),
            hostname: &core.me.hostname,
            capabilities: MASTER_CAPABILITIES,
            activated_slaves: active as f64,
            deactivated_slaves: (core.agents.len() - active) as f64,
            unreachable_slaves: core.unreachable.len() as f64,
            leader: leader.pid(),
            leader_info: LeaderInfo {
                id: &leader.id,
                pid: leader.pid(),
                port: leader.address.port,
                hostname: &leader.hostname,
            },
            cluster: core.flags.cluster.as_deref(),
            log_dir: core.flags.shown.get("log_dir").map(String::as_str),
            flags: &core.flags.shown,
        };
        Whole {
            head,
            slaves: Seq(|| core.agents.iter().map(|(id, agent)| AgentV0 { core, id, agent })),
            recovered_slaves: Seq(|| core.recovered.iter().map(RecoveredAgent::of)),
            frameworks: Seq(|| {
                core.frameworks.values().map(|framework| FrameworkView { core, framework, over: false })
            }),
            completed_frameworks: Seq(|| {
                core.completed.iter().map(|framework| FrameworkView { core, framework, over: true })
            }),
            orphan_tasks: [],
            unregistered_frameworks: [],
        }
        .serialize(serializer)
    }
}
