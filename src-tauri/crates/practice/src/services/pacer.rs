//! `pacer`, and `marathon`, which is Pacer too on a practice machine: from `/etc/default/marathon` to a running server.

use async_trait::async_trait;
use pacer::{Config, Log, Options, Pacer};

use super::{
    environment,
    kind::Kind,
    log::UnitLog,
    service::{Exited, Port, Service, Started},
};
use crate::host::{Host, users::User};

const ENVIRONMENT: &str = "/etc/default/marathon";
/// Marathon's code for a command line that it cannot read.
const BAD_OPTIONS: i32 = 1;

pub(super) async fn start(host: &Host, kind: Kind, log: &UnitLog) -> Started {
    let text = host.disk.read_text(&User::root(), ENVIRONMENT).map_err(|fault| {
        log.systemd(&format!("{}.service: Failed to load environment files: {fault}", kind.unit()));
        Exited(BAD_OPTIONS)
    })?;
    let config = Config::from_env(&environment::parse(&text)).map_err(|error| {
        log.line(&format!("[scallop] Error: {error}"));
        Exited(BAD_OPTIONS)
    })?;
    if kind == Kind::Marathon {
        log.line("This is a practice machine: Pacer serves Marathon's API here.");
    }
    let sink = log.clone();
    let options = Options { host: host.machine.address, log: Log::new(move |line| sink.line(line)) };
    match Pacer::start_on(config, options, host.hardware.network.clone()).await {
        Ok(pacer) => Ok(Box::new(pacer)),
        Err(error) => {
            log.line(&error.to_string());
            Err(Exited(error.exit_code()))
        }
    }
}

#[async_trait]
impl Service for Pacer {
    fn ports(&self) -> Vec<Port> {
        vec![("http", self.address())]
    }

    async fn ended(&self) {
        // It never ends by itself: without leadership it waits for it.
        std::future::pending().await
    }

    async fn stop(self: Box<Self>) {
        Self::stop(*self).await;
    }

    async fn kill(self: Box<Self>) {
        Self::kill(*self).await;
    }
}
