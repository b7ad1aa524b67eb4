//! The scheduler: it answers, one leads, and Mesos has it as a framework.

use words::{Problem, text};

use crate::{look::Look, run::Context};

pub async fn look(context: &Context<'_>) -> Result<Look, Problem> {
    let waiting = text!(
        "the scheduler has no leader that is registered with Mesos yet",
        "l’ordonnanceur n’a pas encore de chef enregistré auprès de Mesos"
    );
    let (there, seen) = match context.marathon.info().await {
        Ok(info) => {
            let (leader, framework) = (info.leader.unwrap_or_default(), info.framework_id.unwrap_or_default());
            let there = !leader.is_empty() && !framework.is_empty();
            (there, format!("{} {}\nleader: {leader}\nframeworkId: {framework}", info.name, info.version))
        }
        Err(error) => (false, error.to_string()),
    };
    Ok(Look::new(there, "GET /v2/info", words::plain(&seen), waiting))
}
