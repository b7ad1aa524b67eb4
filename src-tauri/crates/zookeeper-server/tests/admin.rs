//! The AdminServer, and the words that say the same. Expected texts are recordings of ZooKeeper 3.8.0 with Jetty.

mod common;

use common::{
    Cluster, four,
    raw::{Body, Raw},
};
use zookeeper_server::{Config, Log, Options, Server};

async fn ask(cluster: &Cluster, what: &str) -> (String, String) {
    let request = format!("GET {what} HTTP/1.1\r\nHost: zk\r\nConnection: close\r\n\r\n");
    let answer = four(&format!("{}:8080", cluster.hosts[0]), &request).await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    (head.to_owned(), body.to_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_answer_as_the_real_ones() {
    let cluster = Cluster::start(1).await;
    let expected = [
        ("ruok", "{\n  \"command\" : \"ruok\",\n  \"error\" : null\n}"),
        ("isro", "{\n  \"read_only\" : false,\n  \"command\" : \"is_read_only\",\n  \"error\" : null\n}"),
        ("leader", "{\n  \"error\" : \"server is not initialized\",\n  \"command\" : \"leader\"\n}"),
        ("nope", "{\n  \"command\" : \"nope\",\n  \"error\" : \"Unknown command: nope\"\n}"),
        ("gtmk", "{\n  \"tracemask\" : 306,\n  \"command\" : \"get_trace_mask\",\n  \"error\" : null\n}"),
        ("stmk?traceMask=7", "{\n  \"tracemask\" : 7,\n  \"command\" : \"set_trace_mask\",\n  \"error\" : null\n}"),
        (
            "set_trace_mask",
            "{\n  \"error\" : \"setTraceMask requires long traceMask argument\",\n  \"command\" : \"set_trace_mask\"\n}",
        ),
        ("voting_view", "{\n  \"current_config\" : { },\n  \"command\" : \"voting_view\",\n  \"error\" : null\n}"),
        (
            "zabstate",
            "{\n  \"voting\" : false,\n  \"zabstate\" : \"\",\n  \"command\" : \"zabstate\",\n  \"error\" : null\n}",
        ),
        ("hash", "{\n  \"digests\" : [ ],\n  \"command\" : \"hash\",\n  \"error\" : null\n}"),
    ];
    for (command, says) in expected {
        let (head, body) = ask(&cluster, &format!("/commands/{command}")).await;
        assert!(head.starts_with("HTTP/1.1 200 OK") && head.contains("application/json"), "{head}");
        assert_eq!(body, says, "{command}");
    }
    let links = ask(&cluster, "/commands").await.1;
    assert!(links.starts_with("<a href=\"/commands/configuration\">configuration</a>\n<br/>\n"), "{links}");
    assert_eq!(links.lines().count(), 52);
    assert!(ask(&cluster, "/").await.0.starts_with("HTTP/1.1 404"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_and_watches_are_shown() {
    let cluster = Cluster::start(1).await;
    let mut client = Raw::connect(&cluster.address(0), 4000).await;
    let create = Body::default().text("/e").bytes(b"x").acl(&[(31, "world", "anyone")]).int(1);
    client.ask(1, &create).await.unwrap();
    client.ask(4, &Body::default().text("/e").bool(true)).await.unwrap();
    let session = client.session;
    let watches = ask(&cluster, "/commands/watches").await.1;
    assert!(
        watches.contains(&format!("\"session_id_to_watched_paths\" : {{\n    \"{session}\" : [ \"/e\" ]\n  }}")),
        "{watches}"
    );
    let by_path = ask(&cluster, "/commands/wchp").await.1;
    assert!(by_path.contains(&format!("\"/e\" : [ {session} ]")), "{by_path}");
    let dump = ask(&cluster, "/commands/dump").await.1;
    assert!(dump.contains(&format!("\"{session}\" : [ \"/e\" ]")), "{dump}");
    let connections = ask(&cluster, "/commands/connections").await.1;
    assert!(
        connections.contains(&format!("\"session_id\" : {session},\n    \"last_operation\" : \"GETD\"")),
        "{connections}"
    );
    assert_eq!(cluster.word(0, "wchs").await, "1 connections watching 1 paths\nTotal watches:1\n");
    assert_eq!(cluster.word(0, "wchc").await, format!("{session:#x}\n\t/e\n\n"));
    assert_eq!(cluster.word(0, "wchp").await, format!("/e\n\t{session:#x}\n\n"));
    assert!(cluster.word(0, "cons").await.contains("lop=GETD"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mntr_has_every_name_of_the_real_one() {
    let cluster = Cluster::start(1).await;
    let mut client = Raw::connect(&cluster.address(0), 4000).await;
    client.ask(4, &Body::default().text("/").bool(false)).await.unwrap();
    let said = cluster.word(0, "mntr").await;
    let names: Vec<&str> = said.lines().filter_map(|line| line.split_once('\t')).map(|(name, _)| name).collect();
    for name in include_str!("fixtures/mntr.txt").lines() {
        assert!(names.contains(&name), "{name} is missing");
    }
    let json = ask(&cluster, "/commands/monitor").await.1;
    for name in &names {
        let name = name.strip_prefix("zk_").unwrap();
        assert!(json.contains(&format!("\n  \"{name}\" : ")), "{name} is missing");
    }
    assert!(!said.contains("zk_cnt_readlatency\t0\n"), "{said}");
    assert!(!said.contains("zk_bytes_received_count\t0\n"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn words_are_answered_as_listed() {
    let cluster = Cluster::start(1).await;
    let address = cluster.address(0);
    for (asked, says) in [
        ("ruok", "imok"),
        ("ruok\n", "imok"),
        ("RUOK", ""),
        ("nope", ""),
        ("stmk", ""),
        ("stmk\0\0\0\0\0\0\0\x09", "9"),
        ("gtmk", "306"),
        ("isro", "rw"),
        ("crst", "Connection stats reset.\n"),
        ("srst", "Server stats reset.\n"),
        ("wchs", "0 connections watching 0 paths\nTotal watches:0\n"),
        ("wchc", "\n"),
        ("hash", ""),
    ] {
        assert_eq!(four(&address, asked).await, says, "{asked:?}");
    }
    let few = Cluster::prepare(1, "");
    let text = few.zoo_cfg().replace("whitelist=*", "whitelist=ruok, isro");
    let options = Options { host: few.hosts[0], root: few.root(0), log: Log::none() };
    let server = Server::start(Config::parse(&text).unwrap(), options).await.unwrap();
    assert_eq!(few.word(0, "ruok").await, "imok");
    assert_eq!(few.word(0, "srvr").await, "srvr is not executed because it is not in the whitelist.\n");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_port_in_use_ends_a_lone_server_but_not_one_of_several() {
    let mut lone = Cluster::prepare(1, "");
    let taken = tokio::net::TcpListener::bind((lone.hosts[0], 8080)).await.unwrap();
    let options = || Options { host: lone.hosts[0], root: lone.root(0), log: Log::none() };
    let error = Server::start(Config::parse(&lone.zoo_cfg()).unwrap(), options()).await.unwrap_err();
    let says = "Problem starting AdminServer on address 0.0.0.0, port 8080 and command URL /commands";
    assert_eq!((error.to_string().as_str(), error.exit_code()), (says, 4));
    let mut off = Config::parse(&format!("{}admin.enableServer=false\n", lone.zoo_cfg())).unwrap();
    Server::start(off.clone(), options()).await.unwrap().stop().await;
    off.set_system_property("zookeeper.admin.enableServer", "true");
    assert!(Server::start(off, options()).await.is_err());
    drop(taken);
    lone.start_one(0).await;
    assert!(ask(&lone, "/commands/ruok").await.0.contains("200 OK"));
    let mut several = Cluster::prepare(2, "");
    let _taken = tokio::net::TcpListener::bind((several.hosts[0], 8080)).await.unwrap();
    several.start_one(0).await;
    several.start_one(1).await;
    several.wait_serving(2).await;
    assert!(several.log.lock().unwrap().iter().any(|line| line.contains("Problem starting AdminServer")));
}
