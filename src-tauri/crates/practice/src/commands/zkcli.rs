//! `zookeeper-client`: ZooKeeper's command line, one command a call, over the real client protocol.

use std::{net::Ipv4Addr, time::Duration};

use futures::future::{BoxFuture, FutureExt};
use hardware::Relays;
use tokio::time::timeout;
use zookeeper_client::{Acls, Client, CreateMode, Error, Stat};

use super::Call;
use crate::clock;

/// How long it is tried to connect; as the real one's default.
const CONNECT: Duration = Duration::from_secs(30);
/// How deep `deleteall` goes.
const DEEPEST: usize = 256;

const USAGE: &str = "ZooKeeper -server host:port cmd args\n\tcreate [-s] [-e] path [data]\n\tdelete [-v version] path\n\tdeleteall path\n\texists path\n\tget [-s] path\n\tls [-s] [-R] path\n\tset [-s] [-v version] path data\n\tstat path";

/// What it is asked to do.
struct Wish {
    /// As it was given: that is what is shown.
    servers: String,
    words: Vec<String>,
}

/// Why a command failed, as the real one says it.
struct Refused(String);

type Done = Result<(), Refused>;

/// `zookeeper-client [-server HOST:PORT,…] COMMAND…`. Without `-server`: this machine's own.
pub(super) fn zookeeper_client(call: Call<'_>) -> BoxFuture<'_, i32> {
    async move {
        let wish = parse(&call);
        if wish.words.is_empty() {
            call.say(USAGE);
            return 1;
        }
        call.say(format!("Connecting to {}", wish.servers));
        let Some(cluster) = addresses(&call, &wish.servers) else {
            call.complain(format!("Unable to resolve a host of {}", wish.servers));
            return 1;
        };
        let (hosts, chroot) = cluster.find('/').map_or((&*cluster, ""), |at| cluster.split_at(at));
        let relays = Relays::open(&call.host().hardware.network, call.host().machine.address, hosts);
        let connected = timeout(CONNECT, connect(&format!("{}{chroot}", relays.hosts()))).await;
        let client = match connected {
            Ok(Ok(client)) => client,
            Ok(Err(Error::NoHosts | Error::Timeout | Error::ConnectionLoss)) | Err(_) => {
                call.streams.err.line("KeeperErrorCode = ConnectionLoss");
                return 1;
            }
            Ok(Err(error)) => {
                call.streams.err.line(error.to_string());
                return 1;
            }
        };
        call.say("\nWATCHER::\n\nWatchedEvent state:SyncConnected type:None path:null");
        match run(&call, &client, &wish.words).await {
            Ok(()) => 0,
            Err(Refused(why)) => {
                call.streams.err.line(why);
                1
            }
        }
    }
    .boxed()
}

fn parse(call: &Call) -> Wish {
    let own = || format!("{}:2181", call.host().machine.address);
    match &call.args[..] {
        [flag, servers, words @ ..] if flag == "-server" => Wish { servers: servers.clone(), words: words.to_vec() },
        words => Wish { servers: own(), words: words.to_vec() },
    }
}

async fn connect(cluster: &str) -> Result<Client, Error> {
    Client::connector()
        .with_session_timeout(CONNECT)
        .with_connection_timeout(CONNECT)
        .with_fail_eagerly()
        .connect(cluster)
        .await
}

/// The servers by address, a chroot kept; `None` if one is unknown.
fn addresses(call: &Call, servers: &str) -> Option<String> {
    let (hosts, chroot) = servers.find('/').map_or((servers, ""), |at| servers.split_at(at));
    let address = |server: &str| -> Option<String> {
        let (host, port) = server.rsplit_once(':').unwrap_or((server, "2181"));
        let address: Ipv4Addr = call.host().resolve(host).ok()?;
        Some(format!("{address}:{}", port.parse::<u16>().ok()?))
    };
    let known = hosts.split(',').map(address).collect::<Option<Vec<_>>>()?;
    Some(format!("{}{chroot}", known.join(",")))
}

/// The options before the path, and the rest.
struct Options<'a> {
    letters: Vec<&'a str>,
    version: Option<i32>,
    rest: Vec<&'a str>,
}

