//! How tasks are started, looked after and ended.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::sync::mpsc;

use super::{
    Shared,
    check::Checks,
    command::command_of,
    core::{Drain, Report},
    health::HealthChecks,
};
use crate::{
    Exit, TaskHandle, TaskSpec,
    held::{Executor, Parked, Task},
    links::ToAgent,
    lock::lock,
    resources::number,
    wire::{
        CommandInfo, FrameworkInfo, Id, Nanoseconds, TaskInfo, TaskState,
        task::{ExecutorInfo, KillPolicy},
    },
};

/// From SIGTERM to SIGKILL if nobody says otherwise: the command executor's own default.
const GRACE: Duration = Duration::from_secs(3);

/// Does what a master orders.
pub fn obey(shared: &Arc<Shared>, order: ToAgent) {
    match order {
        ToAgent::Run { framework, role, executor, tasks } => run(shared, &framework, &role, executor, tasks),
        ToAgent::Kill { framework, task, policy } => kill(shared, &framework, &task, policy.as_ref()),
        ToAgent::Acknowledge { framework, task, uuid } => lock(&shared.core).acknowledged(&framework, &task, uuid),
        ToAgent::ShutdownExecutor { framework, executor } => shut_down(shared, &framework, Some(&executor)),
        ToAgent::ShutdownFramework(framework) => shut_down(shared, &framework, None),
        ToAgent::Resources(total) => lock(&shared.core).convert(total),
        ToAgent::Drain { max_grace, mark_gone } => drain(shared, max_grace, mark_gone),
        ToAgent::Undrain => lock(&shared.core).drain = None,
        // Its own executors take no messages, and others it does not run.
        ToAgent::Message { framework, executor } => {
            let text = format!("Dropping message for executor {executor} of framework {framework}: it takes none");
            lock(&shared.core).log.warning("slave.cpp:4108", &text);
        }
        ToAgent::Registered { .. } | ToAgent::Ping { .. } | ToAgent::Shutdown(_) => {}
    }
}

/// Ends all tasks, and starts no more.
fn drain(shared: &Shared, max_grace: Option<Nanoseconds>, mark_gone: bool) {
    let mut core = lock(&shared.core);
    let max_grace = max_grace.and_then(|grace| u64::try_from(grace.nanoseconds).ok()).map(Duration::from_nanos);
    core.drain = Some(Drain { mark_gone });
    for task in core.frameworks.values().flat_map(|f| f.executors.values()).flat_map(|e| e.tasks.values()) {
        // Who looks after it may be done already.
        let _ = task.kill.send(max_grace.unwrap_or(Duration::MAX).min(grace_of(&task.info, None)));
    }
}

fn run(
    shared: &Arc<Shared>,
    framework: &FrameworkInfo,
    role: &Arc<str>,
    executor: Option<Arc<ExecutorInfo>>,
    tasks: Vec<TaskInfo>,
) {
    let Some(framework_id) = framework.id.clone() else { return };
    for info in tasks {
        let task_id = info.task_id.clone();
        let executor_id = executor.as_ref().map_or_else(|| task_id.clone(), |e| e.executor_id.clone());
        let killed = add(shared, framework, &executor_id, executor.as_ref(), role, info);
        let care = look_after(Arc::clone(shared), framework_id.clone(), task_id, killed, None);
        // The agent's own set of jobs lives as long as the agent.
        let _ = shared.jobs.send(Box::pin(care));
    }
}

