//! The scheduler, and how its applications stand.

use std::collections::{HashMap, HashSet};

use protocol::{Application, ApplicationState, Applications, Live, Tone};
use words::{Text, text};

use super::{Told, is_off};

pub(super) fn tell(before: Option<&Applications>, after: Option<&Applications>, live: &Live, told: &mut Told) {
    let Some(after) = after else { return };
    if let Some(before) = before {
        tell_answering(before, after, live, told);
    }
    tell_leader(before, after, live, told);
    if let Some(before) = before {
        tell_applications(before, after, told);
    }
}

fn tell_answering(before: &Applications, after: &Applications, live: &Live, told: &mut Told) {
    let only_in = |one: &Applications, other: &Applications| -> Vec<String> {
        one.answering.iter().filter(|node| !other.answering.contains(node)).cloned().collect()
    };
    let (up, mut gone) = (only_in(after, before), only_in(before, after));
    gone.retain(|node| !is_off(live, node));
    told.tell_of(
        Tone::Info,
        &refs(&up),
        |name| text!("The scheduler on {name} answers", "L’ordonnanceur de {name} répond"),
        |n| text!("{n} schedulers answer", "{n} ordonnanceurs répondent"),
    );
    told.tell_of(
        Tone::Warn,
        &refs(&gone),
        |name| text!("The scheduler on {name} is down", "L’ordonnanceur de {name} ne répond plus"),
        |n| text!("{n} schedulers are down", "{n} ordonnanceurs ne répondent plus"),
    );
}

fn refs(names: &[String]) -> Vec<&str> {
    names.iter().map(String::as_str).collect()
}

fn tell_leader(before: Option<&Applications>, after: &Applications, live: &Live, told: &mut Told) {
    match (before.and_then(|b| b.leader.as_ref()), after.leader.as_ref()) {
        // With its machine off and nobody else there, that was said.
        (Some(was), None) if after.answering.is_empty() && is_off(live, was) => {}
        (Some(_), None) => told.tell(
            Tone::Bad,
            Text::new("No scheduler leads", "Aucun ordonnanceur n’est élu"),
            Text::new(
                "Nothing is started or restarted until one does. What runs goes on running.",
                "Rien n’est démarré ni redémarré d’ici là. Ce qui tourne continue de tourner.",
            ),
        ),
        (was, Some(now)) if was != Some(now) => {
            told.tell(
                Tone::Good,
                text!("The scheduler on {now} leads", "L’ordonnanceur de {now} dirige"),
                Text::default(),
            );
        }
        _ => {}
    }
}

fn tell_applications(before: &Applications, after: &Applications, told: &mut Told) {
    let was: HashMap<&str, &Application> = before.applications.iter().map(|a| (a.id.as_str(), a)).collect();
    let is: HashSet<&str> = after.applications.iter().map(|a| a.id.as_str()).collect();
    let created = after.applications.iter().filter(|a| !was.contains_key(a.id.as_str()));
    let created: Vec<_> = created.map(|a| a.id.as_str()).collect();
    told.tell_of(
        Tone::Info,
        &created,
        |id| text!("{id} was created", "{id} a été créée"),
        |n| text!("{n} applications were created", "{n} applications ont été créées"),
    );
    for app in &after.applications {
        match was.get(app.id.as_str()) {
            Some(then) => tell_one(then, app, told),
            // It may have come up between two looks.
            None => tell_state(&Application { state: ApplicationState::Deploying, ..app.clone() }, app, told),
        }
    }
    let removed = before.applications.iter().filter(|a| !is.contains(a.id.as_str()));
    let removed: Vec<_> = removed.map(|a| a.id.as_str()).collect();
    told.tell_of(
        Tone::Info,
        &removed,
        |id| text!("{id} was removed", "{id} a été retirée"),
        |n| text!("{n} applications were removed", "{n} applications ont été retirées"),
    );
}

fn tell_one(then: &Application, now: &Application, told: &mut Told) {
    let (id, was, is) = (&now.id, then.instances, now.instances);
    if was != is {
        let title = text!("{id} is scaled from {was} to {is}", "{id} passe de {was} à {is}");
        told.tell(Tone::Move, title, Text::default());
    }
    tell_state(then, now, told);
    if then.unhealthy == 0 && now.unhealthy > 0 {
        let (n, of) = (now.unhealthy, now.running);
        let title = text!("{id} is not healthy", "{id} ne va pas bien");
        let detail = text!(
            "The health checks of {n} of its {of} running instances fail.",
            "Les contrôles de santé de {n} de ses {of} instances échouent."
        );
        told.tell(Tone::Bad, title, detail);
    } else if then.unhealthy > 0 && is_healthy(now) {
        told.tell(Tone::Good, text!("{id} is healthy again", "{id} va de nouveau bien"), Text::default());
    }
}

fn is_healthy(app: &Application) -> bool {
    app.checked && app.unhealthy == 0 && app.healthy > 0 && app.healthy >= app.instances
}

fn tell_state(then: &Application, now: &Application, told: &mut Told) {
    use ApplicationState::{Deploying, Stable, Suspended, Waiting};
    let id = &now.id;
    match (&then.state, &now.state) {
        (Deploying | Stable | Suspended, Waiting { reason }) => {
            told.tell(Tone::Warn, text!("{id} waits", "{id} attend"), reason.clone());
        }
        (Deploying | Waiting { .. } | Suspended, Stable) => {
            let title = if is_healthy(now) {
                text!("{id} is in place and healthy", "{id} est en place et va bien")
            } else {
                text!("{id} is in place", "{id} est en place")
            };
            let (running, wanted) = (now.running, now.instances);
            let detail = text!(
                "{running} of {wanted} wanted instances run.",
                "Instances en marche : {running} sur {wanted} voulues."
            );
            told.tell(Tone::Good, title, detail);
        }
        (Deploying | Waiting { .. } | Stable, Suspended) => {
            told.tell(Tone::Info, text!("{id} is stopped", "{id} est à l’arrêt"), Text::default());
        }
        _ => {}
    }
}
