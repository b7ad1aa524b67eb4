//! Which of several Pacers leads: each has an ephemeral, sequential node under `PATH/leader`, with its address in it; the
//! smallest leads, the others wait for it to go.

use std::sync::Arc;
use std::time::Duration;

use tls::ensemble::{self, NoSession};
use tokio::sync::mpsc::unbounded_channel;
use tokio::time::{sleep, timeout};
use zookeeper_client as zk;

use crate::checks::Checks;
use crate::framework::{Framework, Masters, introduce};
use crate::leading::{Deposed, Hands, Reign, lead, recall};
use crate::shared::{Role, Shared};
use crate::store::Store;

/// From a lost session to the next try; doubled up to [`SLOWEST`].
const QUICKEST: Duration = Duration::from_millis(100);
/// The longest time between two tries.
const SLOWEST: Duration = Duration::from_millis(500);
/// How long stepping down may take before we just go.
const FAREWELL: Duration = Duration::from_secs(1);

/// What the members' nodes are called.
const MEMBER: &str = "member_";

/// Takes part in elections, and leads when elected, until it is stopped.
pub async fn run(shared: Arc<Shared>) {
    let mut pause = QUICKEST;
    let mut said = String::new();
    loop {
        let Deposed(why) = tokio::select! {
            why = one_session(&shared) => why,
            () = shared.stopping() => return,
        };
        shared.set_role(Role::Following(None));
        pause = if shared.was_leading() { QUICKEST } else { (pause * 2).min(SLOWEST) };
        if why != said {
            shared.log.warn(format_args!("Left the election: {why}"));
            said = why;
        }
        tokio::select! {
            () = sleep(pause) => {}
            () = shared.stopping() => return,
        }
    }
}

/// Takes part with one session, until that ends or we step down.
async fn one_session(shared: &Arc<Shared>) -> Deposed {
    match take_part(shared).await {
        Ok(why) => why,
        Err(error) => Deposed(format!("ZooKeeper at {}: {error}", shared.config.zk.hosts)),
    }
}

async fn take_part(shared: &Arc<Shared>) -> Result<Deposed, NoSession> {
    let (client, acls) = connect(shared).await?;
    let folder = format!("{}/leader", shared.config.zk.path);
    client.mkdir(&folder, &zk::CreateMode::Persistent.with_acls(acls)).await?;
    let options = zk::CreateMode::EphemeralSequential.with_acls(acls);
    let address = shared.name.as_bytes();
    let (_, sequence) = client.create(&format!("{folder}/{MEMBER}"), address, &options).await?;
    let name = format!("{MEMBER}{sequence}");
    let member = format!("{folder}/{name}");
    let term = Term { shared, client: &client, acls, member: &member };
    let why = tokio::select! {
        why = watch_members(&term, &folder, &name) => why,
        () = shared.stopping() => Ok(Deposed("we stop".to_owned())),
    };
    // From here on nothing can be changed through us; leaving may take a moment.
    shared.set_role(Role::Following(None));
    // Others need not wait for our session to end.
    if let Err(error) | Ok(Err(error)) =
        timeout(FAREWELL, client.delete(&member, None)).await.map_err(|_| zk::Error::Timeout)
    {
        shared.log.warn(format_args!("Could not leave in order: {error}"));
    }
    Ok(why?)
}

/// One membership in the election.
struct Term<'a> {
    shared: &'a Arc<Shared>,
    client: &'a zk::Client,
    acls: zk::Acls<'static>,
    member: &'a str,
}

async fn watch_members(term: &Term<'_>, folder: &str, name: &str) -> Result<Deposed, zk::Error> {
    loop {
        let (mut members, watcher) = term.client.list_and_watch_children(folder).await?;
        members.retain(|member| member.starts_with(MEMBER));
        members.sort();
        match members.first() {
            Some(first) if first == name => return govern(term).await,
            Some(first) if members.iter().any(|member| member == name) => {
                let leader = match term.client.get_data(&format!("{folder}/{first}")).await {
                    Ok((data, _)) => Some(String::from_utf8_lossy(&data).into_owned()),
                    Err(zk::Error::NoNode) => None,
                    Err(error) => return Err(error),
                };
                term.shared.set_role(Role::Following(leader));
            }
            _ => return Ok(Deposed("our node is gone".to_owned())),
        }
        let event = watcher.changed().await;
        if event.session_state.is_terminated() {
            return Err(zk::Error::SessionExpired);
        }
    }
}

/// Leads for one term.
async fn govern(term: &Term<'_>) -> Result<Deposed, zk::Error> {
    let shared = term.shared;
    shared.log.info("Elected as leader");
    let mut store = Store::open(term.client.clone(), term.acls, &shared.config.zk.path, term.member.to_owned()).await?;
    let records = store.load().await?;
    let mut core = match recall(&shared.config, records) {
        Ok(core) => core,
        Err(deposed) => return Ok(deposed),
    };
    let unfinished = core.take_outbox();
    let id = core.framework_id().map(str::to_owned);
    let (reign, inputs) = Reign::new(core);
    let (calls, receiver) = unbounded_channel();
    let framework = Framework {
        info: introduce(&shared.config, id.as_deref(), &shared.hostname, shared.page()),
        masters: Masters::new(shared),
        inputs: reign.inputs(),
        calls: receiver,
        log: shared.log.clone(),
    };
    let mut checks = Checks::new(shared.checking.clone(), shared.reach.clone(), reign.inputs());
    unfinished.checks.into_iter().for_each(|order| checks.obey(order));
    let hands = Hands { store, calls, checks, events: shared.events.clone() };
    shared.set_role(Role::Leading(reign.clone()));
    let mut session = term.client.state_watcher();
    Ok(tokio::select! {
        why = lead(&reign, inputs, hands) => why,
        () = framework.run(shared.scheduler.clone()) => Deposed("the connection to Mesos ended".to_owned()),
        () = reign.abdicate.notified() => Deposed("we were asked to step down".to_owned()),
        state = ended(&mut session) => Deposed(format!("our ZooKeeper session is {state}")),
    })
}

/// Waits for the session's end.
async fn ended(session: &mut zk::StateWatcher) -> zk::SessionState {
    loop {
        let state = session.changed().await;
        if state.is_terminated() {
            return state;
        }
    }
}

/// Connects. The session is left open when we go, as `kill -9` would: whoever leaves in order removes its node first.
async fn connect(shared: &Shared) -> Result<(zk::Client, zk::Acls<'static>), NoSession> {
    let zk_url = &shared.config.zk;
    let connector = zk::Client::connector().with_session_timeout(shared.config.zk_session_timeout).with_detached();
    let (connector, acls) = match &zk_url.credentials {
        Some(credentials) => (connector.with_auth("digest", credentials.as_bytes()), zk::Acls::creator_all()),
        None => (connector, zk::Acls::anyone_all()),
    };
    let client =
        ensemble::connect(connector.with_fail_eagerly(), shared.zookeepers.hosts(), shared.tls_for(zk_url)).await?;
    Ok((client, acls))
}
