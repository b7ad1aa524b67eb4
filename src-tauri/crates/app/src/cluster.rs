//! One cluster, opened: its plan, its steps, its stream, and all that can be done with it.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use machines::Machines;
use marathon::AppDefinition;
use monitor::Monitor;
use plan::{ClusterPlan, Provider, ValidPlan};
use practice::{Launch, MachineSpec, PracticeMachines};
use protocol::{Change, ClusterView, Endpoint, FileView, Live, LiveChange, RunState, Sink};
use setup::{Entry, Outcome, Selection, Setup};
use tokio_util::sync::CancellationToken;

use crate::{Error, Home, Stream, Watcher, endpoint, lock::Lock};

/// How long a command that a person runs on a machine may take.
const COMMAND: Duration = Duration::from_secs(300);

/// What becomes of a deployment that is under way on the same application, and locks it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lockout {
    /// It goes on; what was asked for is refused.
    Respect,
    /// It is cancelled (Marathon's `force`).
    Force,
}

impl From<bool> for Lockout {
    fn from(force: bool) -> Self {
        if force { Self::Force } else { Self::Respect }
    }
}

/// A cluster, opened. Several may be opened at once, and one by several programs: whoever works on it takes its lock.
pub struct Cluster {
    name: String,
    folder: PathBuf,
    plan: ValidPlan,
    node_program: Option<PathBuf>,
    machines: Arc<dyn Machines>,
    setup: Arc<Setup>,
    stream: Arc<Stream>,
    marathon: marathon::Client,
    /// What ends the run that is under way.
    run: Mutex<Option<CancellationToken>>,
    monitor: Mutex<Option<Monitor>>,
}

impl Cluster {
    pub(crate) fn open(home: &Home, name: &str, plan: ValidPlan) -> Result<Self, Error> {
        let folder = home.folder(name);
        let machines = machines(home, &folder, &plan)?;
        let view = ClusterView {
            seq: 0,
            plan: ClusterPlan::clone(&plan),
            folder: folder.display().to_string(),
            run: RunState::Idle,
            steps: vec![],
            log: vec![],
            live: Live::default(),
            feed: vec![],
        };
        let stream = Arc::new(Stream::new(view));
        let setup = Setup::open(plan.clone(), folder.clone(), machines.clone(), stream.clone())?;
        stream.send(Change::Plan { plan: Box::new(ClusterPlan::clone(&plan)), steps: setup.records() });
        let port = plan.scheduler.port;
        let marathon = marathon::Client::new(plan.schedulers().map(|n| format!("http://{}:{port}", n.address)))?;
        Ok(Self {
            name: name.into(),
            folder,
            plan,
            node_program: home.node_program(),
            machines,
            setup: Arc::new(setup),
            stream,
            marathon,
            run: Mutex::new(None),
            monitor: Mutex::new(None),
        })
    }

    /// Its name: its folder's.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Its plan.
    pub fn plan(&self) -> &ValidPlan {
        &self.plan
    }

    /// The picture, and a watcher that goes on from just there.
    pub fn watch(&self) -> (ClusterView, Watcher) {
        self.stream.watch()
    }

    /// The picture.
    pub fn view(&self) -> ClusterView {
        self.stream.view()
    }

    /// Begins to follow what the cluster itself says, until the cluster is closed. Needs a tokio runtime.
    pub fn follow(&self) {
        let mut monitor = guard(&self.monitor);
        if monitor.is_none() {
            *monitor = Some(Monitor::start(self.plan.clone(), self.machines.clone(), self.stream.clone()));
        }
    }

    /// One look at what the cluster itself says.
    pub async fn look(&self) -> Live {
        monitor::look(&self.plan, &*self.machines).await
    }

    /// Where its services are, by the plan.
    pub fn endpoints(&self) -> Vec<Endpoint> {
        endpoint::of(&self.plan)
    }

    /// Runs steps until they are proved, one fails, or [`Self::cancel`].
    ///
    /// # Errors
    /// [`Error::Busy`] if someone is at work on the cluster already, [`Error::Write`] if the journal can't be written,
    /// [`Error::Made`] if there are machines of an earlier plan that this one has not.
    pub async fn run(&self, selection: &Selection) -> Result<Outcome, Error> {
        let work = self.begin(RunState::Running)?;
        self.leaves_none_behind(&self.plan)?;
        self.setup.make()?;
        let outcome = self.setup.run(selection, &work.cancel).await;
        if outcome == Outcome::Proved && self.setup.records().iter().all(|s| s.state.is_done()) {
            self.setup.note(Entry::Up)?;
        }
        Ok(outcome)
    }

    /// Asks the run that is under way to end: the step that is run is cut off, no other is begun.
    pub fn cancel(&self) {
        if let Some(run) = &*guard(&self.run) {
            self.stream.send(Change::Run(RunState::Cancelling));
            run.cancel();
        }
    }

    /// Shuts all machines down in an orderly way; their data stays.
    ///
    /// # Errors
    /// [`Error::Busy`], [`Error::Machines`], [`Error::Write`].
    pub async fn halt(&self) -> Result<(), Error> {
        let _work = self.begin(RunState::Halting)?;
        self.each_machine(|machines, node| async move { machines.halt(&node).await }).await?;
        Ok(self.setup.note(Entry::Halted)?)
    }

