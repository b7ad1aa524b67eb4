//! What the v1 API shows: agents, frameworks, tasks, executors, offers.

use std::{collections::BTreeMap, time::Duration};

use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::value::RawValue;

use super::{DrainInfo, offer_constraints};
use crate::{
    master::state::{Agent, Executor, Framework, Shown, State as Master, Task},
    resources::{ByRole, Format, Listed, Resources},
    views::{One, Seq, TaskV1},
    wire::{
        AgentInfo, Attribute, Id, Nanoseconds, Uuid, VERSION,
        agent::{AGENT_CAPABILITIES, Address, Typed},
        maintenance::Unavailability,
        task::CommandInfo,
    },
};

/// An agent.
pub struct AgentView<'a> {
    agent: &'a Agent,
    /// With its offers; an event shows none.
    core: Option<&'a Master>,
}

impl<'a> AgentView<'a> {
    /// As events show it.
    pub fn in_event(agent: &'a Agent) -> Self {
        Self { agent, core: None }
    }
}

/// An agent's info as lists have it: with a field that the agent itself did not set.
#[derive(Serialize)]
struct Checkpointing<'a> {
    #[serde(flatten)]
    info: &'a AgentInfo,
    checkpoint: bool,
}

impl Serialize for AgentView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let agent = self.agent;
        let time = |seconds| Nanoseconds::at(seconds);
        let mut map = serializer.serialize_map(None)?;
        match self.core {
            None => map.serialize_entry("agent_info", &agent.info)?,
            Some(_) => map.serialize_entry("agent_info", &Checkpointing { info: &agent.info, checkpoint: true })?,
        }
        map.serialize_entry("active", &agent.is_active())?;
        map.serialize_entry("deactivated", &agent.deactivated)?;
        map.serialize_entry("version", VERSION)?;
        map.serialize_entry("pid", &agent.info.pid())?;
        map.serialize_entry("registered_time", &time(agent.registered))?;
        if let Some(again) = agent.reregistered {
            map.serialize_entry("reregistered_time", &time(again))?;
        }
        map.serialize_entry("total_resources", &Listed(&agent.total, Format::ENDPOINT))?;
        if !agent.used.is_empty() {
            map.serialize_entry("allocated_resources", &ByRole(&agent.used_by))?;
        }
        if let Some(core) = self.core.filter(|_| !agent.offered.is_empty()) {
            map.serialize_entry("offered_resources", &ByRole(&core.offered_of(agent)))?;
        }
        map.serialize_entry("capabilities", &AGENT_CAPABILITIES.map(|kind| Typed { kind: Some(kind) }))?;
        if let (Some(core), Some(id)) = (self.core.filter(|_| agent.deactivated), &agent.info.id) {
            if let Some(drain) = DrainInfo::of(core, id) {
                map.serialize_entry("drain_info", &drain)?;
            }
            if let Some(started) = agent.drain_started {
                map.serialize_entry("estimated_drain_start_time", &time(started))?;
            }
        }
        map.end()
    }
}

/// An agent in a list.
struct ListedAgent<'a> {
    agent: &'a Shown<Agent>,
    core: &'a Master,
}

impl Serialize for ListedAgent<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let view = || AgentView { agent: self.agent, core: Some(self.core) };
        // How an agent is being emptied is not known to the agent's own entry.
        if self.agent.deactivated { view().serialize(serializer) } else { self.agent.v1(view).serialize(serializer) }
    }
}

/// A framework.
pub struct FrameworkView<'a> {
    framework: &'a Framework,
    /// With its offers; an event shows none.
    core: Option<&'a Master>,
}

impl<'a> FrameworkView<'a> {
    /// As events show it.
    pub fn in_event(framework: &'a Framework) -> Self {
        Self { framework, core: None }
    }
}

