//! The scheduler: it answers, one leads, and Mesos has it as a framework.

use std::time::Duration;

use marathon::{Client, Info};
use words::{Problem, text};

use crate::{look::Look, run::Context};

/// How long one scheduler may take to say how it is.
const ANSWER: Duration = Duration::from_secs(2);

/// Each is asked for itself: one that does not lead names the leader, and only the leader knows its framework's id.
pub async fn look(context: &Context<'_>) -> Result<Look, Problem> {
    let waiting = text!(
        "the scheduler has no leader that is registered with Mesos yet",
        "l’ordonnanceur n’a pas encore de chef enregistré auprès de Mesos"
    );
    let port = context.plan.scheduler.port;
    let addresses: Vec<_> = context.plan.schedulers().map(|n| format!("{}:{port}", n.address)).collect();
    let mut lines = Vec::new();
    let mut there = false;
    for address in &addresses {
        match info(address).await {
            Ok(info) => {
                let (leader, framework) = (info.leader.unwrap_or_default(), info.framework_id.unwrap_or_default());
                there |= leader == *address && !framework.is_empty();
                lines.push(format!("{address} {} leader: {leader} frameworkId: {framework}", info.version));
            }
            Err(error) => lines.push(format!("{address} {error}")),
        }
    }
    Ok(Look::new(there, "GET /v2/info", words::plain(&lines.join("\n")), waiting))
}

async fn info(address: &str) -> Result<Info, marathon::Error> {
    Client::new([format!("http://{address}")])?.with_deadline(ANSWER).info().await
}
