//! The endpoints of old: `/state`, `/state-summary`, `/slaves`, `/frameworks`, `/tasks`.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, Write},
    sync::Arc,
};

use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::value::RawValue;

use super::{DrainInfo, offer_constraints};
use crate::{
    master::state::{Agent, Executor, Framework, Offer, Shown, State as Master, Task},
    resources::{ByRole, Summary},
    views::{BuildV0, OwnedByRole, OwnedList, OwnedSummary, ReservedFull, ReservedSummary, Seq, TaskV0},
    wire::{
        AgentInfo, Id, MasterInfo, TaskState,
        agent::{AGENT_CAPABILITIES, AttributeMap, MASTER_CAPABILITIES},
        recordio,
        status::StatusV0,
    },
};

/// A framework's task.
fn task<'a>(task: &'a Task, framework: &'a Id) -> TaskV0<'a> {
    TaskV0 {
        id: task.id.as_str(),
        name: &task.name,
        framework_id: framework.as_str(),
        executor_id: task.executor.as_ref().map(Id::as_str).unwrap_or_default(),
        slave_id: task.agent.as_str(),
        state: task.state,
        resources: Summary(&task.resources),
        role: &task.role,
        statuses: task.statuses.iter().map(StatusV0::from).collect(),
        labels: task.labels.as_ref().map(|l| l.labels.as_slice()),
        discovery: task.discovery.as_deref(),
        container: task.container.as_deref(),
        health_check: task.health_check.as_deref(),
    }
}

/// The same as it is kept.
fn kept<'a>(one: &'a Shown<Task>, framework: &'a Id) -> &'a RawValue {
    one.v0(|| task(one, framework))
}

/// An agent, as far as all endpoints show it.
#[derive(Serialize)]
struct AgentHead<'a> {
    id: &'a str,
    hostname: &'a str,
    port: u16,
    attributes: AttributeMap<'a>,
    pid: String,
    registered_time: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    reregistered_time: Option<f64>,
    resources: Summary<'a>,
    used_resources: Summary<'a>,
    offered_resources: Summary<'a>,
    reserved_resources: ReservedSummary<'a>,
    unreserved_resources: OwnedSummary,
    active: bool,
    deactivated: bool,
    version: &'static str,
    capabilities: [&'static str; 8],
    #[serde(skip_serializing_if = "Option::is_none")]
    drain_info: Option<DrainInfo>,
    #[serde(skip_serializing_if = "Option::is_none")]
    estimated_drain_start_time_seconds: Option<f64>,
}

impl<'a> AgentHead<'a> {
    fn of(core: &Master, id: &'a Id, agent: &'a Agent) -> Self {
        let info = &agent.info;
        Self {
            id: id.as_str(),
            hostname: &info.hostname,
            port: info.port,
            attributes: AttributeMap(&info.attributes),
            pid: info.pid(),
            registered_time: agent.registered,
            reregistered_time: agent.reregistered,
            resources: Summary(&agent.total),
            used_resources: Summary(&agent.used),
            offered_resources: Summary(&agent.offered),
            reserved_resources: ReservedSummary(&agent.total),
            unreserved_resources: OwnedSummary(agent.total.unreserved()),
            active: agent.is_active(),
            deactivated: agent.deactivated,
            version: crate::wire::VERSION,
            capabilities: AGENT_CAPABILITIES,
            drain_info: if agent.deactivated { DrainInfo::of(core, id) } else { None },
            estimated_drain_start_time_seconds: agent.drain_started,
        }
    }
}

/// An agent in `/state`.
struct AgentV0<'a> {
    core: &'a Master,
    id: &'a Id,
    agent: &'a Shown<Agent>,
}

impl Serialize for AgentV0<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { core, id, agent } = *self;
        let head = || AgentHead::of(core, id, agent);
        // How an agent is being emptied is not known to the agent's own entry.
        if agent.deactivated { head().serialize(serializer) } else { agent.v0(head).serialize(serializer) }
    }
}

/// An agent of the registry that has not come back.
#[derive(Serialize)]
struct RecoveredAgent<'a> {
    id: &'a str,
    hostname: &'a str,
    port: u16,
    attributes: AttributeMap<'a>,
}

impl<'a> RecoveredAgent<'a> {
    fn of((id, info): (&'a Id, &'a AgentInfo)) -> Self {
        Self { id: id.as_str(), hostname: &info.hostname, port: info.port, attributes: AttributeMap(&info.attributes) }
    }
}

/// How many tasks are in which state.
#[derive(Default)]
struct Census(BTreeMap<TaskState, u64>);

impl Census {
    fn count<'a>(states: impl Iterator<Item = &'a Shown<Task>>) -> Self {
        let mut census = Self::default();
        states.for_each(|task| *census.0.entry(task.state).or_default() += 1);
        census
    }
}

