//! A framework takes offers and does things with them.

use std::{collections::BTreeSet, sync::Arc, time::Instant};

use serde_json::Value as Json;

use super::Core;
use crate::{
    links::ToAgent,
    master::{
        plan::{Actor, malformed, plan},
        state::{Offer, Shown, Task},
        views::v1::TaskView,
    },
    resources::{Allocated, Resources, faults, gpus_fault},
    views::One,
    wire::{
        Id, TaskInfo, TaskState,
        call::{Accept, Launch, LaunchGroup},
        recordio,
        task::{ExecutorInfo, check_fault, health_check_fault, id_fault},
    },
};

/// What is left of accepted offers while their operations are worked off.
struct Purse {
    offer: Offer,
    left: Resources,
}

/// A task that is not launched, as far as its framework is told about it.
struct Unlaunched {
    task: Id,
    agent: Id,
}

impl Core {
    /// Takes offers, and does with them what the operations say.
    pub(super) fn accept(&mut self, framework: &Id, accept: Accept, at: Instant) {
        self.state.counts.more("messages_launch_tasks");
        let filters = accept.filters;
        match self.take_offers(framework, &accept.offer_ids) {
            Err(why) => {
                accept.offer_ids.iter().for_each(|id| self.discard(framework, id));
                self.log.warning("master.cpp:4606", &format!("ACCEPT call used invalid offers: {why}"));
                self.drop_all(framework, &accept.operations, &why);
            }
            Ok(offer) => {
                if let Some(framework) = self.state.framework_mut(framework) {
                    framework.count("offers/accepted", accept.offer_ids.len() as u64);
                }
                let mut purse = Purse { left: offer.resources.clone(), offer };
                for operation in accept.operations {
                    self.operate(framework, operation, &mut purse, at);
                }
                self.refuse(&purse.offer, purse.left, filters, at);
            }
        }
    }

    /// An offer in a bad call is void, if it was the caller's.
    fn discard(&mut self, framework: &Id, id: &Id) {
        if self.state.offers.get(id).is_some_and(|offer| offer.framework == *framework) {
            self.take_offer(id);
        }
    }

    /// All of the offers as one, off the table; or why not.
    fn take_offers(&mut self, framework: &Id, ids: &[Id]) -> Result<Offer, String> {
        let mut seen = BTreeSet::new();
        if let Some(twice) = ids.iter().find(|id| !seen.insert(*id)) {
            return Err(format!("Duplicate offer {twice} in offer list"));
        }
        let mut offers = Vec::new();
        for id in ids {
            offers.push((id, self.state.offers.get(id).ok_or_else(|| format!("Offer {id} is no longer valid"))?));
        }
        if let Some((id, other)) = offers.iter().find(|(_, offer)| offer.framework != *framework) {
            let why =
                format!("Offer {id} has invalid framework {} while framework {framework} is expected", other.framework);
            return Err(why);
        }
        let Some((_, first)) = offers.first() else { return Err("No offers specified".into()) };
        if let Some((id, other)) = offers.iter().find(|(_, offer)| offer.role != first.role) {
            return Err(format!(
                "Aggregated offers must be allocated to the same role. Offer {id} uses role '{} but another is using role '{}",
                other.role, first.role
            ));
        }
        if let Some((id, other)) = offers.iter().find(|(_, offer)| offer.agent != first.agent) {
            return Err(format!(
                "Aggregated offers must belong to one single agent. Offer {id} uses agent {} and agent {}",
                other.agent, first.agent
            ));
        }
        let mut whole = Offer { resources: Resources::default(), ..Offer::clone(first) };
        for id in ids {
            if let Some(offer) = self.take_offer(id) {
                whole.resources.add(&offer.resources);
            }
        }
        Ok(whole)
    }

