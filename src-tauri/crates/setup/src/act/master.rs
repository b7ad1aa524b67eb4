//! The masters: every one names the same leader.

use std::collections::BTreeSet;

use mesos::leader;
use words::{Problem, text};

use crate::{look::Look, run::Context};

pub async fn look(context: &Context<'_>) -> Result<Look, Problem> {
    let plan = context.plan;
    let mut said = Vec::new();
    let mut leaders = BTreeSet::new();
    for node in plan.masters() {
        let master = format!("{}:{}", node.address, plan.mesos.master_port);
        let answer = match leader::ask(&master).await {
            Ok(Some(info)) => format!("{}:{}", info.ip(), info.port),
            Ok(None) => "no leader".to_owned(),
            Err(error) => words::plain(&error.to_string()),
        };
        said.push(format!("{} ({master}): {answer}", node.name));
        leaders.insert(answer);
    }
    let port = plan.mesos.master_port;
    let known = |leader: &String| plan.masters().any(|n| format!("{}:{port}", n.address) == *leader);
    let agreed = leaders.len() == 1 && leaders.iter().all(known);
    let waiting = text!("the masters do not agree on a leader yet", "les maîtres ne s’accordent pas encore sur un chef");
    Ok(Look::new(agreed, "GET_MASTER", said.join("\n"), waiting))
}
