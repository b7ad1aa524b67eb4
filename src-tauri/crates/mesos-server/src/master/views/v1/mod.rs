//! What the v1 API shows: agents, frameworks, tasks, executors, offers.

mod agent;
mod executor;
mod framework;
mod offer;
mod operations;
mod task;

pub use agent::AgentView;
pub use framework::FrameworkView;
pub use offer::OfferView;
pub use operations::Operations;
pub use task::TaskView;

use std::time::Duration;

use serde::{Serialize, Serializer, ser::SerializeMap};

use self::{agent::ListedAgent, executor::ExecutorView, task::kept};
use crate::{
    master::state::State as Master,
    views::{One, Seq},
    wire::AgentInfo,
};

/// `GET_TASKS`.
pub struct Tasks<'a>(pub &'a Master);

impl Serialize for Tasks<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let core = self.0;
        let mut map = serializer.serialize_map(Some(3))?;
        let live = || core.frameworks.values();
        let all = || live().chain(&core.completed);
        map.serialize_entry("tasks", &Seq(|| live().flat_map(|f| f.tasks.values().map(|task| kept(task, &f.id)))))?;
        map.serialize_entry(
            "unreachable_tasks",
            &Seq(|| live().flat_map(|f| f.unreachable_tasks.values().map(|task| kept(task, &f.id)))),
        )?;
        map.serialize_entry(
            "completed_tasks",
            &Seq(|| all().flat_map(|f| f.completed_tasks.iter().map(|task| kept(task, &f.id)))),
        )?;
        map.end()
    }
}

/// `GET_EXECUTORS`.
pub struct Executors<'a>(pub &'a Master);

impl Serialize for Executors<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let core = self.0;
        let all = || {
            core.frameworks
                .values()
                .flat_map(|f| core.executors_of(f).map(move |(agent, e)| ExecutorView::of(agent, &f.id, e)))
        };
        One { name: "executors", of: Seq(all) }.serialize(serializer)
    }
}

/// `GET_FRAMEWORKS`.
pub struct Frameworks<'a>(pub &'a Master);

impl Serialize for Frameworks<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let core = self.0;
        let mut map = serializer.serialize_map(Some(2))?;
        let view = |framework| FrameworkView::listed(core, framework);
        map.serialize_entry("frameworks", &Seq(|| core.frameworks.values().map(|f| view(f))))?;
        map.serialize_entry("completed_frameworks", &Seq(|| core.completed.iter().map(|f| view(f))))?;
        map.end()
    }
}

/// `GET_AGENTS`.
pub struct Agents<'a>(pub &'a Master);

impl Serialize for Agents<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry(
            "agents",
            &Seq(|| self.0.agents.values().map(|agent| ListedAgent { agent, core: self.0 })),
        )?;
        map.serialize_entry("recovered_agents", &self.0.recovered.values().collect::<Vec<&AgentInfo>>())?;
        map.end()
    }
}

/// `GET_STATE`.
#[derive(Serialize)]
pub struct State<'a> {
    get_tasks: Tasks<'a>,
    get_executors: Executors<'a>,
    get_frameworks: Frameworks<'a>,
    get_agents: Agents<'a>,
}

impl<'a> State<'a> {
    /// Of a master.
    pub fn of(core: &'a Master) -> Self {
        Self {
            get_tasks: Tasks(core),
            get_executors: Executors(core),
            get_frameworks: Frameworks(core),
            get_agents: Agents(core),
        }
    }
}

/// The first event of the operators' stream.
#[derive(Serialize)]
pub struct Subscribed<'a> {
    get_state: State<'a>,
    heartbeat_interval_seconds: f64,
}

impl<'a> Subscribed<'a> {
    /// Of a master.
    pub fn of(core: &'a Master, heartbeat: Duration) -> Self {
        Self { get_state: State::of(core), heartbeat_interval_seconds: heartbeat.as_secs_f64() }
    }
}
