//! Frameworks subscribe, fail over and go.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use serde::Serialize;
use tokio::sync::mpsc;

use super::{Core, HEARTBEAT, ends::Stream};
use crate::{
    links::ToAgent,
    master::{state::Framework, views::v1::FrameworkView},
    views::One,
    wire::{FrameworkInfo, Id, MasterInfo, TaskState, call::Subscribe, event::Event, now, recordio},
};

/// How long a framework's tasks live on without it.
pub fn failover(info: &FrameworkInfo) -> Duration {
    Duration::try_from_secs_f64(info.failover_timeout).unwrap_or_default()
}

#[derive(Serialize)]
struct Subscribed<'a> {
    framework_id: &'a Id,
    heartbeat_interval_seconds: f64,
    master_info: &'a MasterInfo,
}

#[derive(Serialize)]
struct Error<'a> {
    message: &'a str,
}

/// The event that tells a scheduler to give up.
pub fn error_event(message: &str) -> Bytes {
    recordio::event("ERROR", "error", &Error { message })
}

impl Core {
    /// A scheduler subscribes. Its events go to `tx`; what comes back is the framework's id, if it was accepted.
    pub fn subscribe(
        &mut self,
        call: Subscribe,
        stream_id: String,
        tx: mpsc::Sender<Event>,
        at: Instant,
    ) -> Option<Id> {
        self.state.counts.more("messages_register_framework");
        let mut info = call.framework_info;
        info.id = info.id.filter(|id| !id.as_str().is_empty());
        let fault = self.framework_fault(&info, &call.suppressed_roles);
        let fault = fault.or_else(|| {
            let known = self.state.frameworks.get(info.id.as_ref()?)?;
            known.info.principal_fault(&info)
        });
        if let Some(fault) = fault {
            // The channel is new and empty: there is room.
            let _ = tx.try_send(error_event(&fault).into());
            return None;
        }
        let id = info.id.clone().unwrap_or_else(|| {
            self.next_framework += 1;
            self.new_id(&format!("-{:04}", self.next_framework - 1))
        });
        info.id = Some(id.clone());
        self.log.info(
            "master.cpp:2949",
            &format!(
                "Subscribing framework '{}' with checkpointing {}",
                info.name,
                if info.checkpoint { "enabled" } else { "disabled" }
            ),
        );
        let known = self.state.frameworks.contains_key(&id);
        if self.streams.contains_key(&id) {
            self.tell(&id, "events/error", error_event("Framework failed over"));
        }
        self.filters.remove(&id);
        self.streams.insert(id.clone(), Stream { id: stream_id, tx, heartbeat: at + HEARTBEAT });
        let new = || Arc::new(Framework::new(id.clone(), info.clone()));
        let framework = Arc::make_mut(self.state.frameworks.entry(id.clone()).or_insert_with(new));
        let old_offers: Vec<Id> = framework.offers.iter().cloned().collect();
        let time = now();
        if framework.registered == 0.0 {
            framework.registered = time;
        }
        framework.reregistered = time;
        framework.adopt(info, call.suppressed_roles, call.offer_constraints);
        framework.recovered = false;
        framework.failover_ends = None;
        framework.connected = true;
        framework.count("calls/subscribe", 1);
        let subscribed = Subscribed {
            framework_id: &id,
            heartbeat_interval_seconds: HEARTBEAT.as_secs_f64(),
            master_info: &self.state.me,
        };
        let subscribed = recordio::event("SUBSCRIBED", "subscribed", &subscribed);
        self.tell(&id, "events/subscribed", subscribed);
        self.tell(&id, "events/heartbeat", recordio::heartbeat());
        old_offers.iter().for_each(|offer| self.rescind(offer));
        self.publish_framework(&id, if known { "FRAMEWORK_UPDATED" } else { "FRAMEWORK_ADDED" });
        self.mark_all_dirty();
        self.allocate(at);
        Some(id)
    }

