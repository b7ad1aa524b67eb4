//! The machines as rooms: what they do, who leads, what runs in them.

use leptos::prelude::*;
use plan::ClusterPlan;
use protocol::{Agent, AgentState, MachineState, MesosView, Share, ZooKeeperMode};

use crate::{
    colours::Colours,
    format,
    i18n::{lang, t},
    kept::{Kept, kept},
    live::{follow, live},
    parts::{Look, bar, chip, crowned, rows::rows},
    store::Cluster,
    words_of,
};

/// More machines than this are counted, not drawn.
const DRAWN: usize = 120;
/// More tasks than this in one room are counted, not drawn.
const TASKS: usize = 120;

pub(super) fn rooms(cluster: Cluster) -> AnyView {
    let names = kept(move || {
        let mut names = cluster.plan.with(|plan| plan.nodes.iter().map(|node| node.name.clone()).collect::<Vec<_>>());
        cluster.mesos.with(|section| {
            let agents = section.as_ref().map(|section| section.body.agents.as_slice()).unwrap_or_default();
            let strangers: Vec<_> =
                agents.iter().map(|a| &a.node).filter(|node| !names.contains(node)).cloned().collect();
            names.extend(strangers);
        });
        names
    });
    let more = move || {
        let hidden = names.with(Vec::len).saturating_sub(DRAWN);
        (hidden > 0).then(|| view! { <p class="hint">{format!("+ {}", words_of::machines(hidden))}</p> }.into_any())
    };
    view! {
        <div class="card rooms" data-test="rooms">
            {row(cluster, names, false)}
            {row(cluster, names, true)}
            {live(more)}
        </div>
    }
    .into_any()
}

/// The machines with or without an agent, in a row of their own: their rooms are of different heights.
fn row(cluster: Cluster, names: Kept<Vec<String>>, agents: bool) -> AnyView {
    let mine = kept(move || {
        let planned =
            |name: &String| cluster.plan.with(|plan| plan.node(name).is_none_or(|node| node.roles.agent.is_some()));
        names.get().into_iter().take(DRAWN).filter(|name| planned(name) == agents).collect::<Vec<_>>()
    });
    view! {
        <div class="rooms-row" class:hidden=follow(move || mine.with(Vec::is_empty))>
            {rows(move || mine.get(), move |name| room(cluster, name))}
        </div>
    }
    .into_any()
}

fn room(cluster: Cluster, name: String) -> AnyView {
    let node = StoredValue::new(name.clone());
    let agent = kept(move || {
        cluster.mesos.with(|section| {
            let agents = &section.as_ref()?.body.agents;
            agents.iter().find(|agent| agent.node == node.read_value().as_str()).cloned()
        })
    });
    let badges = kept(move || Badges::of(cluster, &node.read_value()));
    let address = move || {
        let address = cluster.plan.with(|plan| plan.node(&node.read_value()).map(|node| node.address.octets()[3]));
        address.map(|last| format!(".{last}"))
    };
    let test = format!("room-{name}");
    view! {
        <div
            class="room"
            class:lead=follow(move || badges.with(|badges| badges.leads_mesos))
            class:down=follow(move || badges.with(|badges| badges.down) || agent.with(|agent| agent.as_ref().is_some_and(lost)))
            data-test=test
        >
            <div class="hd" title=name.clone()><span class="cut">{name.clone()}</span><small>{live(address)}</small></div>
            <div class="roles">
                {live(move || badges.with(Badges::chips))}
                {live(move || agent.with(|agent| agent.as_ref().and_then(agent_chip)))}
            </div>
            {live(move || agent.with(Option::is_some).then(|| works(agent)))}
        </div>
    }
    .into_any()
}

fn lost(agent: &Agent) -> bool {
    matches!(agent.state, AgentState::Unreachable | AgentState::Inactive)
}

fn agent_chip(agent: &Agent) -> Option<AnyView> {
    let look = match agent.state {
        AgentState::Active => return None,
        AgentState::Absent => Look::Quiet,
        AgentState::Recovering | AgentState::Inactive | AgentState::Unreachable => Look::Warn,
    };
    Some(chip(look, words_of::agent_state(agent.state).to_owned()))
}

/// What an agent runs and has in use.
fn works(agent: Kept<Option<Agent>>) -> AnyView {
    let count = move || agent.with(|agent| agent.as_ref().map_or(0, |agent| agent.tasks.len()));
    let drawn = move || {
        agent.with(|agent| {
            let tasks = agent.as_ref().map(|agent| agent.tasks.as_slice()).unwrap_or_default();
            tasks.iter().take(TASKS).map(|task| task.id.clone()).collect()
        })
    };
    let more = move || {
        let hidden = count().saturating_sub(TASKS);
        (hidden > 0).then(|| format!("+{hidden}"))
    };
    let many = move || count() > 12;
    let share = move |of: fn(&Agent) -> Share| agent.with(|agent| agent.as_ref().map(of).unwrap_or_default());
    let cpus = move || share(|agent| agent.cpus);
    let memory = move || share(|agent| agent.mem_mb);
    let away = move || agent.with(|agent| agent.as_ref().is_none_or(lost));
    let cpu_text = move || {
        let Share { used, total } = cpus();
        let used = if away() { "–".to_owned() } else { format::number(used, 2, lang()) };
        format!("{used} / {}", format::number(total, 2, lang()))
    };
    let memory_text = move || {
        let Share { used, total } = memory();
        if away() { format!("– / {}", format::memory(total, lang())) } else { format::memory_of(used, total, lang()) }
    };
    let pair = |share: Share| (share.used, share.total);
    view! {
        <div class="tasks" class:many=many>
            {rows(drawn, move |id| block(agent, id))}
            {live(more)}
        </div>
        <div class="use">
            <span>"CPU"</span>
            {bar(move || pair(cpus()), move || t("Processors in use", "Processeurs utilisés").to_owned(), false)}
            <span>{live(cpu_text)}</span>
        </div>
        <div class="use">
            <span>{live(move || t("Mem", "Mém"))}</span>
            {bar(move || pair(memory()), move || t("Memory in use", "Mémoire utilisée").to_owned(), false)}
            <span>{live(memory_text)}</span>
        </div>
    }
    .into_any()
}

