//! `status`: how a cluster is, once or as it changes.

use std::fmt::Write;

use app::{Error, Exit, Home, PlanFile};
use protocol::{
    AgentState, ApplicationState, Change, ClusterState, Ensemble, Live, Machine, MachineState, MesosView, Service,
    ZooKeeperMode,
};
use serde::Serialize;
use words::{Problem, Text, text};

use super::say::Say;

pub async fn status(home: &Home, say: &Say, name: &str, watch: bool) -> Result<Exit, Error> {
    #[derive(Serialize)]
    struct Status<'a> {
        cluster: &'a str,
        state: ClusterState,
        folder: String,
        endpoints: Vec<protocol::Endpoint>,
        /// What became of the plan's file since the machines were made.
        #[serde(skip_serializing_if = "Option::is_none")]
        plan_trouble: Option<Problem>,
        live: &'a Live,
    }
    let cluster = home.open_made(name)?;
    let live = cluster.look().await;
    let state = home.state(name, cluster.plan())?;
    let plan_trouble = plan_trouble(name, home.plan_file(name)?);
    let mut first = format!("{name}: {}", say.text(&describe(state)));
    if state == ClusterState::Up {
        worries(&live).iter().for_each(|worry| first = format!("{first}; {}", say.text(worry)));
    }
    say.line(first);
    say.line(if state == ClusterState::Halted { machines(say, &live) } else { report(say, &live) });
    if let (Some(problem), false) = (&plan_trouble, say.is_json()) {
        say.problem(problem);
    }
    let folder = cluster.folder().display().to_string();
    say.object(&Status { cluster: name, state, folder, endpoints: cluster.endpoints(), plan_trouble, live: &live });
    if watch { follow(say, &cluster).await } else { Ok(trouble(say, &live)) }
}

/// What is wrong with a cluster that was brought up, in few words; nothing if all is well.
fn worries(live: &Live) -> Vec<Text> {
    let mut worries = Vec::new();
    if let Some(ensemble) = live.ensemble.as_ref().map(|e| &e.body) {
        let (serving, of) = (ensemble.serving(), ensemble.servers.len());
        if serving < ensemble.majority {
            worries.push(text!("ZooKeeper has no majority", "ZooKeeper n’a pas de majorité"));
        } else if serving < of {
            worries.push(text!(
                "{serving} of {of} ZooKeeper servers answer",
                "{serving} serveurs ZooKeeper sur {of} répondent"
            ));
        }
    }
    if let Some(mesos) = live.mesos.as_ref().map(|m| &m.body) {
        if mesos.leader().is_none() {
            worries.push(text!("no Mesos master leads", "aucun maître Mesos ne dirige"));
        }
        let lost = mesos.agents.iter().filter(|a| a.state != AgentState::Active).count();
        if lost > 0 {
            worries.push(text!("{lost} agent(s) are not active", "{lost} agent(s) ne sont pas actifs"));
        }
    }
    if live.applications.as_ref().is_some_and(|applications| applications.body.leader.is_none()) {
        worries.push(text!("no scheduler leads", "aucun ordonnanceur ne dirige"));
    }
    worries
}

/// A plan that says otherwise than the machines that there are.
fn plan_trouble(name: &str, file: PlanFile) -> Option<Problem> {
    match file {
        PlanFile::AsMade => None,
        PlanFile::Unusable(problem) => Some(*problem),
        PlanFile::Changed => Some(Problem::new(
            "plan-changed",
            text!(
                "The plan was changed since {name} was brought up.",
                "Le plan a changé depuis que {name} a été démarré."
            ),
            text!("Bring the cluster to it: startline up {name}", "Amenez-y le cluster : startline up {name}"),
        )),
    }
}

/// A machine provider that can't answer is the program's failure; a server that is down is news.
fn trouble(say: &Say, live: &Live) -> Exit {
    match live.machines.as_ref().and_then(|m| m.trouble.as_ref()) {
        Some(problem) => {
            if !say.is_json() {
                say.problem(problem);
            }
            Exit::Failed
        }
        None => Exit::Success,
    }
}

async fn follow(say: &Say, cluster: &app::Cluster) -> Result<Exit, Error> {
    let (_, mut watcher) = cluster.watch();
    cluster.follow();
    let interrupt = tokio::signal::ctrl_c();
    tokio::pin!(interrupt);
    loop {
        tokio::select! {
            event = watcher.next() => match event {
                Some(event) => {
                    say.event(&event);
                    if let Change::Feed(feed) = &event.change {
                        let (title, detail) = (words::plain(say.text(&feed.title)), words::plain(say.text(&feed.detail)));
                        say.line(if detail.is_empty() { title } else { format!("{title} — {detail}") });
                    }
                }
                None => watcher = cluster.watch().1,
            },
            _ = &mut interrupt => return Ok(Exit::Success),
        }
    }
}

/// Where a cluster stands, in words.
pub fn describe(state: ClusterState) -> Text {
    match state {
        ClusterState::Planned => text!("planned", "planifié"),
        ClusterState::Partial { done, of } => text!("{done} of {of} steps done", "{done} étapes sur {of} faites"),
        ClusterState::Up => text!("up", "en marche"),
        ClusterState::Halted => text!("halted", "arrêté"),
        ClusterState::Unreadable => text!("its plan can't be read", "son plan est illisible"),
    }
}

/// A service's name, as people say it.
pub fn service(service: Service) -> &'static str {
    match service {
        Service::ZooKeeper => "ZooKeeper",
        Service::Master => "Mesos",
        Service::Agent => "agent",
        Service::Scheduler => "Marathon",
    }
}

