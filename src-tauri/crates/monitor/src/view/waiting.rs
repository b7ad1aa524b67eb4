//! Why an application waits for instances: Marathon's launch queue in words.
//!
//! Source: Marathon 1.11, `OfferMatchResult` and its `NoOfferMatchReason`s; offers go through the reasons in a fixed
//! order and are counted at the first that declines them.

use jiff::Timestamp;
use marathon::{AppDefinition, QueueItem, UnusedOffer};
use words::{Text, text};

use crate::wording::{amount, joined};

/// It is ordinary to wait this long for offers that fit, seconds: nothing to speak of.
const PATIENCE_S: f64 = 3.0;
/// How many reasons are told.
const TOLD: usize = 2;

/// Why this item of the queue waits; none if it has not waited long enough to speak of.
pub fn reason(item: &QueueItem, app: &AppDefinition, now_ms: u64) -> Option<Text> {
    if !item.delay.overdue && item.delay.time_left_seconds > 0 {
        return Some(back_off(item.delay.time_left_seconds));
    }
    if waited_s(&item.since, now_ms) < PATIENCE_S {
        return None;
    }
    let declined = declined(item);
    if declined.is_empty() {
        return Some(no_offer());
    }
    let offers = item.last_unused_offers.as_deref().unwrap_or_default();
    Some(joined(declined.iter().take(TOLD).map(|reason| in_words(reason, app, offers)).collect()))
}

/// Its instances fail, and the next try is put off. Told roughly, so that it is not another reason every second.
fn back_off(left_s: i64) -> Text {
    let when = match left_s {
        ..=10 => Text::new("in a few seconds", "dans quelques secondes"),
        11..=60 => Text::new("within a minute", "d’ici une minute"),
        more => {
            let minutes = more / 60 + 1;
            text!("in about {minutes} minutes", "dans {minutes} minutes environ")
        }
    };
    let Text { en, fr } = when;
    text!(
        "Its instances ended too soon; the next try comes {en}.",
        "Ses instances se sont arrêtées trop tôt ; prochain essai {fr}."
    )
}

fn no_offer() -> Text {
    Text::new(
        "No agent has offered anything yet: are agents registered, and have they anything left?",
        "Aucun agent n’a encore rien offert : des agents sont-ils enregistrés, leur reste-t-il des ressources ?",
    )
}

fn waited_s(since: &str, now_ms: u64) -> f64 {
    let Ok(since) = since.parse::<Timestamp>() else { return f64::INFINITY };
    now_ms as f64 / 1_000.0 - since.as_millisecond() as f64 / 1_000.0
}

/// The reasons that declined offers, the most frequent first.
fn declined(item: &QueueItem) -> Vec<String> {
    let summary = &item.processed_offers_summary.reject_summary_last_offers;
    let mut counted: Vec<(u64, &str)> =
        summary.iter().filter(|step| step.declined > 0).map(|step| (step.declined, step.reason.as_str())).collect();
    if counted.is_empty() {
        for reason in item.last_unused_offers.iter().flatten().flat_map(|offer| &offer.reason) {
            match counted.iter_mut().find(|(_, known)| known == reason) {
                Some((count, _)) => *count += 1,
                None => counted.push((1, reason)),
            }
        }
    }
    counted.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    counted.into_iter().map(|(_, reason)| reason.to_owned()).collect()
}

fn in_words(reason: &str, app: &AppDefinition, offers: &[UnusedOffer]) -> Text {
    match reason {
        "InsufficientCpus" => too_little(&CPUS, app.cpus(), offers),
        "InsufficientMemory" => too_little(&MEMORY, app.mem(), offers),
        "InsufficientDisk" => too_little(&DISK, app.disk(), offers),
        "InsufficientGpus" => too_little(&GPUS, f64::from(app.gpus()), offers),
        "InsufficientPorts" => ports(app),
        "UnfulfilledConstraint" => constraints(app),
        "UnfulfilledRole" | "NoCorrespondingReservationFound" | "ReservationNotFound" => {
            Text::new("No offer is reserved for its role.", "Aucune offre n’est réservée à son rôle.")
        }
        "AgentMaintenance" => Text::new(
            "The agents that fit are about to be maintained.",
            "Les agents qui conviendraient entrent en maintenance.",
        ),
        "DeclinedScarceResources" => Text::new(
            "The agents that fit have graphics processors, which are kept for applications that ask for them.",
            "Les agents qui conviendraient ont des processeurs graphiques, gardés pour les applications qui en demandent.",
        ),
        other => unsupported(other).unwrap_or_else(|| {
            let other = words::plain(other);
            text!("Offers are declined: {other}.", "Les offres sont refusées : {other}.")
        }),
    }
}