    /// Removes all machines and the cluster's folder.
    ///
    /// # Errors
    /// [`Error::Busy`], [`Error::Machines`], [`Error::Write`].
    pub async fn destroy(&self) -> Result<(), Error> {
        let _work = self.begin(RunState::Destroying)?;
        self.each_machine(|machines, node| async move { machines.destroy(&node).await }).await?;
        self.setup.note(Entry::Destroyed)?;
        *guard(&self.monitor) = None;
        remove_folder(&self.folder)?;
        self.stream.send(Change::Live(Box::new(LiveChange::Gone)));
        Ok(())
    }

    /// Removes a cluster whose plan can't be read: practice machines end by themselves when their folder is gone.
    pub(crate) async fn destroy_unreadable(home: &Home, name: &str) -> Result<(), Error> {
        let folder = home.folder(name);
        let _lock = Lock::take(&folder, name)?;
        remove_folder(&folder)
    }

    /// Runs a line on a machine, as its ordinary user. That it ends with another code than 0 is no error.
    ///
    /// # Errors
    /// [`Error::NoMachine`], [`Error::Machines`].
    pub async fn command(&self, node: &str, line: &str) -> Result<machines::Output, Error> {
        self.has(node)?;
        Ok(self.machines.run(node, line, COMMAND).await?)
    }

    /// The same, heard as it is said; it goes on until it ends, or this is dropped. Gives the exit code.
    ///
    /// # Errors
    /// [`Error::NoMachine`], [`Error::Machines`].
    pub async fn follow_command(&self, node: &str, line: &str, heard: machines::Listener<'_>) -> Result<i32, Error> {
        self.has(node)?;
        Ok(self.machines.follow(node, line, heard).await?)
    }

    fn has(&self, node: &str) -> Result<(), Error> {
        if self.plan.node(node).is_some() {
            return Ok(());
        }
        let known = self.plan.nodes.iter().map(|n| n.name.clone()).collect();
        Err(Error::NoMachine { name: node.into(), known })
    }

    /// Deploys an application, or changes the one that has its id.
    ///
    /// # Errors
    /// [`Error::Application`] if Marathon would refuse it, [`Error::Marathon`] if it does or can't be reached.
    pub async fn deploy(&self, application: &AppDefinition, lockout: Lockout) -> Result<(), Error> {
        let violations = application.validate();
        if !violations.is_empty() {
            return Err(Error::Application { id: application.id.clone(), violations });
        }
        self.answered(self.scheduler(lockout).update(application).await).await.map(drop)
    }

    /// Sets how many instances of an application are wanted.
    ///
    /// # Errors
    /// [`Error::Marathon`].
    pub async fn scale(&self, application: &str, instances: u32, lockout: Lockout) -> Result<(), Error> {
        // Marathon takes a change of what it does not know for a new application, and then misses its command.
        self.answered(self.marathon.app(application).await).await?;
        self.answered(self.scheduler(lockout).scale(application, instances).await).await.map(drop)
    }

    /// Removes an application and its instances, whatever deployment is under way: one that waits for resources that
    /// never come would lock it for good.
    ///
    /// # Errors
    /// [`Error::Marathon`].
    pub async fn remove(&self, application: &str) -> Result<(), Error> {
        self.answered(self.scheduler(Lockout::Force).delete(application).await).await.map(drop)
    }

    /// An application as the scheduler sees it now.
    ///
    /// # Errors
    /// [`Error::Marathon`].
    pub async fn application(&self, id: &str) -> Result<marathon::AppInfo, Error> {
        Ok(self.marathon.app(id).await?)
    }

    /// Of a scheduler that nobody could reach it is asked first whether its machines are there at all.
    async fn answered<T>(&self, answer: Result<T, marathon::Error>) -> Result<T, Error> {
        let Err(error @ marathon::Error::Unreachable { .. }) = answer else { return Ok(answer?) };
        let off = self.machines.states().await?.iter().all(|(_, state)| *state != machines::State::Running);
        Err(if off { Error::NotUp { name: self.name.clone() } } else { error.into() })
    }

    /// Every generated file.
    pub fn files(&self) -> Vec<FileView> {
        let view = |f: configs::File| FileView { path: f.path, node: f.node, text: f.content, mode: f.mode };
        configs::render(&self.plan).files.into_iter().map(view).collect()
    }

    /// Writes every generated file to a folder, or into a .zip if the destination's name ends so; with the machines'
    /// program, if it was built.
    ///
    /// # Errors
    /// [`Error::Export`].
    pub fn export(&self, destination: &Path) -> Result<(), Error> {
        let mut bundle = configs::render(&self.plan);
        bundle.program = self.node_program.clone();
        let zip = destination.extension().is_some_and(|e| e.eq_ignore_ascii_case("zip"));
        let write = if zip { configs::export_zip } else { configs::export_folder };
        Ok(write(&bundle, destination)?)
    }