/// The machines alone: of a halted cluster there is nothing else to say.
fn machines(say: &Say, live: &Live) -> String {
    let mut out = String::new();
    if let Some(machines) = &live.machines {
        report_machines(&mut out, say, &machines.body);
    }
    out.trim_end().to_owned()
}

fn report(say: &Say, live: &Live) -> String {
    let mut out = machines(say, live);
    out.push('\n');
    if let Some(ensemble) = &live.ensemble {
        report_ensemble(&mut out, say, &ensemble.body);
    }
    if let Some(mesos) = &live.mesos {
        report_mesos(&mut out, say, &mesos.body);
    }
    for node in live.applications.iter().flat_map(|a| &a.body.answering) {
        let leads = live.applications.as_ref().is_some_and(|a| a.body.leader.as_ref() == Some(node));
        let state = if leads { say.pick("leads", "dirige") } else { say.pick("stands by", "se tient prêt") };
        line(&mut out, format!("  Marathon  {:<10} {state}", words::plain(node)));
    }
    for application in live.applications.iter().flat_map(|a| &a.body.applications) {
        let state = match &application.state {
            ApplicationState::Stable => say.pick("stable", "stable").to_owned(),
            ApplicationState::Suspended => say.pick("suspended", "suspendue").to_owned(),
            ApplicationState::Deploying => say.pick("deploying", "en déploiement").to_owned(),
            ApplicationState::Waiting { reason } => words::plain(say.text(reason)),
        };
        let id = words::plain(&application.id);
        let health = match application.checked {
            true => format!(", {} {}", application.healthy, say.pick("healthy", "saine(s)")),
            false => String::new(),
        };
        let addresses = addresses(&application.addresses);
        line(
            &mut out,
            format!("  {id:<20} {}/{}{health}  {state}  {addresses}", application.running, application.instances),
        );
        if let (ApplicationState::Waiting { .. }, Some(failure)) = (&application.state, &application.last_failure) {
            let (node, why) = (words::plain(&failure.node), words::plain(&failure.message));
            line(&mut out, format!("  {:<20} {}: {why} ({node})", "", say.pick("the last failure", "dernier échec")));
        }
    }
    out.trim_end().to_owned()
}

/// The first few: an application can have hundreds.
fn addresses(all: &[String]) -> String {
    const SHOWN: usize = 4;
    let mut shown = words::plain(&all[..all.len().min(SHOWN)].join(" "));
    if all.len() > SHOWN {
        shown += &format!(" +{}", all.len() - SHOWN);
    }
    shown
}

fn report_machines(out: &mut String, say: &Say, machines: &[Machine]) {
    for machine in machines {
        let state = match machine.state {
            MachineState::Missing => say.pick("not made", "pas créée"),
            MachineState::Running => say.pick("running", "démarrée"),
            MachineState::Halted => say.pick("halted", "arrêtée"),
            MachineState::Paused => say.pick("paused", "en pause"),
            MachineState::Unknown => say.pick("unknown", "inconnu"),
        };
        line(out, format!("  {:<20} {:<16} {state}", machine.node, machine.address));
    }
}

fn report_ensemble(out: &mut String, say: &Say, ensemble: &Ensemble) {
    for server in &ensemble.servers {
        let mode = match server.mode {
            ZooKeeperMode::Leader => say.pick("leader", "chef"),
            ZooKeeperMode::Follower => say.pick("follower", "suiveur"),
            ZooKeeperMode::Standalone => say.pick("standalone", "seul"),
            ZooKeeperMode::Looking => say.pick("looking for a leader", "cherche un chef"),
            ZooKeeperMode::Down => say.pick("no answer", "pas de réponse"),
        };
        line(out, format!("  ZooKeeper {:<10} {:<22} {mode}", server.node, server.address));
    }
}

fn report_mesos(out: &mut String, say: &Say, mesos: &MesosView) {
    for master in &mesos.masters {
        let state = match (master.reachable, master.leading) {
            (_, true) => say.pick("leads", "dirige"),
            (true, false) => say.pick("stands by", "se tient prêt"),
            (false, false) => say.pick("no answer", "pas de réponse"),
        };
        line(out, format!("  Mesos     {:<10} {:<22} {state}", master.node, master.address));
    }
    for agent in &mesos.agents {
        let state = match agent.state {
            AgentState::Absent => say.pick("not registered", "pas enregistré"),
            AgentState::Active => say.pick("active", "actif"),
            AgentState::Recovering => say.pick("coming back", "en retour"),
            AgentState::Inactive => say.pick("inactive", "inactif"),
            AgentState::Unreachable => say.pick("unreachable", "injoignable"),
        };
        let (cpus, mem) = (agent.cpus, agent.mem_mb);
        let node = words::plain(&agent.node);
        if agent.state == AgentState::Absent {
            line(out, format!("  agent     {node:<10} {state}"));
            continue;
        }
        line(
            out,
            format!(
                "  agent     {node:<10} {state:<12} {}/{} CPU  {:.0}/{:.0} {}  {} {}",
                say.tenths(cpus.used),
                say.tenths(cpus.total),
                mem.used,
                mem.total,
                say.pick("MiB", "Mio"),
                agent.tasks.len(),
                say.pick("task(s)", "tâche(s)")
            ),
        );
    }
}

fn line(out: &mut String, line: String) {
    // Writing to a string can't fail.
    let _ = writeln!(out, "{}", line.trim_end());
}