impl Serialize for FrameworkView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let framework = self.framework;
        let time = |seconds| Nanoseconds::at(seconds);
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("framework_info", &framework.info)?;
        map.serialize_entry("active", &framework.connected)?;
        map.serialize_entry("connected", &framework.connected)?;
        map.serialize_entry("recovered", &framework.recovered)?;
        if framework.registered > 0.0 {
            map.serialize_entry("registered_time", &time(framework.registered))?;
            map.serialize_entry("reregistered_time", &time(framework.reregistered))?;
        }
        if framework.unregistered > 0.0 || self.core.is_none() {
            map.serialize_entry("unregistered_time", &time(framework.unregistered))?;
        }
        if let Some(core) = self.core {
            let offers = || framework.offers.iter().filter_map(|id| OfferView::for_operator(core, id));
            if !framework.offers.is_empty() {
                map.serialize_entry("offers", &Seq(offers))?;
            }
            let mut used = framework.allocated.clone();
            let mut offered: BTreeMap<String, Resources> = BTreeMap::new();
            for offer in framework.offers.iter().filter_map(|id| core.offers.get(id)) {
                offered.entry(offer.role.to_string()).or_default().add(&offer.resources);
                if let Some(used) = used.get_mut(&*offer.role) {
                    used.subtract(&offer.resources);
                }
            }
            if !framework.used.is_empty() {
                map.serialize_entry("allocated_resources", &ByRole(&used))?;
            }
            if !offered.is_empty() {
                map.serialize_entry("offered_resources", &ByRole(&offered))?;
            }
            let inverse = || framework.inverse_offers.iter().filter_map(|id| InverseOfferView::of(core, id));
            if !framework.inverse_offers.is_empty() {
                map.serialize_entry("inverse_offers", &Seq(inverse))?;
            }
            offer_constraints(&mut map, framework)?;
        }
        map.end()
    }
}

#[derive(Serialize)]
struct InverseOfferView<'a> {
    id: &'a Id,
    framework_id: &'a Id,
    agent_id: &'a Id,
    unavailability: &'a Unavailability,
}

impl<'a> InverseOfferView<'a> {
    fn of(core: &'a Master, id: &'a Id) -> Option<Self> {
        let offer = core.inverse_offers.get(id)?;
        let unavailability = &offer.unavailability;
        Some(Self { id, framework_id: &offer.framework, agent_id: &offer.agent, unavailability })
    }
}

/// An offer.
#[derive(Serialize)]
pub struct OfferView<'a> {
    id: &'a Id,
    framework_id: &'a Id,
    agent_id: &'a Id,
    hostname: &'a str,
    url: Url,
    resources: Listed<'a>,
    #[serde(skip_serializing_if = "<[Attribute]>::is_empty")]
    attributes: &'a [Attribute],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    executor_ids: Vec<&'a Id>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unavailability: Option<&'a Unavailability>,
    #[serde(skip_serializing_if = "Option::is_none")]
    allocation_info: Option<Role<'a>>,
}

#[derive(Serialize)]
struct Role<'a> {
    role: &'a str,
}

#[derive(Serialize)]
struct Url {
    scheme: &'static str,
    address: Address,
    path: &'static str,
}

impl<'a> OfferView<'a> {
    /// As the framework sees it.
    pub fn of(core: &'a Master, framework: &Framework, id: &'a Id) -> Option<Self> {
        let multi_role = framework.info.can("MULTI_ROLE");
        let mut view = Self::for_operator(core, id)?;
        let role = &core.offers.get(id)?.role;
        if !framework.info.can("RESERVATION_REFINEMENT") {
            view.resources.1 = Format::offered(role, multi_role);
        }
        view.allocation_info = multi_role.then_some(Role { role });
        Some(view)
    }

    fn for_operator(core: &'a Master, id: &'a Id) -> Option<Self> {
        let offer = core.offers.get(id)?;
        let agent = core.agents.get(&offer.agent)?;
        let info = &agent.info;
        let address = Address { hostname: info.hostname.clone(), ip: info.ip, port: info.port };
        Some(Self {
            id,
            framework_id: &offer.framework,
            agent_id: &offer.agent,
            hostname: &info.hostname,
            url: Url { scheme: "http", address, path: "/slave(1)" },
            resources: Listed(&offer.resources, Format::used(&offer.role)),
            attributes: &info.attributes,
            executor_ids: agent.executors.keys().filter(|(of, _)| *of == offer.framework).map(|(_, id)| id).collect(),
            unavailability: core.unavailability(info),
            allocation_info: Some(Role { role: &offer.role }),
        })
    }
}

