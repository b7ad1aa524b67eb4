//! ZooKeeper's servers, its leader, its majority.

use protocol::{Ensemble, Live, Tone, ZooKeeperMode};
use words::{Text, text};

use super::{Told, is_off};

pub(super) fn tell(before: Option<&Ensemble>, after: Option<&Ensemble>, live: &Live, told: &mut Told) {
    let Some(after) = after else { return };
    if let Some(before) = before {
        tell_servers(before, after, live, told);
        tell_majority(before, after, told);
    }
    tell_leader(before, after, told);
}

fn tell_servers(before: &Ensemble, after: &Ensemble, live: &Live, told: &mut Told) {
    let down = |ensemble: &Ensemble, node: &str| {
        ensemble.servers.iter().any(|s| s.node == node && s.mode == ZooKeeperMode::Down)
    };
    let nodes = || after.servers.iter().map(|s| s.node.as_str());
    let up: Vec<_> = nodes().filter(|node| down(before, node) && !down(after, node)).collect();
    let gone: Vec<_> = nodes().filter(|node| !down(before, node) && down(after, node) && !is_off(live, node)).collect();
    told.tell_of(
        Tone::Info,
        &up,
        |name| text!("ZooKeeper answers on {name}", "ZooKeeper répond sur {name}"),
        |n| text!("{n} ZooKeeper servers answer", "{n} serveurs ZooKeeper répondent"),
    );
    told.tell_of(
        Tone::Warn,
        &gone,
        |name| text!("ZooKeeper is down on {name}", "ZooKeeper ne répond plus sur {name}"),
        |n| text!("{n} ZooKeeper servers are down", "{n} serveurs ZooKeeper ne répondent plus"),
    );
}

fn tell_majority(before: &Ensemble, after: &Ensemble, told: &mut Told) {
    // A server that stands alone has no majority to speak of: that it is down was said.
    if after.servers.len() < 2 {
        return;
    }
    let (serving, all, majority) = (after.serving(), after.servers.len(), after.majority);
    let had = before.serving() >= before.majority;
    let count = text!(
        "{serving} of {all} servers serve; a majority is {majority}.",
        "{serving} serveurs sur {all} servent ; la majorité est de {majority}."
    );
    match (had, serving >= majority) {
        (true, false) => {
            let title = Text::new("ZooKeeper has lost its majority", "ZooKeeper a perdu sa majorité");
            told.tell(Tone::Bad, title, count);
        }
        (false, true) => {
            let title = Text::new("ZooKeeper has a majority", "ZooKeeper a une majorité");
            told.tell(Tone::Good, title, count);
        }
        _ => {}
    }
}

fn tell_leader(before: Option<&Ensemble>, after: &Ensemble, told: &mut Told) {
    let Some(leader) = after.leader() else { return };
    if before.and_then(Ensemble::leader).is_some_and(|old| old.node == leader.node) {
        return;
    }
    let node = &leader.node;
    let title = if leader.mode == ZooKeeperMode::Standalone {
        text!("ZooKeeper serves on {node}", "ZooKeeper est en service sur {node}")
    } else {
        text!("{node} leads ZooKeeper", "{node} dirige ZooKeeper")
    };
    told.tell(Tone::Good, title, Text::default());
}
