//! Agents come, go, and come back.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Instant,
};

use serde::Serialize;

use super::{
    Core,
    ends::{Link, Ping},
    timers::Due,
};
use crate::{
    held::HeldTask,
    links::{ToAgent, ToMaster},
    master::{
        state::{Agent, Executor, Framework, Shown, Task},
        views::v1::AgentView,
    },
    resources::Resources,
    views::One,
    wire::{
        AgentInfo, FrameworkInfo, Id, Nanoseconds, TaskState, TaskStatus, event::Event, now, recordio, status::Source,
    },
};

/// The failure of an agent or an executor, as frameworks are told.
#[derive(Serialize)]
struct Failure<'a> {
    agent_id: &'a Id,
    #[serde(skip_serializing_if = "Option::is_none")]
    executor_id: Option<&'a Id>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<i32>,
}

impl Core {
    /// An agent speaks. The result is the agent's id once it has one.
    pub fn agent_message(&mut self, id: Option<&Id>, message: ToMaster, at: Instant) {
        match (id, message) {
            (Some(id), ToMaster::Pong) => {
                if let Some(ping) = self.pings.get_mut(id) {
                    (ping.missed, ping.waiting) = (0, false);
                }
            }
            (Some(id), ToMaster::Update { framework, status }) => self.status_update(&id.clone(), &framework, status),
            (Some(id), ToMaster::ExecutorEnded { framework, executor, status }) => {
                self.executor_ended(&id.clone(), &framework, &executor, status);
            }
            (None, _) | (_, ToMaster::Register { .. }) => {}
        }
        self.allocate(at);
    }

    /// An agent registers, for the first time or again.
    pub fn register(
        &mut self,
        link: Link,
        mut info: AgentInfo,
        total: Resources,
        frameworks: Vec<FrameworkInfo>,
        tasks: Vec<HeldTask>,
        at: Instant,
    ) -> Option<Id> {
        if let Some(why) = self.unwelcome(&info) {
            self.log.warning("master.cpp:6790", &format!("Refusing registration of agent at {}: {why}", info.pid()));
            link.tx.send(ToAgent::Shutdown(why));
            return None;
        }
        let again = info.id.is_some();
        let id = info.id.clone().unwrap_or_else(|| {
            self.next_agent += 1;
            self.new_id(&format!("-S{}", self.next_agent - 1))
        });
        info.id = Some(id.clone());
        self.remove_namesakes(&id, &info);
        let silence = self.state.flags.ping_timeout * self.state.flags.max_pings;
        link.tx.send(ToAgent::Registered { id: id.clone(), silence });
        self.state.counts.more(if again { "messages_reregister_slave" } else { "messages_register_slave" });
        self.state.counts.more("messages_update_slave");
        let verb = if again { "Re-registered" } else { "Registered" };
        self.log.info(
            "master.cpp:7263",
            &format!("{verb} agent {id} at {} ({}) with {}", info.pid(), info.hostname, info.resources),
        );
        for info in frameworks {
            self.recover_framework(info, at);
        }
        let ping = Ping { due: at + self.state.flags.ping_timeout, missed: 0, waiting: false };
        self.timers.add(ping.due, Due::Ping(id.clone()));
        self.pings.insert(id.clone(), ping);
        self.links.insert(id.clone(), link);
        let state = &mut *self.state;
        match state.agents.get_mut(&id).map(Shown::change) {
            Some(agent) => {
                state.total.subtract(&agent.total);
                state.total.add(&total);
                agent.total = total;
                (agent.info, agent.connected, agent.reregistered) = (info, true, Some(now()));
                self.state.counts.more("slave_reregistrations");
                self.reconcile_agent(&id, &tasks);
            }
            None => self.add_agent(&id, info, total, again, &tasks),
        }
        self.order_drain(&id);
        if self.unavailability_of(&id).is_some() {
            self.timers.add(at, Due::Inverse(id.clone()));
        }
        self.mark_dirty(&id);
        self.allocate(at);
        Some(id)
    }

    fn unavailability_of(&self, id: &Id) -> Option<&crate::wire::maintenance::Unavailability> {
        self.state.unavailability(&self.state.agents.get(id)?.info)
    }

    /// Why an agent may not register, if so.
    fn unwelcome(&self, info: &AgentInfo) -> Option<String> {
        if self.is_down(info) {
            return Some("Machine is `DOWN`".into());
        }
        info.id.as_ref().filter(|id| self.state.gone.contains_key(*id)).map(|_| "Agent has been marked gone".into())
    }

