//! What happened between two pictures, in words. Pure.
//!
//! Things of one kind that happen together are told together: that fifty agents are lost is one entry.

mod applications;
mod ensemble;
mod machines;
mod mesos;
mod tasks;

use protocol::{Applications, Ensemble, Feed, Live, Machine, MesosView, Section, Tone};
use words::Text;

use crate::view::endings::Endings;

/// What happened between the pictures `before` and `after`, seen at `at_ms` (milliseconds since 1970). `endings` says how
/// tasks ended that are no longer in the picture.
#[cfg(test)]
fn diff(before: &Live, after: &Live, at_ms: u64, endings: &Endings) -> Vec<Feed> {
    let mut told = Told::new(at_ms);
    Vec::<Machine>::tell(before.machines.as_ref(), after, endings, &mut told);
    Ensemble::tell(before.ensemble.as_ref(), after, endings, &mut told);
    MesosView::tell(before.mesos.as_ref(), after, endings, &mut told);
    Applications::tell(before.applications.as_ref(), after, endings, &mut told);
    told.feed
}

/// A section of the picture that has a story.
pub trait Story: Sized {
    /// Tells what happened since the section was `before`, in the picture as it is now.
    fn tell(before: Option<&Section<Self>>, live: &Live, endings: &Endings, told: &mut Told);
}

impl Story for Vec<Machine> {
    fn tell(before: Option<&Section<Self>>, live: &Live, _: &Endings, told: &mut Told) {
        machines::tell(before, live.machines.as_ref(), told);
    }
}

impl Story for Ensemble {
    fn tell(before: Option<&Section<Self>>, live: &Live, _: &Endings, told: &mut Told) {
        ensemble::tell(body(before), body(live.ensemble.as_ref()), live, told);
    }
}

impl Story for MesosView {
    fn tell(before: Option<&Section<Self>>, live: &Live, endings: &Endings, told: &mut Told) {
        let (before, after) = (body(before), body(live.mesos.as_ref()));
        if before == after {
            // Most often so, and there may be very many tasks.
            return;
        }
        mesos::tell(before, after, live, told);
        tasks::tell(before, after, body(live.applications.as_ref()), endings, told);
    }
}

impl Story for Applications {
    fn tell(before: Option<&Section<Self>>, live: &Live, _: &Endings, told: &mut Told) {
        applications::tell(body(before), body(live.applications.as_ref()), live, told);
    }
}

fn body<T>(section: Option<&Section<T>>) -> Option<&T> {
    section.map(|section| &section.body)
}

/// What was told so far.
#[derive(Debug)]
pub struct Told {
    at_ms: u64,
    feed: Vec<Feed>,
}

impl Told {
    /// Nothing yet; all that is told happened at `at_ms`, milliseconds since 1970.
    pub fn new(at_ms: u64) -> Self {
        Self { at_ms, feed: Vec::new() }
    }

    /// What was told.
    pub fn into_feed(self) -> Vec<Feed> {
        self.feed
    }

    fn tell(&mut self, tone: Tone, title: Text, detail: Text) {
        self.feed.push(Feed { at_ms: self.at_ms, tone, title, detail });
    }

    /// Tells what happened to each of `names`: `one` if that is one, `many` with the names in the detail otherwise.
    fn tell_of(&mut self, tone: Tone, names: &[&str], one: fn(&str) -> Text, many: fn(usize) -> Text) {
        match names {
            [] => {}
            [name] => self.tell(tone, one(name), Text::default()),
            names => self.tell(tone, many(names.len()), crate::wording::list(names)),
        }
    }
}

/// Whether the machine of that name is known to be off: then its programs have nothing to say for themselves.
fn is_off(live: &Live, node: &str) -> bool {
    use protocol::MachineState::{Halted, Missing, Paused};
    let machine = body(live.machines.as_ref()).and_then(|all| all.iter().find(|m| m.node == node));
    machine.is_some_and(|m| matches!(m.state, Halted | Missing | Paused))
}

#[cfg(test)]
mod tests;
