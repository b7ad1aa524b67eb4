use marathon::{AppDefinition, Constraint, Operator, PortDefinition, Queue, QueueItem};
use serde_json::{Value, json};

use super::reason;

/// 2016-02-28T16:42:41.090Z, a minute after the recorded item began to wait.
const NOW_MS: u64 = 1_456_677_761_090;

fn item(patch: &Value) -> QueueItem {
    let mut item = json!({
        "count": 1,
        "delay": { "timeLeftSeconds": 0, "overdue": true },
        "since": "2016-02-28T16:41:41.090Z",
        "processedOffersSummary": { "processedOffersCount": 4, "unusedOffersCount": 4 },
    });
    for (key, value) in patch.as_object().unwrap() {
        item[key] = value.clone();
    }
    let queue: Queue = serde_json::from_value(json!({ "queue": [item] })).unwrap();
    queue.queue[0].clone()
}

fn declined(reasons: &[(&str, u32)]) -> Value {
    let steps: Vec<_> =
        reasons.iter().map(|(reason, n)| json!({ "reason": reason, "declined": n, "processed": 9 })).collect();
    json!({ "processedOffersCount": 9, "unusedOffersCount": 9, "rejectSummaryLastOffers": steps })
}

fn offer(cpus: f64, mem: f64) -> Value {
    let scalar = |name: &str, n: f64| json!({ "name": name, "scalar": n, "role": "*" });
    json!({
        "offer": { "id": "o", "agentId": "a", "hostname": "agent1", "resources": [scalar("cpus", cpus), scalar("mem", mem)] },
        "timestamp": "2016-02-28T16:41:41.090Z",
        "reason": ["InsufficientCpus"],
    })
}

fn app() -> AppDefinition {
    AppDefinition { cpus: Some(2.0), mem: Some(4096.0), ..AppDefinition::new("/big") }
}

#[test]
fn too_few_processors_name_the_best_offer() {
    let item = item(&json!({
        "processedOffersSummary": declined(&[("UnfulfilledRole", 0), ("InsufficientCpus", 2)]),
        "lastUnusedOffers": [offer(0.5, 512.0), offer(0.9, 128.0)],
    }));
    let text = reason(&item, &app(), NOW_MS).unwrap();
    assert_eq!(text.en, "It asks for 2 CPUs; the best offer has 0.9.");
    assert_eq!(text.fr, "Elle demande 2 processeurs ; la meilleure offre en a 0,9.");
}

#[test]
fn the_most_frequent_reasons_come_first_and_two_are_told() {
    let item = item(&json!({
        "processedOffersSummary": declined(&[("InsufficientDisk", 1), ("InsufficientMemory", 3), ("UnfulfilledConstraint", 2)]),
    }));
    let constraints = Some(vec![Constraint::new("rack", Operator::Is, Some("r9"))]);
    let text = reason(&item, &AppDefinition { constraints, ..app() }, NOW_MS).unwrap();
    assert_eq!(
        text.en,
        "It asks for 4096 MiB of memory; no agent has that much left. No agent meets its constraints (rack IS r9)."
    );
}

#[test]
fn reasons_are_counted_from_the_offers_when_there_is_no_summary() {
    let item = item(&json!({ "lastUnusedOffers": [offer(0.25, 64.0)] }));
    let text = reason(&item, &app(), NOW_MS).unwrap();
    assert_eq!(text.en, "It asks for 2 CPUs; the best offer has 0.25.");
}

#[test]
fn a_port_that_is_taken_is_named() {
    let item = item(&json!({ "processedOffersSummary": declined(&[("InsufficientPorts", 2)]) }));
    let port_definitions = Some(vec![PortDefinition { port: Some(8080), ..PortDefinition::default() }]);
    let text = reason(&item, &AppDefinition { port_definitions, ..app() }, NOW_MS).unwrap();
    assert_eq!(text.en, "It asks for port 8080, which no agent offers free.");
}

#[test]
fn a_failing_application_waits_for_its_next_try() {
    let waits = |s: i64| {
        let item = item(&json!({ "delay": { "timeLeftSeconds": s, "overdue": false } }));
        reason(&item, &app(), NOW_MS).unwrap().en
    };
    assert_eq!(waits(7), waits(8));
    assert_eq!(waits(200), "Its instances ended too soon; the next try comes in about 4 minutes.");
}

#[test]
fn a_short_wait_is_nothing_to_speak_of() {
    let item = item(&json!({ "since": "2016-02-28T16:42:40.090Z" }));
    assert_eq!(reason(&item, &app(), NOW_MS), None);
}

#[test]
fn without_offers_that_is_the_reason() {
    let text = reason(&item(&json!({})), &app(), NOW_MS).unwrap();
    assert!(text.en.starts_with("No agent has offered anything yet"), "{}", text.en);
}

#[test]
fn a_reason_of_a_newer_marathon_is_told_without_control_codes() {
    let item = item(&json!({ "processedOffersSummary": declined(&[("Odd\u{1b}[31mReason", 1)]) }));
    assert_eq!(reason(&item, &app(), NOW_MS).unwrap().en, "Offers are declined: OddReason.");
}

#[test]
fn what_pacer_could_not_start_here_is_in_words() {
    let item = item(&json!({ "processedOffersSummary": declined(&[("UnsupportedContainer", 2)]) }));
    let text = reason(&item, &app(), NOW_MS).unwrap();
    assert_eq!(text.en, "It asks for a container image; the agents here can’t give that.");
    assert_eq!(text.fr, "Elle demande une image de conteneur ; les agents ne le peuvent pas ici.");
}
