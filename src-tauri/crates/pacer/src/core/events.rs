//! What is told to those who listen at `/v2/events`. Source: Marathon's documentation, "Event bus".

use marathon::AppDefinition;
use mesos::v1::TaskStatus;
use serde_json::{Value, json};

use super::app::version_of;
use super::deployment::{Affected, Deployment};
use super::{AppId, Core, Instance, Refusal, Time};

/// The kinds of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names are Marathon's, and say it")]
pub enum Kind {
    ApiPost,
    StatusUpdate,
    AppTerminated,
    DeploymentInfo,
    DeploymentStepSuccess,
    DeploymentStepFailure,
    DeploymentSuccess,
    DeploymentFailed,
    InstanceChanged,
    InstanceHealthChanged,
    HealthStatusChanged,
    AddHealthCheck,
    RemoveHealthCheck,
    FailedHealthCheck,
    UnhealthyInstanceKill,
    UnknownInstanceTerminated,
    GroupChangeSuccess,
    GroupChangeFailed,
    SchedulerRegistered,
    SchedulerReregistered,
    SchedulerDisconnected,
    StreamAttached,
    StreamDetached,
}

impl Kind {
    /// Marathon's name of it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ApiPost => "api_post_event",
            Self::StatusUpdate => "status_update_event",
            Self::AppTerminated => "app_terminated_event",
            Self::DeploymentInfo => "deployment_info",
            Self::DeploymentStepSuccess => "deployment_step_success",
            Self::DeploymentStepFailure => "deployment_step_failure",
            Self::DeploymentSuccess => "deployment_success",
            Self::DeploymentFailed => "deployment_failed",
            Self::InstanceChanged => "instance_changed_event",
            Self::InstanceHealthChanged => "instance_health_changed_event",
            Self::HealthStatusChanged => "health_status_changed_event",
            Self::AddHealthCheck => "add_health_check_event",
            Self::RemoveHealthCheck => "remove_health_check_event",
            Self::UnknownInstanceTerminated => "unknown_instance_terminated_event",
            Self::GroupChangeSuccess => "group_change_success",
            Self::GroupChangeFailed => "group_change_failed",
            Self::FailedHealthCheck => "failed_health_check_event",
            Self::UnhealthyInstanceKill => "unhealthy_instance_kill_event",
            Self::SchedulerRegistered => "scheduler_registered_event",
            Self::SchedulerReregistered => "scheduler_reregistered_event",
            Self::SchedulerDisconnected => "scheduler_disconnected_event",
            Self::StreamAttached => "event_stream_attached",
            Self::StreamDetached => "event_stream_detached",
        }
    }
}

/// Something to be told.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// What kind.
    pub kind: Kind,
    /// The whole event, with its type and time.
    pub body: Value,
}

impl Event {
    /// An event with the fields of `body`.
    pub fn new(now: Time, kind: Kind, mut body: Value) -> Self {
        body["eventType"] = kind.as_str().into();
        body["timestamp"] = now.iso().into();
        Self { kind, body }
    }
}

impl Core {
    pub(super) fn tell(&mut self, now: Time, kind: Kind, body: Value) {
        self.out.events.push(Event::new(now, kind, body));
    }

    pub(super) fn tell_status(&mut self, now: Time, instance: &Instance, status: &TaskStatus) {
        let addresses: Vec<_> = status.ip_addresses().collect();
        let addresses: Vec<_> =
            addresses.iter().map(|a| json!({ "ipAddress": a.ip_address, "protocol": a.protocol })).collect();
        let body = json!({
            "slaveId": instance.agent.id,
            "taskId": instance.id.task(),
            "instanceId": instance.id.instance(),
            "taskStatus": status.state.as_str(),
            "message": status.message.as_deref().unwrap_or_default(),
            "appId": instance.app,
            "host": instance.agent.hostname,
            "ipAddresses": addresses,
            "ports": instance.ports,
            "version": instance.version,
        });
        self.tell(now, Kind::StatusUpdate, body);
    }

