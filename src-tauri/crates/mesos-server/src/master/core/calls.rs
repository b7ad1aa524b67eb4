//! The scheduler's calls, once HTTP has found them well-formed.

use std::time::Instant;

use super::Core;
use crate::{
    links::ToAgent,
    wire::{
        Id, Uuid,
        call::{Action, AnswerInverse, Decline, Kill, Message, ReconcileTask},
        framework::role_fault,
    },
};

impl Core {
    /// Does what a connected scheduler asks for.
    pub fn call(&mut self, framework: &Id, action: Action, at: Instant) {
        if let Some(framework) = self.state.framework_mut(framework) {
            framework.count(action.metric(), 1);
        }
        match action {
            Action::Teardown => self.remove_framework(framework),
            Action::Accept(accept) => self.accept(framework, accept, at),
            Action::Decline(decline) => self.decline(framework, &decline, at),
            Action::AcceptInverse(AnswerInverse { inverse_offer_ids, filters }) => {
                self.answer_inverse(framework, &inverse_offer_ids, true, filters, at);
            }
            Action::DeclineInverse(AnswerInverse { inverse_offer_ids, filters }) => {
                self.answer_inverse(framework, &inverse_offer_ids, false, filters, at);
            }
            Action::Revive(roles) => {
                self.state.counts.more("messages_revive_offers");
                if self.has_roles(framework, &roles.roles) {
                    self.revive(framework, &roles.roles);
                }
            }
            Action::Suppress(roles) => {
                self.state.counts.more("messages_suppress_offers");
                if self.has_roles(framework, &roles.roles) {
                    self.suppress(framework, &roles.roles);
                }
            }
            Action::Kill(kill) => self.kill(framework, kill),
            Action::Shutdown(shutdown) => {
                let (framework, executor) = (framework.clone(), shutdown.executor_id);
                self.tell_agent(&shutdown.agent_id, ToAgent::ShutdownExecutor { framework, executor });
            }
            Action::Acknowledge(acknowledge) => self.acknowledge(framework, &acknowledge),
            Action::AcknowledgeOperation(acknowledge) => {
                if let Some(uuid) = Uuid::parse(&acknowledge.uuid) {
                    self.acknowledge_operation(framework, acknowledge.operation_id.as_str(), uuid);
                }
            }
            Action::Reconcile(reconcile) => self.reconcile(framework, &reconcile.tasks),
            Action::ReconcileOperations(reconcile) => self.reconcile_operations(framework, &reconcile.operations),
            Action::Message(message) => self.message(framework, message),
            // The real allocator takes no notice of requests either.
            Action::Request => self.state.counts.more("messages_resource_request"),
        }
        self.allocate(at);
    }

    /// Whether all of these are roles of the framework; a call that names others is dropped.
    fn has_roles(&self, framework: &Id, roles: &[String]) -> bool {
        let Some(framework) = self.state.frameworks.get(framework) else { return false };
        roles.iter().all(|role| role_fault(role).is_none() && framework.roles.contains(role))
    }

    fn decline(&mut self, framework: &Id, decline: &Decline, at: Instant) {
        self.state.counts.more("messages_decline_offers");
        for id in &decline.offer_ids {
            if self.state.offers.get(id).is_none_or(|offer| offer.framework != *framework) {
                continue;
            }
            if let Some(offer) = self.take_offer(id) {
                self.refuse(&offer, offer.resources.clone(), decline.filters, at);
                if let Some(framework) = self.state.framework_mut(framework) {
                    framework.count("offers/declined", 1);
                }
            }
        }
    }

    fn kill(&mut self, framework_id: &Id, kill: Kill) {
        self.state.counts.more("messages_kill_task");
        let task = self.state.frameworks.get(framework_id).and_then(|f| f.tasks.get(&kill.task_id));
        let Some(task) = task else {
            self.reconcile(framework_id, &[ReconcileTask { task_id: kill.task_id, agent_id: kill.agent_id }]);
            return;
        };
        if kill.agent_id.as_ref().is_some_and(|agent| *agent != task.agent) {
            // The real one has noticed a mistake, and does not kill.
            return;
        }
        self.log.info(
            "master.cpp:5847",
            &format!("Telling agent {} to kill task {} of framework {framework_id}", task.agent, task.id),
        );
        let framework = framework_id.clone();
        self.tell_agent(&task.agent, ToAgent::Kill { framework, task: kill.task_id, policy: kill.kill_policy });
    }

    fn message(&mut self, framework: &Id, message: Message) {
        self.state.counts.more("messages_framework_to_executor");
        if !self.links.contains_key(&message.agent_id) {
            self.state.counts.more("invalid_framework_to_executor_messages");
            return;
        }
        let (framework, executor) = (framework.clone(), message.executor_id);
        self.tell_agent(&message.agent_id, ToAgent::Message { framework, executor });
        self.state.counts.more("valid_framework_to_executor_messages");
    }
}
