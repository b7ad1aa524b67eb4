//! The same requests to this server and to the real ZooKeeper 3.8, byte by byte: every answer is compared, transaction numbers included;
//! only times and session numbers differ.

mod common;

use std::sync::atomic::{AtomicU32, Ordering};

use common::{
    Cluster,
    raw::{Body, Raw, Scan},
    real::Real,
};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};

/// A request, by one of two clients. Paths are below a folder of the run's own.
#[derive(Clone, Debug)]
struct Ask {
    client: usize,
    what: What,
}

#[derive(Clone, Debug)]
enum What {
    One(Single),
    Multi(Vec<Single>),
    MultiRead(Vec<(bool, String)>),
    Auth(&'static str, &'static str),
    /// Whether persistent ones too, what was seen last, and the lists of paths.
    SetWatches(bool, i64, [Vec<String>; 5]),
    Raw(i32, Vec<u8>),
    /// The connection is lost, and the client comes back with its session.
    Reconnect,
    /// The same with a wrong password first.
    WrongPassword,
    /// The session ends, and the client opens another.
    Close,
    /// Limits for everything below the run's folder: znodes and bytes, hard ones.
    Limit(i64, i64),
    /// What is counted there.
    Usage,
    Reconfig,
}

#[derive(Clone, Debug)]
struct Single {
    kind: i32,
    path: String,
    data: Option<Vec<u8>>,
    number: i32,
    flag: bool,
    acl: usize,
    ttl: i64,
}

const ACLS: [&[(i32, &str, &str)]; 12] = [
    &[(31, "world", "anyone")],
    &[(31, "world", "anyone")],
    &[(31, "world", "anyone")],
    &[(1, "world", "anyone")],
    &[(31, "auth", "")],
    &[(31, "digest", "u:x"), (1, "world", "anyone")],
    &[(30, "ip", "127.0.0.0/8"), (30, "ip", "127.0.0.0/8")],
    &[(31, "ip", "10.0.0.1")],
    &[(31, "world", "nobody")],
    &[(31, "ip", "10.0.0.1/40")],
    &[],
    &[(31, "digest", "no-colon")],
];

impl Single {
    /// Its body as the operation wants it.
    fn body(&self, root: &str) -> Body {
        let path = self.full(root);
        let body = Body::default().text(&path);
        let data = |body: Body| match &self.data {
            Some(data) => body.bytes(data),
            None => body.int(-1),
        };
        match self.kind {
            1 | 15 | 19 => data(body).acl(ACLS[self.acl]).int(self.number),
            21 => data(body).acl(ACLS[self.acl]).int(self.number).long(self.ttl),
            2 | 13 => body.int(self.number),
            5 => data(body).int(self.number),
            7 => body.acl(ACLS[self.acl]).int(self.number),
            3 | 4 | 8 | 12 => body.bool(self.flag),
            17 | 18 | 106 => body.int(self.number),
            _ => body,
        }
    }

    fn full(&self, root: &str) -> String {
        full(root, &self.path)
    }
}

fn full(root: &str, path: &str) -> String {
    // Odd paths too are the run's own, or watches of an earlier run might show.
    if path.starts_with('/') || path.is_empty() { format!("{root}{path}") } else { format!("{path}{root}") }
}

fn path() -> impl Strategy<Value = String> {
    let usual = prop::sample::select(vec!["", "/a", "/b", "/a/x", "/a/y", "/b/x", "/a/x/deep"]);
    let odd =
        prop::sample::select(vec!["/", "/a/", "//a", "/a/../b", "/.", "rel", "/a\u{1}", "/zookeeper", "/nul\0", "/é"]);
    prop_oneof![12 => usual, 1 => odd].prop_map(str::to_owned)
}

fn single(kinds: Vec<i32>) -> impl Strategy<Value = Single> {
    let data = prop::option::weighted(0.9, prop::collection::vec(any::<u8>(), 0..6));
    let parts = (prop::sample::select(kinds), path(), data, -1_i32..8, any::<bool>(), 0..ACLS.len(), 0_i64..3);
    parts.prop_map(|(kind, path, data, number, flag, acl, ttl)| {
        let number = match kind {
            // Versions are mostly small or "any".
            2 | 5 | 7 | 13 if number > 3 => -1,
            // A TTL of -1 with other flags ends the real server.
            21 => number.max(0),
            _ => number,
        };
        Single { kind, path, data, number, flag, acl, ttl }
    })
}

