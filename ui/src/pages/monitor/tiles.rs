//! The five tiles at the top.

use leptos::prelude::*;
use protocol::{AgentState, Application, ApplicationState};
use words::Lang;

use super::{
    history::{History, sums},
    unseen,
};
use crate::{
    format,
    i18n::{lang, t, tx},
    live::live,
    parts::{Look, chip, spark::spark},
    store::Cluster,
};

pub(super) fn tiles(cluster: Cluster) -> AnyView {
    let history = History::begin(cluster);
    view! {
        <section class="tiles">
            <div class="card tile" data-test="tile-zookeeper"><div class="s">"ZooKeeper"</div>{live(move || zookeeper(cluster))}</div>
            <div class="card tile" data-test="tile-mesos"><div class="s">"Mesos"</div>{live(move || mesos(cluster))}</div>
            <div class="card tile" data-test="tile-applications">
                <div class="s">{tx("Applications", "Applications")}</div>
                {live(move || applications(cluster))}
            </div>
            <div class="card tile">
                <div class="s">{tx("Processors", "Processeurs")}</div>
                {live(move || processors(cluster))}
                {spark(move || history.cpus.get(), "var(--info)")}
            </div>
            <div class="card tile">
                <div class="s">{tx("Memory", "Mémoire")}</div>
                {live(move || memory(cluster))}
                {spark(move || history.memory.get(), "var(--app2)")}
            </div>
        </section>
    }
    .into_any()
}

fn value(large: String, small: String) -> AnyView {
    view! { <div class="v">{large}" "<small>{small}</small></div> }.into_any()
}

fn absent() -> AnyView {
    view! { {value("–".to_owned(), String::new())}<div class="s">{unseen()}</div> }.into_any()
}

fn zookeeper(cluster: Cluster) -> AnyView {
    let Some(ensemble) = cluster.ensemble.with(|s| s.as_ref().map(|s| s.body.clone())) else { return absent() };
    let (serving, of) = (ensemble.serving(), ensemble.servers.len());
    let leader = ensemble.leader();
    let small = format!("/ {of} {}", t("servers", "serveurs"));
    let look = if serving >= ensemble.majority {
        chip(Look::Good, t("quorum", "quorum").to_owned())
    } else {
        chip(Look::Bad, t("no quorum", "pas de quorum").to_owned())
    };
    let leader = leader.map(|leader| format!("{} {}", t("leader:", "chef\u{a0}:"), leader.node));
    view! { {value(serving.to_string(), small)}<div class="s">{look}<span class="cut">{leader}</span></div> }.into_any()
}

fn mesos(cluster: Cluster) -> AnyView {
    let Some(mesos) = cluster.mesos.with(|s| s.as_ref().map(|s| s.body.clone())) else { return absent() };
    let active = mesos.agents.iter().filter(|agent| agent.state == AgentState::Active).count();
    let lost =
        mesos.agents.iter().filter(|a| matches!(a.state, AgentState::Unreachable | AgentState::Inactive)).count();
    let small = format!("/ {} {}", mesos.agents.len(), t("agents", "agents"));
    let look = (lost > 0).then(|| chip(Look::Warn, format!("{lost} {}", t("unreachable", "injoignable"))));
    let leader = match mesos.leader() {
        Some(leader) => format!("{} {}", t("leader:", "chef\u{a0}:"), leader.node).into_any(),
        None => chip(Look::Bad, t("no leader", "pas de chef").to_owned()),
    };
    view! { {value(active.to_string(), small)}<div class="s">{look}<span class="cut">{leader}</span></div> }.into_any()
}

fn applications(cluster: Cluster) -> AnyView {
    let Some(list) = cluster.applications.with(|s| s.as_ref().map(|s| s.body.applications.clone())) else {
        return absent();
    };
    let count = |wanted: fn(&ApplicationState) -> bool| list.iter().filter(|a| wanted(&a.state)).count();
    let deploying = count(|state| *state == ApplicationState::Deploying);
    let waiting = count(|state| matches!(state, ApplicationState::Waiting { .. }));
    let whole = list.iter().filter(|application| application.running >= application.instances).count();
    let small = format!("/ {} {}", list.len(), t("complete", "au complet"));
    let moving =
        (deploying > 0).then(|| chip(Look::Accent, format!("{deploying} {}", t("deploying", "en déploiement"))));
    let stuck = (waiting > 0).then(|| chip(Look::Warn, format!("{waiting} {}", t("waiting", "en attente"))));
    view! { {value(whole.to_string(), small)}<div class="s">{moving}{stuck}{checks(&list)}</div> }.into_any()
}

/// What is known of the instances' health: only that of those which are checked. Tracked.
fn checks(list: &[Application]) -> Option<AnyView> {
    let checked = list.iter().filter(|application| application.checked && application.instances > 0);
    let (healthy, of) = checked.fold((0, 0), |(healthy, of), a| (healthy + a.healthy, of + a.instances));
    let says = match lang() {
        Lang::En => format!("{healthy} of {of} healthy"),
        Lang::Fr => format!("{healthy} sur {of} saines"),
    };
    (of > 0).then(|| view! { <span class="cut">{says}</span> }.into_any())
}

fn processors(cluster: Cluster) -> AnyView {
    let Some((cpus, _)) = cluster.mesos.with(|s| s.as_ref().map(|s| sums(&s.body))) else { return absent() };
    let total = format::number(cpus.total, 1, lang());
    let small = format!("%\u{a0}{} {total}", t("of", "de"));
    value(format::number(format::percent(cpus.used, cpus.total), 0, lang()), small).into_any()
}

fn memory(cluster: Cluster) -> AnyView {
    let Some((_, memory)) = cluster.mesos.with(|s| s.as_ref().map(|s| sums(&s.body))) else { return absent() };
    let text = format::memory_of(memory.used, memory.total, lang());
    let (used, rest) = text.split_once(' ').unwrap_or((&text, ""));
    value(used.to_owned(), rest.to_owned()).into_any()
}
