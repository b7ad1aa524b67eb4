//! What clients see of an agent's state.

use std::collections::BTreeMap;

use serde::Serialize;

use super::core::Core;
use crate::{
    held::{Executor, Framework, Task},
    resources::{Format, Listed, Resources, Summary, number},
    views::{
        BuildV0, One, OwnedList, OwnedSummary, ReservedFull, ReservedSummary, Seq, TaskV0, TaskV1, VersionInfo, answer,
        flag_list, metrics,
    },
    wire::{
        Id, TaskState,
        agent::{AGENT_CAPABILITIES, AttributeMap},
        now, recordio,
        status::StatusV0,
        task::Label,
    },
};

fn task_v0<'a>(task: &'a Task, framework: &'a Id, executor: &'a Executor) -> TaskV0<'a> {
    let info = &task.info;
    TaskV0 {
        id: info.task_id.as_str(),
        name: &info.name,
        framework_id: framework.as_str(),
        executor_id: if executor.info.is_some() { executor.id.as_str() } else { "" },
        slave_id: info.agent_id.as_str(),
        state: task.state,
        resources: Summary(&info.resources),
        role: &executor.role,
        statuses: task.statuses.iter().map(StatusV0::from).collect(),
        labels: info.labels.as_ref().map(|l| l.labels.as_slice()),
        discovery: info.discovery.as_deref(),
        container: info.container.as_deref(),
        health_check: info.health_check.as_deref(),
    }
}

#[derive(Serialize)]
struct ExecutorV0<'a> {
    id: &'a str,
    name: &'a str,
    source: &'a str,
    container: &'a str,
    directory: &'a str,
    resources: OwnedSummary,
    role: &'a str,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<&'a str>,
    #[serde(skip_serializing_if = "<[Label]>::is_empty")]
    labels: &'a [Label],
    tasks: Vec<TaskV0<'a>>,
    queued_tasks: [(); 0],
    completed_tasks: Vec<TaskV0<'a>>,
}

impl<'a> ExecutorV0<'a> {
    fn of(executor: &'a Executor, framework: &'a Id) -> Self {
        // The command executor is shown with its task's resources, also when that has ended.
        let resources = match (&executor.info, executor.tasks.is_empty()) {
            (None, true) => executor.completed.iter().fold(Resources::default(), |mut all, task| {
                all.add(&task.info.resources);
                all
            }),
            _ => executor.resources(),
        };
        Self {
            id: executor.id.as_str(),
            name: &executor.name,
            source: &executor.source,
            container: executor.container.as_str(),
            directory: &executor.directory,
            resources: OwnedSummary(resources),
            role: &executor.role,
            // The command executor shows none.
            kind: executor.info.as_ref().map(|_| executor.kind()),
            labels: &executor.labels,
            tasks: executor.tasks.values().map(|t| task_v0(t, framework, executor)).collect(),
            queued_tasks: [],
            completed_tasks: executor.completed.iter().map(|t| task_v0(t, framework, executor)).collect(),
        }
    }
}

#[derive(Serialize)]
struct FrameworkV0<'a> {
    id: &'a str,
    name: &'a str,
    user: &'a str,
    failover_timeout: f64,
    checkpoint: bool,
    hostname: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    roles: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<String>,
    executors: Vec<ExecutorV0<'a>>,
    completed_executors: Vec<ExecutorV0<'a>>,
}

impl<'a> FrameworkV0<'a> {
    fn of(framework: &'a Framework) -> Option<Self> {
        let info = &framework.info;
        let id = info.id.as_ref()?;
        let multi = info.can("MULTI_ROLE");
        Some(Self {
            id: id.as_str(),
            name: &info.name,
            user: &info.user,
            failover_timeout: info.failover_timeout,
            checkpoint: info.checkpoint,
            hostname: info.hostname.as_deref().unwrap_or_default(),
            roles: multi.then(|| info.effective_roles()),
            role: (!multi).then(|| info.effective_roles().into_iter().next().unwrap_or_default()),
            executors: framework.executors.values().map(|e| ExecutorV0::of(e, id)).collect(),
            completed_executors: framework.completed.iter().map(|e| ExecutorV0::of(e, id)).collect(),
        })
    }
}

