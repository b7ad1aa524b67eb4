//! The way to the agent: subscribed, or trying to be.

use std::time::Duration;

use super::{Action, Core};
use crate::wire::Call;

/// An agent that starts an executor waits for it a minute; trying for longer is of no use.
const FIRST: Duration = Duration::from_secs(60);
/// From one attempt to the next before the first success: the agent is there, only busy.
const FIRST_RETRY: Duration = Duration::from_secs(2);
/// How often the executor tells the agent that it lives; as often as Mesos's own.
const HEARTBEAT: Duration = Duration::from_secs(30 * 60);

/// The way to the agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// Not subscribed.
    Away {
        /// When to try; none: it is being tried.
        next: Option<Duration>,
        /// When to stop trying.
        until: Duration,
        /// It was subscribed before.
        before: bool,
    },
    /// Subscribed.
    There {
        /// The next heartbeat.
        heartbeat: Duration,
    },
    /// Given up.
    GivenUp,
}

impl Link {
    /// Not subscribed, and about to be.
    pub fn at_start() -> Self {
        Self::Away { next: Some(Duration::ZERO), until: FIRST, before: false }
    }

    /// Whether calls can be made.
    pub fn is_there(self) -> bool {
        matches!(self, Self::There { .. })
    }

    /// Whether the agent will not be heard again.
    pub fn is_given_up(self) -> bool {
        self == Self::GivenUp
    }

    /// When something is to be done.
    pub fn deadline(self) -> Option<Duration> {
        match self {
            Self::Away { next, until, .. } => Some(next.map_or(until, |next| next.min(until))),
            Self::There { heartbeat } => Some(heartbeat),
            Self::GivenUp => None,
        }
    }
}

impl Core {
    pub(super) fn subscribed(&mut self) {
        if self.link.is_given_up() {
            return;
        }
        self.link = Link::There { heartbeat: self.now.since_start + HEARTBEAT };
        self.unreached.clear();
        self.out.extend(self.news.tell_rest().into_iter().map(Action::Tell));
        if let Some(life) = &mut self.life {
            life.wait_for_last_word(self.now.since_start);
        }
    }

    pub(super) fn lost(&mut self, why: &str) {
        let now = self.now.since_start;
        match (self.link, self.options.recovery) {
            (Link::Away { until, before, .. }, _) => {
                if self.unreached != why {
                    self.note(format!("the agent cannot be reached: {why}"));
                    why.clone_into(&mut self.unreached);
                }
                let most = if before { self.options.retry } else { self.options.retry.min(FIRST_RETRY) };
                let next = Some(now + self.chance.part_of(most));
                self.link = Link::Away { next, until, before };
            }
            (Link::There { .. }, Some(recovery)) => {
                self.note(format!("the agent is gone ({why}): waiting for it for {} s", recovery.as_secs()));
                let next = Some(now + self.chance.part_of(self.options.retry));
                self.link = Link::Away { next, until: now + recovery, before: true };
            }
            (Link::There { .. }, None) => {
                self.note(format!("the agent is gone ({why}), and nothing was to outlive it"));
                self.give_up();
            }
            (Link::GivenUp, _) => {}
        }
    }

    pub(super) fn keep_link(&mut self) {
        let now = self.now.since_start;
        match self.link {
            Link::Away { until, .. } if until <= now => {
                self.note("the agent has not come back in time");
                self.give_up();
            }
            Link::Away { next: Some(next), until, before } if next <= now => {
                self.link = Link::Away { next: None, until, before };
                let tasks = self.life.iter().filter(|life| !life.acknowledged).map(|life| life.task.info.clone());
                let call = Call::Subscribe { tasks: tasks.collect(), updates: self.news.tell_all() };
                self.out.push(Action::Subscribe(call));
            }
            Link::There { heartbeat } if heartbeat <= now => {
                self.link = Link::There { heartbeat: now + HEARTBEAT };
                self.out.push(Action::Tell(Call::Heartbeat));
            }
            _ => {}
        }
    }

    fn give_up(&mut self) {
        self.link = Link::GivenUp;
        self.shut_down();
    }
}