/// One task's block. The room keeps its blocks by their tasks' ids, so a block that stays does not blink.
fn block(agent: Kept<Option<Agent>>, id: String) -> AnyView {
    let now = kept(move || agent.with(|agent| agent.as_ref()?.tasks.iter().find(|task| task.id == id).cloned()));
    let application = now.with_untracked(|now| now.as_ref().map(|task| task.application.clone())).unwrap_or_default();
    let colour = expect_context::<Colours>().of(&application);
    let starting = move || now.with(|now| now.as_ref().is_none_or(|task| task.state != "TASK_RUNNING"));
    let ill = move || now.with(|now| now.as_ref().is_some_and(|task| task.healthy == Some(false)));
    let says = kept(move || {
        now.with(|now| format!("{application} · {}", now.as_ref().map_or("", |task| task.state.as_str())))
    });
    view! {
        <i role="img" class:new=starting class:ill=ill style=("--c", colour) title=follow(move || says.get()) aria-label=follow(move || says.get()) data-test="task"></i>
    }
    .into_any()
}

/// What a machine does, and whether it leads in it.
#[derive(Clone, Default, PartialEq)]
struct Badges {
    /// The ensemble's mode here; outer none if it is no server, inner if nothing was seen of it.
    zookeeper: Option<Option<ZooKeeperMode>>,
    /// Whether a master here answers, if there is one.
    master: Option<bool>,
    leads_mesos: bool,
    /// The scheduler's name, whether it answers, whether it leads.
    scheduler: Option<(&'static str, bool, bool)>,
    down: bool,
}

impl Badges {
    /// Tracked.
    fn of(cluster: Cluster, node: &str) -> Self {
        let mut badges = cluster.plan.with(|plan| Self::planned(plan, node));
        if badges.zookeeper.is_some() {
            badges.zookeeper = Some(cluster.ensemble.with(|section| {
                let servers = &section.as_ref()?.body.servers;
                servers.iter().find(|server| server.node == node).map(|server| server.mode)
            }));
        }
        cluster.mesos.with(|section| {
            let find = |mesos: &MesosView| mesos.masters.iter().find(|master| master.node == node).cloned();
            if let Some(master) = section.as_ref().and_then(|section| find(&section.body)) {
                badges.master = Some(master.reachable);
                badges.leads_mesos = master.leading;
            }
        });
        cluster.applications.with(|section| {
            if let (Some((_, answers, leads)), Some(section)) = (&mut badges.scheduler, section) {
                *answers = section.body.answering.iter().any(|other| other == node);
                *leads = section.body.leader.as_deref() == Some(node);
            }
        });
        badges.down = cluster.machines.with(|section| {
            let machines = section.as_ref().map(|section| section.body.as_slice()).unwrap_or_default();
            machines.iter().any(|machine| {
                machine.node == node
                    && matches!(machine.state, MachineState::Halted | MachineState::Missing | MachineState::Paused)
            })
        });
        badges
    }

    fn planned(plan: &ClusterPlan, node: &str) -> Self {
        let Some(node) = plan.node(node) else { return Self::default() };
        Self {
            zookeeper: node.roles.zookeeper.map(|_| None),
            master: node.roles.master.then_some(false),
            scheduler: node.roles.marathon.then(|| (words_of::scheduler(plan.scheduler.kind), false, false)),
            ..Self::default()
        }
    }

    fn chips(&self) -> Vec<AnyView> {
        let zookeeper = self.zookeeper.map(|mode| match mode {
            Some(ZooKeeperMode::Leader | ZooKeeperMode::Standalone) => crowned("ZooKeeper".into()),
            Some(ZooKeeperMode::Follower) => chip(Look::Info, "ZooKeeper".into()),
            Some(ZooKeeperMode::Looking) => {
                chip(Look::Warn, format!("ZooKeeper · {}", words_of::zookeeper_mode(ZooKeeperMode::Looking)))
            }
            Some(ZooKeeperMode::Down) | None => faint("ZooKeeper"),
        });
        let master = self.master.map(|answers| match (self.leads_mesos, answers) {
            (true, _) => crowned("Mesos".into()),
            (false, true) => chip(Look::Quiet, "Mesos".into()),
            (false, false) => faint("Mesos"),
        });
        let scheduler = self.scheduler.map(|(name, answers, leads)| match (leads, answers) {
            (true, _) => crowned(name.into()),
            (false, true) => chip(Look::Quiet, name.into()),
            (false, false) => faint(name),
        });
        [zookeeper, master, scheduler].into_iter().flatten().collect()
    }
}

/// A role that does not answer.
fn faint(name: &'static str) -> AnyView {
    view! { <span class="chip faint">{name}</span> }.into_any()
}

#[cfg(test)]
mod tests {
    use leptos::prelude::*;

    use super::Badges;
    use crate::{scenes, store::Cluster};

    #[test]
    fn exactly_one_machine_leads_mesos() {
        Owner::new().with(|| {
            let view = scenes::up();
            let nodes: Vec<_> = view.plan.nodes.iter().map(|node| node.name.clone()).collect();
            let cluster = Cluster::new(view);
            let leaders = nodes.iter().filter(|node| Badges::of(cluster, node).leads_mesos).count();
            assert_eq!(leaders, 1);
        });
    }
}