/// `/state`.
pub fn state(core: &Core, leader: Option<&str>) -> Vec<u8> {
    #[derive(Serialize)]
    struct State<'a> {
        #[serde(flatten)]
        build: BuildV0,
        start_time: f64,
        id: &'a str,
        pid: String,
        hostname: &'a str,
        capabilities: [&'static str; 8],
        resources: Summary<'a>,
        reserved_resources: ReservedSummary<'a>,
        unreserved_resources: OwnedSummary,
        reserved_resources_full: ReservedFull<'a>,
        unreserved_resources_full: OwnedList,
        reserved_resources_allocated: ReservedSummary<'a>,
        unreserved_resources_allocated: OwnedSummary,
        resource_providers: [(); 0],
        attributes: AttributeMap<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        master_hostname: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        log_dir: Option<&'a str>,
        flags: &'a BTreeMap<&'static str, String>,
        frameworks: Vec<FrameworkV0<'a>>,
        completed_frameworks: Vec<FrameworkV0<'a>>,
    }
    let info = &core.info;
    let used = core.used();
    recordio::json(&State {
        build: BuildV0::THIS,
        start_time: core.started,
        id: info.id.as_ref().map(Id::as_str).unwrap_or_default(),
        pid: info.pid(),
        hostname: &info.hostname,
        capabilities: AGENT_CAPABILITIES,
        resources: Summary(&core.total),
        reserved_resources: ReservedSummary(&core.total),
        unreserved_resources: OwnedSummary(core.total.unreserved()),
        reserved_resources_full: ReservedFull(&core.total),
        unreserved_resources_full: OwnedList(core.total.unreserved()),
        reserved_resources_allocated: ReservedSummary(&used),
        unreserved_resources_allocated: OwnedSummary(used.unreserved()),
        resource_providers: [],
        attributes: AttributeMap(&info.attributes),
        master_hostname: leader,
        log_dir: core.flags.shown.get("log_dir").map(String::as_str),
        flags: &core.flags.shown,
        frameworks: core.frameworks.values().filter_map(FrameworkV0::of).collect(),
        completed_frameworks: core.completed.iter().filter_map(FrameworkV0::of).collect(),
    })
}

#[derive(Serialize)]
struct Statistics {
    cpus_soft_limit: f64,
    cpus_system_time_secs: f64,
    cpus_user_time_secs: f64,
    mem_limit_bytes: u64,
    mem_rss_bytes: u64,
    mem_soft_limit_bytes: u64,
    timestamp: f64,
}

impl Statistics {
    /// What the limits say; a simulated task uses next to nothing.
    fn of(executor: &Executor) -> Self {
        const SMALL: u64 = 1 << 20;
        let resources = executor.resources();
        let bytes = (number(resources.scalar("mem")) * f64::from(1 << 20)) as u64;
        Self {
            cpus_soft_limit: number(resources.scalar("cpus")),
            cpus_system_time_secs: 0.0,
            cpus_user_time_secs: 0.0,
            mem_limit_bytes: bytes,
            mem_rss_bytes: SMALL,
            mem_soft_limit_bytes: bytes,
            timestamp: now(),
        }
    }
}

#[derive(Serialize)]
struct Container<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    container_id: Option<&'a str>,
    executor_id: &'a str,
    executor_name: &'a str,
    framework_id: &'a str,
    source: &'a str,
    statistics: Statistics,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<ContainerStatus<'a>>,
}

#[derive(Serialize)]
struct ContainerStatus<'a> {
    container_id: &'a Id,
    #[serde(skip_serializing_if = "Option::is_none")]
    executor_pid: Option<u32>,
}

/// `/containers`, or `/monitor/statistics`, which shows less.
pub fn containers(core: &Core, whole: bool) -> Vec<u8> {
    let all = core.frameworks.iter().flat_map(|(id, f)| f.executors.values().map(move |e| (id, e)));
    let view = |(framework, executor): (&'_ Id, &'_ Executor)| {
        recordio::json(&Container {
            container_id: whole.then(|| executor.container.as_str()),
            executor_id: executor.id.as_str(),
            executor_name: &executor.name,
            framework_id: framework.as_str(),
            source: &executor.source,
            statistics: Statistics::of(executor),
            status: whole.then_some(ContainerStatus { container_id: &executor.container, executor_pid: executor.pid }),
        })
    };
    [b"[".to_vec(), all.map(view).collect::<Vec<_>>().join(&b','), b"]".to_vec()].concat()
}