impl<'a> Options<'a> {
    fn parse(words: &'a [String]) -> Result<Self, Refused> {
        let mut options = Self { letters: Vec::new(), version: None, rest: Vec::new() };
        let mut words = words.iter().map(String::as_str);
        while let Some(word) = words.next() {
            match word {
                "-v" => {
                    let version = words.next().and_then(|v| v.parse().ok());
                    options.version = Some(version.ok_or_else(|| Refused("version must be a number".into()))?);
                }
                flag if flag.starts_with('-') && options.rest.is_empty() => options.letters.push(flag),
                other => options.rest.push(other),
            }
        }
        Ok(options)
    }

    fn has(&self, letter: &str) -> bool {
        self.letters.contains(&letter)
    }

    fn path(&self) -> Result<&'a str, Refused> {
        let path = self.rest.first().copied().ok_or_else(|| Refused(USAGE.into()))?;
        let fine = path == "/" || (path.starts_with('/') && !path.ends_with('/'));
        if fine { Ok(path) } else { Err(Refused(bad_path(path))) }
    }
}

fn bad_path(path: &str) -> String {
    if path.starts_with('/') {
        format!("Invalid path string \"{path}\" caused by path must not end with / character")
    } else {
        "Path must start with / character".to_owned()
    }
}

async fn run(call: &Call<'_>, client: &Client, words: &[String]) -> Done {
    let Some((verb, rest)) = words.split_first() else { return Ok(()) };
    let options = Options::parse(rest)?;
    match verb.as_str() {
        "ls" => ls(call, client, &options).await,
        "get" => get(call, client, &options).await,
        "stat" | "exists" => stat(call, client, &options).await,
        "create" => create(call, client, &options).await,
        "set" => set(call, client, &options).await,
        "delete" => {
            let path = options.path()?;
            client.delete(path, options.version).await.map_err(|e| refused(&e, path))
        }
        "deleteall" | "rmr" => delete_all(client, options.path()?.to_owned(), 0).await,
        "sync" => {
            let path = options.path()?;
            client.sync(path).await.map_err(|e| refused(&e, path))?;
            call.say("Sync is OK");
            Ok(())
        }
        "quit" | "close" => Ok(()),
        other => Err(Refused(format!("Command not found: Command not found {other}"))),
    }
}

/// The words of the real one's `CliWrapperException`.
fn refused(error: &Error, path: &str) -> Refused {
    Refused(match error {
        Error::NoNode => format!("Node does not exist: {path}"),
        Error::NodeExists => format!("Node already exists: {path}"),
        Error::NotEmpty => format!("Node not empty: {path}"),
        Error::NoChildrenForEphemerals => format!("Ephemerals cannot have children: {path}"),
        Error::BadVersion => format!("version No is not valid : {path}"),
        Error::NoAuth => format!("Insufficient permission : {path}"),
        Error::InvalidAcl => format!("Acl is not valid : {path}"),
        Error::ConnectionLoss => format!("KeeperErrorCode = ConnectionLoss for {path}"),
        Error::SessionExpired => format!("KeeperErrorCode = Session expired for {path}"),
        other => format!("{other} : {path}"),
    })
}

async fn ls(call: &Call<'_>, client: &Client, options: &Options<'_>) -> Done {
    let path = options.path()?;
    if options.has("-R") {
        return ls_deep(call, client, path.to_owned(), 0).await;
    }
    let (mut children, stat) = client.get_children(path).await.map_err(|e| refused(&e, path))?;
    children.sort();
    call.say(format!("[{}]", children.join(", ")));
    if options.has("-s") {
        show_stat(call, &stat);
    }
    Ok(())
}