    fn drop_all(&mut self, framework: &Id, operations: &[Json], why: &str) {
        for operation in operations {
            if !matches!(operation["type"].as_str(), Some("LAUNCH" | "LAUNCH_GROUP")) {
                self.operation_failed(framework, operation, &format!("Operation attempted with invalid offers: {why}"));
                continue;
            }
            let text = format!("Task launched with invalid offers: {why}");
            for task in unlaunched(operation) {
                self.refuse_task(framework, &task, TaskState::TaskDropped, &text, "REASON_INVALID_OFFERS");
            }
        }
    }

    fn refuse_task(&mut self, framework: &Id, task: &Unlaunched, state: TaskState, text: &str, reason: &'static str) {
        let state = match self.state.frameworks.get(framework) {
            Some(framework) if state == TaskState::TaskDropped => framework.state(state),
            _ => state,
        };
        *self.state.counts.terminal.entry(state).or_default() += 1;
        let mut status = self.said_by_master(&task.task, state, text, reason);
        status.agent_id = Some(task.agent.clone());
        self.tell_framework(framework, &status);
    }

    fn refuse_tasks(&mut self, framework: &Id, operation: &Json, why: &str) {
        let group = operation["type"] == "LAUNCH_GROUP";
        let reason = if group { "REASON_TASK_GROUP_INVALID" } else { "REASON_TASK_INVALID" };
        for task in unlaunched(operation) {
            self.refuse_task(framework, &task, TaskState::TaskError, why, reason);
        }
    }

    fn operate(&mut self, framework: &Id, mut operation: Json, purse: &mut Purse, at: Instant) {
        let kind = operation["type"].as_str().unwrap_or_default().to_owned();
        self.count_operation(framework, &kind);
        match kind.as_str() {
            "LAUNCH" | "LAUNCH_GROUP" => {
                if let Err(why) = self.launch_all(framework, &operation, purse) {
                    self.refuse_tasks(framework, &operation, &why);
                }
            }
            "UNKNOWN" | "" => {}
            _ => match self.convert(framework, allocated_to(&mut operation, &purse.offer.role), purse) {
                Ok(()) => self.operation_done(framework, &purse.offer.agent, &operation, at),
                Err(why) => self.operation_failed(framework, &operation, &why),
            },
        }
    }

    fn count_operation(&mut self, framework: &Id, kind: &str) {
        const NAMES: [(&str, &str); 10] = [
            ("LAUNCH", "operations/launch"),
            ("LAUNCH_GROUP", "operations/launch_group"),
            ("RESERVE", "operations/reserve"),
            ("UNRESERVE", "operations/unreserve"),
            ("CREATE", "operations/create"),
            ("DESTROY", "operations/destroy"),
            ("GROW_VOLUME", "operations/grow_volume"),
            ("SHRINK_VOLUME", "operations/shrink_volume"),
            ("CREATE_DISK", "operations/create_disk"),
            ("DESTROY_DISK", "operations/destroy_disk"),
        ];
        let name = NAMES.iter().find(|(of, _)| *of == kind).map(|(_, name)| *name);
        if let (Some(name), Some(framework)) = (name, self.state.framework_mut(framework)) {
            framework.count("operations", 1);
            framework.count(name, 1);
        }
    }

    /// Reservations and volumes.
    fn convert(&mut self, framework: &Id, operation: &Json, purse: &mut Purse) -> Result<(), String> {
        if let Some(fault) = malformed(operation) {
            return Err(format!("Operation attempted with invalid resources: {fault}"));
        }
        if operation["reserve"]["source"].as_array().is_some_and(|source| !source.is_empty()) {
            let why = "Reservation updates are not yet implemented for the scheduler API.";
            return Err(format!("Operation attempted with invalid resources: {why}"));
        }
        if matches!(operation["type"].as_str(), Some("CREATE_DISK" | "DESTROY_DISK")) {
            return Err("Invalid resource: 'source' is not managed by a resource provider".into());
        }
        let (Some(agent), Some(framework)) =
            (self.state.agents.get(&purse.offer.agent), self.state.frameworks.get(framework))
        else {
            return Err("Agent removed".into());
        };
        let role = Arc::clone(&purse.offer.role);
        let planned = plan(operation, agent, Actor::Framework(&framework.info, &role)).map_err(|why| {
            format!("{why}; on agent {} at {} ({})", purse.offer.agent, agent.info.pid(), agent.info.hostname)
        })?;
        let mut left = purse.left.clone();
        for (consumed, converted) in &planned.conversions {
            left = left.converted(consumed, converted, Some(&role))?;
        }
        purse.left = left;
        let agent = purse.offer.agent.clone();
        self.apply(&agent, &planned.conversions);
        Ok(())
    }

