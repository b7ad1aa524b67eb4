//! What is due when, for the things of which there are tens of thousands: nobody looks at all of them to find out.

use std::{
    collections::BTreeSet,
    sync::Arc,
    time::{Duration, Instant},
};

use super::Core;
use crate::wire::Id;

/// Something to look at again. It may be over by then, or put off: whoever is woken looks himself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Due {
    /// An agent's next ping, or its answer.
    Ping(Id),
    /// The end of a framework's filter on an agent for a role.
    Filter(Id, Id, Arc<str>),
    /// Inverse offers of an agent.
    Inverse(Id),
    /// The status of a framework's operation; and how long the next pause is.
    Operation(Id, String, Duration),
}

/// In the order in which they are due.
#[derive(Clone, Debug, Default)]
pub struct Timers(BTreeSet<(Instant, Due)>);

impl Timers {
    pub fn add(&mut self, at: Instant, due: Due) {
        self.0.insert((at, due));
    }

    pub fn next(&self) -> Option<Instant> {
        self.0.first().map(|(at, _)| *at)
    }

    fn take(&mut self, now: Instant) -> Option<Due> {
        (self.next()? <= now).then(|| self.0.pop_first())?.map(|(_, due)| due)
    }
}

impl Core {
    pub(super) fn run_timers(&mut self, now: Instant) {
        while let Some(due) = self.timers.take(now) {
            match due {
                Due::Ping(agent) => self.ping_agent(&agent, now),
                Due::Filter(framework, agent, role) => self.expire_filter(&framework, agent, &role, now),
                Due::Operation(framework, name, pause) => self.repeat_operation(&framework, &name, pause, now),
                Due::Inverse(agent) => self.send_inverse_offers(&agent, now),
            }
        }
    }
}
