//! The whole job in a terminal, on practice clusters: nothing here knows anything but the program's own words.

mod site;

use std::{io::BufRead, io::BufReader, net::TcpListener};

use serde_json::{Value, json};
use site::{Site, files};

fn modes(status: &Value) -> Vec<&str> {
    let servers = status["live"]["ensemble"]["body"]["servers"].as_array();
    let mut modes: Vec<_> = servers.into_iter().flatten().filter_map(|s| s["mode"].as_str()).collect();
    modes.sort_unstable();
    modes
}

fn application<'a>(status: &'a Value, id: &str) -> Option<&'a Value> {
    status["live"]["applications"]["body"]["applications"].as_array()?.iter().find(|a| a["id"] == id)
}

fn runs(status: &Value, id: &str, instances: u64) -> bool {
    application(status, id).is_some_and(|a| a["running"] == instances && a["state"]["is"] == "stable")
}

/// Asks over plain HTTP/1.0, as any other client would.
fn get(url: &str) -> String {
    use std::io::{Read, Write};
    let (host, path) = url.trim_start_matches("http://").split_once('/').expect("a path");
    let mut stream = std::net::TcpStream::connect(host).expect("it listens");
    write!(stream, "GET /{path} HTTP/1.0\r\nHost: {host}\r\nAccept: application/json\r\n\r\n")
        .expect("it takes requests");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    answer
}