    /// LAUNCH and LAUNCH_GROUP. The error is about all of their tasks.
    fn launch_all(&mut self, framework: &Id, operation: &Json, purse: &mut Purse) -> Result<(), String> {
        if operation["type"] == "LAUNCH" {
            let Some(body) = operation.get("launch") else {
                return Err("A LAUNCH offer operation must have the Offer.Operation.launch field set.".into());
            };
            let tasks = body["task_infos"].as_array().map(Vec::as_slice).unwrap_or_default();
            if let Some(fault) = tasks.iter().find_map(resources_of_task_fault) {
                return Err(fault);
            }
            if operation.get("id").is_some() {
                return Err("The `id` field cannot be set on LAUNCH operations".into());
            }
            let launch: Launch = serde_json::from_value(body.clone()).map_err(|error| error.to_string())?;
            for mut task in launch.task_infos {
                let executor = task.executor.take().map(|e| Arc::new(*e));
                self.launch(framework, vec![task], executor, purse, false);
            }
            return Ok(());
        }
        let Some(body) = operation.get("launch_group") else {
            return Err("A LAUNCH_GROUP offer operation must have the Offer.Operation.launch_group field set.".into());
        };
        let tasks = body["task_group"]["tasks"].as_array().map(Vec::as_slice).unwrap_or_default();
        let fault = tasks.iter().find_map(resources_of_task_fault).or_else(|| faults(&body["executor"]["resources"]));
        if let Some(fault) = fault {
            return Err(fault);
        }
        if operation.get("id").is_some() {
            return Err("The `id` field cannot be set on LAUNCH_GROUP operations".into());
        }
        let group: LaunchGroup = serde_json::from_value(body.clone()).map_err(|error| error.to_string())?;
        self.launch(framework, group.task_group.tasks, Some(Arc::new(group.executor)), purse, true);
        Ok(())
    }

    /// Launches a task, or a group of tasks all or nothing.
    fn launch(
        &mut self,
        framework_id: &Id,
        tasks: Vec<TaskInfo>,
        executor: Option<Arc<ExecutorInfo>>,
        purse: &mut Purse,
        group: bool,
    ) {
        let new_executor = executor.as_ref().filter(|e| {
            let key = (framework_id.clone(), e.executor_id.clone());
            self.state.agents.get(&purse.offer.agent).is_some_and(|a| !a.executors.contains_key(&key))
        });
        let mut needed = new_executor.map(|e| e.resources.clone()).unwrap_or_default();
        tasks.iter().for_each(|task| needed.add(&task.resources));
        let fault = tasks.iter().find_map(|task| {
            let fault = self.fault(framework_id, task, executor.as_deref(), purse, group)?;
            Some(if group { format!("Task '{}' is invalid: {fault}", task.task_id) } else { fault })
        });
        let fault = fault.or_else(|| executor.as_deref().filter(|_| group).and_then(group_executor_fault));
        let fault = fault.or_else(|| {
            let role = Some(&*purse.offer.role);
            let (needed_shown, left) = (Allocated(&needed, role), Allocated(&purse.left, role));
            let text = if group {
                format!("Total resources {needed_shown} required by task group and its executor are more than available {left}")
            } else {
                format!("Total resources {needed_shown} required by task and its executor is more than available {left}")
            };
            (!purse.left.contains(&needed)).then_some(text)
        });
        if let Some(fault) = fault {
            let reason = if group { "REASON_TASK_GROUP_INVALID" } else { "REASON_TASK_INVALID" };
            for task in &tasks {
                let task = Unlaunched { task: task.task_id.clone(), agent: task.agent_id.clone() };
                self.refuse_task(framework_id, &task, TaskState::TaskError, &fault, reason);
            }
            return;
        }
        let Some(info) = self.state.frameworks.get(framework_id).map(|f| f.info.clone()) else { return };
        purse.left.subtract(&needed);
        let (agent_id, role) = (purse.offer.agent.clone(), Arc::clone(&purse.offer.role));
        if let Some(executor) = &executor {
            self.add_executor(&agent_id, framework_id, executor, &role);
        }
        for task in &tasks {
            self.add_task(framework_id, task, executor.as_ref().map(|e| e.executor_id.clone()), &role);
        }
        self.tell_agent(&agent_id, ToAgent::Run { framework: Box::new(info), role, executor, tasks });
    }

