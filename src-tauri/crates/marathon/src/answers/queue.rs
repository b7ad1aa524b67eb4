//! The launch queue as `GET /v2/queue` gives it: what waits, and why.

use serde::{Deserialize, Serialize};

use crate::AppDefinition;

/// `GET /v2/queue`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Queue {
    /// What waits.
    #[serde(default)]
    pub queue: Vec<QueueItem>,
}

/// An application that waits for instances. Source: `types/queue.raml`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QueueItem {
    /// The application; `None` for a pod.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app: Option<AppDefinition>,
    /// Instances that are still to be launched.
    #[serde(default)]
    pub count: u32,
    /// Whether it waits because of failures.
    #[serde(default)]
    pub delay: QueueDelay,
    /// Since when, ISO 8601.
    #[serde(default)]
    pub since: String,
    /// What became of the offers.
    #[serde(default)]
    pub processed_offers_summary: ProcessedOffersSummary,
    /// The offers that could not be used, where they were asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_unused_offers: Option<Vec<UnusedOffer>>,
    /// The Mesos role of the instances.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
}

/// Whether an application waits because of failures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QueueDelay {
    /// Seconds until the next try.
    #[serde(default)]
    pub time_left_seconds: i64,
    /// It waits for offers, not for time.
    #[serde(default)]
    pub overdue: bool,
}

/// What became of the offers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProcessedOffersSummary {
    /// Offers that were looked at.
    #[serde(default)]
    pub processed_offers_count: u64,
    /// Offers that could not be used.
    #[serde(default)]
    pub unused_offers_count: u64,
    /// When the last offer could not be used, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_unused_offer_at: Option<String>,
    /// When the last offer was used, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used_offer_at: Option<String>,
    /// Why not, by the last offer of every agent.
    #[serde(default)]
    pub reject_summary_last_offers: Vec<DeclinedOfferStep>,
    /// Why not, by all offers since the launch was tried.
    #[serde(default)]
    pub reject_summary_launch_attempt: Vec<DeclinedOfferStep>,
}

/// One reason, in the order in which Marathon tries them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeclinedOfferStep {
    /// The reason, such as `InsufficientCpus`.
    pub reason: String,
    /// Offers that were declined for it.
    #[serde(default)]
    pub declined: u64,
    /// Offers that got as far as this.
    #[serde(default)]
    pub processed: u64,
}

/// An offer that could not be used.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct UnusedOffer {
    /// The offer.
    pub offer: Offer,
    /// Why not: `InsufficientCpus`, `UnfulfilledConstraint`, …
    #[serde(default)]
    pub reason: Vec<String>,
    /// When, ISO 8601.
    #[serde(default)]
    pub timestamp: String,
}

/// What an agent offered. Source: `types/offer.raml`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Offer {
    /// The offer's id.
    #[serde(default)]
    pub id: String,
    /// The agent's host name.
    #[serde(default)]
    pub hostname: String,
    /// The agent's id.
    #[serde(default)]
    pub agent_id: String,
    /// What was offered.
    #[serde(default)]
    pub resources: Vec<OfferResource>,
    /// The agent's attributes.
    #[serde(default)]
    pub attributes: Vec<AgentAttribute>,
}

/// A resource that was offered.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct OfferResource {
    /// `cpus`, `mem`, `disk`, `ports`, …
    pub name: String,
    /// The role it belongs to.
    #[serde(default)]
    pub role: String,
    /// How much of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scalar: Option<f64>,
    /// Which of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ranges: Option<Vec<NumberRange>>,
    /// Which of it, by names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set: Option<Vec<String>>,
}

/// Whole numbers from one to another, both included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NumberRange {
    /// The first.
    pub begin: i64,
    /// The last.
    pub end: i64,
}

/// An attribute of an agent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AgentAttribute {
    /// Its name.
    pub name: String,
    /// Its value, if that is a text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Its value, if that is a number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scalar: Option<f64>,
}