    /// What is wrong with a framework's description.
    fn framework_fault(&self, info: &FrameworkInfo, suppressed: &[String]) -> Option<String> {
        if let Some(fault) = info.fault() {
            return Some(fault);
        }
        let roles = info.effective_roles();
        let unknown: Vec<&str> =
            roles.iter().map(String::as_str).filter(|role| !self.state.is_whitelisted(role)).collect();
        if !unknown.is_empty() {
            return Some(format!("Roles {{ {} }} are not present in the master's --roles", unknown.join(", ")));
        }
        if let Some(role) = suppressed.iter().find(|role| !roles.contains(role)) {
            return Some(format!("Suppressed role '{role}' is not contained in the list of roles"));
        }
        let removed = info.id.as_ref().is_some_and(|id| self.state.completed.iter().any(|f| f.id == *id));
        removed.then(|| "Framework has been removed".into()).or_else(|| info.failover_fault())
    }

    /// UPDATE_FRAMEWORK; or why not.
    pub fn update_framework(&mut self, id: &Id, call: Subscribe, at: Instant) -> Result<(), String> {
        if let Some(fault) = self.framework_fault(&call.framework_info, &call.suppressed_roles) {
            return Err(format!("Supplied FrameworkInfo is not valid: {fault}"));
        }
        let Some(framework) = self.state.framework_mut(id) else { return Err("Framework cannot be found".into()) };
        framework.count("calls/update_framework", 1);
        if let Some(fault) = framework.info.update_fault(&call.framework_info) {
            return Err(format!("FrameworkInfo update is not valid: {fault}"));
        }
        let changed = recordio::json(&framework.info) != recordio::json(&call.framework_info);
        framework.adopt(call.framework_info, call.suppressed_roles, call.offer_constraints);
        let lost: Vec<Id> = framework.offers.iter().cloned().collect();
        let roles = framework.roles.clone();
        for offer in lost {
            if self.state.offers.get(&offer).is_some_and(|offer| !roles.iter().any(|role| **role == *offer.role)) {
                self.rescind(&offer);
            }
        }
        if changed {
            self.publish_framework(id, "FRAMEWORK_UPDATED");
        }
        self.mark_all_dirty();
        self.allocate(at);
        Ok(())
    }

    pub(super) fn publish_framework(&mut self, id: &Id, kind: &'static str) {
        if self.subscribers.is_empty() {
            return;
        }
        let Some(framework) = self.state.frameworks.get(id) else { return };
        let one = One { name: "framework", of: FrameworkView::in_event(framework) };
        let event = recordio::event(kind, &kind.to_ascii_lowercase(), &one);
        self.publish(|_| event);
    }

    /// A scheduler's stream broke.
    pub fn stream_closed(&mut self, id: &Id, stream_id: &str, at: Instant) {
        if self.streams.get(id).is_some_and(|stream| stream.id != stream_id) {
            return;
        }
        self.streams.remove(id);
        let Some(framework) = self.state.framework_mut(id) else { return };
        framework.connected = false;
        let wait = failover(&framework.info);
        framework.failover_ends = Some(at + wait);
        let offers: Vec<Id> = framework.offers.iter().cloned().collect();
        let inverse: Vec<Id> = framework.inverse_offers.iter().cloned().collect();
        inverse.iter().for_each(|offer| drop(self.take_inverse(offer)));
        let Some(framework) = self.state.frameworks.get(id) else { return };
        let text = format!("Framework {id} ({}) disconnected; giving it {wait:?} to failover", framework.info.name);
        self.log.info("master.cpp:1423", &text);
        for offer in &offers {
            self.take_offer(offer);
        }
        if wait.is_zero() {
            self.remove_framework(id);
        } else {
            self.publish_framework(id, "FRAMEWORK_UPDATED");
        }
        self.allocate(at);
    }

    pub(super) fn expire_frameworks(&mut self, at: Instant) {
        let over = |f: &&Arc<Framework>| !f.connected && f.failover_ends.is_some_and(|end| end <= at);
        let gone: Vec<Id> = self.state.frameworks.values().filter(over).map(|f| f.id.clone()).collect();
        for id in gone {
            self.log.info("master.cpp:9893", &format!("Framework failover timeout, removing framework {id}"));
            self.remove_framework(&id);
        }
    }

    pub(super) fn next_failover(&self) -> Option<Instant> {
        self.state.frameworks.values().filter(|f| !f.connected).filter_map(|f| f.failover_ends).min()
    }

