//! A small Mesos for tests: agents, tasks, updates under way, and the disk that records are written to.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use mesos::v1::scheduler::Call;
use mesos::v1::{AgentId, Attribute, FrameworkId, Offer, OfferId, Range, Resource, TaskId, TaskState, TaskStatus};
use serde_json::{Value, json};

use super::{Change, CheckOrder, Core, Done, Event, InstanceId, Key, Readiness, Refusal, Response, Settings, Time};

/// A task, as Mesos sees it.
#[derive(Clone, Debug)]
pub struct Task {
    pub agent: usize,
    pub state: TaskState,
    pub resources: Vec<Resource>,
    pub kill: bool,
}

/// A small cluster with a core in it.
pub struct World {
    pub core: Core,
    pub now: Time,
    pub tasks: BTreeMap<String, Task>,
    pub events: Vec<Event>,
    pub disk: BTreeMap<Key, String>,
    pub checked: BTreeSet<InstanceId>,
    pub lost_agents: BTreeSet<usize>,
    /// The most that was to be written at once, bytes.
    pub largest_write: usize,
    /// How often offers were made.
    pub rounds: usize,
    agents: usize,
    seed: u64,
    connected: bool,
    suppressed: bool,
    updates: VecDeque<TaskStatus>,
    offers: u64,
}

pub fn settings() -> Settings {
    Settings {
        role: "*".to_owned(),
        user: None,
        env_prefix: None,
        features: super::Features::default(),
        decline_offer_duration: std::time::Duration::from_secs(120),
        kill_retry_timeout: std::time::Duration::from_secs(10),
        min_revive_offers_interval: std::time::Duration::from_millis(50),
        service_ports: (10_000, 20_000),
        task_launch_timeout: std::time::Duration::from_secs(300),
        reconciliation_interval: std::time::Duration::from_secs(600),
        max_deployments: 100,
        max_apps: None,
        max_versions: 25,
    }
}

impl World {
    /// A connected world with so many roomy agents.
    pub fn new(agents: usize) -> Self {
        let mut world = Self {
            core: Core::new(settings(), [1, 2]),
            now: Time(1_800_000_000_000),
            tasks: BTreeMap::new(),
            events: Vec::new(),
            disk: BTreeMap::new(),
            checked: BTreeSet::new(),
            lost_agents: BTreeSet::new(),
            largest_write: 0,
            rounds: 0,
            agents,
            seed: 1,
            connected: false,
            suppressed: false,
            updates: VecDeque::new(),
            offers: 0,
        };
        world.connect();
        world
    }

    pub fn change(&mut self, change: Change) -> Result<Done, Refusal> {
        self.now.0 += 1;
        let done = self.core.change(self.now, change);
        self.obey();
        done
    }

    pub fn create(&mut self, app: Value) -> Result<Done, Refusal> {
        self.change(Change::Create { body: app, force: false })
    }

    pub fn connect(&mut self) {
        self.connected = true;
        self.suppressed = false;
        self.core.subscribed(self.now, "framework", "master");
        self.obey();
        self.offer();
    }

    pub fn disconnect(&mut self) {
        self.connected = false;
        self.core.disconnected(self.now);
        self.obey();
    }

    /// The leader dies; another one takes over with what was written down.
    pub fn crash(&mut self) {
        self.seed += 1;
        let records = self.disk.clone().into_iter().collect();
        self.checked.clear();
        self.core = Core::restore(settings(), [self.seed, 7], records).expect("records can be read");
        self.connected = false;
        self.obey();
        self.connect();
    }

    pub fn pass(&mut self, seconds: u64) {
        self.now.0 += seconds * 1000;
        self.core.tick(self.now);
        self.obey();
    }

    /// A task changes by itself.
    pub fn set(&mut self, id: &str, state: TaskState) {
        if let Some(task) = self.tasks.get_mut(id) {
            task.state = state;
            let status = status(id, state, task.agent, true);
            if state.is_terminal() {
                self.tasks.remove(id);
            }
            self.updates.push_back(status);
        }
    }

