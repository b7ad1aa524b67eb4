//! Operations that change what an agent's resources are, carried out.

use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::{Value as Json, json};

use super::{Core, timers::Due};
use crate::{
    links::ToAgent,
    master::{
        plan::{Actor, Conversion, malformed, plan},
        state::OperationRecord,
    },
    resources::Resources,
    wire::{Id, Uuid, call::ReconcileOperation, recordio},
};

/// After so long without an acknowledgement a status is sent again.
const RETRY: Duration = Duration::from_secs(10);
/// And at the latest after so long.
const LONGEST_RETRY: Duration = Duration::from_secs(600);

/// Why an operator's operation was not done.
#[derive(Debug)]
pub enum OperationError {
    /// It makes no sense.
    Invalid(String),
    /// The agent has not got what it takes.
    Conflict(String),
}

#[derive(Serialize)]
struct UpdateOperation<'a> {
    status: &'a Json,
}

impl Core {
    /// Converts an agent's resources, and has the agent remember it.
    pub(super) fn apply(&mut self, agent_id: &Id, conversions: &[Conversion]) {
        let Some(agent) = self.state.agent_mut(agent_id) else { return };
        for (consumed, converted) in conversions {
            agent.total.subtract(consumed);
            agent.total.add(converted);
        }
        let total = agent.total.clone();
        self.tell_agent(agent_id, ToAgent::Resources(total));
        self.mark_dirty(agent_id);
    }

    /// An operator's operation.
    pub fn operate_on_agent(&mut self, agent_id: &Id, operation: &Json, at: Instant) -> Result<(), OperationError> {
        let invalid = |why: String| Err(OperationError::Invalid(why));
        let Some(agent) = self.state.agents.get(agent_id) else {
            return invalid("No agent found with specified ID".into());
        };
        if let Some(fault) = malformed(operation) {
            return invalid(fault);
        }
        let planned = match plan(operation, agent, Actor::Operator) {
            Ok(planned) => planned,
            Err(why) => {
                let kind = operation["type"].as_str().unwrap_or_default();
                let place = match kind {
                    "UNRESERVE" | "DESTROY" => String::new(),
                    _ => format!(" on agent {agent_id} at {} ({})", agent.info.pid(), agent.info.hostname),
                };
                return invalid(format!("Invalid {kind} operation{place}: {why}"));
            }
        };
        self.rescind_until(agent_id, &planned.conversions);
        let Some(agent) = self.state.agents.get(agent_id) else { return Ok(()) };
        let mut free = agent.free();
        for (consumed, converted) in &planned.conversions {
            free = free.converted(consumed, converted, None).map_err(OperationError::Conflict)?;
        }
        self.apply(agent_id, &planned.conversions);
        self.log.info("master.cpp:11180", &format!("Applied {} operation on agent {agent_id}", planned.kind));
        self.allocate(at);
        Ok(())
    }

    /// Takes offers of an agent back until what is free suffices.
    fn rescind_until(&mut self, agent_id: &Id, conversions: &[Conversion]) {
        let mut required = Resources::default();
        conversions.iter().for_each(|(consumed, _)| required.add(consumed));
        let Some(agent) = self.state.agents.get(agent_id) else { return };
        let offers: Vec<Id> = agent.offers.iter().cloned().collect();
        for id in offers {
            if self.state.agents.get(agent_id).is_none_or(|agent| agent.free().contains(&required)) {
                return;
            }
            let helps = self.state.offers.get(&id).is_some_and(|offer| {
                let mut rest = required.clone();
                rest.subtract(&offer.resources);
                rest != required
            });
            if helps {
                self.rescind(&id);
            }
        }
    }

    /// Tells a framework that asked for it how an operation went.
    pub(super) fn operation_failed(&mut self, framework: &Id, operation: &Json, why: &str) {
        let kind = operation["type"].as_str().unwrap_or_default();
        self.log.warning("master.cpp:4913", &format!("Dropping {kind} operation from framework {framework}: {why}"));
        if let Some(id) = operation.get("id") {
            let status = json!({"operation_id": id, "state": "OPERATION_ERROR", "message": why});
            self.tell_operation(framework, &status);
        }
    }

    pub(super) fn operation_done(&mut self, framework_id: &Id, agent_id: &Id, operation: &Json, at: Instant) {
        let Some(name) = operation["id"]["value"].as_str() else { return };
        let record = OperationRecord {
            agent: agent_id.clone(),
            info: operation.clone(),
            uuid: Uuid::random(),
            status: Uuid::random(),
        };
        if let Some(framework) = self.state.framework_mut(framework_id) {
            framework.operations.insert(name.to_owned(), record);
        }
        self.repeat_operation(framework_id, name, RETRY, at);
    }

