//! A framework takes offers and launches tasks.

use std::{collections::BTreeSet, sync::Arc, time::Instant};

use super::{
    Core,
    model::{Offer, Task},
};
use crate::{
    links::ToAgent,
    master::views::v1::{One, TaskView},
    resources::Resources,
    wire::{
        Id, TaskInfo, TaskState,
        call::{Accept, Operation},
        recordio,
        task::ExecutorInfo,
    },
};

/// What is left of accepted offers while their operations are worked off.
struct Purse {
    offer: Offer,
    left: Resources,
}

impl Core {
    /// Takes offers, and does with them what the operations say.
    pub(super) fn accept(&mut self, framework: &Id, accept: Accept, at: Instant) {
        self.counts.more("messages_launch_tasks");
        let filters = accept.filters;
        match self.take_offers(framework, &accept.offer_ids) {
            Err(why) => {
                self.log.warning("master.cpp:4606", &format!("Ignoring accept of framework {framework}: {why}"));
                self.drop_tasks(framework, accept.operations, &why);
            }
            Ok(None) => self.drop_tasks(framework, accept.operations, "No offers specified"),
            Ok(Some(offer)) => {
                if let Some(framework) = self.frameworks.get_mut(framework) {
                    *framework.counts.entry("offers/accepted").or_default() += accept.offer_ids.len() as u64;
                }
                let mut purse = Purse { left: offer.resources.clone(), offer };
                for operation in accept.operations {
                    self.operate(framework, operation, &mut purse);
                }
                self.refuse(&purse.offer, purse.left, filters, at);
            }
        }
    }

    /// All of the offers as one, off the table; or why not.
    fn take_offers(&mut self, framework: &Id, ids: &[Id]) -> Result<Option<Offer>, String> {
        let mut agents = BTreeSet::new();
        let mut seen = BTreeSet::new();
        for id in ids {
            let offer = self.offers.get(id).ok_or_else(|| format!("Offer {id} is no longer valid"))?;
            if offer.framework != *framework {
                return Err(format!(
                    "Offer {id} has invalid framework {} while framework {framework} is expected",
                    offer.framework
                ));
            }
            if !seen.insert(id) {
                return Err(format!("Duplicate offer {id} in offer list"));
            }
            agents.insert(offer.agent.clone());
        }
        if agents.len() > 1 {
            return Err("Aggregated offers must belong to one single agent".into());
        }
        let mut whole: Option<Offer> = None;
        for id in ids {
            let Some(offer) = self.take_offer(id) else { continue };
            match &mut whole {
                Some(whole) => whole.resources.add(&offer.resources),
                None => whole = Some(offer),
            }
        }
        Ok(whole)
    }

    fn drop_tasks(&mut self, framework: &Id, operations: Vec<Operation>, why: &str) {
        let text = format!("Task launched with invalid offers: {why}");
        for task in operations.into_iter().flat_map(tasks_of) {
            self.refuse_task(framework, &task, TaskState::TaskDropped, &text, "REASON_INVALID_OFFERS");
        }
    }

    fn refuse_task(&mut self, framework: &Id, task: &TaskInfo, state: TaskState, text: &str, reason: &'static str) {
        let state = match self.frameworks.get(framework) {
            Some(framework) if state == TaskState::TaskDropped => framework.state(state),
            _ => state,
        };
        let mut status = self.said_by_master(&task.task_id, state, text, reason);
        status.agent_id = Some(task.agent_id.clone());
        self.tell_framework(framework, &status);
    }

    fn operate(&mut self, framework: &Id, operation: Operation, purse: &mut Purse) {
        if let Some(framework) = self.frameworks.get_mut(framework) {
            *framework.counts.entry("operations").or_default() += 1;
            let name = if operation.launch_group.is_some() { "operations/launch_group" } else { "operations/launch" };
            *framework.counts.entry(name).or_default() += 1;
        }
        if let Some(launch) = operation.launch {
            for mut task in launch.task_infos {
                let executor = task.executor.take().map(|e| Arc::new(*e));
                self.launch(framework, vec![task], executor, purse);
            }
        } else if let Some(group) = operation.launch_group {
            self.launch(framework, group.task_group.tasks, Some(Arc::new(group.executor)), purse);
        } else {
            let kind = operation.kind.unwrap_or_default();
            self.log.warning(
                "master.cpp:4913",
                &format!(
                    "Dropping {kind} operation of framework {framework}: this practice master has no such operation"
                ),
            );
        }
    }

