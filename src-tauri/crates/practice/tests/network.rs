//! What happens on the network between machines: cut, slow, healed; and what the programs on it make of that.

mod common;

use std::time::Duration;

use common::{Cluster, configure_mesos, configure_zookeeper, install, leader, start_zookeeper, three_zookeepers};
use practice::NetworkTrouble;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const SRVR: &str = "echo srvr | nc -q 1 localhost 2181";

async fn trouble(cluster: &Cluster, trouble: NetworkTrouble) {
    cluster.machines.network(trouble).await.expect("the network obeys");
}

async fn split(cluster: &Cluster, these: &[&str]) {
    trouble(cluster, NetworkTrouble::Split { these: these.iter().map(|&node| node.to_owned()).collect() }).await;
}

async fn cut(cluster: &Cluster, one: &str, other: &str) {
    trouble(cluster, NetworkTrouble::Cut { between: [one.to_owned(), other.to_owned()] }).await;
}

/// What the ZooKeeper of a machine says to the laptop.
async fn asked_from_outside(cluster: &Cluster, n: u8) -> String {
    let mut stream = TcpStream::connect((cluster.address(n), 2181)).await.expect("a connection");
    stream.write_all(b"srvr").await.expect("it is sent");
    let mut answer = String::new();
    let answered = tokio::time::timeout(Duration::from_secs(20), stream.read_to_string(&mut answer)).await;
    answered.expect("in time").expect("an answer");
    answer
}

