//! What readiness checks find. An instance is checked from when it runs until it is ready once; until then it does not
//! count in a deployment.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{AppId, Core, Instance, InstanceId, Time};

/// What a readiness check found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Readiness {
    /// The answer is one of those that mean ready.
    pub ready: bool,
    /// The answer; none if there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_response: Option<Response>,
}

/// The answer to a readiness check.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// What the body is.
    pub content_type: String,
    /// The body, as far as it is kept.
    pub body: String,
}

impl Instance {
    /// A readiness check still has to say yes.
    pub fn awaits_readiness(&self) -> bool {
        !self.was_ready && self.spec.readiness_checks.as_ref().is_some_and(|checks| !checks.is_empty())
    }
}

impl Core {
    /// A readiness check has an answer; [`Core::settle`](super::control) is to follow.
    pub fn readiness_result(&mut self, now: Time, id: &InstanceId, result: Readiness) {
        let Some(instance) = self.instances.get_mut(id) else { return };
        if !instance.is_wanted() || !instance.awaits_readiness() {
            return;
        }
        let ready = result.ready;
        instance.readiness = Some(result);
        if ready {
            instance.was_ready = true;
            let instance = instance.clone();
            self.save_instance(id);
            self.tell_instance(now, &instance);
            self.dirty.insert(instance.app);
        }
    }

    /// What the readiness checks of an application found, as the API shows it.
    pub(super) fn shown_readiness(&self, app: &AppId) -> Vec<Value> {
        self.instances_of(app).filter_map(shown).collect()
    }
}

fn shown(instance: &Instance) -> Option<Value> {
    let check = instance.spec.readiness_checks.as_deref()?.first()?;
    let found = instance.readiness.clone().unwrap_or_default();
    let mut shown = json!({ "name": check.name(), "taskId": instance.id.task(), "ready": instance.was_ready });
    if let Some(response) = found.last_response.filter(|_| check.preserve_last_response == Some(true)) {
        shown["lastResponse"] = json!(response);
    }
    Some(shown)
}