    /// Launches a task, or a group of tasks all or nothing.
    fn launch(
        &mut self,
        framework_id: &Id,
        tasks: Vec<TaskInfo>,
        executor: Option<Arc<ExecutorInfo>>,
        purse: &mut Purse,
    ) {
        let new_executor = executor.as_ref().filter(|e| {
            let key = (framework_id.clone(), e.executor_id.clone());
            self.agents.get(&purse.offer.agent).is_some_and(|a| !a.executors.contains_key(&key))
        });
        let mut needed = new_executor.map(|e| e.resources.clone()).unwrap_or_default();
        tasks.iter().for_each(|task| needed.add(&task.resources));
        let fault = tasks.iter().find_map(|task| self.fault(framework_id, task, executor.as_deref(), purse));
        let fault = fault.or_else(|| {
            let text = format!(
                "Total resources {needed} required by task and its executor is more than available {}",
                purse.left
            );
            (!purse.left.contains(&needed)).then_some(text)
        });
        if let Some(fault) = fault {
            let reason = if tasks.len() > 1 { "REASON_TASK_GROUP_INVALID" } else { "REASON_TASK_INVALID" };
            for task in &tasks {
                self.refuse_task(framework_id, task, TaskState::TaskError, &fault, reason);
            }
            return;
        }
        let Some(info) = self.frameworks.get(framework_id).map(|f| f.info.clone()) else { return };
        purse.left.subtract(&needed);
        let (agent_id, role) = (purse.offer.agent.clone(), Arc::clone(&purse.offer.role));
        if let Some(executor) = &executor {
            self.add_executor(&agent_id, framework_id, executor, &role);
        }
        for task in &tasks {
            self.add_task(framework_id, task, executor.as_ref().map(|e| e.executor_id.clone()), &role);
        }
        if let Some(agent) = self.agents.get(&agent_id) {
            agent.send(ToAgent::Run { framework: Box::new(info), role, executor, tasks });
        }
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
        if let Some(agent) = self.agents.get_mut(&task.agent) {
            agent.tasks.insert((framework_id.clone(), task.id.clone()));
        }
        if let Some(framework) = self.frameworks.get_mut(framework_id) {
            framework.tasks.insert(task.id.clone(), task);
        }
    }

    /// What is wrong with a task, if anything; the real one's words.
    fn fault(&self, framework: &Id, task: &TaskInfo, executor: Option<&ExecutorInfo>, purse: &Purse) -> Option<String> {
        let id = &task.task_id;
        if id.as_str().is_empty() {
            return Some("ID must not be empty".into());
        }
        if id.as_str().contains(|c: char| c.is_control() || c == '/' || c == '\\') || matches!(id.as_str(), "." | "..")
        {
            return Some(format!("Task ID '{id}' contains invalid characters"));
        }
        if task.agent_id != purse.offer.agent {
            return Some(format!(
                "Task uses invalid agent {} while agent {} is expected",
                task.agent_id, purse.offer.agent
            ));
        }
        if self
            .frameworks
            .get(framework)
            .is_some_and(|f| f.tasks.contains_key(id) || f.unreachable_tasks.contains_key(id))
        {
            return Some(format!("Task has duplicate ID: {id}"));
        }
        if task.command.is_some() == executor.is_some() && executor.is_none_or(|e| e.kind.as_deref() != Some("DEFAULT"))
        {
            return Some("Task should have at least one (but not both) of CommandInfo or ExecutorInfo present".into());
        }
        if task.resources.is_empty() {
            return Some("Task uses no resources".into());
        }
        None
    }
}

fn tasks_of(operation: Operation) -> Vec<TaskInfo> {
    let launched = operation.launch.map(|l| l.task_infos).unwrap_or_default();
    let grouped = operation.launch_group.map(|g| g.task_group.tasks).unwrap_or_default();
    [launched, grouped].concat()
}
