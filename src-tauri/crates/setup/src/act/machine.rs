//! Machines, brought up.

use machines::State;
use words::{Problem, text};

use crate::{look::Look, run::Context};

pub async fn look(context: &Context<'_>, node: &str) -> Result<Look, Problem> {
    let waiting = text!("{node} is not up", "{node} n’est pas démarrée");
    let command = format!("startline status {} --json", context.plan.name);
    // A provider that can't say how its machines are (its process died) is asked again after `up` mended it.
    let Ok(states) = context.machines.states().await else {
        return Ok(Look::new(false, command, "", waiting));
    };
    let state = states.into_iter().find(|(name, _)| name == node).map_or(State::Missing, |(_, state)| state);
    let said = match state {
        State::Missing => "missing",
        State::Running => "running",
        State::Halted => "halted",
        State::Paused => "paused",
    };
    Ok(Look::new(state == State::Running, command, format!("{node}: {said}"), waiting))
}

pub async fn apply(context: &Context<'_>, node: &str) -> Result<(), Problem> {
    context.machines.up(node).await.map_err(|e| e.problem())
}
