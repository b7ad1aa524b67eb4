//! Running steps: side by side where nothing stands between them, each with a deadline, until all are proved, one
//! fails, or the person cancels.

use std::{
    collections::HashSet,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use machines::Machines;
use plan::{ClusterPlan, ValidPlan};
use protocol::{Change, Observed, Sink, Step, StepState};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use words::{Action, Problem, Text, text};

use crate::{
    Entry, Journal, JournalError, WriteError,
    act::Act,
    deployed::Deployed,
    journal::{self, state_of},
    look::Look,
    steps,
};

/// Between two looks at the same thing: at first short, because practice clusters are quick, then longer.
const LOOK_AGAIN: (Duration, Duration) = (Duration::from_millis(15), Duration::from_millis(500));

/// Which steps to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// All, in the order of the graph.
    All,
    /// One, by its id; those that it comes after must be done.
    One(String),
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Every step that was asked for is proved.
    Proved,
    /// The person cancelled.
    Cancelled,
    /// Some steps failed; those that come after them were not begun.
    Failed(Vec<(String, Problem)>),
}

/// A cluster's steps, their records and their journal.
pub struct Setup {
    plan: ValidPlan,
    folder: PathBuf,
    machines: Arc<dyn Machines>,
    sink: Arc<dyn Sink>,
    mesos: mesos::operator::Client,
    marathon: marathon::Client,
    acts: Vec<Act>,
    records: Mutex<Vec<Step>>,
    /// The plan that the machines were made by, if there are any.
    made: Mutex<Option<ClusterPlan>>,
    deployed: Deployed,
    journal: Mutex<Journal>,
}

/// A cluster's steps could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The journal.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The client for the masters.
    #[error(transparent)]
    Mesos(#[from] mesos::Error),
    /// The client for the scheduler.
    #[error(transparent)]
    Marathon(#[from] marathon::Error),
}

/// What an act may use.
pub(crate) struct Context<'a> {
    pub plan: &'a ValidPlan,
    pub folder: &'a PathBuf,
    pub machines: &'a dyn Machines,
    pub sink: &'a dyn Sink,
    pub mesos: &'a mesos::operator::Client,
    pub marathon: &'a marathon::Client,
    /// The applications as the scheduler last took them from the plan.
    pub deployed: &'a Deployed,
    pub journal: &'a Mutex<Journal>,
    /// The id of the step that is run.
    pub step: &'a str,
}

/// Milliseconds since 1970.
pub fn now_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_millis() as u64)
}

impl Setup {
    /// The steps of a plan in its folder, as far as the folder's journal says they got.
    ///
    /// # Errors
    /// [`OpenError`] if the journal can't be opened, or no client for the plan's addresses can be made.
    pub fn open(
        plan: ValidPlan,
        folder: PathBuf,
        machines: Arc<dyn Machines>,
        sink: Arc<dyn Sink>,
    ) -> Result<Self, OpenError> {
        let master = plan.mesos.master_port;
        let mesos = mesos::operator::Client::new(plan.masters().map(|n| format!("{}:{master}", n.address)))?;
        let api = plan.scheduler.port;
        let marathon = marathon::Client::new(plan.schedulers().map(|n| format!("http://{}:{api}", n.address)))?;
        let (journal, entries) = Journal::open(&folder.join("journal.jsonl"))?;
        let (mut records, acts): (Vec<_>, Vec<_>) = steps(&plan).into_iter().map(|p| (p.record, p.act)).unzip();
        for record in &mut records {
            (record.state, record.observed) = state_of(&entries, &record.id);
        }
        let made = Mutex::new(journal::made(&entries));
        let deployed = Deployed::of(&entries);
        let (records, journal) = (Mutex::new(records), Mutex::new(journal));
        Ok(Self { plan, folder, machines, sink, mesos, marathon, acts, records, made, deployed, journal })
    }

    /// The plan that the machines were made by; none if there are no machines.
    pub fn made(&self) -> Option<ClusterPlan> {
        lock(&self.made).clone()
    }

    /// Notes, before the first step of a run, that there may be machines of this plan from here on.
    ///
    /// # Errors
    /// [`WriteError`] if it could not be written: then nothing may be begun.
    pub fn make(&self) -> Result<(), WriteError> {
        let mut made = lock(&self.made);
        if made.as_ref() == Some(&*self.plan) {
            return Ok(());
        }
        let plan = ClusterPlan::clone(&self.plan);
        self.note(Entry::Made { plan: Box::new(plan.clone()) })?;
        *made = Some(plan);
        Ok(())
    }

