//! What Mesos tells: subscriptions, and news of tasks.

use marathon::TaskFailure;
use mesos::v1::scheduler::Call;
use mesos::v1::{AgentId, TaskId, TaskState, TaskStatus};
use serde_json::json;

use super::control::kill_call;
use super::health::{Health, Verdict};
use super::instance::condition_of;
use super::{Alarm, AppId, CONFIRM, CheckOrder, Core, Instance, InstanceId, Kind, Link, Time};

impl Core {
    /// The stream is open. Offers come from now on, and everything that may have been missed is asked for.
    pub fn subscribed(&mut self, now: Time, framework_id: &str, master: &str) {
        let again = self.framework_id.as_deref() == Some(framework_id);
        if !again {
            self.framework_id = Some(framework_id.to_owned());
            self.save_framework();
        }
        let kind = if again { Kind::SchedulerReregistered } else { Kind::SchedulerRegistered };
        self.tell(now, kind, json!({ "frameworkId": framework_id, "master": master }));
        self.link = Link::Open;
        self.hungry = false;
        self.out.calls.extend(self.instances.values().filter(|instance| !instance.is_wanted()).map(kill_call));
        self.reconcile(now);
        self.unconfirmed = self.instances.keys().cloned().collect();
        self.confirm_pause = CONFIRM.0;
        self.confirm_later(now);
        self.settle(now);
    }

    /// The stream is closed.
    pub fn disconnected(&mut self, now: Time) {
        if self.link != Link::Down {
            self.link = Link::Down;
            self.tell(now, Kind::SchedulerDisconnected, json!({}));
        }
    }

    /// The master has given the framework up, and its tasks with it: it begins anew.
    pub fn framework_removed(&mut self, now: Time) {
        self.framework_id = None;
        self.save_framework();
        let all: Vec<_> = self.instances.keys().cloned().collect();
        all.iter().for_each(|id| self.forget(now, id));
        self.settle(now);
    }

    /// Asks how all tasks are: those that we know of, then those that the master does.
    pub(super) fn reconcile(&mut self, now: Time) {
        self.agenda.retain(|(_, alarm)| *alarm != Alarm::Reconcile);
        self.remind(now.after(self.settings.reconciliation_interval), Alarm::Reconcile);
        if self.link == Link::Down {
            return;
        }
        let tasks: Vec<_> = self.instances.values().map(named).collect();
        if !tasks.is_empty() {
            self.out.calls.push(Call::Reconcile { tasks });
        }
        self.out.calls.push(Call::Reconcile { tasks: Vec::new() });
    }

    /// Asks again after the tasks that nothing was heard of.
    pub(super) fn confirm(&mut self, now: Time) {
        if self.link == Link::Down {
            return;
        }
        let (instances, unconfirmed) = (&self.instances, &mut self.unconfirmed);
        unconfirmed.retain(|id| instances.contains_key(id));
        let tasks: Vec<_> = unconfirmed.iter().filter_map(|id| instances.get(id)).map(named).collect();
        if !tasks.is_empty() {
            self.out.calls.push(Call::Reconcile { tasks });
            self.confirm_pause = (self.confirm_pause * 2).min(CONFIRM.1);
            self.confirm_later(now);
        }
    }

    fn confirm_later(&mut self, now: Time) {
        self.agenda.retain(|(_, alarm)| *alarm != Alarm::Confirm);
        if !self.unconfirmed.is_empty() {
            self.remind(now.after(self.confirm_pause), Alarm::Confirm);
        }
    }

    /// News of a task; [`Core::settle`] is to follow.
    pub fn update(&mut self, now: Time, status: &TaskStatus) {
        let id = InstanceId::parse(status.task_id.as_str());
        self.unconfirmed.remove(&id);
        if self.instances.contains_key(&id) {
            self.take_status(now, &id, status);
        } else if status.state.is_terminal() && status.uuid.is_some() {
            // Nobody waits for it; others may want to know.
            let app = id.app();
            let body =
                json!({ "instanceId": id.instance(), "runSpecId": app, "condition": condition_of(status.state) });
            self.tell(now, Kind::UnknownInstanceTerminated, body);
        } else if !is_over(status.state) && status.state != TaskState::Unreachable {
            // Nobody wants it: it was given up while its agent was away, or its launch was never written down.
            self.out.calls.push(Call::Kill {
                task_id: status.task_id.clone(),
                agent_id: status.agent_id.clone(),
                grace_nanoseconds: None,
            });
        }
        if let (Some(agent_id), Some(uuid)) = (&status.agent_id, &status.uuid) {
            let (agent_id, task_id, uuid) = (agent_id.clone(), status.task_id.clone(), uuid.clone());
            self.out.calls.push(Call::Acknowledge { agent_id, task_id, uuid });
        }
    }

    fn take_status(&mut self, now: Time, id: &InstanceId, status: &TaskStatus) {
        let Some(instance) = self.instances.get_mut(id) else { return };
        let (state_before, healthy_before) = (instance.state, instance.executor_says_healthy);
        let check_before = instance.check.clone();
        instance.take(now, status);
        let is_checked = instance.check != check_before;
        let instance = instance.clone();
        let is_news = instance.state != state_before;
        let is_health = instance.executor_says_healthy != healthy_before;
        if is_news {
            self.tell_status(now, &instance, status);
            self.tell_instance(now, &instance);
        }
        if is_over(status.state) {
            self.ended(now, &instance, status);
            return;
        }
        if is_health {
            self.tell_health(now, &instance, instance.executor_says_healthy == Some(true));
        }
        if is_news || is_health || is_checked {
            self.save_instance(id);
            self.dirty.insert(instance.app.clone());
        }
        if instance.state == TaskState::Running && state_before != TaskState::Running {
            self.out.checks.extend(Self::begin_checks(&instance));
        }
        for at in [instance.replaced_at(), instance.forgotten_at()].into_iter().flatten() {
            self.remind(at, Alarm::Instance(id.clone()));
        }
    }

