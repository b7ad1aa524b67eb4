//! Offers, and the attributes of the agents that they are of.

use serde::{Deserialize, Serialize};

use super::{AgentId, AllocationInfo, FrameworkId, OfferId, Ranges, Resource, Scalar, Set};

/// Resources of one agent that a framework may use now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Offer {
    /// Its id.
    pub id: OfferId,
    /// Whom it is made to.
    pub framework_id: FrameworkId,
    /// The agent.
    pub agent_id: AgentId,
    /// The agent's host name.
    pub hostname: String,
    /// What is offered.
    #[serde(default)]
    pub resources: Vec<Resource>,
    /// The agent's attributes.
    #[serde(default)]
    pub attributes: Vec<Attribute>,
    /// The role that it was allocated to (frameworks with `MULTI_ROLE`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allocation_info: Option<AllocationInfo>,
    /// Where the agent listens; kept as it came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<serde_json::Value>,
    /// When the agent goes into maintenance; kept as it came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unavailability: Option<serde_json::Value>,
    /// The agent's region and zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<serde_json::Value>,
}

/// An attribute of an agent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attribute {
    /// Its name.
    pub name: String,
    /// `TEXT`, `SCALAR`, `RANGES` or `SET`.
    #[serde(rename = "type")]
    pub kind: String,
    /// A text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Text>,
    /// A number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scalar: Option<Scalar>,
    /// Ranges.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ranges: Option<Ranges>,
    /// A set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set: Option<Set>,
}

/// The text of an attribute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    /// It.
    pub value: String,
}

impl Attribute {
    /// A text attribute.
    pub fn text(name: impl Into<String>, value: impl Into<String>) -> Self {
        let text = Some(Text { value: value.into() });
        Self { name: name.into(), kind: "TEXT".to_owned(), text, scalar: None, ranges: None, set: None }
    }

    /// Its value as people write it: `r1`, `2`, `[1-5,7-9]`, `{a,b}`.
    pub fn rendered(&self) -> String {
        if let Some(text) = &self.text {
            text.value.clone()
        } else if let Some(scalar) = &self.scalar {
            scalar.value.to_string()
        } else if let Some(ranges) = &self.ranges {
            let each: Vec<_> = ranges.range.iter().map(|range| format!("{}-{}", range.begin, range.end)).collect();
            format!("[{}]", each.join(","))
        } else {
            format!("{{{}}}", self.set.as_ref().map(|set| set.item.join(",")).unwrap_or_default())
        }
    }
}
