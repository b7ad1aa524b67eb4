//! `zkServer.sh`: ZooKeeper's own script. On a practice machine the server that it starts and stops is the unit's.

use std::time::Duration;

use futures::future::{BoxFuture, FutureExt};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::timeout,
};

use super::{Call, zoo_cfg};
use crate::services::{Kind, ZOO_CFG};

/// How long a server may take to say how it stands.
const PATIENCE: Duration = Duration::from_secs(5);
/// The longest answer that is read, bytes.
const LONGEST: u64 = 64 << 10;

/// `zkServer.sh start|stop|restart|status|version`.
pub(super) fn zk_server(call: Call<'_>) -> BoxFuture<'_, i32> {
    async move {
        let verb = call.args.first().cloned().unwrap_or_default();
        call.streams.err.line("ZooKeeper JMX enabled by default");
        call.streams.err.line(format!("Using config: {ZOO_CFG}"));
        match verb.as_str() {
            "start" => start(&call).await,
            "stop" => stop(&call).await,
            "restart" => {
                stop(&call).await;
                start(&call).await
            }
            "status" => status(&call).await,
            "version" => {
                call.say("Apache ZooKeeper, version 3.8.0");
                0
            }
            _ => {
                let usage = "[--config <conf-dir>] {start|start-foreground|stop|version|restart|status|print-cmd}";
                call.streams.err.line(format!("Usage: {} {usage}", call.name));
                1
            }
        }
    }
    .boxed()
}

/// Only the server's own user and root may signal it.
fn may(call: &Call) -> bool {
    call.is_root() || call.shell.user.name == Kind::ZooKeeper.user()
}

async fn start(call: &Call<'_>) -> i32 {
    call.streams.out.text("Starting zookeeper ... ");
    if let Some(pid) = call.host().units.seen(Kind::ZooKeeper).pid {
        call.say(format!("already running as process {pid}."));
        return 1;
    }
    if may(call) && call.shell.host.start_unit(Kind::ZooKeeper).await.is_ok() {
        call.say("STARTED");
        return 0;
    }
    call.say("FAILED TO START");
    1
}

async fn stop(call: &Call<'_>) -> i32 {
    call.streams.out.text("Stopping zookeeper ... ");
    let Some(pid) = call.host().units.seen(Kind::ZooKeeper).pid else {
        let data = zoo_cfg::value(call, "dataDir").unwrap_or_default();
        call.say(format!("no zookeeper to stop (could not find file {data}/zookeeper_server.pid)"));
        return 0;
    };
    if !may(call) {
        call.streams.err.line(format!("{}: line 207: kill: ({pid}) - Operation not permitted", call.name));
        return 1;
    }
    call.shell.host.stop_unit(Kind::ZooKeeper).await;
    call.say("STOPPED");
    0
}

async fn status(call: &Call<'_>) -> i32 {
    let Some(port) = zoo_cfg::value(call, "clientPort").and_then(|port| port.parse::<u16>().ok()) else {
        call.say("Client port not found. Looking for secureClientPort in the static config.");
        call.say("Unable to find either secure or unsecure client port in any configs. Terminating.");
        return 1;
    };
    let host = zoo_cfg::value(call, "clientPortAddress").unwrap_or_else(|| "localhost".to_owned());
    call.say(format!("Client port found: {port}. Client address: {host}. Client SSL: false."));
    match timeout(PATIENCE, ask(call, &host, port)).await.ok().flatten() {
        Some(mode) => {
            call.say(mode);
            0
        }
        None => {
            call.say("Error contacting service. It is probably not running.");
            1
        }
    }
}

/// The line of `srvr` that says the mode.
async fn ask(call: &Call<'_>, host: &str, port: u16) -> Option<String> {
    let address = call.host().resolve(host).ok()?;
    let mut stream = call.host().connect(address, port).await.ok()?;
    stream.write_all(b"srvr").await.ok()?;
    let mut answer = String::new();
    stream.take(LONGEST).read_to_string(&mut answer).await.ok()?;
    answer.lines().find(|line| line.contains("Mode")).map(str::to_owned)
}