fn ls_deep<'a>(call: &'a Call<'_>, client: &'a Client, path: String, depth: usize) -> BoxFuture<'a, Done> {
    async move {
        call.say(&path);
        let mut children = client.list_children(&path).await.map_err(|e| refused(&e, &path))?;
        children.sort();
        for child in children {
            if depth < DEEPEST {
                ls_deep(call, client, format!("{}/{child}", path.trim_end_matches('/')), depth + 1).await?;
            }
        }
        Ok(())
    }
    .boxed()
}

async fn get(call: &Call<'_>, client: &Client, options: &Options<'_>) -> Done {
    let path = options.path()?;
    let (data, stat) = client.get_data(path).await.map_err(|e| refused(&e, path))?;
    call.say(if data.is_empty() { "null".into() } else { String::from_utf8_lossy(&data) });
    if options.has("-s") {
        show_stat(call, &stat);
    }
    Ok(())
}

async fn stat(call: &Call<'_>, client: &Client, options: &Options<'_>) -> Done {
    let path = options.path()?;
    let stat = client.check_stat(path).await.map_err(|e| refused(&e, path))?;
    show_stat(call, &stat.ok_or_else(|| refused(&Error::NoNode, path))?);
    Ok(())
}

async fn create(call: &Call<'_>, client: &Client, options: &Options<'_>) -> Done {
    let path = options.path()?;
    let mode = match (options.has("-s"), options.has("-e"), options.has("-c")) {
        (true, true, _) => CreateMode::EphemeralSequential,
        (true, false, _) => CreateMode::PersistentSequential,
        (false, true, _) => CreateMode::Ephemeral,
        (false, false, true) => CreateMode::Container,
        (false, false, false) => CreateMode::Persistent,
    };
    let data = options.rest.get(1).copied().unwrap_or_default();
    let created = client.create(path, data.as_bytes(), &mode.with_acls(Acls::anyone_all())).await;
    let (_, sequence) = created.map_err(|e| refused(&e, path))?;
    let number = if options.has("-s") { sequence.to_string() } else { String::new() };
    call.say(format!("Created {path}{number}"));
    Ok(())
}

async fn set(call: &Call<'_>, client: &Client, options: &Options<'_>) -> Done {
    let path = options.path()?;
    let data = options.rest.get(1).ok_or_else(|| Refused(USAGE.into()))?;
    let stat = client.set_data(path, data.as_bytes(), options.version).await.map_err(|e| refused(&e, path))?;
    if options.has("-s") {
        show_stat(call, &stat);
    }
    Ok(())
}

fn delete_all(client: &Client, path: String, depth: usize) -> BoxFuture<'_, Done> {
    async move {
        for child in client.list_children(&path).await.map_err(|e| refused(&e, &path))? {
            if depth < DEEPEST {
                delete_all(client, format!("{}/{child}", path.trim_end_matches('/')), depth + 1).await?;
            }
        }
        client.delete(&path, None).await.map_err(|e| refused(&e, &path))
    }
    .boxed()
}

fn show_stat(call: &Call, stat: &Stat) {
    let when = |ms: i64| clock::format_us(ms.saturating_mul(1000), "%a %b %d %H:%M:%S UTC %Y");
    call.say(format!("cZxid = {:#x}", stat.czxid));
    call.say(format!("ctime = {}", when(stat.ctime)));
    call.say(format!("mZxid = {:#x}", stat.mzxid));
    call.say(format!("mtime = {}", when(stat.mtime)));
    call.say(format!("pZxid = {:#x}", stat.pzxid));
    call.say(format!("cversion = {}", stat.cversion));
    call.say(format!("dataVersion = {}", stat.version));
    call.say(format!("aclVersion = {}", stat.aversion));
    call.say(format!("ephemeralOwner = {:#x}", stat.ephemeral_owner));
    call.say(format!("dataLength = {}", stat.data_length));
    call.say(format!("numChildren = {}", stat.num_children));
}