    pub fn lose_agent(&mut self, agent: usize) {
        if self.lost_agents.insert(agent) {
            for (id, task) in &self.tasks {
                if task.agent == agent {
                    self.updates.push_back(status(id, TaskState::Unreachable, agent, false));
                }
            }
        }
    }

    pub fn return_agent(&mut self, agent: usize) {
        if self.lost_agents.remove(&agent) {
            for (id, task) in &self.tasks {
                if task.agent == agent {
                    self.updates.push_back(status(id, task.state, agent, true));
                }
            }
        }
    }

    /// Delivers one update, or lets one task move on.
    pub fn deliver(&mut self) -> bool {
        if !self.connected {
            return false;
        }
        if let Some(status) = self.updates.pop_front() {
            self.core.update(self.now, &status);
            self.core.settle(self.now);
            self.obey();
            return true;
        }
        let reachable = |task: &Task| !self.lost_agents.contains(&task.agent);
        let moved =
            self.tasks.iter().find(|(_, task)| reachable(task) && (task.kill || task.state == TaskState::Staging));
        let Some((id, kill)) = moved.map(|(id, task)| (id.clone(), task.kill)) else { return false };
        self.set(&id, if kill { TaskState::Killed } else { TaskState::Running });
        true
    }

    /// All checks that were asked for have an answer.
    pub fn check_all(&mut self, well: bool) {
        for id in self.checked.clone() {
            let result = if well { Ok(()) } else { Err("unwell".to_owned()) };
            self.core.health_result(self.now, &id, 0, result);
            self.core.settle(self.now);
            self.obey();
        }
    }

    /// All readiness checks that were asked for have an answer.
    pub fn ready_all(&mut self, ready: bool) {
        for id in self.checked.clone() {
            let response = Response { status: if ready { 200 } else { 503 }, ..Response::default() };
            self.core.readiness_result(self.now, &id, Readiness { ready, last_response: Some(response) });
            self.core.settle(self.now);
            self.obey();
        }
    }

    /// Lets everything happen until nothing does.
    pub fn quiet(&mut self) {
        for agent in self.lost_agents.clone() {
            self.return_agent(agent);
        }
        if !self.connected {
            self.connect();
        }
        for _ in 0..60 {
            while self.deliver() {}
            self.check_all(true);
            self.ready_all(true);
            while self.deliver() {}
            self.pass(30);
            self.offer();
        }
    }

    /// The states of all tasks of an application.
    pub fn tasks_of(&self, app: &str) -> Vec<TaskState> {
        let prefix = format!("{}.instance-", app.trim_start_matches('/').replace('/', "_"));
        self.tasks.iter().filter(|(id, _)| id.starts_with(&prefix)).map(|(_, task)| task.state).collect()
    }

    fn obey(&mut self) {
        loop {
            let out = self.core.take_outbox();
            let size = |record: &super::Record| 100 + record.text.as_ref().map_or(0, String::len);
            self.largest_write = self.largest_write.max(out.records.iter().map(size).sum());
            for record in out.records {
                match record.text {
                    Some(text) => self.disk.insert(record.key, text),
                    None => self.disk.remove(&record.key),
                };
            }
            for order in out.checks {
                match order {
                    CheckOrder::Begin { id, .. } => self.checked.insert(id),
                    CheckOrder::End(id) => self.checked.remove(&id),
                };
            }
            self.events.extend(out.events);
            if out.calls.is_empty() {
                return;
            }
            for call in out.calls {
                self.call(call);
            }
        }
    }