const NAMES: &str = include_str!("metrics.txt");

/// `/metrics/snapshot`: every metric of a real agent by its name; what a practice agent does not count is 0.
pub fn metrics(core: &Core, registered: bool) -> BTreeMap<String, f64> {
    let mut all: BTreeMap<String, f64> = NAMES.lines().map(|name| (name.to_owned(), 0.0)).collect();
    metrics::system(&mut all);
    let mut set = |name: &str, value: f64| {
        all.insert(format!("slave/{name}"), value);
    };
    let used = core.used();
    for name in ["cpus", "mem", "disk", "gpus"] {
        let (total, used) = (number(core.info.resources.scalar(name)), number(used.scalar(name)));
        set(&format!("{name}_total"), total);
        set(&format!("{name}_used"), used);
        set(&format!("{name}_percent"), if total > 0.0 { used / total } else { 0.0 });
    }
    set("registered", if registered { 1.0 } else { 0.0 });
    set("uptime_secs", now() - core.started);
    set("frameworks_active", core.frameworks.len() as f64);
    set("executors_running", core.frameworks.values().map(|f| f.executors.len()).sum::<usize>() as f64);
    set("valid_status_updates", core.updates as f64);
    let mut live: BTreeMap<TaskState, f64> = BTreeMap::new();
    for task in core.frameworks.values().flat_map(|f| f.executors.values()).flat_map(|e| e.tasks.values()) {
        *live.entry(task.state).or_default() += 1.0;
    }
    let name = |state: TaskState| state.name().to_ascii_lowercase().replacen("task_", "tasks_", 1);
    for (state, count) in live.into_iter().filter(|(state, _)| !state.is_terminal()) {
        set(&name(state), count);
    }
    for (state, count) in &core.ended {
        set(&name(*state), *count as f64);
    }
    all
}

#[derive(Serialize)]
struct Tasks<'a> {
    pending_tasks: [(); 0],
    queued_tasks: [(); 0],
    launched_tasks: Vec<TaskV1<'a>>,
    terminated_tasks: Vec<TaskV1<'a>>,
    completed_tasks: Vec<TaskV1<'a>>,
}

fn tasks(core: &Core) -> Tasks<'_> {
    let mut tasks = Tasks {
        pending_tasks: [],
        queued_tasks: [],
        launched_tasks: Vec::new(),
        terminated_tasks: Vec::new(),
        completed_tasks: Vec::new(),
    };
    for framework in core.frameworks.values().chain(&core.completed) {
        let Some(framework_id) = &framework.info.id else { continue };
        for executor in framework.executors.values().chain(&framework.completed) {
            for task in executor.tasks.values() {
                let list =
                    if task.state.is_terminal() { &mut tasks.terminated_tasks } else { &mut tasks.launched_tasks };
                list.push(task_v1(task, framework_id, executor));
            }
            tasks.completed_tasks.extend(executor.completed.iter().map(|t| task_v1(t, framework_id, executor)));
        }
    }
    tasks
}

fn task_v1<'a>(task: &'a Task, framework_id: &'a Id, executor: &'a Executor) -> TaskV1<'a> {
    let (info, last) = (&task.info, task.statuses.last());
    TaskV1 {
        name: &info.name,
        task_id: &info.task_id,
        framework_id,
        executor_id: executor.info.as_ref().map(|info| &info.executor_id),
        agent_id: &info.agent_id,
        state: task.state,
        resources: Listed(&info.resources, Format::used(&executor.role)),
        statuses: &task.statuses,
        status_update_state: last.map(|s| s.state),
        status_update_uuid: last.and_then(|s| s.uuid),
        labels: info.labels.as_ref(),
        discovery: info.discovery.as_deref(),
        container: info.container.as_deref(),
        health_check: info.health_check.as_deref(),
    }
}

#[derive(Serialize)]
struct Executors<'a> {
    executors: Vec<One<ExecutorV1<'a>>>,
    completed_executors: Vec<One<ExecutorV1<'a>>>,
}

