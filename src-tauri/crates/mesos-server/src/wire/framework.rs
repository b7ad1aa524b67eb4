//! What a framework says about itself.

use serde::{Deserialize, Serialize};

use super::{Id, Labels};

/// A framework's own description.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FrameworkInfo {
    /// The user that its tasks run as.
    pub user: String,
    /// Its name.
    pub name: String,
    /// Its id, once a master gave it one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Id>,
    /// How many seconds its tasks live on without it.
    #[serde(default)]
    pub failover_timeout: f64,
    /// Whether its tasks outlive a restart of their agent.
    #[serde(default)]
    pub checkpoint: bool,
    /// Its role, if it can't have several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// Its roles, if it can have several.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// Where its scheduler runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hostname: Option<String>,
    /// Who it is to authentication.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub principal: Option<String>,
    /// Its own page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webui_url: Option<String>,
    /// What it can do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub capabilities: Vec<Capability>,
    /// Free labels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labels: Option<Labels>,
    /// What it wants to be offered, by role; shown, not obeyed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offer_filters: Option<serde_json::Value>,
}

/// Something that a framework can do.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Capability {
    /// Its name.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
}

impl FrameworkInfo {
    /// Whether it has a capability.
    pub fn can(&self, capability: &str) -> bool {
        self.capabilities.iter().any(|c| c.kind.as_deref() == Some(capability))
    }

    /// The roles that it wants offers for.
    pub fn effective_roles(&self) -> Vec<String> {
        if self.can("MULTI_ROLE") { self.roles.clone() } else { vec![self.role.clone().unwrap_or_else(|| "*".into())] }
    }

    /// Why a master refuses a new description under another principal.
    pub fn principal_fault(&self, new: &Self) -> Option<String> {
        (self.principal != new.principal).then(|| "Changing framework's principal is not allowed.".into())
    }

    /// Why a master refuses a new description of the same framework.
    pub fn update_fault(&self, new: &Self) -> Option<String> {
        let fixed = |field: &str, old: &str, new: &str| {
            (old != new).then(|| {
                format!("Updating 'FrameworkInfo.{field}' is unsupported; attempted to update from '{old}' to '{new}'")
            })
        };
        let (old_checkpoint, new_checkpoint) = (self.checkpoint.to_string(), new.checkpoint.to_string());
        self.principal_fault(new)
            .or_else(|| fixed("user", &self.user, &new.user))
            .or_else(|| fixed("checkpoint", &old_checkpoint, &new_checkpoint))
    }

    /// Why a master refuses its failover timeout.
    pub fn failover_fault(&self) -> Option<String> {
        const LONGEST: f64 = 9_223_372_036.0;
        let timeout = self.failover_timeout;
        (!(0.0..LONGEST).contains(&timeout)).then(|| format!("The framework failover_timeout ({timeout}) is invalid"))
    }

    /// Why a master refuses it, if it does; the real one's text.
    pub fn fault(&self) -> Option<String> {
        let multi = self.can("MULTI_ROLE");
        if !multi && !self.roles.is_empty() {
            return Some("'FrameworkInfo.roles' must not be set when the framework is not MULTI_ROLE capable".into());
        }
        if multi && self.role.is_some() {
            return Some("'FrameworkInfo.role' must not be set when the framework is MULTI_ROLE capable".into());
        }
        for role in &self.roles {
            if let Some(fault) = role_fault(role) {
                return Some(format!("'FrameworkInfo.roles' contains invalid role: {fault}"));
            }
        }
        if let Some(fault) = self.role.as_deref().and_then(role_fault) {
            return Some(format!("'FrameworkInfo.role' is not a valid role: {fault}"));
        }
        let mut sorted = self.roles.clone();
        sorted.sort_unstable();
        if let Some(pair) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
            return Some(format!("'FrameworkInfo.roles' contains duplicate items: {}", pair[0]));
        }
        None
    }
}

/// What is wrong with a role's name.
pub fn role_fault(role: &str) -> Option<String> {
    if role == "*" {
        return None;
    }
    if role.is_empty() {
        return Some("Role names cannot be the empty string".into());
    }
    for (found, words) in [
        (role.starts_with('/'), "start with a slash"),
        (role.ends_with('/'), "end with a slash"),
        (role.contains("//"), "contain two adjacent slashes"),
    ] {
        if found {
            return Some(format!("Role '{role}' cannot {words}"));
        }
    }
    let strange = |c: char| matches!(c, '\t'..='\r' | ' ' | '\u{7f}');
    role.split('/').find_map(|part| match part {
        "." | ".." | "*" => Some(format!("Role '{role}' cannot include '{part}' as a component")),
        _ if part.starts_with('-') => Some(format!("Role component '{part}' is invalid because it starts with a dash")),
        _ if part.contains(strange) => {
            Some(format!("Role component '{part}' is invalid because it contains backspace or whitespace"))
        }
        _ => None,
    })
}
