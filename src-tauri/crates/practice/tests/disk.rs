//! A machine whose disk is full: what its commands and servers say, and that nothing acknowledged is lost.

mod common;

use std::time::Duration;

use common::{Cluster, configure_mesos, configure_zookeeper, install, start_zookeeper, three_zookeepers};
use machines::{Machines, Upload};
use practice::Trouble;

const SRVR: &str = "echo srvr | nc -q 1 localhost 2181";

async fn fill(cluster: &Cluster, node: &str) {
    cluster.machines.trouble(node, Trouble::FillDisk).await.expect("its disk is full");
}

async fn free(cluster: &Cluster, node: &str) {
    cluster.machines.trouble(node, Trouble::FreeDisk).await.expect("its disk has room");
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_say_so_and_work_again_when_there_is_room() {
    let cluster = Cluster::new(2);
    cluster.up("node1").await;
    cluster.up("node2").await;
    cluster.ok("node1", "echo hi > f").await;
    fill(&cluster, "node1").await;
    let full = "No space left on device\n";
    let cases = [
        ("echo x > g", format!("bash: line 1: echo: write error: {full}"), 1),
        ("cat f > g", format!("cat: write error: {full}"), 1),
        ("ls > g", format!("ls: write error: {full}"), 2),
        ("cp f g", format!("cp: error writing 'g': {full}"), 1),
        ("echo x | tee g > /dev/null", format!("tee: g: {full}"), 1),
        ("mkdir d", format!("mkdir: cannot create directory ‘d’: {full}"), 1),
        // What needs no room goes.
        ("touch h; mv f f2; cat f2 > /dev/null; rm f2; test -e g", String::new(), 0),
    ];
    for (command, stderr, code) in cases {
        let output = cluster.run("node1", command).await;
        assert_eq!((output.stderr.as_str(), output.code), (stderr.as_str(), code), "{command}");
    }
    assert!(cluster.ok("node1", "df").await.contains("100% /"));
    let file = Upload { path: "/etc/x".into(), content: b"x".to_vec(), owner: "root:root".into(), mode: 0o644 };
    let refused = cluster.machines.put("node1", file.clone()).await;
    assert!(refused.is_err_and(|error| error.problem().evidence.join("\n").contains("No space left on device")));
    assert!(!cluster.ok("node2", "df").await.contains("100% /"), "the disk is the machine's own");
    // It stays full while its machine is off.
    cluster.machines.trouble("node1", Trouble::PowerCut).await.expect("its power is cut");
    cluster.up("node1").await;
    assert_eq!(cluster.run("node1", "mkdir d").await.code, 1);
    free(&cluster, "node1").await;
    cluster.ok("node1", "mkdir d && echo x > d/g && cat d/g").await;
    cluster.machines.put("node1", file).await.expect("it is put");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_zookeeper_that_cannot_write_its_log_ends_and_has_all_that_it_acknowledged() {
    let cluster = Cluster::new(1);
    cluster.up("node1").await;
    install(&cluster, "node1", "zookeeper").await;
    configure_zookeeper(&cluster, 1).await;
    start_zookeeper(&cluster, 1).await;
    for n in 0..3 {
        cluster.ok("node1", &format!("zookeeper-client create /n{n} x")).await;
    }
    fill(&cluster, "node1").await;
    let lost = cluster.machines.run("node1", "zookeeper-client create /lost x", Duration::from_secs(5)).await;
    assert!(!lost.is_ok_and(|output| output.stdout.contains("Created")), "it was not written and is acknowledged");
    let journal =
        cluster.until("node1", "journalctl -u zookeeper-server --no-pager", "Severe unrecoverable error").await;
    assert!(journal.contains("No space left on device"), "{journal}");
    // The journal goes on: systemd has noticed.
    cluster.until("node1", "journalctl -u zookeeper-server --no-pager", "Main process exited").await;

    free(&cluster, "node1").await;
    cluster.ok("node1", "sudo systemctl restart zookeeper-server").await;
    let listed = cluster.until("node1", "zookeeper-client ls /", "n0").await;
    assert!(listed.contains("[n0, n1, n2, zookeeper]"), "{listed}");
    cluster.ok("node1", "zookeeper-client create /after x").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ensemble_goes_on_without_the_server_whose_disk_is_full() {
    let cluster = three_zookeepers().await;
    let nodes = ["node1", "node2", "node3"];
    let leader = common::leader(&cluster, &nodes).await;
    let followers: Vec<_> = nodes.into_iter().filter(|node| *node != leader).collect();
    cluster.ok(leader, "zookeeper-client create /before x").await;
    fill(&cluster, followers[0]).await;
    for n in 0..3 {
        cluster
            .until(followers[1], &format!("zookeeper-client create /n{n} x; zookeeper-client ls /"), &format!("n{n}"))
            .await;
    }
    free(&cluster, followers[0]).await;
    cluster.ok(followers[0], "sudo systemctl restart zookeeper-server").await;
    cluster.until(followers[0], SRVR, "Mode: ").await;
    let listed = cluster.until(followers[0], "zookeeper-client ls /", "n2").await;
    assert!(listed.contains("before") && listed.contains("n0") && listed.contains("n1"), "{listed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_without_room_fails_tasks_and_a_master_acknowledges_what_it_has_written() {
    let cluster = Cluster::new(2);
    for n in 1..=2 {
        cluster.up(&format!("node{n}")).await;
        install(&cluster, &format!("node{n}"), "mesos").await;
        configure_mesos(&cluster, n, &format!("{}:2181", cluster.address(1))).await;
    }
    install(&cluster, "node1", "zookeeper").await;
    install(&cluster, "node1", "pacer").await;
    configure_zookeeper(&cluster, 1).await;
    start_zookeeper(&cluster, 1).await;
    let start = async |node: &str, unit: &str| {
        cluster.ok(node, &format!("sudo systemctl enable {unit} && sudo systemctl start {unit}")).await;
    };
    start("node1", "mesos-master").await;
    start("node1", "pacer").await;
    start("node2", "mesos-agent").await;
    let master = format!("http://{}:5050", cluster.address(1));
    cluster.until("node1", &format!("curl -s {master}/state"), "\"activated_slaves\":1").await;
    fill(&cluster, "node2").await;
    let app = r#"{"id":"/web","cmd":"sleep 1000","cpus":0.1,"mem":32,"instances":1,"backoffSeconds":0}"#;
    cluster.put("node1", "/home/vagrant/app.json", app).await;
    let post = "curl -s -X POST -H 'Content-Type: application/json' -d @app.json http://node1:8080/v2/apps";
    cluster.until("node1", &format!("{post} -o /dev/null -w '%{{http_code}}'"), "201").await;
    let failure = "curl -s http://node1:8080/v2/apps//web?embed=app.lastTaskFailure";
    let said = cluster.until("node1", failure, "lastTaskFailure").await;
    assert!(said.contains("No space left on device"), "{said}");
    free(&cluster, "node2").await;
    cluster.until("node1", "curl -s http://node1:8080/v2/apps//web", "\"tasksRunning\":1").await;

    // What an operator sets while the master's disk is full is acknowledged when there is room and it is written.
    let written = r#"sudo grep -c '[^0-9.]2\.5[^0-9]' /var/lib/mesos/master/registry.json"#;
    fill(&cluster, "node1").await;
    let weights =
        format!("curl -s -X PUT -d '[{{\"role\":\"web\",\"weight\":2.5}}]' {master}/weights -w '%{{http_code}}'");
    let machines = cluster.machines.clone();
    let asked = tokio::spawn(async move { machines.run("node1", &weights, Duration::from_secs(30)).await });
    cluster.until("node1", &format!("curl -s {master}/weights"), "2.5").await;
    assert_eq!(cluster.run("node1", written).await.code, 1);
    assert!(!asked.is_finished(), "it is acknowledged and not written");
    free(&cluster, "node1").await;
    assert_eq!(asked.await.expect("it ends").expect("it is answered").stdout, "200");
    assert_eq!(cluster.ok("node1", written).await, "1\n");
}