/// Notes a task, with its executor if that is new.
fn add(
    shared: &Shared,
    framework: &FrameworkInfo,
    executor_id: &Id,
    executor: Option<&Arc<ExecutorInfo>>,
    role: &Arc<str>,
    info: TaskInfo,
) -> mpsc::UnboundedReceiver<Duration> {
    let mut core = lock(&shared.core);
    let framework_id = framework.id.clone().unwrap_or_else(|| Id::from(""));
    core.log.info("slave.cpp:2130", &format!("Got assigned task '{}' for framework {framework_id}", info.task_id));
    let container = Id::from(uuid::Uuid::new_v4().to_string());
    let directory = core.sandbox(&framework_id, executor_id, &container);
    let new = || Executor {
        id: executor_id.clone(),
        name: executor.map_or_else(|| command_executor_name(&info), |e| e.name.clone()),
        source: if executor.is_none() { info.task_id.to_string() } else { String::new() },
        container,
        directory,
        role: Arc::clone(role),
        info: executor.cloned(),
        labels: info.labels.clone().filter(|_| executor.is_none()).map(|l| l.labels).unwrap_or_default(),
        tasks: BTreeMap::new(),
        completed: Vec::new(),
        pid: None,
    };
    let (kill, killed) = mpsc::unbounded_channel();
    let executors = &mut core.framework(framework.clone()).executors;
    let executor = executors.entry(executor_id.clone()).or_insert_with(new);
    let task_id = info.task_id.clone();
    let task = Task {
        info: Arc::new(info),
        state: TaskState::TaskStaging,
        statuses: Vec::new(),
        pending: VecDeque::new(),
        sent: Instant::now(),
        handle: None,
        kill,
    };
    executor.tasks.insert(task_id, task);
    killed
}

/// `Command Executor (Task: …) (Command: sh -c '…')`, as the real agent names it.
fn command_executor_name(info: &TaskInfo) -> String {
    let command = info.command.as_ref();
    let value = command.and_then(|c| c.value.as_deref()).unwrap_or_default();
    let shortened = |text: &str, most: usize| -> String {
        if text.chars().count() <= most {
            text.to_owned()
        } else {
            text.chars().take(most - 3).chain("...".chars()).collect()
        }
    };
    let shown = if command.is_none_or(|c| c.shell.unwrap_or(true)) {
        format!("sh -c '{}'", shortened(value, 15))
    } else {
        let argv = command.map(|c| c.arguments.join(", ")).unwrap_or_default();
        format!("[{value}, {}]", shortened(&argv, 15))
    };
    format!("Command Executor (Task: {}) (Command: {shown})", info.task_id)
}

/// Takes tasks up again that outlived the last run of this agent.
pub fn resume(shared: &Arc<Shared>, parked: Vec<Parked>) {
    for Parked { framework, mut executors } in parked {
        let Some(framework_id) = framework.id.clone() else { continue };
        let mut cares = Vec::new();
        for task in executors.values_mut().flat_map(|e| e.tasks.values_mut()) {
            let (kill, killed) = mpsc::unbounded_channel();
            task.kill = kill;
            if !task.state.is_terminal() {
                cares.push((task.info.task_id.clone(), killed, task.handle.clone()));
            }
        }
        lock(&shared.core).framework(framework).executors.extend(executors);
        for (task, killed, handle) in cares {
            let care = look_after(Arc::clone(shared), framework_id.clone(), task, killed, handle);
            // The agent's own set of jobs lives as long as the agent.
            let _ = shared.jobs.send(Box::pin(care));
        }
    }
}

/// Looks after one task from its start, or from where it is, to its end.
async fn look_after(
    shared: Arc<Shared>,
    framework: Id,
    task: Id,
    mut killed: mpsc::UnboundedReceiver<Duration>,
    handle: Option<Arc<TaskHandle>>,
) {
    let report = |report| lock(&shared.core).report(&framework, &task, report);
    if lock(&shared.core).drain.is_some() && handle.is_none() {
        let dropped = Report::of(TaskState::TaskDropped).by_agent("REASON_AGENT_DRAINING");
        return report(dropped.saying("Task was received while agent was already draining"));
    }
    let info = {
        let mut core = lock(&shared.core);
        let found = core
            .find(&framework, &task)
            .and_then(|(executor, _)| executor.tasks.get(&task).map(|t| Arc::clone(&t.info)));
        let Some(info) = found else { return };
        info
    };
    let handle = match handle {
        Some(handle) => handle,
        None => match start(&shared, &framework, &info) {
            Ok(handle) => handle,
            Err(failure) => return report(failure),
        },
    };
    let mut exited = std::pin::pin!(handle.exited());
    let mut health = HealthChecks::new(&shared, &framework, &info);
    let mut checks = Checks::new(&shared, &framework, &info);
    let mut late = std::pin::pin!(late(&info));
    let mut ending = Ending::Own;
    let exit = loop {
        let lives = ending == Ending::Own;
        tokio::select! {
            exit = &mut exited => break exit,
            Some(grace) = killed.recv() => {
                handle.kill(grace);
                if lives {
                    announce_killing(&shared, &framework, &task);
                    ending = Ending::Killed;
                }
            }
            () = &mut late, if lives => {
                handle.kill(Duration::ZERO);
                ending = Ending::Late;
            }
            verdict = health.next(), if lives => {
                report(Report::health(verdict.healthy));
                if verdict.fatal {
                    announce_killing(&shared, &framework, &task);
                    handle.kill(grace_of(&info, None));
                    ending = Ending::Unhealthy;
                }
            }
            found = checks.next(), if lives => report(Report::check(found)),
        }
    };
    let state = match (ending, &exit) {
        (Ending::Killed | Ending::Unhealthy, _) => TaskState::TaskKilled,
        (Ending::Own, Exit::Status(0)) => TaskState::TaskFinished,
        (Ending::Own | Ending::Late, _) => TaskState::TaskFailed,
    };
    let last = Report {
        healthy: (ending == Ending::Unhealthy).then_some(false),
        reason: (ending == Ending::Late).then_some("REASON_MAX_COMPLETION_TIME_REACHED"),
        ..Report::of(state)
    };
    report(last.saying(format!("Command {exit}")));
    if state != TaskState::TaskFinished {
        end_group(&shared, &framework, &task);
    }
}

