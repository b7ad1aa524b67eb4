//! The scheduler's calls, once HTTP has found them well-formed.

use std::time::Instant;

use super::Core;
use crate::{
    links::ToAgent,
    wire::{
        Id,
        call::{Call, Decline, Kill, ReconcileTask, Roles},
    },
};

impl Core {
    /// Does what a connected scheduler asks for.
    pub fn call(&mut self, framework: &Id, call: Call, at: Instant) {
        self.count(framework, call.kind.as_deref().unwrap_or_default());
        match call.kind.as_deref().unwrap_or_default() {
            "ACCEPT" => {
                if let Some(accept) = call.accept {
                    self.accept(framework, accept, at);
                }
            }
            "DECLINE" => {
                if let Some(decline) = call.decline {
                    self.decline(framework, &decline, at);
                }
            }
            "REVIVE" => self.revive(framework, &roles(call.revive)),
            "SUPPRESS" => self.suppress(framework, &roles(call.suppress)),
            "KILL" => {
                if let Some(kill) = call.kill {
                    self.kill(framework, kill);
                }
            }
            "SHUTDOWN" => {
                if let Some(shutdown) = call.shutdown
                    && let Some(agent) = self.agents.get(&shutdown.agent_id)
                {
                    let executor = shutdown.executor_id;
                    agent.send(ToAgent::ShutdownExecutor { framework: framework.clone(), executor });
                }
            }
            "ACKNOWLEDGE" => {
                if let Some(acknowledge) = call.acknowledge {
                    self.acknowledge(framework, &acknowledge);
                }
            }
            "RECONCILE" => {
                if let Some(reconcile) = call.reconcile {
                    self.reconcile(framework, &reconcile.tasks);
                }
            }
            "TEARDOWN" => self.remove_framework(framework),
            // Command executors take no messages, and the allocator takes no requests: the real ones drop both, too.
            "MESSAGE" => self.counts.more("messages_framework_to_executor"),
            "REQUEST" => self.counts.more("messages_resource_request"),
            _ => {}
        }
        self.allocate(at);
    }

    fn count(&mut self, framework: &Id, kind: &str) {
        const NAMES: [(&str, &str); 12] = [
            ("ACCEPT", "calls/accept"),
            ("DECLINE", "calls/decline"),
            ("REVIVE", "calls/revive"),
            ("SUPPRESS", "calls/suppress"),
            ("KILL", "calls/kill"),
            ("SHUTDOWN", "calls/shutdown"),
            ("ACKNOWLEDGE", "calls/acknowledge"),
            ("RECONCILE", "calls/reconcile"),
            ("MESSAGE", "calls/message"),
            ("REQUEST", "calls/request"),
            ("TEARDOWN", "calls/teardown"),
            ("UPDATE_FRAMEWORK", "calls/update_framework"),
        ];
        let name = NAMES.iter().find(|(call, _)| *call == kind).map(|(_, name)| *name);
        if let (Some(name), Some(framework)) = (name, self.frameworks.get_mut(framework)) {
            *framework.counts.entry(name).or_default() += 1;
        }
    }

    fn decline(&mut self, framework: &Id, decline: &Decline, at: Instant) {
        self.counts.more("messages_decline_offers");
        for id in &decline.offer_ids {
            if self.offers.get(id).is_none_or(|offer| offer.framework != *framework) {
                continue;
            }
            if let Some(offer) = self.take_offer(id) {
                self.refuse(&offer, offer.resources.clone(), decline.filters, at);
                if let Some(framework) = self.frameworks.get_mut(framework) {
                    *framework.counts.entry("offers/declined").or_default() += 1;
                }
            }
        }
    }

    fn kill(&mut self, framework_id: &Id, kill: Kill) {
        self.counts.more("messages_kill_task");
        let task = self.frameworks.get(framework_id).and_then(|f| f.tasks.get(&kill.task_id));
        let Some(task) = task else {
            self.reconcile(framework_id, &[ReconcileTask { task_id: kill.task_id, agent_id: kill.agent_id }]);
            return;
        };
        self.log.info(
            "master.cpp:5847",
            &format!("Telling agent {} to kill task {} of framework {framework_id}", task.agent, task.id),
        );
        if let Some(agent) = self.agents.get(&task.agent) {
            agent.send(ToAgent::Kill { framework: framework_id.clone(), task: kill.task_id, policy: kill.kill_policy });
        }
    }
}

fn roles(roles: Option<Roles>) -> Vec<String> {
    let roles = roles.unwrap_or_default();
    roles.roles.into_iter().chain(roles.role).collect()
}
