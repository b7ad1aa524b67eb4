//! What an agent knows: frameworks, their executors, their tasks.

use std::{
    collections::{BTreeMap, VecDeque},
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use hardware::Disk;

use super::{check::nothing_yet, checkpoint};
use crate::{
    AgentFlags, Log,
    files::on_disk,
    held::{Executor, Framework, HeldTask, Parked, Task},
    links::{Sender, ToMaster},
    log::LogLevel,
    resources::Resources,
    wire::{
        AgentInfo, ContainerStatus, FrameworkInfo, Id, TaskState, TaskStatus, Uuid,
        status::{CheckStatus, IpAddress, NetworkInfo, Source},
    },
};

/// After so long without an acknowledgement a status is sent again.
pub const RETRY: Duration = Duration::from_secs(10);

/// An agent's state.
#[derive(Debug)]
pub struct Core {
    pub flags: AgentFlags,
    pub info: AgentInfo,
    /// What it has, with the reservations and volumes made on it.
    pub total: Resources,
    /// It is being emptied: no task may start.
    pub drain: Option<Drain>,
    pub log: Log,
    pub log_level: LogLevel,
    pub root: PathBuf,
    /// On the real disk.
    pub work_dir: PathBuf,
    pub disk: Disk,
    /// Seconds since 1970.
    pub started: f64,
    /// The way to the master, while there is one.
    pub master: Option<Sender<ToMaster>>,
    pub frameworks: BTreeMap<Id, Framework>,
    pub completed: VecDeque<Framework>,
    pub ended: BTreeMap<TaskState, u64>,
    pub updates: u64,
}

/// How an agent is emptied.
#[derive(Clone, Copy, Debug)]
pub struct Drain {
    /// Tasks that end are gone, by the operator's will.
    pub mark_gone: bool,
}

impl Core {
    /// An agent that no master knows in this run.
    pub fn new(flags: AgentFlags, info: AgentInfo, log: Log, (root, work_dir, disk): (PathBuf, PathBuf, Disk)) -> Self {
        let total = checkpoint::recover_resources(&work_dir, &info.resources);
        Self {
            flags,
            info,
            total,
            drain: None,
            log,
            log_level: LogLevel::default(),
            root,
            work_dir,
            disk,
            started: crate::wire::now(),
            master: None,
            frameworks: BTreeMap::new(),
            completed: VecDeque::new(),
            ended: BTreeMap::new(),
            updates: 0,
        }
    }

    /// A master gave it this id.
    pub fn named(&mut self, id: Id) {
        if self.info.id.as_ref() != Some(&id) {
            self.log.info("slave.cpp:1627", &format!("Registered with master; given agent ID {id}"));
            self.info.id = Some(id);
            if let Err(error) = checkpoint::save(&self.disk, &self.work_dir, &self.info) {
                self.log.error("slave.cpp:1650", &format!("Failed to checkpoint agent info: {error}"));
            }
        }
    }

    /// Its resources have changed.
    pub fn convert(&mut self, total: Resources) {
        self.total = total;
        if let Err(error) = checkpoint::save_resources(&self.disk, &self.work_dir, &self.total) {
            self.log.error("slave.cpp:4440", &format!("Failed to checkpoint resources: {error}"));
        }
    }

    /// Where a path of the machine lies.
    pub fn on_disk(&self, path: &str) -> PathBuf {
        on_disk(&self.root, path)
    }

    /// The sandbox of a container, on the machine.
    pub fn sandbox(&self, framework: &Id, executor: &Id, container: &Id) -> String {
        let agent = self.info.id.as_ref().map(Id::as_str).unwrap_or_default();
        let executor = executor.as_str().replace(['/', '\\'], "_");
        let work_dir = self.flags.work_dir.trim_end_matches('/');
        format!("{work_dir}/slaves/{agent}/frameworks/{framework}/executors/{executor}/runs/{container}")
    }

    /// What it tells a master of its tasks.
    pub fn held(&self) -> (Vec<FrameworkInfo>, Vec<HeldTask>) {
        let frameworks = self.frameworks.values().map(|f| f.info.clone()).collect();
        let tasks = self.frameworks.iter().flat_map(|(framework, f)| {
            f.executors.values().flat_map(move |executor| {
                executor.tasks.values().map(move |task| HeldTask {
                    framework: framework.clone(),
                    task: Arc::clone(&task.info),
                    role: Arc::clone(&executor.role),
                    executor: executor.info.clone(),
                    statuses: task.statuses.clone(),
                })
            })
        });
        (frameworks, tasks.collect())
    }

    /// A task and its executor.
    pub fn find(&mut self, framework: &Id, task: &Id) -> Option<(&mut Executor, Id)> {
        let executors = &mut self.frameworks.get_mut(framework)?.executors;
        let executor = executors.values_mut().find(|executor| executor.tasks.contains_key(task))?;
        let id = executor.id.clone();
        Some((executor, id))
    }

    /// A status of a task: noted, and sent when its turn comes.
    pub fn report(&mut self, framework: &Id, task_id: &Id, report: Report) {
        let report = self.seen_while_draining(framework, report);
        let (agent_id, ip) = (self.info.id.clone(), self.info.ip);
        let Some((executor, executor_id)) = self.find(framework, task_id) else { return };
        let pid = executor.pid;
        let container = executor.container.clone();
        let Some(task) = executor.tasks.get_mut(task_id) else { return };
        if task.state.is_terminal() {
            return;
        }
        let by_executor = report.source == Source::SourceExecutor;
        let before = task.statuses.last().filter(|_| report.adds());
        let healthy = report.healthy.or_else(|| before?.healthy);
        let known = || before?.check_status.as_deref().cloned();
        let check = report.check.clone().or_else(known).or_else(|| nothing_yet(&task.info)).filter(|_| by_executor);
        let status = TaskStatus {
            task_id: task_id.clone(),
            state: report.state,
            message: report.message,
            source: report.source,
            reason: report.reason.map(Into::into),
            agent_id,
            executor_id: by_executor.then_some(executor_id),
            timestamp: crate::wire::now(),
            uuid: Some(Uuid::random()),
            healthy,
            check_status: check.map(Box::new),
            labels: None,
            container_status: by_executor.then(|| {
                let address = IpAddress { protocol: "IPv4".into(), ip_address: ip };
                let network_infos = vec![NetworkInfo { ip_addresses: vec![address] }];
                Box::new(ContainerStatus { container_id: container, network_infos, executor_pid: pid })
            }),
            unreachable_time: None,
        };
        task.state = status.state;
        task.statuses.retain(|s| s.state != status.state);
        task.statuses.push(status.clone());
        let first = task.pending.is_empty();
        task.pending.push_back(status);
        self.updates += 1;
        if report.state.is_terminal() {
            *self.ended.entry(report.state).or_default() += 1;
        }
        let text =
            format!("Handling status update {} for task {task_id} of framework {framework}", report.state.name());
        self.log.info("slave.cpp:5745", &text);
        if first {
            self.send_pending(framework, task_id, Instant::now());
        }
    }

    /// While the agent is emptied, the end of a task says so.
    fn seen_while_draining(&self, framework: &Id, mut report: Report) -> Report {
        let Some(drain) = self.drain else { return report };
        if matches!(report.state, TaskState::TaskKilling | TaskState::TaskKilled) {
            report.reason = Some("REASON_AGENT_DRAINING");
            let aware = self.frameworks.get(framework).is_some_and(|f| f.info.can("PARTITION_AWARE"));
            if drain.mark_gone && aware && report.state == TaskState::TaskKilled {
                report.state = TaskState::TaskGoneByOperator;
            }
        }
        report
    }

    fn send_pending(&mut self, framework: &Id, task_id: &Id, at: Instant) {
        let Some((executor, _)) = self.find(framework, task_id) else { return };
        let Some(task) = executor.tasks.get_mut(task_id) else { return };
        task.sent = at;
        let Some(status) = task.pending.front().cloned() else { return };
        if let Some(master) = &self.master {
            master.send(ToMaster::Update { framework: framework.clone(), status });
        }
    }

    /// Sends again what was not acknowledged in time, or everything if the master is a new one.
    pub fn resend(&mut self, all: bool, at: Instant) {
        let due = |task: &Task| !task.pending.is_empty() && (all || at >= task.sent + RETRY);
        let late: Vec<(Id, Id)> = self
            .frameworks
            .iter()
            .flat_map(|(id, f)| {
                f.executors.values().flat_map(move |e| e.tasks.iter().map(move |(task, t)| (id, task, t)))
            })
            .filter(|(_, _, task)| due(task))
            .map(|(framework, task, _)| (framework.clone(), task.clone()))
            .collect();
        for (framework, task) in late {
            self.send_pending(&framework, &task, at);
        }
    }

    /// A status has arrived: the next one may go; after the last one the task is history.
    pub fn acknowledged(&mut self, framework: &Id, task_id: &Id, uuid: Uuid) {
        let Some((executor, executor_id)) = self.find(framework, task_id) else { return };
        let Some(task) = executor.tasks.get_mut(task_id) else { return };
        if task.pending.front().and_then(|status| status.uuid) != Some(uuid) {
            return;
        }
        task.pending.pop_front();
        if !task.pending.is_empty() {
            self.send_pending(framework, task_id, Instant::now());
            return;
        }
        if task.state.is_terminal() {
            if let Some(task) = executor.tasks.remove(task_id) {
                executor.completed.push(task);
            }
            self.retire(framework, &executor_id);
        }
    }

    /// An executor without tasks has ended; a framework without executors is history.
    fn retire(&mut self, framework_id: &Id, executor_id: &Id) {
        let most = self.flags.max_completed;
        let Some(framework) = self.frameworks.get_mut(framework_id) else { return };
        if framework.executors.get(executor_id).is_none_or(|executor| !executor.tasks.is_empty()) {
            return;
        }
        let Some(executor) = framework.executors.remove(executor_id) else { return };
        if executor.info.is_some()
            && let Some(master) = &self.master
        {
            let (framework, executor) = (framework_id.clone(), executor_id.clone());
            master.send(ToMaster::ExecutorEnded { framework, executor, status: 0 });
        }
        framework.completed.push_back(executor);
        while framework.completed.len() > most {
            framework.completed.pop_front();
        }
        if framework.executors.is_empty()
            && let Some(framework) = self.frameworks.remove(framework_id)
        {
            const MOST: usize = 50;
            self.completed.push_back(framework);
            while self.completed.len() > MOST {
                self.completed.pop_front();
            }
        }
    }

    /// A framework as it is to be used again: its history comes back with it.
    pub fn framework(&mut self, info: FrameworkInfo) -> &mut Framework {
        let id = info.id.clone().unwrap_or_else(|| Id::from(""));
        let old = self.completed.iter().position(|f| f.info.id.as_ref() == Some(&id));
        let old = old.and_then(|at| self.completed.remove(at));
        self.frameworks.entry(id).or_insert_with(|| {
            old.unwrap_or_else(|| Framework { info, executors: BTreeMap::new(), completed: VecDeque::new() })
        })
    }

    /// Everything in use.
    pub fn used(&self) -> Resources {
        let mut used = Resources::default();
        for executor in self.frameworks.values().flat_map(|f| f.executors.values()) {
            used.add(&executor.resources());
        }
        used
    }

    /// Takes the tasks out that outlive the agent; the others end here.
    pub fn park(&mut self) -> Vec<Parked> {
        let frameworks = std::mem::take(&mut self.frameworks).into_values().filter(|f| f.info.checkpoint);
        frameworks.map(|f| Parked { framework: f.info, executors: f.executors }).collect()
    }

    /// Whether a path of the machine lies in a sandbox.
    pub fn is_in_sandbox(&self, path: &str) -> bool {
        let all = self.frameworks.values().chain(&self.completed);
        let mut executors = all.flat_map(|f| f.executors.values().chain(&f.completed));
        executors.any(|executor| Path::new(path).starts_with(&executor.directory))
    }
}

/// A change of a task, to be reported.
#[derive(Debug)]
pub struct Report {
    pub state: TaskState,
    pub message: Option<String>,
    pub source: Source,
    pub reason: Option<&'static str>,
    pub healthy: Option<bool>,
    pub check: Option<CheckStatus>,
}

impl Report {
    /// By the executor.
    pub fn of(state: TaskState) -> Self {
        Self { state, message: None, source: Source::SourceExecutor, reason: None, healthy: None, check: None }
    }

    /// What a health check found.
    pub fn health(healthy: bool) -> Self {
        let reason = Some("REASON_TASK_HEALTH_CHECK_STATUS_UPDATED");
        Self { reason, healthy: Some(healthy), ..Self::of(TaskState::TaskRunning) }
    }

    /// What a check found.
    pub fn check(found: CheckStatus) -> Self {
        let reason = Some("REASON_TASK_CHECK_STATUS_UPDATED");
        Self { reason, check: Some(found), ..Self::of(TaskState::TaskRunning) }
    }

    /// Whether it only adds to what is known of a task that runs.
    fn adds(&self) -> bool {
        self.state == TaskState::TaskRunning && (self.healthy.is_some() || self.check.is_some())
    }

    /// With words.
    pub fn saying(mut self, message: impl Into<String>) -> Self {
        self.message = Some(message.into());
        self
    }

    /// By the agent, for a reason.
    pub fn by_agent(mut self, reason: &'static str) -> Self {
        (self.source, self.reason) = (Source::SourceAgent, Some(reason));
        self
    }
}
