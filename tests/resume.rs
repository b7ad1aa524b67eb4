//! kill -9 at every moment that a run names: whatever was cut off, running again ends in the same cluster.

mod site;

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
};

use serde_json::Value;
use site::{Site, files};

/// What a cluster is in the end: everything that must not depend on how one got there.
#[derive(Debug, PartialEq)]
struct Picture {
    generated: BTreeMap<PathBuf, Vec<u8>>,
    machines: Value,
    ensemble: Value,
    masters: Value,
    agents: Vec<Value>,
    applications: Vec<[Value; 5]>,
    on_the_machine: String,
}

fn picture(site: &Site) -> Picture {
    let settled = |s: &Value| s["live"]["applications"]["body"]["applications"][0]["state"]["is"] == "stable";
    let status = site.until("lab", "the application is stable", settled);
    let live = &status["live"];
    let list = |v: &Value| v.as_array().cloned().unwrap_or_default();
    let agents = list(&live["mesos"]["body"]["agents"]);
    let applications = list(&live["applications"]["body"]["applications"]);
    let ours = |p: &Path| !(p.starts_with(".lock") || p.starts_with("journal.jsonl"));
    Picture {
        generated: files(&site.folder("lab"), &["practice", "logs"]).into_iter().filter(|(p, _)| ours(p)).collect(),
        machines: live["machines"]["body"].clone(),
        ensemble: live["ensemble"]["body"]["servers"][0]["mode"].clone(),
        masters: live["mesos"]["body"]["masters"].clone(),
        agents: agents.iter().map(|a| Value::from(vec![a["node"].clone(), a["state"].clone()])).collect(),
        applications: applications
            .iter()
            .map(|a| ["id", "instances", "running", "healthy", "state"].map(|f| a[f].clone()))
            .collect(),
        on_the_machine: site
            .run(&[
                "run",
                "lab",
                "node1",
                "sudo cat /etc/hosts /etc/zookeeper/conf/zoo.cfg /var/lib/zookeeper/myid /etc/mesos/zk /etc/default/marathon; \
                 systemctl is-enabled zookeeper-server mesos-master mesos-agent pacer",
            ])
            .stdout,
    }
}

/// Kills the run when it has said `after` times that a step changed. Gives back whether it got that far.
fn cut_off(site: &Site, after: usize) -> bool {
    let mut up = site.start(&["up", "lab"]);
    let lines = BufReader::new(up.stdout.take().expect("a pipe")).lines().map_while(Result::ok);
    let mut changes = lines.filter(|l| l.contains("\"kind\":\"step\""));
    let there = changes.nth(after).is_some();
    up.kill().expect("killed");
    up.wait().expect("ended");
    there
}

/// Solo does every kind of step once; its plan is the same in every run, so that pictures can be compared.
fn planned(plan: &Path) -> Site {
    let site = Site::new();
    std::fs::create_dir_all(site.folder("lab")).expect("a folder");
    std::fs::copy(plan, site.folder("lab").join("plan.toml")).expect("copied");
    site
}

#[test]
fn killed_at_every_change_of_a_step_and_run_again_it_is_the_same_cluster() {
    let undisturbed = Site::new();
    undisturbed.ok(&["new", "lab", "--preset", "solo"]);
    undisturbed.ok(&["up", "lab"]);
    let wanted = picture(&undisturbed);
    assert!(wanted.on_the_machine.contains("enabled"), "{}", wanted.on_the_machine);
    undisturbed.ok(&["halt", "lab"]);
    let plan = undisturbed.folder("lab").join("plan.toml");

    let moments = AtomicUsize::new(0);
    for after in 0.. {
        let site = planned(&plan);
        let there = cut_off(&site, after);
        site.ok(&["up", "lab"]);
        assert_eq!(picture(&site), wanted, "killed after {after} changes");
        site.ok(&["destroy", "lab", "--yes"]);
        if !there {
            break;
        }
        moments.fetch_add(1, Ordering::Relaxed);
    }
    let moments = moments.into_inner();
    eprintln!("killed at {moments} moments");
    assert!(moments > 30, "only {moments} moments: the run says too little");
}

#[test]
fn killed_together_with_its_machines_it_is_the_same_cluster() {
    let undisturbed = Site::new();
    undisturbed.ok(&["new", "lab", "--preset", "solo"]);
    undisturbed.ok(&["up", "lab"]);
    let wanted = picture(&undisturbed);
    undisturbed.ok(&["halt", "lab"]);
    let plan = undisturbed.folder("lab").join("plan.toml");
    for after in [8, 16, 24, 32, 40, 48] {
        let site = planned(&plan);
        cut_off(&site, after);
        if let Ok(contact) = std::fs::read(site.folder("lab").join("practice/daemon.json")) {
            let pid = serde_json::from_slice::<Value>(&contact).expect("JSON")["pid"].to_string();
            // It may have ended by itself meanwhile.
            let _ = std::process::Command::new("kill").args(["-9", &pid]).status();
        }
        site.ok(&["up", "lab"]);
        assert_eq!(picture(&site), wanted, "killed after {after} changes, machines too");
        site.ok(&["destroy", "lab", "--yes"]);
    }
}
