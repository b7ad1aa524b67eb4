//! The executor under a real Mesos 1.11.0 agent. Skipped where that is not installed.

mod lab;
mod scheduler;

use std::net::TcpListener;
use std::path::Path;
use std::time::{Duration, Instant};

use lab::Lab;
use scheduler::Scheduler;
use serde_json::{Value, json};

const SECOND: Duration = Duration::from_secs(1);

fn message(status: &Value) -> &str {
    status["message"].as_str().unwrap_or_default()
}

/// Waits until what a task has written is as wanted.
async fn until_written(lab: &Lab, task: &str, file: &str, wanted: impl Fn(&str) -> bool) -> String {
    let end = Instant::now() + 60 * SECOND;
    loop {
        let written = lab.sandbox(task, file);
        if wanted(&written) {
            return written;
        }
        assert!(Instant::now() < end, "{task}/{file}: {written}\n{}", lab.logs());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn lives(pid: &str) -> bool {
    // A zombie whose parent has not asked yet is dead all the same.
    std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !stat.contains(") Z "))
}

async fn until_dead(pid: &str) {
    let end = Instant::now() + 60 * SECOND;
    while lives(pid) {
        assert!(Instant::now() < end, "process {pid} still lives");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A task that writes its number and then sleeps.
fn sleeper(id: &str) -> (Value, impl Fn(&Lab) -> String) {
    let task = json!({ "task_id": { "value": id }, "command": { "value": "echo $$; exec sleep 600" } });
    let id = id.to_owned();
    (task, move |lab: &Lab| lab.sandbox(&id, "stdout").trim().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_run_and_end_as_mesos_says() {
    let Some(mut lab) = Lab::new().await else { return };
    lab.start_agent(&[]).await;
    let scheduler = Scheduler::register(&lab.ip, true).await;

    scheduler.run("well", "echo out; echo err >&2; pwd; echo \"role=$MESOS_ALLOCATION_ROLE\"");
    scheduler.run("badly", "exit 3");
    scheduler.run("signal", "kill -SEGV $$");
    let words = json!({ "shell": false, "value": "printf", "arguments": ["printf", "%s|%s", "a  b", "$HOME"] });
    scheduler.launch(json!({ "task_id": { "value": "words" }, "command": words }));
    let absent = json!({ "shell": false, "value": "/nowhere/at-all", "arguments": ["at-all"] });
    scheduler.launch(json!({ "task_id": { "value": "absent" }, "command": absent }));
    let env = json!({ "variables": [{ "name": "GREETING", "value": "good  day" }] });
    let user = json!({ "value": "echo $GREETING; id -un", "user": "nobody", "environment": env });
    scheduler.launch(json!({ "task_id": { "value": "nobody" }, "command": user }));
    scheduler.run("leftover", "setsid sleep 600 & echo $!; (sleep 600 & echo $!); exit 0");
    let long = json!({ "nanoseconds": 1_000_000_000 });
    scheduler.launch(
        json!({ "task_id": { "value": "long" }, "command": { "value": "sleep 600" }, "max_completion_time": long }),
    );

    let well = scheduler.until_state("well", "TASK_FINISHED").await;
    assert_eq!(message(&well), "Command exited with status 0");
    assert_eq!(scheduler.states("well"), ["TASK_STARTING", "TASK_RUNNING", "TASK_FINISHED"]);
    let out = lab.sandbox("well", "stdout");
    assert!(out.starts_with("out\n/") && out.contains("/executors/well/runs/") && out.contains("role=*"), "{out}");
    assert!(lab.sandbox("well", "stderr").contains("err\n"));

    let badly = scheduler.until_state("badly", "TASK_FAILED").await;
    assert_eq!(message(&badly), "Command exited with status 3");
    let signal = scheduler.until_state("signal", "TASK_FAILED").await;
    assert!(message(&signal).starts_with("Command terminated with signal Segmentation fault"), "{signal}");
    scheduler.until_state("words", "TASK_FINISHED").await;
    assert_eq!(lab.sandbox("words", "stdout"), "a  b|$HOME");
    let absent = scheduler.until_state("absent", "TASK_FAILED").await;
    assert!(message(&absent).contains("/nowhere/at-all: No such file or directory"), "{absent}");
    scheduler.until_state("nobody", "TASK_FINISHED").await;
    assert_eq!(lab.sandbox("nobody", "stdout"), "good day\nnobody\n");

    scheduler.until_state("leftover", "TASK_FINISHED").await;
    for pid in lab.sandbox("leftover", "stdout").lines() {
        assert!(!lives(pid), "{pid} outlived its task");
    }
    let long = scheduler.until_state("long", "TASK_FAILED").await;
    assert_eq!(long["reason"], "REASON_MAX_COMPLETION_TIME_REACHED");
    scheduler.tear_down().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn kills_are_polite_then_certain_and_whole() {
    let Some(mut lab) = Lab::new().await else { return };
    // The other way that agents know to talk with their own executor must make no difference.
    lab.start_agent(&["--http_command_executor"]).await;
    let scheduler = Scheduler::register(&lab.ip, true).await;

    scheduler.run("polite", "trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.1; done");
    let policy = json!({ "grace_period": { "nanoseconds": 500_000_000 } });
    let stubborn = "trap '' TERM; sleep 600 & echo $!; setsid sh -c 'echo $$; sleep 600 & echo $!; wait' & wait; wait";
    scheduler
        .launch(json!({ "task_id": { "value": "stubborn" }, "command": { "value": stubborn }, "kill_policy": policy }));
    // The shell dies of the signal at once; the server behind it takes its time, which it is given.
    let server = "sh -c 'trap \"sleep 1; echo saved; exit 0\" TERM; echo up; while :; do sleep 0.1; done'; true";
    scheduler.run("server", server);

    until_written(&lab, "polite", "stdout", |out| out.contains("up")).await;
    scheduler.kill("polite", None).await;
    let polite = scheduler.until_state("polite", "TASK_KILLED").await;
    assert_eq!(message(&polite), "Command exited with status 0");
    assert_eq!(scheduler.states("polite"), ["TASK_STARTING", "TASK_RUNNING", "TASK_KILLING", "TASK_KILLED"]);
    assert!(lab.sandbox("polite", "stdout").contains("bye"));

    let pids = until_written(&lab, "stubborn", "stdout", |out| out.lines().count() == 3).await;
    assert!(pids.lines().all(lives));
    scheduler.kill("stubborn", None).await;
    let stubborn = scheduler.until_state("stubborn", "TASK_KILLED").await;
    assert_eq!(message(&stubborn), "Command terminated with signal Killed");
    assert!(!pids.lines().any(lives), "a process outlived its task");

    until_written(&lab, "server", "stdout", |out| out.contains("up")).await;
    scheduler.kill("server", Some(30 * SECOND)).await;
    scheduler.until_state("server", "TASK_KILLED").await;
    assert!(lab.sandbox("server", "stdout").contains("saved"));
    scheduler.tear_down().await;
}

/// A port that was free a moment ago.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").port()
}

#[tokio::test(flavor = "multi_thread")]
async fn health_checks_are_told_and_kill() {
    let Some(mut lab) = Lab::new().await else { return };
    lab.start_agent(&[]).await;
    let scheduler = Scheduler::register(&lab.ip, true).await;
    let soon = |mut check: Value| {
        check["delay_seconds"] = json!(0);
        check["interval_seconds"] = json!(0.2);
        check
    };
    let server = |port: u16| format!("exec python3 -m http.server {port} --bind 127.0.0.1");
    let task = |id: &str, command: &str, check: Value| json!({ "task_id": { "value": id }, "command": { "value": command }, "health_check": check });

    let (http, tcp, gone) = (free_port(), free_port(), free_port());
    let check = soon(
        json!({ "type": "HTTP", "http": { "port": http, "path": "/", "scheme": "http" }, "grace_period_seconds": 60 }),
    );
    scheduler.launch(task("http", &server(http), check));
    let check = soon(json!({ "type": "TCP", "tcp": { "port": tcp }, "grace_period_seconds": 60 }));
    scheduler.launch(task("tcp", &server(tcp), check));
    let check = soon(json!({ "type": "HTTP", "http": { "port": gone, "path": "/missing" }, "grace_period_seconds": 0,
        "consecutive_failures": 2 }));
    scheduler.launch(task("missing", &server(gone), check));
    let command = json!({ "value": "test -e ready" });
    let check =
        soon(json!({ "type": "COMMAND", "command": command, "grace_period_seconds": 60, "consecutive_failures": 3 }));
    scheduler.launch(task("command", "touch ready; echo up; sleep 600", check));
    let check = soon(json!({ "type": "COMMAND", "command": { "value": "sleep 600" }, "grace_period_seconds": 0,
        "timeout_seconds": 0.3, "consecutive_failures": 1 }));
    scheduler.launch(task("slow", "sleep 600", check));
    let report = json!({ "type": "COMMAND", "command": { "command": { "value": "exit 4" } }, "delay_seconds": 0 });
    scheduler.launch(json!({ "task_id": { "value": "report" }, "command": { "value": "sleep 600" }, "check": report }));

    for id in ["http", "tcp", "command"] {
        let well = scheduler.until(id, |status| status["healthy"] == true).await;
        assert_eq!(well["state"], "TASK_RUNNING");
        assert_eq!(well["reason"], "REASON_TASK_HEALTH_CHECK_STATUS_UPDATED");
    }
    for id in ["missing", "slow"] {
        let killed = scheduler.until_state(id, "TASK_KILLED").await;
        assert_eq!(killed["healthy"], false, "{killed}");
    }
    let found = scheduler.until("report", |status| status["check_status"]["command"]["exit_code"].is_number()).await;
    assert_eq!(found["check_status"]["command"]["exit_code"], 4);
    assert_eq!(found["reason"], "REASON_TASK_CHECK_STATUS_UPDATED");

    // What was well falls ill: the sandbox is the checks' own folder.
    let sandbox = until_written(&lab, "command", "stdout", |out| out.contains("up")).await;
    assert_eq!(sandbox, "up\n");
    scheduler.kill("command", None).await;
    let killed = scheduler.until_state("command", "TASK_KILLED").await;
    assert!(killed["healthy"].is_null(), "{killed}");
    scheduler.tear_down().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn checkpointed_tasks_outlive_their_agent() {
    let Some(mut lab) = Lab::new().await else { return };
    lab.start_agent(&[]).await;
    let scheduler = Scheduler::register(&lab.ip, true).await;
    let (task, pid) = sleeper("stays");
    scheduler.launch(task);
    scheduler.run("ends", "echo up; until test -e end; do sleep 0.1; done; exit 7");
    scheduler.until_state("stays", "TASK_RUNNING").await;
    scheduler.until_state("ends", "TASK_RUNNING").await;
    until_written(&lab, "stays", "stdout", |out| out.ends_with('\n')).await;
    let pid = pid(&lab);

    lab.kill_agent();
    // One task ends while nobody listens.
    let folder = std::fs::read_link(format!("/proc/{pid}/cwd")).expect("the task's folder");
    let other = folder.to_string_lossy().replace("/stays/", "/ends/");
    let other = Path::new(&other).parent().expect("runs").join("latest");
    std::fs::write(other.join("end"), "").expect("a file");
    until_written(&lab, "ends", "stderr", |log| log.contains("the command exited with status 7")).await;
    until_written(&lab, "stays", "stderr", |log| log.contains("the agent is gone")).await;
    assert!(lives(&pid), "the task died with its agent");

    lab.start_agent(&[]).await;
    lab.until_registered().await;
    let ended = scheduler.until_state("ends", "TASK_FAILED").await;
    assert_eq!(message(&ended), "Command exited with status 7");
    scheduler.reconcile("stays").await;
    scheduler
        .until("stays", |status| status["reason"] == "REASON_RECONCILIATION" && status["state"] == "TASK_RUNNING")
        .await;
    assert!(lives(&pid), "the task was killed by its agent's return");
    scheduler.kill("stays", None).await;
    scheduler.until_state("stays", "TASK_KILLED").await;
    assert!(!lives(&pid));
    scheduler.tear_down().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_left_when_it_should_not_be() {
    let Some(mut lab) = Lab::new().await else { return };
    lab.start_agent(&[]).await;

    // The framework ends.
    let scheduler = Scheduler::register(&lab.ip, true).await;
    let (task, pid) = sleeper("torn");
    scheduler.launch(task);
    scheduler.until_state("torn", "TASK_RUNNING").await;
    until_written(&lab, "torn", "stdout", |out| out.ends_with('\n')).await;
    let torn = pid(&lab);
    scheduler.tear_down().await;
    until_dead(&torn).await;

    // The executor is killed.
    let scheduler = Scheduler::register(&lab.ip, false).await;
    let (task, pid) = sleeper("orphan");
    scheduler.launch(task);
    scheduler.until_state("orphan", "TASK_RUNNING").await;
    until_written(&lab, "orphan", "stdout", |out| out.ends_with('\n')).await;
    let orphan = pid(&lab);
    let stat = std::fs::read_to_string(format!("/proc/{orphan}/stat")).expect("the task");
    let parent = stat.rsplit(')').next().and_then(|rest| rest.split_whitespace().nth(1)).expect("its parent");
    assert!(std::process::Command::new("kill").args(["-9", parent]).status().is_ok_and(|status| status.success()));
    let failed = scheduler.until_state("orphan", "TASK_FAILED").await;
    assert_eq!(failed["reason"], "REASON_EXECUTOR_TERMINATED", "{failed}");
    until_dead(&orphan).await;

    // A custom executor, as a framework describes it. Such tasks have no command: the executor has it.
    let path = env!("CARGO_BIN_EXE_mesos-executor");
    let command = format!(r#"exec {path} --task_command='{{"value":"echo $$; exec sleep 600"}}'"#);
    let executor = json!({ "type": "CUSTOM", "executor_id": { "value": "own" }, "name": "own",
        "command": { "value": command } });
    scheduler.launch(json!({ "task_id": { "value": "custom" }, "executor": executor }));
    scheduler.until_state("custom", "TASK_RUNNING").await;
    let custom = until_written(&lab, "own", "stdout", |out| out.ends_with('\n')).await.trim().to_owned();

    // The agent dies, and the framework does not checkpoint.
    lab.kill_agent();
    until_dead(&custom).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_is_shut_down_ends_its_tasks() {
    let Some(mut lab) = Lab::new().await else { return };
    lab.start_agent(&[]).await;
    let scheduler = Scheduler::register(&lab.ip, true).await;
    scheduler.run("polite", "trap 'echo bye; exit 0' TERM; echo $$; while :; do sleep 0.1; done");
    let pid = until_written(&lab, "polite", "stdout", |out| out.ends_with('\n')).await.trim().to_owned();
    lab.signal_agent("USR1");
    until_dead(&pid).await;
    assert!(lab.sandbox("polite", "stdout").contains("bye"));
}

#[tokio::test(flavor = "multi_thread")]
async fn many_executors_are_back_in_time() {
    const MANY: usize = 60;
    let Some(mut lab) = Lab::new().await else { return };
    lab.start_agent(&[]).await;
    let scheduler = Scheduler::register(&lab.ip, true).await;
    let ids: Vec<_> = (0..MANY).map(|n| format!("many{n}")).collect();
    for id in &ids {
        scheduler.run(id, "echo $$; exec sleep 600");
    }
    let mut pids = Vec::new();
    for id in &ids {
        scheduler.until_state(id, "TASK_RUNNING").await;
        pids.push(until_written(&lab, id, "stdout", |out| out.ends_with('\n')).await.trim().to_owned());
    }
    lab.kill_agent();
    lab.start_agent(&[]).await;
    lab.until_registered().await;
    for id in &ids {
        // An executor that comes too late is killed by the agent, which is told as the task's failure.
        scheduler.reconcile(id).await;
        scheduler.until(id, |status| status["reason"] == "REASON_RECONCILIATION").await;
        scheduler.until_state(id, "TASK_RUNNING").await;
    }
    assert!(pids.iter().all(|pid| lives(pid)));
    scheduler.tear_down().await;
    for pid in &pids {
        until_dead(pid).await;
    }
}
