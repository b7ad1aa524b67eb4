//! Operators take agents out of service: they get no more tasks, lose those that they have, or are gone for good.

use std::time::Instant;

use serde::Serialize;

use super::Core;
use crate::{
    links::ToAgent,
    registry::{Deactivation, Drain, machine_of},
    wire::{Id, Nanoseconds, TaskState, now, recordio},
};

/// Why an operator's order was not carried out.
#[derive(Debug)]
pub enum OrderError {
    /// 400.
    Invalid(String),
    /// 404.
    NotFound(String),
    /// 409.
    Conflict(String),
}

impl Core {
    fn knows_agent(&self, id: &Id) -> bool {
        self.state.agents.contains_key(id)
            || self.state.recovered.contains_key(id)
            || self.state.unreachable.contains_key(id)
    }

    /// No more tasks for an agent, and an end to those that it has.
    pub fn drain_agent(
        &mut self,
        id: &Id,
        max_grace_period: Option<Nanoseconds>,
        mark_gone: bool,
        at: Instant,
    ) -> Result<(), OrderError> {
        if let Some(agent) = self.state.agents.get(id) {
            let machine = machine_of(&agent.info);
            if self.state.maintenance.machines.contains_key(&machine) {
                let (hostname, ip) = (machine.hostname.unwrap_or_default(), machine.ip.unwrap_or_default());
                return Err(OrderError::Invalid(format!(
                    "Agent {id} is part of a maintenance schedule under Machine {hostname} ({ip})"
                )));
            }
        }
        if !self.knows_agent(id) {
            return Err(OrderError::Invalid("Unknown agent".into()));
        }
        let drain = Drain { max_grace_period, mark_gone, drained: false };
        self.state.out_of_service.insert(id.clone(), Deactivation { drain: Some(drain) });
        self.keep();
        self.deactivate(id);
        self.order_drain(id);
        if let Some(agent) = self.state.agent_mut(id) {
            agent.drain_started = Some(now());
        }
        self.log.info("http.cpp:4280", &format!("Transitioning agent {id} to the DRAINING state"));
        self.end_drain(id);
        self.allocate(at);
        Ok(())
    }

    /// Tells an agent to end its tasks, if it is being drained.
    pub(super) fn order_drain(&self, id: &Id) {
        let drain = self.state.out_of_service.get(id).and_then(|how| how.drain.as_ref());
        if let Some(drain) = drain {
            self.tell_agent(id, ToAgent::Drain { max_grace: drain.max_grace_period, mark_gone: drain.mark_gone });
        }
    }

    /// No more tasks for an agent.
    pub fn deactivate_agent(&mut self, id: &Id) -> Result<(), OrderError> {
        if !self.knows_agent(id) {
            return Err(OrderError::Invalid("Unknown agent".into()));
        }
        self.state.out_of_service.entry(id.clone()).or_default();
        self.keep();
        self.deactivate(id);
        Ok(())
    }

    fn deactivate(&mut self, id: &Id) {
        let Some(agent) = self.state.agent_mut(id) else { return };
        agent.deactivated = true;
        let (offers, inverse): (Vec<Id>, Vec<Id>) =
            (agent.offers.iter().cloned().collect(), agent.inverse_offers.iter().cloned().collect());
        offers.iter().for_each(|offer| self.rescind(offer));
        inverse.iter().for_each(|offer| self.rescind_inverse(offer));
    }

    /// An agent gets tasks again.
    pub fn reactivate_agent(&mut self, id: &Id, at: Instant) -> Result<(), OrderError> {
        let Some(how) = self.state.out_of_service.get(id) else {
            return Err(OrderError::Invalid("Agent is not deactivated".into()));
        };
        if how.drain.as_ref().is_some_and(|drain| !drain.drained) {
            return Err(OrderError::Invalid("Agent is still in the DRAINING state".into()));
        }
        self.state.out_of_service.remove(id);
        self.keep();
        let Some(agent) = self.state.agent_mut(id) else {
            return Err(OrderError::Conflict("Agent removed while processing the call".into()));
        };
        (agent.deactivated, agent.drain_started) = (false, None);
        self.tell_agent(id, ToAgent::Undrain);
        self.mark_dirty(id);
        self.allocate(at);
        Ok(())
    }

