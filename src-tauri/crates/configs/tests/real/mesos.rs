//! A real Mesos master and agent, started by the rendered wrapper from the rendered flag files.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::machine::{self, Running, ask, export, has_zookeeper, mode, start_zookeeper, wait_for};
use plan::{AgentResources, Preset};
use tempfile::TempDir;

#[test]
fn an_agent_finds_its_master() {
    let Some(mesos) = std::env::var_os("STARTLINE_MESOS").map(PathBuf::from) else {
        return eprintln!("skipped: needs STARTLINE_MESOS, a folder with bin/mesos-master");
    };
    if !has_zookeeper() {
        return;
    }
    let mut plan = machine::plan(Preset::Solo);
    plan.mesos.agent = Some(AgentResources { cpus: 1.5, mem_mb: 256, disk_mb: 512 });
    let folder = TempDir::new().expect("a temporary folder");
    let lab = folder.path().join("lab");
    export(&plan, &lab);
    let (node, ip) = (plan.nodes[0].name.clone(), plan.nodes[0].address);
    let root = lab.join("files").join(&node);
    let _zookeeper = start_zookeeper(&root, &node, 1);
    wait_for("ZooKeeper", || match mode(&format!("{ip}:2181")).as_str() {
        "standalone" => Ok(()),
        other => Err(other.into()),
    });

    // On this machine they have folders of their own.
    for (role, flag, value) in [
        ("master", "work_dir", folder.path().join("master")),
        ("master", "log_dir", folder.path().join("log")),
        ("agent", "work_dir", folder.path().join("agent")),
        ("agent", "log_dir", folder.path().join("log")),
        ("agent", "launcher_dir", mesos.join("libexec")),
        ("agent", "runtime_dir", folder.path().join("run")),
    ] {
        let file = root.join(format!("etc/mesos-{role}/{flag}"));
        fs::write(file, value.to_string_lossy().as_bytes()).expect("room");
    }
    let start = |role: &str| start(role, &root, &mesos, folder.path());
    let _master = start("master");
    let _agent = start("agent");

    let get = |path: &str| {
        ask(&format!("{ip}:5050"), &format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
    };
    let agents = wait_for("the agent", || {
        let said = get("/slaves");
        if said.contains("\"active\":true") { Ok(said) } else { Err(said) }
    });
    for expected in [
        format!("\"hostname\":\"{ip}\""),
        "\"attributes\":{\"rack\":\"r1\"}".into(),
        "\"cpus\":1.5".into(),
        "\"mem\":256.0".into(),
        "\"ports\":\"[31000-32000]\"".into(),
    ] {
        assert!(agents.contains(&expected), "{expected}: {agents}");
    }
    assert!(get("/state").contains("\"cluster\":\"lab\""));
}

fn start(role: &str, root: &Path, mesos: &Path, folder: &Path) -> Running {
    let path = std::env::var("PATH").unwrap_or_default();
    let mut wrapper = Command::new("bash");
    wrapper.arg(root.join("usr/local/sbin/mesos-init-wrapper")).arg(role);
    wrapper.env("PATH", format!("{}:{path}", mesos.join("bin").display()));
    wrapper.env("MESOS_ETC", root.join("etc")).env("MESOS_LOG", folder.join("log"));
    Running::start(&mut wrapper, &folder.join(format!("{role}.output")))
}