#[test]
fn the_whole_job_on_a_classroom() {
    let site = Site::new();
    let plan = site.ok(&["new", "lab", "--preset", "classroom"]).lines[0]["plan"].as_str().expect("a path").to_owned();
    assert_eq!(site.ok(&["plan", "check", &plan]).lines[0]["findings"], json!([]));

    let up = site.ok(&["up", "lab"]);
    assert_eq!(up.lines.last().expect("an outcome")["outcome"], "proved");
    let status = site.status("lab");
    assert_eq!(status["state"]["is"], "up");
    assert_eq!(modes(&status), ["standalone"]);
    assert_eq!(status["live"]["mesos"]["body"]["agents"].as_array().map(Vec::len), Some(2));
    assert!(runs(&status, "/hello", 1), "{status:#}");
    for endpoint in status["endpoints"].as_array().expect("endpoints") {
        std::net::TcpStream::connect(endpoint["address"].as_str().expect("an address"))
            .expect("every endpoint listens");
    }

    let master =
        status["endpoints"].as_array().and_then(|e| e.iter().find(|e| e["service"] == "master")).expect("a master");
    let state = get(&format!("{}/state", master["url"].as_str().expect("a URL")));
    assert!(state.contains("\"activated_slaves\":2"), "{state}");

    let web = site.home.path().join("web.json");
    let definition =
        json!({ "id": "/shop/web", "cmd": "python3 -m http.server $PORT0", "cpus": 0.1, "mem": 32, "instances": 2 });
    std::fs::write(&web, definition.to_string()).expect("written");
    site.ok(&["deploy", "lab", web.to_str().expect("a path")]);
    site.until("lab", "/shop/web runs twice", |s| runs(s, "/shop/web", 2));
    site.refused(&["scale", "lab", "/shop/wen", "4"], 4, "marathon-not-found");
    site.ok(&["scale", "lab", "/shop/web", "4"]);
    let status = site.until("lab", "/shop/web runs four times", |s| runs(s, "/shop/web", 4));
    let address =
        application(&status, "/shop/web").expect("there")["addresses"][0].as_str().expect("an address").to_owned();
    assert!(get(&format!("http://{address}/")).starts_with("HTTP/1.0 200"), "the application answers");

    site.ok(&["halt", "lab"]);
    let halted = site.status("lab");
    assert_eq!(halted["state"]["is"], "halted");
    assert!(halted["live"]["machines"]["body"].as_array().expect("machines").iter().all(|m| m["state"] == "halted"));
    site.ok(&["up", "lab"]);
    site.until("lab", "/shop/web is back with its four instances", |s| runs(s, "/shop/web", 4));

    let huge = site.home.path().join("huge.json");
    std::fs::write(&huge, r#"{"id": "/huge", "cmd": "sleep 9", "cpus": 500}"#).expect("written");
    site.ok(&["deploy", "lab", huge.to_str().expect("a path")]);
    let status = site.until("lab", "/huge waits and says why", |s| {
        application(s, "/huge").is_some_and(|a| a["state"]["is"] == "waiting")
    });
    assert!(application(&status, "/huge").expect("there")["state"]["reason"]["en"].to_string().contains("500"));
    site.ok(&["remove", "lab", "/huge"]);
    site.ok(&["remove", "lab", "/shop/web"]);
    site.until("lab", "/shop/web is gone", |s| application(s, "/shop/web").is_none());
    site.ok(&["destroy", "lab", "--yes"]);
    assert!(!site.folder("lab").exists());
    site.refused(&["status", "lab"], 4, "cluster-unknown");
}

#[test]
fn high_availability_comes_up_with_one_leader_of_three() {
    let site = Site::new();
    site.ok(&["new", "big", "--preset", "ha"]);
    site.ok(&["up", "big"]);
    let status = site.status("big");
    assert_eq!(modes(&status), ["follower", "follower", "leader"]);
    let masters = status["live"]["mesos"]["body"]["masters"].as_array().expect("masters").clone();
    assert_eq!(masters.iter().filter(|m| m["leading"] == true).count(), 1);
    assert!(masters.iter().all(|m| m["reachable"] == true));
    assert!(runs(&status, "/hello", 2), "{status:#}");

    for node in ["node1", "node2"] {
        site.ok(&["run", "big", node, "sudo", "systemctl", "stop", "zookeeper-server"]);
    }
    let said = site.run(&["status", "big"]).stdout;
    assert!(said.starts_with("big: up; ZooKeeper has no majority"), "{said}");
    site.ok(&["destroy", "big", "--yes"]);
}

#[test]
fn a_second_up_does_nothing_and_says_so() {
    let site = Site::new();
    site.ok(&["new", "again", "--preset", "solo"]);
    site.ok(&["up", "again"]);
    let second = site.ok(&["up", "again"]);
    let done = |l: &&Value| l["change"]["kind"] == "step" && l["change"]["body"]["state"]["is"] == "done";
    let states: Vec<_> =
        second.lines.iter().filter(done).map(|l| l["change"]["body"]["state"]["already"].clone()).collect();
    assert!(!states.is_empty() && states.iter().all(|already| *already == true), "{states:?}");
}

#[test]
fn every_step_teaches() {
    let site = Site::new();
    site.ok(&["new", "taught", "--preset", "ha"]);
    let view = site.start_and_view("taught");
    for step in view["steps"].as_array().expect("steps") {
        for field in ["title", "why", "expected"] {
            for lang in ["en", "fr"] {
                assert!(
                    !step[field][lang].as_str().expect("a text").is_empty(),
                    "{} has no {field} in {lang}",
                    step["id"]
                );
            }
        }
        assert!(!step["command"].as_str().expect("a command").is_empty(), "{}", step["id"]);
    }
    let commands: Vec<_> =
        view["steps"].as_array().into_iter().flatten().filter_map(|s| s["command"].as_str()).collect();
    for command in [
        "sudo -u zookeeper zookeeper-server-initialize --myid=1",
        "sudo service zookeeper-server start",
        "sudo systemctl enable zookeeper-server",
    ] {
        assert!(commands.iter().any(|c| c.contains(command)), "no step teaches `{command}`");
    }
}

impl Site {
    /// The first line of `up`: the whole picture. The run itself is cut off.
    fn start_and_view(&self, cluster: &str) -> Value {
        let mut up = self.start(&["up", cluster]);
        let mut line = String::new();
        BufReader::new(up.stdout.take().expect("a pipe")).read_line(&mut line).expect("a line");
        up.kill().expect("killed");
        up.wait().expect("ended");
        serde_json::from_str::<Value>(&line).expect("JSON")["view"].take()
    }
}

#[test]
fn an_exported_bundle_imports_to_the_same_plan() {
    let site = Site::new();
    for (preset, bundle) in [("solo", "folder"), ("ha", "bundle.zip")] {
        site.ok(&["new", "one", "--preset", preset]);
        let bundle = site.home.path().join(bundle);
        let bundle = bundle.to_str().expect("a path");
        site.ok(&["export", "one", bundle]);
        let other = Site::new();
        other.ok(&["import", bundle]);
        assert_eq!(
            std::fs::read(site.folder("one").join("plan.toml")).expect("read"),
            std::fs::read(other.folder("one").join("plan.toml")).expect("read"),
        );
        site.ok(&["destroy", "one", "--yes"]);
    }
}

#[test]
fn a_plan_with_another_clusters_addresses_is_refused() {
    let site = Site::new();
    let plan = site.ok(&["new", "one"]).lines[0]["plan"].as_str().expect("a path").to_owned();
    let copy = site.home.path().join("copy.toml");
    let text = std::fs::read_to_string(plan).expect("read").replace("name = \"one\"", "name = \"two\"");
    std::fs::write(&copy, text).expect("written");
    site.refused(&["up", copy.to_str().expect("a path")], 3, "network-of-another-cluster");
}

#[test]
fn a_broken_plan_is_refused_with_its_line() {
    let site = Site::new();
    let file = site.home.path().join("broken.toml");
    let path = file.to_str().expect("a path");
    std::fs::write(&file, "name = \"a\"\nnodes = [").expect("written");
    site.refused(&["plan", "check", path], 3, "plan-not-toml");
    site.refused(&["up", path], 3, "plan-not-toml");
    std::fs::write(&file, "name = \"a\"\nnetwork = { cidr = \"127.20.3.0/24\" }\nnodes = []\ncolour = 3\n")
        .expect("written");
    let said = site.refused(&["up", path], 3, "plan-unknown-key");
    assert!(said.stdout.contains("colour"), "{}", said.stdout);
    assert!(!site.home.path().join("clusters").exists(), "nothing was written");
}

#[test]
fn a_plan_that_cannot_work_is_refused() {
    let site = Site::new();
    let said = site.json(&["new", "Not A Name"]);
    assert_eq!(said.code, 3, "{}", said.stdout);
    assert!(!site.home.path().join("clusters/Not A Name").exists());
    site.ok(&["new", "twice"]);
    site.refused(&["new", "twice"], 3, "cluster-exists");
}

#[test]
fn a_data_folder_that_is_none_is_said() {
    let site = Site::new();
    let file = site.home.path().join("clusters");
    std::fs::write(&file, "").expect("written");
    let said = site.json(&["new", "lab"]);
    assert_eq!(said.code, 6, "{}", said.stdout);
    assert!(!said.problem()["evidence"].as_array().expect("evidence").is_empty());
    assert_eq!(site.json(&["list"]).code, 6);
}

#[test]
fn a_bundle_that_is_none_is_refused() {
    let site = Site::new();
    let file = site.home.path().join("photo.zip");
    std::fs::write(&file, "PK not really").expect("written");
    site.refused(&["import", file.to_str().expect("a path")], 3, "bundle-not-one");
    assert!(site.ok(&["list"]).lines[0]["clusters"].as_array().expect("a list").is_empty());
}

#[test]
fn an_application_that_marathon_refuses_is_refused_here() {
    let site = Site::new();
    site.ok(&["new", "lab", "--preset", "solo"]);
    let file = site.home.path().join("app.json");
    let path = file.to_str().expect("a path");
    std::fs::write(&file, "{ not json").expect("written");
    site.refused(&["deploy", "lab", path], 3, "application-not-json");
    std::fs::write(&file, r#"{"id": "/Bad Id", "cmd": "true", "cpus": -1}"#).expect("written");
    let said = site.refused(&["deploy", "lab", path], 3, "application-invalid");
    assert!(said.problem()["evidence"].as_array().expect("evidence").len() >= 2, "{}", said.stdout);
    std::fs::write(&file, r#"{"id": "/ok", "cmd": "sleep 100"}"#).expect("written");
    let said = site.json(&["deploy", "lab", path]);
    assert_eq!((said.code, &said.problem()["id"]), (1, &json!("cluster-not-up")), "the cluster is not up");
}

#[test]
fn a_port_in_use_ends_in_one_clear_error() {
    let site = Site::new();
    site.ok(&["new", "lab", "--preset", "solo"]);
    let plan = std::fs::read_to_string(site.folder("lab").join("plan.toml")).expect("read");
    let address = plan.lines().find_map(|l| l.strip_prefix("address = ")).expect("an address").trim_matches('"');
    let taken = TcpListener::bind((address, 2181)).expect("free until now");
    let said = site.json(&["up", "lab"]);
    assert_eq!(said.code, 1, "{}", said.stdout);
    let evidence = said.problem()["evidence"].to_string();
    assert!(evidence.contains("Address already in use"), "{evidence}");
    drop(taken);
    site.ok(&["up", "lab"]);
}

#[test]
fn two_at_once_on_one_cluster_do_not_harm_each_other() {
    let site = Site::new();
    site.ok(&["new", "lab", "--preset", "ha"]);
    let mut first = site.start(&["up", "lab"]);
    let mut lines = BufReader::new(first.stdout.take().expect("a pipe")).lines();
    // The run has begun once it says so; by then it holds the lock.
    lines.by_ref().map_while(Result::ok).find(|l| l.contains("\"running\"")).expect("it began");
    site.refused(&["up", "lab"], 5, "cluster-busy");
    site.refused(&["destroy", "lab", "--yes"], 5, "cluster-busy");
    lines.for_each(drop);
    assert!(first.wait().expect("ended").success());
}

#[test]
fn a_practice_process_that_died_is_said_and_mended() {
    let site = Site::new();
    site.ok(&["new", "lab", "--preset", "solo"]);
    site.ok(&["up", "lab"]);
    let contact = std::fs::read(site.folder("lab").join("practice/daemon.json")).expect("its contact");
    let pid = serde_json::from_slice::<Value>(&contact).expect("JSON")["pid"].to_string();
    assert!(std::process::Command::new("kill").args(["-9", &pid]).status().expect("kill").success());
    assert_eq!(site.ok(&["list"]).lines[0]["clusters"][0]["state"]["is"], "halted", "its machines are off");
    let said = site.json(&["status", "lab"]);
    assert_eq!(said.code, 1);
    assert_eq!(said.lines[0]["live"]["machines"]["trouble"]["id"], "practice-died");
    site.ok(&["up", "lab"]);
    assert!(runs(&site.until("lab", "/hello is back", |s| runs(s, "/hello", 1)), "/hello", 1));
}

#[test]
fn a_plan_that_changed_under_a_running_cluster_is_said_and_applied() {
    let site = Site::new();
    site.ok(&["new", "lab", "--preset", "solo"]);
    site.ok(&["up", "lab"]);
    let path = site.folder("lab").join("plan.toml");
    let plan = std::fs::read_to_string(&path).expect("there");
    let twice = plan.replacen("instances = 1", "instances = 2", 1);
    assert_ne!(twice, plan, "{plan}");
    std::fs::write(&path, &twice).expect("written");
    assert_eq!(site.status("lab")["plan_trouble"]["id"], "plan-changed");
    site.ok(&["up", "lab"]);
    let status = site.status("lab");
    assert!(runs(&status, "/hello", 2), "{status:#}");
    assert_eq!(status["plan_trouble"], Value::Null);

    site.ok(&["scale", "lab", "/hello", "3"]);
    site.until("lab", "/hello runs three times", |s| runs(s, "/hello", 3));
    site.ok(&["up", "lab"]);
    assert!(runs(&site.status("lab"), "/hello", 3), "what was scaled by hand stays while the plan stays");
    site.ok(&["destroy", "lab", "--yes"]);
}

#[test]
fn a_plan_that_machines_are_not_made_by_does_not_lock_them_up() {
    let site = Site::new();
    site.ok(&["new", "lab", "--preset", "solo"]);
    site.ok(&["up", "lab"]);
    let path = site.folder("lab").join("plan.toml");
    let plan = std::fs::read_to_string(&path).expect("there");

    std::fs::write(&path, plan.replace("node1", "other1")).expect("written");
    let fixed = site.refused(&["up", "lab"], 3, "plan-fixed");
    assert!(
        fixed.problem()["evidence"][0].as_str().is_some_and(|e| e.starts_with("- node node1 ")),
        "{}",
        fixed.stdout
    );

    std::fs::write(&path, plan.replacen("name = \"lab\"", "name = \"bench\"", 1)).expect("written");
    site.refused(&["up", "lab"], 3, "plan-renamed");

    std::fs::write(&path, "name = ").expect("written");
    site.refused(&["up", "lab"], 3, "plan-not-toml");
    let status = site.status("lab");
    assert_eq!((&status["state"]["is"], &status["plan_trouble"]["id"]), (&json!("up"), &json!("plan-not-toml")));
    assert_eq!(site.ok(&["run", "lab", "node1", "hostname"]).lines[0]["stdout"], "node1\n");
    site.ok(&["halt", "lab"]);
    site.refused(&["scale", "lab", "/hello", "2"], 1, "cluster-not-up");
    site.ok(&["destroy", "lab", "--yes"]);
}

#[test]
fn what_a_command_says_is_heard_as_it_says_it() {
    let site = Site::new();
    site.ok(&["new", "lab", "--preset", "solo"]);
    site.ok(&["up", "lab"]);
    let mut command =
        site.command(&["run", "lab", "node1", "echo first; tail -n 1 -f /var/log/mesos/mesos-master.log"]);
    let mut child = command.stdout(std::process::Stdio::piped()).spawn().expect("the program starts");
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    assert_eq!(lines.next().expect("a line").expect("text"), "first");
    assert!(!lines.next().expect("the log's last line").expect("text").is_empty(), "it goes on and is heard");
    child.kill().expect("ended");
    child.wait().expect("ended");
    site.ok(&["destroy", "lab", "--yes"]);
}

#[test]
fn a_server_that_lost_its_data_does_not_come_back_as_a_new_one() {
    let site = Site::new();
    site.ok(&["new", "lab", "--preset", "solo"]);
    site.ok(&["up", "lab"]);
    let lose = "sudo systemctl stop zookeeper-server; sudo rm -r /var/lib/zookeeper/version-2; sudo systemctl start zookeeper-server";
    assert_eq!(site.json(&["run", "lab", "node1", lose]).lines[0]["code"], 1);
    let log = &site.ok(&["run", "lab", "node1", "sudo journalctl -u zookeeper-server -n 8 --no-pager"]).lines[0];
    assert!(log["stdout"].to_string().contains("automatic data directory creation is disabled"), "{log:#}");
    site.ok(&["destroy", "lab", "--yes"]);
}

#[test]
fn a_command_that_fails_is_told_with_its_own_words() {
    let site = Site::new();
    site.ok(&["new", "lab", "--preset", "solo"]);
    site.ok(&["up", "lab"]);
    site.ok(&["run", "lab", "node1", "echo 9 | sudo tee /var/lib/zookeeper/myid"]);
    let said = site.refused(&["up", "lab"], 1, "command-failed");
    assert!(said.problem()["evidence"].to_string().contains("data already exist"), "{}", said.stdout);
    site.ok(&["destroy", "lab", "--yes"]);
}

#[test]
fn destroying_asks_and_nobody_answers() {
    let site = Site::new();
    site.ok(&["new", "lab"]);
    site.refused(&["destroy", "lab"], 130, "destroy-not-confirmed");
    assert!(site.folder("lab").exists());
}

#[test]
fn what_is_cancelled_goes_on_where_it_was() {
    let site = Site::new();
    site.ok(&["new", "lab", "--preset", "solo"]);
    let plan = site.folder("lab").join("plan.toml");
    let sound = std::fs::read_to_string(&plan).expect("read");
    // An application that ends at once is never healthy: the run waits, so that there is something to cancel.
    std::fs::write(&plan, sound.replace("python3 -m http.server $PORT0", "false")).expect("written");
    let mut up = site.start(&["up", "lab"]);
    let mut lines = BufReader::new(up.stdout.take().expect("a pipe")).lines().map_while(Result::ok);
    lines.find(|l| l.contains("\"kind\":\"step\"") && l.contains("\"application.healthy")).expect("it got there");
    assert!(std::process::Command::new("kill").args(["-INT", &up.id().to_string()]).status().expect("kill").success());
    let last = lines.last().expect("a last line");
    assert!(last.contains("cancelled"), "{last}");
    assert_eq!(up.wait().expect("ended").code(), Some(130));
    site.ok(&["remove", "lab", "/hello"]);
    std::fs::write(&plan, sound).expect("written");
    site.until("lab", "the first try is gone", |s| application(s, "/hello").is_none());
    site.ok(&["up", "lab"]);
}

#[test]
fn a_machine_that_is_none_is_said() {
    let site = Site::new();
    site.ok(&["new", "lab", "--preset", "solo"]);
    site.refused(&["run", "lab", "node9", "hostname"], 4, "machine-unknown");
}

#[test]
fn the_schema_describes_every_preset() {
    let site = Site::new();
    let schema: Value = serde_json::from_str(&site.run(&["schema"]).stdout).expect("JSON");
    let names: Vec<_> = schema["properties"].as_object().expect("properties").keys().cloned().collect();
    for name in
        ["name", "provider", "box", "network", "nodes", "zookeeper", "mesos", "scheduler", "sources", "applications"]
    {
        assert!(names.contains(&name.to_owned()), "{name} is not in {names:?}");
    }
}

#[test]
fn french_is_spoken_where_it_is_asked_for() {
    let site = Site::new();
    assert!(site.run(&["list", "--lang", "fr"]).stdout.contains("Pas encore de cluster"));
    assert!(site.run(&["status", "rien", "--lang", "fr"]).stderr.contains("Il n’y a pas de cluster"));
    site.ok(&["new", "lab"]);
    let exported = site.home.path().join("out");
    site.ok(&["export", "lab", exported.to_str().expect("a path")]);
    assert!(files(&exported, &[]).keys().any(|f| f.ends_with("zoo.cfg")));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_ends_in_one_clear_error_and_half_writes_nothing() {
    let site = Site::new();
    // A file system of its own, with room for the plan and not for the files; seen by this test's processes alone.
    let script = "mount -t tmpfs -o size=96k tmpfs \"$STARTLINE_HOME\" || exit 99\n\
                  \"$0\" new lab --preset ha >/dev/null || exit 98\n\
                  \"$0\" up lab --json; code=$?\n\
                  find \"$STARTLINE_HOME\" -mindepth 1 -name '.tmp*' -o -name '*.part'\n\
                  exit $code";
    let output = std::process::Command::new("unshare")
        .args(["-rm", "sh", "-c", script, env!("CARGO_BIN_EXE_startline")])
        .env("STARTLINE_HOME", site.home.path())
        .output()
        .expect("unshare starts");
    let said = String::from_utf8_lossy(&output.stdout);
    if matches!(output.status.code(), Some(99 | 1)) && said.is_empty() {
        eprintln!("skipped: needs the right to mount a file system of its own");
        return;
    }
    assert_eq!(output.status.code(), Some(1), "{said}");
    let last = said.lines().last().expect("an outcome");
    let outcome: Value = serde_json::from_str(last).expect("no temporary file is listed after the outcome");
    let problem = &outcome["failed"][0]["problem"];
    assert_eq!(problem["id"], "project-cannot-write", "{last}");
    assert!(problem["evidence"].to_string().contains("No space left"), "{last}");
}