    /// Saves another plan. The cluster must be opened anew for it.
    ///
    /// # Errors
    /// [`Error::Findings`], [`Error::Busy`], [`Error::Write`]; [`Error::Made`] if machines were made and the new plan has
    /// others: those would be left behind.
    pub fn save_plan(&self, home: &Home, plan: ClusterPlan) -> Result<(), Error> {
        let plan = home.valid(plan)?;
        let _lock = Lock::take(&self.folder, &self.name)?;
        self.leaves_none_behind(&plan)?;
        setup::write_file(&self.folder.join("plan.toml"), plan.to_toml().as_bytes(), 0o644)?;
        Ok(self.setup.note(Entry::Planned)?)
    }

    /// Refuses a plan under which machines that were made would be left behind.
    fn leaves_none_behind(&self, plan: &ClusterPlan) -> Result<(), Error> {
        self.setup.made().map_or(Ok(()), |made| leaves_none_behind(&self.name, &made, plan))
    }

    fn scheduler(&self, lockout: Lockout) -> marathon::Client {
        match lockout {
            Lockout::Respect => self.marathon.clone(),
            Lockout::Force => self.marathon.forcing(),
        }
    }

    fn begin(&self, state: RunState) -> Result<Work<'_>, Error> {
        let mut run = guard(&self.run);
        if run.is_some() {
            return Err(Error::Busy { name: self.name.clone(), pid: std::process::id().to_string() });
        }
        let lock = Lock::take(&self.folder, &self.name)?;
        let cancel = CancellationToken::new();
        *run = Some(cancel.clone());
        self.stream.send(Change::Run(state));
        Ok(Work { cluster: self, cancel, _lock: lock })
    }

    /// Does something with all machines side by side; the first error is given back when all have ended.
    async fn each_machine<F>(&self, work: impl Fn(Arc<dyn Machines>, String) -> F) -> Result<(), Error>
    where
        F: Future<Output = machines::Result<()>> + Send + 'static,
    {
        let mut all = tokio::task::JoinSet::new();
        for node in &self.plan.nodes {
            all.spawn(work(self.machines.clone(), node.name.clone()));
        }
        let results = all.join_all().await;
        results.into_iter().collect::<machines::Result<()>>().map_err(Error::Machines)
    }
}

/// Work under way: while it lives, the cluster is locked and says so.
struct Work<'a> {
    cluster: &'a Cluster,
    cancel: CancellationToken,
    _lock: Lock,
}

impl Drop for Work<'_> {
    fn drop(&mut self) {
        *guard(&self.cluster.run) = None;
        self.cluster.stream.send(Change::Run(RunState::Idle));
    }
}

fn machines(home: &Home, folder: &Path, plan: &ValidPlan) -> Result<Arc<dyn Machines>, Error> {
    if plan.provider != Provider::Practice {
        return Ok(Arc::new(crate::undriven::Undriven::new(plan)));
    }
    let specs = plan
        .nodes
        .iter()
        .map(|n| MachineSpec { name: n.name.clone(), address: n.address, cpus: n.cpus, memory_mb: n.memory_mb })
        .collect();
    let args = vec!["practice-daemon".into(), folder.into()];
    let launch = Launch { program: home.program().to_owned(), args };
    Ok(Arc::new(PracticeMachines::open(folder, specs, launch)))
}

/// Refuses a plan under which machines that were made by another one would be left behind.
pub(crate) fn leaves_none_behind(name: &str, made: &ClusterPlan, plan: &ClusterPlan) -> Result<(), Error> {
    let changes = moved(made, plan);
    if changes.is_empty() { Ok(()) } else { Err(Error::Made { name: name.into(), changes }) }
}

/// What machines are known by, where it differs between two plans: a line each, `-` as it was and `+` as it would be.
fn moved(made: &ClusterPlan, plan: &ClusterPlan) -> Vec<String> {
    let known = |p: &ClusterPlan| {
        let cluster = [
            format!("name = {}", p.name),
            format!("provider = {}", crate::provider_name(p.provider)),
            format!("network = {}", p.network.cidr),
            format!("scheduler = {:?}", p.scheduler.kind),
        ];
        let nodes = p.nodes.iter().map(|n| format!("node {} {}", n.name, n.address));
        cluster.into_iter().chain(nodes).collect::<Vec<_>>()
    };
    let (was, will) = (known(made), known(plan));
    let gone = was.iter().filter(|line| !will.contains(line)).map(|line| format!("- {line}"));
    let new = will.iter().filter(|line| !was.contains(line)).map(|line| format!("+ {line}"));
    gone.chain(new).collect()
}

/// Removes a folder: renamed first, so that a cut-off leaves no half of a cluster.
fn remove_folder(folder: &Path) -> Result<(), Error> {
    let failed = |source| Error::Write(setup::WriteError { path: folder.to_owned(), source });
    let parent = folder.parent().unwrap_or(folder);
    let doomed = tempfile::Builder::new().prefix(".destroyed-").tempdir_in(parent).map_err(failed)?;
    std::fs::rename(folder, doomed.path().join("cluster")).map_err(failed)?;
    doomed.close().map_err(failed)
}

fn guard<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