    fn add_task(&mut self, framework_id: &Id, info: &TaskInfo, executor: Option<Id>, role: &Arc<str>) {
        let task = Task::new(info, executor, Arc::clone(role));
        let text = format!(
            "Launching task {} of framework {framework_id} with resources {} on agent {}",
            task.id, task.resources, task.agent
        );
        self.log.info("master.cpp:5372", &text);
        if !self.subscribers.is_empty() {
            let one = One { name: "task", of: TaskView { task: &task, framework: framework_id } };
            let event = recordio::event("TASK_ADDED", "task_added", &one);
            self.publish(|_| event);
        }
        self.charge(framework_id, &task.agent, role, &task.resources);
        if let Some(agent) = self.state.agent_mut(&task.agent) {
            agent.tasks.insert((framework_id.clone(), task.id.clone()));
        }
        if let Some(framework) = self.state.framework_mut(framework_id) {
            framework.tasks.insert(task.id.clone(), Shown::from(task));
        }
    }

    /// What is wrong with a task, if anything; the real one's words.
    fn fault(
        &self,
        framework: &Id,
        task: &TaskInfo,
        executor: Option<&ExecutorInfo>,
        purse: &Purse,
        group: bool,
    ) -> Option<String> {
        let id = &task.task_id;
        if let Some(fault) = id_fault(id.as_str()) {
            return Some(fault);
        }
        let known = self.state.frameworks.get(framework);
        if known.is_some_and(|f| f.tasks.contains_key(id)) {
            return Some(format!("Task has duplicate ID: {id}"));
        }
        if known.is_some_and(|f| f.unreachable_tasks.contains_key(id)) {
            return Some(format!("Task reuses the ID of an unreachable task: {id}"));
        }
        if task.agent_id != purse.offer.agent {
            let expected = &purse.offer.agent;
            return Some(format!("Task uses invalid agent {} while agent {expected} is expected", task.agent_id));
        }
        if task.kill_policy.as_ref().and_then(|p| p.grace_period).is_some_and(|grace| grace.nanoseconds < 0) {
            return Some("Task's 'kill_policy.grace_period' must be non-negative".into());
        }
        if task.max_completion_time.is_some_and(|time| time.nanoseconds < 0) {
            return Some("Task's `max_completion_time` must be non-negative".into());
        }
        if let Some(fault) = task.check.as_deref().and_then(check_fault) {
            return Some(format!("Task uses invalid check: {fault}"));
        }
        if let Some(fault) = task.health_check.as_deref().and_then(health_check_fault) {
            return Some(format!("Task uses invalid health check: {fault}"));
        }
        if task.resources.is_empty() {
            return Some("Task uses no resources".into());
        }
        if let Some(fault) = gpus_fault(&task.resources) {
            return Some(format!("Task uses invalid resources: Invalid 'gpus' resource: {fault}"));
        }
        if !group && task.command.is_some() == executor.is_some() {
            return Some("Task should have at least one (but not both) of CommandInfo or ExecutorInfo present".into());
        }
        let executor = executor.filter(|_| !group)?;
        match executor.kind.as_deref() {
            Some("DEFAULT") if executor.command.is_some() => {
                Some("'ExecutorInfo.command' must not be set for 'DEFAULT' executor".into())
            }
            Some("CUSTOM") if executor.command.is_none() => {
                Some("'ExecutorInfo.command' must be set for 'CUSTOM' executor".into())
            }
            Some(kind) if kind != "CUSTOM" => Some("'ExecutorInfo.type' must be 'CUSTOM'".into()),
            _ => id_fault(executor.executor_id.as_str())
                .or_else(|| executor.command.is_none().then(|| "'ExecutorInfo.command' must be set".into())),
        }
    }
}

