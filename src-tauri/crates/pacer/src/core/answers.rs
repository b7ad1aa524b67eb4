//! What the API shows.

use marathon::{
    AgentAttribute, AppDefinition, AppInfo, DeclinedOfferStep, HealthResult, Identifiable, IpAddress, NumberRange,
    OfferResource, ProcessedOffersSummary, Queue, QueueDelay, QueueItem, Task, UnusedOffer,
};
use mesos::v1::TaskState;
use serde::Serialize;
use serde_json::{Value, json};

use super::app::version_of;
use super::check;
use super::complete::service_ports;
use super::deployment::Deployment;
use super::health::Health;
use super::placement::{Reason, Tally, Unused};
use super::{AppId, Core, Instance, Refusal, Time, Waiting};

/// What is embedded in an application.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Embed {
    /// Its tasks.
    pub tasks: bool,
    /// How its last task failed.
    pub last_task_failure: bool,
    /// Statistics of its tasks.
    pub task_stats: bool,
    /// What its readiness checks found.
    pub readiness: bool,
}

/// Which applications are shown.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// `cmd` contains this.
    pub cmd: Option<String>,
    /// The id contains this.
    pub id: Option<String>,
    /// A label selector.
    pub labels: Vec<Selector>,
    /// It lies in this group.
    pub group: Option<AppId>,
}

/// An application, as the API shows it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Shown {
    #[serde(flatten)]
    info: AppInfo,
    /// Its service ports, as they were given before there were port definitions.
    #[serde(skip_serializing_if = "Option::is_none")]
    ports: Option<Vec<u16>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    readiness_check_results: Option<Vec<Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    task_stats: Option<Value>,
}

/// One condition of a label selector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selector {
    /// The label is there.
    Exists(String),
    /// It has one of these values.
    In(String, Vec<String>),
    /// It has none of these values, or is not there.
    NotIn(String, Vec<String>),
}

impl Selector {
    /// Reads Marathon's selector language: `a, b==c, d!=e, f in (g, h), i notin (j)`.
    pub fn parse(text: &str) -> Option<Vec<Self>> {
        split_outside_parentheses(text).into_iter().map(|part| Self::parse_one(part.trim())).collect()
    }

    fn parse_one(text: &str) -> Option<Self> {
        let word = |text: &str| text.trim().replace('\\', "");
        let set = |text: &str| {
            Some(text.trim().strip_prefix('(')?.strip_suffix(')')?.split(',').map(word).collect::<Vec<_>>())
        };
        let selector = if let Some((name, value)) = text.split_once("!=") {
            Self::NotIn(word(name), vec![word(value)])
        } else if let Some((name, value)) = text.split_once("==") {
            Self::In(word(name), vec![word(value)])
        } else if let Some((name, values)) = text.split_once(" notin ") {
            Self::NotIn(word(name), set(values)?)
        } else if let Some((name, values)) = text.split_once(" in ") {
            Self::In(word(name), set(values)?)
        } else {
            Self::Exists(word(text))
        };
        let (Self::Exists(name) | Self::In(name, _) | Self::NotIn(name, _)) = &selector;
        (!name.is_empty()).then_some(selector)
    }

    fn matches(&self, app: &AppDefinition) -> bool {
        let value = |name: &String| app.labels.as_ref().and_then(|labels| labels.get(name));
        match self {
            Self::Exists(name) => value(name).is_some(),
            Self::In(name, values) => value(name).is_some_and(|value| values.contains(value)),
            Self::NotIn(name, values) => value(name).is_none_or(|value| !values.contains(value)),
        }
    }
}

