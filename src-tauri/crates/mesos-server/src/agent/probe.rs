//! How a task is asked how it is.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{Shared, command::command_of};
use crate::{
    Exit, TaskSpec,
    lock::lock,
    wire::{CommandInfo, Id, TaskInfo},
};

/// What asking a task needs to know about it.
#[derive(Clone)]
pub struct Probe {
    shared: Arc<Shared>,
    host: Ipv4Addr,
    sandbox: PathBuf,
    task: Arc<TaskInfo>,
}

/// Seconds as a client wrote them.
pub fn seconds(seconds: f64) -> Duration {
    const LONGEST: Duration = Duration::from_secs(365 * 86_400);
    Duration::try_from_secs_f64(seconds).unwrap_or_default().min(LONGEST)
}

/// How long a check may take; 0 means that it may take all the time it wants.
pub fn timeout(of: f64) -> Duration {
    let timeout = seconds(of);
    if timeout.is_zero() { Duration::from_secs(86_400) } else { timeout }
}

impl Probe {
    /// Of a task that has started.
    pub fn new(shared: &Arc<Shared>, framework: &Id, task: &Arc<TaskInfo>) -> Self {
        let mut core = lock(&shared.core);
        let directory = core.find(framework, &task.task_id).map(|(executor, _)| executor.directory.clone());
        let sandbox = core.on_disk(&directory.unwrap_or_default());
        Self { shared: Arc::clone(shared), host: shared.ip, sandbox, task: Arc::clone(task) }
    }

    /// Runs a command beside the task: how it exited, if it did.
    pub async fn command(&self, command: &CommandInfo) -> Option<i32> {
        let own = self.task.command.iter().chain(Some(command)).filter_map(|c| c.environment.as_ref());
        let env =
            own.flat_map(|e| &e.variables).map(|v| (v.name.clone(), v.value.clone().unwrap_or_default())).collect();
        let spec = TaskSpec {
            id: format!("{}.health", self.task.task_id),
            name: self.task.name.clone(),
            command: command_of(command),
            env,
            host: self.host,
            hardware: self.shared.hardware.clone(),
            sandbox: self.sandbox.clone(),
            cpus: 0.0,
            mem_mb: 0.0,
        };
        match self.shared.runner.start(spec).ok()?.exited().await {
            Exit::Status(status) => Some(status),
            _ => None,
        }
    }

    /// Whether the task listens.
    pub async fn tcp(&self, port: u16) -> bool {
        TcpStream::connect(SocketAddr::from((self.host, port))).await.is_ok()
    }

    /// The status of the task's answer, if there is one.
    pub async fn http(&self, port: u16, path: Option<&str>) -> Option<u16> {
        let mut stream = TcpStream::connect(SocketAddr::from((self.host, port))).await.ok()?;
        let path = path.filter(|p| p.starts_with('/') && !p.contains(char::is_whitespace)).unwrap_or("/");
        let ask =
            format!("GET {path} HTTP/1.1\r\nHost: {}:{port}\r\nConnection: close\r\nAccept: */*\r\n\r\n", self.host);
        stream.write_all(ask.as_bytes()).await.ok()?;
        let mut head = [0; 32];
        let mut filled = 0;
        // `HTTP/1.1 200` is all that matters.
        while filled < 12 {
            match stream.read(&mut head[filled..]).await.ok()? {
                0 => return None,
                read => filled += read,
            }
        }
        std::str::from_utf8(&head[9..12]).ok()?.parse().ok()
    }
}