    fn add_agent(&mut self, id: &Id, info: AgentInfo, total: Resources, again: bool, tasks: &[HeldTask]) {
        self.state.recovered.remove(id);
        let was_unreachable = self.state.unreachable.remove(id).is_some();
        self.registry.admit(id, &info);
        self.state.total.add(&total);
        self.state.counts.more(if again { "slave_reregistrations" } else { "slave_registrations" });
        let registered = now();
        let agent = Agent {
            info,
            registered,
            reregistered: again.then(now),
            connected: true,
            total,
            used: Resources::default(),
            used_by: BTreeMap::new(),
            offered: Resources::default(),
            tasks: BTreeSet::new(),
            executors: BTreeMap::new(),
            offers: BTreeSet::new(),
            inverse_offers: BTreeSet::new(),
            deactivated: self.state.out_of_service.contains_key(id),
            drain_started: None,
        };
        self.state.agents.insert(id.clone(), Shown::from(agent));
        for held in tasks {
            self.adopt(id, held, was_unreachable);
        }
        if let Some(agent) = self.state.agents.get(id) {
            let event = (!self.subscribers.is_empty()).then(|| {
                recordio::event("AGENT_ADDED", "agent_added", &One { name: "agent", of: AgentView::in_event(agent) })
            });
            if let Some(event) = event {
                self.publish(|_| event);
            }
        }
    }

    /// An agent that starts over at the same address replaces the one that was there.
    fn remove_namesakes(&mut self, id: &Id, info: &AgentInfo) {
        let same = |other: &AgentInfo| (other.ip, other.port) == (info.ip, info.port);
        let old: Vec<Id> = self
            .state
            .agents
            .iter()
            .filter(|(old, a)| *old != id && same(&a.info))
            .map(|(old, _)| old.clone())
            .collect();
        for old in old {
            self.tell_agent(&old, ToAgent::Shutdown("a new agent registered at the same address".into()));
            self.log.info(
                "master.cpp:6870",
                &format!("Removing old agent {old}: a new agent registered at the same address"),
            );
            self.mark_unreachable(&old, "a new agent registered at the same address");
        }
        self.state.recovered.retain(|old, info| old == id || !same(info));
    }

    /// Takes a task over that an agent brought along.
    fn adopt(&mut self, agent_id: &Id, held: &HeldTask, was_unreachable: bool) {
        let Some(framework) = self.state.framework_mut(&held.framework) else {
            self.tell_agent(agent_id, ToAgent::ShutdownFramework(held.framework.clone()));
            return;
        };
        let executor = held.executor.as_ref().map(|e| e.executor_id.clone());
        let mut task = Task::new(&held.task, executor, Arc::clone(&held.role));
        for status in &held.statuses {
            task.state = status.state;
            task.update = status.uuid.map(|uuid| (status.state, uuid));
            task.note(status.clone());
        }
        let missed = framework.unreachable_tasks.remove(&task.id).is_some() || was_unreachable;
        framework.completed_tasks.retain(|t| t.id != task.id);
        let (id, role, resources, state) = (task.id.clone(), task.role.to_string(), task.resources.clone(), task.state);
        framework.tasks.insert(id.clone(), Shown::from(task));
        if let Some(agent) = self.state.agent_mut(agent_id) {
            agent.tasks.insert((held.framework.clone(), id.clone()));
        }
        if let Some(executor) = &held.executor {
            self.add_executor(agent_id, &held.framework, executor, &held.role);
        }
        if !state.is_terminal() {
            self.charge(&held.framework, agent_id, &role, &resources);
        }
        if missed {
            let mut status =
                self.said_by_master(&id, state, "Unreachable agent re-registered", "REASON_AGENT_REREGISTERED");
            status.agent_id = Some(agent_id.clone());
            self.tell_framework(&held.framework, &status);
        }
    }

    /// Notes a framework's own executor on an agent, once.
    pub(super) fn add_executor(
        &mut self,
        agent_id: &Id,
        framework: &Id,
        info: &Arc<crate::wire::task::ExecutorInfo>,
        role: &Arc<str>,
    ) {
        let Some(agent) = self.state.agent_mut(agent_id) else { return };
        let key = (framework.clone(), info.executor_id.clone());
        if agent.executors.contains_key(&key) {
            return;
        }
        agent.executors.insert(key, Executor { info: Arc::clone(info), role: Arc::clone(role) });
        self.charge(framework, agent_id, role, &info.resources);
    }

    fn executor_ended(&mut self, agent_id: &Id, framework_id: &Id, executor: &Id, status: i32) {
        self.state.counts.more("messages_exited_executor");
        let removed =
            self.state.agent_mut(agent_id).and_then(|a| a.executors.remove(&(framework_id.clone(), executor.clone())));
        let Some(removed) = removed else { return };
        self.release(framework_id, agent_id, &removed.role, &removed.info.resources);
        let failure = Failure { agent_id, executor_id: Some(executor), status: Some(status) };
        let event = recordio::event("FAILURE", "failure", &failure);
        self.tell(framework_id, "events/failure", event);
    }