    pub(super) fn tell_instance(&mut self, now: Time, instance: &Instance) {
        let body = json!({
            "instanceId": instance.id.instance(),
            "condition": instance.condition(now),
            "goal": if instance.is_wanted() { "Running" } else { "Decommissioned" },
            "runSpecId": instance.app,
            "agentId": instance.agent.id,
            "host": instance.agent.hostname,
            "runSpecVersion": instance.version,
        });
        self.tell(now, Kind::InstanceChanged, body);
    }

    pub(super) fn tell_health(&mut self, now: Time, instance: &Instance, alive: bool) {
        let id = instance.id.instance();
        let body = json!({ "appId": instance.app, "instanceId": id, "taskId": instance.id.task(), "version": instance.version, "alive": alive });
        self.tell(now, Kind::HealthStatusChanged, body);
        let body = json!({ "instanceId": id, "runSpecId": instance.app, "runSpecVersion": instance.version, "healthy": instance.is_healthy() });
        self.tell(now, Kind::InstanceHealthChanged, body);
    }

    pub(super) fn tell_deployment(&mut self, now: Time, kind: Kind, deployment: &Deployment) {
        let shown = deployment.shown();
        let plan = json!({
            "id": deployment.id,
            "version": deployment.version,
            "original": group(deployment, |affected| affected.before.as_ref()),
            "target": group(deployment, |affected| affected.after.as_ref()),
            "steps": shown.steps,
        });
        let body = match kind {
            Kind::DeploymentInfo | Kind::DeploymentStepSuccess | Kind::DeploymentStepFailure => {
                json!({ "plan": plan, "currentStep": { "actions": shown.current_actions } })
            }
            _ => json!({ "id": deployment.id, "plan": plan }),
        };
        self.tell(now, kind, body);
    }

    /// A change of a group was taken, or refused.
    pub(super) fn tell_group_change(&mut self, now: Time, group: &AppId, version: &str, refused: Option<&Refusal>) {
        match refused {
            None => self.tell(now, Kind::GroupChangeSuccess, json!({ "groupId": group, "version": version })),
            Some(why) => {
                let body = json!({ "groupId": group, "version": version, "reason": why.to_string() });
                self.tell(now, Kind::GroupChangeFailed, body);
            }
        }
    }

    /// An application has other health checks from now on.
    pub(super) fn tell_health_checks(&mut self, now: Time, affected: &Affected) {
        let checks = |definition: &Option<AppDefinition>| {
            definition.as_ref().and_then(|app| app.health_checks.clone()).unwrap_or_default()
        };
        let (before, after) = (checks(&affected.before), checks(&affected.after));
        if before.iter().any(|check| !after.contains(check)) {
            self.tell(now, Kind::RemoveHealthCheck, json!({ "appId": affected.app }));
        }
        let version = affected.after.as_ref().map(version_of).unwrap_or_default();
        for check in after.iter().filter(|check| !before.contains(check)) {
            let body = json!({ "appId": affected.app, "version": version, "healthCheck": check });
            self.tell(now, Kind::AddHealthCheck, body);
        }
    }

    /// A call of the API was carried out.
    pub fn tell_post(&mut self, now: Time, client: &str, uri: &str, app: &AppId) {
        let definition = self.apps.get(app).map(|app| (*app.definition).clone());
        let body = json!({ "clientIp": client, "uri": uri, "appDefinition": definition });
        self.tell(now, Kind::ApiPost, body);
    }
}

/// The part of the group of all applications that a deployment changes.
fn group(deployment: &Deployment, side: fn(&Affected) -> Option<&AppDefinition>) -> Value {
    let apps: Vec<_> = deployment.affected.iter().filter_map(side).collect();
    json!({ "id": "/", "version": deployment.version, "apps": apps, "groups": [], "dependencies": [], "pods": [] })
}
