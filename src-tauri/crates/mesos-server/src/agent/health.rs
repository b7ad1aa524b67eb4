//! Health checks of tasks, as Mesos's executor does them.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{self, Instant},
};

use super::{Shared, launch::command_of};
use crate::{
    Exit, TaskSpec,
    lock::lock,
    wire::{HealthCheck, Id, TaskInfo, task::HttpCheck},
};

/// What a check found, if that is worth telling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Whether the task is well.
    pub healthy: bool,
    /// Whether it has failed so often that it has to go.
    pub fatal: bool,
}

/// The checks of one task, one after the other.
pub struct Checks {
    check: Option<(HealthCheck, Probe)>,
    next: Instant,
    grace_ends: Instant,
    failures: u32,
    /// Whether it was ever well.
    known: Option<bool>,
}

/// What a check needs to know about its task.
#[derive(Clone)]
struct Probe {
    shared: Arc<Shared>,
    host: Ipv4Addr,
    sandbox: PathBuf,
    task: Arc<TaskInfo>,
}

impl Checks {
    /// For a task that has just started; without a check none ever comes.
    pub fn new(shared: &Arc<Shared>, framework: &Id, task: &Arc<TaskInfo>) -> Self {
        let now = Instant::now();
        let sandbox = {
            let mut core = lock(&shared.core);
            let directory = core.find(framework, &task.task_id).map(|(executor, _)| executor.directory.clone());
            core.on_disk(&directory.unwrap_or_default())
        };
        let check = task.health_check.as_deref().cloned().map(|check| {
            (check, Probe { shared: Arc::clone(shared), host: shared.ip, sandbox, task: Arc::clone(task) })
        });
        let (delay, grace) = check.as_ref().map_or((0.0, 0.0), |(c, _)| (c.delay_seconds, c.grace_period_seconds));
        Self {
            check,
            next: now + seconds(delay),
            grace_ends: now + seconds(delay) + seconds(grace),
            failures: 0,
            known: None,
        }
    }

    /// The next thing worth telling. Can be dropped at any moment.
    pub async fn next(&mut self) -> Verdict {
        loop {
            let Some((check, probe)) = self.check.clone() else { return std::future::pending().await };
            time::sleep_until(self.next).await;
            let timeout = seconds(check.timeout_seconds);
            let timeout = if timeout.is_zero() { Duration::from_secs(86_400) } else { timeout };
            let healthy = time::timeout(timeout, probe.ask(&check)).await.unwrap_or(false);
            self.next = Instant::now() + seconds(check.interval_seconds).max(Duration::from_millis(10));
            if let Some(verdict) = self.judge(healthy, check.consecutive_failures, Instant::now()) {
                return verdict;
            }
        }
    }

    fn judge(&mut self, healthy: bool, most: u32, now: Instant) -> Option<Verdict> {
        if healthy {
            let told = self.known == Some(true) && self.failures == 0;
            (self.known, self.failures) = (Some(true), 0);
            return (!told).then_some(Verdict { healthy: true, fatal: false });
        }
        if self.known.is_none() && now < self.grace_ends {
            return None;
        }
        self.known = Some(self.known.unwrap_or(false));
        self.failures += 1;
        Some(Verdict { healthy: false, fatal: self.failures >= most })
    }
}

fn seconds(seconds: f64) -> Duration {
    const LONGEST: Duration = Duration::from_secs(365 * 86_400);
    Duration::try_from_secs_f64(seconds).unwrap_or_default().min(LONGEST)
}

impl Probe {
    async fn ask(&self, check: &HealthCheck) -> bool {
        if let Some(http) = &check.http {
            return self.ask_http(http).await.unwrap_or(false);
        }
        if let Some(tcp) = &check.tcp {
            return TcpStream::connect(SocketAddr::from((self.host, tcp.port))).await.is_ok();
        }
        let Some(command) = &check.command else { return false };
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
        match self.shared.runner.start(spec) {
            Ok(handle) => handle.exited().await == Exit::Status(0),
            Err(_) => false,
        }
    }

    async fn ask_http(&self, check: &HttpCheck) -> std::io::Result<bool> {
        let mut stream = TcpStream::connect(SocketAddr::from((self.host, check.port))).await?;
        let path =
            check.path.as_deref().filter(|p| p.starts_with('/') && !p.contains(char::is_whitespace)).unwrap_or("/");
        let ask = format!(
            "GET {path} HTTP/1.1\r\nHost: {}:{}\r\nConnection: close\r\nAccept: */*\r\n\r\n",
            self.host, check.port
        );
        stream.write_all(ask.as_bytes()).await?;
        let mut head = [0; 32];
        let mut filled = 0;
        // `HTTP/1.1 200` is all that matters.
        while filled < 12 {
            match stream.read(&mut head[filled..]).await? {
                0 => return Ok(false),
                read => filled += read,
            }
        }
        let status = std::str::from_utf8(&head[9..12]).ok().and_then(|code| code.parse::<u16>().ok());
        Ok(status.is_some_and(|status| match check.statuses.as_slice() {
            [] => (200..400).contains(&status),
            statuses => statuses.contains(&status),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checks() -> Checks {
        let now = Instant::now();
        Checks { check: None, next: now, grace_ends: now + Duration::from_secs(10), failures: 0, known: None }
    }

    #[tokio::test]
    async fn failures_count_after_the_grace_period_or_the_first_success() {
        let mut checks = checks();
        let now = Instant::now();
        assert_eq!(checks.judge(false, 2, now), None);
        assert_eq!(checks.judge(true, 2, now), Some(Verdict { healthy: true, fatal: false }));
        assert_eq!(checks.judge(true, 2, now), None);
        assert_eq!(checks.judge(false, 2, now), Some(Verdict { healthy: false, fatal: false }));
        assert_eq!(checks.judge(true, 2, now), Some(Verdict { healthy: true, fatal: false }));
        assert_eq!(checks.judge(false, 2, now), Some(Verdict { healthy: false, fatal: false }));
        assert_eq!(checks.judge(false, 2, now), Some(Verdict { healthy: false, fatal: true }));
    }
}