    /// Tasks that an agent does not have any more although it should.
    fn reconcile_agent(&mut self, id: &Id, held: &[HeldTask]) {
        let Some(agent) = self.state.agents.get(id) else { return };
        let here: BTreeSet<_> = held.iter().map(|h| (h.framework.clone(), h.task.task_id.clone())).collect();
        let lost: Vec<_> = agent.tasks.difference(&here).cloned().collect();
        let new: Vec<_> = held
            .iter()
            .filter(|h| !agent.tasks.contains(&(h.framework.clone(), h.task.task_id.clone())))
            .cloned()
            .collect();
        for (framework, task) in lost {
            let text = "Reconciliation: Task is unknown to the agent";
            self.lose(&framework, &task, TaskState::TaskGone, text, "REASON_RECONCILIATION");
        }
        for held in new {
            self.adopt(id, &held, false);
        }
    }

    /// The connection to an agent broke.
    pub fn agent_gone(&mut self, id: &Id, number: u64, at: Instant) {
        if self.links.get(id).is_none_or(|link| link.number != number) {
            return;
        }
        self.links.remove(id);
        let Some(agent) = self.state.agent_mut(id) else { return };
        agent.connected = false;
        let hostname = agent.info.hostname.clone();
        let (offers, tasks): (Vec<_>, Vec<_>) =
            (agent.offers.iter().cloned().collect(), agent.tasks.iter().cloned().collect());
        self.log.info("master.cpp:1358", &format!("Agent {id} ({hostname}) disconnected"));
        offers.iter().for_each(|offer| self.rescind(offer));
        let text = format!("Agent {hostname} disconnected");
        for (framework, task) in tasks {
            // Without checkpoints the tasks die with their agent.
            if self.state.frameworks.get(&framework).is_some_and(|f| !f.info.checkpoint) {
                self.lose(&framework, &task, TaskState::TaskLost, &text, "REASON_AGENT_DISCONNECTED");
            }
        }
        self.allocate(at);
    }

    pub(super) fn ping_agent(&mut self, id: &Id, at: Instant) {
        let Some(ping) = self.pings.get_mut(id) else { return };
        if at < ping.due {
            // It has registered again since.
            return;
        }
        if ping.waiting || !self.links.contains_key(id) {
            ping.missed += 1;
        }
        if ping.missed >= self.state.flags.max_pings {
            self.state.counts.more("slave_unreachable_scheduled");
            self.mark_unreachable(id, "health check timed out");
            self.state.counts.more("slave_unreachable_completed");
            return;
        }
        ping.waiting = true;
        ping.due = at + self.state.flags.ping_timeout;
        self.timers.add(ping.due, Due::Ping(id.clone()));
        self.tell_agent(id, ToAgent::Ping { connected: true });
    }

    /// An agent is out of reach: it leaves the list, and its tasks may or may not run.
    fn mark_unreachable(&mut self, id: &Id, why: &str) {
        let Some(agent) = self.state.agents.get(id) else { return };
        let hostname = agent.info.hostname.clone();
        let since = now();
        self.log.info("master.cpp:8872", &format!("Marked agent {id} ({hostname}) unreachable: {why}"));
        let (offers, tasks): (Vec<_>, Vec<_>) =
            (agent.offers.iter().cloned().collect(), agent.tasks.iter().cloned().collect());
        offers.iter().for_each(|offer| self.rescind(offer));
        let text = format!("Agent {hostname} is unreachable: {why}");
        for (framework, task) in tasks {
            self.make_unreachable(&framework, &task, &text, since);
        }
        self.state.unreachable.insert(id.clone(), since);
        self.registry.mark_unreachable(id, since);
        self.state.counts.more("slave_removals");
        self.state.counts.more("slave_removals/reason_unhealthy");
        self.forget_agent(id);
    }

    /// An agent leaves the list; its tasks have been dealt with.
    pub(super) fn forget_agent(&mut self, id: &Id) {
        let Some(agent) = self.state.agents.get(id) else { return };
        let (offers, inverse): (Vec<Id>, Vec<Id>) =
            (agent.offers.iter().cloned().collect(), agent.inverse_offers.iter().cloned().collect());
        let executors: Vec<_> = agent.executors.iter().map(|(key, e)| (key.0.clone(), e.clone())).collect();
        offers.iter().for_each(|offer| self.rescind(offer));
        inverse.iter().for_each(|offer| self.rescind_inverse(offer));
        for (framework, executor) in executors {
            self.release(&framework, id, &executor.role, &executor.info.resources);
        }
        self.links.remove(id);
        self.pings.remove(id);
        if let Some(agent) = self.state.agents.remove(id) {
            self.state.total.subtract(&agent.total);
        }
        let failure = Failure { agent_id: id, executor_id: None, status: None };
        let event = Event::from(recordio::event("FAILURE", "failure", &failure));
        let all: Vec<Id> = self.state.frameworks.keys().cloned().collect();
        all.iter().for_each(|framework| self.tell(framework, "events/failure", event.clone()));
    }