fn number(node: &str) -> u8 {
    node.trim_start_matches("node").parse().expect("a number")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leader_cut_off_stops_serving_and_comes_back_with_what_the_majority_wrote() {
    let cluster = three_zookeepers().await;
    let nodes = ["node1", "node2", "node3"];
    let first = leader(&cluster, &nodes).await;
    cluster.ok(first, "zookeeper-client create /before x").await;
    split(&cluster, &[first]).await;
    let lost = cluster.machines.clone();
    let lost_on = first.to_owned();
    let lost = tokio::spawn(async move {
        machines::Machines::run(&lost, &lost_on, "zookeeper-client create /lost x", Duration::from_secs(8)).await
    });
    cluster.until(first, SRVR, "not currently serving requests").await;
    let others: Vec<_> = nodes.into_iter().filter(|n| *n != first).collect();
    let second = leader(&cluster, &others).await;
    cluster.ok(second, "zookeeper-client create /meanwhile y").await;

    // The laptop sees both sides.
    assert!(asked_from_outside(&cluster, number(first)).await.contains("not currently serving requests"));
    assert!(asked_from_outside(&cluster, number(second)).await.contains("Mode: leader"));

    let acknowledged = lost.await.expect("it ends").is_ok_and(|output| output.stdout.contains("Created"));
    assert!(!acknowledged, "a minority has acknowledged a write");
    trouble(&cluster, NetworkTrouble::Heal).await;
    cluster.until(first, SRVR, "Mode: follower").await;
    let listed = cluster.until(first, "zookeeper-client ls /", "meanwhile").await;
    assert!(listed.contains("before") && !listed.contains("lost"), "{listed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_pair_cut_off_leaves_an_ensemble_that_serves() {
    let cluster = three_zookeepers().await;
    let nodes = ["node1", "node2", "node3"];
    let first = leader(&cluster, &nodes).await;
    let followers: Vec<_> = nodes.into_iter().filter(|n| *n != first).collect();
    cut(&cluster, followers[0], followers[1]).await;
    for (n, node) in nodes.into_iter().enumerate() {
        cluster.ok(node, &format!("zookeeper-client create /n{n} x")).await;
    }
    assert_eq!(leader(&cluster, &nodes).await, first);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_network_makes_progress() {
    let cluster = three_zookeepers().await;
    let nodes = ["node1", "node2", "node3"];
    leader(&cluster, &nodes).await;
    for node in nodes {
        trouble(&cluster, NetworkTrouble::Delay { node: node.into(), ms: 20 }).await;
    }
    for (n, node) in nodes.into_iter().enumerate() {
        cluster.ok(node, &format!("zookeeper-client create /n{n} x")).await;
    }
    let sent = cluster.ok("node1", &format!("ping -c 1 {}", cluster.address(2))).await;
    let ms = sent.split("time=").nth(1).and_then(|rest| rest.split(' ').next()).and_then(|ms| ms.parse::<f64>().ok());
    assert!(ms.is_some_and(|ms| ms >= 80.0), "{sent}");
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_wait_in_vain_for_a_machine_that_is_cut_off() {
    let cluster = Cluster::new(2);
    cluster.up("node1").await;
    cluster.up("node2").await;
    install(&cluster, "node1", "zookeeper").await;
    install(&cluster, "node2", "zookeeper").await;
    configure_zookeeper(&cluster, 1).await;
    start_zookeeper(&cluster, 1).await;
    let address = cluster.address(1);
    cut(&cluster, "node1", "node2").await;
    let nc = cluster.run("node2", &format!("echo ruok | nc -v -w 1 {address} 2181")).await;
    let timed_out = format!("nc: connect to {address} port 2181 (tcp) timed out: Operation now in progress\n");
    assert_eq!((nc.code, nc.stderr.as_str()), (1, timed_out.as_str()));
    assert_eq!(cluster.run("node2", &format!("curl -s -m 1 http://{address}:2181/")).await.code, 28);
    let ping = cluster.run("node2", &format!("ping -c 1 -W 0.2 {address}")).await;
    assert_eq!(ping.code, 1);
    assert!(ping.stdout.contains("1 packets transmitted, 0 received, 100% packet loss"), "{}", ping.stdout);
    let client = format!("zookeeper-client -server {address}:2181 ls /");
    let asked = machines::Machines::run(&cluster.machines, "node2", &client, Duration::from_secs(1)).await;
    assert!(matches!(asked, Err(machines::Error::Deadline { .. })), "{asked:?}");
    // The machine itself is well.
    assert_eq!(cluster.ok("node1", "echo ruok | nc -q 1 localhost 2181").await, "imok");

    trouble(&cluster, NetworkTrouble::Heal).await;
    assert_eq!(cluster.ok("node2", &format!("echo ruok | nc -q 1 {address} 2181")).await, "imok");
    assert!(cluster.ok("node2", &client).await.contains("[zookeeper]"));
    assert_eq!(cluster.run("node2", &format!("ping -c 1 {address}")).await.code, 0);

    let unknown = NetworkTrouble::Delay { node: "node9".into(), ms: 1 };
    assert!(matches!(cluster.machines.network(unknown).await, Err(machines::Error::Provider(_))));
}

/// ZooKeeper on the first machine, Mesos and Pacer on all of them; nothing of those is started.
async fn three_for_mesos() -> Cluster {
    let cluster = Cluster::new(3);
    for n in 1..=3 {
        cluster.up(&format!("node{n}")).await;
        install(&cluster, &format!("node{n}"), "mesos").await;
        install(&cluster, &format!("node{n}"), "pacer").await;
        configure_mesos(&cluster, n, &format!("{}:2181", cluster.address(1))).await;
    }
    install(&cluster, "node1", "zookeeper").await;
    configure_zookeeper(&cluster, 1).await;
    start_zookeeper(&cluster, 1).await;
    cluster
}

async fn start(cluster: &Cluster, node: &str, unit: &str) {
    cluster.ok(node, &format!("sudo systemctl enable {unit} && sudo systemctl start {unit}")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_cut_off_is_unreachable_its_work_goes_elsewhere_and_it_comes_back() {
    let cluster = three_for_mesos().await;
    start(&cluster, "node1", "mesos-master").await;
    start(&cluster, "node1", "pacer").await;
    start(&cluster, "node2", "mesos-agent").await;
    start(&cluster, "node3", "mesos-agent").await;
    let master = format!("http://{}:5050", cluster.address(1));
    let app = r#"{"id":"/web","cmd":"python3 -m http.server $PORT0","cpus":0.1,"mem":32,"instances":1,
        "portDefinitions":[{"port":0}],
        "healthChecks":[{"protocol":"HTTP","path":"/","portIndex":0,"gracePeriodSeconds":5,"intervalSeconds":1}],
        "unreachableStrategy":{"inactiveAfterSeconds":0,"expungeAfterSeconds":0}}"#;
    cluster.until("node1", &format!("curl -s {master}/state"), "\"activated_slaves\":2").await;
    cluster.put("node1", "/home/vagrant/app.json", app).await;
    let post = "curl -s -X POST -H 'Content-Type: application/json' -d @app.json http://node1:8080/v2/apps";
    cluster.until("node1", &format!("{post} -o /dev/null -w '%{{http_code}}'"), "201").await;
    let tasks = "curl -s http://node1:8080/v2/apps//web/tasks";
    let running = cluster.until("node1", tasks, "\"alive\":true").await;
    let host = |n: u8| format!("\"host\":\"{}\"", cluster.address(n));
    let (on, other) = if running.contains(&host(2)) { (2, 3) } else { (3, 2) };

    split(&cluster, &[&format!("node{on}")]).await;
    cluster.until("node1", &format!("curl -s {master}/state"), "\"unreachable_slaves\":1").await;
    cluster.until("node1", tasks, &host(other)).await;
    // The laptop still reaches the agent that its master doesn't.
    assert!(TcpStream::connect((cluster.address(on), 5051)).await.is_ok());

    trouble(&cluster, NetworkTrouble::Heal).await;
    cluster.until("node1", &format!("curl -s {master}/state"), "\"activated_slaves\":2").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leading_master_cut_off_from_zookeeper_gives_way_to_another() {
    let cluster = three_for_mesos().await;
    let elected = |n: u8| format!("curl -s http://{}:5050/metrics/snapshot", cluster.address(n));
    start(&cluster, "node2", "mesos-master").await;
    cluster.until("node2", &elected(2), "\"master/elected\":1").await;
    start(&cluster, "node3", "mesos-master").await;
    cluster.until("node1", "zookeeper-client ls /mesos | grep -c 'json.info_.*json.info_'", "1").await;
    cut(&cluster, "node2", "node1").await;
    cluster.until("node3", &elected(3), "\"master/elected\":1").await;
    cluster.until("node2", "journalctl -u mesos-master --no-pager", "Lost leadership... committing suicide!").await;
    trouble(&cluster, NetworkTrouble::Heal).await;
    // Started again by systemd, it stands in the line and follows.
    let redirect = format!("curl -s -o /dev/null -w '%{{redirect_url}}' http://{}:5050/redirect", cluster.address(2));
    cluster.until("node2", &redirect, &cluster.address(3).to_string()).await;
}
