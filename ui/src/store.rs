//! One opened cluster, in signals: one for each thing that moves by itself, so that a log line redraws no step.

use leptos::prelude::*;
use plan::ClusterPlan;
use protocol::{
    Applications, Change, ClusterView, Ensemble, Event, Feed, KEPT, Live, LiveChange, Machine, MesosView, Page,
    RunState, Section, Step,
};

use crate::held::Held;
use crate::log_book::LogBook;

/// One opened cluster. Follows [`ClusterView::apply`]: a test holds the two against each other.
#[derive(Clone, Copy)]
pub struct Cluster {
    seq: StoredValue<u64>,
    /// What the student wants.
    pub plan: Held<ClusterPlan>,
    /// The cluster's folder.
    pub folder: RwSignal<String>,
    /// Whether steps are being run.
    pub run: Held<RunState>,
    /// All steps; the list changes only with the plan, each step by itself.
    pub steps: Held<Vec<StepCell>>,
    /// The machines, once seen.
    pub machines: Held<Option<Section<Vec<Machine>>>>,
    /// The ensemble, once seen.
    pub ensemble: Held<Option<Section<Ensemble>>>,
    /// Masters and agents, once seen.
    pub mesos: Held<Option<Section<MesosView>>>,
    /// Scheduler and applications, once seen.
    pub applications: Held<Option<Section<Applications>>>,
    /// What happened, oldest first.
    pub feed: Held<Vec<Feed>>,
    /// The log.
    pub log: LogBook,
}

/// A step, and the signal that holds it.
#[derive(Clone)]
pub struct StepCell {
    /// The step's id.
    pub id: String,
    /// Where the wizard shows it.
    pub page: Page,
    /// The machine it acts on.
    pub node: Option<String>,
    /// The step.
    pub now: ArcRwSignal<Step>,
}

impl StepCell {
    fn new(step: Step) -> Self {
        Self { id: step.id.clone(), page: step.page, node: step.node.clone(), now: ArcRwSignal::new(step) }
    }
}

impl Cluster {
    /// The cluster of that picture.
    pub fn new(view: ClusterView) -> Self {
        Self {
            seq: StoredValue::new(view.seq),
            plan: Held::new(view.plan),
            folder: RwSignal::new(view.folder),
            run: Held::new(view.run),
            steps: Held::new(view.steps.into_iter().map(StepCell::new).collect()),
            machines: Held::new(view.live.machines),
            ensemble: Held::new(view.live.ensemble),
            mesos: Held::new(view.live.mesos),
            applications: Held::new(view.live.applications),
            feed: Held::new(view.feed),
            log: LogBook::new(view.log),
        }
    }

    /// Takes another picture of the same cluster.
    pub fn replace(self, view: ClusterView) {
        self.seq.set_value(view.seq);
        self.plan.set(view.plan);
        self.folder.set(view.folder);
        self.run.set(view.run);
        self.set_steps(view.steps);
        self.set_live(view.live);
        self.feed.set(view.feed);
        self.log.replace(view.log);
    }

    /// Brings the cluster up to `event`; `false` if events are missing between the two, and the picture must be taken again.
    pub fn apply(self, event: Event) -> bool {
        let seq = self.seq.get_value();
        if event.seq <= seq {
            return true;
        }
        if event.seq != seq + 1 {
            return false;
        }
        self.seq.set_value(event.seq);
        match event.change {
            Change::Plan { plan, steps } => {
                self.plan.set(*plan);
                self.set_steps(steps);
            }
            Change::Run(run) => self.run.set(run),
            Change::Step(step) => self.set_step(*step),
            Change::Log(line) => self.log.push(line),
            Change::Live(change) => self.apply_live(*change),
            Change::Feed(entry) => self.feed.update(|feed| {
                feed.push(entry);
                let excess = feed.len().saturating_sub(KEPT);
                feed.drain(..excess);
            }),
        }
        true
    }

    fn set_step(self, step: Step) {
        let cell = self.steps.with_untracked(|cells| cells.iter().find(|cell| cell.id == step.id).cloned());
        if let Some(cell) = cell {
            cell.now.set(step);
        }
    }

    /// Keeps the cells, and whoever looks at them, where the list is the same but for what the steps say.
    fn set_steps(self, steps: Vec<Step>) {
        let same = self.steps.with_untracked(|cells| {
            cells.len() == steps.len()
                && cells
                    .iter()
                    .zip(&steps)
                    .all(|(cell, step)| (&cell.id, cell.page, &cell.node) == (&step.id, step.page, &step.node))
        });
        if same {
            steps.into_iter().for_each(|step| self.set_step(step));
        } else {
            self.steps.set(steps.into_iter().map(StepCell::new).collect());
        }
    }

