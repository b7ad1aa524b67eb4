//! Pacer where everything speaks TLS: ZooKeeper, the master, its own API, other Pacers, and the applications that it checks.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use pacer::{Config, Log, Options, Pacer};
use reqwest::Method;
use serde_json::json;
use tempfile::TempDir;
use tls::authority::Authority;
use tls::{Served, Tls, Trust};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::Command;
use tokio::time::{Instant, sleep};

use crate::api::Api;
use crate::cluster::Cluster;

/// An authority whose files lie in a folder.
struct Files {
    folder: TempDir,
    authority: Authority,
}

impl Files {
    fn new() -> Self {
        let files = Self { folder: tempfile::tempdir().expect("a folder"), authority: Authority::new().expect("keys") };
        files.put("ca.pem", &files.authority.certificate());
        files
    }

    fn put(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).expect("a file");
        path
    }

    fn authorities(&self) -> String {
        self.folder.path().join("ca.pem").display().to_string()
    }

    /// A certificate for an address, with its key and its authority.
    fn keystore(&self, address: Ipv4Addr) -> PathBuf {
        let text = self.authority.issue(&[&address.to_string()]).expect("keys").keystore();
        self.put(&format!("{address}.pem"), &format!("{text}{}", self.authority.certificate()))
    }

    fn served(&self, address: Ipv4Addr) -> Served {
        Served::read(&self.keystore(address)).expect("a certificate")
    }

    /// How those speak who trust the authority.
    fn tls(&self) -> Tls {
        Tls::new(&Trust::read(Path::new(&self.authorities())).expect("an authority"), None).expect("a client")
    }

    fn api(&self, pacer: &Pacer) -> Api {
        Api::with(format!("https://{}", pacer.address()), tls::http(Some(&self.tls())))
    }
}

/// Speaks TLS in front of a server that does not: the practice servers know none.
async fn front(files: &Files, address: Ipv4Addr, server: SocketAddr) -> SocketAddr {
    let listener = TcpListener::bind((address, 0)).await.expect("a port");
    let (at, served) = (listener.local_addr().expect("an address"), files.served(address));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let served = served.clone();
            tokio::spawn(async move {
                let (Ok(mut one), Ok(mut other)) = (served.accept(stream).await, TcpStream::connect(server).await)
                else {
                    return;
                };
                copy_bidirectional(&mut one, &mut other).await.ok();
            });
        }
    });
    at
}

/// Answers 200 to whoever asks over TLS.
async fn secure_application(files: &Files, address: Ipv4Addr) -> u16 {
    let listener = TcpListener::bind((address, 0)).await.expect("a port");
    let (port, served) = (listener.local_addr().expect("an address").port(), files.served(address));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = served.accept(stream).await else { continue };
            let mut request = [0; 1024];
            if stream.read(&mut request).await.is_err() {
                continue;
            }
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").await.ok();
            stream.shutdown().await.ok();
        }
    });
    port
}

/// What a Pacer has said.
#[derive(Clone, Default)]
struct Said(Arc<Mutex<Vec<String>>>);

impl Said {
    fn log(&self) -> Log {
        let lines = self.0.clone();
        Log::new(move |line| {
            eprintln!("{line}");
            lines.lock().expect("a lock").push(line.to_owned());
        })
    }

    /// Waits until it says something with these words.
    async fn until(&self, words: &str) {
        let end = Instant::now() + Duration::from_secs(60);
        while !self.0.lock().expect("a lock").iter().any(|line| line.contains(words)) {
            assert!(Instant::now() < end, "never said: {words}");
            sleep(Duration::from_millis(20)).await;
        }
    }
}

/// A cluster in front of which TLS is spoken, and a Pacer's settings for it.
struct Secure {
    cluster: Cluster,
    files: Files,
    zookeeper: SocketAddr,
    master: SocketAddr,
}

impl Secure {
    async fn new() -> Self {
        let (cluster, files) = (Cluster::new(1, 1).await, Files::new());
        let zookeeper = front(&files, cluster.address(5), (cluster.address(1), 2181).into()).await;
        let master = front(&files, cluster.address(6), cluster.masters[0].address()).await;
        Self { cluster, files, zookeeper, master }
    }

    async fn pacer(&self, n: u8, said: &Said, more: &[(&str, &str)]) -> Pacer {
        let keystore = self.files.keystore(self.cluster.address(n)).display().to_string();
        let authorities = self.files.authorities();
        let own = [
            ("MARATHON_ZK", &*format!("zks://{}/marathon", self.zookeeper)),
            ("MARATHON_ZK_CA_FILE", &authorities),
            ("MARATHON_ZK_SESSION_TIMEOUT", "2000"),
            ("MARATHON_MASTER", &format!("https://{}", self.master)),
            ("LIBPROCESS_SSL_CA_FILE", &authorities),
            ("LIBPROCESS_SSL_ENABLED", "1"),
            ("MARATHON_SSL_KEYSTORE_PATH", &keystore),
            ("MARATHON_SSL_CA_FILE", &authorities),
            ("MARATHON_DISABLE_HTTP", ""),
        ];
        let env = own.iter().chain(more).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let options = Options { host: self.cluster.address(n), log: said.log() };
        Pacer::start(Config::from_env(&env).expect("settings"), options).await.expect("pacer")
    }
}

async fn curl(arguments: &[&str]) -> Output {
    Command::new("curl")
        .args(["--silent", "--show-error", "--noproxy", "*"])
        .args(arguments)
        .output()
        .await
        .expect("curl")
}

