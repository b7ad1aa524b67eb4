//! What happens to machines from outside: paused, slowed, without power; and what the others make of it.

mod common;

use std::time::Duration;

use common::{Cluster, leader, three_zookeepers};
use machines::{Error, Machines, State};
use practice::Trouble;

async fn ensemble() -> Cluster {
    let cluster = three_zookeepers().await;
    leader(&cluster, &["node1", "node2", "node3"]).await;
    cluster
}

async fn state(cluster: &Cluster, node: &str) -> Option<State> {
    let all = cluster.machines.states().await.expect("the states");
    all.into_iter().find(|(name, _)| name == node).map(|(_, state)| state)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_leader_is_replaced_and_follows_when_it_goes_on() {
    let cluster = ensemble().await;
    let nodes = ["node1", "node2", "node3"];
    let first = leader(&cluster, &nodes).await;
    cluster.ok(first, "zookeeper-client -server localhost:2181 create /before x").await;
    cluster.machines.trouble(first, Trouble::Pause).await.expect("it is paused");
    assert_eq!(state(&cluster, first).await, Some(State::Paused));
    let silent = cluster.machines.run(first, "hostname", Duration::from_millis(200)).await;
    assert!(matches!(silent, Err(Error::Deadline { .. })), "{silent:?}");

    let others: Vec<_> = nodes.into_iter().filter(|n| *n != first).collect();
    let second = leader(&cluster, &others).await;
    cluster.ok(second, "zookeeper-client -server localhost:2181 create /meanwhile y").await;

    cluster.machines.trouble(first, Trouble::Resume).await.expect("it goes on");
    assert_eq!(state(&cluster, first).await, Some(State::Running));
    cluster.until(first, "echo srvr | nc -q 1 localhost 2181", "Mode: follower").await;
    cluster.until(first, "zookeeper-client -server localhost:2181 get /meanwhile", "y").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_without_power_loses_nothing_that_was_acknowledged() {
    let cluster = ensemble().await;
    let nodes = ["node1", "node2", "node3"];
    for n in 0..5 {
        cluster.ok("node1", &format!("zookeeper-client -server localhost:2181 create /n{n} {n}")).await;
    }
    for node in nodes {
        cluster.machines.trouble(node, Trouble::PowerCut).await.expect("its power is cut");
    }
    // The last machine took the process with it.
    cluster.until_gone().await;
    assert_eq!(state(&cluster, "node1").await, Some(State::Halted));
    for node in nodes {
        cluster.up(node).await;
    }
    leader(&cluster, &nodes).await;
    let listed = cluster.until("node3", "zookeeper-client -server localhost:2181 ls /", "n0").await;
    assert!((0..5).all(|n| listed.contains(&format!("n{n}"))), "{listed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_machines_power_cut_leaves_the_others_at_work() {
    let cluster = ensemble().await;
    let nodes = ["node1", "node2", "node3"];
    let first = leader(&cluster, &nodes).await;
    cluster.machines.trouble(first, Trouble::PowerCut).await.expect("its power is cut");
    assert_eq!(state(&cluster, first).await, Some(State::Halted));
    let off = cluster.machines.trouble(first, Trouble::Pause).await;
    assert!(matches!(off, Err(Error::NotRunning { .. })), "{off:?}");
    let others: Vec<_> = nodes.into_iter().filter(|n| *n != first).collect();
    leader(&cluster, &others).await;
    cluster.up(first).await;
    cluster.until(first, "echo srvr | nc -q 1 localhost 2181", "Mode: follower").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slowed_machine_still_does_its_work_and_a_paused_one_can_be_halted() {
    let cluster = Cluster::new(1);
    cluster.up("node1").await;
    cluster.machines.trouble("node1", Trouble::Slow { percent: 5 }).await.expect("it is slowed");
    assert_eq!(cluster.ok("node1", "hostname").await, "node1\n");
    cluster.machines.trouble("node1", Trouble::Slow { percent: 100 }).await.expect("it is quick again");
    cluster.machines.trouble("node1", Trouble::Pause).await.expect("it is paused");
    cluster.up("node1").await;
    assert_eq!(state(&cluster, "node1").await, Some(State::Running));
    cluster.machines.trouble("node1", Trouble::Pause).await.expect("it is paused");
    cluster.machines.halt("node1").await.expect("it is halted");
    assert_eq!(state(&cluster, "node1").await, Some(State::Halted));
}
