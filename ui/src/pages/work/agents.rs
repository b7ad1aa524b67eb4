//! The picture of Mesos: the masters above, the one that leads crowned, and the agents that are registered with it.

use leptos::prelude::*;
use protocol::{AgentState, MesosView};
use words::Lang;

use crate::{
    format::place,
    i18n::{lang, t, tx},
    icons::crown_at,
    kept::kept,
    live::live,
    pages::{halted::is_halted, work::picture::in_a_row},
    parts::{
        picture::{self as art, group, label, line, rect},
        trouble,
    },
    store::Cluster,
};

/// More agents than this are counted, not drawn.
const DRAWN: usize = 8;

#[derive(Clone, PartialEq)]
struct Picture {
    /// Name, answers, leads.
    masters: Vec<(String, bool, bool)>,
    /// Name and state; none before anything was seen.
    agents: Vec<(String, Option<AgentState>)>,
}

impl Picture {
    /// Tracked.
    fn of(cluster: Cluster) -> Self {
        let seen = cluster.mesos.with(|s| s.as_ref().map(|s| s.body.clone()));
        if let Some(MesosView { masters, agents }) = seen.filter(|_| !is_halted(cluster)) {
            return Self {
                masters: masters.into_iter().map(|m| (m.node, m.reachable, m.leading)).collect(),
                agents: agents.into_iter().map(|a| (a.node, Some(a.state))).collect(),
            };
        }
        cluster.plan.with(|plan| Self {
            masters: plan.masters().map(|node| (node.name.clone(), false, false)).collect(),
            agents: plan.agents().map(|(node, _)| (node.name.clone(), None)).collect(),
        })
    }

    fn active(&self) -> usize {
        self.agents.iter().filter(|(_, state)| *state == Some(AgentState::Active)).count()
    }
}

pub(super) fn picture(cluster: Cluster) -> AnyView {
    let picture = kept(move || Picture::of(cluster));
    view! {
        <div class="card quorum" data-test="masters">
            {live(move || picture.with(drawing))}
            <div>
                <div class="lab">{tx("Who leads", "Qui dirige")}</div>
                <p class="says">{live(move || picture.with(|picture| sentence(picture, lang())))}</p>
                <p class="more">{live(move || explanation(cluster))}</p>
                {trouble(cluster.mesos)}
            </div>
        </div>
    }
    .into_any()
}

fn drawing(picture: &Picture) -> AnyView {
    let width = 230.0;
    let masters = in_a_row(picture.masters.len(), width);
    let agents = in_a_row(picture.agents.len().min(DRAWN), width);
    let leader = picture.masters.iter().position(|(_, _, leading)| *leading);
    let linked = picture.agents.iter().zip(&agents).filter(|((_, state), _)| *state == Some(AgentState::Active));
    let links = leader.into_iter().flat_map(|leader| {
        let from = place(masters[leader]);
        linked.clone().map(move |(_, to)| {
            let to = place(*to);
            line(&format!("M{from} 56C{from} 78 {to} 74 {to} 96"), r#"class="link up""#)
        })
    });
    let above = picture.masters.iter().zip(&masters).map(|((name, reachable, leading), x)| {
        let class = if *leading {
            "server leader"
        } else if *reachable {
            "server up"
        } else {
            "server"
        };
        let crown = if *leading { crown_at(x - 8.0, 0.0) } else { String::new() };
        let body = rect((x - 30.0, 18.0), (60.0, 38.0), 9, "");
        group(class, &(body + &label("", (*x, 41.0), &short(name, 9)) + &crown))
    });
    let room = width / agents.len().max(1) as f64;
    let below = picture.agents.iter().zip(&agents).map(|((name, state), x)| {
        let class = match state {
            Some(AgentState::Active) => "server up",
            Some(AgentState::Recovering) => "server looking",
            _ => "server",
        };
        let half = (room / 2.0 - 3.0).min(28.0);
        let letters = if half < 20.0 { 4 } else { 8 };
        let body = rect((x - half, 96.0), (half * 2.0, 30.0), 7, "");
        group(class, &(body + &label("", (*x, 115.0), &short(name, letters))))
    });
    art::picture("quorum-art", "0 0 230 132", links.chain(above).chain(below).collect())
}

/// The end of a name that is too long for its place: names differ at their ends.
fn short(name: &str, letters: usize) -> String {
    let count = name.chars().count();
    if count <= letters {
        return name.to_owned();
    }
    let end: String = name.chars().skip(count - letters + 1).collect();
    format!("…{end}")
}

fn sentence(picture: &Picture, lang: Lang) -> String {
    let leader = picture.masters.iter().find(|(_, _, leading)| *leading).map(|(name, ..)| name.as_str());
    let (active, of) = (picture.active(), picture.agents.len());
    match (leader, lang) {
        (Some(leader), Lang::En) => format!("{leader} leads. {active} of {of} agents are registered."),
        (Some(leader), Lang::Fr) => format!("{leader} dirige. Agents inscrits : {active} sur {of}."),
        (None, Lang::En) => "No master leads yet.".to_owned(),
        (None, Lang::Fr) => "Aucun maître ne dirige encore.".to_owned(),
    }
}

fn explanation(cluster: Cluster) -> String {
    let (masters, quorum) = cluster.plan.with(|plan| (plan.masters().count(), plan.mesos_quorum()));
    let leaderless =
        cluster.mesos.with(|section| section.as_ref().is_none_or(|section| section.body.leader().is_none()));
    if leaderless {
        return t(
            "Masters enter their names in ZooKeeper; the first of the list leads. So without ZooKeeper’s quorum there is no leader.",
            "Les maîtres s’inscrivent dans ZooKeeper ; le premier de la liste dirige. Donc sans quorum de ZooKeeper, pas de chef.",
        )
        .to_owned();
    }
    if masters <= 1 {
        return t(
            "With a single master nobody takes over if it fails; tasks that run go on meanwhile.",
            "Avec un seul maître, personne ne prend le relais s’il tombe ; les tâches lancées continuent pendant ce temps.",
        )
        .to_owned();
    }
    match lang() {
        Lang::En => format!(
            "If it fails, another takes over within seconds. {quorum} of {masters} masters must agree on what is remembered."
        ),
        Lang::Fr => format!(
            "S’il tombe, un autre prend le relais en quelques secondes. {quorum} maîtres sur {masters} doivent s’accorder sur ce qui est retenu."
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_keeps_its_end() {
        assert_eq!(short("agent1", 8), "agent1");
        assert_eq!(short("a-very-long-agent1", 8), "…-agent1");
    }

    #[test]
    fn the_sentence_counts_the_active() {
        let picture = Picture {
            masters: vec![("node1".into(), true, true)],
            agents: vec![("agent1".into(), Some(AgentState::Active)), ("agent2".into(), Some(AgentState::Absent))],
        };
        assert_eq!(sentence(&picture, Lang::En), "node1 leads. 1 of 2 agents are registered.");
    }
}
