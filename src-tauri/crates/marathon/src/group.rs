//! Groups of applications, as `POST` and `PUT /v2/groups` take them.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Violation;

/// A change of a group and of everything in it. What is missing stays as it is; a list that is there replaces all that
/// there was. Source: Marathon 1.11, `types/group.raml`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GroupUpdate {
    /// The group, absolute or relative to where it is sent to or to the group that it is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The applications right in it, as they came: their ids may be relative to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub apps: Option<Vec<Value>>,
    /// The groups right in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups: Option<Vec<Self>>,
    /// The groups that its applications need.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dependencies: Option<Vec<String>>,
    /// Nothing but this: every application in it gets so many times the instances, rounded up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale_by: Option<f64>,
    /// Nothing but this: everything in it is as it was in this version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Whether applications must have the group's name as their role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enforce_role: Option<bool>,
}

impl GroupUpdate {
    /// Reads a group and says everything that is wrong with its form, with that of the groups in it, and of their
    /// applications. What makes no sense in an application is for whoever has given it its whole id.
    ///
    /// ```
    /// let update = marathon::GroupUpdate::from_json(serde_json::json!({ "id": "/shop", "scaleBy": 2 })).unwrap();
    /// assert_eq!(update.scale_by, Some(2.0));
    /// let wrong = marathon::GroupUpdate::from_json(serde_json::json!({ "groups": [{ "apps": 1 }] })).unwrap_err();
    /// assert_eq!(wrong[0].path, "/groups(0)/id");
    /// ```
    pub fn from_json(json: Value) -> Result<Self, Vec<Violation>> {
        let found = crate::validation::of_group(&json);
        if !found.is_empty() {
            return Err(found);
        }
        serde_json::from_value(json).map_err(|error| vec![Violation::new("/", error.to_string())])
    }
}
