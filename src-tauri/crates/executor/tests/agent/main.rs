//! The executor as a process, under an agent that can be made to behave badly.

mod fake;

use std::time::{Duration, Instant};

use fake::Agent;
use serde_json::{Value, json};
use tls::Served;
use tls::authority::Authority;

fn states(updates: &Value) -> Vec<&str> {
    let updates = updates.as_array().into_iter().flatten();
    updates.map(|update| update["status"]["state"].as_str().unwrap_or_default()).collect()
}

#[tokio::test]
async fn an_agent_on_a_socket_that_wants_a_secret() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut agent = Agent::on_socket(folder.path());
    let mut executor = agent.start_executor(&[("MESOS_EXECUTOR_AUTHENTICATION_TOKEN", "secret"), ("SEEN", "by tasks")]);
    let heard = agent.subscribed().await;
    assert_eq!(heard.authorization.as_deref(), Some("Bearer secret"));
    assert_eq!(heard.call["framework_id"]["value"], "F");
    agent.launch("env");
    for expected in ["TASK_STARTING", "TASK_RUNNING", "TASK_FINISHED"] {
        let heard = agent.next().await;
        assert_eq!(heard.authorization.as_deref(), Some("Bearer secret"));
        assert_eq!(heard.call["update"]["status"]["state"], expected);
        agent.acknowledge(&heard.call["update"]["status"]);
    }
    assert!(executor.ended().await.success());
    let env = executor.read("stdout");
    assert!(env.contains("SEEN=by tasks") && !env.contains("secret"), "{env}");
}

#[tokio::test]
async fn what_was_not_acknowledged_is_said_again() {
    let mut agent = Agent::on_port().await;
    let mut executor = agent.start_executor(&[]);
    let first = agent.subscribed().await;
    assert_eq!(first.call["subscribe"], json!({ "unacknowledged_tasks": [], "unacknowledged_updates": [] }));
    agent.launch("until test -e end; do sleep 0.02; done; exit 5");
    let starting = agent.update().await;
    let running = agent.update().await;
    assert_eq!((&starting["state"], &running["state"]), (&json!("TASK_STARTING"), &json!("TASK_RUNNING")));

    // Nothing was acknowledged: the agent may never have heard of the task. It is busy at first when it comes back.
    agent.refuse(3);
    agent.cut();
    let again = agent.subscribed().await;
    assert_eq!(again.call["subscribe"]["unacknowledged_tasks"][0]["task_id"]["value"], "t");
    assert_eq!(states(&again.call["subscribe"]["unacknowledged_updates"]), ["TASK_STARTING", "TASK_RUNNING"]);
    agent.acknowledge(&starting);

    // One was: the task is known, what is left is the rest. Something happens while nobody is there.
    let quiet = json!({ "type": "HEARTBEAT" });
    agent.say(&quiet);
    executor.until_written("stderr", |log| log.contains("the agent says ACKNOWLEDGED")).await;
    agent.cut();
    let last = agent.subscribed().await;
    assert_eq!(last.call["subscribe"]["unacknowledged_tasks"], json!([]));
    assert_eq!(states(&last.call["subscribe"]["unacknowledged_updates"]), ["TASK_RUNNING"]);
    agent.acknowledge(&running);

    // An update that the agent cannot take now is made again.
    agent.refuse(2);
    std::fs::write(format!("/proc/{}/cwd/end", executor.pid()), "").expect("a file in the sandbox");
    let failed = agent.update().await;
    assert_eq!((&failed["state"], &failed["message"]), (&json!("TASK_FAILED"), &json!("Command exited with status 5")));
    agent.acknowledge(&failed);
    assert!(executor.ended().await.success());
}

#[tokio::test]
async fn an_agent_that_talks_nonsense_is_asked_again() {
    let mut agent = Agent::on_port().await;
    let mut executor = agent.start_executor(&[]);
    agent.subscribed().await;
    agent.launch("sleep 600");
    let running = [agent.update().await, agent.update().await].into_iter().last().expect("two");
    agent.say_raw(b"7\n{\"typ\"}");
    agent.say_raw(b"never a length\n");
    let again = agent.subscribed().await;
    assert_eq!(again.call["subscribe"]["unacknowledged_updates"][1]["status"]["uuid"], running["uuid"]);
    agent.say(&json!({ "type": "KILL", "kill": { "task_id": { "value": "another" } } }));
    agent.say(&json!({ "type": "KILL", "kill": { "task_id": { "value": "t" } } }));
    let killed = agent.update().await;
    assert_eq!(killed["state"], "TASK_KILLED");
    agent.acknowledge(&killed);
    assert!(executor.ended().await.success());
}

