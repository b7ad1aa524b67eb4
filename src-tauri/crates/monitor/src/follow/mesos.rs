//! Follows Mesos: `/state` of the leader, read on every news of its stream, and now and then without, since the stream
//! does not tell everything.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures::future::join_all;
use mesos::{
    Error,
    operator::{Client, Turn},
    state::State,
    v1::operator::Event,
};
use plan::ClusterPlan;
use protocol::{AgentState, MesosView};
use tokio::{
    sync::{Notify, watch},
    time::{Instant, timeout},
};

use super::{Answering, probe, while_present};
use crate::{
    board::Board,
    pace,
    section::Reading,
    view::{
        endings::Endings,
        mesos::{self as view, Health},
    },
};

/// How long a master may take to answer that.
const PROBE_DEADLINE: Duration = Duration::from_millis(1_500);
/// How often `/state` is read without any news.
const CALM: Duration = Duration::from_secs(2);
/// How often it is tried when it could not be read: a new leader shall be seen soon.
const EAGER: Duration = Duration::from_millis(250);

/// What was heard since the last look.
#[derive(Debug, Default)]
struct Heard {
    news: Notify,
    endings: Mutex<Endings>,
}

/// Follows Mesos, for ever. `health` is what the scheduler's checks say.
pub async fn follow(plan: &ClusterPlan, board: &Board, health: watch::Receiver<Arc<Health>>) {
    while_present(board, || async {
        let Some(client) = client(plan, |_| true) else { return std::future::pending().await };
        let heard = Heard::default();
        let known = watch::Sender::new(None);
        tokio::join!(
            probe(&known, &heard.news, || reachable(plan, &client)),
            listen(&client, &heard),
            listen_to(health.clone(), &heard),
            read(plan, board, known.subscribe(), &health, &heard),
        );
    })
    .await;
}

/// Looks once.
pub async fn look(plan: &ClusterPlan, health: &Health) -> Reading<MesosView> {
    let reachable = match client(plan, |_| true) {
        Some(client) => reachable(plan, &client).await,
        None => Vec::new(),
    };
    let answering = client(plan, |name| reachable.iter().any(|r| r == name));
    let state = state(plan, answering.as_ref()).await;
    reading(plan, &reachable, state.as_ref(), health, None)
}

/// A client for those of the plan's masters whose machines are `wanted`; none if there are none.
fn client(plan: &ClusterPlan, wanted: impl Fn(&str) -> bool) -> Option<Client> {
    let masters: Vec<_> = plan.masters().filter(|n| wanted(&n.name)).map(|n| address(plan, n)).collect();
    if masters.is_empty() { None } else { Client::new(masters).ok() }
}

fn address(plan: &ClusterPlan, node: &plan::Node) -> String {
    format!("{}:{}", node.address, plan.mesos.master_port)
}

/// The machines whose masters answer now, leading or not.
async fn reachable(plan: &ClusterPlan, client: &Client) -> Vec<String> {
    let probes: Vec<_> = plan.masters().map(|node| answers(client, node.name.clone(), address(plan, node))).collect();
    join_all(probes).await.into_iter().flatten().collect()
}

async fn answers(client: &Client, node: String, address: String) -> Option<String> {
    // Whatever it says, it is there.
    match timeout(PROBE_DEADLINE, client.health(&address)).await {
        Ok(Ok(()) | Err(Error::NoLeader | Error::Refused { .. })) => Some(node),
        Ok(Err(_)) | Err(_) => None,
    }
}

/// Listens to the leader's stream: every event is a reason to look, and tells how tasks end.
async fn listen(client: &Client, heard: &Heard) {
    let mut stream = client.subscribe();
    loop {
        match stream.next().await {
            Turn::Event(Event::Heartbeat) => continue,
            Turn::Event(Event::TaskUpdated(update)) => heard.with_endings(|endings| endings.hear(&update)),
            Turn::Event(_) => {}
            Turn::Lost(error) => tracing::debug!(%error, "the stream of Mesos is lost"),
        }
        heard.news.notify_one();
    }
}

/// What the scheduler's checks say is shown with the tasks.
async fn listen_to(mut health: watch::Receiver<Arc<Health>>, heard: &Heard) {
    while health.changed().await.is_ok() {
        heard.news.notify_one();
    }
}

impl Heard {
    fn with_endings<T>(&self, use_them: impl FnOnce(&mut Endings) -> T) -> T {
        use_them(&mut self.endings.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

async fn read(
    plan: &ClusterPlan,
    board: &Board,
    mut known: watch::Receiver<Answering>,
    health: &watch::Receiver<Arc<Health>>,
    heard: &Heard,
) {
    let mut asked: (Vec<String>, Option<Client>) = Default::default();
    loop {
        // The prober lives as long as we do.
        let Ok(reachable) = known.wait_for(Option::is_some).await.map(|known| known.clone().unwrap_or_default()) else {
            return;
        };
        if asked.0 != reachable {
            // Only masters that answer are asked, so that none has to be waited for in vain.
            asked = (reachable.clone(), client(plan, |name| reachable.iter().any(|r| r == name)));
        }
        let begun = Instant::now();
        let state = state(plan, asked.1.as_ref()).await;
        let endings = heard.with_endings(|endings| {
            state.iter().for_each(|state| endings.read(state));
            std::mem::take(endings)
        });
        let healthy = Arc::clone(&health.borrow());
        board.show(reading(plan, &reachable, state.as_ref(), &healthy, board.shown().as_ref()), &endings);
        let (rest, calm) = match state {
            Ok(_) => (pace::rest_after(begun.elapsed()), CALM),
            Err(_) => (EAGER, EAGER),
        };
        pace::next_look(rest, calm, &heard.news).await;
    }
}

/// `/state` of the leader, through masters that answer.
async fn state(plan: &ClusterPlan, client: Option<&Client>) -> Result<State, Error> {
    let nobody = || {
        let masters: Vec<_> = plan.masters().map(|node| address(plan, node)).collect();
        Error::Unreachable { address: masters.join(", "), why: "no master answers".to_owned() }
    };
    client.ok_or_else(nobody)?.state().await
}

/// What is seen: the masters in any case, the agents as of before if nobody can tell.
fn reading(
    plan: &ClusterPlan,
    reachable: &[String],
    state: Result<&State, &Error>,
    health: &Health,
    before: Option<&MesosView>,
) -> Reading<MesosView> {
    let agents = before.map(|before| before.agents.as_slice()).unwrap_or_default();
    match state {
        Ok(state) => Reading::Whole(MesosView {
            masters: view::masters(plan, reachable, view::leader(state)),
            agents: view::agents(plan, state, health, agents),
        }),
        Err(error) => {
            let known = agents.iter().any(|a| a.state != AgentState::Absent);
            let agents = if known { agents.to_vec() } else { view::planned_agents(plan) };
            let view = MesosView { masters: view::masters(plan, reachable, None), agents };
            // Where nothing was started yet, nothing is wrong.
            if reachable.is_empty() && !known { Reading::Whole(view) } else { Reading::Partial(view, error.problem()) }
        }
    }
}
