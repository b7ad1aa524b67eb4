//! Mesos's masters, who of them leads, and its agents.

use std::collections::HashMap;

use protocol::{Agent, AgentState, Live, MesosView, Tone};
use words::{Text, text};

use super::{Told, body, is_off};

pub(super) fn tell(before: Option<&MesosView>, after: Option<&MesosView>, live: &Live, told: &mut Told) {
    let Some(after) = after else { return };
    if let Some(before) = before {
        tell_masters(before, after, live, told);
    }
    tell_leader(before, after, live, told);
    if let Some(before) = before {
        tell_agents(before, after, told);
    }
}

fn tell_masters(before: &MesosView, after: &MesosView, live: &Live, told: &mut Told) {
    let answers = |view: &MesosView, node: &str| view.masters.iter().any(|m| m.node == node && m.reachable);
    let nodes = || after.masters.iter().map(|m| m.node.as_str());
    let up: Vec<_> = nodes().filter(|node| !answers(before, node) && answers(after, node)).collect();
    let gone: Vec<_> =
        nodes().filter(|node| answers(before, node) && !answers(after, node) && !is_off(live, node)).collect();
    told.tell_of(
        Tone::Info,
        &up,
        |name| text!("The Mesos master on {name} answers", "Le maître Mesos de {name} répond"),
        |n| text!("{n} Mesos masters answer", "{n} maîtres Mesos répondent"),
    );
    told.tell_of(
        Tone::Warn,
        &gone,
        |name| text!("The Mesos master on {name} is down", "Le maître Mesos de {name} ne répond plus"),
        |n| text!("{n} Mesos masters are down", "{n} maîtres Mesos ne répondent plus"),
    );
}

fn tell_leader(before: Option<&MesosView>, after: &MesosView, live: &Live, told: &mut Told) {
    let was = before.and_then(MesosView::leader).map(|m| &m.node);
    let all_off = || after.masters.iter().all(|m| is_off(live, &m.node));
    match (was, after.leader().map(|m| &m.node)) {
        (Some(_), None) if all_off() => {}
        (Some(_), None) => {
            let title = Text::new("No Mesos master leads", "Aucun maître Mesos n’est élu");
            told.tell(Tone::Bad, title, why_none_leads(live));
        }
        (was, Some(now)) if was != Some(now) => {
            told.tell(Tone::Good, text!("{now} leads Mesos", "{now} dirige Mesos"), Text::default());
        }
        _ => {}
    }
}

fn why_none_leads(live: &Live) -> Text {
    match body(live.ensemble.as_ref()) {
        Some(ensemble) if ensemble.serving() < ensemble.majority => Text::new(
            "ZooKeeper has no majority, and masters elect their leader through it. Tasks go on running.",
            "ZooKeeper n’a pas la majorité, et c’est par lui que les maîtres élisent leur chef. Les tâches continuent.",
        ),
        _ => Text::new(
            "Another one takes over when the old leader’s ZooKeeper session ends. Tasks go on running.",
            "Un autre prendra le relais à la fin de la session ZooKeeper de l’ancien. Les tâches continuent.",
        ),
    }
}

fn tell_agents(before: &MesosView, after: &MesosView, told: &mut Told) {
    use AgentState::{Absent, Active, Inactive, Recovering, Unreachable};
    let was: HashMap<&str, &Agent> = before.agents.iter().map(|a| (a.node.as_str(), a)).collect();
    let of = |is: fn(AgentState, AgentState) -> bool| -> Vec<&str> {
        let stood = |a: &Agent| was.get(a.node.as_str()).map_or(Absent, |b| b.state);
        after.agents.iter().filter(|a| is(stood(a), a.state)).map(|a| a.node.as_str()).collect()
    };
    told.tell_of(
        Tone::Good,
        &of(|was, is| (was, is) == (Absent, Active)),
        |name| text!("{name} registered with Mesos", "{name} s’est enregistré auprès de Mesos"),
        |n| text!("{n} agents registered with Mesos", "{n} agents se sont enregistrés auprès de Mesos"),
    );
    told.tell_of(
        Tone::Good,
        &of(|was, is| matches!(was, Inactive | Unreachable | Recovering) && is == Active),
        |name| text!("The agent on {name} is back", "L’agent de {name} est de retour"),
        |n| text!("{n} agents are back", "{n} agents sont de retour"),
    );
    told.tell_of(
        Tone::Warn,
        &of(|was, is| matches!(was, Active | Recovering) && is == Inactive),
        |name| text!("The agent on {name} does not answer", "L’agent de {name} ne répond plus"),
        |n| text!("{n} agents do not answer", "{n} agents ne répondent plus"),
    );
    told.tell_of(
        Tone::Bad,
        &of(|was, is| matches!(was, Active | Recovering | Inactive) && is == Unreachable),
        |name| text!("The agent on {name} is lost", "L’agent de {name} est perdu"),
        |n| text!("{n} agents are lost", "{n} agents sont perdus"),
    );
    let left: Vec<&str> = left(&was, after);
    told.tell_of(
        Tone::Warn,
        &left,
        |name| text!("The agent on {name} has left", "L’agent de {name} est parti"),
        |n| text!("{n} agents have left", "{n} agents sont partis"),
    );
}

/// Agents that were there and are now absent, or not mentioned any more; one that was given up was told before.
fn left<'a>(was: &HashMap<&'a str, &'a Agent>, after: &MesosView) -> Vec<&'a str> {
    use AgentState::{Absent, Unreachable};
    let here: Vec<_> = after.agents.iter().filter(|a| a.state != Absent).map(|a| a.node.as_str()).collect();
    let here: std::collections::HashSet<&str> = here.into_iter().collect();
    let gone = was.values().filter(|a| !matches!(a.state, Absent | Unreachable) && !here.contains(a.node.as_str()));
    let mut left: Vec<_> = gone.map(|a| a.node.as_str()).collect();
    left.sort_unstable();
    left
}
