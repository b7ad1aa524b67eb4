//! Pacer on a real ZooKeeper and a real Mesos 1.11.0. Skipped where they are not installed.

mod api;
mod lab;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use api::{Api, task_ids, web};
use lab::Lab;
use pacer::{Config, Log, Options, Pacer};
use reqwest::Method;
use serde_json::{Value, json};

async fn start_pacer(lab: &Lab, n: u8) -> Pacer {
    start_pacer_with(lab, n, "", &[]).await
}

/// With `user:password@` for ZooKeeper.
async fn start_pacer_as(lab: &Lab, n: u8, user: &str) -> Pacer {
    start_pacer_with(lab, n, user, &[]).await
}

/// With more settings.
async fn start_pacer_with(lab: &Lab, n: u8, user: &str, more: &[(&str, &str)]) -> Pacer {
    let mut env: BTreeMap<String, String> = [
        ("MARATHON_MASTER", format!("zk://{}/mesos", lab.zookeeper())),
        ("MARATHON_ZK", format!("zk://{user}{}/marathon", lab.zookeeper())),
        ("MARATHON_ZK_SESSION_TIMEOUT", "2000".to_owned()),
        ("MARATHON_HTTP_PORT", "8080".to_owned()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect();
    env.extend(more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    let config = Config::from_env(&env).expect("a good environment");
    let host = lab.address(n).parse().expect("an address");
    let log = Log::new(move |line| eprintln!("pacer {n}: {line}"));
    Pacer::start(config, Options { host, log }).await.expect("pacer starts")
}

#[tokio::test(flavor = "multi_thread")]
async fn deploys_scales_upgrades_and_survives_failover() {
    let Some(mut lab) = Lab::new() else { return };
    lab.start_zookeeper().await;
    lab.start_master(2, 1).await;
    lab.start_agent(3).await;
    lab.start_agent(4).await;
    let first = start_pacer(&lab, 5).await;
    let api = Api::of(&first);
    api.until_ready().await;

    let started = Instant::now();
    let (status, created) = api.send(reqwest::Method::POST, "/v2/apps", web("/shop/web", 1, "one")).await;
    assert_eq!(status, 201, "{created:#}");
    api.until_healthy("/shop/web", 1).await;
    eprintln!("from POST to healthy: {:?}", started.elapsed());

    let (status, _) = api.send(reqwest::Method::PUT, "/v2/apps//shop/web", json!({ "instances": 4 })).await;
    assert_eq!(status, 200);
    let four = api.until_healthy("/shop/web", 4).await;

    // What lies in a task's sandbox can be looked at, and a log followed.
    let task = &four["app"]["tasks"][0];
    let agent = format!("{}:5051", task["host"].as_str().unwrap_or_default());
    let agent = mesos::agent::Client::new(&agent).expect("a client");
    let sandbox =
        agent.state().await.expect("its state").sandbox(task["id"].as_str().unwrap_or_default()).map(str::to_owned);
    let sandbox = sandbox.expect("a sandbox");
    let files = agent.browse(&sandbox).await.expect("a folder");
    assert!(files.iter().any(|file| file.name() == "index.html" && file.size == 4 && !file.is_folder()), "{files:?}");
    let mut tail = agent.tail(&format!("{sandbox}/index.html"), 100).await.expect("a file");
    assert_eq!(tail.more().await.expect("a text"), "one\n");
    assert!(matches!(agent.browse("/nowhere").await, Err(mesos::Error::Refused { status: 404, .. })));
    let operator = mesos::operator::Client::new([format!("{}:5050", lab.address(2))]).expect("a client");
    assert_eq!(operator.weights().await.expect("weights"), []);
    assert!(operator.quotas().await.expect("quotas").infos.is_empty());
    assert!(operator.maintenance().await.expect("a status").down_machines.is_empty());
    assert!(operator.maintenance_schedule().await.expect("a schedule").windows.is_empty());

    // A second Pacer passes requests on; when the first one is killed it takes over, and no task is lost.
    let second = start_pacer(&lab, 6).await;
    let other = Api::of(&second);
    other.until("/v2/leader", |leader| leader["leader"].is_string()).await;
    other.until_healthy("/shop/web", 4).await;
    first.kill().await;
    other.until_ready().await;
    let after = other.until_healthy("/shop/web", 4).await;
    assert_eq!(task_ids(&four), task_ids(&after));

    // An agent that dies takes its tasks with it; they are started on the other one.
    lab.kill("agent4");
    let moved = other
        .until("/v2/apps//shop/web?embed=app.tasks", |answer| {
            let tasks = answer["app"]["tasks"].as_array().cloned().unwrap_or_default();
            answer["app"]["tasksHealthy"] == 4
                && tasks.len() == 4
                && tasks.iter().all(|task| task["host"] == lab.address(3))
        })
        .await;
    assert!(task_ids(&moved).iter().any(|id| task_ids(&four).contains(id)));

    let (status, body) = other.send(reqwest::Method::PUT, "/v2/apps//shop/web", web("/shop/web", 4, "two")).await;
    assert_eq!(status, 200, "{body:#}");
    let upgraded = other.until_healthy("/shop/web", 4).await;
    assert!(task_ids(&upgraded).iter().all(|id| !task_ids(&moved).contains(id)));

    let (status, _) = other.send(reqwest::Method::DELETE, "/v2/apps//shop/web", json!({})).await;
    assert_eq!(status, 200);
    other.until("/v2/tasks", |tasks| tasks["tasks"] == json!([])).await;
    other.until("/v2/deployments", |deployments| *deployments == json!([])).await;
    second.stop().await;
}

/// How long everything may take to be as wanted after something broke.
const PATIENCE: Duration = Duration::from_secs(150);
/// How long it then has to stay so.
const STAYS: Duration = Duration::from_secs(2);

/// Instances of an application that nothing else on this machine is like: it sleeps for a number of seconds of its own.
struct Sleepers {
    seconds: u32,
}

impl Sleepers {
    fn new(version: u32) -> Self {
        let seed = std::hash::BuildHasher::hash_one(&std::hash::RandomState::new(), std::process::id());
        Self { seconds: 10_000_000 + u32::try_from(seed % 900_000).expect("small") * 10 + version }
    }

    fn app(&self, instances: usize) -> Value {
        json!({
            "id": "/lab/sleepers", "cmd": format!("exec sleep {}", self.seconds), "cpus": 0.05, "mem": 16,
            "instances": instances, "backoffSeconds": 1, "maxLaunchDelaySeconds": 2,
            "upgradeStrategy": { "maximumOverCapacity": 0.2, "minimumHealthCapacity": 0.8 },
        })
    }

    /// How many run, as the machine's process table says.
    fn count(&self) -> usize {
        let wanted = format!("sleep\0{}\0", self.seconds);
        let processes = std::fs::read_dir("/proc").expect("a process table").flatten();
        processes
            .filter(|one| std::fs::read(one.path().join("cmdline")).is_ok_and(|line| line == wanted.as_bytes()))
            .count()
    }

    /// Waits until exactly so many run, the API says so, and it stays so.
    async fn until(&self, lab: &mut Lab, api: &Api, instances: usize, after: &str) -> Value {
        let end = Instant::now() + PATIENCE;
        let mut since = Instant::now();
        loop {
            lab.tend();
            let seen = api.get("/v2/apps//lab/sleepers?embed=app.tasks").await;
            let app = &seen["app"];
            let running =
                app["tasksRunning"] == instances && app["tasksStaged"] == 0 && app["deployments"] == json!([]);
            let processes = self.count();
            if !(running && task_ids(&seen).len() == instances && processes == instances) {
                since = Instant::now();
            } else if since.elapsed() >= STAYS {
                eprintln!("after {after}: {instances} run, {:?}", end - Instant::now());
                return seen;
            }
            assert!(Instant::now() < end, "after {after}: {processes} processes of {instances}, {seen:#}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

async fn until(what: &str, is_so: impl AsyncFn() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !is_so().await {
        assert!(Instant::now() < end, "still not: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_breaks_exactly_the_wanted_instances_run() {
    let Some(mut lab) = Lab::new() else { return };
    lab.start_zookeeper().await;
    for n in [11, 12, 13] {
        lab.start_master(n, 2).await;
    }
    lab.start_agent(21).await;
    lab.start_agent(22).await;
    let (first, second) = (start_pacer(&lab, 5).await, start_pacer(&lab, 6).await);
    Api::of(&first).until("/v2/leader", |leader| leader["leader"].is_string()).await;
    let leader = Api::of(&first).get("/v2/leader").await["leader"].clone();
    let (leading, other) = if leader == first.address().to_string() { (first, second) } else { (second, first) };
    Api::of(&leading).until_ready().await;
    let api = Api::of(&other);

    // Everything below is asked of the one that does not lead, until it does.
    let one = Sleepers::new(1);
    let (status, body) = api.send(Method::POST, "/v2/apps", one.app(2)).await;
    assert_eq!(status, 201, "{body:#}");
    one.until(&mut lab, &api, 2, "deploying").await;
    assert_eq!(api.send(Method::PUT, "/v2/apps//lab/sleepers", json!({ "instances": 20 })).await.0, 200);
    one.until(&mut lab, &api, 20, "scaling").await;

    let two = Sleepers::new(2);
    assert_eq!(api.send(Method::PUT, "/v2/apps//lab/sleepers", two.app(20)).await.0, 200);
    let upgraded = two.until(&mut lab, &api, 20, "upgrading").await;
    assert_eq!(one.count(), 0, "nothing old is left");

    let victim = task_ids(&upgraded).remove(0);
    assert_eq!(api.send(Method::DELETE, &format!("/v2/apps//lab/sleepers/tasks/{victim}"), json!({})).await.0, 200);
    let healed = two.until(&mut lab, &api, 20, "killing a task").await;
    assert!(!task_ids(&healed).contains(&victim));

    leading.kill().await;
    api.until_ready().await;
    let kept = two.until(&mut lab, &api, 20, "killing the leading Pacer").await;
    assert_eq!(task_ids(&kept), task_ids(&healed), "no task is lost or started again");

    let master = mesos::leader::Ensemble::new(lab.zookeeper(), "/mesos")
        .find()
        .await
        .expect("ZooKeeper")
        .expect("a leading master");
    let name = [11, 12, 13].into_iter().find(|n| lab.address(*n) == master.ip().to_string()).expect("it is ours");
    lab.kill(&format!("master{name}"));
    until("another master leads", || async {
        let now = mesos::leader::Ensemble::new(lab.zookeeper(), "/mesos").find().await;
        matches!(now, Ok(Some(now)) if now.ip() != master.ip())
    })
    .await;
    let kept = two.until(&mut lab, &api, 20, "killing the leading master").await;
    assert_eq!(task_ids(&kept), task_ids(&healed), "no task is lost or started again");
    lab.restart(&format!("master{name}"));
    let victim = task_ids(&kept).remove(0);
    assert_eq!(api.send(Method::DELETE, &format!("/v2/apps//lab/sleepers/tasks/{victim}"), json!({})).await.0, 200);
    two.until(&mut lab, &api, 20, "killing a task under the new master").await;

    // Back at once, an agent finds its executors again.
    let before = api.get("/v2/apps//lab/sleepers?embed=app.tasks").await;
    lab.kill("agent21");
    lab.restart("agent21");
    let kept = two.until(&mut lab, &api, 20, "killing an agent and restarting it at once").await;
    assert_eq!(task_ids(&kept), task_ids(&before), "its tasks went on");
    // Away for longer, its tasks are replaced; when it comes back with them, there are too many.
    lab.kill("agent21");
    let elsewhere = |task: &Value| task["host"] == lab.address(22) && task["state"] == "TASK_RUNNING";
    until("its tasks are replaced", || async {
        let seen = api.get("/v2/apps//lab/sleepers?embed=app.tasks").await;
        seen["app"]["tasks"].as_array().is_some_and(|tasks| tasks.len() == 20 && tasks.iter().all(elsewhere))
    })
    .await;
    assert!(two.count() > 20, "its tasks still run");
    lab.restart("agent21");
    two.until(&mut lab, &api, 20, "an agent came back that was given up").await;

    lab.kill("zookeeper");
    tokio::time::sleep(Duration::from_secs(1)).await;
    lab.restart("zookeeper");
    api.until_ready().await;
    two.until(&mut lab, &api, 20, "restarting ZooKeeper").await;

    let third = start_pacer(&lab, 7).await;
    let last = Api::of(&third);
    last.until("/v2/leader", |leader| leader["leader"].is_string()).await;
    assert_eq!(api.send(Method::DELETE, "/v2/leader", json!({})).await.0, 200);
    last.until_ready().await;
    two.until(&mut lab, &last, 20, "asking the leader to step down").await;
    assert_eq!(last.send(Method::DELETE, "/v2/groups/lab", json!({})).await.0, 200);
    last.until("/v2/groups", |root| root["groups"] == json!([])).await;
    last.until("/v2/tasks", |tasks| tasks["tasks"] == json!([])).await;
    until("no process is left", || async { two.count() == 0 }).await;
    other.stop().await;
    third.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn its_state_can_be_locked_away_in_zookeeper() {
    let Some(mut lab) = Lab::new() else { return };
    lab.start_zookeeper().await;
    let known = start_pacer_as(&lab, 5, "me:hush@").await;
    let api = Api::of(&known);
    let leads = |info: &Value| info["elected"] == true;
    api.until("/v2/info", leads).await;
    assert_eq!(api.send(Method::POST, "/v2/apps", web("/web", 1, "one")).await.0, 201);
    let path = "/marathon/pacer/apps/web";
    let owner =
        zookeeper::Tree::connect_as(&lab.zookeeper(), Some("me:hush"), None, PATIENCE).await.expect("a session");
    assert!(owner.get(path).await.is_ok_and(|znode| !znode.data.is_empty()));
    let stranger = zookeeper::Tree::connect(&lab.zookeeper(), PATIENCE).await.expect("a session");
    let denied = stranger.get(path).await;
    assert!(matches!(denied, Err(zookeeper::Error::Refused { .. })), "{denied:?}");
    // Who does not know the password does not lead, and knows of nobody who does.
    let unknown = start_pacer(&lab, 6).await;
    let other = Api::of(&unknown);
    known.kill().await;
    let again = start_pacer_as(&lab, 7, "me:hush@").await;
    Api::of(&again).until("/v2/info", leads).await;
    assert_eq!(Api::of(&again).get("/v2/apps//web").await["app"]["id"], "/web");
    assert_eq!(other.send(Method::GET, "/v2/apps", json!({})).await.0, 503);
    unknown.stop().await;
    again.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_master_that_asks_who_we_are_is_told_and_a_wrong_password_is_said_plainly() {
    let Some(mut lab) = Lab::new() else { return };
    lab.start_zookeeper().await;
    lab.start_asking_master(2, "marathon", "hush").await;
    lab.start_agent(3).await;
    let operator = |credentials: Option<(&str, &str)>| {
        let client = mesos::operator::Client::new([format!("{}:5050", lab.address(2))]).expect("a client");
        client.with_credentials(credentials.map(|(principal, secret)| mesos::Credentials::new(principal, secret)))
    };
    until("the master leads", || async { operator(Some(("marathon", "hush"))).state().await.is_ok() }).await;
    for (credentials, given) in [(None, false), (Some(("marathon", "wrong")), true), (Some(("me", "hush")), true)] {
        let error = operator(credentials).state().await.expect_err("a stranger");
        assert!(matches!(&error, mesos::Error::Unauthorized { given: said, .. } if *said == given), "{error}");
        let asked = operator(credentials).agents().await.expect_err("a stranger");
        assert_eq!(asked.problem().id, "mesos-unauthorized");
        let mut events = operator(credentials).subscribe();
        let lost = matches!(events.next().await, mesos::operator::Turn::Lost(mesos::Error::Unauthorized { .. }));
        assert!(lost, "{credentials:?}");
    }

    let settings = |secret| {
        [
            ("MARATHON_MESOS_AUTHENTICATION", "true"),
            ("MARATHON_MESOS_AUTHENTICATION_PRINCIPAL", "marathon"),
            ("MARATHON_MESOS_AUTHENTICATION_SECRET", secret),
        ]
    };
    let stranger = start_pacer_with(&lab, 5, "", &settings("wrong")).await;
    let api = Api::of(&stranger);
    // It leads the Pacers, and is no framework.
    api.until("/v2/info", |info| info["elected"] == true).await;
    assert_eq!(api.send(Method::POST, "/v2/apps", web("/web", 1, "one")).await.0, 201);
    let frameworks = operator(Some(("marathon", "hush"))).frameworks().await.expect("frameworks");
    assert!(frameworks.frameworks.is_empty(), "{frameworks:?}");
    stranger.stop().await;
    let known = start_pacer_with(&lab, 6, "", &settings("hush")).await;
    let api = Api::of(&known);
    api.until_ready().await;
    api.until_healthy("/web", 1).await;
    known.stop().await;
}
