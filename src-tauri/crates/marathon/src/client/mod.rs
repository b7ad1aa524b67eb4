//! The REST and event client.
//!
//! A [`Client`] knows the addresses of all schedulers of a cluster and asks the one that answered last; where that one is
//! gone, the next. Every call ends: an address gets [`Client::deadline`] to answer.

mod error;
mod events;
mod transport;

use std::time::Duration;

use reqwest::{Method, Url};
use serde_json::{Value, json};
use tls::Tls;

use crate::{
    AppAnswer, AppDefinition, AppInfo, AppList, Deployment, DeploymentResult, Info, Leader, Queue, QueueItem, Task,
    TaskList,
};
pub use error::{Attempt, Error};
pub use events::{Event, Signal};
use transport::{Body, Credentials, Transport};

/// What is asked for with every application: without these Marathon leaves them out.
const EMBED: [&str; 4] = ["tasks", "counts", "deployments", "lastTaskFailure"];

/// A client of Marathon's API. Cheap to clone; clones share their connections.
#[derive(Clone, Debug)]
pub struct Client {
    transport: Transport,
    force: bool,
}

impl Client {
    /// A client of the schedulers at these addresses, such as `http://192.168.56.11:8080`. Fails if one is no http URL or
    /// if there is none.
    pub fn new(base_urls: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Self, Error> {
        Ok(Self { transport: Transport::new(base_urls)?, force: false })
    }

    /// How long one address may take for one answer (5 s).
    #[must_use]
    pub fn with_deadline(mut self, deadline: Duration) -> Self {
        self.transport.deadline = deadline;
        self
    }

    /// The same client, for schedulers that ask who we are. The password is never shown.
    #[must_use]
    pub fn with_credentials(mut self, user: impl Into<String>, password: impl Into<String>) -> Self {
        let credentials = Credentials { user: user.into(), password: password.into() };
        self.transport = self.transport.with_credentials(credentials);
        self
    }

    /// The same client, for schedulers at `https` addresses. Without this it trusts whom this computer trusts.
    pub fn with_tls(mut self, tls: Option<&Tls>) -> Result<Self, Error> {
        self.transport = self.transport.with_tls(tls)?;
        Ok(self)
    }

    /// How long one address may take for one answer.
    pub fn deadline(&self) -> Duration {
        self.transport.deadline
    }

    /// The same client, whose changes go through even while a deployment locks the application: that deployment is
    /// cancelled.
    #[must_use]
    pub fn forcing(&self) -> Self {
        Self { force: true, ..self.clone() }
    }

    /// All applications, with tasks, counts, deployments and how the last task failed.
    pub async fn apps(&self) -> Result<Vec<AppInfo>, Error> {
        let query: Vec<_> = EMBED.iter().map(|e| ("embed", format!("apps.{e}"))).collect();
        let list: AppList = self.get(&["v2", "apps"], &query).await?;
        Ok(list.apps)
    }

    /// One application, with all that [`Self::apps`] gives.
    pub async fn app(&self, id: &str) -> Result<AppInfo, Error> {
        let query: Vec<_> = EMBED.iter().map(|e| ("embed", format!("app.{e}"))).collect();
        let answer: AppAnswer = self.get(&app_path(id, &[]), &query).await?;
        Ok(answer.app)
    }

    /// Creates an application. What comes back names the deployment that starts it.
    pub async fn create(&self, app: &AppDefinition) -> Result<AppInfo, Error> {
        let body = self.transport.send(Method::POST, &["v2", "apps"], &self.forced(), Body::of(app)?).await?;
        body.json()
    }

    /// Makes an application exactly what `app` says, or creates it.
    pub async fn update(&self, app: &AppDefinition) -> Result<DeploymentResult, Error> {
        // Marathon writes these itself, and refuses an update that has them.
        let app = AppDefinition { version: None, version_info: None, ..app.clone() };
        let mut query = self.forced();
        query.push(("partialUpdate", "false".into()));
        let body = self.transport.send(Method::PUT, &app_path(&app.id, &[]), &query, Body::of(&app)?).await?;
        body.json()
    }

    /// Changes the fields of an application that `fields` has, and leaves the others.
    pub async fn patch(&self, id: &str, fields: &Value) -> Result<DeploymentResult, Error> {
        let body = self.transport.send(Method::PUT, &app_path(id, &[]), &self.forced(), Body::of(fields)?).await?;
        body.json()
    }

    /// Asks for so many instances.
    pub async fn scale(&self, id: &str, instances: u32) -> Result<DeploymentResult, Error> {
        self.patch(id, &json!({ "instances": instances })).await
    }

    /// Removes an application and its tasks.
    pub async fn delete(&self, id: &str) -> Result<DeploymentResult, Error> {
        let body = self.transport.send(Method::DELETE, &app_path(id, &[]), &self.forced(), Body::none()).await?;
        body.json()
    }

    /// Replaces all tasks of an application, as its upgrade strategy says.
    pub async fn restart(&self, id: &str) -> Result<DeploymentResult, Error> {
        let path = app_path(id, &["restart"]);
        let body = self.transport.send(Method::POST, &path, &self.forced(), Body::none()).await?;
        body.json()
    }

    /// All tasks.
    pub async fn tasks(&self) -> Result<Vec<Task>, Error> {
        let list: TaskList = self.get(&["v2", "tasks"], &[]).await?;
        Ok(list.tasks)
    }

    /// The tasks of one application.
    pub async fn app_tasks(&self, id: &str) -> Result<Vec<Task>, Error> {
        let list: TaskList = self.get(&app_path(id, &["tasks"]), &[]).await?;
        Ok(list.tasks)
    }

    /// Kills one task; the scheduler starts another in its place.
    pub async fn kill_task(&self, app: &str, task: &str) -> Result<(), Error> {
        let path = app_path(app, &["tasks", task]);
        self.transport.send(Method::DELETE, &path, &self.forced(), Body::none()).await.map(drop)
    }

    /// The changes that are under way.
    pub async fn deployments(&self) -> Result<Vec<Deployment>, Error> {
        self.get(&["v2", "deployments"], &[]).await
    }

    /// Stops a change and undoes it; what comes back is the deployment that undoes it. Of a [`Self::forcing`] client: stops
    /// it and leaves everything as it is then.
    pub async fn cancel(&self, deployment: &str) -> Result<Option<DeploymentResult>, Error> {
        let path = ["v2", "deployments", deployment];
        let body = self.transport.send(Method::DELETE, &path, &self.forced(), Body::none()).await?;
        if body.is_empty() { Ok(None) } else { body.json().map(Some) }
    }

    /// What waits, and why: with the offers that could not be used.
    pub async fn queue(&self) -> Result<Vec<QueueItem>, Error> {
        let queue: Queue = self.get(&["v2", "queue"], &[("embed", "lastUnusedOffers".into())]).await?;
        Ok(queue.queue)
    }

    /// Ends the wait of an application that failed too often: it is tried again at once.
    pub async fn reset_delay(&self, id: &str) -> Result<(), Error> {
        let parts = id.split('/').filter(|p| !p.is_empty());
        let path: Vec<&str> = ["v2", "queue"].into_iter().chain(parts).chain(["delay"]).collect();
        self.transport.send(Method::DELETE, &path, &[], Body::none()).await.map(drop)
    }

    /// What the scheduler says of itself.
    pub async fn info(&self) -> Result<Info, Error> {
        self.get(&["v2", "info"], &[]).await
    }

    /// `host:port` of the scheduler that leads, if one does.
    pub async fn leader(&self) -> Result<Option<String>, Error> {
        match self.get::<Leader>(&["v2", "leader"], &[]).await {
            Ok(leader) => Ok(Some(leader.leader)),
            Err(Error::NotFound { .. } | Error::NoLeader { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether any scheduler answers at all; it need not lead.
    pub async fn ping(&self) -> Result<(), Error> {
        self.transport.send(Method::GET, &["ping"], &[], Body::none()).await.map(drop)
    }

    async fn get<T: serde::de::DeserializeOwned>(&self, path: &[&str], query: &[(&str, String)]) -> Result<T, Error> {
        self.transport.send(Method::GET, path, query, Body::none()).await?.json()
    }

    fn forced(&self) -> Vec<(&'static str, String)> {
        if self.force { vec![("force", "true".into())] } else { Vec::new() }
    }
}

/// The parts of `/v2/apps/{id}/…`.
fn app_path<'a>(id: &'a str, rest: &[&'a str]) -> Vec<&'a str> {
    let parts = id.split('/').filter(|p| !p.is_empty());
    ["v2", "apps"].into_iter().chain(parts).chain(rest.iter().copied()).collect()
}

/// `base` with a path and a query; every part is quoted as an URL wants it.
fn url(base: &Url, path: &[&str], query: &[(&str, String)]) -> Url {
    let mut url = base.clone();
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().extend(path);
    }
    if !query.is_empty() {
        url.query_pairs_mut().extend_pairs(query);
    }
    url
}
