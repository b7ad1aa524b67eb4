//! Follows the scheduler: its applications, read on every event, and now and then without, since what waits and why
//! gives no events.

use std::{sync::Arc, time::Duration};

use futures::{StreamExt, future::join_all};
use marathon::{AppInfo, Client, Error, Signal};
use plan::ClusterPlan;
use protocol::Applications;
use tokio::{
    sync::{Notify, watch},
    time::Instant,
};

use super::{Answering, probe, while_present};
use crate::{
    board::{Board, now_ms},
    pace,
    section::Reading,
    view::{applications as view, endings::Endings, mesos::Health},
};

/// How long a scheduler may take to say that it is there.
const PROBE_DEADLINE: Duration = Duration::from_millis(1_500);
/// How long it may take for the rest.
const DEADLINE: Duration = Duration::from_secs(5);
/// How often everything is read without any news.
const CALM: Duration = Duration::from_secs(2);

/// Follows the scheduler, for ever, and tells `health` what its checks say.
pub async fn follow(plan: &ClusterPlan, board: &Board, health: &watch::Sender<Arc<Health>>) {
    while_present(board, || async {
        let Some(client) = client(plan, DEADLINE, |_| true) else { return std::future::pending().await };
        let (news, answering) = (Notify::new(), watch::Sender::new(None));
        let each = each(plan);
        tokio::join!(
            probe(&answering, &news, || answering_now(&each)),
            listen(&client, &news),
            read(plan, board, answering.subscribe(), health, &news),
        );
    })
    .await;
}

/// Looks once; gives what the health checks say as well.
pub async fn look(plan: &ClusterPlan) -> (Reading<Applications>, Health) {
    let answering = answering_now(&each(plan)).await;
    let said = ask(client_of(plan, &answering).as_ref()).await;
    let health = said.apps.as_ref().map(|apps| view::health(apps)).unwrap_or_default();
    (reading(plan, &answering, said, None), health)
}

/// A client for those of the plan's schedulers whose machines are `wanted`; none if there are none.
fn client(plan: &ClusterPlan, deadline: Duration, wanted: impl Fn(&str) -> bool) -> Option<Client> {
    let port = plan.scheduler.port;
    let bases = plan.schedulers().filter(|n| wanted(&n.name)).map(|n| format!("http://{}:{port}", n.address));
    Client::new(bases).ok().map(|client| client.with_deadline(deadline))
}

fn client_of(plan: &ClusterPlan, answering: &[String]) -> Option<Client> {
    client(plan, DEADLINE, |name| answering.iter().any(|a| a == name))
}

/// A client for each machine alone, to ask whether that one is there.
fn each(plan: &ClusterPlan) -> Vec<(String, Client)> {
    let alone = |node: &plan::Node| Some((node.name.clone(), client(plan, PROBE_DEADLINE, |name| name == node.name)?));
    plan.schedulers().filter_map(alone).collect()
}

async fn answering_now(each: &[(String, Client)]) -> Vec<String> {
    let probes: Vec<_> = each.iter().map(|(node, client)| answers(node, client)).collect();
    join_all(probes).await.into_iter().flatten().collect()
}

async fn answers(node: &str, client: &Client) -> Option<String> {
    // Whatever else it says, it is there.
    let there = !matches!(client.ping().await, Err(Error::Unreachable { .. }));
    there.then(|| node.to_owned())
}

async fn listen(client: &Client, news: &Notify) {
    let mut events = std::pin::pin!(client.events());
    while let Some(signal) = events.next().await {
        if let Signal::Lost(error) = signal {
            tracing::debug!(%error, "the scheduler's events are lost");
        }
        news.notify_one();
    }
}

async fn read(
    plan: &ClusterPlan,
    board: &Board,
    mut known: watch::Receiver<Answering>,
    health: &watch::Sender<Arc<Health>>,
    news: &Notify,
) {
    let mut asked: (Vec<String>, Option<Client>) = Default::default();
    loop {
        // The prober lives as long as we do.
        let Ok(answering) = known.wait_for(Option::is_some).await.map(|known| known.clone().unwrap_or_default()) else {
            return;
        };
        if asked.0 != answering {
            // Only schedulers that answer are asked, so that none has to be waited for in vain.
            asked = (answering.clone(), client_of(plan, &answering));
        }
        let begun = Instant::now();
        let said = ask(asked.1.as_ref()).await;
        let rest = match &said.apps {
            Ok(apps) => {
                tell(health, view::health(apps));
                pace::rest_after(begun.elapsed())
            }
            Err(_) => pace::rest_after(Duration::ZERO),
        };
        board.show(reading(plan, &answering, said, board.shown()), &Endings::default());
        pace::next_look(rest, CALM, news).await;
    }
}

fn tell(health: &watch::Sender<Arc<Health>>, now: Health) {
    health.send_if_modified(|known| {
        let news = **known != now;
        if news {
            *known = Arc::new(now);
        }
        news
    });
}

/// What the scheduler said.
struct Said {
    leader: Option<String>,
    apps: Result<Vec<AppInfo>, Error>,
    queue: Vec<marathon::QueueItem>,
}

async fn ask(client: Option<&Client>) -> Said {
    let Some(client) = client else {
        return Said { leader: None, apps: Err(Error::Unreachable { attempts: Vec::new() }), queue: Vec::new() };
    };
    let (leader, apps, queue) = tokio::join!(client.leader(), client.apps(), client.queue());
    // Without these two there is still a picture.
    Said { leader: leader.ok().flatten(), apps, queue: queue.unwrap_or_default() }
}

/// What is seen: the schedulers in any case, the applications as of before if nobody can tell.
fn reading(
    plan: &ClusterPlan,
    answering: &[String],
    said: Said,
    before: Option<Applications>,
) -> Reading<Applications> {
    // Until its session ends, a leader that was killed is still named by the others.
    let leader = said.leader.and_then(|leader| view::leader(plan, &leader)).filter(|node| answering.contains(node));
    let answering = answering.to_vec();
    match said.apps {
        Ok(apps) => {
            let applications = view::applications(plan, &apps, &said.queue, now_ms());
            Reading::Whole(Applications { answering, leader, applications })
        }
        Err(error) => {
            let applications = before.map(|before| before.applications).unwrap_or_default();
            // Where nothing was started yet, nothing is wrong.
            let fresh = answering.is_empty() && applications.is_empty();
            let seen = Applications { answering, leader, applications };
            if fresh { Reading::Whole(seen) } else { Reading::Partial(seen, error.problem()) }
        }
    }
}