    fn make_unreachable(&mut self, framework_id: &Id, task_id: &Id, text: &str, since: f64) {
        let Some(framework) = self.state.framework_mut(framework_id) else { return };
        let Some(task) = framework.tasks.get(task_id) else { return };
        if task.state.is_terminal() || !framework.is_partition_aware() {
            self.lose(framework_id, task_id, TaskState::TaskLost, text, "REASON_AGENT_REMOVED");
            return;
        }
        let (agent, role, resources) = (task.agent.clone(), task.role.to_string(), task.resources.clone());
        let mut status = self.said_by_master(task_id, TaskState::TaskUnreachable, text, "REASON_AGENT_REMOVED");
        status.agent_id = Some(agent.clone());
        status.unreachable_time = Some(Nanoseconds::at(since));
        self.release(framework_id, &agent, &role, &resources);
        self.forget_on_agent(&agent, framework_id, task_id);
        if let Some(framework) = self.state.framework_mut(framework_id)
            && let Some(mut task) = framework.tasks.remove(task_id)
        {
            let changed = task.change();
            changed.state = TaskState::TaskUnreachable;
            changed.note(status.clone());
            framework.unreachable_tasks.insert(task_id.clone(), task);
        }
        self.tell_framework(framework_id, &status);
        self.publish_update(framework_id, &status);
    }

    /// A task is lost, as far as this master knows; nobody acknowledges that.
    pub(super) fn lose(&mut self, framework_id: &Id, task_id: &Id, state: TaskState, text: &str, reason: &'static str) {
        let Some(framework) = self.state.frameworks.get(framework_id) else { return };
        self.lose_as(framework_id, task_id, framework.state(state), text, reason);
    }

    /// The same in a state that all frameworks are told.
    pub(super) fn lose_as(
        &mut self,
        framework_id: &Id,
        task_id: &Id,
        state: TaskState,
        text: &str,
        reason: &'static str,
    ) {
        let Some(framework) = self.state.frameworks.get(framework_id) else { return };
        let Some(task) = framework.tasks.get(task_id) else { return };
        let (was_terminal, agent) = (task.state.is_terminal(), task.agent.clone());
        if !was_terminal {
            let mut status = self.said_by_master(task_id, state, text, reason);
            status.agent_id = Some(agent);
            if let Some(task) = self.state.framework_mut(framework_id).and_then(|f| f.task_mut(task_id)) {
                task.note(status.clone());
            }
            self.publish_update(framework_id, &status);
            self.end_task(framework_id, task_id, status.state);
            self.tell_framework(framework_id, &status);
        }
        self.remove_task(framework_id, task_id);
    }

    /// A status that this master makes itself.
    pub(super) fn said_by_master(&self, task: &Id, state: TaskState, text: &str, reason: &'static str) -> TaskStatus {
        TaskStatus {
            task_id: task.clone(),
            state,
            message: Some(text.to_owned()),
            source: Source::SourceMaster,
            reason: Some(reason.into()),
            agent_id: None,
            executor_id: None,
            timestamp: now(),
            uuid: None,
            healthy: None,
            check_status: None,
            labels: None,
            container_status: None,
            unreachable_time: None,
        }
    }

    pub(super) fn end_recovery(&mut self, at: Instant) {
        if self.recovery_ends.is_none_or(|end| at < end) {
            return;
        }
        self.recovery_ends = None;
        let since = now();
        for id in std::mem::take(&mut self.state.recovered).into_keys() {
            self.registry.mark_unreachable(&id, since);
            self.state.unreachable.insert(id, since);
        }
    }

    /// A framework that only its tasks tell of.
    fn recover_framework(&mut self, info: FrameworkInfo, at: Instant) {
        let Some(id) = info.id.clone() else { return };
        if self.state.frameworks.contains_key(&id) || self.state.completed.iter().any(|f| f.id == id) {
            return;
        }
        let mut framework = Framework::new(id.clone(), info);
        framework.recovered = true;
        framework.failover_ends = Some(at + super::frameworks::failover(&framework.info));
        self.state.frameworks.insert(id, Arc::new(framework));
    }
}