    /// An instance is over: learns from it and forgets it.
    fn ended(&mut self, now: Time, instance: &Instance, status: &TaskStatus) {
        use TaskState::{Dropped, Error, Failed, Finished, Gone, Lost};
        let app = &instance.app;
        if matches!(status.state, Failed | Error | Dropped | Gone | Lost) {
            let failure = TaskFailure {
                app_id: app.to_string(),
                task_id: instance.id.task().to_owned(),
                host: instance.agent.hostname.clone(),
                message: status.message.clone().unwrap_or_default(),
                state: status.state.as_str().to_owned(),
                timestamp: now.iso(),
                version: instance.version.clone(),
                slave_id: Some(instance.agent.id.clone()),
            };
            self.failures.insert(app.clone(), failure);
        }
        if instance.is_wanted() && matches!(status.state, Failed | Error | Dropped | Gone | Finished) {
            self.delay(now, app, &instance.config_version);
        }
        self.forget(now, &instance.id);
    }

    /// Makes an application wait before its next launch.
    fn delay(&mut self, now: Time, app: &AppId, config_version: &str) {
        if let Some(definition) = self.apps.get(app).map(|app| app.definition.clone()) {
            self.backoffs.entry(app.clone()).or_default().failed(now, &definition, config_version);
        }
    }

    /// A health check of Pacer's has an answer; [`Core::settle`] is to follow.
    pub fn health_result(&mut self, now: Time, id: &InstanceId, index: usize, result: Result<(), String>) {
        let Some(instance) = self.instances.get_mut(id) else { return };
        let Some(check) = instance.spec.health_checks().get(index).cloned() else { return };
        if !instance.is_wanted() || instance.state != TaskState::Running {
            return;
        }
        let started = instance.started_at.unwrap_or(instance.staged_at);
        if !instance.health.iter().any(|health| health.index == index) {
            instance.health.push(Health { index, ..Health::default() });
        }
        let Some(health) = instance.health.iter_mut().find(|health| health.index == index) else { return };
        let failed = result.is_err();
        let verdict = health.take(now, started, &check, result);
        let alive = health.is_alive();
        let counted = failed && health.last_failure == Some(now);
        let instance = instance.clone();
        if counted {
            let body = json!({ "appId": instance.app, "instanceId": id.instance(), "taskId": id.task(), "healthCheck": check });
            self.tell(now, Kind::FailedHealthCheck, body);
        }
        match verdict {
            Verdict::Same => {}
            Verdict::Changed => {
                self.tell_health(now, &instance, alive);
                self.dirty.insert(instance.app);
            }
            Verdict::Fatal => self.kill_unhealthy(now, &instance, index),
        }
    }

    fn kill_unhealthy(&mut self, now: Time, instance: &Instance, index: usize) {
        let cause =
            instance.health.iter().find(|health| health.index == index).and_then(|h| h.last_failure_cause.clone());
        let body = json!({
            "appId": instance.app,
            "taskId": instance.id.task(),
            "instanceId": instance.id.instance(),
            "version": instance.version,
            "reason": cause.unwrap_or_default(),
            "host": instance.agent.hostname,
            "slaveId": instance.agent.id,
        });
        self.tell(now, Kind::UnhealthyInstanceKill, body);
        self.delay(now, &instance.app, &instance.config_version);
        self.stop(now, &instance.id);
    }

    /// The order to check an instance, if it has checks of Pacer's and runs.
    pub(super) fn begin_checks(instance: &Instance) -> Option<CheckOrder> {
        let checks = instance.spec.health_checks();
        let ours = checks.iter().any(|check| !check.protocol().is_by_agent()) || instance.awaits_readiness();
        (ours && instance.is_wanted() && instance.state == TaskState::Running).then(|| CheckOrder::Begin {
            id: instance.id.clone(),
            spec: instance.spec.clone(),
            host: instance.agent.address.clone().unwrap_or_else(|| instance.agent.hostname.clone()),
            ports: instance.ports.clone(),
            readiness: instance.awaits_readiness(),
        })
    }
}

impl Instance {
    /// Takes in where its task stands.
    fn take(&mut self, now: Time, status: &TaskStatus) {
        self.state = status.state;
        match status.state {
            TaskState::Unreachable => {
                self.unreachable_since.get_or_insert(now);
            }
            TaskState::Running => {
                self.unreachable_since = None;
                self.started_at.get_or_insert(now);
            }
            _ => self.unreachable_since = None,
        }
        if status.healthy.is_some() {
            self.executor_says_healthy = status.healthy;
        }
        if status.check_status.is_some() {
            self.check.clone_from(&status.check_status);
        }
        let addresses: Vec<_> = status.ip_addresses().filter_map(|address| address.ip_address.clone()).collect();
        if !addresses.is_empty() {
            self.addresses = addresses;
        }
    }
}

/// The task is no more, or nobody knows of it.
fn is_over(state: TaskState) -> bool {
    state.is_terminal() || state == TaskState::Unknown
}

/// A task and where it is, as reconciliation names it.
fn named(instance: &Instance) -> (TaskId, Option<AgentId>) {
    (TaskId::new(instance.id.task()), Some(AgentId::new(&*instance.agent.id)))
}