    fn call(&mut self, call: Call) {
        if !self.connected {
            return;
        }
        match call {
            Call::Accept { launch, .. } => {
                for task in launch {
                    let agent: usize = task.agent_id.as_str().parse().expect("an agent");
                    let task_id = task.task_id.value;
                    let new = Task { agent, state: TaskState::Staging, resources: task.resources, kill: false };
                    assert!(self.tasks.insert(task_id, new).is_none(), "launched twice");
                    let used = self.used(agent, "cpus");
                    assert!(used <= 8.0 + 1e-9, "more than there is: {used}");
                }
            }
            Call::Kill { task_id, agent_id, .. } => match self.tasks.get_mut(&task_id.value) {
                Some(task) => task.kill = true,
                None => {
                    let agent = agent_id.and_then(|id| id.value.parse().ok()).unwrap_or(0);
                    self.updates.push_back(status(&task_id.value, TaskState::Gone, agent, false));
                }
            },
            Call::Revive { .. } => {
                self.suppressed = false;
                self.offer();
            }
            Call::Suppress { .. } => self.suppressed = true,
            Call::Reconcile { tasks } => {
                let asked: BTreeSet<_> = tasks.iter().map(|(id, _)| id.value.clone()).collect();
                let missing = asked.iter().filter(|id| !self.tasks.contains_key(*id));
                self.updates.extend(missing.map(|id| status(id, TaskState::Gone, 0, false)));
                let known = self.tasks.iter().filter(|(id, _)| asked.is_empty() || asked.contains(*id));
                let state = |task: &Task| {
                    if self.lost_agents.contains(&task.agent) { TaskState::Unreachable } else { task.state }
                };
                let told: Vec<_> = known.map(|(id, task)| status(id, state(task), task.agent, false)).collect();
                self.updates.extend(told);
            }
            Call::Decline { .. } | Call::Acknowledge { .. } => {}
            Call::Teardown => panic!("nobody wants that"),
        }
    }

    fn used(&self, agent: usize, name: &str) -> f64 {
        let on_it = self.tasks.values().filter(|task| task.agent == agent).flat_map(|task| &task.resources);
        on_it.filter(|resource| resource.name == name).filter_map(|resource| Some(resource.scalar?.value)).sum()
    }

    /// Offers what is free, if anybody wants it.
    pub fn offer(&mut self) {
        if self.suppressed || !self.connected {
            return;
        }
        self.rounds += 1;
        let mut offers = Vec::new();
        for agent in (0..self.agents).filter(|agent| !self.lost_agents.contains(agent)) {
            self.offers += 1;
            let taken: BTreeSet<u64> = self.tasks.values().filter(|task| task.agent == agent).flat_map(ports).collect();
            let free =
                (31_000..31_100).filter(|port| !taken.contains(port)).map(|port| Range { begin: port, end: port });
            offers.push(Offer {
                id: OfferId::new(format!("offer{}", self.offers)),
                framework_id: FrameworkId::new("framework"),
                agent_id: AgentId::new(agent.to_string()),
                hostname: format!("agent{agent}"),
                resources: vec![
                    Resource::scalar("cpus", 8.0 - self.used(agent, "cpus")),
                    Resource::scalar("mem", 8000.0 - self.used(agent, "mem")),
                    Resource::ranges("ports", free),
                ],
                attributes: vec![Attribute::text("rack", format!("r{}", agent % 2))],
                allocation_info: None,
                url: None,
                unavailability: None,
                domain: None,
            });
        }
        self.core.offers(self.now, offers);
        self.obey();
    }
}

fn ports(task: &Task) -> impl Iterator<Item = u64> {
    let ranges = task.resources.iter().filter_map(|resource| resource.ranges.as_ref());
    ranges.flat_map(|ranges| &ranges.range).flat_map(|range| range.begin..=range.end)
}

fn status(id: &str, state: TaskState, agent: usize, acknowledged: bool) -> TaskStatus {
    TaskStatus {
        task_id: TaskId::new(id),
        state,
        message: None,
        source: None,
        reason: None,
        agent_id: Some(AgentId::new(agent.to_string())),
        executor_id: None,
        timestamp: None,
        uuid: acknowledged.then(|| "dXVpZA==".to_owned()),
        healthy: None,
        check_status: None,
        container_status: None,
    }
}

/// A small application.
pub fn app(id: &str, instances: u32) -> Value {
    json!({ "id": id, "cmd": "sleep 1000", "cpus": 0.1, "mem": 16, "instances": instances })
}