/// How a task comes to its end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// By itself.
    Own,
    /// Somebody wants it to end.
    Killed,
    /// Its health check failed too often.
    Unhealthy,
    /// It took longer than it may.
    Late,
}

/// The moment when a task has taken as long as it may; never, if it may take as long as it wants.
async fn late(info: &TaskInfo) {
    match info.max_completion_time.and_then(|time| u64::try_from(time.nanoseconds).ok()).filter(|time| *time > 0) {
        Some(most) => tokio::time::sleep(Duration::from_nanos(most)).await,
        None => std::future::pending().await,
    }
}

/// Says that a task is being killed, if its framework understands that.
fn announce_killing(shared: &Shared, framework: &Id, task: &Id) {
    let mut core = lock(&shared.core);
    if core.frameworks.get(framework).is_some_and(|f| f.info.can("TASK_KILLING_STATE")) {
        core.report(framework, task, Report::of(TaskState::TaskKilling));
    }
}

/// Starts a task's command, telling of each step.
fn start(shared: &Arc<Shared>, framework: &Id, info: &TaskInfo) -> Result<Arc<TaskHandle>, Report> {
    let task = &info.task_id;
    let failed = |text: String, reason| Report::of(TaskState::TaskFailed).saying(text).by_agent(reason);
    let (directory, sandbox, custom) = {
        let mut core = lock(&shared.core);
        let Some((executor, _)) = core.find(framework, task) else {
            return Err(failed("Task is unknown".into(), "REASON_EXECUTOR_TERMINATED"));
        };
        let own = executor.info.as_ref().map(|_| executor.kind().to_owned());
        let directory = match &own {
            Some(_) => format!("{}/tasks/{task}", executor.directory),
            None => executor.directory.clone(),
        };
        (directory.clone(), core.on_disk(&directory), own.is_some_and(|kind| kind != "DEFAULT"))
    };
    if custom {
        let text = "Executor did not register: practice agents run command tasks and task groups, no executors of a framework's own";
        return Err(failed(text.into(), "REASON_EXECUTOR_REGISTRATION_TIMEOUT"));
    }
    if info.container.as_ref().and_then(|c| c.get("type")).is_some_and(|kind| kind == "DOCKER") {
        let text = "Failed to launch container: None of the enabled containerizers (mesos) could create a container for the provided TaskInfo/ExecutorInfo message";
        return Err(failed(text.into(), "REASON_CONTAINER_LAUNCH_FAILED"));
    }
    let ready = crate::files::make_dirs(&shared.hardware.disk, &sandbox).and_then(|()| {
        link_latest(&sandbox);
        std::fs::write(sandbox.join("stdout"), b"").and_then(|()| std::fs::write(sandbox.join("stderr"), b""))
    });
    if let Err(error) = ready {
        return Err(failed(
            format!("Failed to create executor directory '{directory}': {error}"),
            "REASON_CONTAINER_LAUNCH_FAILED",
        ));
    }
    let spec = spec(shared, framework, info, &directory, sandbox);
    match shared.runner.start(spec) {
        Err(error) => Err(failed(format!("Failed to launch container: {error}"), "REASON_CONTAINER_LAUNCH_FAILED")),
        Ok(handle) => {
            let handle = Arc::new(handle);
            let mut core = lock(&shared.core);
            if let Some((executor, _)) = core.find(framework, task) {
                executor.pid = Some(handle.pid());
                if let Some(task) = executor.tasks.get_mut(task) {
                    task.handle = Some(Arc::clone(&handle));
                }
            }
            core.report(framework, task, Report::of(TaskState::TaskStarting));
            core.report(framework, task, Report::of(TaskState::TaskRunning));
            Ok(handle)
        }
    }
}

