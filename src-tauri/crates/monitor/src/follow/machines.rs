//! Follows the machines.

use std::time::Duration;

use machines::Machines;
use plan::ClusterPlan;
use protocol::Machine;
use tokio::time::{Instant, sleep, timeout};
use words::{Problem, text};

use crate::{board::Board, pace, section::Reading, view::machines as view};

/// How often they are looked at; slow providers less often.
const EVERY: Duration = Duration::from_secs(1);
/// How long the provider may take.
const DEADLINE: Duration = Duration::from_secs(30);

/// Follows the machines, for ever.
pub async fn follow(plan: &ClusterPlan, machines: &dyn Machines, board: &Board) {
    loop {
        let begun = Instant::now();
        board.show_machines(look(plan, machines, board.shown()).await);
        // Asking some providers is heavy work: a second of Ruby for Vagrant.
        sleep(pace::rest_after(begun.elapsed()).max(EVERY)).await;
    }
}

/// Looks once. If nothing can be learnt, all is as `before`.
pub async fn look(plan: &ClusterPlan, machines: &dyn Machines, before: Option<Vec<Machine>>) -> Reading<Vec<Machine>> {
    let trouble = match timeout(DEADLINE, machines.states()).await {
        Ok(Ok(states)) => return Reading::Whole(view::machines(plan, &states)),
        Ok(Err(error)) => error.problem(),
        Err(_) => silent(),
    };
    Reading::Partial(before.unwrap_or_else(|| view::unknown(plan)), trouble)
}

fn silent() -> Problem {
    let seconds = DEADLINE.as_secs();
    Problem::new(
        "machines-silent",
        text!(
            "What runs the machines did not say within {seconds} s how they are.",
            "Le fournisseur des machines n’a pas dit en {seconds} s comment elles vont."
        ),
        text!(
            "Another command may be at work on them. This page goes on by itself.",
            "Une autre commande est peut-être en cours. Cette page reprendra d’elle-même."
        ),
    )
}
