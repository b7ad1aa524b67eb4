//! Instances of applications that started, moved, failed, stopped, or are out of reach.

use std::collections::{BTreeMap, HashMap};

use mesos::v1::TaskState;
use protocol::{Applications, MesosView, Task, Tone};
use words::{Text, text};

use self::On::{Many, One};
use super::Told;
use crate::{
    view::endings::{Ending, Endings},
    wording,
};

pub(super) fn tell(
    before: Option<&MesosView>,
    after: Option<&MesosView>,
    applications: Option<&Applications>,
    endings: &Endings,
    told: &mut Told,
) {
    let (Some(before), Some(after)) = (before, after) else { return };
    let (was, is) = (placed(before), placed(after));
    let mut stories: BTreeMap<&str, Story<'_>> = BTreeMap::new();
    for (id, now) in &is {
        stories.entry(&now.task.application).or_default().goes_on(was.get(id), now);
    }
    for (id, then) in was.iter().filter(|(id, _)| !is.contains_key(*id)) {
        stories.entry(&then.task.application).or_default().ended(then, endings.of(id));
    }
    for (application, mut story) in stories {
        let wanted = applications.and_then(|all| all.applications.iter().find(|a| a.id == application));
        story.pair_moves(wanted.map(|a| a.instances as usize));
        story.tell(application, told);
    }
}

/// A task and the machine that it is on.
#[derive(Clone, Copy)]
struct Placed<'a> {
    task: &'a Task,
    node: &'a str,
}

fn placed(view: &MesosView) -> HashMap<&str, Placed<'_>> {
    let mut all = HashMap::new();
    for agent in &view.agents {
        all.extend(agent.tasks.iter().map(|task| (task.id.as_str(), Placed { task, node: &agent.node })));
    }
    all
}

impl Placed<'_> {
    fn is(&self, state: TaskState) -> bool {
        self.task.state == state.as_str()
    }
}

/// What happened to one application's instances: the machines that it happened on.
#[derive(Default)]
struct Story<'a> {
    /// Ran before.
    ran: usize,
    started: Vec<&'a str>,
    back: Vec<&'a str>,
    out_of_reach: Vec<&'a str>,
    /// Was out of reach before, and still is.
    missed: Vec<&'a str>,
    failed: Vec<&'a str>,
    why_failed: &'a str,
    stopped: Vec<&'a str>,
    moved: Vec<(&'a str, &'a str)>,
}

impl<'a> Story<'a> {
    fn goes_on(&mut self, then: Option<&Placed<'a>>, now: &Placed<'a>) {
        let was = |state| then.is_some_and(|then| then.is(state));
        self.ran += usize::from(was(TaskState::Running));
        if now.is(TaskState::Running) && !was(TaskState::Running) {
            let list = if was(TaskState::Unreachable) { &mut self.back } else { &mut self.started };
            list.push(now.node);
        } else if now.is(TaskState::Unreachable) {
            let list = if was(TaskState::Unreachable) { &mut self.missed } else { &mut self.out_of_reach };
            list.push(now.node);
        }
    }

    fn ended(&mut self, then: &Placed<'a>, ending: Option<&'a Ending>) {
        self.ran += usize::from(then.is(TaskState::Running));
        match ending.map(|ending| ending.state) {
            // That it is out of reach was told; that it is forgotten is nothing new.
            _ if then.is(TaskState::Unreachable) => {}
            None | Some(TaskState::Killed | TaskState::Finished) => self.stopped.push(then.node),
            Some(_) => {
                self.failed.push(then.node);
                self.why_failed = ending.map(|e| e.message.as_str()).unwrap_or_default();
            }
        }
    }

    /// An instance that starts elsewhere in place of one that was lost has moved. Where instances were lost before, that
    /// is only clear while no more are missing than were lost.
    fn pair_moves(&mut self, wanted: Option<usize>) {
        for list in [&mut self.started, &mut self.out_of_reach, &mut self.missed, &mut self.failed] {
            list.sort_unstable();
        }
        let explained = wanted.is_some_and(|wanted| wanted.saturating_sub(self.ran) <= self.missed.len());
        let mut lost: Vec<&str> = self.out_of_reach.clone();
        lost.extend(self.missed.iter().filter(|_| explained));
        let mut stayed = Vec::new();
        for to in std::mem::take(&mut self.started) {
            match lost.iter().position(|from| *from != to) {
                Some(n) => self.moved.push((lost.remove(n), to)),
                None => stayed.push(to),
            }
        }
        self.started = stayed;
    }

    fn tell(&self, application: &str, told: &mut Told) {
        let a = application;
        tell_each(told, Tone::Bad, &self.out_of_reach, Text::default(), |on| match on {
            One(node) => text!(
                "An instance of {a} is out of reach on {node}",
                "Une instance de {a} est hors d’atteinte sur {node}"
            ),
            Many(n) => text!("{n} instances of {a} are out of reach", "{n} instances de {a} sont hors d’atteinte"),
        });
        tell_each(told, Tone::Bad, &self.failed, Text::same(self.why_failed), |on| match on {
            One(node) => text!("An instance of {a} failed on {node}", "Une instance de {a} a échoué sur {node}"),
            Many(n) => text!("{n} instances of {a} failed", "{n} instances de {a} ont échoué"),
        });
        tell_each(told, Tone::Info, &self.stopped, Text::default(), |on| match on {
            One(node) => text!("An instance of {a} stopped on {node}", "Une instance de {a} s’est arrêtée sur {node}"),
            Many(n) => text!("{n} instances of {a} stopped", "{n} instances de {a} se sont arrêtées"),
        });
        self.tell_moves(application, told);
        tell_each(told, Tone::Info, &self.started, Text::default(), |on| match on {
            One(node) => text!("An instance of {a} started on {node}", "Une instance de {a} a démarré sur {node}"),
            Many(n) => text!("{n} instances of {a} started", "{n} instances de {a} ont démarré"),
        });
        tell_each(told, Tone::Good, &self.back, Text::default(), |on| match on {
            One(node) => text!("An instance of {a} is back on {node}", "Une instance de {a} est de retour sur {node}"),
            Many(n) => text!("{n} instances of {a} are back", "{n} instances de {a} sont de retour"),
        });
    }

    fn tell_moves(&self, a: &str, told: &mut Told) {
        match self.moved.as_slice() {
            [] => {}
            [(from, to)] => {
                let title = text!(
                    "An instance of {a} moved from {from} to {to}",
                    "Une instance de {a} est passée de {from} à {to}"
                );
                told.tell(Tone::Move, title, Text::default());
            }
            moves => {
                let n = moves.len();
                let title = text!("{n} instances of {a} moved", "{n} instances de {a} ont changé de machine");
                let each: Vec<String> = moves.iter().map(|(from, to)| format!("{from} → {to}")).collect();
                told.tell(Tone::Move, title, wording::list(&each));
            }
        }
    }
}

/// On one machine, or how often.
enum On<'a> {
    One(&'a str),
    Many(usize),
}

/// One entry for all of `nodes`; `why` takes the place of their names.
fn tell_each(told: &mut Told, tone: Tone, nodes: &[&str], why: Text, title: impl Fn(On<'_>) -> Text) {
    match nodes {
        [] => {}
        [node] => told.tell(tone, title(One(node)), why),
        nodes => {
            let mut distinct = nodes.to_vec();
            distinct.sort_unstable();
            distinct.dedup();
            let detail = if why.en.is_empty() { wording::list(&distinct) } else { why };
            told.tell(tone, title(Many(nodes.len())), detail);
        }
    }
}