/// A task.
pub struct TaskView<'a> {
    /// It.
    pub task: &'a Task,
    /// Whose.
    pub framework: &'a Id,
}

impl Serialize for TaskView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let task = self.task;
        TaskV1 {
            name: &task.name,
            task_id: &task.id,
            framework_id: self.framework,
            executor_id: task.executor.as_ref(),
            agent_id: &task.agent,
            state: task.state,
            resources: Listed(&task.resources, Format::used(&task.role)),
            statuses: &task.statuses,
            status_update_state: task.update.map(|(state, _)| state),
            status_update_uuid: task.update.map(|(_, uuid)| uuid),
            labels: task.labels.as_ref(),
            discovery: task.discovery.as_deref(),
            container: task.container.as_deref(),
            health_check: task.health_check.as_deref(),
        }
        .serialize(serializer)
    }
}

/// The same as it is kept.
fn kept<'a>(task: &'a Shown<Task>, framework: &'a Id) -> &'a RawValue {
    task.v1(|| TaskView { task, framework })
}

#[derive(Serialize)]
struct ExecutorView<'a> {
    executor_info: ExecutorInfoView<'a>,
    agent_id: &'a Id,
}

#[derive(Serialize)]
struct ExecutorInfoView<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    executor_id: &'a Id,
    framework_id: &'a Id,
    #[serde(skip_serializing_if = "Option::is_none")]
    command: Option<&'a CommandInfo>,
    #[serde(skip_serializing_if = "is_nothing")]
    resources: Listed<'a>,
    #[serde(skip_serializing_if = "str::is_empty")]
    name: &'a str,
}

fn is_nothing(listed: &Listed<'_>) -> bool {
    listed.0.is_empty()
}

impl<'a> ExecutorView<'a> {
    fn of(agent: &'a Id, framework: &'a Id, executor: &'a Executor) -> Self {
        Self {
            executor_info: ExecutorInfoView {
                kind: executor.kind(),
                executor_id: &executor.info.executor_id,
                framework_id: framework,
                command: executor.command(),
                resources: Listed(&executor.info.resources, Format::used(&executor.role)),
                name: &executor.info.name,
            },
            agent_id: agent,
        }
    }
}

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

/// `GET_OPERATIONS`: those that someone has yet to take note of.
pub struct Operations<'a>(pub &'a Master);

impl Serialize for Operations<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct View<'a> {
            framework_id: &'a Id,
            agent_id: &'a Id,
            info: &'a serde_json::Value,
            latest_status: serde_json::Value,
            statuses: [serde_json::Value; 1],
            uuid: UuidView,
        }
        #[derive(Serialize)]
        struct UuidView {
            value: Uuid,
        }
        let frameworks = || self.0.frameworks.values().filter(|f| !f.operations.is_empty());
        let all = || {
            frameworks().flat_map(|f| {
                f.operations.values().map(move |record| View {
                    framework_id: &f.id,
                    agent_id: &record.agent,
                    info: &record.info,
                    latest_status: record.status(true),
                    statuses: [record.status(true)],
                    uuid: UuidView { value: record.uuid },
                })
            })
        };
        let mut map = serializer.serialize_map(None)?;
        if frameworks().next().is_some() {
            map.serialize_entry("operations", &Seq(all))?;
        }
        map.end()
    }
}

/// `GET_FRAMEWORKS`.
pub struct Frameworks<'a>(pub &'a Master);

impl Serialize for Frameworks<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let core = self.0;
        let mut map = serializer.serialize_map(Some(2))?;
        let view = |framework| FrameworkView { framework, core: Some(core) };
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
