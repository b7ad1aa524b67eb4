//! The real ZooKeeper, where Java and its jars are.

use std::{
    net::Ipv4Addr,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use super::{four, network};

/// Debian's ZooKeeper.
pub const JAR: &str = "/usr/share/java/zookeeper.jar";

/// Says that something is missing; with `STARTLINE_REAL=1` that is a failure.
pub fn skip(needs: &str) {
    assert!(std::env::var("STARTLINE_REAL").as_deref() != Ok("1"), "needs {needs}");
    eprintln!("skipped: needs {needs}");
}

/// Whether there is Java with ZooKeeper's jars.
pub fn has_java() -> bool {
    let java = Command::new("java").arg("-version").stderr(Stdio::null()).status().is_ok();
    if !java || !Path::new(JAR).exists() {
        skip("java and ZooKeeper's jars");
        return false;
    }
    true
}

/// The real server, ended when dropped.
pub struct Real {
    child: Child,
    pub address: String,
    _folder: tempfile::TempDir,
}

impl Drop for Real {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Real {
    /// A lone server with `-D` properties.
    pub async fn start(properties: &[&str]) -> Option<Self> {
        if !has_java() {
            return None;
        }
        let (a, b) = network();
        let host = Ipv4Addr::new(127, a, b, 1);
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().display();
        let text = format!(
            "tickTime=2000\ndataDir={data}\nclientPort=2181\nclientPortAddress={host}\nadmin.enableServer=false\n\
             4lw.commands.whitelist=*\nextendedTypesEnabled=true\nmaxClientCnxns=0\n\
             maxSessionTimeout=600000\n"
        );
        let file = folder.path().join("zoo.cfg");
        std::fs::write(&file, text).unwrap();
        let child = Command::new("java")
            // Containers are removed at moments of the server's own: not while answers are compared.
            .args(["-Xmx128m", "-Dznode.container.checkIntervalMs=3600000"])
            .args(properties)
            .args(["-cp", JAR, "org.apache.zookeeper.server.quorum.QuorumPeerMain"])
            .arg(&file)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let real = Self { child, address: format!("{host}:2181"), _folder: folder };
        let deadline = Instant::now() + Duration::from_secs(60);
        while !four(&real.address, "srvr").await.contains("Mode") {
            assert!(Instant::now() < deadline, "the real ZooKeeper does not start");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Some(real)
    }
}
