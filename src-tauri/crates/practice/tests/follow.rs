//! Commands that go on: what they say is heard at once, and they end with whoever listens.

mod common;

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use common::{Cluster, configure_zookeeper, install, start_zookeeper};
use machines::Machines;

/// A command that goes on, and what it has said so far.
struct Going {
    said: Arc<Mutex<String>>,
    task: tokio::task::JoinHandle<machines::Result<i32>>,
}

impl Going {
    fn start(cluster: &Cluster, node: &'static str, command: &'static str) -> Self {
        let said = Arc::new(Mutex::new(String::new()));
        let (machines, heard) = (cluster.machines.clone(), said.clone());
        let task = tokio::spawn(async move {
            let mut hear =
                |stdout: &str, stderr: &str| heard.lock().expect("a lock").push_str(&format!("{stdout}{stderr}"));
            machines.follow(node, command, &mut hear).await
        });
        Self { said, task }
    }

    async fn until(&self, wanted: &str) -> String {
        let since = Instant::now();
        loop {
            let said = self.said.lock().expect("a lock").clone();
            if said.contains(wanted) {
                return said;
            }
            assert!(since.elapsed() < Duration::from_secs(20), "{wanted:?} was not said: {said:?}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_followed_until_the_listener_goes() {
    let cluster = Cluster::new(1);
    cluster.up("node1").await;
    cluster.ok("node1", "echo -e 'a\\nb\\nc' > f; echo x > g").await;
    let one = Going::start(&cluster, "node1", "tail -n 2 -f f");
    assert_eq!(one.until("c\n").await, "b\nc\n");
    cluster.ok("node1", "echo d >> f").await;
    assert_eq!(one.until("d\n").await, "b\nc\nd\n");
    cluster.ok("node1", "echo e > f").await;
    one.until("tail: f: file truncated\n").await;
    one.until("e\n").await;
    let two = Going::start(&cluster, "node1", "tail -f f g");
    assert_eq!(two.until("x\n").await, "==> f <==\ne\n\n==> g <==\nx\n");
    cluster.ok("node1", "echo y >> f").await;
    assert_eq!(two.until("y\n").await, "==> f <==\ne\n\n==> g <==\nx\n\n==> f <==\ny\n");
    one.task.abort();
    two.task.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_journal_of_a_unit_is_followed() {
    let cluster = Cluster::new(1);
    cluster.up("node1").await;
    install(&cluster, "node1", "zookeeper").await;
    configure_zookeeper(&cluster, 1).await;
    let journal = Going::start(&cluster, "node1", "journalctl -u zookeeper-server -f");
    start_zookeeper(&cluster, 1).await;
    journal.until("Started zookeeper-server.service").await;
    cluster.ok("node1", "sudo systemctl stop zookeeper-server").await;
    let said = journal.until("Stopped zookeeper-server.service").await;
    assert_eq!(said.matches("Started zookeeper-server.service").count(), 1, "nothing is said twice");
    // It ends with its machine.
    cluster.machines.halt("node1").await.expect("halt");
    let ended = journal.task.await.expect("it ends");
    assert!(matches!(ended, Err(machines::Error::NotRunning { .. })), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_ends_by_itself_gives_its_code() {
    let cluster = Cluster::new(1);
    cluster.up("node1").await;
    let mut said = String::new();
    let code = cluster
        .machines
        .follow("node1", "echo one; sleep 0.2; echo two; exit 3", &mut |out, _| said.push_str(out))
        .await;
    assert_eq!((code.expect("it ends"), said.as_str()), (3, "one\ntwo\n"));
    // `timeout` ends what would go on, and keeps what it has said.
    let output = cluster.run("node1", "echo kept > f; timeout 0.3 tail -f f").await;
    assert_eq!((output.code, output.stdout.as_str()), (124, "kept\n"));
    let late = cluster.machines.run("node1", "tail -f f", Duration::from_millis(100)).await;
    assert!(matches!(late, Err(machines::Error::Deadline { .. })));
    let off = cluster.machines.follow("node9", "true", &mut |_, _| {}).await;
    assert!(matches!(off, Err(machines::Error::NotRunning { .. })));
}
