//! Agents without machines: many of them, to see a cluster of a size that no computer holds.

use std::{
    collections::HashSet,
    net::{Ipv4Addr, SocketAddrV4},
    sync::Arc,
};

use hardware::Network;
use tokio::task::JoinSet;

use crate::{
    Links,
    links::{Connected, Sender, ToAgent, ToMaster},
    resources::{ParseError, Resources, parse},
    wire::{AgentInfo, Attribute, Id, TaskInfo, TaskState, TaskStatus, Uuid, now, status::Source},
};

/// What the agents of a fleet are.
#[derive(Clone, Debug)]
pub struct FleetOptions {
    /// How many.
    pub count: u32,
    /// The address of the first; the others follow. Nobody listens there.
    pub first: Ipv4Addr,
    /// What each has, as `--resources` takes it.
    pub resources: String,
    /// What each says about its machine, as `--attributes` takes it.
    pub attributes: String,
}

/// Agents that only a master sees: they register, answer pings, and say of every task that it runs, until it is killed.
/// They have no disk, no port and no processes. Dropping the fleet breaks their connections.
#[derive(Debug)]
pub struct Fleet {
    agents: JoinSet<()>,
}

/// Why a fleet did not start.
#[derive(Debug, thiserror::Error)]
pub enum FleetError {
    /// These are no resources.
    #[error(transparent)]
    Resources(#[from] ParseError),
    /// These are no attributes.
    #[error("{0}")]
    Attributes(String),
    /// There are not so many addresses, or no master listens at that one.
    #[error("No master at {0}, or too many agents")]
    Unreachable(SocketAddrV4),
}

impl Fleet {
    /// Registers agents with the master at this address. They stay with it: when it ends, they end.
    pub fn join(links: &Arc<Links>, master: SocketAddrV4, options: &FleetOptions) -> Result<Self, FleetError> {
        let resources = parse(&options.resources, "*")?;
        let attributes = Attribute::parse_all(&options.attributes).map_err(FleetError::Attributes)?;
        let mut agents = JoinSet::new();
        for n in 0..options.count {
            let unreachable = || FleetError::Unreachable(master);
            let ip = Ipv4Addr::from(u32::from(options.first).checked_add(n).ok_or_else(unreachable)?);
            let connected = links.connect(&Network::default(), ip, master).ok_or_else(unreachable)?;
            let info = AgentInfo {
                id: None,
                hostname: format!("fleet{n}.example"),
                ip,
                port: 5051,
                resources: resources.clone(),
                attributes: attributes.clone(),
            };
            agents.spawn(serve(connected, info, resources.clone()));
        }
        Ok(Self { agents })
    }

    /// How many agents are still connected.
    pub fn count(&self) -> usize {
        self.agents.len()
    }
}

/// A task as an agent of a fleet remembers it.
type Running = HashSet<(Id, Id)>;

/// One agent's life.
async fn serve(Connected { tx, mut rx }: Connected, info: AgentInfo, total: Resources) {
    tx.send(ToMaster::Register { info, total, frameworks: Vec::new(), tasks: Vec::new() });
    let mut id = Id::from("");
    let mut running = Running::new();
    while let Some(order) = rx.recv().await {
        match order {
            ToAgent::Registered { id: given, .. } => id = given,
            ToAgent::Ping { .. } => tx.send(ToMaster::Pong),
            ToAgent::Run { framework, tasks, .. } => {
                let Some(framework) = framework.id else { continue };
                for TaskInfo { task_id, .. } in tasks {
                    report(&tx, &id, &framework, task_id.clone(), TaskState::TaskRunning);
                    running.insert((framework.clone(), task_id));
                }
            }
            ToAgent::Kill { framework, task, .. } => {
                if running.remove(&(framework.clone(), task.clone())) {
                    report(&tx, &id, &framework, task, TaskState::TaskKilled);
                }
            }
            ToAgent::Drain { .. } => {
                for (framework, task) in running.drain() {
                    report(&tx, &id, &framework, task, TaskState::TaskKilled);
                }
            }
            ToAgent::ShutdownFramework(gone) => running.retain(|(framework, _)| *framework != gone),
            ToAgent::Shutdown(_) => return,
            ToAgent::Acknowledge { .. }
            | ToAgent::Resources(_)
            | ToAgent::Undrain
            | ToAgent::Message { .. }
            | ToAgent::ShutdownExecutor { .. } => {}
        }
    }
}

fn report(tx: &Sender<ToMaster>, agent: &Id, framework: &Id, task_id: Id, state: TaskState) {
    let status = TaskStatus {
        task_id,
        state,
        message: None,
        source: Source::SourceExecutor,
        reason: None,
        agent_id: Some(agent.clone()),
        executor_id: None,
        timestamp: now(),
        uuid: Some(Uuid::random()),
        healthy: None,
        check_status: None,
        labels: None,
        container_status: None,
        unreachable_time: None,
    };
    tx.send(ToMaster::Update { framework: framework.clone(), status });
}
