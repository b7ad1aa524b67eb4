//! The masters: every one names the same leader.

use std::collections::BTreeSet;

use mesos::leader;
use words::{Problem, text};

use crate::{look::Look, run::Context};

pub async fn look(context: &Context<'_>) -> Result<Look, Problem> {
    let plan = context.plan;
    let port = plan.mesos.master_port;
    let masters: Vec<_> = plan.masters().map(|n| (n.name.clone(), format!("{}:{port}", n.address))).collect();
    let mut said = Vec::new();
    let mut leaders = BTreeSet::new();
    for (name, master) in &masters {
        let answer = match leader::ask(master, None).await {
            Ok(Some(info)) => format!("{}:{}", info.ip(), info.port),
            Ok(None) => "no leader".to_owned(),
            Err(error) => words::plain(&error.to_string()),
        };
        said.push(format!("{name} ({master}): {answer}"));
        leaders.insert(answer);
    }
    let known = |leader: &String| masters.iter().any(|(_, master)| master == leader);
    let agreed = leaders.len() == 1 && leaders.iter().all(known);
    let waiting =
        text!("the masters do not agree on a leader yet", "les maîtres ne s’accordent pas encore sur un chef");
    Ok(Look::new(agreed, "GET_MASTER", said.join("\n"), waiting))
}
