//! The health checks that Pacer makes itself: HTTP and TCP.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use marathon::{AppDefinition, HealthCheck, HealthProtocol};
use tokio::net::TcpStream;
use tokio::sync::mpsc::UnboundedSender;
use tokio::task::AbortHandle;
use tokio::time::{sleep, timeout};

use crate::core::{CheckOrder, InstanceId, checked_port};
use crate::leading::Input;

/// The first pause while an instance has never been well: it is about to be, and waiting for a whole interval would make
/// every deployment as slow as that.
const EAGER: Duration = Duration::from_millis(50);

/// The checks that are running. Dropping it ends them.
#[derive(Debug)]
pub struct Checks {
    client: reqwest::Client,
    results: UnboundedSender<Input>,
    running: HashMap<InstanceId, Vec<AbortHandle>>,
}

impl Checks {
    /// None yet; their results go to `results`.
    pub fn new(client: reqwest::Client, results: UnboundedSender<Input>) -> Self {
        Self { client, results, running: HashMap::new() }
    }

    /// Begins or ends checks.
    pub fn obey(&mut self, order: CheckOrder) {
        match order {
            CheckOrder::End(id) => self.end(&id),
            CheckOrder::Begin { id, spec, host, ports } => {
                self.end(&id);
                let begin = |index| self.begin(&id, index, &spec, &host, &ports);
                let handles: Vec<_> = (0..spec.health_checks().len()).filter_map(begin).collect();
                self.running.insert(id, handles);
            }
        }
    }

    fn end(&mut self, id: &InstanceId) {
        self.running.remove(id).into_iter().flatten().for_each(|handle| handle.abort());
    }

    fn begin(
        &self,
        id: &InstanceId,
        index: usize,
        spec: &Arc<AppDefinition>,
        host: &str,
        ports: &[u16],
    ) -> Option<AbortHandle> {
        let check = spec.health_checks().get(index)?.clone();
        if check.protocol().is_by_agent() {
            return None;
        }
        let target = checked_port(&check, ports).map(|port| format!("{host}:{port}"));
        let (client, results, id) = (self.client.clone(), self.results.clone(), id.clone());
        let task = tokio::spawn(async move {
            let interval = Duration::from_secs(check.interval_seconds().into()).max(EAGER);
            let mut pause = EAGER;
            loop {
                let result = match &target {
                    Some(target) => look(&client, &check, target).await,
                    None => Err("the instance has no such port".to_owned()),
                };
                pause = if result.is_ok() { interval } else { pause };
                if results.send(Input::Health { id: id.clone(), index, result }).is_err() {
                    return;
                }
                sleep(pause).await;
                pause = (pause * 2).min(interval);
            }
        });
        Some(task.abort_handle())
    }
}

impl Drop for Checks {
    fn drop(&mut self) {
        self.running.values().flatten().for_each(AbortHandle::abort);
    }
}

/// Looks once.
async fn look(client: &reqwest::Client, check: &HealthCheck, target: &str) -> Result<(), String> {
    let limit = Duration::from_secs(check.timeout_seconds().max(1).into());
    let looking = async {
        match check.protocol() {
            HealthProtocol::Tcp => TcpStream::connect(target).await.map(drop).map_err(|error| error.to_string()),
            HealthProtocol::Http => ask(client, check, target).await,
            other => Err(format!("health checks by {other:?} are not made by Pacer")),
        }
    };
    match timeout(limit, looking).await {
        Ok(result) => result,
        Err(_) => Err(format!("no answer within {} s", limit.as_secs())),
    }
}

/// 200 to 399 is well, as in Marathon; 1xx counts as nothing if the check says so.
async fn ask(client: &reqwest::Client, check: &HealthCheck, target: &str) -> Result<(), String> {
    let path = check.path();
    let slash = if path.starts_with('/') { "" } else { "/" };
    let answer = client.get(format!("http://{target}{slash}{path}")).send().await;
    let status = answer.map_err(|error| why(&error))?.status().as_u16();
    let ignored = (100..200).contains(&status) && check.ignore_http1xx == Some(true);
    if ignored || (200..400).contains(&status) { Ok(()) } else { Err(format!("the answer was {status}")) }
}

/// The last cause says what happened; the others only that a request failed.
fn why(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}
