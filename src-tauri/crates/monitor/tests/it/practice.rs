//! A whole practice cluster, with everything in it really speaking its protocol: deployed to, broken, and watched.

use std::{collections::BTreeMap, fs, net::Ipv4Addr, sync::Arc};

use machines::State;
use marathon::AppDefinition;
use mesos_server::{
    Agent, AgentFlags, AgentOptions, Links, MachineSize, Master, MasterFlags, MasterOptions, SimulatedRunner,
};
use pacer::Pacer;
use plan::{Node, Preset, ValidPlan};
use protocol::{AgentState, ApplicationState, Live};
use tempfile::TempDir;
use zookeeper_server::Server;

use crate::bench::{Said, Seen, plan, watch};

/// The servers of a cluster, by machine.
struct Cluster {
    plan: ValidPlan,
    disks: TempDir,
    links: Arc<Links>,
    zookeeper: BTreeMap<String, Server>,
    masters: BTreeMap<String, Master>,
    agents: BTreeMap<String, Agent>,
    schedulers: BTreeMap<String, Pacer>,
}

fn variables<const N: usize>(all: [(&str, &str); N]) -> BTreeMap<String, String> {
    all.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

impl Cluster {
    async fn start(plan: &ValidPlan) -> Self {
        let (disks, links) = (tempfile::tempdir().unwrap(), Arc::new(Links::new()));
        let mut cluster = Self {
            plan: plan.clone(),
            disks,
            links,
            zookeeper: BTreeMap::new(),
            masters: BTreeMap::new(),
            agents: BTreeMap::new(),
            schedulers: BTreeMap::new(),
        };
        for node in &plan.nodes {
            cluster.start_node(node).await;
        }
        cluster
    }

    async fn start_node(&mut self, node: &Node) {
        let name = || node.name.clone();
        if node.roles.zookeeper.is_some() {
            self.zookeeper.insert(name(), self.zookeeper_on(node).await);
        }
        if node.roles.master {
            self.masters.insert(name(), self.master_on(node).await);
        }
        if node.roles.agent.is_some() {
            self.agents.insert(name(), self.agent_on(node).await);
        }
        if node.roles.marathon {
            self.schedulers.insert(name(), self.scheduler_on(node).await);
        }
    }

    fn disk(&self, node: &Node) -> std::path::PathBuf {
        let disk = self.disks.path().join(&node.name);
        fs::create_dir_all(disk.join("var/lib/zookeeper")).unwrap();
        disk
    }

    async fn zookeeper_on(&self, node: &Node) -> Server {
        let root = self.disk(node);
        let ensemble = self.plan.ensemble().map(|(myid, n)| format!("server.{myid}={}:2888:3888\n", n.address));
        let text = format!(
            "tickTime=200\ninitLimit=20\nsyncLimit=10\ndataDir=/var/lib/zookeeper\nclientPort=2181\n\
             4lw.commands.whitelist=srvr\nadmin.enableServer=false\n{}",
            ensemble.collect::<String>()
        );
        let myid = node.roles.zookeeper.unwrap().myid;
        fs::write(root.join("var/lib/zookeeper/myid"), format!("{myid}\n")).unwrap();
        let config = zookeeper_server::Config::parse(&text).unwrap();
        let log = zookeeper_server::Log::none();
        Server::start(config, zookeeper_server::Options { host: node.address, root, log }).await.unwrap()
    }

    fn zk(&self, path: &str) -> String {
        format!("zk://{}/{path}", self.plan.zookeeper_hosts())
    }

    async fn master_on(&self, node: &Node) -> Master {
        let (ip, zk, quorum) = (node.address.to_string(), self.zk("mesos"), self.plan.mesos_quorum().to_string());
        let flags = variables([
            ("ip", &ip),
            ("hostname", &node.name),
            ("zk", &zk),
            ("quorum", &quorum),
            ("work_dir", "/var/lib/mesos/master"),
            ("zk_session_timeout", "2secs"),
            ("agent_ping_timeout", "1secs"),
            ("max_agent_ping_timeouts", "2"),
        ]);
        let options = MasterOptions {
            host: node.address,
            root: self.disk(node),
            log: mesos_server::Log::none(),
            links: Arc::clone(&self.links),
        };
        Master::start(MasterFlags::parse(&flags).unwrap(), options).await.unwrap()
    }

    async fn agent_on(&self, node: &Node) -> Agent {
        let (ip, zk) = (node.address.to_string(), self.zk("mesos"));
        let flags = variables([
            ("ip", &ip),
            ("hostname", &node.name),
            ("master", &zk),
            ("work_dir", "/var/lib/mesos/agent"),
            ("resources", "cpus:2;mem:1024;disk:1024;ports:[31000-31999]"),
        ]);
        let options = AgentOptions {
            host: node.address,
            root: self.disk(node),
            log: mesos_server::Log::none(),
            size: MachineSize { cpus: 2, mem_mb: 2048, disk_mb: 4096 },
            runner: Arc::new(SimulatedRunner),
            links: Arc::clone(&self.links),
        };
        Agent::start(AgentFlags::parse(&flags).unwrap(), options).await.unwrap()
    }

    async fn scheduler_on(&self, node: &Node) -> Pacer {
        let (master, zk) = (self.zk("mesos"), self.zk("marathon"));
        let environment = variables([
            ("MARATHON_MASTER", &master),
            ("MARATHON_ZK", &zk),
            ("MARATHON_ZK_SESSION_TIMEOUT", "2000"),
            ("MARATHON_HTTP_PORT", "8080"),
        ]);
        let config = pacer::Config::from_env(&environment).unwrap();
        let host: Ipv4Addr = node.address;
        Pacer::start(config, pacer::Options { host, log: pacer::Log::none() }).await.unwrap()
    }

    fn api(&self) -> marathon::Client {
        marathon::Client::new(self.plan.schedulers().map(|n| format!("http://{}:8080", n.address))).unwrap()
    }
}

/// `sleep`, with nothing to check: it runs as soon as it is started.
fn sleeper(instances: u32, cpus: f64) -> AppDefinition {
    AppDefinition {
        cmd: Some("sleep 1000".into()),
        cpus: Some(cpus),
        mem: Some(32.0),
        instances: Some(instances),
        ..AppDefinition::new("/sleeper")
    }
}

fn state_of_sleeper(live: &Live) -> Option<ApplicationState> {
    live.applications.as_ref()?.body.applications.first().map(|app| app.state.clone())
}

/// The machines of the agents that have a running task.
fn busy(live: &Live) -> Vec<String> {
    let agents = live.mesos.iter().flat_map(|mesos| &mesos.body.agents);
    let busy = agents.filter(|a| a.state == AgentState::Active && a.tasks.iter().any(|t| t.state == "TASK_RUNNING"));
    busy.map(|a| a.node.clone()).collect()
}

async fn up(preset: Preset) -> (Cluster, monitor::Monitor, Arc<Seen>) {
    let plan = plan(preset);
    let (monitor, seen) = watch(&plan, &Said::all(Some(State::Running)));
    let cluster = Cluster::start(&plan).await;
    let agents = plan.agents().count();
    seen.until("a leader and all agents", |live| {
        let mesos = live.mesos.as_ref().map(|m| &m.body);
        mesos.is_some_and(|m| {
            m.leader().is_some() && m.agents.iter().filter(|a| a.state == AgentState::Active).count() == agents
        }) && live.applications.as_ref().is_some_and(|a| a.body.leader.is_some())
    })
    .await;
    (cluster, monitor, seen)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agents_death_moves_its_instances() {
    let (mut cluster, _monitor, seen) = up(Preset::Classroom).await;
    cluster.api().create(&sleeper(1, 0.1)).await.unwrap();
    seen.told("/sleeper was created").await;
    seen.until("stable", |live| state_of_sleeper(live) == Some(ApplicationState::Stable)).await;
    seen.until("running", |live| busy(live).len() == 1).await;
    let from = busy(&seen.live()).remove(0);
    let to = if from == "agent1" { "agent2" } else { "agent1" };
    seen.told(&format!("An instance of /sleeper started on {from}")).await;

    cluster.agents.remove(&from).unwrap().kill().await;
    seen.told(&format!("The agent on {from} is lost")).await;
    seen.told(&format!("An instance of /sleeper moved from {from} to {to}")).await;

    let node = cluster.plan.node(&from).unwrap().clone();
    cluster.start_node(&node).await;
    seen.until("the agent is back", |live| {
        let agents = live.mesos.iter().flat_map(|m| &m.body.agents);
        agents.filter(|a| a.state == AgentState::Active).count() == 2
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_that_fits_nowhere_says_so() {
    let (cluster, _monitor, seen) = up(Preset::Solo).await;
    cluster.api().create(&sleeper(1, 3.0)).await.unwrap();
    seen.told("/sleeper waits").await;
    let Some(ApplicationState::Waiting { reason }) = state_of_sleeper(&seen.live()) else {
        panic!("{:?}", seen.live())
    };
    assert_eq!(reason.en, "It asks for 3 CPUs; the best offer has 2.");
    cluster.api().forcing().delete("/sleeper").await.unwrap();
    seen.told("/sleeper was removed").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn leaders_die_and_others_take_over() {
    let (mut cluster, _monitor, seen) = up(Preset::Ha).await;
    let leads = |live: &Live| live.mesos.as_ref().and_then(|m| m.body.leader()).map(|m| m.node.clone());
    let first = leads(&seen.live()).unwrap();
    cluster.masters.remove(&first).unwrap().kill().await;
    seen.told(&format!("The Mesos master on {first} is down")).await;
    seen.told("No Mesos master leads").await;
    seen.until("another master", |live| leads(live).is_some_and(|now| now != first)).await;
    seen.until("agents are back", |live| {
        live.mesos.as_ref().is_some_and(|m| m.body.agents.iter().all(|a| a.state == AgentState::Active))
    })
    .await;

    let zookeeper = seen.live().ensemble.unwrap().body.leader().unwrap().node.clone();
    cluster.zookeeper.remove(&zookeeper).unwrap().kill().await;
    seen.told(&format!("ZooKeeper is down on {zookeeper}")).await;
    seen.until("another server leads", |live| {
        live.ensemble.as_ref().and_then(|e| e.body.leader()).is_some_and(|s| s.node != zookeeper)
    })
    .await;

    let scheduler = seen.live().applications.unwrap().body.leader;
    if let Some(scheduler) = scheduler {
        cluster.schedulers.remove(&scheduler).unwrap().kill().await;
        seen.until("another scheduler leads", |live| {
            let leader = live.applications.as_ref().and_then(|a| a.body.leader.as_ref());
            leader.is_some_and(|leader| *leader != scheduler)
        })
        .await;
    }
}