#[derive(Serialize)]
struct ExecutorV1<'a> {
    executor_id: &'a Id,
    framework_id: &'a Id,
    name: &'a str,
    source: &'a str,
}

fn executors(core: &Core) -> Executors<'_> {
    let mut all = Executors { executors: Vec::new(), completed_executors: Vec::new() };
    for framework in core.frameworks.values().chain(&core.completed) {
        let Some(framework_id) = &framework.info.id else { continue };
        for (list, executors) in [
            (&mut all.executors, framework.executors.values().collect::<Vec<_>>()),
            (&mut all.completed_executors, framework.completed.iter().collect()),
        ] {
            list.extend(executors.into_iter().map(|e| One {
                name: "executor_info",
                of: ExecutorV1 { executor_id: &e.id, framework_id, name: &e.name, source: &e.source },
            }));
        }
    }
    all
}

#[derive(Serialize)]
struct Frameworks<'a> {
    frameworks: Vec<One<&'a crate::wire::FrameworkInfo>>,
    completed_frameworks: Vec<One<&'a crate::wire::FrameworkInfo>>,
}

fn frameworks(core: &Core) -> Frameworks<'_> {
    Frameworks {
        frameworks: core.frameworks.values().map(|f| One { name: "framework_info", of: &f.info }).collect(),
        completed_frameworks: core.completed.iter().map(|f| One { name: "framework_info", of: &f.info }).collect(),
    }
}

#[derive(Serialize)]
struct StateV1<'a> {
    get_tasks: Tasks<'a>,
    get_executors: Executors<'a>,
    get_frameworks: Frameworks<'a>,
}

#[derive(Serialize)]
struct ContainerV1<'a> {
    framework_id: &'a Id,
    executor_id: &'a Id,
    executor_name: &'a str,
    container_id: &'a Id,
    container_status: ContainerStatus<'a>,
    resource_statistics: Statistics,
}

/// The answer to a GET_* call of the agent's v1 API.
pub fn get(core: &Core, kind: &str, registered: bool) -> Option<Vec<u8>> {
    #[derive(Serialize)]
    struct Empty {}
    Some(match kind {
        "GET_HEALTH" => answer(kind, &One { name: "healthy", of: true }),
        "GET_FLAGS" => answer(kind, &One { name: "flags", of: flag_list(&core.flags.shown) }),
        "GET_VERSION" => answer(kind, &One { name: "version_info", of: VersionInfo::THIS }),
        "GET_METRICS" => metrics::answer(metrics(core, registered)),
        "GET_LOGGING_LEVEL" => answer(kind, &One { name: "level", of: core.log_level.now() }),
        "GET_AGENT" => answer(kind, &One { name: "agent_info", of: &core.info }),
        "GET_TASKS" => answer(kind, &tasks(core)),
        "GET_EXECUTORS" => answer(kind, &executors(core)),
        "GET_FRAMEWORKS" => answer(kind, &frameworks(core)),
        "GET_STATE" => answer(
            kind,
            &StateV1 { get_tasks: tasks(core), get_executors: executors(core), get_frameworks: frameworks(core) },
        ),
        "GET_OPERATIONS" | "GET_RESOURCE_PROVIDERS" => answer(kind, &Empty {}),
        "GET_CONTAINERS" if core.frameworks.is_empty() => br#"{"type":"GET_CONTAINERS"}"#.to_vec(),
        "GET_CONTAINERS" => {
            let all = || core.frameworks.iter().flat_map(|(id, f)| f.executors.values().map(move |e| (id, e)));
            answer(kind, &One { name: "containers", of: Seq(|| all().map(|(id, e)| container_v1(id, e))) })
        }
        _ => return None,
    })
}

fn container_v1<'a>(framework_id: &'a Id, executor: &'a Executor) -> ContainerV1<'a> {
    ContainerV1 {
        framework_id,
        executor_id: &executor.id,
        executor_name: &executor.name,
        container_id: &executor.container,
        container_status: ContainerStatus { container_id: &executor.container, executor_pid: executor.pid },
        resource_statistics: Statistics::of(executor),
    }
}