impl Serialize for Census {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let all = TaskState::COUNTED.into_iter();
        serializer.collect_map(all.map(|state| (state.name(), self.0.get(&state).copied().unwrap_or_default())))
    }
}

/// A framework, as far as all endpoints show it.
#[derive(Serialize)]
struct FrameworkHead<'a> {
    id: &'a str,
    name: &'a str,
    used_resources: Summary<'a>,
    offered_resources: Summary<'a>,
    capabilities: Vec<&'a str>,
    hostname: &'a str,
    webui_url: &'a str,
    active: bool,
    connected: bool,
    recovered: bool,
}

impl<'a> FrameworkHead<'a> {
    fn of(framework: &'a Framework) -> Self {
        let info = &framework.info;
        Self {
            id: framework.id.as_str(),
            name: &info.name,
            used_resources: Summary(&framework.used),
            offered_resources: Summary(&framework.offered),
            capabilities: info.capabilities.iter().filter_map(|c| c.kind.as_deref()).collect(),
            hostname: info.hostname.as_deref().unwrap_or_default(),
            webui_url: info.webui_url.as_deref().unwrap_or_default(),
            active: framework.connected,
            connected: framework.connected,
            recovered: framework.recovered,
        }
    }
}

/// A framework with everything.
struct FrameworkView<'a> {
    core: &'a Master,
    framework: &'a Framework,
    over: bool,
}

#[derive(Serialize)]
struct OfferV0<'a> {
    id: &'a str,
    framework_id: &'a str,
    allocation_info: Role<'a>,
    slave_id: &'a str,
    resources: Summary<'a>,
}

impl<'a> OfferV0<'a> {
    fn of(id: &'a Id, offer: &'a Offer) -> Self {
        Self {
            id: id.as_str(),
            framework_id: offer.framework.as_str(),
            allocation_info: Role { role: &offer.role },
            slave_id: offer.agent.as_str(),
            resources: Summary(&offer.resources),
        }
    }
}

#[derive(Serialize)]
struct Role<'a> {
    role: &'a str,
}

#[derive(Serialize)]
struct ExecutorV0<'a> {
    executor_id: &'a str,
    name: &'a str,
    framework_id: &'a str,
    command: CommandV0<'a>,
    resources: Summary<'a>,
    role: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    slave_id: &'a str,
}

#[derive(Serialize)]
struct CommandV0<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    shell: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<&'a str>,
    argv: &'a [String],
    uris: [(); 0],
}

impl<'a> ExecutorV0<'a> {
    fn of(agent: &'a Id, framework: &'a Id, executor: &'a Executor) -> Self {
        let command = executor.command();
        Self {
            executor_id: executor.info.executor_id.as_str(),
            name: &executor.info.name,
            framework_id: framework.as_str(),
            command: CommandV0 {
                shell: command.map(|c| c.shell.unwrap_or(true)),
                value: command.and_then(|c| c.value.as_deref()),
                argv: command.map(|c| c.arguments.as_slice()).unwrap_or_default(),
                uris: [],
            },
            resources: Summary(&executor.info.resources),
            role: &executor.role,
            kind: executor.kind(),
            slave_id: agent.as_str(),
        }
    }
}

impl Serialize for FrameworkView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { core, framework, over } = *self;
        let id = &framework.id;
        let mut map = serializer.serialize_map(None)?;
        let head = FrameworkHead::of(framework);
        map.serialize_entry("id", head.id)?;
        map.serialize_entry("name", head.name)?;
        map.serialize_entry("used_resources", &head.used_resources)?;
        map.serialize_entry("offered_resources", &head.offered_resources)?;
        map.serialize_entry("capabilities", &head.capabilities)?;
        map.serialize_entry("hostname", head.hostname)?;
        map.serialize_entry("webui_url", head.webui_url)?;
        map.serialize_entry("active", &head.active)?;
        map.serialize_entry("connected", &head.connected)?;
        map.serialize_entry("recovered", &head.recovered)?;
        map.serialize_entry("user", &framework.info.user)?;
        map.serialize_entry("failover_timeout", &framework.info.failover_timeout)?;
        map.serialize_entry("checkpoint", &framework.info.checkpoint)?;
        map.serialize_entry("registered_time", &framework.registered)?;
        map.serialize_entry("unregistered_time", &framework.unregistered)?;
        if let Some(principal) = &framework.info.principal {
            map.serialize_entry("principal", principal)?;
        }
        let mut resources = framework.used.clone();
        resources.add(&framework.offered);
        map.serialize_entry("resources", &Summary(&resources))?;
        if framework.info.can("MULTI_ROLE") {
            map.serialize_entry("roles", &framework.roles)?;
        } else {
            map.serialize_entry("role", framework.roles.first().map_or("*", String::as_str))?;
        }
        map.serialize_entry("tasks", &Seq(|| framework.tasks.values().map(|t| kept(t, id))))?;
        map.serialize_entry("unreachable_tasks", &Seq(|| framework.unreachable_tasks.values().map(|t| kept(t, id))))?;
        map.serialize_entry("completed_tasks", &Seq(|| framework.completed_tasks.iter().map(|t| kept(t, id))))?;
        let offer = |id| core.offers.get(id).map(|offer| offer.v0(|| OfferV0::of(id, offer)));
        map.serialize_entry("offers", &Seq(|| framework.offers.iter().filter_map(offer)))?;
        let executors = || core.executors_of(framework).filter(|_| !over);
        map.serialize_entry("executors", &Seq(|| executors().map(|(agent, e)| ExecutorV0::of(agent, id, e))))?;
        if let Some(labels) = &framework.info.labels {
            map.serialize_entry("labels", &labels.labels)?;
        }
        offer_constraints(&mut map, framework)?;
        map.end()
    }
}

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