#[tokio::test]
async fn orphans_are_adopted_and_buried() {
    let mut agent = Agent::on_port().await;
    let executor = agent.start_executor(&[]);
    agent.subscribed().await;
    agent.launch("for i in 1 2 3 4 5 6 7 8 9; do (setsid true &); done; echo done; exec sleep 600");
    executor.until_written("stdout", |out| out.contains("done")).await;
    let end = Instant::now() + Duration::from_secs(30);
    // Only the task itself stays.
    while children(executor.pid()) != ["S"] {
        assert!(Instant::now() < end, "{:?}", children(executor.pid()));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_relay_of_processes_is_caught() {
    let mut agent = Agent::on_port().await;
    let mut executor = agent.start_executor(&[]);
    agent.subscribed().await;
    // Each process starts the next one and ends: whoever only looks and then kills comes too late.
    agent.launch("trap '' TERM; hop() { sleep 0.01; echo on >> beats; hop & }; hop");
    let states = [agent.update().await, agent.update().await, agent.update().await];
    let last = &states[2];
    assert_eq!(last["state"], "TASK_FINISHED");
    assert!(!children(executor.pid()).contains(&"S".to_owned()), "{:?}", children(executor.pid()));
    let beats = executor.read("beats");
    agent.acknowledge(last);
    assert!(executor.ended().await.success());
    assert_eq!(executor.read("beats"), beats, "it went on");
}

#[tokio::test]
async fn a_stopped_task_hears_that_it_is_to_end() {
    let mut agent = Agent::on_port().await;
    let mut executor = agent.start_executor(&[]);
    agent.subscribed().await;
    agent.launch("trap 'echo bye; exit 0' TERM; echo up; kill -STOP $$; sleep 600");
    executor.until_written("stdout", |out| out.contains("up")).await;
    agent.update().await;
    agent.update().await;
    let end = Instant::now() + Duration::from_secs(30);
    while children(executor.pid()) != ["T"] {
        assert!(Instant::now() < end, "{:?}", children(executor.pid()));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let grace = json!({ "grace_period": { "nanoseconds": 60_000_000_000_u64 } });
    agent.say(&json!({ "type": "KILL", "kill": { "task_id": { "value": "t" }, "kill_policy": grace } }));
    let killed = agent.update().await;
    assert_eq!((&killed["state"], &killed["message"]), (&json!("TASK_KILLED"), &json!("Command exited with status 0")));
    agent.acknowledge(&killed);
    assert!(executor.ended().await.success());
    assert!(executor.read("stdout").contains("bye"));
}

/// The states of a process's children.
fn children(parent: u32) -> Vec<String> {
    let stats = std::fs::read_dir("/proc").expect("/proc").flatten();
    let stats = stats.filter_map(|entry| std::fs::read_to_string(entry.path().join("stat")).ok());
    let fields = stats.filter_map(|stat| {
        let mut rest = stat.rsplit(')').next()?.split_whitespace().map(str::to_owned);
        let state = rest.next()?;
        (rest.next()? == parent.to_string()).then_some(state)
    });
    fields.collect()
}

#[tokio::test]
async fn a_signal_ends_it_as_the_agent_would() {
    let mut agent = Agent::on_port().await;
    let mut executor = agent.start_executor(&[("MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD", "3secs")]);
    agent.subscribed().await;
    agent.launch("trap '' TERM; echo deaf; while :; do sleep 0.1; done");
    agent.update().await;
    agent.update().await;
    executor.until_written("stdout", |out| out.contains("deaf")).await;
    let pid = executor.pid().to_string();
    assert!(std::process::Command::new("kill").arg(pid).status().is_ok_and(|status| status.success()));
    let killed = agent.update().await;
    assert_eq!(killed["message"], "Command terminated with signal Killed");
    agent.acknowledge(&killed);
    assert!(executor.ended().await.success());
}

#[tokio::test]
async fn an_agent_that_speaks_tls() {
    let folder = tempfile::tempdir().expect("a folder");
    let put = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("a file");
        path
    };
    let (ours, another) = (Authority::new().expect("keys"), Authority::new().expect("keys"));
    let keystore = put("agent.pem", &ours.issue(&["127.0.0.1"]).expect("keys").keystore());
    let (trusted, wrong) = (put("ca.pem", &ours.certificate()), put("wrong.pem", &another.certificate()));
    let start = |agent: &Agent, authorities: &std::path::Path| {
        let authorities = authorities.display().to_string();
        agent.start_executor(&[("LIBPROCESS_SSL_ENABLED", "1"), ("LIBPROCESS_SSL_CA_FILE", &authorities)])
    };
    let mut agent = Agent::on_port_over(Some(Served::read(&keystore).expect("a certificate"))).await;
    let mut executor = start(&agent, &trusted);
    agent.subscribed().await;
    agent.launch("exit 0");
    let last = loop {
        let status = agent.update().await;
        agent.acknowledge(&status);
        if status["state"] != "TASK_STARTING" && status["state"] != "TASK_RUNNING" {
            break status;
        }
    };
    assert_eq!(last["state"], "TASK_FINISHED");
    assert!(executor.ended().await.success());
    // One whose certificate is of somebody else is told nothing, and the log says why.
    let stranger = start(&agent, &wrong);
    stranger.until_written("stderr", |log| log.contains("authority that is not trusted here")).await;
}

#[tokio::test]
async fn without_an_agent_it_says_what_is_missing() {
    let output =
        std::process::Command::new(env!("CARGO_BIN_EXE_mesos-executor")).env_clear().output().expect("it runs");
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("MESOS_FRAMEWORK_ID"));
}
