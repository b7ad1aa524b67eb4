//! How the enums with a tag are read: every field of every case beside the tag.
//!
//! Serde reads such an enum by putting all of it aside first and reading it a second time, with code of its own for every
//! type that lies in it: a good part of the window's bundle. What is written is the same.

use serde::Deserialize;
use words::{Problem, Text};

#[derive(Deserialize)]
pub(crate) struct StepState {
    is: Step,
    #[serde(default)]
    since_ms: u64,
    #[serde(default)]
    doing: Text,
    #[serde(default)]
    took_ms: u64,
    #[serde(default)]
    already: bool,
    #[serde(default)]
    problem: Option<Box<Problem>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Step {
    Waiting,
    Running,
    Done,
    Failed,
    Interrupted,
}

impl TryFrom<StepState> for crate::StepState {
    type Error = &'static str;

    fn try_from(flat: StepState) -> Result<Self, Self::Error> {
        let StepState { is, since_ms, doing, took_ms, already, problem } = flat;
        Ok(match is {
            Step::Waiting => Self::Waiting,
            Step::Running => Self::Running { since_ms, doing },
            Step::Done => Self::Done { took_ms, already },
            Step::Failed => Self::Failed { took_ms, problem: problem.ok_or("a failed step has a problem")? },
            Step::Interrupted => Self::Interrupted,
        })
    }
}

#[derive(Deserialize)]
pub(crate) struct RunState {
    is: Run,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Run {
    Idle,
    Running,
    Cancelling,
    Halting,
    Destroying,
}

impl From<RunState> for crate::RunState {
    fn from(flat: RunState) -> Self {
        match flat.is {
            Run::Idle => Self::Idle,
            Run::Running => Self::Running,
            Run::Cancelling => Self::Cancelling,
            Run::Halting => Self::Halting,
            Run::Destroying => Self::Destroying,
        }
    }
}

#[derive(Deserialize)]
pub(crate) struct ApplicationState {
    is: Application,
    #[serde(default)]
    reason: Text,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Application {
    Stable,
    Suspended,
    Deploying,
    Waiting,
}

impl From<ApplicationState> for crate::ApplicationState {
    fn from(flat: ApplicationState) -> Self {
        match flat.is {
            Application::Stable => Self::Stable,
            Application::Suspended => Self::Suspended,
            Application::Deploying => Self::Deploying,
            Application::Waiting => Self::Waiting { reason: flat.reason },
        }
    }
}

#[derive(Deserialize)]
pub(crate) struct ClusterState {
    is: Cluster,
    #[serde(default)]
    done: usize,
    #[serde(default)]
    of: usize,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Cluster {
    Planned,
    Partial,
    Up,
    Halted,
    Unreadable,
}

impl From<ClusterState> for crate::ClusterState {
    fn from(flat: ClusterState) -> Self {
        match flat.is {
            Cluster::Planned => Self::Planned,
            Cluster::Partial => Self::Partial { done: flat.done, of: flat.of },
            Cluster::Up => Self::Up,
            Cluster::Halted => Self::Halted,
            Cluster::Unreadable => Self::Unreadable,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde::{Serialize, de::DeserializeOwned};
    use words::{Problem, Text};

    use crate::{ApplicationState, ClusterState, RunState, StepState};

    fn comes_back<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(all: impl IntoIterator<Item = T>) {
        for value in all {
            let text = serde_json::to_string(&value).unwrap();
            assert_eq!(serde_json::from_str::<T>(&text).unwrap(), value, "{text}");
        }
    }

    #[test]
    fn every_case_is_read_as_it_is_written() {
        let text = || Text::new("a", "b");
        comes_back([
            StepState::Waiting,
            StepState::Running { since_ms: 1, doing: text() },
            StepState::Done { took_ms: 2, already: true },
            StepState::Failed { took_ms: 3, problem: Box::new(Problem::new("a", text(), text())) },
            StepState::Interrupted,
        ]);
        comes_back([RunState::Idle, RunState::Running, RunState::Cancelling, RunState::Halting, RunState::Destroying]);
        comes_back([
            ApplicationState::Stable,
            ApplicationState::Suspended,
            ApplicationState::Deploying,
            ApplicationState::Waiting { reason: text() },
        ]);
        comes_back([
            ClusterState::Planned,
            ClusterState::Partial { done: 1, of: 2 },
            ClusterState::Up,
            ClusterState::Halted,
            ClusterState::Unreadable,
        ]);
    }

    #[test]
    fn a_failure_without_a_problem_is_an_error() {
        assert!(serde_json::from_str::<StepState>(r#"{"is": "failed", "took_ms": 1}"#).is_err());
    }
}