    fn set_live(self, live: Live) {
        self.machines.set(live.machines);
        self.ensemble.set(live.ensemble);
        self.mesos.set(live.mesos);
        self.applications.set(live.applications);
    }

    fn apply_live(self, change: LiveChange) {
        match change {
            LiveChange::Machines(now) => self.machines.set(Some(now)),
            LiveChange::Ensemble(now) => self.ensemble.set(Some(now)),
            LiveChange::Mesos(now) => self.mesos.set(Some(now)),
            LiveChange::Applications(now) => self.applications.set(Some(now)),
            LiveChange::Gone => self.set_live(Live::default()),
        }
    }
}

#[cfg(test)]
mod tests {
    use protocol::{LogLine, Tone};
    use words::Text;

    use super::*;
    use crate::scenes;

    /// The picture that the cluster's signals make together.
    fn picture(cluster: Cluster) -> ClusterView {
        ClusterView {
            seq: cluster.seq.get_value(),
            plan: cluster.plan.get_untracked(),
            folder: cluster.folder.get_untracked(),
            run: cluster.run.get_untracked(),
            steps: cluster.steps.get_untracked().iter().map(|cell| cell.now.get_untracked()).collect(),
            log: cluster.log.newest(KEPT),
            live: Live {
                machines: cluster.machines.get_untracked(),
                ensemble: cluster.ensemble.get_untracked(),
                mesos: cluster.mesos.get_untracked(),
                applications: cluster.applications.get_untracked(),
            },
            feed: cluster.feed.get_untracked(),
        }
    }

    fn changes(from: &ClusterView, to: &ClusterView) -> Vec<Change> {
        let line = |n: u64| LogLine { at_ms: n, node: None, step: None, error: false, text: n.to_string() };
        let feed = |n: u64| Feed { at_ms: n, tone: Tone::Info, title: Text::same("x"), detail: Text::default() };
        let mut changes = vec![
            Change::Run(RunState::Cancelling),
            Change::Step(Box::new(to.steps[0].clone())),
            Change::Step(Box::new(Step { id: "nobody".into(), ..to.steps[0].clone() })),
            Change::Live(Box::new(LiveChange::Gone)),
            Change::Plan { plan: Box::new(to.plan.clone()), steps: to.steps.clone() },
            Change::Plan { plan: Box::new(from.plan.clone()), steps: from.steps[1..].to_vec() },
        ];
        let live = to.live.clone();
        changes.extend(live.machines.map(|now| Change::Live(Box::new(LiveChange::Machines(now)))));
        changes.extend(live.ensemble.map(|now| Change::Live(Box::new(LiveChange::Ensemble(now)))));
        changes.extend(live.mesos.map(|now| Change::Live(Box::new(LiveChange::Mesos(now)))));
        changes.extend(live.applications.map(|now| Change::Live(Box::new(LiveChange::Applications(now)))));
        changes.extend((0..KEPT as u64 + 10).map(|n| Change::Log(line(n))));
        changes.extend((0..KEPT as u64 + 10).map(|n| Change::Feed(feed(n))));
        changes
    }

    #[test]
    fn the_signals_always_make_the_picture_that_the_protocol_makes() {
        Owner::new().with(|| {
            let (mut view, later) = (scenes::running(), scenes::up());
            let cluster = Cluster::new(view.clone());
            assert_eq!(picture(cluster), view);
            for (seq, change) in (view.seq + 1..).zip(changes(&view.clone(), &later)) {
                let event = Event { v: protocol::VERSION, seq, at_ms: 0, change };
                assert!(view.apply(event.clone()) && cluster.apply(event));
                assert_eq!(picture(cluster), view);
            }
        });
    }

    #[test]
    fn a_gap_is_noticed_and_what_is_known_passed_over() {
        Owner::new().with(|| {
            let view = scenes::running();
            let cluster = Cluster::new(view.clone());
            let event = |seq| Event { v: protocol::VERSION, seq, at_ms: 0, change: Change::Run(RunState::Idle) };
            assert!(cluster.apply(event(view.seq)));
            assert!(!cluster.apply(event(view.seq + 2)));
            assert_eq!(picture(cluster), view);
        });
    }
}