    /// The records as they are now.
    pub fn records(&self) -> Vec<Step> {
        lock(&self.records).clone()
    }

    /// Notes something in the journal that is no step.
    ///
    /// # Errors
    /// [`WriteError`] if it could not be written.
    pub fn note(&self, entry: Entry) -> Result<(), WriteError> {
        lock(&self.journal).append(entry)
    }

    /// Runs steps until they are proved, or until `cancel`. Each change of a record goes to the sink.
    pub async fn run(self: &Arc<Self>, selection: &Selection, cancel: &CancellationToken) -> Outcome {
        let mut pending = match self.select(selection) {
            Ok(pending) => pending,
            Err((id, problem)) => return Outcome::Failed(vec![(id, problem)]),
        };
        let wanted: HashSet<String> = lock(&self.records)
            .iter()
            .enumerate()
            .filter(|(i, _)| pending.contains(i))
            .map(|(_, r)| r.id.clone())
            .collect();
        let mut proved: HashSet<String> = HashSet::new();
        let mut failed = Vec::new();
        let mut running = JoinSet::new();
        let mut begun: HashSet<usize> = HashSet::new();
        loop {
            if cancel.is_cancelled() {
                running.abort_all();
                while running.join_next().await.is_some() {}
                self.interrupted(&begun);
                return Outcome::Cancelled;
            }
            for index in self.ready(&pending, &wanted, &proved) {
                pending.retain(|i| *i != index);
                begun.insert(index);
                let setup = Arc::clone(self);
                running.spawn(async move { (index, setup.step(index).await) });
            }
            let ended = tokio::select! {
                ended = running.join_next() => ended,
                () = cancel.cancelled() => continue,
            };
            let Some(ended) = ended else { break };
            let Ok((index, result)) = ended else { continue };
            begun.remove(&index);
            let id = lock(&self.records)[index].id.clone();
            match result {
                Ok(()) => {
                    proved.insert(id);
                }
                Err(problem) => failed.push((id, problem)),
            }
        }
        if failed.is_empty() { Outcome::Proved } else { Outcome::Failed(failed) }
    }

    fn select(&self, selection: &Selection) -> Result<Vec<usize>, (String, Problem)> {
        let records = lock(&self.records);
        let Selection::One(id) = selection else { return Ok((0..records.len()).collect()) };
        let Some(index) = records.iter().position(|r| r.id == *id) else { return Err((id.clone(), unknown_step(id))) };
        let missing: Vec<_> = records[index]
            .after
            .iter()
            .filter_map(|a| records.iter().find(|r| r.id == *a))
            .filter(|r| !r.state.is_done())
            .collect();
        if missing.is_empty() { Ok(vec![index]) } else { Err((id.clone(), not_ready(&missing))) }
    }

    /// The pending steps of which everything that they wait for, among those that are run, is proved.
    fn ready(&self, pending: &[usize], wanted: &HashSet<String>, proved: &HashSet<String>) -> Vec<usize> {
        let records = lock(&self.records);
        let free = |i: &usize| records[*i].after.iter().all(|a| !wanted.contains(a) || proved.contains(a));
        pending.iter().copied().filter(free).collect()
    }

    /// One step: look, act, look again.
    async fn step(&self, index: usize) -> Result<(), Problem> {
        let began = Instant::now();
        let (id, deadline) = {
            let records = lock(&self.records);
            (records[index].id.clone(), Duration::from_secs(records[index].deadline_s.into()))
        };
        self.note(Entry::Begun { step: id.clone() }).map_err(|e| e.problem())?;
        let since_ms = now_ms();
        let context = Context {
            plan: &self.plan,
            folder: &self.folder,
            machines: &*self.machines,
            sink: &*self.sink,
            mesos: &self.mesos,
            marathon: &self.marathon,
            deployed: &self.deployed,
            journal: &self.journal,
            step: &id,
        };
        let mut last = None;
        let work = self.check_apply_verify(index, since_ms, &context, deadline, &mut last);
        let result = match tokio::time::timeout(deadline, work).await {
            Ok(result) => result,
            Err(_) => Err(too_late(deadline, last)),
        };
        let took_ms = began.elapsed().as_millis() as u64;
        match result {
            Ok((already, observed)) => {
                if let Act::Deploy(application) = &self.acts[index] {
                    self.deployed.take(application.definition(), &self.journal).map_err(|e| e.problem())?;
                }
                let entry = Entry::Done { step: id, took_ms, already, observed: observed.clone() };
                self.note(entry).map_err(|e| e.problem())?;
                self.set(index, StepState::Done { took_ms, already }, Some(observed));
                Ok(())
            }
            Err(problem) => {
                let boxed = Box::new(problem.clone());
                let noted = self.note(Entry::Failed { step: id, took_ms, problem: boxed.clone() });
                self.set(index, StepState::Failed { took_ms, problem: boxed }, None);
                Err(noted.err().map_or(problem, |e| e.problem()))
            }
        }
    }