/// What is wrong with the executor of a group.
fn group_executor_fault(executor: &ExecutorInfo) -> Option<String> {
    let (id, resources) = (&executor.executor_id, &executor.resources);
    match executor.kind.as_deref() {
        None => return Some("'ExecutorInfo.type' must be set".into()),
        Some("DEFAULT") if executor.command.is_some() => {
            return Some("'ExecutorInfo.command' must not be set for 'DEFAULT' executor".into());
        }
        Some("CUSTOM") if executor.command.is_none() => {
            return Some("'ExecutorInfo.command' must be set for 'CUSTOM' executor".into());
        }
        Some("DEFAULT" | "CUSTOM") => {}
        Some(_) => return Some("Unknown executor type".into()),
    }
    let amount = |name: &str| match resources.scalar(name) {
        0 => "None".to_owned(),
        some => crate::resources::number(some).to_string(),
    };
    if resources.scalar("cpus") < 10 {
        return Some(format!("Executor '{id}' uses less CPUs ({}) than the minimum required (0.01)", amount("cpus")));
    }
    if resources.scalar("mem") < 32_000 {
        let has = if amount("mem") == "None" { "None".into() } else { format!("{}MB", amount("mem")) };
        return Some(format!("Executor '{id}' uses less memory ({has}) than the minimum required (32MB)"));
    }
    (resources.scalar("disk") == 0).then(|| format!("Executor '{id}' uses no disk"))
}

/// The resources of a task and its executor, before anything else of them is read.
fn resources_of_task_fault(task: &Json) -> Option<String> {
    faults(&task["resources"]).or_else(|| faults(&task["executor"]["resources"]))
}

/// Says in an operation's resources to which role they are allocated, where that is not said.
fn allocated_to<'a>(operation: &'a mut Json, role: &str) -> &'a Json {
    let bodies = operation.as_object_mut().into_iter().flat_map(|all| all.values_mut()).filter_map(Json::as_object_mut);
    for (name, part) in bodies.flatten() {
        let resources = match part {
            Json::Array(list) => list.as_mut_slice(),
            one @ Json::Object(_) if matches!(name.as_str(), "volume" | "addition") => std::slice::from_mut(one),
            _ => continue,
        };
        for resource in resources.iter_mut().filter_map(Json::as_object_mut) {
            resource.entry("allocation_info").or_insert_with(|| serde_json::json!({"role": role}));
        }
    }
    operation
}

fn unlaunched(operation: &Json) -> Vec<Unlaunched> {
    let list = |tasks: &Json| tasks.as_array().cloned().unwrap_or_default();
    let id = |value: &Json| Id::from(value["value"].as_str().unwrap_or_default());
    let tasks =
        [list(&operation["launch"]["task_infos"]), list(&operation["launch_group"]["task_group"]["tasks"])].concat();
    tasks.iter().map(|task| Unlaunched { task: id(&task["task_id"]), agent: id(&task["agent_id"]) }).collect()
}
