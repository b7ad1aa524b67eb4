//! A real ZooKeeper 3.8 that speaks TLS on its `secureClientPort`. Skipped where it is not installed.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;
use tls::authority::{Authority, Issued};
use tls::{Fault, Identity, Tls, Trust};
use tokio::time::{Instant, sleep};
use zookeeper::{Error, Mode, Srvr, Tree};

/// ZooKeeper's classes, where Debian's package `zookeeper` and its libraries put them.
const CLASSES: &str = "/usr/share/java/*";
/// How long anything may take on a busy machine.
const LONG: Duration = Duration::from_secs(60);

/// A server with a certificate of `servers`, for callers with one of `callers`. Ends with the value.
struct Server {
    folder: TempDir,
    servers: Authority,
    callers: Authority,
    plain: u16,
    secure: u16,
    child: Child,
}

impl Server {
    /// One whose certificate is for 127.0.0.1, if Java and ZooKeeper are here.
    fn start() -> Option<Self> {
        if !Path::new("/usr/share/java/zookeeper.jar").exists() {
            assert!(std::env::var_os("STARTLINE_REAL").is_none(), "needs ZooKeeper");
            eprintln!("skipped: needs ZooKeeper");
            return None;
        }
        let folder = tempfile::tempdir().expect("a folder");
        let (servers, callers) = (Authority::new().expect("keys"), Authority::new().expect("keys"));
        let keystore = put(&folder, "server.pem", &servers.issue(&["127.0.0.1"]).expect("keys").keystore());
        let truststore = put(&folder, "callers.pem", &callers.certificate());
        let (plain, secure) = (free_port(), free_port());
        let lines = [
            "tickTime=400".to_owned(),
            format!("dataDir={}", folder.path().join("data").display()),
            format!("clientPort={plain}\nclientPortAddress=127.0.0.1"),
            format!("secureClientPort={secure}\nsecureClientPortAddress=127.0.0.1"),
            "admin.enableServer=false".to_owned(),
            "serverCnxnFactory=org.apache.zookeeper.server.NettyServerCnxnFactory".to_owned(),
            format!("ssl.keyStore.location={}\nssl.keyStore.type=PEM", keystore.display()),
            format!("ssl.trustStore.location={}\nssl.trustStore.type=PEM", truststore.display()),
        ];
        let config = put(&folder, "zoo.cfg", &lines.join("\n"));
        let log = fs::File::create(folder.path().join("log")).expect("a log");
        let mut command = Command::new("java");
        command.args(["-Xmx128m", "-cp", CLASSES, "org.apache.zookeeper.server.quorum.QuorumPeerMain"]).arg(config);
        let child = command.stdin(Stdio::null()).stdout(log.try_clone().expect("a log")).stderr(log).spawn();
        Some(Self { folder, servers, callers, plain, secure, child: child.expect("java") })
    }

    fn secure(&self) -> String {
        format!("127.0.0.1:{}", self.secure)
    }

    /// A client that trusts an authority, and is somebody if that is said.
    fn client(&self, trusted: &Authority, us: Option<&Issued>) -> Tls {
        let trust = Trust::read(&put(&self.folder, "trusted.pem", &trusted.certificate())).expect("an authority");
        let us = us.map(|us| put(&self.folder, "us.pem", &us.keystore()));
        let us = us.map(|us| Identity::read(&us, &us).expect("an identity"));
        Tls::new(&trust, us.as_ref()).expect("a client")
    }

    /// Waits until the server serves.
    async fn until_serving(&self, tls: &Tls) -> Srvr {
        let end = Instant::now() + LONG;
        loop {
            match Srvr::ask(&self.secure(), Some(tls), LONG).await {
                Ok(srvr) => return srvr,
                Err(error) if Instant::now() > end => {
                    panic!("{error}\n{}", fs::read_to_string(self.folder.path().join("log")).unwrap_or_default())
                }
                Err(_) => sleep(Duration::from_millis(100)).await,
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn put(folder: &TempDir, name: &str, text: &str) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, text).expect("a file");
    path
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").port()
}

#[tokio::test]
async fn sessions_and_words_over_tls_with_a_real_server_that_asks_who_we_are() {
    let Some(server) = Server::start() else { return };
    let us = server.callers.issue(&["startline"]).expect("keys");
    let tls = server.client(&server.servers, Some(&us));
    assert_eq!(server.until_serving(&tls).await.mode, Mode::Standalone);

    let tree = Tree::connect_as(&server.secure(), None, Some(&tls), LONG).await.expect("a session");
    let children = tree.children("/", None, 10).await.expect("children");
    assert_eq!(children.names, ["zookeeper"]);

    // What is wrong is told, of the server and of us; and nothing is said without TLS instead.
    let at = server.secure();
    let fault = async |tls: &Tls, at: &str| match Tree::connect_as(at, None, Some(tls), LONG).await {
        Err(Error::Untrusted { fault, address }) if address == at => fault,
        other => panic!("{other:?}"),
    };
    let stranger = server.client(&Authority::new().expect("keys"), Some(&us));
    assert_eq!(fault(&stranger, &at).await, Fault::UnknownAuthority);
    assert_eq!(fault(&server.client(&server.servers, None), &at).await, Fault::WantsOurs);
    let another = server.servers.issue(&["startline"]).expect("keys");
    assert_eq!(fault(&server.client(&server.servers, Some(&another)), &at).await, Fault::WantsOurs);
    assert_eq!(fault(&tls, &format!("localhost:{}", server.secure)).await, Fault::OtherName);
    assert_eq!(fault(&tls, &format!("127.0.0.1:{}", server.plain)).await, Fault::NotSpoken);
    let word = Srvr::ask(&at, Some(&stranger), LONG).await.expect_err("a stranger");
    assert_eq!(word.problem().id, "tls-unknown-authority");
}
