//! The checks that Pacer makes itself: of health by HTTP, HTTPS and TCP, of readiness by HTTP and HTTPS.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use marathon::{AppDefinition, HealthCheck, HealthProtocol, ReadinessCheck};
use reqwest::header::CONTENT_TYPE;
use tokio::sync::mpsc::UnboundedSender;
use tokio::task::AbortHandle;
use tokio::time::{sleep, timeout};

use crate::core::{CheckOrder, InstanceId, Readiness, Response, checked_port, named_port};
use crate::leading::Input;
use crate::reach::Reach;

/// The first pause while an instance has never been well: it is about to be, and waiting for a whole interval would make
/// every deployment as slow as that.
const EAGER: Duration = Duration::from_millis(50);

/// The checks that are running. Dropping it ends them.
#[derive(Debug)]
pub struct Checks {
    client: reqwest::Client,
    reach: Reach,
    results: UnboundedSender<Input>,
    running: HashMap<InstanceId, Vec<AbortHandle>>,
}

impl Checks {
    /// None yet; their results go to `results`.
    pub fn new(client: reqwest::Client, reach: Reach, results: UnboundedSender<Input>) -> Self {
        Self { client, reach, results, running: HashMap::new() }
    }

    /// Begins or ends checks.
    pub fn obey(&mut self, order: CheckOrder) {
        match order {
            CheckOrder::End(id) => self.end(&id),
            CheckOrder::Begin { id, spec, host, ports, readiness } => {
                self.end(&id);
                let begin = |index| self.begin(&id, index, &spec, &host, &ports);
                let mut handles: Vec<_> = (0..spec.health_checks().len()).filter_map(begin).collect();
                let ready = spec.readiness_checks.iter().flatten().filter(|_| readiness);
                handles.extend(ready.map(|check| self.await_readiness(&id, check, &spec, &host, &ports)));
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
        let (client, reach) = (self.client.clone(), self.reach.clone());
        let (results, id) = (self.results.clone(), id.clone());
        let task = tokio::spawn(async move {
            let interval = Duration::from_secs(check.interval_seconds().into()).max(EAGER);
            let mut pause = EAGER;
            loop {
                let result = match &target {
                    Some(target) => look(&client, &reach, &check, target).await,
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

impl Checks {
    /// Asks until the instance is ready.
    fn await_readiness(
        &self,
        id: &InstanceId,
        check: &ReadinessCheck,
        spec: &AppDefinition,
        host: &str,
        ports: &[u16],
    ) -> AbortHandle {
        let target = named_port(spec, check.port_name(), ports).map(|port| format!("{host}:{port}"));
        let (client, results, id, check) = (self.client.clone(), self.results.clone(), id.clone(), check.clone());
        let task = tokio::spawn(async move {
            let interval = Duration::from_secs(check.interval_seconds().into()).max(EAGER);
            let mut pause = EAGER;
            loop {
                let result = match &target {
                    Some(target) => is_ready(&client, &check, target).await,
                    None => Readiness::default(),
                };
                let ready = result.ready;
                if results.send(Input::Readiness { id: id.clone(), result }).is_err() || ready {
                    return;
                }
                sleep(pause).await;
                pause = (pause * 2).min(interval);
            }
        });
        task.abort_handle()
    }
}

/// The most that is kept of an answer to a readiness check, bytes.
const KEPT: usize = 16 * 1024;

/// Asks once whether an instance is ready.
async fn is_ready(client: &reqwest::Client, check: &ReadinessCheck, target: &str) -> Readiness {
    let limit = Duration::from_secs(check.timeout_seconds().max(1).into());
    let asking = async {
        let scheme = if check.protocol.as_deref() == Some("HTTPS") { "https" } else { "http" };
        let mut answer = client.get(url(scheme, target, check.path())).send().await.ok()?;
        let content_type = answer.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let (status, content_type) = (answer.status().as_u16(), content_type.to_owned());
        let mut body = Vec::new();
        while let (true, Ok(Some(chunk))) = (body.len() < KEPT, answer.chunk().await) {
            body.extend_from_slice(&chunk);
        }
        body.truncate(KEPT);
        Some(Response { status, content_type, body: String::from_utf8_lossy(&body).into_owned() })
    };
    let last_response = timeout(limit, asking).await.ok().flatten();
    let ready = |response: &Response| check.http_status_codes_for_ready().contains(&response.status);
    Readiness { ready: last_response.as_ref().is_some_and(ready), last_response }
}

impl Drop for Checks {
    fn drop(&mut self) {
        self.running.values().flatten().for_each(AbortHandle::abort);
    }
}

/// Looks once.
async fn look(client: &reqwest::Client, reach: &Reach, check: &HealthCheck, target: &str) -> Result<(), String> {
    let limit = Duration::from_secs(check.timeout_seconds().max(1).into());
    let looking = async {
        match check.protocol() {
            HealthProtocol::Tcp => reach.knock(target).await.map_err(|error| error.to_string()),
            HealthProtocol::Http => ask(client, check, &url("http", target, check.path())).await,
            HealthProtocol::Https => ask(client, check, &url("https", target, check.path())).await,
            other => Err(format!("health checks by {other:?} are not made by Pacer")),
        }
    };
    match timeout(limit, looking).await {
        Ok(result) => result,
        Err(_) => Err(format!("no answer within {} s", limit.as_secs())),
    }
}

/// 200 to 399 is well, as in Marathon; 1xx counts as nothing if the check says so.
async fn ask(client: &reqwest::Client, check: &HealthCheck, url: &str) -> Result<(), String> {
    let answer = client.get(url).send().await;
    let status = answer.map_err(|error| why(&error))?.status().as_u16();
    let ignored = (100..200).contains(&status) && check.ignore_http1xx == Some(true);
    if ignored || (200..400).contains(&status) { Ok(()) } else { Err(format!("the answer was {status}")) }
}

fn url(scheme: &str, target: &str, path: &str) -> String {
    let slash = if path.starts_with('/') { "" } else { "/" };
    format!("{scheme}://{target}{slash}{path}")
}

/// The last cause says what happened; the others only that a request failed.
fn why(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}
