//! What happened between two pictures, in words. Pure.
//!
//! Things of one kind that happen together are told together: that fifty agents are lost is one entry.

mod applications;
mod ensemble;
mod machines;
mod mesos;
mod tasks;

use protocol::{Feed, Live, Tone};
use words::Text;

use crate::view::endings::Endings;

/// What happened between the pictures `before` and `after`, seen at `at_ms` (milliseconds since 1970). `endings` says how
/// tasks ended that are no longer in the picture.
pub fn diff(before: &Live, after: &Live, at_ms: u64, endings: &Endings) -> Vec<Feed> {
    let mut told = Told { at_ms, feed: Vec::new() };
    machines::tell(before.machines.as_ref(), after.machines.as_ref(), &mut told);
    ensemble::tell(body(&before.ensemble), body(&after.ensemble), after, &mut told);
    mesos::tell(body(&before.mesos), body(&after.mesos), after, &mut told);
    tasks::tell(body(&before.mesos), body(&after.mesos), body(&after.applications), endings, &mut told);
    applications::tell(body(&before.applications), body(&after.applications), &mut told);
    told.feed
}

fn body<T>(section: &Option<protocol::Section<T>>) -> Option<&T> {
    section.as_ref().map(|section| &section.body)
}

/// What was told so far.
struct Told {
    at_ms: u64,
    feed: Vec<Feed>,
}

impl Told {
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
    let machine = body(&live.machines).and_then(|all| all.iter().find(|m| m.node == node));
    machine.is_some_and(|m| matches!(m.state, Halted | Missing | Paused))
}

#[cfg(test)]
mod tests;