    /// An agent that is being drained may be empty now.
    pub(super) fn end_drain(&mut self, id: &Id) {
        let state = &mut *self.state;
        let Some(drain) = state.out_of_service.get_mut(id).and_then(|how| how.drain.as_mut()) else { return };
        if drain.drained || state.agents.get(id).is_none_or(|agent| !agent.tasks.is_empty()) {
            return;
        }
        if drain.mark_gone {
            self.give_up(id);
        } else {
            drain.drained = true;
            self.log.info("master.cpp:6220", &format!("Agent {id} successfully marked as DRAINED"));
            self.keep();
        }
    }

    /// An agent is gone for good, as the operator knows.
    pub fn mark_gone(&mut self, id: &Id, at: Instant) -> Result<(), OrderError> {
        if self.state.gone.contains_key(id) {
            return Ok(());
        }
        if !self.knows_agent(id) {
            return Err(OrderError::NotFound(format!("Agent '{id}' not found")));
        }
        self.give_up(id);
        self.allocate(at);
        Ok(())
    }

    fn give_up(&mut self, id: &Id) {
        const WHY: &str = "Agent has been marked gone";
        self.state.gone.insert(id.clone(), now());
        if let Some(agent) = self.state.agents.get(id) {
            let tasks: Vec<_> = agent.tasks.iter().cloned().collect();
            self.tell_agent(id, ToAgent::Shutdown(WHY.into()));
            for (framework, task) in tasks {
                self.end_gone_task(&framework, &task, WHY);
            }
            self.forget_agent(id);
        } else {
            self.end_unreachable_tasks(id, WHY);
        }
        self.state.recovered.remove(id);
        self.state.unreachable.remove(id);
        self.state.out_of_service.remove(id);
        self.registry.remove(id);
        self.keep();
    }

    fn end_gone_task(&mut self, framework_id: &Id, task_id: &Id, why: &str) {
        let aware = self.state.frameworks.get(framework_id).is_some_and(|f| f.is_partition_aware());
        let reason = if aware { "REASON_AGENT_REMOVED_BY_OPERATOR" } else { "REASON_AGENT_REMOVED" };
        self.lose(framework_id, task_id, TaskState::TaskGoneByOperator, why, reason);
    }

    fn end_unreachable_tasks(&mut self, agent: &Id, why: &str) {
        let most = self.state.flags.max_completed_tasks;
        let lost: Vec<(Id, Id)> = self
            .state
            .frameworks
            .iter()
            .flat_map(|(id, f)| {
                f.unreachable_tasks.values().filter(|t| t.agent == *agent).map(|t| (id.clone(), t.id.clone()))
            })
            .collect();
        for (framework_id, task_id) in lost {
            let Some(framework) = self.state.framework_mut(&framework_id) else { continue };
            let Some(mut task) = framework.unreachable_tasks.remove(&task_id) else { continue };
            let aware = framework.is_partition_aware();
            let reason = if aware { "REASON_AGENT_REMOVED_BY_OPERATOR" } else { "REASON_AGENT_REMOVED" };
            let state = framework.state(TaskState::TaskGoneByOperator);
            let mut status = self.said_by_master(&task_id, state, why, reason);
            status.agent_id = Some(agent.clone());
            let changed = task.change();
            changed.state = state;
            changed.note(status.clone());
            if let Some(framework) = self.state.framework_mut(&framework_id) {
                framework.completed(task, most);
            }
            self.publish_update(&framework_id, &status);
            self.tell_framework(&framework_id, &status);
        }
    }

    /// An agent leaves the cluster in order: its tasks are lost.
    pub(super) fn remove_agent(&mut self, id: &Id, why: &str) {
        #[derive(Serialize)]
        struct Removed<'a> {
            agent_id: &'a Id,
        }
        let Some(agent) = self.state.agents.get(id) else { return };
        let text = format!("Agent {} removed: {why}", agent.info.hostname);
        let tasks: Vec<_> = agent.tasks.iter().cloned().collect();
        for (framework, task) in tasks {
            self.lose_as(&framework, &task, TaskState::TaskLost, &text, "REASON_AGENT_REMOVED");
        }
        self.log.info("master.cpp:11330", &format!("Removed agent {id}: {why}"));
        self.state.counts.more("slave_removals");
        self.forget_agent(id);
        self.state.out_of_service.remove(id);
        self.registry.remove(id);
        self.publish(|_| recordio::event("AGENT_REMOVED", "agent_removed", &Removed { agent_id: id }));
    }
}
