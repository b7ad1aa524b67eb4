//! Three real ZooKeeper servers, started from what was rendered, are one ensemble.

use std::{path::Path, process::Command};

use crate::machine::{self, Running, export, has_zookeeper, mode, start_zookeeper, wait_for};
use crate::support::run_well;
use plan::Preset;
use tempfile::TempDir;

#[test]
fn three_servers_form_a_quorum() {
    if !has_zookeeper() {
        return;
    }
    let plan = machine::plan(Preset::Ha);
    let folder = TempDir::new().expect("a temporary folder");
    let lab = folder.path().join("lab");
    export(&plan, &lab);
    let servers: Vec<_> = plan.ensemble().map(|(myid, n)| (myid, n.name.clone(), n.address)).collect();
    let root = |node: &str| lab.join("files").join(node);
    let _running: Vec<Running> = servers.iter().map(|(id, node, _)| start_zookeeper(&root(node), node, *id)).collect();

    wait_for("a quorum", || {
        let mut modes: Vec<_> = servers.iter().map(|(_, _, ip)| mode(&format!("{ip}:2181"))).collect();
        modes.sort();
        if modes == ["follower", "follower", "leader"] { Ok(()) } else { Err(format!("{modes:?}")) }
    });

    if Path::new("/usr/share/java/logback-classic.jar").exists() {
        assert!(folder.path().join("lab/files/zookeeper-node1/zookeeper.log").is_file(), "logback writes the log");
    }

    let client = |node: &str, command: &[&str]| {
        let mut client = Command::new("bash");
        client.arg(root(node).join("usr/local/bin/zookeeper-client")).args(command);
        String::from_utf8_lossy(&run_well(&mut client, "")).into_owned()
    };
    client(&servers[0].1, &["create", "/hello", "from-the-first"]);
    // A follower may be a moment behind.
    wait_for("the same data elsewhere", || {
        let said = client(&servers[2].1, &["get", "/hello"]);
        if said.lines().any(|l| l == "from-the-first") { Ok(()) } else { Err(said) }
    });

    let mut cleanup = Command::new("bash");
    cleanup.arg(root(&servers[0].1).join("usr/local/sbin/zookeeper-server-cleanup"));
    run_well(cleanup.env("ZOOCFG", root(&servers[0].1).join("etc/zookeeper/conf/zoo.cfg")), "");
}
