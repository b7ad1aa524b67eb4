//! The ensemble: every server serves, and one of them leads.

use words::{Problem, text};
use zookeeper::ensemble::{self, Role};

use crate::{look::Look, run::Context};

pub async fn look(context: &Context<'_>) -> Result<Look, Problem> {
    let plan = context.plan;
    let port = plan.zookeeper.client_port;
    let servers: Vec<_> = plan.ensemble().map(|(myid, n)| (myid, format!("{}:{port}", n.address))).collect();
    let statuses = ensemble::status(&servers, None).await;
    let serving = statuses.iter().filter(|s| s.role.serves()).count();
    let leads = statuses.iter().any(|s| matches!(s.role, Role::Leader | Role::Standalone));
    let lines: Vec<_> =
        statuses.iter().map(|s| format!("server.{} {}  Mode: {}", s.myid, s.address, mode(&s.role))).collect();
    let (of, needed) = (servers.len(), servers.len() / 2 + 1);
    let waiting = text!(
        "{serving} of {of} servers answer, {needed} are needed for a majority",
        "{serving} serveurs sur {of} répondent, il en faut {needed} pour une majorité"
    );
    Ok(Look::new(leads && serving == of, "echo srvr | nc …", lines.join("\n"), waiting))
}

fn mode(role: &Role) -> &'static str {
    match role {
        Role::Leader => "leader",
        Role::Follower => "follower",
        Role::Observer => "observer",
        Role::Standalone => "standalone",
        Role::Looking => "not serving",
        Role::Down(_) => "no answer",
    }
}
