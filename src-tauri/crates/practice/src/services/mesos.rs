//! `mesos-master` and `mesos-agent`: from the files in `/etc/mesos*` to flags, and from those to running servers.

use std::collections::BTreeMap;

use async_trait::async_trait;
use mesos_server::{Agent, AgentFlags, AgentOptions, FlagError, Log, MachineSize, Master, MasterFlags, MasterOptions};

use super::{
    log::UnitLog,
    service::{Exited, Port, Service, Started},
};
use crate::host::{Host, users::User};

/// Where masters meet.
const ZK: &str = "/etc/mesos/zk";
/// The disk that a machine shows, MB.
const DISK_MB: u64 = 20 << 10;

/// Flags as files say them: a file's name is the flag's, `?name` is a boolean, `/etc/mesos/zk` is `--zk` or `--master`.
fn flags(host: &Host, folder: &str, zk: &str, log: &UnitLog) -> Result<BTreeMap<String, String>, Exited> {
    let root = User::root();
    let unreadable = |path: &str, why: &dyn std::fmt::Display| {
        log.line(&format!("/usr/local/sbin/mesos-init-wrapper: {path}: {why}"));
        Exited(1)
    };
    let mut flags = BTreeMap::new();
    let address = host.disk.read_text(&root, ZK).map_err(|fault| unreadable(ZK, &fault))?;
    flags.insert(zk.to_owned(), address.trim_end().to_owned());
    for name in host.disk.list(&root, folder).unwrap_or_default() {
        let path = format!("{folder}/{name}");
        if name.starts_with('.') || host.disk.stat(&root, &path).is_ok_and(|s| s.is_dir()) {
            continue;
        }
        match name.strip_prefix('?') {
            Some(boolean) => flags.insert(boolean.to_owned(), String::new()),
            None => {
                let value = host.disk.read_text(&root, &path).map_err(|fault| unreadable(&path, &fault))?;
                flags.insert(name, value.trim_end().to_owned())
            }
        };
    }
    Ok(flags)
}

fn refused(log: &UnitLog, program: &str, error: &FlagError) -> Exited {
    log.line(&error.to_string());
    log.line(&format!("See `{program} --help`"));
    Exited(1)
}

fn sink(log: &UnitLog) -> Log {
    let log = log.clone();
    Log::new(move |line| log.line(line))
}

pub(super) async fn start_master(host: &Host, log: &UnitLog) -> Started {
    let flags = flags(host, "/etc/mesos-master", "zk", log)?;
    let flags = MasterFlags::parse(&flags).map_err(|error| refused(log, "mesos-master", &error))?;
    let options = MasterOptions {
        host: host.machine.address,
        root: host.disk.root().to_owned(),
        log: sink(log),
        links: host.links.clone(),
    };
    match Master::start_on(flags, options, host.hardware.clone()).await {
        Ok(master) => Ok(Box::new(master)),
        Err(error) => {
            log.line(&error.to_string());
            Err(Exited(error.exit_code()))
        }
    }
}

pub(super) async fn start_agent(host: &Host, log: &UnitLog) -> Started {
    let flags = flags(host, "/etc/mesos-agent", "master", log)?;
    let flags = AgentFlags::parse(&flags).map_err(|error| refused(log, "mesos-agent", &error))?;
    let options = AgentOptions {
        host: host.machine.address,
        root: host.disk.root().to_owned(),
        log: sink(log),
        size: MachineSize { cpus: host.machine.cpus, mem_mb: u64::from(host.machine.memory_mb), disk_mb: DISK_MB },
        runner: host.tasks.clone(),
        links: host.links.clone(),
    };
    match Agent::start_on(flags, options, host.hardware.clone()).await {
        Ok(agent) => Ok(Box::new(agent)),
        Err(error) => {
            log.line(&error.to_string());
            Err(Exited(error.exit_code()))
        }
    }
}

#[async_trait]
impl Service for Master {
    fn ports(&self) -> Vec<Port> {
        vec![("http", self.address())]
    }

    async fn ended(&self) {
        Self::ended(self).await;
    }

    async fn stop(self: Box<Self>) {
        Self::stop(*self).await;
    }

    async fn kill(self: Box<Self>) {
        Self::kill(*self).await;
    }
}

#[async_trait]
impl Service for Agent {
    fn ports(&self) -> Vec<Port> {
        vec![("http", self.address())]
    }

    async fn ended(&self) {
        Self::ended(self).await;
    }

    async fn stop(self: Box<Self>) {
        Self::stop(*self).await;
    }

    async fn kill(self: Box<Self>) {
        Self::kill(*self).await;
    }
}
