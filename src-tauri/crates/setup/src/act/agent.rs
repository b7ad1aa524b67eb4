//! An agent: known to the leading master, and active.

use words::{Problem, text};

use crate::{look::Look, run::Context};

pub async fn look(context: &Context<'_>, name: &str) -> Result<Look, Problem> {
    let plan = context.plan;
    let Some(node) = plan.node(name) else { return Ok(Look::new(false, "", "", text!("", ""))) };
    let address = format!("@{}:{}", node.address, plan.mesos.agent_port);
    let waiting =
        text!("the leading master does not list {name} yet", "le maître dirigeant ne liste pas encore {name}");
    let state = match context.mesos.state().await {
        Ok(state) => state,
        Err(error) => return Ok(Look::new(false, "GET /slaves", words::plain(&error.to_string()), waiting)),
    };
    let lines: Vec<_> = state
        .slaves
        .iter()
        .map(|a| {
            let active = if a.active { "active" } else { "inactive" };
            words::plain(&format!("{} {} {active} cpus:{} mem:{}", a.pid, a.id, a.resources.cpus, a.resources.mem))
        })
        .collect();
    let there = state.slaves.iter().any(|a| a.active && a.pid.ends_with(&address));
    Ok(Look::new(there, "GET /slaves", lines.join("\n"), waiting))
}
