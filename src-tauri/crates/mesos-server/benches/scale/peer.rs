//! The same small cluster, once practised and once with a real Mesos, where one is there.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::json;
use tokio::{io::AsyncWriteExt, task::JoinSet};

use crate::{
    connection::{Connection, Outcome, PATIENCE, get},
    follow::subscribed,
};

const FRAMEWORKS: usize = 300;
const ASKED: usize = 200;
const SUBSCRIBERS: usize = 50;

/// What one of the two reached.
#[derive(Debug)]
pub struct Reached {
    /// Of one `/state`, in bytes.
    pub size: usize,
    /// Of `/state` one after the other, in MB/s.
    pub state: f64,
    /// All subscribers have the state.
    pub subscribed: Duration,
}

/// Measures a master, with frameworks that want no offers.
pub async fn measure(to: SocketAddr) -> Outcome<Reached> {
    let mut frameworks = JoinSet::new();
    let mut streams = Vec::new();
    for n in 0..FRAMEWORKS {
        let info = json!({"user": "root", "name": format!("quiet-{n}"), "roles": ["*"], "failover_timeout": 60.0,
            "capabilities": [{"type": "MULTI_ROLE"}]});
        let body =
            json!({"type": "SUBSCRIBE", "subscribe": {"framework_info": info, "suppressed_roles": ["*"]}}).to_string();
        let mut connection = Connection::open(to).await?;
        connection.send("POST /api/v1/scheduler", &body).await?;
        connection.stream.write_all(format!("\r\n{body}").as_bytes()).await?;
        connection.head().await?;
        streams.push(connection);
    }
    for mut connection in streams {
        frameworks.spawn(async move { while connection.chunk().await.is_ok() {} });
    }
    let size = settled(to).await?;
    let begin = Instant::now();
    let mut bytes = 0;
    for _ in 0..ASKED {
        bytes += get(to, "/state").await?.0;
    }
    let state = bytes as f64 / begin.elapsed().as_secs_f64() / 1e6;
    let begin = Instant::now();
    let mut following = Vec::new();
    for _ in 0..SUBSCRIBERS {
        following.push(subscribed(to).await?);
    }
    Ok(Reached { size, state, subscribed: begin.elapsed() })
}

/// The size of a `/state` to which nothing is added any more: who has been answered may not be in it yet.
async fn settled(to: SocketAddr) -> Outcome<usize> {
    let mut size = 0;
    loop {
        let (now, _, _) = get(to, "/state").await?;
        if now == size {
            return Ok(size);
        }
        size = now;
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

/// A real master; it ends with this.
pub struct Real {
    master: Child,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Drop for Real {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.master.kill();
        let _ = self.master.wait();
    }
}

impl Real {
    /// Starts one from the folder of a real Mesos; it finds itself through this ZooKeeper, and leads when this returns.
    pub async fn start(mesos: &Path, folder: &Path, ip: Ipv4Addr, zk: &str) -> Outcome<Self> {
        let arguments = [
            format!("--ip={ip}"),
            "--port=5050".into(),
            format!("--zk={zk}"),
            "--quorum=1".into(),
            format!("--work_dir={}", folder.join("real").display()),
            format!("--hostname={ip}"),
        ];
        let mut command = Command::new(mesos.join("bin/mesos-master"));
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let real = Self { master: command.spawn()?, address: (ip, 5050).into() };
        let begin = Instant::now();
        while get(real.address, "/state").await.map_or(0, |(bytes, _, _)| bytes) < 1000 {
            if begin.elapsed() > PATIENCE {
                return Err("the real master does not lead".into());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(real)
    }
}