    /// A framework is over, and so are its tasks.
    pub fn remove_framework(&mut self, id: &Id) {
        let Some(framework) = self.state.framework_mut(id) else { return };
        framework.connected = false;
        framework.unregistered = now();
        self.streams.remove(id);
        self.filters.remove(id);
        let Some(framework) = self.state.frameworks.get(id) else { return };
        let offers: Vec<Id> = framework.offers.iter().cloned().collect();
        let tasks: Vec<Id> = framework.tasks.keys().cloned().collect();
        let inverse: Vec<Id> = framework.inverse_offers.iter().cloned().collect();
        inverse.iter().for_each(|offer| drop(self.take_inverse(offer)));
        offers.iter().for_each(|offer| drop(self.take_offer(offer)));
        for task in &tasks {
            self.end_removed_task(id, task);
        }
        self.end_removed_executors(id);
        for (agent, _) in self.state.agents.iter().filter(|(_, agent)| agent.is_active()) {
            self.tell_agent(agent, ToAgent::ShutdownFramework(id.clone()));
        }
        self.log.info("master.cpp:10117", &format!("Removing framework {id}"));
        self.publish_removed(id);
        let Some(mut removed) = self.state.frameworks.remove(id) else { return };
        let framework = Arc::make_mut(&mut removed);
        let unreachable: Vec<_> = std::mem::take(&mut framework.unreachable_tasks).into_values().collect();
        let most = self.state.flags.max_completed_tasks;
        unreachable.into_iter().for_each(|task| framework.completed(task, most));
        self.state.completed.push_back(removed);
        while self.state.completed.len() > self.state.flags.max_completed_frameworks {
            self.state.completed.pop_front();
        }
    }

    fn end_removed_task(&mut self, id: &Id, task_id: &Id) {
        let Some(task) = self.state.frameworks.get(id).and_then(|f| f.tasks.get(task_id)) else { return };
        if !task.state.is_terminal() {
            let text = format!("Framework {id} removed");
            let mut status = self.said_by_master(task_id, TaskState::TaskKilled, &text, "REASON_FRAMEWORK_REMOVED");
            status.agent_id = Some(task.agent.clone());
            if let Some(task) = self.state.framework_mut(id).and_then(|f| f.task_mut(task_id)) {
                task.note(status.clone());
            }
            self.publish_update(id, &status);
            self.end_task(id, task_id, TaskState::TaskKilled);
        }
        self.remove_task(id, task_id);
    }

    fn end_removed_executors(&mut self, id: &Id) {
        let of_it: Vec<_> = self
            .state
            .agents
            .iter()
            .flat_map(|(agent, a)| a.executors.iter().map(move |(key, e)| (agent.clone(), key.clone(), e.clone())))
            .filter(|(_, key, _)| key.0 == *id)
            .collect();
        for (agent, key, executor) in of_it {
            self.release(id, &agent, &executor.role, &executor.info.resources);
            if let Some(agent) = self.state.agent_mut(&agent) {
                agent.executors.remove(&key);
            }
        }
    }

    fn publish_removed(&mut self, id: &Id) {
        let Some(framework) = self.state.frameworks.get(id) else { return };
        if self.subscribers.is_empty() {
            return;
        }
        let one = One { name: "framework_info", of: &framework.info };
        let event = recordio::event("FRAMEWORK_REMOVED", "framework_removed", &one);
        self.publish(|_| event);
    }

    /// No offers for these roles until it asks again.
    pub(super) fn suppress(&mut self, id: &Id, roles: &[String]) {
        if let Some(framework) = self.state.framework_mut(id) {
            let roles = if roles.is_empty() { framework.roles.clone() } else { roles.to_vec() };
            framework.suppressed.extend(roles.into_iter().filter(|role| framework.roles.contains(role)));
        }
    }

    /// It wants offers again, whatever it refused.
    pub(super) fn revive(&mut self, id: &Id, roles: &[String]) {
        if let Some(framework) = self.state.framework_mut(id) {
            let all = roles.is_empty();
            framework.suppressed.retain(|role| !all && !roles.contains(role));
            if let Some(filters) = self.filters.get_mut(id) {
                filters.retain(|role, _| !all && !roles.iter().any(|revived| **revived == **role));
            }
        }
        self.mark_all_dirty();
    }
}