#[tokio::test(flavor = "multi_thread")]
async fn pacers_lead_deploy_and_pass_on_where_all_is_secret() {
    let secure = Secure::new().await;
    let said = Said::default();
    let first = secure.pacer(10, &said, &[]).await;
    let api = secure.files.api(&first);
    api.until_ready().await;
    let port = secure_application(&secure.files, secure.cluster.address(20)).await;
    let app = json!({
        "id": "/secure", "cmd": "sleep 1000", "cpus": 0.1, "mem": 32, "instances": 1,
        "healthChecks": [{ "protocol": "HTTPS", "path": "/", "port": port, "intervalSeconds": 1 }],
    });
    // The one that does not lead passes it on, over TLS as well.
    let second = secure.pacer(11, &said, &[]).await;
    let other = secure.files.api(&second);
    other.until("/v2/leader", |leader| leader["leader"] == first.address().to_string()).await;
    assert_eq!(other.send(Method::POST, "/v2/apps", app).await.0, 201);
    other.until_healthy("/secure", 1).await;
    first.kill().await;
    other.until_ready().await;
    other.until_healthy("/secure", 1).await;
    second.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clients_of_window_and_terminal_speak_it_too() {
    let secure = Secure::new().await;
    let pacer = secure.pacer(10, &Said::default(), &[]).await;
    secure.files.api(&pacer).until_ready().await;
    let (tls, stranger) = (secure.files.tls(), Files::new().tls());
    let marathon = |tls: &Tls| {
        let client = marathon::client::Client::new([format!("https://{}", pacer.address())]).expect("an address");
        client.with_tls(Some(tls)).expect("a client")
    };
    assert!(marathon(&tls).info().await.expect("an answer").elected);
    let untrusted = marathon(&stranger).info().await.expect_err("a stranger");
    assert_eq!((untrusted.id(), &*untrusted.problem().id), ("tls-unknown-authority", "tls-unknown-authority"));

    let operator = |tls: &Tls| {
        let client = mesos::operator::Client::new([secure.master.to_string()]).expect("an address");
        client.with_tls(Some(tls)).expect("a client")
    };
    assert_eq!(operator(&tls).agents().await.expect("an answer").agents.len(), 1);
    let untrusted = operator(&stranger).agents().await.expect_err("a stranger");
    assert_eq!(untrusted.problem().id, "tls-unknown-authority");
    let master = mesos::leader::ask(&secure.master.to_string(), Some(&tls)).await.expect("an answer");
    assert!(master.is_some());

    let ensemble =
        |tls: &Tls| mesos::leader::Ensemble::new(secure.zookeeper.to_string(), "/mesos").with_tls(Some(tls.clone()));
    assert_eq!(ensemble(&tls).find().await.expect("an answer"), master);
    let untrusted = ensemble(&stranger).find().await.expect_err("a stranger");
    assert_eq!(untrusted.problem().id, "tls-unknown-authority");
    pacer.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn curl_speaks_with_pacer_and_neither_speaks_without_tls() {
    let files = Files::new();
    let seed = std::hash::BuildHasher::hash_one(&std::hash::RandomState::new(), 0);
    let host: Ipv4Addr = format!("127.{}.{}.9", 60 + seed % 150, 1 + (seed >> 16) % 250).parse().expect("an address");
    let keystore = files.keystore(host).display().to_string();
    // Without ZooKeeper: what needs no leader is answered all the same.
    let env = [
        ("MARATHON_ZK", "zk://127.0.0.1:1/marathon"),
        ("MARATHON_MASTER", "127.0.0.1:1"),
        ("MARATHON_HTTP_PORT", "0"),
        ("MARATHON_HTTPS_PORT", "0"),
        ("MARATHON_SSL_KEYSTORE_PATH", &keystore),
    ];
    let env = env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let options = Options { host, log: Log::none() };
    let pacer = Pacer::start(Config::from_env(&env).expect("settings"), options).await.expect("pacer");
    let secure = pacer.secure_address().expect("TLS is on");
    let url = format!("https://{secure}/ping");
    let answer = curl(&["--cacert", &files.authorities(), &url]).await;
    assert_eq!(String::from_utf8_lossy(&answer.stdout), "pong", "{answer:?}");
    let old = curl(&["--cacert", &files.authorities(), "--tls-max", "1.2", &url]).await;
    assert_eq!(String::from_utf8_lossy(&old.stdout), "pong", "{old:?}");
    // 60: curl does not know the authority; 52 and 56: nothing is answered to who does not speak TLS.
    assert_eq!(curl(&[&url]).await.status.code(), Some(60));
    let bare = curl(&[&format!("http://{secure}/ping")]).await;
    assert!(matches!(bare.status.code(), Some(1 | 52 | 56)), "{bare:?}");
    // Beside it the API is there without TLS, unless that is switched off.
    let plain = curl(&[&format!("http://{}/ping", pacer.address())]).await;
    assert_eq!(String::from_utf8_lossy(&plain.stdout), "pong", "{plain:?}");
    pacer.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_certificate_is_told_and_nothing_is_said_to_its_server() {
    let secure = Secure::new().await;
    let strangers = Files::new();
    let (said, wrong) = (Said::default(), strangers.authorities());
    let pacer = secure.pacer(10, &said, &[("LIBPROCESS_SSL_CA_FILE", &wrong)]).await;
    said.until(&format!("{}: its certificate is of an authority that is not trusted here", secure.master)).await;
    let api = secure.files.api(&pacer);
    api.until("/v2/info", |info| info["elected"] == true && info["frameworkId"].is_null()).await;
    pacer.kill().await;

    let said = Said::default();
    let pacer = secure.pacer(11, &said, &[("MARATHON_ZK_CA_FILE", &wrong)]).await;
    said.until(&format!("{}: its certificate is of an authority that is not trusted here", secure.zookeeper)).await;
    let api = secure.files.api(&pacer);
    assert_eq!(api.get("/v2/info").await["elected"], false);
    pacer.kill().await;
}