/// Pacer's own reasons: what the installed Mesos cannot do, whatever is offered.
fn unsupported(reason: &str) -> Option<Text> {
    let (en, fr) = match reason {
        "UnsupportedContainer" => ("a container image", "une image de conteneur"),
        "UnsupportedVolume" => ("a volume", "un volume"),
        "UnsupportedNetwork" => ("a network of its own", "un réseau à elle"),
        "UnsupportedFetch" => ("files to be fetched first", "des fichiers à télécharger d’abord"),
        "UnsupportedSecret" => ("secrets", "des secrets"),
        "UnsupportedTerminal" => ("a terminal", "un terminal"),
        "UnsupportedExecutor" => ("an executor of its own", "un exécuteur à elle"),
        "UnsupportedLimits" => ("resource limits above its share", "des limites au-delà de sa part"),
        "UnsupportedCheck" => ("a check over HTTPS", "une vérification par HTTPS"),
        "UnsupportedIsolation" => ("an isolation of its own", "un isolement à elle"),
        _ => return None,
    };
    Some(text!(
        "It asks for {en}; the agents here can’t give that.",
        "Elle demande {fr} ; les agents ne le peuvent pas ici."
    ))
}

/// A resource and its words.
struct Resource {
    name: &'static str,
    one: (&'static str, &'static str),
    many: (&'static str, &'static str),
}

const CPUS: Resource = Resource { name: "cpus", one: ("CPU", "processeur"), many: ("CPUs", "processeurs") };
const MEMORY: Resource = same("mem", ("MiB of memory", "Mio de mémoire"));
const DISK: Resource = same("disk", ("MiB of disk", "Mio de disque"));
const GPUS: Resource =
    Resource { name: "gpus", one: ("GPU", "processeur graphique"), many: ("GPUs", "processeurs graphiques") };

const fn same(name: &'static str, words: (&'static str, &'static str)) -> Resource {
    Resource { name, one: words, many: words }
}

fn too_little(resource: &Resource, asked: f64, offers: &[UnusedOffer]) -> Text {
    let (en, fr) = if asked <= 1.0 { resource.one } else { resource.many };
    let asked = amount(asked);
    let asks = Text::new(format!("It asks for {} {en}", asked.en), format!("Elle demande {} {fr}", asked.fr));
    let best = offers.iter().map(|unused| offered(unused, resource.name)).max_by(f64::total_cmp);
    let Text { en, fr } = asks;
    match best.map(amount) {
        Some(best) => Text::new(
            format!("{en}; the best offer has {}.", best.en),
            format!("{fr} ; la meilleure offre en a {}.", best.fr),
        ),
        None => text!("{en}; no agent has that much left.", "{fr} ; aucun agent n’en a autant de libre."),
    }
}

/// How much of a resource an offer has, over all its roles.
fn offered(unused: &UnusedOffer, name: &str) -> f64 {
    // From 0: the sum of nothing would be -0.
    unused.offer.resources.iter().filter(|r| r.name == name).filter_map(|r| r.scalar).fold(0.0, |all, one| all + one)
}

fn ports(app: &AppDefinition) -> Text {
    let fixed: Vec<String> = app.wanted_ports().iter().filter(|port| **port != 0).map(u16::to_string).collect();
    match fixed.len() {
        0 => Text::new("No agent has enough free ports.", "Aucun agent n’a assez de ports libres."),
        1 => {
            let port = &fixed[0];
            text!(
                "It asks for port {port}, which no agent offers free.",
                "Elle demande le port {port}, qu’aucun agent n’offre libre."
            )
        }
        _ => {
            let ports = fixed.join(", ");
            text!(
                "It asks for the ports {ports}, which no agent offers free.",
                "Elle demande les ports {ports}, qu’aucun agent n’offre libres."
            )
        }
    }
}

fn constraints(app: &AppDefinition) -> Text {
    let all: Vec<String> = app.constraints().iter().map(|c| words::plain(&c.0.join(" "))).collect();
    let all = all.join(", ");
    text!("No agent meets its constraints ({all}).", "Aucun agent ne satisfait ses contraintes ({all}).")
}

#[cfg(test)]
mod tests;