/// `/state-summary`.
pub fn state_summary(core: &Master, out: impl Write) -> io::Result<()> {
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

/// `/slaves`, of one if an id is given.
pub fn slaves(core: &Master, only: Option<&str>, out: impl Write) -> io::Result<()> {
    #[derive(Serialize)]
    struct Full<'a> {
        #[serde(flatten)]
        head: AgentHead<'a>,
        reserved_resources_full: ReservedFull<'a>,
        unreserved_resources_full: OwnedList,
        used_resources_full: ByRole<'a>,
        offered_resources_full: OwnedByRole,
    }
    #[derive(Serialize)]
    struct Whole<A: Serialize, R: Serialize> {
        slaves: A,
        recovered_slaves: R,
    }
    let wanted = |id: &Id| only.is_none_or(|only| only == id.as_str());
    let agents = || {
        core.agents.iter().filter(|(id, _)| wanted(id)).map(|(id, agent)| Full {
            head: AgentHead::of(core, id, agent),
            reserved_resources_full: ReservedFull(&agent.total),
            unreserved_resources_full: OwnedList(agent.total.unreserved()),
            used_resources_full: ByRole(&agent.used_by),
            offered_resources_full: OwnedByRole(core.offered_of(agent)),
        })
    };
    let recovered = || core.recovered.iter().filter(|(id, _)| wanted(id)).map(RecoveredAgent::of);
    recordio::json_into(out, &Whole { slaves: Seq(agents), recovered_slaves: Seq(recovered) })
}

/// `/frameworks`, of one if an id is given.
pub fn frameworks(core: &Master, only: Option<&str>, out: impl Write) -> io::Result<()> {
    #[derive(Serialize)]
    struct Whole<'a> {
        frameworks: Vec<FrameworkView<'a>>,
        completed_frameworks: Vec<FrameworkView<'a>>,
        unregistered_frameworks: [(); 0],
    }
    let wanted = |framework: &&Arc<Framework>| only.is_none_or(|only| only == framework.id.as_str());
    let view = |framework, over| FrameworkView { core, framework, over };
    let whole = Whole {
        frameworks: core.frameworks.values().filter(wanted).map(|f| view(f, false)).collect(),
        completed_frameworks: core.completed.iter().filter(wanted).map(|f| view(f, true)).collect(),
        unregistered_frameworks: [],
    };
    recordio::json_into(out, &whole)
}

/// Which tasks `/tasks` shows.
#[derive(Debug)]
pub struct TaskPage {
    pub limit: usize,
    pub offset: usize,
    pub ascending: bool,
    pub framework: Option<String>,
    pub task: Option<String>,
}

/// `/tasks`.
pub fn tasks(core: &Master, page: &TaskPage, out: impl Write) -> io::Result<()> {
    #[derive(Serialize)]
    struct Whole<'a> {
        tasks: Vec<&'a RawValue>,
    }
    let frameworks = core.frameworks.values().chain(&core.completed);
    let frameworks = frameworks.filter(|f| page.framework.as_deref().is_none_or(|only| only == f.id.as_str()));
    let all = frameworks.flat_map(|f| {
        let tasks = f.tasks.values().chain(f.unreachable_tasks.values()).chain(&f.completed_tasks);
        tasks.map(move |task| (task, &f.id))
    });
    let mut all: Vec<_> =
        all.filter(|(task, _)| page.task.as_deref().is_none_or(|only| only == task.id.as_str())).collect();
    let started = |task: &Task| task.statuses.first().map_or(f64::MAX, |status| status.timestamp);
    all.sort_by(|(a, _), (b, _)| {
        let order = started(a).total_cmp(&started(b));
        if page.ascending { order } else { order.reverse() }
    });
    let shown = all.into_iter().skip(page.offset).take(page.limit);
    let whole = Whole { tasks: shown.map(|(task, framework)| kept(task, framework)).collect() };
    recordio::json_into(out, &whole)
}
