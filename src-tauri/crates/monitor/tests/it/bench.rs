//! A plan on free loopback addresses, machines that say what they are told, and a sink that remembers.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

use async_trait::async_trait;
use machines::{Error, Listener, Machines, Output, Result, State, Upload};
use monitor::Monitor;
use plan::{Preset, Provider, ValidPlan, practice_network};
use protocol::{Change, Feed, Live, LiveChange, Sink};
use tokio::sync::Notify;
use words::{Problem, Text};

/// How long the tests wait for what must come.
const PATIENCE: Duration = Duration::from_secs(20);

/// A plan in a network of its own.
pub fn plan(preset: Preset) -> ValidPlan {
    let nanos = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_nanos();
    let seed = nanos as u64 ^ u64::from(std::process::id()).rotate_left(40);
    ValidPlan::new(preset.plan("lab", Provider::Practice, practice_network(seed))).unwrap()
}

/// Machines that say what they are told to say.
pub struct Said(Mutex<Option<State>>);

impl Said {
    /// All are in this state; none: they cannot be asked.
    pub fn all(state: Option<State>) -> Arc<Self> {
        Arc::new(Self(Mutex::new(state)))
    }

    pub fn set(&self, state: Option<State>) {
        *self.0.lock().unwrap() = state;
    }
}

#[async_trait]
impl Machines for Said {
    async fn states(&self) -> Result<Vec<(String, State)>> {
        let state = *self.0.lock().unwrap();
        let died = || Problem::new("practice-died", Text::same("It died."), Text::same("Bring it up."));
        let state = state.ok_or_else(|| Error::Provider(Box::new(died())))?;
        let names = ["node1", "node2", "node3", "agent1", "agent2", "agent3"];
        Ok(names.iter().map(|name| ((*name).to_owned(), state)).collect())
    }

    async fn up(&self, node: &str) -> Result<()> {
        Err(Error::NotRunning { node: node.to_owned() })
    }

    async fn halt(&self, node: &str) -> Result<()> {
        Err(Error::NotRunning { node: node.to_owned() })
    }

    async fn destroy(&self, node: &str) -> Result<()> {
        Err(Error::NotRunning { node: node.to_owned() })
    }

    async fn run(&self, node: &str, _: &str, _: Duration) -> Result<Output> {
        Err(Error::NotRunning { node: node.to_owned() })
    }

    async fn follow(&self, node: &str, _: &str, _: Listener<'_>) -> Result<i32> {
        Err(Error::NotRunning { node: node.to_owned() })
    }

    async fn put(&self, node: &str, _: Upload) -> Result<()> {
        Err(Error::NotRunning { node: node.to_owned() })
    }
}

/// What was sent.
#[derive(Default)]
pub struct Seen {
    all: Mutex<Sent>,
    news: Notify,
}

#[derive(Default)]
struct Sent {
    live: Live,
    changes: Vec<LiveChange>,
    feed: Vec<Feed>,
}

impl Sink for Seen {
    fn send(&self, change: Change) {
        let mut all = self.all.lock().unwrap();
        match change {
            Change::Live(change) => {
                all.live.apply((*change).clone());
                all.changes.push(*change);
            }
            Change::Feed(entry) => all.feed.push(entry),
            other => panic!("a watch sends no {other:?}"),
        }
        drop(all);
        self.news.notify_one();
    }
}

impl Seen {
    pub fn live(&self) -> Live {
        self.all.lock().unwrap().live.clone()
    }

    pub fn changes(&self) -> Vec<LiveChange> {
        self.all.lock().unwrap().changes.clone()
    }

    /// The titles of the feed, in English.
    pub fn titles(&self) -> Vec<String> {
        self.all.lock().unwrap().feed.iter().map(|entry| entry.title.en.clone()).collect()
    }

    /// Waits until the picture is as wanted.
    pub async fn until(&self, what: &str, wanted: impl Fn(&Live) -> bool) {
        self.wait(what, || wanted(&self.live())).await;
    }

    /// Waits until the feed says this.
    pub async fn told(&self, title: &str) {
        self.wait(title, || self.titles().iter().any(|t| t == title)).await;
    }

    async fn wait(&self, what: &str, done: impl Fn() -> bool) {
        let waiting = async {
            while !done() {
                self.news.notified().await;
            }
        };
        if tokio::time::timeout(PATIENCE, waiting).await.is_err() {
            panic!("{what}: never seen.\nPicture: {:#?}\nFeed: {:#?}", self.live(), self.titles());
        }
    }
}

/// Begins to watch.
pub fn watch(plan: &ValidPlan, machines: &Arc<Said>) -> (Monitor, Arc<Seen>) {
    let seen = Arc::new(Seen::default());
    let machines: Arc<dyn Machines> = Arc::<Said>::clone(machines);
    (Monitor::start(plan.clone(), machines, Arc::<Seen>::clone(&seen)), seen)
}
