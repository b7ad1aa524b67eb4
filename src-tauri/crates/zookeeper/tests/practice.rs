//! Everything here, asked of practice servers.

use std::{
    net::Ipv4Addr,
    sync::atomic::{AtomicU8, Ordering},
    time::Duration,
};

use tempfile::TempDir;
use zookeeper::{
    Error, Mntr, Mode, Srvr, Tree,
    ensemble::{self, Role},
    four_letter_word,
};
use zookeeper_client::{Acls, Client, CreateMode};
use zookeeper_server::{Config, Log, Options, Server};

const SOON: Duration = Duration::from_secs(5);

/// An address that no other test uses.
fn host(n: u8) -> Ipv4Addr {
    static NEXT: AtomicU8 = AtomicU8::new(0);
    let process = std::process::id();
    let place = NEXT.fetch_add(1, Ordering::Relaxed);
    Ipv4Addr::new(127, (process >> 4) as u8 % 200 + 40, (process % 16 * 16) as u8 + place, n)
}

async fn start(host: Ipv4Addr, folder: &TempDir, text: &str) -> Server {
    let config = Config::parse(&format!("tickTime=200\ndataDir=/data\nclientPort=2181\n{text}")).unwrap();
    let options = Options { host, root: folder.path().to_owned(), log: Log::none() };
    Server::start(config, options).await.unwrap()
}

#[tokio::test]
async fn a_lone_server() {
    let (host, folder) = (host(1), tempfile::tempdir().unwrap());
    let server = start(host, &folder, "4lw.commands.whitelist=srvr,mntr\n").await;
    let address = server.client_address().to_string();
    let said = Srvr::ask(&address, None, SOON).await.unwrap();
    assert_eq!((said.mode, said.version.as_deref(), said.znodes), (Mode::Standalone, Some("3.8.0"), Some(5)));
    let said = Mntr::ask(&address, None, SOON).await.unwrap();
    assert_eq!((said.get("server_state"), said.number("znode_count")), (Some("standalone"), Some(5.0)));
    let refused = four_letter_word(&address, None, "stat", SOON).await.unwrap_err();
    assert_eq!(refused.problem().id, "zookeeper-word-refused");
    let status = ensemble::status(&[(1, address.clone())], None).await;
    assert!(matches!(status[0].role, Role::Standalone));

    let client = Client::connect(&address).await.unwrap();
    let options = CreateMode::Persistent.with_acls(Acls::anyone_all());
    for name in ["/b", "/a", "/c"] {
        client.create(name, name.as_bytes(), &options).await.unwrap();
    }
    let tree = Tree::connect(&address, SOON).await.unwrap();
    let children = tree.children("/", None, 3).await.unwrap();
    assert_eq!((children.total, children.too_many), (4, false));
    assert_eq!(children.names, ["a", "b", "c"]);
    assert_eq!(tree.children("/", Some("b"), 9).await.unwrap().names, ["c", "zookeeper"]);
    let znode = tree.get("/b").await.unwrap();
    assert_eq!((znode.data.as_slice(), znode.stat.version), (&b"/b"[..], 0));
    assert!(matches!(tree.stat("/none").await, Err(Error::NoZnode { .. })));
    assert!(matches!(tree.get("/none").await, Err(Error::NoZnode { .. })));
    let odd = tree.get("/a//b").await.unwrap_err();
    assert_eq!(odd.problem().id, "zookeeper-refused");

    server.stop().await;
    let gone = Srvr::ask(&address, None, SOON).await.unwrap_err();
    assert_eq!(gone.problem().id, "zookeeper-unreachable");
    let gone = Tree::connect(&address, Duration::from_millis(300)).await.unwrap_err();
    assert_eq!(gone.problem().id, "zookeeper-no-session");
}

#[tokio::test]
async fn an_ensemble() {
    let network = host(0).octets();
    let hosts = [1, 2, 3].map(|n| Ipv4Addr::new(network[0], network[1], network[2], n));
    let lines: String = hosts.iter().zip(1..).map(|(host, n)| format!("server.{n}={host}:2888:3888\n")).collect();
    let text = format!("initLimit=20\nsyncLimit=10\n{lines}");
    let folders = [(); 3].map(|()| tempfile::tempdir().unwrap());
    let asked: Vec<(u16, String)> = hosts.iter().zip(1..).map(|(host, n)| (n, format!("{host}:2181"))).collect();
    let mut servers = Vec::new();
    for (n, (host, folder)) in hosts.iter().zip(&folders).enumerate() {
        std::fs::create_dir(folder.path().join("data")).unwrap();
        std::fs::write(folder.path().join("data/myid"), (n + 1).to_string()).unwrap();
        servers.push(start(*host, folder, &text).await);
        if n == 0 {
            let status = ensemble::status(&asked, None).await;
            assert!(matches!(status[0].role, Role::Looking), "{status:?}");
            assert!(matches!(status[1].role, Role::Down(_)), "{status:?}");
            let looking = Srvr::ask(&asked[0].1, None, SOON).await.unwrap_err();
            assert_eq!(looking.problem().id, "zookeeper-no-quorum");
        }
    }
    for _ in 0..200 {
        let status = ensemble::status(&asked, None).await;
        let leaders = status.iter().filter(|server| matches!(server.role, Role::Leader)).count();
        let followers = status.iter().filter(|server| matches!(server.role, Role::Follower)).count();
        if (leaders, followers) == (1, 2) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("no quorum: {:?}", ensemble::status(&asked, None).await);
}
