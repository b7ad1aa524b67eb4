//! Clients that others wrote, unchanged.

mod common;

use std::{path::Path, process::Stdio, time::Duration};

use common::{
    Cluster,
    real::{JAR, Real, has_java, skip},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    process::Command,
};

/// Gives the lines to Java's command-line client, and gives back what it says without what differs from run to run.
async fn cli(address: &str, script: &str) -> Vec<String> {
    let (host, _) = address.split_once(':').unwrap();
    let mut child = Command::new("java")
        .args(["-cp", JAR, "org.apache.zookeeper.ZooKeeperMain", "-server", address])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(script.replace("HOST", host).as_bytes()).await.unwrap();
    drop(input);
    let output = child.wait_with_output().await.unwrap();
    let both = [output.stdout, output.stderr].concat();
    let lines: Vec<_> =
        String::from_utf8_lossy(&both).lines().map(|line| settled(&line.replace(host, "HOST"))).collect();
    // Events are printed by a thread of their own, anywhere between what the commands print.
    let (events, said): (Vec<_>, Vec<_>) = lines.into_iter().partition(|line| line.starts_with("WatchedEvent"));
    said.into_iter().filter(|line| !line.is_empty() && line != "WATCHER::").chain(events).collect()
}

/// Times and transaction numbers are left out; lists, whose order is the server's own, are sorted.
fn settled(line: &str) -> String {
    if let Some((name, value)) = line.split_once(" = ") {
        let differs = name.ends_with("time") || value.starts_with("0x");
        return if differs { name.to_owned() } else { line.to_owned() };
    }
    match line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(list) => {
            let mut names: Vec<&str> = list.split(", ").collect();
            names.sort_unstable();
            names.join(", ")
        }
        None => line.to_owned(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn javas_command_line_sees_no_difference() {
    let Some(real) = Real::start(&[]).await else { return };
    let ours = Cluster::with(1, "extendedTypesEnabled=true\nmaxSessionTimeout=40000\n").await;
    let script = include_str!("fixtures/cli.txt");
    let (theirs, address) = (cli(&real.address, script).await, ours.address(0));
    assert!(theirs.len() > 180, "{theirs:#?}");
    assert_eq!(cli(&address, script).await, theirs);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn javas_client_works_with_an_ensemble_and_hard_quotas() {
    if !has_java() {
        return;
    }
    let ours = Cluster::with(3, "enforceQuota=true\n").await;
    let script = "create /q\nsetquota -N 2 /q\ncreate /q/1\ncreate /q/2\nlistquota /q\nsync /\nquit\n";
    let said = cli(&ours.address(2), script).await;
    for line in ["Created /q/1", "Quota has exceeded : /q/2", "Output stat for /q count=2,bytes=0", "Sync is OK"] {
        assert!(said.iter().any(|said| said == line), "{line} is missing in {said:#?}");
    }
}

/// Debian's package `zookeeper-bin`.
const CLI_MT: &str = "/usr/lib/zookeeper/bin/cli_mt";

/// Gives the lines to the C client's command line, and gives back what it says, sorted, without what differs from run to run.
async fn c_cli(address: &str, script: &str) -> Vec<String> {
    let mut child = Command::new(CLI_MT)
        .arg(address)
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut output = BufReader::new(child.stderr.take().unwrap()).lines();
    let mut said = Vec::new();
    let read = async {
        while let Ok(Some(line)) = output.next_line().await {
            if line.contains("CONNECTED_STATE") && said.is_empty() {
                input.write_all(script.as_bytes()).await.unwrap();
            }
            // It does not wait for answers before it ends: the last one is.
            if line.starts_with("/last: rc = ") {
                input.write_all(b"quit\n").await.unwrap();
            }
            said.push(line);
        }
    };
    tokio::time::timeout(Duration::from_secs(60), read).await.expect("it ends");
    said.retain(|line| !["ZOO_", "session id", "time", "zxid", "Quitting"].iter().any(|part| line.contains(part)));
    said.sort_unstable();
    said
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_c_clients_command_line_sees_no_difference() {
    if !Path::new(CLI_MT).exists() {
        return skip("zookeeper-bin");
    }
    let Some(real) = Real::start(&[]).await else { return };
    let ours = Cluster::with(3, "extendedTypesEnabled=true\nmaxSessionTimeout=40000\n").await;
    let script = include_str!("fixtures/cli_mt.txt");
    let theirs = c_cli(&real.address, script).await;
    assert!(theirs.len() > 50, "{theirs:#?}");
    assert_eq!(c_cli(&ours.address(2), script).await, theirs);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kazoos_recipes_work() {
    let python = std::env::var("STARTLINE_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let has = Command::new(&python).args(["-c", "import kazoo"]).stderr(Stdio::null()).status().await;
    if !has.is_ok_and(|status| status.success()) {
        return skip("python3-kazoo");
    }
    let ours = Cluster::start(3).await;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/kazoo_session.py");
    let output = Command::new(&python).args([script, &ours.addresses()]).output().await.unwrap();
    let (said, trouble) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(said.ends_with("OK\n"), "{said}{trouble}");
}