fn ask() -> impl Strategy<Value = Ask> {
    // No `check` outside a multi: the real server stops answering when one succeeds.
    let kinds = vec![1, 1, 1, 1, 1, 2, 2, 3, 4, 5, 5, 6, 7, 8, 9, 11, 12, 15, 15, 17, 18, 19, 21, 103, 104, 106, 107];
    let what = prop_oneof![
        20 => single(kinds).prop_map(What::One),
        4 => prop::collection::vec(single(vec![1, 1, 2, 5, 5, 13, 15, 19, 21]), 0..5).prop_map(What::Multi),
        1 => prop::collection::vec((any::<bool>(), path()), 0..4).prop_map(What::MultiRead),
        1 => prop::sample::select(vec![("digest", "u:p"), ("digest", "v"), ("ip", "")]).prop_map(|(s, t)| What::Auth(s, t)),
        3 => (any::<bool>(), 0_i64..30, prop::array::uniform5(prop::collection::vec(path(), 0..3)))
            .prop_map(|(all, seen, lists)| What::SetWatches(all, seen, lists)),
        // Truncated bodies: marshalling errors.
        1 => (prop::sample::select(vec![1, 2, 3, 4, 5, 8, 14, 22, 101, 106]), prop::collection::vec(any::<u8>(), 0..3))
            .prop_map(|(kind, bytes)| What::Raw(kind, bytes)),
        // Operations that no client has.
        1 => prop::sample::select(vec![10, 23, 99, 102, 108, 1000, -1, -99]).prop_map(|kind| What::Raw(kind, vec![0; 8])),
        1 => Just(What::Reconnect),
        1 => prop::sample::select(vec![What::WrongPassword, What::Close, What::Reconfig]),
        1 => (-1..6_i64, -1..20_i64).prop_map(|(count, bytes)| What::Limit(count, bytes)),
        1 => Just(What::Usage),
    ];
    (0..2_usize, what).prop_map(|(client, what)| Ask { client, what })
}

/// A stat without times; the owner relative to the sessions of the run.
fn stat(scan: &mut Scan<'_>, world: &World) -> String {
    let (czxid, mzxid) = (world.zxid(scan.long()), world.zxid(scan.long()));
    let (_ctime, _mtime) = (scan.long(), scan.long());
    let versions = (scan.int(), scan.int(), scan.int());
    let owner = scan.long();
    let owner =
        world.sessions.iter().position(|s| *s == owner).map_or(format!("{owner:#x}"), |n| format!("session {n}"));
    let (length, children, pzxid) = (scan.int(), scan.int(), world.zxid(scan.long()));
    format!("[{czxid} {mzxid} {versions:?} {owner} {length} {children} {pzxid}]")
}

fn acl(scan: &mut Scan<'_>) -> String {
    let mut list: Vec<_> = (0..scan.int()).map(|_| (scan.int(), scan.text(), scan.text())).collect();
    list.sort();
    format!("{list:?}")
}

fn names(scan: &mut Scan<'_>, world: &World) -> String {
    let mut list: Vec<String> = (0..scan.int()).map(|_| scan.text().replace(&world.root, "")).collect();
    list.sort();
    format!("{list:?}")
}

fn data(scan: &mut Scan<'_>) -> String {
    format!("{:?}", scan.bytes())
}

fn body(kind: i32, bytes: &[u8], world: &World) -> String {
    let scan = &mut Scan(bytes);
    if scan.0.is_empty() {
        return String::new();
    }
    let shown = match kind {
        1 | 9 => scan.text().replace(&world.root, ""),
        15 | 19 | 21 => scan.text().replace(&world.root, "") + &stat(scan, world),
        3 | 5 | 7 => stat(scan, world),
        4 => data(scan) + &stat(scan, world),
        102 => data(scan),
        6 => acl(scan) + &stat(scan, world),
        8 | 103 => names(scan, world),
        12 => names(scan, world) + &stat(scan, world),
        14 | 22 => parts(scan, world),
        104 | 106 => scan.int().to_string(),
        107 => {
            let mut list: Vec<_> = (0..scan.int()).map(|_| (scan.text(), scan.text())).collect();
            list.sort();
            format!("{list:?}")
        }
        _ => String::new(),
    };
    format!("{shown} rest={:?}", scan.0)
}

