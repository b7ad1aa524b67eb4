//! `/metrics/snapshot`: every metric of a real master by its name; what a practice master does not count is 0.

use std::collections::BTreeMap;

use crate::{
    master::state::{Framework, State},
    resources::{Resources, Value, number},
    views::metrics::{answer, system},
    wire::{TaskState, now, recordio},
};

/// The names, one a line, as a real master lists them.
const NAMES: &str = include_str!("metrics.txt");

fn all(core: &State, subscribers: usize) -> BTreeMap<String, f64> {
    let mut metrics: BTreeMap<String, f64> = NAMES.lines().map(|name| (name.to_owned(), 0.0)).collect();
    let mut set = |name: &str, value: f64| {
        metrics.insert(name.to_owned(), value);
    };
    for (name, count) in &core.counts.named {
        set(&format!("master/{name}"), *count as f64);
    }
    let active = core.agents.values().filter(|a| a.is_active()).count() as f64;
    let connected = core.frameworks.values().filter(|f| f.connected).count() as f64;
    let (agents, frameworks) = (core.agents.len() as f64, core.frameworks.len() as f64);
    set("master/elected", if core.leads() { 1.0 } else { 0.0 });
    set("master/uptime_secs", now() - core.started);
    set("master/slaves_active", active);
    set("master/slaves_connected", active);
    set("master/slaves_inactive", agents - active);
    set("master/slaves_disconnected", agents - active);
    set("master/slaves_unreachable", core.unreachable.len() as f64);
    set("master/frameworks_active", connected);
    set("master/frameworks_connected", connected);
    set("master/frameworks_inactive", frameworks - connected);
    set("master/frameworks_disconnected", frameworks - connected);
    set("master/outstanding_offers", core.offers.len() as f64);
    set("master/operator_event_stream_subscribers", subscribers as f64);
    set("registrar/log/recovered", if core.leads() { 1.0 } else { 0.0 });
    set("registrar/log/ensemble_size", f64::from(core.flags.quorum.max(1) * 2 - 1));
    set("allocator/mesos/allocation_runs", core.counts.named.get("messages_status_update").map_or(0.0, |n| *n as f64));
    let mut used = Resources::default();
    core.agents.values().for_each(|agent| used.add(&agent.used));
    for name in ["cpus", "mem", "disk", "gpus"] {
        let (total, used) = (number(core.total.scalar(name)), number(used.scalar(name)));
        set(&format!("master/{name}_total"), total);
        set(&format!("master/{name}_used"), used);
        set(&format!("master/{name}_percent"), if total > 0.0 { used / total } else { 0.0 });
        if name != "gpus" {
            set(&format!("allocator/mesos/resources/{name}/total"), total);
            set(&format!("allocator/mesos/resources/{name}/offered_or_allocated"), used);
        }
    }
    for (state, count) in census(core.frameworks.values().map(|f| &**f)) {
        if !state.is_terminal() {
            set(&format!("master/{}", state.name().to_ascii_lowercase().replacen("task_", "tasks_", 1)), count);
        }
    }
    for (state, count) in &core.counts.terminal {
        set(&format!("master/{}", state.name().to_ascii_lowercase().replacen("task_", "tasks_", 1)), *count as f64);
    }
    for (role, allocated) in &core.allocated {
        set(&format!("allocator/mesos/roles/{role}/shares/dominant"), core.share(Some(allocated)));
        for resource in allocated.iter() {
            if let Value::Scalar(millis) = resource.value {
                set(
                    &format!("allocator/mesos/quota/roles/{role}/resources/{}/consumed", resource.name),
                    number(millis),
                );
            }
        }
    }
    for framework in core.frameworks.values() {
        of_framework(framework, &mut set);
    }
    system(&mut metrics);
    metrics
}

fn census<'a>(frameworks: impl Iterator<Item = &'a Framework>) -> BTreeMap<TaskState, f64> {
    let mut census = BTreeMap::new();
    for task in frameworks.flat_map(|f| f.tasks.values().chain(f.unreachable_tasks.values())) {
        *census.entry(task.state).or_default() += 1.0;
    }
    census
}

const FRAMEWORK_NAMES: [&str; 46] = [
    "calls/accept",
    "calls/accept_inverse_offers",
    "calls/acknowledge",
    "calls/acknowledge_operation_status",
    "calls/decline",
    "calls/decline_inverse_offers",
    "calls/kill",
    "calls/message",
    "calls/reconcile",
    "calls/reconcile_operations",
    "calls/request",
    "calls/revive",
    "calls/shutdown",
    "calls/subscribe",
    "calls/suppress",
    "calls/teardown",
    "calls/update_framework",
    "events/error",
    "events/failure",
    "events/heartbeat",
    "events/inverse_offers",
    "events/message",
    "events/offers",
    "events/rescind",
    "events/rescind_inverse_offer",
    "events/subscribed",
    "events/update",
    "events/update_operation_status",
    "offers/accepted",
    "offers/declined",
    "offers/rescinded",
    "offers/sent",
    "operations",
    "operations/create",
    "operations/create_disk",
    "operations/destroy",
    "operations/destroy_disk",
    "operations/grow_volume",
    "operations/launch",
    "operations/launch_group",
    "operations/reserve",
    "operations/shrink_volume",
    "operations/unreserve",
    "tasks/active/task_unknown",
    "tasks/terminal/task_dropped",
    "tasks/terminal/task_gone_by_operator",
];

fn of_framework(framework: &Framework, set: &mut impl FnMut(&str, f64)) {
    let prefix = format!("master/frameworks/{}/{}", framework.info.name.replace('/', "%2F"), framework.id);
    let mut set = |name: &str, value: f64| set(&format!("{prefix}/{name}"), value);
    let count = |name: &str| framework.counts.get(name).map_or(0.0, |n| *n as f64);
    let sum = |group: &str| -> f64 {
        framework.counts.iter().filter(|(n, _)| n.starts_with(group)).map(|(_, n)| *n as f64).sum()
    };
    for name in FRAMEWORK_NAMES {
        set(name, count(name));
    }
    set("calls", sum("calls/"));
    set("events", sum("events/"));
    set("subscribed", if framework.connected { 1.0 } else { 0.0 });
    for role in &framework.roles {
        set(&format!("roles/{role}/suppressed"), if framework.suppressed.contains(role) { 1.0 } else { 0.0 });
    }
    let census = census(std::iter::once(framework));
    for state in [
        TaskState::TaskStaging,
        TaskState::TaskStarting,
        TaskState::TaskRunning,
        TaskState::TaskKilling,
        TaskState::TaskUnreachable,
    ] {
        let name = state.name().to_ascii_lowercase();
        set(&format!("tasks/active/{name}"), census.get(&state).copied().unwrap_or_default());
    }
    for state in [
        TaskState::TaskError,
        TaskState::TaskFailed,
        TaskState::TaskFinished,
        TaskState::TaskGone,
        TaskState::TaskKilled,
        TaskState::TaskLost,
    ] {
        let ended = framework.completed_tasks.iter().filter(|task| task.state == state).count();
        set(&format!("tasks/terminal/{}", state.name().to_ascii_lowercase()), ended as f64);
    }
}

/// `/metrics/snapshot` of a master that so many operators follow.
pub fn v0(core: &State, subscribers: usize) -> Vec<u8> {
    recordio::json(&all(core, subscribers))
}

/// `GET_METRICS`.
pub fn v1(core: &State, subscribers: usize) -> Vec<u8> {
    answer(all(core, subscribers))
}