fn split_outside_parentheses(text: &str) -> Vec<&str> {
    let (mut parts, mut start, mut depth) = (Vec::new(), 0, 0_usize);
    for (index, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(&text[start..index]);
                start = index + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

impl Core {
    /// The applications that pass the filter, by id.
    pub fn shown_apps(&self, filter: &Filter, embed: Embed) -> Vec<Shown> {
        // As in Marathon, large and small letters are the same here.
        let contains = |text: &str, part: &Option<String>| {
            part.as_ref().is_none_or(|part| text.to_lowercase().contains(&part.to_lowercase()))
        };
        let passes = |id: &AppId, app: &AppDefinition| {
            filter.group.as_ref().is_none_or(|group| id.is_within(group.as_str()))
                && contains(id.as_str(), &filter.id)
                && (filter.cmd.is_none() || app.cmd.as_ref().is_some_and(|cmd| contains(cmd, &filter.cmd)))
                && filter.labels.iter().all(|selector| selector.matches(app))
        };
        let apps = self.apps.iter().filter(|(id, app)| passes(id, &app.definition));
        apps.map(|(id, app)| self.shown(id, &app.definition, embed)).collect()
    }

    /// An application.
    pub fn shown_app(&self, id: &AppId, embed: Embed) -> Result<Value, Refusal> {
        Ok(json!(self.shown(id, &self.app(id)?.definition, embed)))
    }

    pub(super) fn shown(&self, id: &AppId, definition: &AppDefinition, embed: Embed) -> Shown {
        let instances: Vec<_> = self.instances_of(id).collect();
        let count = |pick: fn(&Instance) -> bool| {
            u32::try_from(instances.iter().filter(|instance| pick(instance)).count()).unwrap_or(u32::MAX)
        };
        let deployments = self.deployments.iter().filter(|deployment| deployment.affects(id));
        let info = AppInfo {
            definition: definition.clone(),
            tasks_staged: count(is_staged),
            tasks_running: count(|instance| instance.state == TaskState::Running),
            tasks_healthy: count(|instance| {
                instance.state == TaskState::Running && instance.is_healthy() == Some(true)
            }),
            tasks_unhealthy: count(|instance| instance.state == TaskState::Running && instance.is_unhealthy()),
            deployments: deployments.map(|deployment| Identifiable { id: deployment.id.clone() }).collect(),
            tasks: embed.tasks.then(|| instances.iter().map(|instance| self.shown_task(instance)).collect()),
            last_task_failure: self.failures.get(id).filter(|_| embed.last_task_failure).cloned(),
        };
        let counts = json!({
            "staged": info.tasks_staged,
            "running": info.tasks_running,
            "healthy": info.tasks_healthy,
            "unhealthy": info.tasks_unhealthy,
        });
        let stats = || json!({ "totalSummary": { "stats": { "counts": counts } } });
        Shown {
            ports: definition.port_definitions.is_some().then(|| service_ports(definition)),
            readiness_check_results: embed.readiness.then(|| self.shown_readiness(id)),
            task_stats: embed.task_stats.then(stats),
            info,
        }
    }

    /// The versions of an application, newest first.
    pub fn shown_versions(&self, id: &AppId) -> Result<Vec<String>, Refusal> {
        Ok(self.app(id)?.all().map(|definition| version_of(definition).to_owned()).collect())
    }

    /// An application as it was in a version.
    pub fn shown_version(&self, id: &AppId, version: &str) -> Result<AppDefinition, Refusal> {
        let found = self.app(id)?.at_version(version);
        found.map(|definition| (**definition).clone()).ok_or_else(|| Refusal::NoVersion(id.clone(), version.to_owned()))
    }

    /// The tasks of an application.
    pub fn shown_tasks_of(&self, id: &AppId) -> Result<Vec<Task>, Refusal> {
        self.app(id)?;
        Ok(self.instances_of(id).map(|instance| self.shown_task(instance)).collect())
    }

    /// All tasks; those that run or those that don't yet, if asked for.
    pub fn shown_tasks(&self, running: bool, staging: bool) -> Vec<Task> {
        let asked = |instance: &&Instance| {
            (!running && !staging)
                || (running && instance.state == TaskState::Running)
                || (staging && is_staged(instance))
        };
        self.instances.values().filter(asked).map(|instance| self.shown_task(instance)).collect()
    }

    pub(super) fn shown_task(&self, instance: &Instance) -> Task {
        Task {
            id: instance.id.task().to_owned(),
            app_id: instance.app.to_string(),
            state: instance.state.as_str().to_owned(),
            host: instance.agent.hostname.clone(),
            slave_id: Some(instance.agent.id.clone()),
            ports: instance.ports.clone(),
            service_ports: service_ports(&instance.spec),
            ip_addresses: instance.addresses.iter().map(|address| shown_address(address)).collect(),
            staged_at: Some(instance.staged_at.iso()),
            started_at: instance.started_at.map(Time::iso),
            version: Some(instance.version.clone()),
            health_check_results: shown_health(instance),
            check_result: instance.check.as_ref().map(check::shown),
            region: instance.agent.region.clone(),
            zone: instance.agent.zone.clone(),
            role: Some(self.settings.role.clone()),
        }
    }

    /// The deployments that are under way, oldest first.
    pub fn shown_deployments(&self) -> Vec<marathon::Deployment> {
        let with_readiness = |deployment: &Deployment| {
            let mut shown = deployment.shown();
            for (action, shown) in deployment.current_actions().iter().zip(&mut shown.current_actions) {
                shown.readiness_check_results = self.shown_readiness(&action.app);
            }
            shown
        };
        self.deployments.iter().map(with_readiness).collect()
    }

    /// What waits to be launched, and why.
    pub fn shown_queue(&self, now: Time, with_offers: bool) -> Queue {
        let item = |(id, waiting): (&AppId, &Waiting)| {
            let definition = &self.apps.get(id)?.definition;
            let left = now.until(self.backoff_until(id, definition));
            Some(QueueItem {
                app: Some((**definition).clone()),
                count: u32::try_from(waiting.count).unwrap_or(u32::MAX),
                delay: QueueDelay {
                    time_left_seconds: left.as_millis().div_ceil(1000).try_into().unwrap_or(i64::MAX),
                    overdue: left.is_zero(),
                },
                since: waiting.since.iso(),
                processed_offers_summary: summary(&waiting.tally),
                last_unused_offers: with_offers
                    .then(|| waiting.tally.last_by_agent.values().map(shown_unused).collect()),
                role: Some(self.settings.role.clone()),
            })
        };
        Queue { queue: self.waiting.iter().filter_map(item).collect() }
    }

    /// Numbers for `/metrics`.
    pub fn gauges(&self) -> Vec<(&'static str, usize)> {
        let count = |pick: fn(&Instance) -> bool| self.instances.values().filter(|instance| pick(instance)).count();
        vec![
            ("apps.active.gauge", self.apps.len()),
            ("groups.active.gauge", self.groups.iter().count()),
            ("deployments.active.gauge", self.deployments.len()),
            ("instances.staged.gauge", count(is_staged)),
            ("instances.running.gauge", count(|instance| instance.state == TaskState::Running)),
            ("instances.waiting.gauge", self.waiting.values().map(|waiting| waiting.count).sum()),
        ]
    }
}

fn is_staged(instance: &Instance) -> bool {
    matches!(instance.state, TaskState::Staging | TaskState::Starting)
}

fn shown_address(address: &str) -> IpAddress {
    let protocol = if address.contains(':') { "IPv6" } else { "IPv4" };
    IpAddress { ip_address: address.to_owned(), protocol: protocol.to_owned() }
}

/// What the checks found, with the executor's own as one of them.
fn shown_health(instance: &Instance) -> Vec<HealthResult> {
    let id = instance.id.instance();
    let of_ours = |health: &Health| HealthResult {
        alive: health.is_alive(),
        consecutive_failures: health.consecutive_failures,
        first_success: health.first_success.map(Time::iso),
        last_success: health.last_success.map(Time::iso),
        last_failure: health.last_failure.map(Time::iso),
        last_failure_cause: health.last_failure_cause.clone(),
        instance_id: id.to_owned(),
    };
    let of_executor = |alive: bool| HealthResult {
        alive,
        consecutive_failures: u32::from(!alive),
        instance_id: id.to_owned(),
        ..HealthResult::default()
    };
    instance.health.iter().map(of_ours).chain(instance.executor_says_healthy.map(of_executor)).collect()
}

fn summary(tally: &Tally) -> ProcessedOffersSummary {
    let last = |reason: Reason| {
        let first = tally.last_by_agent.values().filter(|unused| unused.reasons.iter().min() == Some(&reason));
        u64::try_from(first.count()).unwrap_or(u64::MAX)
    };
    let attempt = |reason: Reason| tally.attempt.get(&reason).copied().unwrap_or(0);
    let last_total = u64::try_from(tally.last_by_agent.len()).unwrap_or(u64::MAX);
    ProcessedOffersSummary {
        processed_offers_count: tally.processed,
        unused_offers_count: tally.unused,
        last_unused_offer_at: tally.last_unused.map(Time::iso),
        last_used_offer_at: tally.last_used.map(Time::iso),
        reject_summary_last_offers: funnel(last_total, last),
        reject_summary_launch_attempt: funnel(tally.processed, attempt),
    }
}

/// Each reason with the offers that got as far as it.
fn funnel(mut processed: u64, declined: impl Fn(Reason) -> u64) -> Vec<DeclinedOfferStep> {
    let step = |reason: Reason| {
        let declined = declined(reason);
        let step = DeclinedOfferStep { reason: reason.as_str().to_owned(), declined, processed };
        processed = processed.saturating_sub(declined);
        // Marathon has no words for these: they are there only where they say something.
        (declined > 0 || !reason.is_hopeless()).then_some(step)
    };
    Reason::ALL.into_iter().filter_map(step).collect()
}

fn shown_unused(unused: &Unused) -> UnusedOffer {
    let offer = &unused.offer;
    UnusedOffer {
        offer: marathon::Offer {
            id: offer.id.value.clone(),
            hostname: offer.hostname.clone(),
            agent_id: offer.agent_id.value.clone(),
            resources: offer.resources.iter().map(shown_resource).collect(),
            attributes: offer.attributes.iter().map(shown_attribute).collect(),
        },
        reason: unused.reasons.iter().map(|reason| reason.as_str().to_owned()).collect(),
        timestamp: unused.at.iso(),
    }
}

fn shown_resource(resource: &mesos::v1::Resource) -> OfferResource {
    let range = |range: &mesos::v1::Range| NumberRange {
        begin: i64::try_from(range.begin).unwrap_or(i64::MAX),
        end: i64::try_from(range.end).unwrap_or(i64::MAX),
    };
    OfferResource {
        name: resource.name.clone(),
        role: resource.reserved_role().to_owned(),
        scalar: resource.scalar.map(|scalar| scalar.value),
        ranges: resource.ranges.as_ref().map(|ranges| ranges.range.iter().map(range).collect()),
        set: resource.set.as_ref().map(|set| set.item.clone()),
    }
}

fn shown_attribute(attribute: &mesos::v1::Attribute) -> AgentAttribute {
    let scalar = attribute.scalar.map(|scalar| scalar.value);
    AgentAttribute { name: attribute.name.clone(), text: scalar.is_none().then(|| attribute.rendered()), scalar }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selectors_are_read_as_marathon_reads_them() {
        let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let parsed = Selector::parse(r"my_label, env==prod, tier!=front\ end, in in (us, eu), x notin (a)").unwrap();
        assert_eq!(parsed[0], Selector::Exists("my_label".to_owned()));
        assert_eq!(parsed[1], Selector::In("env".to_owned(), owned(&["prod"])));
        assert_eq!(parsed[2], Selector::NotIn("tier".to_owned(), owned(&["front end"])));
        assert_eq!(parsed[3], Selector::In("in".to_owned(), owned(&["us", "eu"])));
        assert_eq!(parsed[4], Selector::NotIn("x".to_owned(), owned(&["a"])));
        assert!(Selector::parse("a in (b").is_none());
        assert!(Selector::parse("").is_none());
    }
}
