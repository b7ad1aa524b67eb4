//! An executor in the v1 API.

use serde::Serialize;

use crate::{
    master::state::Executor,
    resources::{Format, Listed},
    wire::{Id, task::CommandInfo},
};

/// An executor, and where it is.
#[derive(Serialize)]
pub struct ExecutorView<'a> {
    executor_info: ExecutorInfoView<'a>,
    agent_id: &'a Id,
}

#[derive(Serialize)]
struct ExecutorInfoView<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    executor_id: &'a Id,
    framework_id: &'a Id,
    #[serde(skip_serializing_if = "Option::is_none")]
    command: Option<&'a CommandInfo>,
    #[serde(skip_serializing_if = "is_nothing")]
    resources: Listed<'a>,
    #[serde(skip_serializing_if = "str::is_empty")]
    name: &'a str,
}

fn is_nothing(listed: &Listed<'_>) -> bool {
    listed.0.is_empty()
}

impl<'a> ExecutorView<'a> {
    /// Of a framework, on an agent.
    pub fn of(agent: &'a Id, framework: &'a Id, executor: &'a Executor) -> Self {
        Self {
            executor_info: ExecutorInfoView {
                kind: executor.kind(),
                executor_id: &executor.info.executor_id,
                framework_id: framework,
                command: executor.command(),
                resources: Listed(&executor.info.resources, Format::used(&executor.role)),
                name: &executor.info.name,
            },
            agent_id: agent,
        }
    }
}
