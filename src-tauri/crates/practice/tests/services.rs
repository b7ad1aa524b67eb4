//! Units: started from the files that lie on the machine, failing as the real programs do, back after a boot.

mod common;

use common::{Cluster, configure_mesos, configure_zookeeper, install, start_zookeeper, three_zookeepers};

/// A machine with ZooKeeper installed and configured as a lone server.
async fn lone_zookeeper() -> Cluster {
    let cluster = Cluster::new(1);
    cluster.up("node1").await;
    install(&cluster, "node1", "zookeeper").await;
    configure_zookeeper(&cluster, 1).await;
    cluster
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lone_zookeeper_serves() {
    let cluster = lone_zookeeper().await;
    let said = cluster.ok("node1", "sudo -u zookeeper zookeeper-server-initialize --myid=1").await;
    assert_eq!(said, "Initialized /var/lib/zookeeper as server 1\n");
    let again = cluster.run("node1", "sudo -u zookeeper zookeeper-server-initialize --myid=1").await;
    assert_eq!(again.code, 1);
    assert!(again.stderr.contains("data already exist in /var/lib/zookeeper: --force wipes them"));
    cluster.ok("node1", "sudo -u zookeeper zookeeper-server-initialize --myid=1 --force").await;

    let enabled = cluster.run("node1", "sudo systemctl enable zookeeper-server").await;
    assert_eq!(
        enabled.stderr,
        "Created symlink /etc/systemd/system/multi-user.target.wants/zookeeper-server.service → \
         /lib/systemd/system/zookeeper-server.service.\n"
    );
    assert_eq!(cluster.run("node1", "sudo systemctl enable zookeeper-server").await.stderr, "");
    assert_eq!(cluster.run("node1", "systemctl is-active zookeeper-server").await.code, 3);
    cluster.ok("node1", "sudo service zookeeper-server start").await;
    assert_eq!(
        cluster.ok("node1", "systemctl is-active zookeeper-server; systemctl is-enabled zookeeper-server").await,
        "active\nenabled\n"
    );
    let status = cluster.ok("node1", "systemctl status zookeeper-server --no-pager").await;
    assert!(status.starts_with("● zookeeper-server.service - ZooKeeper server\n"), "{status}");
    assert!(status.contains("     Active: active (running) since "), "{status}");

    let address = cluster.address(1);
    for host in ["localhost", "node1", &address.to_string()] {
        let srvr = cluster.ok("node1", &format!("echo srvr | nc -q 1 {host} 2181")).await;
        assert!(srvr.contains("Mode: standalone"), "{srvr}");
    }
    let client = format!("zookeeper-client -server {address}:2181");
    let create = cluster.ok("node1", &format!("{client} create /lesson 'two words'")).await;
    assert_eq!(
        create,
        format!(
            "Connecting to {address}:2181\n\nWATCHER::\n\nWatchedEvent state:SyncConnected type:None path:null\nCreated /lesson\n"
        )
    );
    assert!(cluster.ok("node1", "zookeeper-client ls /").await.ends_with("[lesson, zookeeper]\n"));
    assert!(cluster.ok("node1", "zookeeper-client get /lesson").await.ends_with("\ntwo words\n"));
    assert!(
        cluster
            .ok("node1", "zookeeper-client set /lesson one; zookeeper-client stat /lesson")
            .await
            .contains("dataVersion = 1\n")
    );
    let missing = cluster.run("node1", "zookeeper-client get /ghost").await;
    assert_eq!((missing.code, missing.stderr.as_str()), (1, "Node does not exist: /ghost\n"));

    let endpoints = cluster.machines.endpoints().await.expect("endpoints");
    assert!(endpoints.iter().any(|e| e.unit == "zookeeper-server" && e.address == format!("{address}:2181")));
    assert_eq!(cluster.ok("node1", "ps aux | grep -c QuorumPeerMain").await, "1\n");
    cluster.ok("node1", "test -s /var/log/zookeeper/zookeeper.log").await;
    cluster.ok("node1", "sudo systemctl stop zookeeper-server").await;
    assert_eq!(cluster.run("node1", "echo srvr | nc -q 1 localhost 2181").await.code, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn zookeepers_own_scripts_and_systemctls_lists() {
    let cluster = lone_zookeeper().await;
    let bin = "/usr/share/zookeeper/bin";
    let address = "Client port found: 2181. Client address: localhost. Client SSL: false.";
    let status = cluster.run("node1", &format!("{bin}/zkServer.sh status")).await;
    let silent = format!("{address}\nError contacting service. It is probably not running.\n");
    assert_eq!((status.code, status.stdout.as_str()), (1, silent.as_str()));
    assert_eq!(status.stderr, "ZooKeeper JMX enabled by default\nUsing config: /etc/zookeeper/conf/zoo.cfg\n");
    cluster.ok("node1", "sudo -u zookeeper zookeeper-server-initialize --myid=1").await;
    let list = cluster.ok("node1", "systemctl list-units --type=service").await;
    assert!(list.contains("4 loaded units listed. Pass --all to see") && !list.contains("zookeeper-server"), "{list}");
    let started = cluster.ok("node1", &format!("sudo {bin}/zkServer.sh start")).await;
    assert_eq!(started, "Starting zookeeper ... STARTED\n");
    let again = cluster.run("node1", &format!("sudo {bin}/zkServer.sh start")).await;
    assert!(again.code == 1 && again.stdout.contains("already running as process"), "{again:?}");
    let mode = cluster.ok("node1", &format!("{bin}/zkServer.sh status")).await;
    assert_eq!(mode, format!("{address}\nMode: standalone\n"));
    assert!(cluster.ok("node1", &format!("{bin}/zkCli.sh -server localhost:2181 ls /")).await.contains("[zookeeper]"));
    let list = cluster.ok("node1", "systemctl").await;
    assert!(list.contains("  zookeeper-server.service loaded active running ZooKeeper server\n"), "{list}");
    let machine = cluster.ok("node1", "systemctl status").await;
    assert!(machine.starts_with("● node1\n    State: running\n"), "{machine}");
    assert!(machine.contains("─zookeeper-server.service\n"), "{machine}");
    let files = cluster.ok("node1", "systemctl list-unit-files").await;
    assert!(files.contains("zookeeper-server.service disabled enabled\n"), "{files}");
    assert_eq!(cluster.ok("node1", &format!("sudo {bin}/zkServer.sh stop")).await, "Stopping zookeeper ... STOPPED\n");
    let idle = cluster.ok("node1", &format!("sudo {bin}/zkServer.sh stop")).await;
    assert!(idle.contains("no zookeeper to stop (could not find file /var/lib/zookeeper/zookeeper_server.pid)"));
}

#[tokio::test(flavor = "multi_thread")]
async fn old_snapshots_and_logs_are_purged_and_nothing_that_is_needed() {
    let cluster = lone_zookeeper().await;
    start_zookeeper(&cluster, 1).await;
    cluster.ok("node1", "zookeeper-client create /kept yes; sudo systemctl stop zookeeper-server").await;
    // As after weeks: snapshots and logs of old, beside the real ones.
    let folder = "/var/lib/zookeeper/version-2";
    let old = "cd /var/lib/zookeeper/version-2; touch log.1 log.a log.20 log.30 snapshot.9 snapshot.1f snapshot.2f snapshot.3f";
    cluster.ok("node1", &format!("sudo -u zookeeper bash -c '{old}'")).await;
    let before = cluster.ok("node1", &format!("ls {folder}")).await;
    assert!(before.contains("snapshot.0\n"), "{before}");
    assert_eq!(cluster.run("node1", "sudo -u zookeeper zookeeper-server-cleanup -n 2").await.code, 1);
    let said = cluster.ok("node1", "sudo -u zookeeper zookeeper-server-cleanup -n 3").await;
    let gone: Vec<&str> = said.lines().filter_map(|line| line.rsplit('/').next()).collect();
    assert_eq!(gone, ["log.1", "snapshot.0", "snapshot.9"]);
    assert!(said.starts_with("Removing file: ") && said.contains("\t/var/lib/zookeeper/version-2/log.1\n"), "{said}");
    let left = cluster.ok("node1", &format!("ls {folder}")).await;
    for name in ["log.a", "log.20", "log.30", "snapshot.1f", "snapshot.2f", "snapshot.3f"] {
        assert!(left.contains(name), "{name}: {left}");
    }
    assert_eq!(cluster.ok("node1", "sudo -u zookeeper zookeeper-server-cleanup").await, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn javas_own_settings_reach_the_server() {
    let cluster = lone_zookeeper().await;
    let flags = "SERVER_JVMFLAGS=\"-Xmx128m -Dzookeeper.4lw.commands.whitelist=*\"\n";
    cluster.put("node1", "/etc/zookeeper/conf/java.env", flags).await;
    start_zookeeper(&cluster, 1).await;
    let said = cluster.ok("node1", "echo envi | nc -q 1 localhost 2181").await;
    assert!(said.starts_with("Environment:"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_enabled_comes_back_with_its_data() {
    let cluster = lone_zookeeper().await;
    start_zookeeper(&cluster, 1).await;
    cluster.ok("node1", "zookeeper-client create /kept yes").await;
    cluster.signal("-9").await;
    cluster.up("node1").await;
    cluster.until("node1", "echo ruok | nc -q 1 localhost 2181", "imok").await;
    assert!(cluster.ok("node1", "zookeeper-client get /kept").await.ends_with("\nyes\n"));

    cluster.ok("node1", "sudo systemctl disable zookeeper-server").await;
    machines::Machines::halt(&cluster.machines, "node1").await.expect("halt");
    cluster.up("node1").await;
    assert_eq!(cluster.run("node1", "systemctl is-active zookeeper-server").await.stdout, "inactive\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_program_is_started_again() {
    let cluster = lone_zookeeper().await;
    start_zookeeper(&cluster, 1).await;
    let pid = cluster.ok("node1", "systemctl show zookeeper-server | grep MainPID").await;
    let pid = pid.trim().trim_start_matches("MainPID=").to_owned();
    assert_eq!(cluster.run("node1", &format!("kill -9 {pid}")).await.code, 1);
    cluster.ok("node1", &format!("sudo kill -9 {pid}")).await;
    cluster.until("node1", "journalctl -u zookeeper-server --no-pager", "restart counter is at 1").await;
    cluster.until("node1", "systemctl is-active zookeeper-server", "active").await;
    let journal = cluster.ok("node1", "journalctl -u zookeeper-server --no-pager").await;
    assert!(journal.contains("Main process exited, code=killed, status=9/KILL"), "{journal}");
    cluster.until("node1", "echo ruok | nc -q 1 localhost 2181", "imok").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_start_fails_as_the_real_one() {
    let cluster = Cluster::new(1);
    cluster.up("node1").await;
    let unknown = cluster.run("node1", "sudo systemctl start zookeeper-server").await;
    assert_eq!(unknown.code, 5);
    assert_eq!(unknown.stderr, "Failed to start zookeeper-server.service: Unit zookeeper-server.service not found.\n");
    assert_eq!(cluster.run("node1", "systemctl status zookeeper-server").await.code, 4);

    install(&cluster, "node1", "zookeeper").await;
    let refused = cluster.run("node1", "systemctl start zookeeper-server").await;
    assert!(refused.stderr.contains("Interactive authentication required."));
    let failed = cluster.run("node1", "sudo systemctl start zookeeper-server").await;
    assert_eq!(failed.code, 1);
    assert!(
        failed.stderr.starts_with(
            "Job for zookeeper-server.service failed because the control process exited with error code.\n"
        )
    );
    let journal = cluster.ok("node1", "journalctl -u zookeeper-server -n 20 --no-pager").await;
    assert!(journal.contains("zoo.cfg file is missing") && journal.contains("status=2/INVALIDARGUMENT"), "{journal}");
    let status = cluster.run("node1", "systemctl status zookeeper-server").await;
    assert_eq!(status.code, 3);
    assert!(status.stdout.contains("Active: failed (Result: exit-code)"));

    // Data that belong to somebody else.
    configure_zookeeper(&cluster, 1).await;
    cluster.ok("node1", "sudo chown root:root /var/lib/zookeeper").await;
    assert_eq!(cluster.run("node1", "sudo systemctl start zookeeper-server").await.code, 1);
    let journal = cluster.ok("node1", "journalctl -u zookeeper-server -n 20 --no-pager").await;
    assert!(journal.contains("Cannot write to data directory /var/lib/zookeeper"), "{journal}");

    // A port that somebody else holds.
    cluster.ok("node1", "sudo chown zookeeper:zookeeper /var/lib/zookeeper").await;
    let _squatter = std::net::TcpListener::bind((cluster.address(1), 2181)).expect("the port is free");
    cluster.ok("node1", "sudo -u zookeeper zookeeper-server-initialize --myid=1 --force").await;
    assert_eq!(cluster.run("node1", "sudo systemctl start zookeeper-server").await.code, 1);
    let journal = cluster.ok("node1", "journalctl -u zookeeper-server -n 20 --no-pager").await;
    assert!(journal.contains("Address already in use"), "{journal}");
}

#[tokio::test(flavor = "multi_thread")]
async fn three_zookeepers_form_a_quorum() {
    let cluster = three_zookeepers().await;
    for n in 1..=3 {
        cluster.until(&format!("node{n}"), "echo srvr | nc -q 1 localhost 2181", "Mode: ").await;
    }
    cluster.ok("node1", "zookeeper-client create /shared x").await;
    cluster.until("node3", "zookeeper-client ls /", "shared").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_classroom_is_a_real_cluster() {
    let cluster = lone_zookeeper().await;
    start_zookeeper(&cluster, 1).await;
    install(&cluster, "node1", "mesos").await;
    install(&cluster, "node1", "pacer").await;
    configure_mesos(&cluster, 1, &format!("{}:2181", cluster.address(1))).await;
    for unit in ["mesos-master", "mesos-agent", "pacer"] {
        cluster.ok("node1", &format!("sudo systemctl enable {unit} && sudo systemctl start {unit}")).await;
    }
    cluster.until("node1", "curl -s http://node1:5050/health -o /dev/null -w '%{http_code}'", "200").await;
    cluster.until("node1", "curl -sL http://node1:5050/state", "\"activated_slaves\":1").await;
    cluster.until("node1", "curl -s http://node1:8080/v2/apps", "\"apps\"").await;
    let app = r#"{"id":"/hello","cmd":"sleep 1000","cpus":0.1,"mem":32,"instances":2}"#;
    cluster.put("node1", "/home/vagrant/hello.json", app).await;
    let post = "curl -s -X POST -H 'Content-Type: application/json' -d @hello.json http://node1:8080/v2/apps";
    cluster.until("node1", &format!("{post} -o /dev/null -w '%{{http_code}}'"), "201").await;
    cluster.until("node1", "curl -s http://node1:8080/v2/apps//hello", "\"tasksRunning\":2").await;
    a_killed_task_heals(&cluster).await;
    cluster.ok("node1", "sudo systemctl stop pacer mesos-agent mesos-master").await;
}

/// Its tasks are processes of the machine, and the scheduler starts another one for one that is killed.
async fn a_killed_task_heals(cluster: &Cluster) {
    let tasks = async || {
        let listed = cluster.ok("node1", "ps -ef | grep 'sh -c sleep 1000'").await;
        let pid = |line: &str| line.split_whitespace().nth(1).expect("a pid").to_owned();
        listed.lines().map(pid).collect::<Vec<_>>()
    };
    let before = tasks().await;
    assert_eq!(before.len(), 2);
    let refused = cluster.run("node1", &format!("kill {}", before[0])).await;
    assert_eq!(refused.stderr, format!("bash: line 1: kill: ({}) - Operation not permitted\n", before[0]));
    cluster.ok("node1", &format!("sudo kill -9 {}", before[0])).await;
    cluster.until("node1", "curl -s http://node1:8080/v2/apps//hello", "terminated with signal Killed").await;
    cluster.until("node1", "ps -ef | grep -c 'sh -c sleep 1000'", "2").await;
    let after = tasks().await;
    assert!(after.contains(&before[1]) && !after.contains(&before[0]), "{before:?}, then {after:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_mesos_and_pacer_have_acknowledged_outlives_the_process() {
    let cluster = lone_zookeeper().await;
    start_zookeeper(&cluster, 1).await;
    install(&cluster, "node1", "mesos").await;
    install(&cluster, "node1", "pacer").await;
    configure_mesos(&cluster, 1, &format!("{}:2181", cluster.address(1))).await;
    for unit in ["mesos-master", "pacer"] {
        cluster.ok("node1", &format!("sudo systemctl enable {unit} && sudo systemctl start {unit}")).await;
    }
    let app = r#"{"id":"/kept","cmd":"sleep 1000"}"#;
    cluster.put("node1", "/home/vagrant/app.json", app).await;
    let post = "curl -s -X POST -H 'Content-Type: application/json' -d @app.json http://node1:8080/v2/apps";
    cluster.until("node1", &format!("{post} -o /dev/null -w '%{{http_code}}'"), "201").await;
    cluster.until("node1", "curl -s http://node1:5050/metrics/snapshot", "\"master/elected\":1").await;
    for weight in [2.5, 3.5, 4.5] {
        let weights = format!(r#"curl -s -X PUT -d '[{{"role":"web","weight":{weight}}}]' http://node1:5050/weights"#);
        assert_eq!(cluster.ok("node1", &format!("{weights} -w '%{{http_code}}'")).await, "200");
        cluster.signal("-9").await;
        cluster.up("node1").await;
        cluster.until("node1", "curl -s http://node1:5050/metrics/snapshot", "\"master/elected\":1").await;
        let kept = cluster.ok("node1", "curl -s http://node1:5050/weights").await;
        assert!(kept.contains(&weight.to_string()), "{kept}");
    }
    cluster.until("node1", "curl -s http://node1:8080/v2/apps", "\"/kept\"").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mesos_refuses_what_the_real_one_refuses() {
    let cluster = Cluster::new(1);
    cluster.up("node1").await;
    install(&cluster, "node1", "mesos").await;
    assert_eq!(cluster.run("node1", "sudo systemctl start mesos-master").await.code, 1);
    let journal = cluster.ok("node1", "journalctl -u mesos-master -n 20 --no-pager").await;
    assert!(journal.contains("/etc/mesos/zk: No such file or directory"), "{journal}");
    cluster.put("node1", "/etc/mesos/zk", "zk://127.0.0.1:2181/mesos\n").await;
    cluster.put("node1", "/etc/mesos-master/quorom", "1\n").await;
    assert_eq!(cluster.run("node1", "sudo systemctl start mesos-master").await.code, 1);
    let journal = cluster.ok("node1", "journalctl -u mesos-master -n 20 --no-pager").await;
    assert!(journal.contains("Failed to load unknown flag 'quorom'"), "{journal}");
    cluster.ok("node1", "grep -c quorom /var/log/mesos/mesos-master.log").await;
}
