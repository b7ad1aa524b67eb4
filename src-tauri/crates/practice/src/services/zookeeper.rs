//! `zookeeper-server`: from `zoo.cfg` to a running server.

use async_trait::async_trait;
use zookeeper_server::{Config, Log, Options, Server};

use super::{
    environment,
    log::UnitLog,
    service::{Exited, Port, Service, Started},
};
use crate::host::{
    Host,
    disk::{Fault, tidy},
    users::User,
};

/// Where the configuration lies.
pub(crate) const ZOO_CFG: &str = "/etc/zookeeper/conf/zoo.cfg";

/// What starts it.
const UNIT: &str = "/etc/systemd/system/zookeeper-server.service";

/// What its scripts give to Java.
const JAVA_ENV: &str = "/etc/zookeeper/conf/java.env";

/// Codes of ZooKeeper's `ExitCode`.
const INVALID_INVOCATION: i32 = 2;
const UNABLE_TO_ACCESS_DATADIR: i32 = 3;

pub(super) async fn start(host: &Host, user: &User, log: &UnitLog) -> Started {
    let text = host.disk.read_text(user, ZOO_CFG).map_err(|fault| no_config(log, &fault))?;
    let mut config = Config::parse(&text).map_err(|error| {
        error.log_lines().iter().for_each(|line| log.line(line));
        Exited(INVALID_INVOCATION)
    })?;
    system_properties(host, user).iter().for_each(|(name, value)| config.set_system_property(name, value));
    check_data_dir(host, user, &config.data_dir, log)?;
    let sink = log.clone();
    let options = Options {
        host: host.machine.address,
        root: host.disk.root().to_owned(),
        log: Log::new(move |line| sink.line(line)),
    };
    match Server::start_on(config, options, host.hardware.clone()).await {
        Ok(server) => Ok(Box::new(ZooKeeper { server })),
        // The server has said why.
        Err(error) => Err(Exited(error.exit_code())),
    }
}

/// What java.env gives the program by `-DNAME=VALUE`.
fn system_properties(host: &Host, user: &User) -> Vec<(String, String)> {
    let flags = environment::parse(&host.disk.read_text(user, JAVA_ENV).unwrap_or_default());
    let words = ["SERVER_JVMFLAGS", "JVMFLAGS"].iter().filter_map(|name| flags.get(*name));
    let property = |word: &str| {
        let (name, value) = word.strip_prefix("-D")?.split_once('=')?;
        Some((name.to_owned(), value.to_owned()))
    };
    words.flat_map(|flags| flags.split_whitespace()).filter_map(property).collect()
}

fn no_config(log: &UnitLog, fault: &Fault) -> Exited {
    log.lines([
        "ZooKeeper JMX enabled by default",
        &format!("Using config: {ZOO_CFG}"),
        "ERROR [main:o.a.z.s.q.QuorumPeerMain@98] - Invalid config, exiting abnormally",
        &format!("org.apache.zookeeper.server.quorum.QuorumPeerConfig$ConfigException: Error processing {ZOO_CFG}"),
        &match fault {
            Fault::NotFound => {
                format!("Caused by: java.lang.IllegalArgumentException: {ZOO_CFG} file is missing")
            }
            other => format!("Caused by: java.io.FileNotFoundException: {ZOO_CFG} ({other})"),
        },
        "Invalid config, exiting abnormally",
    ]);
    Exited(INVALID_INVOCATION)
}

/// The server writes real files and does not know whose they are on this machine: so that is looked at here.
fn check_data_dir(host: &Host, user: &User, data_dir: &str, log: &UnitLog) -> Result<(), Exited> {
    let refuse = |why: &str| {
        log.line("ERROR [main:o.a.z.s.q.QuorumPeerMain@106] - Unable to access datadir, exiting abnormally");
        log.line(&format!("org.apache.zookeeper.server.persistence.FileTxnSnapLog$DatadirException: {why}"));
        Err(Exited(UNABLE_TO_ACCESS_DATADIR))
    };
    let versioned = tidy(&format!("{data_dir}/version-2"));
    for path in [&tidy(data_dir), &versioned] {
        match host.disk.stat(user, path) {
            Ok(stat) if user.may_change(&stat.meta).is_err() => {
                return refuse(&format!("Cannot write to data directory {path}"));
            }
            Err(Fault::Denied) => return refuse(&format!("Cannot write to data directory {path}")),
            Err(Fault::NotFound) if *path == versioned && !makes_its_folder(host) => {
                return refuse(&format!(
                    "Missing data directory {path}, automatic data directory creation is disabled \
                     (zookeeper.datadir.autocreate is false). Please create this directory manually."
                ));
            }
            // What else is missing is the server's own business: it makes it or says what is wrong.
            Ok(_) | Err(_) => {}
        }
    }
    Ok(())
}

/// Whether the program may make its data folder. By the units of a plan it may not: a server that lost its data would come
/// back as a new one, and `zookeeper-server-initialize` is there for those that are new.
fn makes_its_folder(host: &Host) -> bool {
    let unit = host.disk.read_text(&User::root(), UNIT).unwrap_or_default();
    !["-Dzookeeper.datadir.autocreate=false", "ZOO_DATADIR_AUTOCREATE_DISABLE=1"].iter().any(|word| unit.contains(word))
}

struct ZooKeeper {
    server: Server,
}

#[async_trait]
impl Service for ZooKeeper {
    fn ports(&self) -> Vec<Port> {
        vec![("client", self.server.client_address())]
    }

    async fn ended(&self) {
        self.server.ended().await;
    }

    async fn stop(self: Box<Self>) {
        self.server.stop().await;
    }

    async fn kill(self: Box<Self>) {
        self.server.kill().await;
    }
}