fn parts(scan: &mut Scan<'_>, world: &World) -> String {
    let mut out = String::new();
    loop {
        let (kind, done, error) = (scan.int(), scan.bool(), scan.int());
        out += &format!("{kind}/{done}/{error} ");
        match kind {
            _ if done => return out,
            1 => out += &scan.text().replace(&world.root, ""),
            15 => out += &(scan.text().replace(&world.root, "") + &stat(scan, world)),
            5 => out += &stat(scan, world),
            4 => out += &(data(scan) + &stat(scan, world)),
            8 => out += &names(scan, world),
            -1 => out += &scan.int().to_string(),
            _ => {}
        }
    }
}

/// One of the two servers, as one run sees it.
struct World {
    address: String,
    root: String,
    clients: Vec<Raw>,
    sessions: Vec<i64>,
    base: i64,
}

impl World {
    async fn new(address: &str, root: &str) -> Self {
        let mut first = Raw::connect(address, 600_000).await;
        let second = Raw::connect(address, 600_000).await;
        let made = first.ask(1, &Body::default().text(root).bytes(b"").acl(ACLS[0]).int(0)).await.expect("an answer");
        assert_eq!(made.error, 0);
        let sessions = vec![first.session, second.session];
        Self {
            address: address.to_owned(),
            root: root.to_owned(),
            clients: vec![first, second],
            sessions,
            base: made.zxid,
        }
    }

    /// Transactions are counted from the run's beginning.
    fn zxid(&self, zxid: i64) -> i64 {
        if zxid > self.base { zxid - self.base } else { -i64::from(zxid != 0) }
    }

    /// What one request gives: the answer, and the events that both clients got by then.
    async fn ask(&mut self, ask: &Ask) -> String {
        if std::env::var_os("ZK_SHOW").is_some() {
            eprintln!("{} {ask:?}", self.address);
        }
        let mut shown = String::new();
        match ask.what {
            What::Reconnect => shown += &self.join(ask.client, true).await,
            // The connection of before is closed all the same, and the session lives on.
            What::WrongPassword => {
                shown += &self.join(ask.client, false).await;
                shown += &self.join(ask.client, true).await;
            }
            What::Limit(count, bytes) => {
                for (kind, request) in self.limit(count, bytes) {
                    shown += &self.one_answer(ask.client, kind, &request).await;
                }
            }
            _ => {
                let (kind, request) = self.request(&ask.what);
                shown += &self.one_answer(ask.client, kind, &request).await;
            }
        }
        // A read of the other client brings the events that it has got.
        let other = 1 - ask.client;
        self.clients[other].ask(3, &Body::default().text("/").bool(false)).await.expect("the other client is served");
        for client in &mut self.clients {
            let events: Vec<_> =
                client.events.drain(..).map(|(kind, path)| (kind, path.replace(&self.root, ""))).collect();
            shown += &format!(" {events:?}");
        }
        // After these the server closes the connection, though it has answered.
        let ends =
            matches!(ask.what, What::Close) || (matches!(ask.what, What::Raw(..)) && shown.starts_with("error=-6 "));
        if shown.starts_with("closed") || ends {
            self.clients[ask.client] = Raw::connect(&self.address, 600_000).await;
            self.sessions.push(self.clients[ask.client].session);
        }
        shown
    }

    async fn one_answer(&mut self, client: usize, kind: i32, request: &Body) -> String {
        match self.clients[client].ask(kind, request).await {
            None => "closed".to_owned(),
            Some(answer) => {
                // 0 and -1 stand for none.
                let zxid = if answer.zxid <= 0 { answer.zxid } else { answer.zxid - self.base };
                format!("error={} zxid={zxid} {}", answer.error, body(kind, &answer.body, self))
            }
        }
    }

    /// A new connection with the session of before.
    async fn join(&mut self, client: usize, honest: bool) -> String {
        let (session, mut password) = (self.clients[client].session, self.clients[client].password.clone());
        if !honest {
            password[0] ^= 1;
        }
        match Raw::join(&self.address, 600_000, session, &password, self.base).await {
            Some(raw) if raw.session == session => {
                self.clients[client] = raw;
                "joined again".to_owned()
            }
            Some(raw) => format!("refused with session {} and timeout {}", raw.session, raw.timeout),
            None => "closed".to_owned(),
        }
    }