    /// Tells a framework how an operation went, again and again until it takes note; ever less often.
    pub(super) fn repeat_operation(&mut self, framework_id: &Id, name: &str, pause: Duration, at: Instant) {
        let record = self.state.frameworks.get(framework_id).and_then(|f| f.operations.get(name));
        let Some(status) = record.map(|record| record.status(true)) else { return };
        if self.streams.contains_key(framework_id) {
            self.tell_operation(framework_id, &status);
        }
        let next = (pause * 2).min(LONGEST_RETRY);
        self.timers.add(at + pause, Due::Operation(framework_id.clone(), name.to_owned(), next));
    }

    fn tell_operation(&mut self, framework: &Id, status: &Json) {
        let event = recordio::event("UPDATE_OPERATION_STATUS", "update_operation_status", &UpdateOperation { status });
        self.tell(framework, "events/update_operation_status", event);
    }

    /// A framework has an operation's status.
    pub(super) fn acknowledge_operation(&mut self, framework: &Id, operation: &str, uuid: Uuid) {
        self.state.counts.more("messages_operation_status_update_acknowledgement");
        if let Some(framework) = self.state.framework_mut(framework)
            && framework.operations.get(operation).is_some_and(|record| record.status == uuid)
        {
            framework.operations.remove(operation);
        }
    }

    /// Answers about some operations, or about all if none is named.
    pub(super) fn reconcile_operations(&mut self, framework_id: &Id, asked: &[ReconcileOperation]) {
        self.state.counts.more("messages_reconcile_operations");
        let Some(framework) = self.state.frameworks.get(framework_id) else { return };
        let answers: Vec<Json> = if asked.is_empty() {
            framework.operations.values().map(|record| record.status(false)).collect()
        } else {
            asked.iter().map(|one| self.reconcile_operation(framework_id, one)).collect()
        };
        answers.iter().for_each(|status| self.tell_operation(framework_id, status));
    }

    fn reconcile_operation(&self, framework: &Id, asked: &ReconcileOperation) -> Json {
        let known = self.state.frameworks.get(framework).and_then(|f| f.operations.get(asked.operation_id.as_str()));
        if let Some(record) = known {
            return record.status(false);
        }
        let (state, words) = match &asked.agent_id {
            Some(agent) if self.state.recovered.contains_key(agent) => {
                ("OPERATION_RECOVERING", "Agent is recovered but has not re-registered")
            }
            Some(agent) if self.state.agents.contains_key(agent) => ("OPERATION_UNKNOWN", "Operation is unknown"),
            Some(agent) if self.state.unreachable.contains_key(agent) => {
                ("OPERATION_UNREACHABLE", "Agent is unreachable")
            }
            Some(agent) if self.state.gone.contains_key(agent) => {
                ("OPERATION_GONE_BY_OPERATOR", "Agent marked gone by operator")
            }
            Some(_) => ("OPERATION_UNKNOWN", "Both operation and agent are unknown"),
            None => ("OPERATION_UNKNOWN", "Operation is unknown and no 'agent_id' was provided"),
        };
        let mut status = json!({"operation_id": asked.operation_id, "state": state,
            "message": format!("Reconciliation: {words}")});
        if let Some(agent) = &asked.agent_id {
            status["agent_id"] = json!(agent);
        }
        status
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc;

    use super::*;
    use crate::{master::core::tests::core, wire::event::Event};

    #[test]
    fn a_status_is_repeated_until_it_is_acknowledged() {
        let mut core = core();
        let begin = Instant::now();
        let (tx, mut events) = mpsc::channel(64);
        let multi_role = json!({"type": "MULTI_ROLE"});
        let info = json!({"framework_info": {"user": "u", "name": "f", "roles": ["r"], "capabilities": [multi_role]}});
        let framework = core.subscribe(serde_json::from_value(info).unwrap(), "s".into(), tx, begin).unwrap();
        let operation = json!({"type": "RESERVE", "id": {"value": "mine"}});
        core.operation_done(&framework, &Id::from("a"), &operation, begin);
        let mut told = || {
            let all = std::iter::from_fn(|| events.try_recv().ok());
            let read = |event: Event| serde_json::from_slice::<Json>(recordio::content(&event.json())).unwrap();
            let all = all.map(read).filter(|event| event["type"] == "UPDATE_OPERATION_STATUS");
            all.map(|event| event["update_operation_status"]["status"].clone()).collect::<Vec<_>>()
        };
        let first = told();
        assert_eq!((first.len(), &first[0]["state"]), (1, &json!("OPERATION_FINISHED")));
        // After 10 seconds, then after twice as long.
        for (second, times) in [(9, 0), (10, 1), (29, 0), (30, 1), (69, 0), (70, 1)] {
            core.tick(begin + Duration::from_secs(second));
            assert_eq!(told(), vec![first[0].clone(); times], "after {second} s");
        }
        let uuid = Uuid::parse(first[0]["uuid"]["value"].as_str().unwrap()).unwrap();
        core.acknowledge_operation(&framework, "mine", uuid);
        core.tick(begin + Duration::from_secs(1000));
        assert_eq!(told(), Vec::<Json>::new());
    }
}