    /// Gives back whether the effect was there already, and what proves it.
    async fn check_apply_verify(
        &self,
        index: usize,
        since_ms: u64,
        context: &Context<'_>,
        deadline: Duration,
        last: &mut Option<(Observed, Text)>,
    ) -> Result<(bool, Observed), Problem> {
        let act = &self.acts[index];
        let running = |doing| StepState::Running { since_ms, doing };
        self.set(index, running(text!("looking whether it is there already", "regarde si c’est déjà fait")), None);
        if let Look::There(observed) = act.look(context).await? {
            return Ok((true, observed));
        }
        self.set(index, running(text!("working", "en cours")), None);
        act.apply(context, deadline).await?;
        let (mut pause, longest) = LOOK_AGAIN;
        loop {
            match act.look(context).await? {
                Look::There(observed) => return Ok((false, observed)),
                Look::NotYet { seen, waiting_for } => {
                    if last.as_ref().is_none_or(|(_, before)| *before != waiting_for) {
                        self.set(index, running(waiting_for.clone()), None);
                    }
                    *last = Some((seen, waiting_for));
                }
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(longest);
        }
    }

    /// Says of the steps that were begun that they were cut off; one that ended just before keeps what it ended with.
    fn interrupted(&self, begun: &HashSet<usize>) {
        for index in begun {
            let (step, cut_off) = {
                let record = &lock(&self.records)[*index];
                (record.id.clone(), matches!(record.state, StepState::Running { .. } | StepState::Waiting))
            };
            if !cut_off {
                continue;
            }
            if let Err(error) = self.note(Entry::Interrupted { step }) {
                tracing::warn!(%error, "a cancelled step could not be noted; it counts as cut off all the same");
            }
            self.set(*index, StepState::Interrupted, None);
        }
    }

    fn set(&self, index: usize, state: StepState, observed: Option<Observed>) {
        let record = {
            let mut records = lock(&self.records);
            records[index].state = state;
            records[index].observed = observed;
            records[index].clone()
        };
        self.sink.send(Change::Step(Box::new(record)));
    }
}

fn too_late(deadline: Duration, last: Option<(Observed, Text)>) -> Problem {
    let s = deadline.as_secs();
    let problem = Problem::new(
        "step-deadline",
        match &last {
            Some((_, wait)) => {
                Text::new(format!("Not within {s} s: {}.", wait.en), format!("Pas en {s} s : {}.", wait.fr))
            }
            None => text!("It did not end within {s} s.", "Cela n’a pas abouti en {s} s."),
        },
        text!(
            "Look at what was seen last, below, and at the log. Then run the step again.",
            "Regardez ce qui a été vu en dernier, ci-dessous, et le journal. Puis relancez l’étape."
        ),
    )
    .with_action(Action::Retry);
    match last {
        Some((seen, _)) => {
            seen.output.lines().fold(problem.with_evidence(format!("$ {}", seen.command)), Problem::with_evidence)
        }
        None => problem,
    }
}

fn unknown_step(id: &str) -> Problem {
    Problem::new(
        "step-unknown",
        text!("This cluster has no step `{id}`.", "Ce cluster n’a pas d’étape « {id} »."),
        text!("Choose one of the steps that the cluster has.", "Choisissez une des étapes du cluster."),
    )
}

fn not_ready(missing: &[&Step]) -> Problem {
    let names = |pick: fn(&Step) -> (&str, Option<&String>)| {
        let names: Vec<_> = missing
            .iter()
            .map(|s| match pick(s) {
                (title, Some(node)) => format!("{title} ({node})"),
                (title, None) => title.to_owned(),
            })
            .collect();
        names.join(", ")
    };
    let en = names(|s| (&s.title.en, s.node.as_ref()));
    let fr = names(|s| (&s.title.fr, s.node.as_ref()));
    Problem::new(
        "step-not-ready",
        Text::new(format!("Other steps come first: {en}."), format!("D’autres étapes viennent avant : {fr}.")),
        text!("Run those first, or run everything.", "Lancez-les d’abord, ou lancez tout."),
    )
}

/// A lock that survives a panic elsewhere: the records are replaced whole, so what is in them is always sound.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