    fn limit(&self, count: i64, bytes: i64) -> Vec<(i32, Body)> {
        let create =
            |path: String, data: &str| (1, Body::default().text(&path).bytes(data.as_bytes()).acl(ACLS[0]).int(0));
        let base = format!("/zookeeper/quota{}", self.root);
        let limits = format!("count=-1,bytes=-1=;byteHardLimit={bytes};countHardLimit={count}");
        let set = Body::default().text(&format!("{base}/zookeeper_limits")).bytes(limits.as_bytes()).int(-1);
        vec![
            create(base.clone(), ""),
            create(format!("{base}/zookeeper_limits"), &limits),
            create(format!("{base}/zookeeper_stats"), "count=0,bytes=0"),
            (5, set),
        ]
    }

    fn request(&self, what: &What) -> (i32, Body) {
        match what {
            What::One(one) => (one.kind, self.one(one)),
            What::Multi(parts) => {
                let parts = parts.iter().fold(Body::default(), |body, part| {
                    body.int(part.kind).bool(false).int(-1).raw(&part.body(&self.root))
                });
                (14, parts.int(-1).bool(true).int(-1))
            }
            What::MultiRead(parts) => {
                let parts = parts.iter().fold(Body::default(), |body, (get, path)| {
                    let kind = if *get { 4 } else { 8 };
                    body.int(kind).bool(false).int(-1).text(&full(&self.root, path)).bool(false)
                });
                (22, parts.int(-1).bool(true).int(-1))
            }
            What::Auth(scheme, token) => (100, Body::default().int(0).text(scheme).text(token)),
            What::SetWatches(all, seen, lists) => {
                let lists = &lists[..if *all { 5 } else { 3 }];
                let body = lists.iter().fold(Body::default().long(self.base + seen), |body, paths| {
                    let paths: Vec<String> = paths.iter().map(|path| full(&self.root, path)).collect();
                    body.texts(&paths)
                });
                (if *all { 105 } else { 101 }, body)
            }
            What::Raw(kind, bytes) => (*kind, Body(bytes.clone())),
            What::Usage => {
                (4, Body::default().text(&format!("/zookeeper/quota{}/zookeeper_stats", self.root)).bool(false))
            }
            What::Reconfig => (16, Body::default().text("server.5=127.0.0.5:1:2;3").int(-1).int(-1).long(-1)),
            What::Close | What::Reconnect | What::WrongPassword | What::Limit(..) => (-11, Body::default()),
        }
    }

    fn one(&self, one: &Single) -> Body {
        match one.kind {
            11 | 107 => Body::default(),
            _ => one.body(&self.root),
        }
    }
}

static RUN: AtomicU32 = AtomicU32::new(0);

async fn compare(ours: &str, real: &str, asks: &[Ask]) -> Result<(), TestCaseError> {
    let root = format!("/run{}", RUN.fetch_add(1, Ordering::Relaxed));
    let mut ours = World::new(ours, &root).await;
    let mut real = World::new(real, &root).await;
    for (n, ask) in asks.iter().enumerate() {
        let (a, b) = (ours.ask(ask).await, real.ask(ask).await);
        prop_assert_eq!(a, b, "ours, real; request {}: {:?}", n, ask);
    }
    for world in [&mut ours, &mut real] {
        for client in &mut world.clients {
            client.ask(-11, &Body::default()).await;
        }
    }
    Ok(())
}

/// Compares as many random sequences as `ZK_CASES` says, or `cases`, with a practice server that `choose` picks.
fn compare_all(servers: usize, cases: u32, choose: impl AsyncFn(&Cluster) -> usize) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let Some(real) = runtime.block_on(Real::start(&["-Dzookeeper.enforceQuota=true"])) else { return };
    let cluster = runtime.block_on(Cluster::with(
        servers,
        "extendedTypesEnabled=true\nenforceQuota=true\nmaxSessionTimeout=600000\nznode.container.checkIntervalMs=3600000\n",
    ));
    let address = cluster.address(runtime.block_on(choose(&cluster)));
    let cases = std::env::var("ZK_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(cases);
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let result = TestRunner::new(config)
        .run(&prop::collection::vec(ask(), 1..40), |asks| runtime.block_on(compare(&address, &real.address, &asks)));
    if let Err(error) = result {
        panic!("{error}");
    }
}

#[test]
fn answers_are_those_of_the_real_one() {
    compare_all(1, 60, async |_| 0);
}

#[test]
fn answers_through_a_follower_are_those_of_the_real_one() {
    compare_all(3, 25, async |cluster| (cluster.leader().await + 1) % 3);
}
