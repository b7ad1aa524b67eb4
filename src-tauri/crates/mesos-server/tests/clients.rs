//! Clients that others wrote, in other languages, unchanged: the same scripts for the practice Mesos and, where one is
//! there, for a real one.

mod common;

use std::{path::PathBuf, process::Stdio};

use common::{
    Cluster,
    real::{Real, lab},
};
use tokio::process::Command;

/// Where `xtask/mesos-clients.sh` puts them.
fn folder() -> PathBuf {
    std::env::var_os("STARTLINE_MESOS_CLIENTS").map_or_else(
        || concat!(env!("CARGO_MANIFEST_DIR"), "/../../../target/real/mesos-clients").into(),
        PathBuf::from,
    )
}

fn python() -> Command {
    let mut python = Command::new(std::env::var_os("STARTLINE_PYTHON").unwrap_or_else(|| "python3".into()));
    python.env("PYTHONPATH", folder().join("python")).env("PYTHONDONTWRITEBYTECODE", "1").kill_on_drop(true);
    python
}

async fn has_pymesos() -> bool {
    let has = python().args(["-c", "import pymesos, kazoo"]).stderr(Stdio::null()).status().await;
    let has = has.is_ok_and(|status| status.success());
    if !has {
        assert!(std::env::var_os("STARTLINE_REAL").is_none(), "pymesos is missing: xtask/mesos-clients.sh");
        eprintln!("skipped: needs pymesos (xtask/mesos-clients.sh)");
    }
    has
}

async fn run(script: &str, arguments: &[&str]) {
    let path = format!("{}/tests/fixtures/clients/{script}", env!("CARGO_MANIFEST_DIR"));
    let output = python().arg(path).args(arguments).output().await.unwrap();
    let (said, trouble) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{script} {arguments:?}\n{said}{trouble}");
}

fn address(url: &str) -> &str {
    url.trim_start_matches("http://")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pymesos_schedules() {
    if !has_pymesos().await {
        return;
    }
    let cluster = Cluster::start(3, 1).await;
    let leader = cluster.wait_agents(1).await;
    run("scheduler.py", &[&cluster.zk_url()]).await;
    // One that does not lead sends it to the leader.
    let other = cluster.master_url((leader + 1) % 3);
    run("scheduler.py", &[address(&other)]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pymesos_operates() {
    if !has_pymesos().await {
        return;
    }
    let cluster = Cluster::start(1, 1).await;
    run("operator.py", &[address(&cluster.master_url(0)), address(&cluster.agent_url(0))]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pymesos_operates_a_real_mesos_by_the_same_script() {
    let (true, Some(lab)) = (has_pymesos().await, lab()) else { return };
    let folder = tempfile::tempdir().unwrap();
    let real = Real::start(&lab, folder.path()).await;
    run("operator.py", &[address(&real.master), address(&real.agent)]).await;
}