/// `runs/latest` points to the last run.
fn link_latest(sandbox: &std::path::Path) {
    let (Some(runs), Some(container)) = (sandbox.parent(), sandbox.file_name()) else { return };
    if runs.file_name().is_some_and(|name| name == "runs") {
        let latest = runs.join("latest");
        // A convenience for people: without it everything works.
        let _ = std::fs::remove_file(&latest);
        let _ = std::os::unix::fs::symlink(container, latest);
    }
}

fn spec(shared: &Shared, framework: &Id, info: &TaskInfo, directory: &str, sandbox: std::path::PathBuf) -> TaskSpec {
    let nothing = CommandInfo::default();
    let command = info.command.as_ref().unwrap_or(&nothing);
    let mut env: Vec<(String, String)> = [
        ("MESOS_SANDBOX", directory.to_owned()),
        ("MESOS_DIRECTORY", directory.to_owned()),
        ("MESOS_TASK_ID", info.task_id.to_string()),
        ("MESOS_FRAMEWORK_ID", framework.to_string()),
        ("MESOS_AGENT_ENDPOINT", format!("{}:{}", shared.ip, lock(&shared.core).info.port)),
        ("LIBPROCESS_IP", shared.ip.to_string()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect();
    let variables = command.environment.iter().flat_map(|e| &e.variables);
    env.extend(variables.map(|v| (v.name.clone(), v.value.clone().unwrap_or_default())));
    TaskSpec {
        id: info.task_id.to_string(),
        name: info.name.clone(),
        command: command_of(command),
        env,
        host: shared.ip,
        hardware: shared.hardware.clone(),
        sandbox,
        cpus: number(info.resources.scalar("cpus")),
        mem_mb: number(info.resources.scalar("mem")),
    }
}

/// From SIGTERM to SIGKILL: as the caller says, as the task says, or the default.
fn grace_of(info: &TaskInfo, policy: Option<&KillPolicy>) -> Duration {
    let of = |policy: &KillPolicy| policy.grace_period.and_then(|grace| u64::try_from(grace.nanoseconds).ok());
    policy.and_then(of).or_else(|| info.kill_policy.as_ref().and_then(of)).map_or(GRACE, Duration::from_nanos)
}

fn kill(shared: &Shared, framework: &Id, task_id: &Id, policy: Option<&KillPolicy>) {
    let mut core = lock(&shared.core);
    let Some((executor, _)) = core.find(framework, task_id) else { return };
    if let Some(task) = executor.tasks.get(task_id) {
        // Who looks after it may be done already.
        let _ = task.kill.send(grace_of(&task.info, policy));
    }
}

/// Ends all tasks of a framework, or of one of its executors.
fn shut_down(shared: &Shared, framework: &Id, only: Option<&Id>) {
    let core = lock(&shared.core);
    let Some(framework) = core.frameworks.get(framework) else { return };
    let executors = framework.executors.values().filter(|e| only.is_none_or(|only| *only == e.id));
    for task in executors.flat_map(|e| e.tasks.values()) {
        let _ = task.kill.send(grace_of(&task.info, None).min(core.flags.grace));
    }
}

/// The other tasks of a group don't outlive one that failed.
fn end_group(shared: &Shared, framework: &Id, task_id: &Id) {
    let mut core = lock(&shared.core);
    let Some((executor, _)) = core.find(framework, task_id) else { return };
    if executor.info.is_some() {
        for task in executor.tasks.values().filter(|task| task.info.task_id != *task_id) {
            let _ = task.kill.send(grace_of(&task.info, None));
        }
    }
}
