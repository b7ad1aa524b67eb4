//! Updates, kept until the agent has acknowledged them.

use std::collections::VecDeque;

use mesos::v1::TaskStatus;

use crate::wire::Call;

/// Updates that the agent has not acknowledged, the oldest first.
#[derive(Debug, Default)]
pub struct News {
    waiting: VecDeque<Waiting>,
}

#[derive(Debug)]
struct Waiting {
    status: TaskStatus,
    /// It was sent to this agent, by itself or with the subscription.
    told: bool,
}

impl News {
    /// Keeps an update; gives the call to send it with, if the agent is there.
    pub fn add(&mut self, status: TaskStatus, is_there: bool) -> Option<Call> {
        self.waiting.push_back(Waiting { status: status.clone(), told: is_there });
        is_there.then(|| Call::Update(Box::new(status)))
    }

    /// The agent has it safe.
    pub fn acknowledge(&mut self, uuid: &str) -> Option<TaskStatus> {
        let index = self.waiting.iter().position(|waiting| waiting.status.uuid.as_deref() == Some(uuid))?;
        self.waiting.remove(index).map(|waiting| waiting.status)
    }

    /// All, to be told with a subscription.
    pub fn tell_all(&mut self) -> Vec<TaskStatus> {
        self.waiting.iter_mut().for_each(|waiting| waiting.told = true);
        self.waiting.iter().map(|waiting| waiting.status.clone()).collect()
    }

    /// What has come up while the subscription was on its way.
    pub fn tell_rest(&mut self) -> Vec<Call> {
        let rest = self.waiting.iter_mut().filter(|waiting| !waiting.told);
        rest.map(|waiting| {
            waiting.told = true;
            Call::Update(Box::new(waiting.status.clone()))
        })
        .collect()
    }
}
